//! A program that the compiler and the linker made is divided, and both parts run in node beside the whole.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use walrus::Module;

use super::*;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixture/app.rs");

/// The program as the linker leaves it.
fn whole() -> &'static [u8] {
    static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let dir = folder("whole");
        let path = dir.join("app.wasm");
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let flags = "--edition=2024 --crate-type=cdylib --target=wasm32-unknown-unknown -Copt-level=s -Cpanic=abort \
                     -Csymbol-mangling-version=v0 -Clink-arg=--emit-relocs -Clink-arg=--export-table";
        let made = Command::new(rustc)
            .args(flags.split_whitespace())
            .args([SOURCE.as_ref(), "-o".as_ref(), path.as_os_str()])
            .output()
            .expect("rustc");
        let bytes = fs::read(&path);
        fs::remove_dir_all(&dir).ok();
        bytes.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&made.stderr)))
    })
}

fn folder(name: &str) -> PathBuf {
    let name = format!("throughline-parts-{name}-{}", std::process::id());
    let dir = std::env::temp_dir().join(name);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn parts() -> Parts {
    divide(whole(), whole(), &["app::far"]).unwrap()
}

fn names(module: &Module) -> Vec<String> {
    let locals = module.funcs.iter_local();
    let names = locals.filter_map(|(id, _)| module.funcs.get(id).name.clone());
    let mut names: Vec<String> = names
        .map(|name| format!("{:#}", rustc_demangle::demangle(&name)))
        .filter(|name| name.contains("app::"))
        .collect();
    names.sort();
    names
}

fn has(module: &Module, text: &str) -> bool {
    let mut data = module.data.iter();
    data.any(|data| {
        data.value
            .windows(text.len())
            .any(|bytes| bytes == text.as_bytes())
    })
}

#[test]
fn what_only_the_later_part_uses_goes_with_it() {
    let parts = parts();
    let (first, later) = (read(&parts.first).unwrap(), read(&parts.later).unwrap());
    assert_eq!(
        names(&first),
        ["app::bytes", "app::far::sum", "app::near::sum"]
    );
    assert_eq!(
        names(&later),
        ["app::far::sum", "app::far::thrice", "app::far::twice"]
    );
    let check = |text: &str, in_first: bool, in_later: bool| {
        assert_eq!(
            (has(&first, text), has(&later, text)),
            (in_first, in_later),
            "{text}"
        );
    };
    check("a text that is near", true, false);
    check("one more that is near", true, false);
    check("a text that is far", false, true);
    check("far, the third text", false, true);
    let from: Vec<&str> = later.imports.iter().map(|import| &*import.module).collect();
    assert!(from.iter().all(|from| from.is_empty()), "{from:?}");
    for part in [&first, &later] {
        let customs = part.customs.iter();
        assert!(
            customs
                .into_iter()
                .all(|(_, section)| !section.name().starts_with("reloc"))
        );
    }
}

/// wasm-bindgen gives some of what it exports another name.
#[test]
fn what_has_another_name_keeps_its_constants() {
    let mut renamed = read(whole()).unwrap();
    let id = renamed.exports.get_func("run_own").unwrap();
    renamed.funcs.get_mut(id).name = Some("own".to_owned());
    let parts = divide(&renamed.emit_wasm(), whole(), &["app::far"]).unwrap();
    let first = read(&parts.first).unwrap();
    for text in ["what is seen from outside", "has texts too"] {
        assert!(has(&first, text), "{text}");
    }
}

#[test]
fn what_cannot_be_divided_says_why() {
    let check = |whole: &str, paths: &[&str], expected: &str| {
        let error = divide(&wat::parse_str(whole).unwrap(), self::whole(), paths).err();
        assert!(
            error
                .as_deref()
                .is_some_and(|error| error.contains(expected)),
            "{error:?}"
        );
    };
    check("(module (table 1 funcref))", &[], "load_later");
    check(r#"(module (func (export "load_later")))"#, &[], "no table");
    check("(module (table 1 funcref))", &["app::gone"], "app::gone");
    let unsaid = wat::parse_str("(module)").unwrap();
    let error = divide(whole(), &unsaid, &[]).err();
    assert!(error.is_some_and(|error| error.contains("--emit-relocs")));
    let cut = &whole()[..whole().len() / 2];
    assert!(divide(whole(), cut, &[]).is_err());
    assert!(divide(cut, whole(), &[]).is_err());
}

/// The later part is loaded by the first call into it, once, and all works as in the whole.
#[test]
fn the_parts_do_what_the_whole_did() {
    let dir = folder("parts");
    let parts = parts();
    write(&dir, "whole", whole());
    write(&dir, "first", &parts.first);
    write(&dir, "later", &parts.later);
    let script = r#"
        const read = (name) => new WebAssembly.Module(require('fs').readFileSync(`${process.argv[1]}/${name}.wasm`));
        const run = (name, load) => {
            const logged = [];
            const program = new WebAssembly.Instance(read(name), { js: { log: (n) => logged.push(n), load } }).exports;
            return { program, logged };
        };
        let loads = 0;
        const whole = run('whole', () => {});
        const first = run('first', () => { loads++; new WebAssembly.Instance(read('later'), { '': first.program }); });
        const said = [];
        const both = (name, number) => said.push(first.program[name](number) === whole.program[name](number));
        for (const name of ['run_near', 'run_own']) { both(name, 0); both(name, 1); }
        said.push(first.program.later.value, loads);
        for (let number = 0; number < 6; number++) both('run_far', number);
        said.push(first.program.later.value, loads, first.logged.length, String(first.logged) === String(whole.logged));
        console.log(said.join(' '));
    "#;
    let node = std::env::var("THROUGHLINE_NODE").unwrap_or_else(|_| "node".to_owned());
    let out = Command::new(node).args(["-e", script]).arg(&dir).output();
    fs::remove_dir_all(&dir).ok();
    let out = out.expect("node");
    let printed = String::from_utf8_lossy(&out.stdout);
    let errors = String::from_utf8_lossy(&out.stderr);
    let expected = "true true true true 0 0 true true true true true true 1 1 6 true";
    assert_eq!(printed.trim(), expected, "{errors}");
}

fn write(dir: &Path, name: &str, bytes: &[u8]) {
    fs::write(dir.join(format!("{name}.wasm")), bytes).unwrap();
}

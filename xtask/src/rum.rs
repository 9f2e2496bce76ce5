//! The script tag: one classic script with the wasm inside, `dist/rum/throughline.js`.
//!
//! The core is compiled and joined to its glue like any wasm module, then it, its glue and the
//! hooks of `rum/js` become one file. In that file the hooks find the glue as `#core`, and as
//! `#bytes` a module with `version` and `decode()`, which gives the wasm's bytes.
//!
//! **Invariant**: reads the same whatever the charset of the page; no wasm feature that the
//! viewer may use and an older browser lacks.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha384};

use crate::{
    build::{self, Mode},
    pins, repo,
    run::{self, Context, Result},
    tools,
};

/// The script's name below `rum/`.
const SCRIPT: &str = "throughline.js";

/// Off, although the compiler has them on: browsers of some years ago lack them, and the glue is
/// smaller without.
const FEATURES: &str = "-reference-types,-multivalue";

/// The profile of the root `Cargo.toml` that this is compiled with.
const PROFILE: &str = "rum";

/// Whether there is anything to build.
pub fn is_there() -> bool {
    hooks().is_file()
}

/// Builds the script into the folder `dir`.
pub fn build(dir: &Path, mode: Mode) -> Result<()> {
    let work = repo::target().join("rum-work");
    let _ = fs::remove_dir_all(&work);
    for dir in [dir, &work] {
        fs::create_dir_all(dir).context(|| format!("cannot make {}", dir.display()))?;
    }
    compile()?;
    bindgen(&work)?;
    let core = work.join("core.wasm");
    optimise(&work.join("core_bg.wasm"), &core)?;
    let wasm = read(&core)?;
    write(
        &work.join("bytes.js"),
        &bytes_module(&wasm, env!("CARGO_PKG_VERSION")),
    )?;
    let bundled = work.join(SCRIPT);
    bundle(&work, &bundled, mode)?;
    // The mark at the front tells browsers that this is UTF-8, whatever the page is in.
    let script = String::from_utf8_lossy(&read(&bundled)?).into_owned();
    write(&dir.join(SCRIPT), &format!("\u{feff}{script}"))
}

/// What a page may write into `integrity="…"` beside the script's address.
pub fn integrity(dir: &Path) -> Result<String> {
    let script = read(&dir.join(SCRIPT))?;
    let digest = STANDARD.encode(Sha384::digest(script));
    Ok(format!("sha384-{digest}"))
}

fn hooks() -> std::path::PathBuf {
    repo::root().join("rum").join("js").join("boot.js")
}

/// As a `cdylib` alone: beside other kinds of library cargo leaves link-time optimisation out.
/// With the feature `standalone` it does without the standard library, so it is built by itself.
fn compile() -> Result<()> {
    let mut command = run::cargo(&["rustc", "--lib", "--package", "throughline-rum"]);
    command.args(["--crate-type", "cdylib", "--features", "standalone"]);
    command.args(["--target", pins::WASM_TARGET, "--profile", PROFILE]);
    build::wasm_flags(&mut command, FEATURES);
    run::check(&mut command)
}

fn bindgen(work: &Path) -> Result<()> {
    let wasm = repo::target()
        .join(pins::WASM_TARGET)
        .join(PROFILE)
        .join("throughline_rum.wasm");
    let mut command = tools::WASM_BINDGEN.command()?;
    command.args(["--target", "web", "--no-typescript", "--out-name", "core"]);
    command.args(["--remove-name-section", "--remove-producers-section"]);
    run::check(command.arg("--out-dir").arg(work).arg(wasm))
}

/// The features are named because this module does not say which it uses: see the profile.
fn optimise(from: &Path, to: &Path) -> Result<()> {
    let mut command = tools::BINARYEN.command()?;
    command.args(["-Oz", "--converge"]);
    for feature in [
        "bulk-memory",
        "mutable-globals",
        "nontrapping-float-to-int",
        "sign-ext",
    ] {
        command.arg(format!("--enable-{feature}"));
    }
    run::check(command.arg(from).arg("--output").arg(to))
}

fn bundle(work: &Path, to: &Path, mode: Mode) -> Result<()> {
    let mut command = tools::ESBUILD.command()?;
    command.args(["--bundle", "--format=iife", "--target=es2020"]);
    command.args(["--charset=utf8", "--log-level=warning"]);
    // A hook that calls what the core does not have.
    command.arg("--log-override:import-is-undefined=error");
    // The core is started from bytes; the glue's own way to find it is never used.
    command.arg("--define:import.meta.url=\"\"");
    if mode == Mode::Release {
        command.arg("--minify");
    }
    command.arg(run::flag_with_path("--alias:#core=", &work.join("core.js")));
    command.arg(run::flag_with_path(
        "--alias:#bytes=",
        &work.join("bytes.js"),
    ));
    command.arg(run::flag_with_path("--outfile=", to));
    run::check(command.arg(hooks()))
}

/// The wasm as a module of text: each byte is the character of that number, which compresses far
/// better than base64.
fn bytes_module(wasm: &[u8], version: &str) -> String {
    let mut text = String::with_capacity(wasm.len() * 2);
    for (index, &byte) in wasm.iter().enumerate() {
        match byte {
            // `\0` and a digit would be read as an octal number.
            0 if wasm.get(index + 1).is_some_and(u8::is_ascii_digit) => text.push_str("\\x00"),
            0 => text.push_str("\\0"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            other => text.push(char::from(other)),
        }
    }
    format!(
        "export const version = \"{version}\";\n\
         const text = \"{text}\";\n\
         export const decode = () => Uint8Array.from(text, (c) => c.charCodeAt(0));\n"
    )
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text() {
        let check = |wasm: &[u8], text: &str| {
            let module = bytes_module(wasm, "1.2.3");
            let line = format!("const text = \"{text}\";");
            assert!(module.contains(&line), "{module}");
            assert!(module.contains("export const version = \"1.2.3\";"));
        };
        check(b"", "");
        check(b"\0asm", r"\0asm");
        check(b"\x007\x00x\0", r"\x007\0x\0");
        check(b"a\nb\rc\"d\\e", r#"a\nb\rc\"d\\e"#);
        check(&[0x7f, 0x80, 0xff], "\u{7f}\u{80}\u{ff}");
    }
}

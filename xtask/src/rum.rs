//! The script tag: one classic script with the wasm inside, `dist/rum/throughline.js`; and one that can
//! do what few pages need, `dist/rum/throughline-full.js`; the doctor, which the script loads on demand; and the package for npm, `dist/rum/npm/`, which has both and
//! both as modules.
//!
//! The core is compiled like any wasm module; the hooks of `rum/js` become one file and call its
//! exports without glue. In that file `VERSION`, `WASM_KEY` and `FULL` are given as constants, and
//! in the place of `WASM` come the wasm's bytes as text, at the end, where they compress best.
//!
//! **Invariant**: reads the same whatever the charset of the page; no wasm feature that the
//! viewer may use and an older browser lacks.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha384};

use crate::{
    build::{self, Mode},
    nowasm, pins, repo,
    run::{self, Context, Result},
    tools,
};

/// The script's name below `rum/`.
const SCRIPT: &str = "throughline.js";

/// The script with everything.
const FULL: &str = "throughline-full.js";

/// The doctor: what the script loads when somebody asks why nothing arrives.
const DOCTOR: &str = "throughline-doctor.js";

/// Where the package is put together, below the script's folder.
const PACKAGE: &str = "npm";

/// One form of the script.
struct Flavour {
    /// Where it goes, below the script's folder.
    file: &'static str,
    /// What it begins with, in `rum/js`.
    entry: &'static str,
    format: &'static str,
    /// Features of the crate.
    features: &'static str,
    full: bool,
}

const FLAVOURS: [Flavour; 4] = [
    Flavour {
        file: SCRIPT,
        entry: "script.js",
        format: "iife",
        features: "standalone",
        full: false,
    },
    Flavour {
        file: FULL,
        entry: "script.js",
        format: "iife",
        features: "standalone,full",
        full: true,
    },
    Flavour {
        file: "npm/index.js",
        entry: "module.js",
        format: "esm",
        features: "standalone",
        full: false,
    },
    Flavour {
        file: "npm/full.js",
        entry: "module.js",
        format: "esm",
        features: "standalone,full",
        full: true,
    },
];

/// Off, although the compiler has them on: browsers of some years ago lack them, and the glue is
/// smaller without.
const FEATURES: &str = "-Ctarget-feature=-reference-types,-multivalue";

/// The core's deepest call takes a quarter of this, and all addresses behind it are short.
const STACK: &str = "-Clink-arg=-zstack-size=4096";

/// What every byte of the wasm is combined with (exclusive or) before it becomes a character: few
/// characters then need two bytes or an escape. The best of all 256 by measurement.
const KEY: u8 = 112;

/// What stands in the bundle where the wasm is to be.
const PLACE: &str = "@wasm@";

/// The profile of the root `Cargo.toml` that this is compiled with.
const PROFILE: &str = "rum";

/// Whether there is anything to build.
pub fn is_there() -> bool {
    hooks().join("script.js").is_file()
}

/// Builds the script into the folder `dir`.
pub fn build(dir: &Path, mode: Mode) -> Result<()> {
    let work = repo::target().join("rum-work");
    let _ = fs::remove_dir_all(&work);
    for dir in [&dir.join(PACKAGE), &work] {
        fs::create_dir_all(dir).context(|| format!("cannot make {}", dir.display()))?;
    }
    FLAVOURS
        .iter()
        .try_for_each(|flavour| build_flavour(flavour, &work, dir, mode))?;
    minify(&hooks().join("doctor.js"), &dir.join(DOCTOR), mode)?;
    package(dir)
}

/// What the package has besides the module.
fn package(dir: &Path) -> Result<()> {
    let rum = repo::root().join("rum");
    let npm = rum.join("npm");
    let files = [
        (npm.join("package.json"), "package.json"),
        (npm.join("index.d.ts"), "index.d.ts"),
        (rum.join("throughline.d.ts"), "throughline.d.ts"),
        (rum.join("README.md"), "README.md"),
        (dir.join(SCRIPT), SCRIPT),
        (dir.join(FULL), FULL),
        (dir.join(DOCTOR), DOCTOR),
        (dir.join(nowasm::FILE), nowasm::FILE),
    ];
    for (from, name) in files {
        let to = dir.join(PACKAGE).join(name);
        fs::copy(&from, &to).context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}

fn build_flavour(flavour: &Flavour, work: &Path, dir: &Path, mode: Mode) -> Result<()> {
    compile(flavour)?;
    bindgen(work)?;
    let core = work.join("core.wasm");
    optimise(&work.join("core_bg.wasm"), &core)?;
    // One for all: the core with everything can do what the others do.
    if flavour.file == FULL {
        nowasm::build(&core, &features(), work, dir, mode)?;
    }
    let bundled = work.join(flavour.entry);
    bundle(flavour, &bundled, mode)?;
    let script = String::from_utf8_lossy(&read(&bundled)?).into_owned();
    let wasm = format!("\"{}\"", text_of(&read(&core)?, KEY));
    let script = script.replacen(&format!("\"{PLACE}\""), &wasm, 1);
    // The mark at the front tells browsers that this is UTF-8, whatever the page is in.
    write(&dir.join(flavour.file), &format!("\u{feff}{script}"))
}

/// A line for each script: what a page may write into `integrity="…"` beside its address.
pub fn integrity(dir: &Path) -> Result<String> {
    let mut lines = String::new();
    for name in [SCRIPT, FULL, DOCTOR, nowasm::FILE] {
        let digest = STANDARD.encode(Sha384::digest(read(&dir.join(name))?));
        lines.push_str(&format!("{name:<24} sha384-{digest}\n"));
    }
    Ok(lines)
}

fn hooks() -> std::path::PathBuf {
    repo::root().join("rum").join("js")
}

/// As a `cdylib` alone: beside other kinds of library cargo leaves link-time optimisation out.
/// With the feature `standalone` it does without the standard library, so it is built by itself.
fn compile(flavour: &Flavour) -> Result<()> {
    let mut command = run::cargo(&["rustc", "--lib", "--package", "throughline-rum"]);
    command.args(["--crate-type", "cdylib", "--features", flavour.features]);
    command.args(["--target", pins::WASM_TARGET, "--profile", PROFILE]);
    build::wasm_flags(&mut command, &[FEATURES, STACK]);
    run::check(&mut command)
}

fn bindgen(work: &Path) -> Result<()> {
    let wasm = repo::wasm(PROFILE, "throughline_rum");
    let mut command = tools::WASM_BINDGEN.command()?;
    command.args(["--target", "web", "--no-typescript", "--out-name", "core"]);
    command.args(["--remove-name-section", "--remove-producers-section"]);
    run::check(command.arg("--out-dir").arg(work).arg(wasm))
}

/// They are named because this module does not say which it uses: see the profile.
fn features() -> Vec<String> {
    let names = [
        "bulk-memory",
        "mutable-globals",
        "nontrapping-float-to-int",
        "sign-ext",
    ];
    names.map(|name| format!("--enable-{name}")).to_vec()
}

fn optimise(from: &Path, to: &Path) -> Result<()> {
    let mut command = tools::BINARYEN.command()?;
    command.args(["--flatten", "--rereloop", "-Oz", "-Oz", "--converge"]);
    command.args(features());
    run::check(command.arg(from).arg("--output").arg(to))
}

fn bundle(flavour: &Flavour, to: &Path, mode: Mode) -> Result<()> {
    let mut command = tools::ESBUILD.command()?;
    command.args(["--bundle", "--target=es2020"]);
    command.arg(format!("--format={}", flavour.format));
    command.args(["--charset=utf8", "--log-level=warning"]);
    let version = env!("CARGO_PKG_VERSION");
    command.arg(format!("--define:VERSION=\"{version}\""));
    command.arg(format!("--define:WASM=\"{PLACE}\""));
    command.arg(format!("--define:WASM_KEY={KEY}"));
    command.arg(format!("--define:FULL={}", flavour.full));
    // What the package's module loads on demand stays files of its own.
    command.arg("--external:./throughline-*");
    // It leaves out the modules of which only dead code is used.
    command.arg("--minify-syntax");
    command.arg(run::flag_with_path("--outfile=", to));
    run::check(command.arg(hooks().join(flavour.entry)))?;
    if mode == Mode::Dev {
        return Ok(());
    }
    // esbuild's own minifier leaves 300 bytes more, compressed.
    let mut command = tools::TERSER.command()?;
    command.arg(to);
    command.args(["--compress", "passes=4,ecma=2020,pure_getters,toplevel"]);
    command.args(["--mangle", "toplevel", "--ecma", "2020", "--output"]);
    run::check(command.arg(to))
}

/// A module of `rum/js` that needs nothing else.
fn minify(from: &Path, to: &Path, mode: Mode) -> Result<()> {
    let mut command = tools::ESBUILD.command()?;
    command.args([
        "--format=esm",
        "--target=es2020",
        "--charset=utf8",
        "--log-level=warning",
    ]);
    if mode == Mode::Release {
        command.arg("--minify");
    }
    run::check(command.arg(run::flag_with_path("--outfile=", to)).arg(from))
}

/// The wasm as the content of a string literal: each byte, combined with the key, is the character
/// of that number, which compresses far better than base64.
fn text_of(wasm: &[u8], key: u8) -> String {
    let bytes: Vec<u8> = wasm.iter().map(|byte| byte ^ key).collect();
    let mut text = String::with_capacity(bytes.len() * 2);
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            // `\0` and a digit would be read as an octal number.
            0 if bytes.get(index + 1).is_some_and(u8::is_ascii_digit) => text.push_str("\\x00"),
            0 => text.push_str("\\0"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            other => text.push(char::from(other)),
        }
    }
    text
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
            assert_eq!(text_of(wasm, 0), text);
        };
        check(b"", "");
        check(b"\0asm", r"\0asm");
        check(b"\x007\x00x\0", r"\x007\0x\0");
        check(b"a\nb\rc\"d\\e", r#"a\nb\rc\"d\\e"#);
        check(&[0x7f, 0x80, 0xff], "\u{7f}\u{80}\u{ff}");
        assert_eq!(text_of(b"\0a", 112), "p\u{11}");
    }
}

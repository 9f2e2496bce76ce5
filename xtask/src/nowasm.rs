//! `throughline-nowasm.js`: the script tag's core as JavaScript, for pages where WebAssembly is forbidden or not there.
//!
//! The script loads it then, and at no other time. It is made of the same module as the script's own
//! core, so that both behave the same.
//!
//! **Invariant**: starts from a finished module; compiles nothing.

use std::path::Path;

use crate::{
    build::Mode,
    repo,
    run::{self, Result},
    tools,
};

/// The file's name below `rum/`.
pub const FILE: &str = "throughline-nowasm.js";

/// What has no counterpart in JavaScript becomes what older WebAssembly had for it.
const LOWERINGS: [&str; 3] = [
    "--llvm-nontrapping-fptoint-lowering",
    "--llvm-memory-copy-fill-lowering",
    "--signext-lowering",
];

/// Writes the file into the folder `dir`. `core` is the module, `features` are the flags of what it uses.
pub fn build(core: &Path, features: &[String], work: &Path, dir: &Path, mode: Mode) -> Result<()> {
    let old = work.join("core-old.wasm");
    let mut lower = tools::BINARYEN.command()?;
    lower.args(features).args(LOWERINGS).arg("-Oz");
    run::check(lower.arg(core).arg("--output").arg(&old))?;

    let script = work.join("core-nowasm.js");
    // Beside `wasm-opt`, in the same package.
    let mut convert = run::command(tools::BINARYEN.bin_dir()?.join("wasm2js"));
    convert.args(["-O", "--enable-mutable-globals"]).arg(&old);
    // It prints the module as well, which nobody reads.
    run::output(convert.arg("--output").arg(&script))?;

    let mut bundle = tools::ESBUILD.command()?;
    bundle.args(["--bundle", "--format=esm", "--target=es2020"]);
    bundle.args(["--charset=utf8", "--log-level=warning"]);
    bundle.arg(run::flag_with_path("--alias:core=", &script));
    if mode == Mode::Release {
        bundle.arg("--minify");
    }
    bundle.arg(run::flag_with_path("--outfile=", &dir.join(FILE)));
    run::check(bundle.arg(repo::root().join("rum/js/nowasm.js")))
}

//! The viewer's wasm in two files: what a first visit needs, and what is loaded when it is first called.
//!
//! **Invariant**: which code goes where stands in `viewer/later.txt`, how a module is divided in `viewer/parts`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    repo,
    run::{self, Context, Result},
    tools,
};

/// What is added to the app's name for the later part; the viewer asks for it by this name.
pub const LATER: &str = "_later.wasm";

/// For size. Without its inlining of what has one caller: browsers make a function fast between two calls of it, so a long
/// one that is called once stays slow.
const OPTIMISE: [&str; 12] = [
    "-Os",
    "--one-caller-inline-max-function-size=0",
    // What rustc uses, and no more: some that the tool knows are in no browser yet.
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Divides the module `wasm` and makes both parts small. The first takes its place; the later one goes to `later`.
pub fn divide(wasm: &Path, later: &Path) -> Result<()> {
    let whole = wasm.with_extension("whole");
    fs::rename(wasm, &whole).context(|| format!("cannot move {}", wasm.display()))?;
    let list = repo::root().join("viewer").join("later.txt");
    let mut divide = run::cargo(&["run", "--quiet", "--package", "throughline-parts", "--"]);
    // What the linker made of it: trunk has cargo build the viewer with the profile that `index.html` names.
    let linked = repo::wasm("wasm", "app");
    let parts = [PathBuf::from(wasm), PathBuf::from(later)];
    run::check(divide.args([&whole, &linked, &list]).args(parts))?;
    fs::remove_file(&whole).context(|| format!("cannot remove {}", whole.display()))?;
    for part in [wasm, later] {
        let mut command = tools::BINARYEN.command()?;
        run::check(command.args(OPTIMISE).arg(part).arg("-o").arg(part))?;
    }
    Ok(())
}

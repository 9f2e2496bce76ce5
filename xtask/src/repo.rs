//! Where things are in the repository.
//!
//! **Invariant**: paths only; nothing here reads or writes a file.

use std::path::{Path, PathBuf};

/// The repository's root: the folder above this crate.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The finished static site.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Where a site is put together before it takes the place of [`dist`]. On the same file system,
/// so that the exchange is a rename, and ignored by git.
pub fn staging() -> PathBuf {
    root().join("target").join("site")
}

/// The folder that cargo builds into.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) if !dir.is_empty() => root().join(dir),
        _ => root().join("target"),
    }
}

/// A module of a build for the web. `profile` is the folder's name.
pub fn wasm(profile: &str, name: &str) -> PathBuf {
    target()
        .join(crate::pins::WASM_TARGET)
        .join(profile)
        .join(format!("{name}.wasm"))
}

/// A binary of a native build. `profile` is the folder's name: `release` or `debug`.
pub fn binary(profile: &str, name: &str) -> PathBuf {
    target()
        .join(profile)
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

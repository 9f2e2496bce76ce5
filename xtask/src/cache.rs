//! The tool cache: one folder per tool and version, shared by all clones of one user.
//!
//! **Invariant**: a tool's folder appears by a rename and is never changed afterwards, so that a
//! folder that exists is a tool that works, whoever installed it.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::run::{Context, Failure, Result};

/// `$THROUGHLINE_CACHE`, or `throughline` in the user's cache folder.
pub fn dir() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(dir) = set("THROUGHLINE_CACHE") {
        return std::path::absolute(&dir).context(|| "THROUGHLINE_CACHE is no path".to_owned());
    }
    if let Some(dir) = set("XDG_CACHE_HOME") {
        return Ok(Path::new(&dir).join("throughline"));
    }
    let home = set("HOME").or_else(|| set("USERPROFILE")).ok_or_else(|| {
        Failure::from("there is no home folder to keep tools in: set THROUGHLINE_CACHE to a folder")
    })?;
    Ok(Path::new(&home).join(".cache").join("throughline"))
}

/// The folder of one tool.
pub fn tool(name: &str, version: &str) -> Result<PathBuf> {
    Ok(dir()?.join(format!("{name}-{version}")))
}

/// Waits until no other process holds `name` in `dir`. It is free again when the returned file
/// is dropped or this process ends. `waiting` is called every ten seconds of a wait.
pub fn lock(dir: &Path, name: &str, waiting: impl Fn()) -> Result<File> {
    fs::create_dir_all(dir).context(|| format!("cannot make {}", dir.display()))?;
    let path = dir.join(format!(".{name}.lock"));
    let cannot = || format!("cannot lock {}", path.display());
    let file = File::create(&path).context(cannot)?;
    for tenths in 0_u64.. {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(error).context(cannot),
            Err(TryLockError::WouldBlock) if tenths % 100 == 0 => waiting(),
            Err(TryLockError::WouldBlock) => {}
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(file)
}

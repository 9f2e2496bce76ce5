//! The tools that are kept in the tool cache: what each is for and whether it is there.
//!
//! **Invariant**: looking is cheap and offline; nothing here installs anything.

use std::{ffi::OsString, path::PathBuf, process::Command};

use crate::{
    cache, pins,
    run::{self, Context, Result},
};

/// What a tool is needed for. A verb asks for the groups that it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Build,
    Test,
    Lint,
}

/// How a tool is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A target of the Rust toolchain.
    Rustup,
    /// Compiled from crates.io, with these flags.
    Cargo(&'static [&'static str]),
    /// A package of npm.
    Npm,
}

#[derive(Debug)]
pub struct Tool {
    /// Crate, package or target.
    pub name: &'static str,
    pub version: &'static str,
    /// The program that proves it is there; empty for a target.
    pub program: &'static str,
    pub why: &'static str,
    /// Seconds that an installation took on two cores.
    pub seconds: u64,
    pub group: Group,
    pub source: Source,
}

pub const WASM_TARGET: Tool = Tool {
    name: pins::WASM_TARGET,
    version: "",
    program: "",
    why: "Rust's standard library for the browser",
    seconds: 10,
    group: Group::Build,
    source: Source::Rustup,
};
pub const BINARYEN: Tool = Tool {
    name: "binaryen",
    version: pins::BINARYEN,
    program: "wasm-opt",
    why: "makes the wasm small",
    seconds: 5,
    group: Group::Build,
    source: Source::Npm,
};
pub const ESBUILD: Tool = Tool {
    name: "esbuild",
    version: pins::ESBUILD,
    program: "esbuild",
    why: "makes the JavaScript small",
    seconds: 5,
    group: Group::Build,
    source: Source::Npm,
};
pub const TRUNK: Tool = Tool {
    name: "trunk",
    version: pins::TRUNK,
    program: "trunk",
    why: "puts the viewer's site together",
    seconds: 150,
    group: Group::Build,
    source: Source::Cargo(&["--locked"]),
};
/// Not `--locked`: its lock file names a version that is gone.
pub const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen-cli",
    version: pins::WASM_BINDGEN,
    program: "wasm-bindgen",
    why: "joins wasm and JavaScript",
    seconds: 50,
    group: Group::Build,
    source: Source::Cargo(&[]),
};
pub const GECKODRIVER: Tool = Tool {
    name: "geckodriver",
    version: pins::GECKODRIVER,
    program: "geckodriver",
    why: "drives Firefox in tests",
    seconds: 45,
    group: Group::Test,
    source: Source::Cargo(&["--locked"]),
};
pub const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: pins::CARGO_DENY,
    program: "cargo-deny",
    why: "checks licences and sources of dependencies",
    seconds: 180,
    group: Group::Lint,
    source: Source::Cargo(&["--locked"]),
};

/// In the order in which they are installed.
pub const ALL: &[Tool] = &[
    WASM_TARGET,
    BINARYEN,
    ESBUILD,
    WASM_BINDGEN,
    TRUNK,
    GECKODRIVER,
    CARGO_DENY,
];

impl Tool {
    /// Name and version, as people say it.
    pub fn label(&self) -> String {
        format!("{} {}", self.name, self.version).trim().to_owned()
    }

    /// The folder that an installation ends up in.
    pub fn home(&self) -> Result<PathBuf> {
        cache::tool(self.name, self.version)
    }

    /// The folder with its programs.
    pub fn bin_dir(&self) -> Result<PathBuf> {
        Ok(self.home()?.join(bin_within(self.source)))
    }

    /// The program's full path, whether or not it is there.
    pub fn path(&self) -> Result<PathBuf> {
        Ok(self
            .bin_dir()?
            .join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX)))
    }

    /// A command that runs the program.
    pub fn command(&self) -> Result<Command> {
        Ok(run::command(self.path()?))
    }

    pub fn is_there(&self) -> Result<bool> {
        match self.source {
            Source::Rustup => target_is_there(self.name),
            Source::Cargo(_) | Source::Npm => Ok(self.path()?.is_file()),
        }
    }
}

/// Where an installer of that kind puts programs, below the folder that it is given.
pub fn bin_within(source: Source) -> &'static str {
    match source {
        Source::Npm => "node_modules/.bin",
        Source::Cargo(_) | Source::Rustup => "bin",
    }
}

/// `PATH` with our versions first, for programs that look their helpers up by name.
pub fn path_with_tools() -> Result<OsString> {
    let mut dirs = Vec::new();
    for tool in ALL.iter().filter(|tool| !tool.program.is_empty()) {
        dirs.push(tool.bin_dir()?);
    }
    let before = std::env::var_os("PATH").unwrap_or_default();
    dirs.extend(std::env::split_paths(&before));
    std::env::join_paths(dirs).context(|| "PATH cannot be put together".to_owned())
}

fn target_is_there(target: &str) -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed =
        run::output(run::command(rustc).args(["--print", "target-libdir", "--target", target]))?;
    let dir = PathBuf::from(String::from_utf8_lossy(&printed).trim());
    Ok(std::fs::read_dir(dir).is_ok_and(|mut files| files.next().is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_pinned_and_explained() {
        for tool in ALL {
            assert!(!tool.why.is_empty(), "{}", tool.name);
            assert!(tool.seconds > 0, "{}", tool.name);
            let is_target = tool.source == Source::Rustup;
            assert_eq!(tool.version.is_empty(), is_target, "{}", tool.name);
            assert_eq!(tool.program.is_empty(), is_target, "{}", tool.name);
        }
    }

    #[test]
    fn labels() {
        assert_eq!(TRUNK.label(), format!("trunk {}", pins::TRUNK));
        assert_eq!(WASM_TARGET.label(), pins::WASM_TARGET);
    }

    #[test]
    fn the_crate_wasm_bindgen_is_pinned_to_the_same_version() {
        let manifest = std::fs::read_to_string(crate::repo::root().join("Cargo.toml")).unwrap();
        let line = format!("wasm-bindgen = \"={}\"", pins::WASM_BINDGEN);
        assert!(manifest.contains(&line), "{line} is not in Cargo.toml");
    }
}

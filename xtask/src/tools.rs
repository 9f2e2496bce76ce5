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
    Bench,
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
    /// The packages of npm that the lock file in this folder of the repository names.
    NpmLock(&'static str),
    /// Compiled from this module of Go, of which this is the program's package. Left out where there is no Go.
    Go(&'static str, &'static str),
    /// Compiled from the module of Go in this folder of the repository.
    GoHere(&'static str),
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
pub const TERSER: Tool = Tool {
    name: "terser",
    version: pins::TERSER,
    program: "terser",
    why: "makes the script tag smaller still",
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
pub const WASM_PACK: Tool = Tool {
    name: "wasm-pack",
    version: pins::WASM_PACK,
    program: "wasm-pack",
    why: "packs the script tag's crate in tests",
    seconds: 60,
    group: Group::Test,
    source: Source::Cargo(&["--locked"]),
};
pub const BUNDLERS: Tool = Tool {
    name: "bundlers",
    version: pins::BUNDLERS,
    program: "vite",
    why: "build the applications that the package is tested in",
    seconds: 15,
    group: Group::Test,
    source: Source::NpmLock("tests/packaging"),
};
pub const JAEGER: Tool = Tool {
    name: "jaeger",
    version: pins::JAEGER,
    program: "jaeger",
    why: "a real back-end that the script tag is tested with",
    seconds: 315,
    group: Group::Test,
    source: Source::Go("github.com/jaegertracing/jaeger", "./cmd/jaeger"),
};
pub const COLLECTOR: Tool = Tool {
    name: "collector",
    version: pins::COLLECTOR,
    program: "collector",
    why: "an OpenTelemetry Collector that the script tag is tested with",
    seconds: 30,
    group: Group::Test,
    source: Source::GoHere("tests/collector"),
};
pub const PEERS: Tool = Tool {
    name: "peers",
    version: pins::PEERS,
    program: "esbuild",
    why: "libraries that the script tag is measured beside",
    seconds: 15,
    group: Group::Bench,
    source: Source::NpmLock("tests/peers"),
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
    TERSER,
    WASM_BINDGEN,
    TRUNK,
    GECKODRIVER,
    WASM_PACK,
    BUNDLERS,
    JAEGER,
    COLLECTOR,
    PEERS,
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

    /// Whether it can be installed on this machine at all, or else is done without.
    pub fn can_be_had(&self) -> bool {
        let is_go = matches!(self.source, Source::Go(..) | Source::GoHere(_));
        !is_go || run::find("go").is_some()
    }

    pub fn is_there(&self) -> Result<bool> {
        match self.source {
            Source::Rustup => target_is_there(self.name),
            _ => Ok(self.path()?.is_file()),
        }
    }
}

/// Where an installer of that kind puts programs, below the folder that it is given.
pub fn bin_within(source: Source) -> &'static str {
    match source {
        Source::Npm | Source::NpmLock(_) => "node_modules/.bin",
        _ => "bin",
    }
}

/// `PATH` with our versions first, for programs that look their helpers up by name.
pub fn path_with_tools() -> Result<OsString> {
    let mut dirs = Vec::new();
    let helpers = ALL.iter().filter(|tool| tool.group == Group::Build);
    for tool in helpers.filter(|tool| !tool.program.is_empty()) {
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
    use sha2::{Digest, Sha256};

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
    fn packages_are_pinned_by_their_lock() {
        for tool in ALL {
            let Source::NpmLock(folder) = tool.source else {
                continue;
            };
            let lock = crate::repo::root().join(folder).join("package-lock.json");
            let lock = std::fs::read_to_string(lock).unwrap();
            let digest = format!("{:x}", Sha256::digest(&lock));
            assert_eq!(
                digest.get(..tool.version.len()),
                Some(tool.version),
                "{folder}"
            );
            assert!(!lock.contains("\"resolved\""), "{folder} names a registry");
        }
    }

    #[test]
    fn the_collector_is_of_its_version() {
        let manifest = crate::repo::root().join("tests/collector/go.mod");
        let manifest = std::fs::read_to_string(manifest).unwrap();
        let line = format!("go.opentelemetry.io/collector/otelcol v{}", pins::COLLECTOR);
        assert!(manifest.contains(&line), "{line} is not in go.mod");
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

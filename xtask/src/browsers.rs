//! Programs that come from the system: node, browsers, their drivers.
//!
//! **Invariant**: a program is named by an environment variable or found on `PATH`; nothing here
//! is installed into the tool cache.

use std::path::{Path, PathBuf};

use crate::{
    run::{self, Failure, Result},
    tools::Group,
};

#[derive(Debug)]
pub struct Program {
    /// Names under which systems have it, best first. One that starts with `/` is a full path.
    pub names: &'static [&'static str],
    /// The variable that overrides the search and tells tests where it is.
    pub env: &'static str,
    /// The package that brings it on Debian and its children.
    pub package: &'static str,
    pub why: &'static str,
    pub group: Group,
    /// Whether the verb can do without it on systems that do not have it.
    pub optional: bool,
}

pub const ALL: &[Program] = &[
    Program {
        names: &["node"],
        env: "THROUGHLINE_NODE",
        package: "nodejs",
        why: "runs wasm-opt and measures sizes",
        group: Group::Build,
        optional: false,
    },
    Program {
        names: &["npm"],
        env: "THROUGHLINE_NPM",
        package: "npm",
        why: "brings wasm-opt and esbuild",
        group: Group::Build,
        optional: false,
    },
    Program {
        names: &[
            "chromium",
            "chromium-browser",
            "google-chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        ],
        env: "THROUGHLINE_CHROMIUM",
        package: "chromium",
        why: "a browser that the site is tested in",
        group: Group::Test,
        optional: false,
    },
    Program {
        names: &["chromedriver"],
        env: "THROUGHLINE_CHROMEDRIVER",
        package: "chromium-driver",
        why: "drives Chromium in tests",
        group: Group::Test,
        optional: false,
    },
    Program {
        names: &[
            "firefox-esr",
            "firefox",
            "/Applications/Firefox.app/Contents/MacOS/firefox",
        ],
        env: "THROUGHLINE_FIREFOX",
        package: "firefox-esr",
        why: "a browser that the site is tested in",
        group: Group::Test,
        optional: false,
    },
    Program {
        names: &["WebKitWebDriver"],
        env: "THROUGHLINE_WEBKITDRIVER",
        package: "webkit2gtk-driver",
        why: "WebKit, a browser that the site is tested in, and its driver",
        group: Group::Test,
        optional: true,
    },
    Program {
        names: &["Xvfb"],
        env: "THROUGHLINE_XVFB",
        package: "xvfb",
        why: "a screen for WebKit, which has no headless mode",
        group: Group::Test,
        optional: true,
    },
];

impl Program {
    /// Where it is, if it is anywhere.
    pub fn find(&self) -> Option<PathBuf> {
        if let Some(path) = std::env::var_os(self.env).filter(|value| !value.is_empty()) {
            return Some(PathBuf::from(path)).filter(|path| path.is_file());
        }
        self.names.iter().find_map(|name| {
            if name.starts_with('/') {
                Some(PathBuf::from(name)).filter(|path| path.is_file())
            } else {
                run::find(name)
            }
        })
    }

    /// The first of its names.
    pub fn label(&self) -> &'static str {
        self.names.first().copied().unwrap_or(self.package)
    }
}

/// The program of that package, which a verb cannot do without.
pub fn need(package: &str) -> Result<PathBuf> {
    let program = ALL.iter().find(|program| program.package == package);
    program
        .and_then(Program::find)
        .ok_or_else(|| Failure(format!("{package} is missing: run `cargo xtask setup`")))
}

/// Whether this process may install packages of the system by itself.
pub fn may_apt() -> bool {
    is_root() && run::find("apt-get").is_some()
}

/// What a person has to do so that `missing` is there.
pub fn advice(missing: &[&Program]) -> String {
    let packages: Vec<_> = missing.iter().map(|program| program.package).collect();
    let mut text = String::new();
    if run::find("apt-get").is_some() {
        text.push_str(&format!(
            "Run:  sudo apt-get install -y --no-install-recommends {}",
            packages.join(" ")
        ));
    } else {
        text.push_str("Install with your system's package manager:");
        for program in missing {
            text.push_str(&format!("\n  {} ({})", program.label(), program.why));
            if program.group == Group::Test {
                text.push_str(&format!("; or set {} to its path", program.env));
            }
        }
    }
    text
}

fn is_root() -> bool {
    // The owner of a process's own folder is the user who runs it; there is no `geteuid` in std.
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(Path::new("/proc/self")).is_ok_and(|folder| folder.uid() == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = Path::new("");
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_can_be_named_by_a_variable_of_its_own() {
        let mut names: Vec<_> = ALL.iter().map(|program| program.env).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        assert!(names.iter().all(|name| name.starts_with("THROUGHLINE_")));
    }

    #[test]
    fn advice_names_everything_that_is_missing() {
        let missing: Vec<_> = ALL.iter().collect();
        let text = advice(&missing);
        for program in ALL {
            assert!(text.contains(program.package) || text.contains(program.label()));
        }
    }
}

//! Where the built things, the browsers and their drivers are: what `cargo xtask test` and `cargo xtask bench` tell.
//!
//! **Invariant:** looks nowhere but into the environment. Without `THROUGHLINE_DIST` a test was started by hand and
//! leaves browsers alone, visibly; with it everything else has to be there, too.

use std::{
    env,
    fs::OpenOptions,
    io::{self, Write},
    path::PathBuf,
};

/// The built site, or `None` with a note that the test is left out.
pub fn dist_or_skip(test: &str) -> Option<PathBuf> {
    let dist = given("THROUGHLINE_DIST");
    if dist.is_none() {
        let why = "no built site here (`cargo xtask test` builds it and runs this)";
        skip(test, why);
    }
    dist
}

/// A program that not every machine can have; without it there is a note that a test is left out.
pub fn given_or_skip(variable: &str, name: &str) -> Option<PathBuf> {
    let program = given(variable);
    if program.is_none() {
        skip(
            name,
            "it is not installed (`cargo xtask setup` builds it where there is Go)",
        );
    }
    program
}

/// Says that a test is left out, past the capture of its output: who runs the tests has to see it.
pub fn skip(test: &str, why: &str) {
    let note = format!("SKIPPED {test}: {why}\n");
    io::stderr().write_all(note.as_bytes()).ok();
    // Counted by who runs the tests.
    if let Some(path) = given("THROUGHLINE_SKIPS") {
        let file = OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(note.as_bytes()))
            .ok();
    }
}

/// The built site.
///
/// # Panics
/// When the environment does not say where it is.
pub fn dist() -> PathBuf {
    needed("THROUGHLINE_DIST")
}

/// A program or folder that the environment has to name.
///
/// # Panics
/// When it does not.
pub fn needed(variable: &str) -> PathBuf {
    given(variable).unwrap_or_else(|| {
        panic!(
            "{variable} is not set: run `cargo xtask test` (or `bench`), which sets it; \
             `cargo xtask setup` says what is missing"
        )
    })
}

fn given(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// A folder for what tests leave behind to be looked at: screenshots of failures.
pub fn leavings() -> PathBuf {
    crate::files::root().join("target/e2e")
}

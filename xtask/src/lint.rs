//! `lint`: rustfmt, clippy with the workspace's lints, cargo-deny.
//!
//! **Invariant**: no network once its tools and the crates are there; nothing in the repository is
//! changed.

use std::process::ExitCode;

use crate::{
    pins,
    run::{self, Failure, Result},
    setup,
    tools::{self, Group},
};

pub fn run(args: &[String]) -> Result<ExitCode> {
    if let Some(arg) = args.first() {
        return Err(Failure(format!("lint takes no arguments, not “{arg}”")));
    }
    setup::ensure(&[Group::Lint])?;
    format()?;
    clippy()?;
    run::step("cargo-deny", || {
        // It looks at the crates of every platform, and must not fetch them itself.
        run::check(&mut run::cargo(&["fetch", "--quiet"]))?;
        let mut deny = tools::CARGO_DENY.command()?;
        deny.args(["--offline", "--workspace", "--all-features", "check"]);
        run::check(deny.args(["bans", "licenses", "sources"]))
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn format() -> Result<()> {
    run::step("fmt", || {
        run::check(&mut run::cargo(&["fmt", "--all", "--check"]))
    })
}

/// Everything natively, then what runs in the browser for the browser.
pub fn clippy() -> Result<()> {
    run::step("clippy", || clippy_with(&["--workspace", "--all-targets"]))?;
    run::step("clippy for wasm", || {
        let mut args = vec!["--target", pins::WASM_TARGET];
        for package in ["throughline-model", "throughline-viewer", "throughline-rum"] {
            args.extend(["--package", package]);
        }
        clippy_with(&args)
    })
}

fn clippy_with(args: &[&str]) -> Result<()> {
    let mut command = run::cargo(&["clippy", "--quiet"]);
    run::check(command.args(args).args(["--", "--deny", "warnings"]))
}

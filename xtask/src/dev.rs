//! `dev`: the viewer on a local port, built again and reloaded on every change.
//!
//! **Invariant**: same tools and compiler flags as `build`, without its optimisation.

use std::process::ExitCode;

use crate::{
    build, repo,
    run::{self, Result},
    setup,
    tools::Group,
};

pub fn run(args: &[String]) -> Result<ExitCode> {
    setup::ensure(&[Group::Build])?;
    run::check(&mut run::cargo(&["fetch", "--quiet"]))?;
    let mut trunk = build::trunk("serve")?;
    // Not into `dist/`: what a person may be serving from there stays as it is.
    trunk.arg("--dist").arg(repo::target().join("dev-site"));
    run::become_program(trunk.args(args))
}

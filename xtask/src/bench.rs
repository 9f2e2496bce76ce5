//! `bench`: builds what is measured and hands over to the measuring program.
//!
//! **Invariant**: measures nothing itself.

use std::process::ExitCode;

use crate::{
    build::{self, Mode},
    demo, repo,
    run::{self, Result},
    setup, test,
    tools::Group,
};

pub fn run(args: &[String]) -> Result<ExitCode> {
    setup::ensure(&[Group::Build, Group::Test, Group::Bench])?;
    build::site(Mode::Release)?;
    let shop = demo::build_shop()?;
    run::step("bench: build", || {
        let build = ["build", "--release", "--package", "throughline-tests"];
        run::check(run::cargo(&build).args(["--bin", "bench"]))
    })?;
    let mut command = run::command(repo::binary("release", "bench"));
    test::tell_places(&mut command, &shop)?;
    run::become_program(command.args(args))
}

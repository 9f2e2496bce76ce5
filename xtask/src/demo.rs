//! `demo`: builds the site and the shop, then becomes the shop.
//!
//! **Invariant**: once the shop runs there is no process of ours above it: Ctrl-C and signals
//! reach it, and its exit code is the verb's.

use std::{path::PathBuf, process::ExitCode};

use crate::{
    build::{self, Mode},
    repo,
    run::{self, Result},
    setup,
    tools::Group,
};

pub fn run(args: &[String]) -> Result<ExitCode> {
    setup::ensure(&[Group::Build])?;
    build::site(Mode::Release)?;
    let shop = build_shop()?;
    let mut command = run::command(shop);
    command.arg("demo").arg("--dist").arg(repo::dist());
    run::become_program(command.args(args))
}

/// Builds the shop and says where it is.
pub fn build_shop() -> Result<PathBuf> {
    run::step("shop", || {
        run::check(&mut run::cargo(&[
            "build",
            "--release",
            "--package",
            "throughline-shop",
        ]))
    })?;
    Ok(shop_path())
}

/// Where [`build_shop`] leaves the shop.
pub fn shop_path() -> PathBuf {
    repo::binary("release", "throughline-shop")
}

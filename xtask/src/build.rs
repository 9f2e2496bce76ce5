//! `build`: the static site in `dist/`, ready for any web server and any path.
//!
//! **Invariant**: the site is put together aside and takes `dist/`'s place in one go; a build
//! that fails leaves the last good site as it was.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::{
    cache, repo, rum,
    run::{self, Context, Failure, Result},
    setup, site, sizes,
    tools::{self, Group},
};

/// What the viewer's wasm may use beyond the target's defaults; every browser of the last years
/// has it. The script tag must run in older ones and gets none of it: see [`rum`]. And what
/// [`crate::parts`] divides by: names that say for which types a function was made, and what refers
/// to what.
const VIEWER_FLAGS: [&str; 3] = [
    "-Ctarget-feature=+simd128",
    "-Csymbol-mangling-version=v0",
    "-Clink-arg=--emit-relocs",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Small and fast, takes its time.
    Release,
    /// Quick to build.
    Dev,
}

pub fn run(args: &[String]) -> Result<ExitCode> {
    let mode = match args {
        [] => Mode::Release,
        [flag] if flag == "--dev" => Mode::Dev,
        _ => return Err(Failure::from("build takes nothing but --dev")),
    };
    setup::ensure(&[Group::Build])?;
    site(mode)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the site and prints how large it is.
pub fn site(mode: Mode) -> Result<()> {
    let target = repo::root().join("target");
    let _lock = cache::lock(&target, "site", || {
        eprintln!("   … waiting for another build of the site");
    })?;
    let staging = repo::staging();
    let _ = fs::remove_dir_all(&staging);
    fs::create_dir_all(&staging).context(|| format!("cannot make {}", staging.display()))?;
    // Trunk builds offline, so that it never downloads tools by itself.
    fetch()?;
    run::step("viewer and worker", || {
        let mut trunk = trunk("build")?;
        if mode == Mode::Release {
            trunk.arg("--release");
        }
        run::check(trunk.arg("--dist").arg(&staging))?;
        site::finish(&staging, mode == Mode::Release)
    })?;
    if rum::is_there() {
        run::step("script tag", || rum::build(&staging.join("rum"), mode))?;
    }
    exchange(&staging, &repo::dist())?;
    let dist = repo::dist();
    println!("\n{}", sizes::table(&dist)?);
    println!("The site is in {}", dist.display());
    if rum::is_there() {
        let integrity = rum::integrity(&dist.join("rum"))?;
        print!("{integrity}");
    }
    Ok(())
}

/// A trunk that finds our tools and compiles for the viewer.
pub fn trunk(verb: &str) -> Result<Command> {
    let mut command = tools::TRUNK.command()?;
    command.args([verb, "--offline", "--skip-version-check"]);
    command.env("PATH", tools::path_with_tools()?);
    // A build that fails is no defect of trunk: its call stack tells nobody anything.
    command.env("RUST_LIB_BACKTRACE", "0");
    wasm_flags(&mut command, &VIEWER_FLAGS);
    // Trunk takes this variable for a flag of its own and refuses the usual `1`.
    if std::env::var_os("NO_COLOR").is_some() {
        command.env_remove("NO_COLOR").args(["--color", "never"]);
    }
    Ok(command)
}

/// Compiler flags for wasm: those given, and no path of this machine in panic messages, so that
/// equal sources give equal files.
pub fn wasm_flags(command: &mut Command, flags: &[&str]) {
    let mut flags: Vec<OsString> = flags.iter().map(OsString::from).collect();
    let homes = [(cargo_home(), "cargo"), (Some(repo::root()), "throughline")];
    for (dir, name) in homes {
        let Some(dir) = dir else { continue };
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(dir);
        flag.push(format!("={name}"));
        flags.push(flag);
    }
    // Cargo splits this variable at U+001F, so that flags may contain spaces.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join(OsStr::new("\u{1f}")));
}

fn cargo_home() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("CARGO_HOME") {
        return Some(dir.into());
    }
    Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo"))
}

fn fetch() -> Result<()> {
    run::check(&mut run::cargo(&[
        "fetch",
        "--quiet",
        "--target",
        crate::pins::WASM_TARGET,
    ]))
}

/// Puts the new site in the place of the old one.
fn exchange(new: &Path, place: &Path) -> Result<()> {
    let old = new.with_extension("old");
    let _ = fs::remove_dir_all(&old);
    if place.exists() {
        fs::rename(place, &old).context(|| format!("cannot move {}", place.display()))?;
    }
    fs::rename(new, place).context(|| format!("cannot make {}", place.display()))?;
    let _ = fs::remove_dir_all(&old);
    Ok(())
}

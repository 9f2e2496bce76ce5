//! Installing what is missing: the system's packages, tools of npm, tools of crates.io.
//!
//! **Invariant**: each kind of installer holds its lock while it works, looks again whether
//! somebody else has done the work meanwhile, and builds aside before it renames.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use crate::{
    browsers::{self, Program},
    cache, progress, repo,
    run::{self, Context, Failure, Result},
    tools::{self, Source, Tool},
};

/// About how long the packages of the system take, in seconds.
pub const APT_SECONDS: u64 = 90;

/// What is to be installed.
#[derive(Default)]
pub struct Plan {
    pub programs: Vec<&'static Program>,
    pub tools: Vec<&'static Tool>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty() && self.tools.is_empty()
    }

    /// Downloads and compilations use different things, so they go side by side.
    pub fn carry_out(&self) -> Result<()> {
        let of = |wanted: fn(Source) -> bool| -> Vec<&Tool> {
            let tools = self.tools.iter().copied();
            tools.filter(|tool| wanted(tool.source)).collect()
        };
        let targets = of(|source| source == Source::Rustup);
        let packages = of(|source| matches!(source, Source::Npm | Source::NpmLock(_)));
        let modules = of(|source| matches!(source, Source::Go(..) | Source::GoHere(_)));
        let crates = of(|source| matches!(source, Source::Cargo(_)));
        thread::scope(|scope| {
            let downloads = scope.spawn(|| {
                apt(&self.programs)?;
                all(&packages, "npm", npm)
            });
            let built = scope.spawn(|| all(&modules, "go", go));
            let compiled = all(&targets, "rustup", rustup).and_then(|()| {
                all(&crates, "cargo", cargo)?;
                clean_up(&crates)
            });
            let stopped = |_| Err(Failure::from("an installer stopped unexpectedly"));
            let downloaded = downloads.join().unwrap_or_else(stopped);
            let built = built.join().unwrap_or_else(stopped);
            if let Err(reason) = built {
                // Tests with these servers say that they are left out; everything else can go on.
                eprintln!("   {reason}\n   What is built with Go is left out this time.");
            }
            downloaded.and(compiled)
        })
    }
}

fn all(tools: &[&Tool], kind: &str, install: fn(&Tool) -> Result<()>) -> Result<()> {
    for tool in tools {
        // Tool by tool, so that somebody who waits for one does not wait for them all.
        let _lock = lock(kind)?;
        if tool.is_there()? {
            continue;
        }
        let start = Instant::now();
        install(tool)?;
        if !tool.is_there()? {
            return Err(Failure(format!(
                "{}: its installer reported success, but it is not there",
                tool.label()
            )));
        }
        done(&tool.label(), start);
    }
    Ok(())
}

fn lock(kind: &str) -> Result<fs::File> {
    cache::lock(&cache::dir()?, kind, || {
        eprintln!("   … waiting for another process that installs with {kind}");
    })
}

fn done(label: &str, start: Instant) {
    let seconds = start.elapsed().as_secs();
    eprintln!("   ✓ {label}: installed in {}", progress::span(seconds));
}

fn apt(programs: &[&Program]) -> Result<()> {
    if programs.is_empty() {
        return Ok(());
    }
    let _lock = lock("apt")?;
    let missing: Vec<_> = programs
        .iter()
        .filter(|program| program.find().is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let start = Instant::now();
    let log = log("apt")?;
    let apt_get = || {
        let mut command = run::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let label = "packages of the system";
    progress::run(label, 15, apt_get().args(["update", "-q"]), &log)?;
    let mut install = apt_get();
    install.args(["install", "-y", "-q", "--no-install-recommends"]);
    install.args(missing.iter().map(|program| program.package));
    progress::run(label, APT_SECONDS, &mut install, &log)?;
    if let Some(program) = missing.iter().find(|program| program.find().is_none()) {
        return Err(Failure(format!(
            "the package {} is installed, but there is no {} on PATH",
            program.package,
            program.label()
        )));
    }
    done(label, start);
    Ok(())
}

fn rustup(tool: &Tool) -> Result<()> {
    let mut command = run::command("rustup");
    command.args(["target", "add", tool.name]);
    progress::run(tool.name, tool.seconds, &mut command, &log("rustup")?)
}

fn npm(tool: &Tool) -> Result<()> {
    let aside = aside(tool)?;
    let mut command = run::command(browsers::need("npm")?);
    if let Source::NpmLock(folder) = tool.source {
        for file in ["package.json", "package-lock.json"] {
            let from = repo::root().join(folder).join(file);
            fs::copy(&from, aside.join(file))
                .context(|| format!("cannot copy {}", from.display()))?;
        }
        // Not `ci`: it wants every platform's binaries in the lock, and npm writes this platform's alone.
        command.args(["install", "--ignore-scripts"]);
    } else {
        command.args(["install", "--save-exact"]);
        command.arg(format!("{}@{}", tool.name, tool.version));
    }
    command.args(["--no-audit", "--no-fund"]);
    command.arg("--prefix").arg(&aside);
    progress::run(&tool.label(), tool.seconds, &mut command, &log(tool.name)?)?;
    settle(tool, &aside)
}

/// Unoptimised: it compiles in a third of the time and runs fast enough.
fn cargo(tool: &Tool) -> Result<()> {
    let Source::Cargo(flags) = tool.source else {
        return Ok(());
    };
    let aside = aside(tool)?;
    let mut command = run::cargo(&["install", "--debug", tool.name, "--version", tool.version]);
    command.args(flags);
    command.arg("--root").arg(&aside);
    command.arg("--target-dir").arg(build_dir()?);
    command.env("CARGO_PROFILE_DEV_DEBUG", "false");
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    progress::run(&tool.label(), tool.seconds, &mut command, &log(tool.name)?)?;
    settle(tool, &aside)
}

/// `go install` refuses modules that replace others, as large ones do.
fn go(tool: &Tool) -> Result<()> {
    let aside = aside(tool)?;
    let (dir, package) = match tool.source {
        Source::Go(module, package) => (downloaded(module, tool.version)?, package),
        Source::GoHere(folder) => (repo::root().join(folder), "."),
        _ => return Ok(()),
    };
    let mut build = run::command("go");
    build.arg("-C").arg(dir).args(["build", "-mod=readonly"]);
    build.args(["-trimpath", "-ldflags=-s -w", "-o"]);
    build.arg(aside.join("bin").join(tool.program)).arg(package);
    progress::run(&tool.label(), tool.seconds, &mut build, &log(tool.name)?)?;
    settle(tool, &aside)
}

/// Where a module of Go is, which is fetched unless it is there.
fn downloaded(module: &str, version: &str) -> Result<PathBuf> {
    let mut download = run::command("go");
    download.args(["mod", "download", "-json"]);
    download.arg(format!("{module}@v{version}"));
    let printed = run::output(&mut download)?;
    let printed = String::from_utf8_lossy(&printed);
    // Go writes one property a line.
    let dir = printed.lines().find_map(|line| {
        let value = line.trim().strip_prefix("\"Dir\": \"")?;
        Some(value.trim_end_matches(',').trim_end_matches('"'))
    });
    dir.map(PathBuf::from)
        .ok_or_else(|| Failure(format!("{module}: go does not say where it is")))
}

fn clean_up(crates: &[&Tool]) -> Result<()> {
    if !crates.is_empty() {
        let _lock = lock("cargo")?;
        let _ = fs::remove_dir_all(build_dir()?);
    }
    Ok(())
}

/// Shared by all crates of one installation, so that common dependencies compile once, and kept
/// when one is interrupted, so that the next goes on from there.
fn build_dir() -> Result<PathBuf> {
    Ok(cache::dir()?.join(".build"))
}

fn log(name: &str) -> Result<PathBuf> {
    Ok(cache::dir()?.join("logs").join(format!("{name}.log")))
}

/// An empty folder to install into; only used while the installer's lock is held.
fn aside(tool: &Tool) -> Result<PathBuf> {
    let path = cache::dir()?.join(format!(".new-{}", tool.name));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).context(|| format!("cannot make {}", path.display()))?;
    Ok(path)
}

fn settle(tool: &Tool, aside: &Path) -> Result<()> {
    let program = aside.join(tools::bin_within(tool.source)).join(format!(
        "{}{}",
        tool.program,
        std::env::consts::EXE_SUFFIX
    ));
    if !program.is_file() {
        return Err(Failure(format!(
            "{}: {} is not there after its installation",
            tool.label(),
            program.display()
        )));
    }
    let home = tool.home()?;
    let _ = fs::remove_dir_all(&home);
    fs::rename(aside, &home).context(|| format!("cannot make {}", home.display()))
}

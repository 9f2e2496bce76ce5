//! Starting other programs and saying what is going on.
//!
//! **Invariant**: every program is started through [`command`], so that what cargo told *this*
//! process about the crate `xtask` never reaches a child and makes it rebuild things.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

use crate::repo;

/// Why a verb stopped, in words for the person at the terminal.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

pub type Result<T> = std::result::Result<T, Failure>;

/// Adds what was being done to an error of the standard library.
pub trait Context<T> {
    fn context(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure(format!("{}: {error}", doing())))
    }
}

/// A command that runs in the repository's root with a clean environment.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root());
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&key);
        }
    }
    command
}

/// `cargo` of the same toolchain as this process.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Runs to the end with its output shown; an unsuccessful end is an error.
pub fn check(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command
        .status()
        .context(|| format!("`{shown}` could not be started"))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{shown}` ended with {status}")))
    }
}

/// Runs to the end and hands over what it printed, in bytes.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let shown = shown(command);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .context(|| format!("`{shown}` could not be started"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Failure(format!("`{shown}` ended with {}", output.status)))
    }
}

/// Hands this process over to another program: signals reach it and its exit code is ours.
pub fn become_program(command: &mut Command) -> Result<ExitCode> {
    let shown = shown(command);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let error = command.exec();
        Err(Failure(format!("`{shown}` could not be started: {error}")))
    }
    #[cfg(not(unix))]
    {
        let status = command
            .status()
            .context(|| format!("`{shown}` could not be started"))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}

/// A flag such as `--outfile=` and its path as one argument.
pub fn flag_with_path(flag: &str, path: &Path) -> OsString {
    let mut text = OsString::from(flag);
    text.push(path);
    text
}

/// Names a step, runs it, and says how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("── {name}");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    match &result {
        Ok(_) => eprintln!("── {name}: done in {seconds:.1} s"),
        Err(_) => eprintln!("── {name}: FAILED after {seconds:.1} s"),
    }
    result
}

/// The program of that name on `PATH`, if there is one.
pub fn find(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join(&file))
        .find(|path| path.is_file())
}

/// The command as a person would type it, without the path of the program.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

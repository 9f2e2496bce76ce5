//! Long work of other programs: their output goes to a log, a line now and then says how it goes.
//!
//! **Invariant**: whatever runs here is never silent for longer than [`BEAT`].

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::run::{Context, Failure, Result};

/// The longest silence.
const BEAT: Duration = Duration::from_secs(10);
/// How much of a log's end is read or shown.
const TAIL_BYTES: usize = 4096;
const TAIL_LINES: usize = 25;

/// Runs `command` to the end. `expected` is how many seconds it usually takes.
pub fn run(label: &str, expected: u64, command: &mut Command, log: &Path) -> Result<()> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir).context(|| format!("cannot make {}", dir.display()))?;
    }
    let cannot = || format!("cannot write {}", log.display());
    let out = File::options()
        .create(true)
        .append(true)
        .open(log)
        .context(cannot)?;
    let err = out.try_clone().context(cannot)?;
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .context(|| format!("{label}: cannot start its installer"))?;
    let mut said = start;
    loop {
        if let Some(status) = child.try_wait().context(|| label.to_owned())? {
            if status.success() {
                return Ok(());
            }
            let text = tail(log, TAIL_LINES);
            return Err(Failure(format!(
                "{label}: the installer ended with {status}. Its last lines:\n{text}\n\
                 The whole log: {}",
                log.display()
            )));
        }
        if said.elapsed() >= BEAT {
            said = Instant::now();
            let gone = start.elapsed().as_secs();
            eprintln!("   {}", beat(label, gone, expected, &tail(log, 1)));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Seconds as people say them.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

fn beat(label: &str, gone: u64, expected: u64, last: &str) -> String {
    let mut text = format!("… {label}: {} of about {}", span(gone), span(expected));
    let last: String = last.trim().chars().take(60).collect();
    if !last.is_empty() {
        text.push_str(" · ");
        text.push_str(&last);
    }
    text
}

/// The last lines of a file; empty where it cannot be read.
fn tail(path: &Path, lines: usize) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let from = bytes.len().saturating_sub(TAIL_BYTES);
    let text = String::from_utf8_lossy(bytes.get(from..).unwrap_or_default());
    last_lines(&text, lines)
}

fn last_lines(text: &str, lines: usize) -> String {
    let all: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = all.len().saturating_sub(lines);
    all.get(from..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let check = |seconds, expected: &str| assert_eq!(span(seconds), expected);
        check(0, "0 s");
        check(90, "90 s");
        check(91, "1 min 31 s");
        check(185, "3 min 05 s");
    }

    #[test]
    fn beats() {
        let check = |last: &str, expected: &str| assert_eq!(beat("trunk", 40, 130, last), expected);
        check("", "… trunk: 40 s of about 2 min 10 s");
        check(
            "  Compiling syn\n",
            "… trunk: 40 s of about 2 min 10 s · Compiling syn",
        );
    }

    #[test]
    fn last_lines_skip_empty_ones() {
        let check =
            |text: &str, lines, expected: &str| assert_eq!(last_lines(text, lines), expected);
        check("a\nb\n\n", 1, "b");
        check("a\nb\n\nc", 2, "b\nc");
        check("a", 5, "a");
        check("", 5, "");
    }
}

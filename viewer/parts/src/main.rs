//! `throughline-parts WHOLE LINKED LIST FIRST LATER`: reads a finished module, and the one that the linker made before, and
//! writes it as two.
//!
//! **Invariant**: arguments, files and errors; how a module is divided is [`divide`]'s.

mod divide;
mod linked;
mod reach;

use std::{env, fs, process::ExitCode};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [whole, linked, list, first, later] = args.as_slice() else {
        eprintln!("usage: throughline-parts WHOLE LINKED LIST FIRST LATER");
        return ExitCode::FAILURE;
    };
    match run(whole, linked, list, [first, later]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(whole: &str, linked: &str, list: &str, parts: [&str; 2]) -> Result<(), String> {
    let read = |name: &str| fs::read(name).map_err(|error| format!("cannot read {name}: {error}"));
    let list = String::from_utf8_lossy(&read(list)?).into_owned();
    let divided = divide::divide(&read(whole)?, &read(linked)?, &paths(&list))?;
    for (name, bytes) in parts.into_iter().zip([divided.first, divided.later]) {
        fs::write(name, bytes).map_err(|error| format!("cannot write {name}: {error}"))?;
    }
    Ok(())
}

/// The lines of the list, without comments and what is empty.
fn paths(list: &str) -> Vec<&str> {
    let lines = list.lines().map(|line| line.split('#').next());
    lines
        .filter_map(|line| line.map(str::trim))
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_comments() {
        let check = |list: &str, expected: &[&str]| assert_eq!(paths(list), expected);
        check("", &[]);
        check("a::b\n", &["a::b"]);
        check("# why\na::b # which\n\n  c\n", &["a::b", "c"]);
    }
}

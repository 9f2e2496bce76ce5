//! `test`: everything that must hold before a change is good, in the order in which it fails
//! soonest.
//!
//! **Invariant**: the tests themselves find everything through the environment variables that
//! [`tell_places`] sets; they know nothing of the tool cache.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use crate::{
    browsers,
    build::{self, Mode},
    demo, lint, progress, repo,
    run::{self, Context, Failure, Result},
    setup,
    test_summary::Summary,
    tools::{self, Group},
};

const STEPS: [&str; 6] = ["fmt", "clippy", "site", "shop", "test", "doc"];

pub fn run(args: &[String]) -> Result<ExitCode> {
    let wanted = Wanted::parse(args)?;
    let start = Instant::now();
    setup::ensure(&[Group::Build, Group::Test])?;
    if wanted.step("fmt") {
        lint::format()?;
    }
    if wanted.step("clippy") {
        lint::clippy()?;
    }
    if wanted.step("site") {
        build::site(Mode::Release)?;
    }
    let shop = if wanted.step("shop") {
        demo::build_shop()?
    } else {
        demo::shop_path()
    };
    let mut summary = None;
    if wanted.step("test") {
        summary = Some(run::step("test", || cargo_test(&wanted.filters, &shop))?);
    }
    if wanted.step("doc") && summary.is_none_or(|summary| summary.failed == 0) {
        run::step("doc", || {
            let mut doc = run::cargo(&["doc", "--quiet", "--no-deps", "--workspace"]);
            run::check(doc.env("RUSTDOCFLAGS", "-Dwarnings"))
        })?;
    }
    let time = progress::span(start.elapsed().as_secs());
    match summary {
        Some(summary) if summary.failed > 0 => {
            println!("\n{summary} ({time})");
            Ok(ExitCode::FAILURE)
        }
        Some(summary) => {
            println!("\n{summary} ({time})");
            Ok(ExitCode::SUCCESS)
        }
        None => {
            println!("\nall steps done ({time})");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Tells tests and benches where the built things, browsers and drivers are.
pub fn tell_places(command: &mut Command, shop: &Path) -> Result<()> {
    command.env("THROUGHLINE_DIST", repo::dist());
    command.env("THROUGHLINE_SHOP", shop);
    command.env("THROUGHLINE_ROOT", repo::root());
    command.env("THROUGHLINE_GECKODRIVER", tools::GECKODRIVER.path()?);
    command.env("THROUGHLINE_WASM_PACK", tools::WASM_PACK.path()?);
    // What it looks for on the path.
    command.env("THROUGHLINE_TOOLS", tools::path_with_tools()?);
    for (name, tool) in [
        ("THROUGHLINE_BUNDLERS", &tools::BUNDLERS),
        ("THROUGHLINE_PEERS", &tools::PEERS),
    ] {
        command.env(name, tool.home()?);
    }
    for (name, tool) in [
        ("THROUGHLINE_JAEGER", &tools::JAEGER),
        ("THROUGHLINE_COLLECTOR", &tools::COLLECTOR),
    ] {
        if tool.is_there()? {
            command.env(name, tool.path()?);
        }
    }
    for program in browsers::ALL {
        if let Some(path) = program.find() {
            command.env(program.env, path);
        }
    }
    Ok(())
}

/// Which steps and tests the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    steps: Vec<&'static str>,
    filters: Vec<String>,
}

impl Wanted {
    fn parse(args: &[String]) -> Result<Self> {
        let mut only = None;
        let mut skipped = Vec::new();
        let mut filters = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--only" => only
                    .get_or_insert_with(Vec::new)
                    .extend(names(args.next())?),
                "--skip" => skipped.extend(names(args.next())?),
                flag if flag.starts_with('-') => {
                    return Err(Failure(format!(
                        "“{flag}” is not understood: test takes --only STEPS, --skip STEPS and filters"
                    )));
                }
                filter => filters.push(filter.to_owned()),
            }
        }
        let all = match only {
            Some(only) => only,
            // Who asks for some tests wants to know about these.
            None if !filters.is_empty() => vec!["site", "shop", "test"],
            None => STEPS.to_vec(),
        };
        let steps = all.into_iter().filter(|step| !skipped.contains(step));
        Ok(Self {
            steps: steps.collect(),
            filters,
        })
    }

    fn step(&self, name: &str) -> bool {
        self.steps.contains(&name)
    }
}

fn names(list: Option<&String>) -> Result<Vec<&'static str>> {
    let unknown = || {
        Failure(format!(
            "--only and --skip take a list of: {}",
            STEPS.join(",")
        ))
    };
    let list = list.ok_or_else(unknown)?;
    list.split(',')
        .map(|name| STEPS.into_iter().find(|step| *step == name))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(unknown)
}

/// Runs the tests with their output shown. Tests that fail are counted, not an error here.
fn cargo_test(filters: &[String], shop: &Path) -> Result<Summary> {
    let mut command = run::cargo(&["test", "--workspace", "--no-fail-fast", "--"]);
    command.args(filters).stdout(Stdio::piped());
    tell_places(&mut command, shop)?;
    // Tests that something is missing for say so there.
    let skips = repo::target().join("skipped.txt");
    let _ = fs::remove_file(&skips);
    command.env("THROUGHLINE_SKIPS", &skips);
    let doing = || "cargo test".to_owned();
    let mut child = command.spawn().context(doing)?;
    let mut summary = Summary::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.context(doing)?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            summary.add(&line);
        }
    }
    let status = child.wait().context(doing)?;
    let skips = fs::read_to_string(&skips).unwrap_or_default();
    summary.skipped = skips.lines().count() as u64;
    print!("{skips}");
    if !status.success() && summary.failed == 0 {
        return Err(Failure(format!(
            "cargo test ended with {status} ({summary} before that)"
        )));
    }
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &[&str], expected: Option<(&[&str], &[&str])>) {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let parsed = Wanted::parse(&args).ok();
        let parsed = parsed
            .as_ref()
            .map(|wanted| (wanted.steps.as_slice(), wanted.filters.clone()));
        let expected = expected.map(|(steps, filters)| {
            let filters = filters.iter().map(|&filter| filter.to_owned());
            (steps, filters.collect::<Vec<_>>())
        });
        assert_eq!(parsed, expected);
    }

    #[test]
    fn arguments() {
        check(&[], Some((&STEPS, &[])));
        check(&["otlp"], Some((&["site", "shop", "test"], &["otlp"])));
        check(
            &["--only", "test", "a", "b"],
            Some((&["test"], &["a", "b"])),
        );
        check(&["--only", "fmt,doc"], Some((&["fmt", "doc"], &[])));
        check(
            &["--skip", "site,shop,doc"],
            Some((&["fmt", "clippy", "test"], &[])),
        );
        check(&["--skip", "site", "x"], Some((&["shop", "test"], &["x"])));
        check(&["--only"], None);
        check(&["--only", "nothing"], None);
        check(&["--unknown"], None);
    }
}

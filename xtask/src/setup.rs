//! `setup`: installs the tools that are missing, or says what a person has to install.
//!
//! **Invariant**: when everything is there it starts no installer, uses no network, and prints
//! at most one line.

use std::{process::ExitCode, time::Instant};

use crate::{
    browsers, cache,
    install::{APT_SECONDS, Plan},
    progress::span,
    run::{self, Failure, Result},
    tools::{self, Group, Source},
};

pub fn run(args: &[String]) -> Result<ExitCode> {
    let mut check = false;
    let mut groups = Vec::new();
    for arg in args {
        match arg.as_str() {
            "--check" => check = true,
            "build" => groups.push(Group::Build),
            "test" => groups.extend([Group::Build, Group::Test]),
            "lint" => groups.push(Group::Lint),
            other => {
                return Err(Failure(format!(
                    "“{other}” is not understood: setup takes --check, build, test or lint"
                )));
            }
        }
    }
    if groups.is_empty() {
        groups = vec![Group::Build, Group::Test];
    }
    let plan = missing(&groups)?;
    if plan.is_empty() {
        println!("All tools are there ({}).", cache::dir()?.display());
        return Ok(ExitCode::SUCCESS);
    }
    if check {
        print!("{}", describe(&plan)?);
        return Ok(ExitCode::FAILURE);
    }
    install(&plan)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that the tools of these groups are there; silent when they are.
pub fn ensure(groups: &[Group]) -> Result<()> {
    let plan = missing(groups)?;
    if plan.is_empty() {
        return Ok(());
    }
    install(&plan)
}

fn missing(groups: &[Group]) -> Result<Plan> {
    let mut plan = Plan::default();
    for program in browsers::ALL {
        let wanted = groups.contains(&program.group) && (!program.optional || browsers::may_apt());
        if wanted && program.find().is_none() {
            plan.programs.push(program);
        }
    }
    for tool in tools::ALL {
        if groups.contains(&tool.group) && tool.can_be_had() && !tool.is_there()? {
            plan.tools.push(tool);
        }
    }
    Ok(plan)
}

fn install(plan: &Plan) -> Result<()> {
    let obstacles = obstacles(plan);
    if !obstacles.is_empty() {
        return Err(Failure(format!(
            "some tools are missing and cannot be installed from here.\n\n{}\n\n\
             Then run the same command again.",
            obstacles.join("\n\n")
        )));
    }
    eprintln!("── setup: installing what is missing, once for this machine");
    eprint!("{}", describe(plan)?);
    let start = Instant::now();
    plan.carry_out()?;
    eprintln!("── setup: done in {}", span(start.elapsed().as_secs()));
    Ok(())
}

/// What only a person can do, each with the exact command. Found before anything is installed.
fn obstacles(plan: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    if !plan.programs.is_empty() && !browsers::may_apt() {
        found.push(browsers::advice(&plan.programs));
    }
    let needs_rustup = plan.tools.iter().any(|tool| tool.source == Source::Rustup);
    if needs_rustup && run::find("rustup").is_none() {
        found.push(format!(
            "Rust's standard library for {} is missing and there is no rustup to add it.\n\
             Install rustup from https://rustup.rs, or your system's package of that target\n\
             (Debian: libstd-rust-dev-wasm32, Fedora: rust-std-static-wasm32-unknown-unknown).",
            crate::pins::WASM_TARGET
        ));
    }
    found
}

/// One line for each thing that is missing: what, why, how long.
fn describe(plan: &Plan) -> Result<String> {
    let mut text = String::new();
    let mut line = |what: &str, why: &str, seconds: String| {
        text.push_str(&format!("   {what:<28} {why:<52} {seconds}\n"));
    };
    for (index, program) in plan.programs.iter().enumerate() {
        let seconds = match index {
            0 => format!("about {} for all packages", span(APT_SECONDS)),
            _ => String::new(),
        };
        line(program.package, program.why, seconds);
    }
    for tool in &plan.tools {
        let seconds = format!("about {}", span(tool.seconds));
        line(&tool.label(), tool.why, seconds);
    }
    text.push_str(&format!(
        "   Tools go to {}; the times are those of a machine with two cores.\n",
        cache::dir()?.display()
    ));
    Ok(text)
}

//! `cargo xtask …`: the only entry point for building, trying and testing Throughline.
//!
//! One file per verb. **Invariant**: nothing here knows what the crates contain; it knows their
//! names, the tools that turn them into a site, and in which order.

use std::process::ExitCode;

mod bench;
mod browsers;
mod build;
mod cache;
mod csp;
mod demo;
mod dev;
mod install;
mod lint;
mod nowasm;
mod parts;
mod pins;
mod progress;
mod repo;
mod rum;
mod run;
mod setup;
mod site;
mod sizes;
mod test;
mod test_summary;
mod tools;

const USAGE: &str = "\
cargo xtask <verb>

  setup [--check] [build|test|lint]
                     install the tools that are missing (default: those of build and test);
                     --check only says what is missing
  demo [ARGS…]       build everything and start the demo shop; ARGS go to the shop (--load N, …)
  dev [ARGS…]        serve the viewer and rebuild it on every change; ARGS go to trunk serve
  build [--dev]      build the static site into dist/ (--dev: quick, unoptimised)
  test [FILTER…]     everything that must hold: format, lints, site, demo, tests, docs;
                     with FILTER only the tests whose names contain one of them
        --only STEPS, --skip STEPS   comma-separated: fmt,clippy,site,shop,test,doc
  lint               rustfmt, clippy, cargo-deny
  bench [ARGS…]      measure; ARGS: viewer, import or rum (default: all)

Tools live in $THROUGHLINE_CACHE, or ~/.cache/throughline.";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let verb = args.next().unwrap_or_default();
    let args: Vec<String> = args.collect();
    let outcome = match verb.as_str() {
        "setup" => setup::run(&args),
        "demo" => demo::run(&args),
        "dev" => dev::run(&args),
        "build" => build::run(&args),
        "test" => test::run(&args),
        "lint" => lint::run(&args),
        "bench" => bench::run(&args),
        "" | "help" | "-h" | "--help" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        unknown => {
            eprintln!("There is no verb “{unknown}”.\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\nxtask {verb}: {failure}");
            ExitCode::FAILURE
        }
    }
}

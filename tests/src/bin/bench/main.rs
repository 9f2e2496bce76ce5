//! `cargo xtask bench [import] [viewer] [rum] [sizes]`: how fast the built site is, in Chromium on this machine, against
//! what the browser itself does in the same run.
//!
//! The trace is made up (see `synth`): 100,000 spans, or as many as `THROUGHLINE_BENCH_SPANS` says;
//! `THROUGHLINE_BENCH_FILE` names a file to use instead. `THROUGHLINE_BENCH_RUNS` says how often (5).
//!
//! **Invariant:** prints and judges nothing: numbers depend on the machine, only ratios travel.

mod import;
mod rum;
mod sizes;
mod table;
mod viewer;

use std::{env, path::PathBuf, str::FromStr};

use throughline_tests::{
    browser::{Browser, Page, Session},
    places, read,
    server::Site,
    synth::{self, Options},
};

use table::Table;

/// What is measured with.
struct Rig {
    session: Session,
    bytes: Vec<u8>,
    /// Spans of the trace.
    spans: usize,
    runs: usize,
}

/// The name of the trace as a file.
const FILE: &str = "trace.json";

impl Rig {
    fn start() -> Self {
        let bytes = match env::var_os("THROUGHLINE_BENCH_FILE").map(PathBuf::from) {
            Some(path) => {
                std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            }
            None => {
                let spans = number("THROUGHLINE_BENCH_SPANS", 100_000);
                synth::otlp_json(Options {
                    spans,
                    ..Options::default()
                })
            }
        };
        let spans = read::read(&bytes).0.span_count();
        Self {
            session: Session::start(Browser::Chromium),
            bytes,
            spans,
            runs: number("THROUGHLINE_BENCH_RUNS", 5).max(1),
        }
    }

    /// A new tab with a site of its own, which has the trace.
    fn page(&self) -> Page<'_> {
        self.session.close_tabs();
        self.session.new_tab();
        let page = Page::new(&self.session, Site::of(&places::dist(), "/"));
        page.site.put(FILE, self.bytes.clone());
        page
    }

    fn megabytes(&self) -> f64 {
        self.bytes.len() as f64 / 1e6
    }
}

fn number<T: FromStr>(variable: &str, otherwise: T) -> T {
    env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// The middle one.
fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value that this part of all values do not exceed.
fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted
        .get(at.saturating_sub(1))
        .copied()
        .unwrap_or(f64::NAN)
}

fn main() {
    let wanted: Vec<String> = env::args().skip(1).collect();
    let unknown = wanted
        .iter()
        .find(|name| !["import", "viewer", "rum", "sizes"].contains(&name.as_str()));
    if let Some(unknown) = unknown {
        eprintln!(
            "“{unknown}” is not understood: bench takes import, viewer, rum, sizes, or nothing for all"
        );
        std::process::exit(2);
    }
    let all = |name: &str| wanted.is_empty() || wanted.iter().any(|known| known == name);
    let mut table = Table::default();
    if throughline_tests::sizes::is_dev(&throughline_tests::sizes::of(&places::dist())) {
        println!("The site is a dev build: these numbers say nothing.\n");
    }
    if all("import") || all("viewer") {
        let rig = Rig::start();
        println!(
            "{} spans, {:.1} MB, median of {} runs, {:?}\n",
            rig.spans,
            rig.megabytes(),
            rig.runs,
            rig.session.browser
        );
        if all("import") {
            import::measure(&rig, &mut table);
        }
        if all("viewer") {
            viewer::measure(&rig, &mut table);
        }
    }
    if all("rum") {
        rum::measure(number("THROUGHLINE_BENCH_RUNS", 5).max(1));
    }
    if all("sizes") {
        sizes::measure(&mut table);
    }
    print!("{table}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_of_the_list() {
        let check =
            |values: &[f64], part, expected: f64| assert_eq!(percentile(values, part), expected);
        check(&[3.0, 1.0, 2.0], 0.5, 2.0);
        check(&[1.0, 2.0], 0.5, 1.0);
        check(&[5.0], 0.95, 5.0);
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        check(&hundred, 0.95, 95.0);
        check(&hundred, 1.0, 100.0);
    }
}

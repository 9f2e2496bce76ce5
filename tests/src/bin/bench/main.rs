//! `cargo xtask bench [import] [viewer] [rum] [sizes] [--sizes 10k,100k,…]`: how fast the built site is, in Chromium on this
//! machine, against what the browser itself does in the same run.
//!
//! Traces are made up (see `synth`): for the viewer of 10,000, 100,000, 500,000 and a million spans, or as `--sizes` says; for
//! the import of 100,000, or as many as `THROUGHLINE_BENCH_SPANS` says. `THROUGHLINE_BENCH_FILE` names a file to use instead.
//! `THROUGHLINE_BENCH_RUNS` says how often (5; of a quarter of a million spans and more at most twice).
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
    server::{Reply, Site},
    synth::{self, Options},
};

use table::Table;

/// What is measured with.
struct Rig {
    session: Session,
    /// The trace as the server sends it, and its bytes.
    reply: Reply,
    bytes: usize,
    /// Spans of the trace.
    spans: usize,
    runs: usize,
}

/// From so many spans on everything is done twice at most.
const MANY: usize = 250_000;

/// The name of the trace as a file.
const FILE: &str = "trace.json";

impl Rig {
    /// With a trace of so many spans, or the file that is named.
    fn start(spans: usize) -> Self {
        let bytes = match env::var_os("THROUGHLINE_BENCH_FILE").map(PathBuf::from) {
            Some(path) => {
                std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            }
            None => synth::otlp_json(Options {
                spans,
                ..Options::default()
            }),
        };
        let spans = read::read(&bytes).0.span_count();
        let runs = number("THROUGHLINE_BENCH_RUNS", 5).max(1);
        Self {
            session: Session::start(Browser::Chromium),
            bytes: bytes.len(),
            reply: bytes.into(),
            spans,
            runs: if spans >= MANY { runs.min(2) } else { runs },
        }
    }

    /// A new tab with a site of its own, which has the trace.
    fn page(&self) -> Page<'_> {
        self.session.close_tabs();
        self.session.new_tab();
        let page = Page::new(&self.session, Site::of(&places::dist(), "/"));
        page.site.put(FILE, self.reply.clone());
        page
    }

    fn words(&self) -> String {
        let (spans, runs) = (self.spans, self.runs);
        format!(
            "{spans} spans, {:.1} MB, median of {runs}",
            self.megabytes()
        )
    }

    fn megabytes(&self) -> f64 {
        self.bytes as f64 / 1e6
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
    let wanted = Wanted::parse(env::args().skip(1)).unwrap_or_else(|reason| {
        eprintln!("{reason}");
        std::process::exit(2);
    });
    let mut table = Table::default();
    if throughline_tests::sizes::is_dev(&throughline_tests::sizes::of(&places::dist())) {
        println!("The site is a dev build: these numbers say nothing.\n");
    }
    if wanted.has("import") {
        let rig = Rig::start(number("THROUGHLINE_BENCH_SPANS", 100_000));
        table.head(&rig.words());
        import::measure(&rig, &mut table);
    }
    if wanted.has("viewer") {
        let named = env::var_os("THROUGHLINE_BENCH_FILE").is_some();
        let sizes = if named { &[0] } else { wanted.sizes.as_slice() };
        for &spans in sizes {
            let rig = Rig::start(spans);
            eprintln!("{}", rig.words());
            table.head(&rig.words());
            viewer::measure(&rig, &mut table);
        }
    }
    if wanted.has("rum") {
        rum::measure(number("THROUGHLINE_BENCH_RUNS", 5).max(1));
    }
    if wanted.has("sizes") {
        sizes::measure(&mut table);
    }
    print!("{table}");
}

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    parts: Vec<String>,
    /// Spans of the viewer's traces.
    sizes: Vec<usize>,
}

impl Wanted {
    const PARTS: [&str; 4] = ["import", "viewer", "rum", "sizes"];

    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wanted = Self {
            parts: Vec::new(),
            sizes: vec![10_000, 100_000, 500_000, 1_000_000],
        };
        while let Some(arg) = args.next() {
            if arg == "--sizes" {
                let list = args.next().unwrap_or_default();
                let sizes = list.split(',').map(size).collect::<Option<_>>();
                wanted.sizes = sizes.ok_or("--sizes takes a list such as 10k,100k,1M")?;
            } else if Self::PARTS.contains(&arg.as_str()) {
                wanted.parts.push(arg);
            } else {
                return Err(format!(
                    "“{arg}” is not understood: bench takes import, viewer, rum, sizes, or nothing for all; and --sizes"
                ));
            }
        }
        Ok(wanted)
    }

    fn has(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|known| known == part)
    }
}

/// `10k` and `1M` as numbers.
fn size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(['k', 'm', 'M']);
    let unit = match &text[digits.len()..] {
        "" => 1,
        "k" => 1_000,
        "m" | "M" => 1_000_000,
        _ => return None,
    };
    digits
        .parse::<usize>()
        .ok()?
        .checked_mul(unit)
        .filter(|size| *size > 0)
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

    #[test]
    fn sizes_have_units() {
        let check = |args: &[&str], expected: Option<(&[&str], &[usize])>| {
            let found = Wanted::parse(args.iter().map(|&arg| arg.to_owned())).ok();
            let found = found.map(|wanted| (wanted.parts, wanted.sizes));
            let expected = expected.map(|(parts, sizes)| {
                let parts = parts.iter().map(|&part| part.to_owned());
                (parts.collect(), sizes.to_vec())
            });
            assert_eq!(found, expected, "{args:?}");
        };
        check(
            &["viewer", "--sizes", "10k,2M,77"],
            Some((&["viewer"], &[10_000, 2_000_000, 77])),
        );
        check(&["--sizes", "1m"], Some((&[], &[1_000_000])));
        check(&["--sizes"], None);
        check(&["--sizes", "0"], None);
        check(&["--sizes", "1kk"], None);
        check(&["more"], None);
    }
}

//! Says what is in trace files: `cargo run -p throughline-model --example inspect -- FILE…`
//!
//! One JSON object a line for each file, with `file`, `format`, `container`, `bytes`, `traces`, `spans`, `services`,
//! `errors`, `orphans`, `events`, `logs`, `links`, `attributes`, `issues` (how many of each kind) and `stages` (nanoseconds), or
//! with `error` and `hint`. `-` reads the standard input. Ends with 1 if a file failed.
//!
//! **Invariant:** prints what the library says and decides nothing itself.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    process::ExitCode,
    time::Instant,
};

use serde::Serialize;
use throughline_model::{
    import::{self, Container, Imported, Input, Observer, Stage},
    issues::IssueKind,
    store::{SpanMarks, StatusCode, TraceStore, builder::StoreBuilder},
};

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: inspect FILE…   (- is the standard input)");
        return ExitCode::from(2);
    }
    let mut failed = false;
    let mut out = io::stdout().lock();
    for file in files {
        let report = inspect(&file);
        failed |= report.is_err();
        let line = match &report {
            Ok(facts) => serde_json::to_string(facts),
            Err(failure) => serde_json::to_string(failure),
        };
        let written = line
            .map_err(io::Error::from)
            .and_then(|line| writeln!(out, "{line}"));
        if written.is_err() {
            // Nobody reads on.
            return ExitCode::FAILURE;
        }
    }
    ExitCode::from(u8::from(failed))
}

#[derive(Serialize)]
struct Facts {
    file: String,
    format: &'static str,
    container: Vec<&'static str>,
    bytes: u64,
    traces: usize,
    spans: usize,
    services: usize,
    errors: usize,
    orphans: usize,
    events: usize,
    logs: usize,
    links: usize,
    attributes: usize,
    issues: BTreeMap<IssueKind, u64>,
    stages: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct Failure {
    file: String,
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
}

fn inspect(file: &str) -> Result<Facts, Failure> {
    let fail = |error: String, hint| Failure {
        file: file.to_owned(),
        error,
        hint,
    };
    let bytes = read(file).map_err(|error| fail(error, None))?;
    let mut builder = StoreBuilder::new();
    let mut clock = Clock::default();
    let input = Input {
        name: if file == "-" { "standard input" } else { file }.to_owned(),
        bytes,
    };
    let imported = import::import(&mut builder, input, &mut clock)
        .map_err(|error| fail(error.to_string(), Some(error.hint())))?;
    clock.stage(Stage::Arrange);
    let store = builder.finish();
    clock.end();
    Ok(facts(file, &imported, &store, clock.stages))
}

fn read(file: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    if file == "-" {
        io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| format!("standard input: {error}"))?;
        return Ok(bytes);
    }
    if std::path::Path::new(file).is_dir() {
        return Err(format!("{file} is a directory; name the files in it"));
    }
    std::fs::read(file).map_err(|error| format!("{file}: {error}"))
}

fn facts(
    file: &str,
    imported: &Imported,
    store: &TraceStore,
    stages: BTreeMap<&'static str, u64>,
) -> Facts {
    let spans = store.spans();
    let mut issues = BTreeMap::new();
    for issue in store.issues().iter() {
        *issues.entry(issue.kind).or_default() += issue.count;
    }
    Facts {
        file: file.to_owned(),
        format: imported.format.id(),
        container: imported
            .container
            .iter()
            .map(|container: &Container| container.name())
            .collect(),
        bytes: imported.bytes,
        traces: store.trace_count(),
        spans: store.span_count(),
        services: store.service_count(),
        errors: spans
            .status
            .iter()
            .filter(|&&status| status == StatusCode::Error as u8)
            .count(),
        orphans: spans
            .marks
            .iter()
            .filter(|&&marks| SpanMarks(marks).has(SpanMarks::ORPHAN))
            .count(),
        events: store.events().log.iter().filter(|&&log| log == 0).count(),
        logs: store.events().log.iter().filter(|&&log| log > 0).count(),
        links: store.links().span_id.len(),
        attributes: store.attributes().key.len(),
        issues,
        stages,
    }
}

/// Adds up the time between the stages.
#[derive(Default)]
struct Clock {
    stages: BTreeMap<&'static str, u64>,
    running: Option<(&'static str, Instant)>,
}

impl Clock {
    fn end(&mut self) {
        if let Some((name, since)) = self.running.take() {
            *self.stages.entry(name).or_default() += since.elapsed().as_nanos() as u64;
        }
    }
}

impl Observer for Clock {
    fn stage(&mut self, stage: Stage) {
        self.end();
        self.running = Some((stage.name(), Instant::now()));
    }
}

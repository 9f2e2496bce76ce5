//! Bodies to traces: the only place where the collector reads a format, with the importer that the
//! viewer uses.
//!
//! **Invariant:** knows no HTTP and keeps nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use throughline_model::ids::TraceId;
use throughline_model::import::{self, Format, ImportError, Input, Silent};
use throughline_model::store::builder::StoreBuilder;
use throughline_model::store::{SpanKind, TraceStore};

use super::keep::{Facts, Operation};

/// What is in one body.
#[derive(Debug, Default)]
pub struct Read {
    /// The traces that it has spans of.
    pub traces: BTreeMap<TraceId, Facts>,
    /// Spans that cannot be found again, because an id is missing.
    pub rejected: u64,
    /// What was wrong, in sentences; empty when nothing was.
    pub warning: String,
    /// What it was read as; `None` when it holds no span.
    pub format: Option<Format>,
}

/// Reads one body.
///
/// # Errors
/// When it is not a body with spans, and no empty one either.
pub fn read(body: &Bytes) -> Result<Read, ImportError> {
    let mut builder = StoreBuilder::new();
    let format = match import_body(&mut builder, body) {
        Ok(imported) => imported.format,
        // A request without spans is in order.
        Err(ImportError::NoSpans {
            format: Some(_),
            signal: None,
            ..
        }) => return Ok(Read::default()),
        Err(error) => return Err(error),
    };
    let store = builder.finish();
    let mut read = facts(&store);
    read.format = Some(format);
    read.warning = warning(&store);
    Ok(read)
}

/// Reads bodies that were read before into one store.
pub fn import(bodies: &[Bytes]) -> TraceStore {
    let mut builder = StoreBuilder::new();
    for body in bodies {
        // It went through once, so it cannot fail now; if it did, its spans would be missing.
        let _ = import_body(&mut builder, body);
    }
    builder.finish()
}

fn import_body(builder: &mut StoreBuilder, body: &Bytes) -> Result<import::Imported, ImportError> {
    let input = Input {
        name: "request body".to_owned(),
        bytes: body.to_vec(),
    };
    import::import(builder, input, &mut Silent)
}

fn facts(store: &TraceStore) -> Read {
    let mut read = Read::default();
    let mut texts: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut shared = |text: &str| match texts.get(text) {
        Some(known) => known.clone(),
        None => {
            let text: Arc<str> = text.into();
            texts.insert(text.clone());
            text
        }
    };
    for row in 0..u32::try_from(store.trace_count()).unwrap_or(u32::MAX) {
        let trace = store.trace(row);
        if !trace.id().is_valid() {
            read.rejected += trace.span_count() as u64;
            continue;
        }
        let spans = trace.spans().map(|span| store.span(span));
        let operation = |span: throughline_model::store::SpanRef<'_>| Operation {
            service: shared(span.service_name()),
            name: shared(span.name()),
            kind: match span.kind() {
                SpanKind::Unspecified => "",
                kind => kind.name(),
            },
        };
        let facts = Facts {
            spans: trace.span_count() as u64,
            start: trace.start().0,
            end: trace.end().0,
            operations: spans.map(operation).collect(),
        };
        read.traces.insert(trace.id(), facts);
    }
    read
}

/// The problems of the body, most frequent kinds first. Parents in other bodies are no problem.
fn warning(store: &TraceStore) -> String {
    use throughline_model::issues::IssueKind::{MissingParent, MissingServiceName};
    let issues = store
        .issues()
        .iter()
        .filter(|issue| !matches!(issue.kind, MissingParent | MissingServiceName));
    let sentences: Vec<String> = issues
        .map(|issue| format!("{} (×{})", issue.kind.sentence(), issue.count))
        .collect();
    sentences.join("; ")
}

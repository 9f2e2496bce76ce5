//! A store as text: one line a span, indented by depth, with all that is known of it.
//!
//! ```text
//! trace 5b8e… 4 spans, 2 services, 1 error, 0 orphans
//! web "GET /" server unset @0 +120 #eee19b7ec3c1b174 {http.route: "/"}
//!   web "call cart" client error "no route" @10 +50 #… ^eee1… {…}
//!     ! @20 "retry" {attempt: 2}
//!     = 13 @22 "" {body: "no stock"}
//!     > 5b8e…/00f0… {rel: "cause"}
//! ```
//!
//! Times are nanoseconds: `@` since the trace's start, `+` long. `^` is the parent's id, `=` a log with its
//! severity.
//!
//! **Invariant:** says everything that the store holds, so that two stores with one dump are the same to a reader.

use std::fmt::Write;

use throughline_model::store::{SpanMarks, SpanRef, TraceRef, TraceStore, ValueList, ValueRef};

use crate::read;

/// Resources, traces and issues.
pub fn dump(store: &TraceStore) -> String {
    let mut out = spans(store);
    for (kind, count) in read::issues(store) {
        line(&mut out, 0, &format!("issue {kind} {count}"));
    }
    out
}

/// Traces without issues: what has to be the same in every dress of one dataset.
pub fn spans(store: &TraceStore) -> String {
    let mut out = String::new();
    // By id, since the order of arrival differs between files.
    let mut traces: Vec<_> = (0..store.trace_count() as u32)
        .map(|trace| store.trace(trace))
        .collect();
    traces.sort_by_key(|trace| trace.id());
    for trace in traces {
        line(&mut out, 0, &trace_line(trace));
        for row in trace.spans() {
            span(&mut out, store.span(row));
        }
    }
    out
}

fn trace_line(trace: TraceRef<'_>) -> String {
    format!(
        "trace {} from {} +{}: {} spans, {} services, {} errors, {} orphans, root {:?}",
        trace.id(),
        trace.start().0,
        trace.duration().0,
        trace.span_count(),
        trace.service_count(),
        trace.error_count(),
        trace.orphan_count(),
        trace.root().name(),
    )
}

fn span(out: &mut String, span: SpanRef<'_>) {
    let base = span.trace().start().0;
    let at = |time: u64| i128::from(time) - i128::from(base);
    let length = i128::from(span.end().0) - i128::from(span.start().0);
    let mut text = format!(
        "{} {:?} {} {}",
        span.service_name(),
        span.name(),
        span.kind().name(),
        span.status().name()
    );
    if !span.status_message().is_empty() {
        put(&mut text, format_args!(" {:?}", span.status_message()));
    }
    put(
        &mut text,
        format_args!(" @{} +{length} #{}", at(span.start().0), span.id()),
    );
    if span.parent_id().is_valid() {
        put(&mut text, format_args!(" ^{}", span.parent_id()));
    }
    for (mark, name) in MARKS {
        if span.marks().has(mark) {
            put(&mut text, format_args!(" {name}"));
        }
    }
    if span.flags() != 0 {
        put(&mut text, format_args!(" flags={:#x}", span.flags()));
    }
    if !span.trace_state().is_empty() {
        put(&mut text, format_args!(" state={:?}", span.trace_state()));
    }
    if span.dropped() != [0; 3] {
        put(&mut text, format_args!(" dropped={:?}", span.dropped()));
    }
    put(&mut text, format_args!(" {}", map(span.attributes())));
    let (resource, scope) = (span.resource(), span.scope());
    put(
        &mut text,
        format_args!(" of {}", map(resource.attributes())),
    );
    put(
        &mut text,
        format_args!(
            "{}{}",
            dropped(resource.dropped()),
            schema(resource.schema_url())
        ),
    );
    if !scope.name().is_empty() || !scope.attributes().is_empty() {
        let attributes = map(scope.attributes());
        put(
            &mut text,
            format_args!(" by {:?} {:?} {attributes}", scope.name(), scope.version()),
        );
    }
    put(
        &mut text,
        format_args!("{}{}", dropped(scope.dropped()), schema(scope.schema_url())),
    );
    let depth = span.depth() as usize;
    line(out, depth, &text);
    for event in span.events() {
        let attributes = map(event.attributes());
        let rest = dropped(event.dropped());
        line(
            out,
            depth + 1,
            &format!(
                "{} @{} {:?} {attributes}{rest}",
                event
                    .log()
                    .map_or("!".to_owned(), |severity| format!("= {severity}")),
                at(event.time().0),
                event.name()
            ),
        );
    }
    for link in span.links() {
        let mut text = format!(
            "> {}/{} {}",
            link.trace_id(),
            link.span_id(),
            map(link.attributes())
        );
        if link.flags() != 0 {
            put(&mut text, format_args!(" flags={:#x}", link.flags()));
        }
        if !link.trace_state().is_empty() {
            put(&mut text, format_args!(" state={:?}", link.trace_state()));
        }
        put(&mut text, format_args!("{}", dropped(link.dropped())));
        line(out, depth + 1, &text);
    }
}

const MARKS: [(SpanMarks, &str); 7] = [
    (SpanMarks::ORPHAN, "orphan"),
    (SpanMarks::CYCLE_CUT, "cycle-cut"),
    (SpanMarks::SHARED, "shared"),
    (SpanMarks::NO_START, "no-start"),
    (SpanMarks::NO_END, "no-end"),
    (SpanMarks::NEGATIVE, "negative"),
    (SpanMarks::DUPLICATE_ID, "duplicate"),
];

fn dropped(count: u32) -> String {
    if count == 0 {
        String::new()
    } else {
        format!(" dropped={count}")
    }
}

fn schema(url: &str) -> String {
    if url.is_empty() {
        String::new()
    } else {
        format!(" schema={url:?}")
    }
}

fn map(list: ValueList<'_>) -> String {
    let rows: Vec<String> = list
        .iter()
        .map(|(key, it)| format!("{key}: {}", value(it)))
        .collect();
    format!("{{{}}}", rows.join(", "))
}

/// JSON-like, with a letter in front where JSON has no such type.
fn value(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Empty => "null".to_owned(),
        ValueRef::Str(text) => format!("{text:?}"),
        ValueRef::Bool(value) => value.to_string(),
        ValueRef::Int(value) => value.to_string(),
        ValueRef::Double(value) => format!("{value:?}"),
        ValueRef::Bytes(text) => format!("b{text:?}"),
        ValueRef::Array(list) => {
            let rows: Vec<String> = list.iter().map(|(_, it)| self::value(it)).collect();
            format!("[{}]", rows.join(", "))
        }
        ValueRef::Map(list) => map(list),
    }
}

fn line(out: &mut String, depth: usize, text: &str) {
    put(out, format_args!("{}{text}\n", "  ".repeat(depth)));
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    _ = out.write_fmt(text);
}

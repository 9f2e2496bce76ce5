//! Checks every promise that the store's getters rely on.
//!
//! **Invariant:** one pass over each column; says the first thing that is wrong.

use crate::{
    store::{NO_SPAN, Range, TraceStore, Value, Values},
    strings::StrIdx,
};

type Check = Result<(), &'static str>;

pub(super) fn validate(store: &TraceStore) -> Check {
    strings(store)?;
    services_and_origins(store)?;
    traces(store)?;
    spans(store)?;
    values(store, &store.attributes, "attribute")?;
    values(store, &store.nested, "nested value")?;
    events_and_links(store)
}

fn strings(store: &TraceStore) -> Check {
    let (arena, ends) = (&store.strings.arena, &store.strings.ends);
    ensure(ends.first() == Some(&0), "the empty string is missing")?;
    ensure(ends.is_sorted(), "string ends do not ascend")?;
    ensure(
        ends.last().is_some_and(|&end| end as usize == arena.len()),
        "string arena is not used up",
    )?;
    ensure(
        ends.iter().all(|&end| arena.is_char_boundary(end as usize)),
        "a string ends inside a character",
    )
}

fn services_and_origins(store: &TraceStore) -> Check {
    handles(store, &store.services, "service name")?;
    let (resources, scopes) = (&store.resources, &store.scopes);
    let count = resources.service.len();
    equal(
        count,
        [
            resources.attributes.len(),
            resources.dropped.len(),
            resources.schema_url.len(),
        ],
    )?;
    let services = store.services.len() as u32;
    ensure(
        resources.service.iter().all(|&service| service < services),
        "resource without service",
    )?;
    ranges(
        &resources.attributes,
        store.attributes.key.len(),
        "resource attributes",
    )?;
    handles(store, &resources.schema_url, "schema URL")?;
    let count = scopes.name.len();
    equal(
        count,
        [
            scopes.version.len(),
            scopes.attributes.len(),
            scopes.dropped.len(),
            scopes.schema_url.len(),
        ],
    )?;
    for column in [&scopes.name, &scopes.version, &scopes.schema_url] {
        handles(store, column, "scope")?;
    }
    ranges(
        &scopes.attributes,
        store.attributes.key.len(),
        "scope attributes",
    )
}

fn traces(store: &TraceStore) -> Check {
    let traces = &store.traces;
    let count = traces.id.len();
    equal(
        count,
        [
            traces.start.len(),
            traces.end.len(),
            traces.root.len(),
            traces.errors.len(),
        ],
    )?;
    equal(count, [traces.orphans.len(), traces.services.len()])?;
    let spans = store.spans.start.len() as u32;
    // A default store has no rows at all; any other has one boundary more than traces.
    if count == 0 && spans == 0 {
        return ensure(traces.first_span.len() <= 1, "span ranges without traces");
    }
    equal(count + 1, [traces.first_span.len()])?;
    ensure(
        traces.first_span.first() == Some(&0),
        "spans before the first trace",
    )?;
    ensure(
        traces.first_span.last() == Some(&spans),
        "spans behind the last trace",
    )?;
    ensure(
        traces.first_span.is_sorted_by(|a, b| a < b),
        "a trace without spans",
    )?;
    for trace in 0..count {
        let (first, next) = (traces.first_span[trace], traces.first_span[trace + 1]);
        ensure(
            (first..next).contains(&traces.root[trace]),
            "root span is in another trace",
        )?;
    }
    ensure(
        traces
            .start
            .iter()
            .zip(&traces.end)
            .all(|(start, end)| start <= end),
        "a trace ends before it starts",
    )
}

fn spans(store: &TraceStore) -> Check {
    let spans = &store.spans;
    let count = spans.start.len();
    equal(
        count,
        [
            spans.end.len(),
            spans.span_id.len(),
            spans.parent_span_id.len(),
        ],
    )?;
    equal(
        count,
        [
            spans.parent.len(),
            spans.descendants.len(),
            spans.depth.len(),
        ],
    )?;
    equal(
        count,
        [
            spans.name.len(),
            spans.resource.len(),
            spans.scope.len(),
            spans.trace_state.len(),
        ],
    )?;
    equal(
        count,
        [
            spans.status_message.len(),
            spans.flags.len(),
            spans.kind.len(),
            spans.status.len(),
        ],
    )?;
    equal(
        count,
        [
            spans.marks.len(),
            spans.attributes.len(),
            spans.events.len(),
            spans.links.len(),
        ],
    )?;
    for column in [&spans.name, &spans.trace_state, &spans.status_message] {
        handles(store, column, "span")?;
    }
    let resources = store.resources.service.len() as u32;
    ensure(
        spans.resource.iter().all(|&row| row < resources),
        "span without resource",
    )?;
    let scopes = store.scopes.name.len() as u32;
    ensure(
        spans.scope.iter().all(|&row| row < scopes),
        "span without scope",
    )?;
    ranges(
        &spans.attributes,
        store.attributes.key.len(),
        "span attributes",
    )?;
    ranges(&spans.events, store.events.time.len(), "events")?;
    ranges(&spans.links, store.links.span_id.len(), "links")?;
    equal(spans.dropped_span.len(), [spans.dropped.len()])?;
    ensure(
        spans.dropped_span.is_sorted(),
        "dropped counts are not in order",
    )?;
    tree(store)
}

/// Depth-first order within each trace: a subtree is inside its parent's, and depth and parent agree.
fn tree(store: &TraceStore) -> Check {
    let spans = &store.spans;
    for trace in 0..store.traces.id.len() {
        let (first, next) = (
            store.traces.first_span[trace],
            store.traces.first_span[trace + 1],
        );
        for row in first..next {
            let at = row as usize;
            let end = u64::from(row) + 1 + u64::from(spans.descendants[at]);
            let parent = spans.parent[at];
            if parent == NO_SPAN {
                ensure(
                    spans.depth[at] == 0 && end <= u64::from(next),
                    "subtree leaves its trace",
                )?;
                continue;
            }
            ensure(
                parent >= first && parent < row,
                "parent is not before its child",
            )?;
            let up = parent as usize;
            let parent_end = u64::from(parent) + 1 + u64::from(spans.descendants[up]);
            ensure(end <= parent_end, "subtree leaves its parent's")?;
            ensure(
                spans.depth[up].checked_add(1) == Some(spans.depth[at]),
                "depth and parent do not agree",
            )?;
        }
    }
    Ok(())
}

fn values(store: &TraceStore, table: &Values, what: &'static str) -> Check {
    equal(table.key.len(), [table.kind.len(), table.payload.len()])?;
    handles(store, &table.key, what)?;
    let nested = store.nested.key.len();
    let strings = store.strings.len() as u64;
    for row in 0..table.key.len() {
        match Value::unpack(table.kind[row], table.payload[row]) {
            Value::Str(_) | Value::Bytes(_) => ensure(table.payload[row] < strings, what)?,
            // A list stands before the list that holds it, so nesting ends.
            Value::Array(range) | Value::Map(range) => {
                let limit = if core::ptr::eq(table, &raw const store.nested) {
                    row
                } else {
                    nested
                };
                ensure(inside(range, limit), what)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn events_and_links(store: &TraceStore) -> Check {
    let (events, links) = (&store.events, &store.links);
    equal(
        events.time.len(),
        [
            events.name.len(),
            events.attributes.len(),
            events.dropped.len(),
            events.log.len(),
        ],
    )?;
    handles(store, &events.name, "event name")?;
    ranges(
        &events.attributes,
        store.attributes.key.len(),
        "event attributes",
    )?;
    let count = links.span_id.len();
    equal(
        count,
        [
            links.trace_id.len(),
            links.trace_state.len(),
            links.flags.len(),
        ],
    )?;
    equal(count, [links.attributes.len(), links.dropped.len()])?;
    handles(store, &links.trace_state, "link")?;
    ranges(
        &links.attributes,
        store.attributes.key.len(),
        "link attributes",
    )
}

fn handles(store: &TraceStore, column: &[u32], what: &'static str) -> Check {
    let strings = store.strings.len();
    ensure(
        column.iter().all(|&handle| StrIdx(handle).at() < strings),
        what,
    )
}

fn ranges(column: &[[u32; 2]], limit: usize, what: &'static str) -> Check {
    ensure(
        column
            .iter()
            .all(|&pair| inside(Range::from_pair(pair), limit)),
        what,
    )
}

fn inside(range: Range, limit: usize) -> bool {
    range.len == 0 || u64::from(range.start) + u64::from(range.len) <= limit as u64
}

fn equal<const N: usize>(count: usize, others: [usize; N]) -> Check {
    ensure(
        others.iter().all(|&other| other == count),
        "columns differ in length",
    )
}

fn ensure(holds: bool, what: &'static str) -> Check {
    if holds { Ok(()) } else { Err(what) }
}

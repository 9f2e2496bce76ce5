//! Checks every promise that the store's getters rely on, some rows at a time.
//!
//! **Invariant:** one pass over each column; says the first thing that is wrong. A pass relies on those before it alone.

use crate::{
    store::{NO_SPAN, Range, TraceStore, Value, Values},
    strings::StrIdx,
};

type Check = Result<(), &'static str>;
type Rows = core::ops::Range<usize>;

/// One look at some tables.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    /// How many rows it looks at.
    pub rows: fn(&TraceStore) -> usize,
    /// Looks at some of them.
    pub check: fn(&TraceStore, Rows) -> Check,
}

/// All passes, in their order.
pub(super) static PASSES: &[Pass] = &[
    Pass {
        rows: |_| 1,
        check: |store, _| lengths(store),
    },
    Pass {
        rows: |store| store.strings.ends.len(),
        check: strings,
    },
    Pass {
        rows: |_| 1,
        check: |store, _| origins(store),
    },
    Pass {
        rows: |_| 1,
        check: |store, _| traces(store),
    },
    Pass {
        rows: |store| store.spans.start.len(),
        check: spans,
    },
    Pass {
        rows: |store| store.spans.start.len(),
        check: tree,
    },
    Pass {
        rows: |store| store.attributes.key.len(),
        check: |store, rows| values(store, &store.attributes, rows, "attribute"),
    },
    Pass {
        rows: |store| store.nested.key.len(),
        check: |store, rows| values(store, &store.nested, rows, "nested value"),
    },
    Pass {
        rows: |store| store.events.time.len(),
        check: events,
    },
    Pass {
        rows: |store| store.links.span_id.len(),
        check: links,
    },
];

/// Columns of one table are equally long, and there is a string.
fn lengths(store: &TraceStore) -> Check {
    let TraceStore {
        resources,
        scopes,
        traces,
        spans,
        attributes,
        nested,
        events,
        links,
        ..
    } = store;
    ensure(
        store.strings.ends.first() == Some(&0),
        "the empty string is missing",
    )?;
    let count = resources.service.len();
    equal(
        count,
        [
            resources.attributes.len(),
            resources.dropped.len(),
            resources.schema_url.len(),
        ],
    )?;
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
    let count = traces.id.len();
    equal(
        count,
        [
            traces.start.len(),
            traces.end.len(),
            traces.root.len(),
            traces.errors.len(),
            traces.orphans.len(),
            traces.services.len(),
        ],
    )?;
    let count = spans.start.len();
    equal(
        count,
        [
            spans.end.len(),
            spans.span_id.len(),
            spans.parent_span_id.len(),
            spans.parent.len(),
            spans.descendants.len(),
            spans.depth.len(),
            spans.name.len(),
            spans.resource.len(),
            spans.scope.len(),
            spans.trace_state.len(),
            spans.status_message.len(),
            spans.flags.len(),
            spans.kind.len(),
            spans.status.len(),
            spans.marks.len(),
            spans.attributes.len(),
            spans.events.len(),
            spans.links.len(),
        ],
    )?;
    equal(spans.dropped_span.len(), [spans.dropped.len()])?;
    for table in [attributes, nested] {
        equal(table.key.len(), [table.kind.len(), table.payload.len()])?;
    }
    let count = events.time.len();
    equal(
        count,
        [
            events.name.len(),
            events.attributes.len(),
            events.dropped.len(),
            events.log.len(),
        ],
    )?;
    let count = links.span_id.len();
    equal(
        count,
        [
            links.trace_id.len(),
            links.trace_state.len(),
            links.flags.len(),
            links.attributes.len(),
            links.dropped.len(),
        ],
    )
}

fn strings(store: &TraceStore, rows: Rows) -> Check {
    let (arena, ends) = (&store.strings.arena, &store.strings.ends);
    let before = rows.start.saturating_sub(1);
    ensure(
        ends[before..rows.end].is_sorted(),
        "string ends do not ascend",
    )?;
    ensure(
        ends.last().is_some_and(|&end| end as usize == arena.len()),
        "string arena is not used up",
    )?;
    ensure(
        ends[rows]
            .iter()
            .all(|&end| arena.is_char_boundary(end as usize)),
        "a string ends inside a character",
    )
}

fn origins(store: &TraceStore) -> Check {
    handles(store, &store.services, "service name")?;
    let (resources, scopes) = (&store.resources, &store.scopes);
    let services = store.services.len() as u32;
    ensure(
        resources.service.iter().all(|&service| service < services),
        "resource without service",
    )?;
    let attributes = store.attributes.key.len();
    ranges(&resources.attributes, attributes, "resource attributes")?;
    handles(store, &resources.schema_url, "schema URL")?;
    for column in [&scopes.name, &scopes.version, &scopes.schema_url] {
        handles(store, column, "scope")?;
    }
    ranges(&scopes.attributes, attributes, "scope attributes")?;
    ensure(
        store.spans.dropped_span.is_sorted(),
        "dropped counts are not in order",
    )
}

fn traces(store: &TraceStore) -> Check {
    let traces = &store.traces;
    let count = traces.id.len();
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

fn spans(store: &TraceStore, rows: Rows) -> Check {
    let spans = &store.spans;
    for column in [&spans.name, &spans.trace_state, &spans.status_message] {
        handles(store, &column[rows.clone()], "span")?;
    }
    let resources = store.resources.service.len() as u32;
    ensure(
        spans.resource[rows.clone()]
            .iter()
            .all(|&row| row < resources),
        "span without resource",
    )?;
    let scopes = store.scopes.name.len() as u32;
    ensure(
        spans.scope[rows.clone()].iter().all(|&row| row < scopes),
        "span without scope",
    )?;
    let (attributes, events, links) = (
        store.attributes.key.len(),
        store.events.time.len(),
        store.links.span_id.len(),
    );
    ranges(
        &spans.attributes[rows.clone()],
        attributes,
        "span attributes",
    )?;
    ranges(&spans.events[rows.clone()], events, "events")?;
    ranges(&spans.links[rows], links, "links")
}

/// Depth-first order within each trace: a subtree is inside its parent's, and depth and parent agree.
fn tree(store: &TraceStore, rows: Rows) -> Check {
    let spans = &store.spans;
    let bounds = &store.traces.first_span;
    // The first bound is 0, and the last is behind all rows.
    let mut behind = bounds.partition_point(|&bound| bound as usize <= rows.start);
    for at in rows {
        let row = at as u32;
        if row == bounds[behind] {
            behind += 1;
        }
        let (first, next) = (bounds[behind - 1], bounds[behind]);
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
    Ok(())
}

fn values(store: &TraceStore, table: &Values, rows: Rows, what: &'static str) -> Check {
    handles(store, &table.key[rows.clone()], what)?;
    let nested = store.nested.key.len();
    let strings = store.strings.len() as u64;
    for row in rows {
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

fn events(store: &TraceStore, rows: Rows) -> Check {
    let (events, attributes) = (&store.events, store.attributes.key.len());
    handles(store, &events.name[rows.clone()], "event name")?;
    ranges(&events.attributes[rows], attributes, "event attributes")
}

fn links(store: &TraceStore, rows: Rows) -> Check {
    let (links, attributes) = (&store.links, store.attributes.key.len());
    handles(store, &links.trace_state[rows.clone()], "link")?;
    ranges(&links.attributes[rows], attributes, "link attributes")
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

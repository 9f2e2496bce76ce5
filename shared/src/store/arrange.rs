//! From spans in the order of arrival to trees in depth-first order.
//!
//! Steps, each linear but for sorting siblings: join 64-bit with 128-bit forms of a trace id, make equal resources and
//! scopes one, find each span's parent, cut circles, order depth first, move every column, give spans their logs.
//!
//! A browser runs a wasm function as it was first, plainly, compiled until the function is called again, however long
//! it loops. So what loops over all rows is a closure that [`in_parts`] calls with some rows at a time.
//!
//! **Invariant:** total and without recursion: 50,000 siblings, a chain of 100,000, circles and duplicate ids are
//! ordinary. Decides nothing from a format's name.

mod intern_rows;
mod order;
mod parents;

use super::{
    NO_SPAN, SpanMarks, Spans, StatusCode, TraceStore, Traces, builder::StoreBuilder, logs,
};
use crate::issues::IssueKind;

/// How many rows [`in_parts`] hands on at a time.
const PART: usize = 1 << 11;

/// Calls `step` with ranges that are `rows` together, in their order. Not inlined, or `step` would become part of it and
/// the loop would be one call again.
#[inline(never)]
pub(super) fn in_parts(
    rows: core::ops::Range<usize>,
    step: &mut dyn FnMut(core::ops::Range<usize>),
) {
    let mut start = rows.start;
    while start < rows.end {
        let end = rows.end.min(start + PART);
        step(start..end);
        start = end;
    }
}

pub(super) fn arrange(mut builder: StoreBuilder) -> TraceStore {
    join_trace_id_widths(&mut builder);
    let services = intern_rows::intern_rows(&mut builder);
    let parent = parents::resolve(&mut builder);
    let mut ordered = order::depth_first(&builder, &parent);
    drop(parent);
    let first_span = core::mem::take(&mut ordered.first_span);
    let mut spans = move_columns(&mut builder, ordered);
    if builder.log_count() > 0 {
        logs::attach(&mut builder, &mut spans, &first_span);
    }
    let traces = summarise(&builder, &spans, first_span);
    let orphans: u64 = traces.orphans.iter().map(|&count| u64::from(count)).sum();
    // Which file an absent parent belongs to is not known: the count is of the dataset.
    builder.issues.set_source(0);
    builder.issues.clear(IssueKind::MissingParent);
    builder.issues.add_many(IssueKind::MissingParent, orphans);
    let mut store = builder.into_store(traces, spans, Vec::new());
    store.services = services_by_appearance(&mut store, &services);
    store.traces.services = services_per_trace(&store);
    store
}

/// A 64-bit tracer knows only the low half of an id: such a trace joins the one 128-bit trace with the same half.
fn join_trace_id_widths(builder: &mut StoreBuilder) {
    use hashbrown::HashMap;
    let narrow = |id: u128| id != 0 && id >> 64 == 0;
    if !builder.trace_ids.iter().any(|&id| narrow(id)) {
        return;
    }
    let mut wide: HashMap<u64, Option<u32>> = HashMap::new();
    for (row, &id) in builder.trace_ids.iter().enumerate() {
        if id >> 64 != 0 {
            wide.entry(id as u64)
                .and_modify(|found| *found = None)
                .or_insert(Some(row as u32));
        }
    }
    let mut target: Vec<u32> = (0..builder.trace_ids.len() as u32).collect();
    let mut joined = 0;
    for (row, &id) in builder.trace_ids.iter().enumerate() {
        if narrow(id)
            && let Some(Some(found)) = wide.get(&(id as u64))
        {
            target[row] = *found;
            joined += 1;
        }
    }
    if joined == 0 {
        return;
    }
    builder
        .issues
        .add_many(IssueKind::MixedTraceIdWidth, joined);
    // Rows without spans would show as empty traces: number the remaining ones anew.
    let mut kept = Vec::new();
    let mut number = vec![0; target.len()];
    for (row, &to) in target.iter().enumerate() {
        if to as usize == row {
            number[row] = kept.len() as u32;
            kept.push(builder.trace_ids[row]);
        }
    }
    for trace in &mut builder.span_trace {
        *trace = number[target[*trace as usize] as usize];
    }
    builder.trace_ids = kept;
}

/// Moves every span column into the new order, one at a time, so that at most one is there twice.
fn move_columns(builder: &mut StoreBuilder, ordered: order::Ordered) -> Spans {
    let order = &*ordered.order;
    let spans = &mut builder.spans;
    fn gather<T: Copy>(column: &mut Vec<T>, order: &[u32]) -> Vec<T> {
        let old = core::mem::take(column);
        let mut new = Vec::with_capacity(order.len());
        in_parts(0..order.len(), &mut |rows| {
            new.extend(order[rows].iter().map(|&at| old[at as usize]));
        });
        new
    }
    let (dropped_span, dropped) = move_dropped(spans, order);
    Spans {
        start: gather(&mut spans.start, order),
        end: gather(&mut spans.end, order),
        span_id: gather(&mut spans.span_id, order),
        parent_span_id: gather(&mut spans.parent_span_id, order),
        parent: ordered.parent,
        descendants: ordered.descendants,
        depth: ordered.depth,
        name: gather(&mut spans.name, order),
        resource: gather(&mut spans.resource, order),
        scope: gather(&mut spans.scope, order),
        trace_state: gather(&mut spans.trace_state, order),
        status_message: gather(&mut spans.status_message, order),
        flags: gather(&mut spans.flags, order),
        kind: gather(&mut spans.kind, order),
        status: gather(&mut spans.status, order),
        marks: gather(&mut spans.marks, order),
        attributes: gather(&mut spans.attributes, order),
        events: gather(&mut spans.events, order),
        links: gather(&mut spans.links, order),
        dropped_span,
        dropped,
    }
}

fn move_dropped(spans: &mut Spans, order: &[u32]) -> (Vec<u32>, Vec<[u32; 3]>) {
    let old_spans = core::mem::take(&mut spans.dropped_span);
    let old = core::mem::take(&mut spans.dropped);
    if old_spans.is_empty() {
        return (old_spans, old);
    }
    let (mut rows, mut counts) = (Vec::new(), Vec::new());
    for (row, arrival) in order.iter().enumerate() {
        if let Ok(at) = old_spans.binary_search(arrival) {
            rows.push(row as u32);
            counts.push(old[at]);
        }
    }
    (rows, counts)
}

fn summarise(builder: &StoreBuilder, spans: &Spans, first_span: Vec<u32>) -> Traces {
    let mut traces = Traces {
        id: builder.trace_ids.clone(),
        first_span,
        ..Traces::default()
    };
    for trace in 0..traces.id.len() {
        let rows = traces.first_span[trace] as usize..traces.first_span[trace + 1] as usize;
        let mut sum = Summary::default();
        in_parts(rows.clone(), &mut |rows| sum.add(spans, rows));
        // A start of zero means "not given" and must not stretch the trace back to 1970, unless all are zero.
        let (start, end) = sum.known.or(sum.all).unwrap_or_default();
        let root = sum.root.or(sum.top).unwrap_or(rows.start);
        traces.start.push(start);
        traces.end.push(end.max(start));
        traces.root.push(root as u32);
        traces.errors.push(sum.errors);
        traces.orphans.push(sum.orphans);
    }
    traces
}

/// What is known of a trace from its spans so far.
#[derive(Default)]
struct Summary {
    /// The first start and the last end of the spans that have a start.
    known: Option<(u64, u64)>,
    /// The first start and the last end of all spans.
    all: Option<(u64, u64)>,
    /// The first span without a parent that is no orphan.
    root: Option<usize>,
    /// The first span without a parent.
    top: Option<usize>,
    errors: u32,
    orphans: u32,
}

impl Summary {
    fn add(&mut self, spans: &Spans, rows: core::ops::Range<usize>) {
        for at in rows {
            let (start, end) = (spans.start[at], spans.end[at].max(spans.start[at]));
            let stretched = |so_far: Option<(u64, u64)>| match so_far {
                Some((first, last)) => Some((first.min(start), last.max(end))),
                None => Some((start, end)),
            };
            if start != 0 {
                self.known = stretched(self.known);
            }
            self.all = stretched(self.all);
            self.errors += u32::from(spans.status[at] == StatusCode::Error as u8);
            if spans.parent[at] == NO_SPAN {
                self.top.get_or_insert(at);
                if SpanMarks(spans.marks[at]).has(SpanMarks::ORPHAN) {
                    self.orphans += 1;
                } else {
                    self.root.get_or_insert(at);
                }
            }
        }
    }
}

/// Numbers the services by first appearance in the final order: colours follow this, and the root's comes first.
fn services_by_appearance(store: &mut TraceStore, services: &[u32]) -> Vec<u32> {
    let mut number = vec![u32::MAX; services.len()];
    let mut ordered = Vec::with_capacity(services.len());
    let mut last = u32::MAX;
    in_parts(0..store.spans.resource.len(), &mut |rows| {
        for &resource in &store.spans.resource[rows] {
            // Neighbours are often of one resource.
            if resource == last {
                continue;
            }
            last = resource;
            let old = store.resources.service[resource as usize] as usize;
            if number[old] == u32::MAX {
                number[old] = ordered.len() as u32;
                ordered.push(services[old]);
            }
        }
    });
    for service in &mut store.resources.service {
        let at = *service as usize;
        if number[at] == u32::MAX {
            number[at] = ordered.len() as u32;
            ordered.push(services[at]);
        }
        *service = number[at];
    }
    ordered
}

fn services_per_trace(store: &TraceStore) -> Vec<u32> {
    let mut seen_in = vec![u32::MAX; store.services.len()];
    let first = &store.traces.first_span;
    let mut counts = Vec::with_capacity(store.trace_count());
    for trace in 0..store.trace_count() {
        let mut count = 0;
        let rows = first[trace] as usize..first[trace + 1] as usize;
        in_parts(rows, &mut |rows| {
            for span in rows {
                let seen = &mut seen_in[store.service_of(span as u32) as usize];
                count += u32::from(*seen != trace as u32);
                *seen = trace as u32;
            }
        });
        counts.push(count);
    }
    counts
}

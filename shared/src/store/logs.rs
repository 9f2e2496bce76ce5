//! Log records that name a span: they wait for it while the input is read, and then stand among its events.
//!
//! A log's own fields are attributes here, so that whatever shows, finds or sorts events knows them:
//!
//! ```text
//! {"body": {"stringValue": "no stock"}, "severityText": "WARN", "severityNumber": 13, "attributes": [sku: 7]}
//! {severity_text: "WARN", body: "no stock", sku: 7}   log = 14
//! ```
//!
//! So are the time of observation, where it is another than that of the record, and what its resource says otherwise than the
//! span's. They stand in front, where only a record's own fields can be.
//!
//! **Invariant:** costs nothing where there are no logs. A log of a span that never came is counted, not kept.

mod resources;

use hashbrown::HashMap;

use super::{
    Events, Range, Spans, TraceStore, Value,
    builder::{EventRecord, StoreBuilder},
};
use crate::{
    ids::{SpanId, TraceId},
    issues::IssueKind,
    strings::StrIdx,
    time::UnixNanos,
};

/// The attribute that holds what a log record says.
pub const BODY: &str = "body";
/// The attribute that holds how its source calls its severity.
pub const SEVERITY_TEXT: &str = "severity_text";
/// The attribute that holds when it was observed, in nanoseconds since the epoch, if that is not its time.
pub const OBSERVED: &str = "observed_time_unix_nano";
/// The attribute that holds the name of its logger, as the specification has it for formats without scopes.
pub const SCOPE_NAME: &str = "otel.scope.name";

pub use resources::{LogResource, RESOURCE_PREFIX};

/// A log record that was written in a span.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRecord {
    /// The trace of its span.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// 0 = not given.
    pub time: UnixNanos,
    /// Event name.
    pub name: StrIdx,
    /// From 1 to 24 by the log data model; 0 = not given.
    pub severity: u8,
    /// From [`StoreBuilder::close_attributes`], with [`OBSERVED`], [`BODY`], [`SEVERITY_TEXT`] and [`SCOPE_NAME`] where it
    /// has them.
    pub attributes: Range,
    /// Dropped attributes.
    pub dropped: u32,
    /// What made it, if that is known.
    pub resource: Option<LogResource>,
}

impl LogRecord {
    /// Takes the time of observation where it has none of its own. Gives it back if it says something more, or else 0.
    pub fn observed(&mut self, observed: UnixNanos) -> UnixNanos {
        if self.time.0 == 0 {
            self.time = observed;
        }
        if observed == self.time {
            return UnixNanos(0);
        }
        observed
    }
}

/// Logs whose spans may still come.
#[derive(Debug, Default)]
pub(super) struct Logs {
    /// The trace and the span of each.
    pub(super) span: Vec<(u128, u64)>,
    entries: Events,
    resource: Vec<Option<LogResource>>,
    resources: resources::LogResources,
}

impl Events {
    fn copy(&mut self, from: &Self, at: usize) {
        self.time.push(from.time[at]);
        self.name.push(from.name[at]);
        self.attributes.push(from.attributes[at]);
        self.dropped.push(from.dropped[at]);
        self.log.push(from.log[at]);
    }
}

impl StoreBuilder {
    /// Adds the time of observation to the open list, unless it is 0.
    pub fn push_observed(&mut self, observed: UnixNanos) {
        if let (1.., Ok(nanos)) = (observed.0, i64::try_from(observed.0)) {
            let key = self.intern(OBSERVED);
            self.push_value(key, Value::Int(nanos));
        }
    }

    /// Adds a log record, before its span or after it. One that names no span is only counted.
    #[inline(never)]
    pub fn push_log(&mut self, log: LogRecord) {
        if !log.trace_id.is_valid() || !log.span_id.is_valid() {
            self.issues.add(IssueKind::LogWithoutSpan, None);
            return;
        }
        self.logs.span.push((log.trace_id.0, log.span_id.0));
        self.logs.resource.push(log.resource);
        self.logs.entries.push(EventRecord {
            time: log.time,
            name: log.name,
            attributes: log.attributes,
            dropped: log.dropped,
            log: log.severity.min(24) + 1,
        });
    }
}

/// The handle of what a person calls an event.
pub(crate) fn title(store: &TraceStore, event: usize) -> StrIdx {
    let name = StrIdx(store.events.name[event]);
    if !name.is_empty() || store.events.log[event] == 0 {
        return name;
    }
    let table = &store.attributes;
    let said = Range::from_pair(store.events.attributes[event])
        .rows()
        .find(|&row| store.str(StrIdx(table.key[row])) == BODY)
        .map(|row| Value::unpack(table.kind[row], table.payload[row]));
    match said {
        Some(Value::Str(text)) => text,
        _ => name,
    }
}

/// Puts each log among the events of its span, by time. `first_span` is where each trace begins.
pub(super) fn attach(builder: &mut StoreBuilder, spans: &mut Spans, first_span: &[u32]) {
    let mut logs = core::mem::take(&mut builder.logs);
    let mut chains = Chains::of(&logs, &builder.trace_ids);
    let old = core::mem::take(&mut builder.events);
    let mut events = Events::default();
    let mut attached = 0;
    let mut found = Vec::new();
    let mut differences = resources::Differences::default();
    for (trace, bounds) in (0..).zip(first_span.windows(2)) {
        super::arrange::in_parts(bounds[0] as usize..bounds[1] as usize, &mut |rows| {
            for row in rows {
                let start = events.time.len() as u32;
                let own = Range::from_pair(spans.events[row]).rows();
                found.clear();
                chains.take(trace, spans.span_id[row], &mut found);
                attached += found.len() as u64;
                for &at in &found {
                    if let Some(resource) = logs.resource[at as usize] {
                        let attributes = &mut logs.entries.attributes[at as usize];
                        let span = spans.resource[row];
                        differences.add(builder, &logs.resources, resource, span, attributes);
                    }
                }
                if found.is_empty() {
                    own.for_each(|at| events.copy(&old, at));
                } else {
                    let mut all: Vec<(&Events, usize)> = own.map(|at| (&old, at)).collect();
                    all.extend(found.iter().map(|&at| (&logs.entries, at as usize)));
                    // Stable: of one time, in the order of the input. Those without a time are last.
                    all.sort_by_key(|(from, at)| from.time[*at].wrapping_sub(1));
                    all.iter().for_each(|(from, at)| events.copy(from, *at));
                }
                spans.events[row] = [start, events.time.len() as u32 - start];
            }
        });
    }
    builder.events = events;
    // Which file a log is from is not known any more: the count is of the dataset.
    builder.issues.set_source(0);
    builder
        .issues
        .add_many(IssueKind::LogWithoutSpan, logs.span.len() as u64 - attached);
}

/// The logs of each span, the last one first.
struct Chains {
    last: HashMap<(u32, u64), u32>,
    before: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Chains {
    fn of(logs: &Logs, traces: &[u128]) -> Self {
        let traces = Traces::of(traces);
        let mut chains = Self {
            last: HashMap::new(),
            before: vec![NONE; logs.span.len()],
        };
        for (at, &(trace, span)) in (0..).zip(&logs.span) {
            if let Some(trace) = traces.row(trace) {
                let before = chains.last.insert((trace, span), at);
                chains.before[at as usize] = before.unwrap_or(NONE);
            }
        }
        chains
    }

    /// Adds the logs of a span in the order of the input. Of spans with one id the first has them all.
    fn take(&mut self, trace: u32, span: u64, found: &mut Vec<u32>) {
        let mut next = self.last.remove(&(trace, span)).unwrap_or(NONE);
        while next != NONE {
            found.push(next);
            next = self.before[next as usize];
        }
        found.reverse();
    }
}

/// The rows of traces by id; a tracer and a logger may know different widths of it.
struct Traces<'a> {
    ids: &'a [u128],
    exact: HashMap<u128, u32>,
    low: HashMap<u64, Option<u32>>,
}

impl<'a> Traces<'a> {
    fn of(ids: &'a [u128]) -> Self {
        let mut low = HashMap::new();
        for (&id, row) in ids.iter().zip(0..) {
            low.entry(id as u64)
                .and_modify(|known| *known = None)
                .or_insert(Some(row));
        }
        Self {
            ids,
            exact: ids.iter().copied().zip(0..).collect(),
            low,
        }
    }

    fn row(&self, id: u128) -> Option<u32> {
        let exact = self.exact.get(&id).copied();
        exact.or_else(|| {
            let row = self.low.get(&(id as u64)).copied().flatten()?;
            let other = self.ids.get(row as usize)?;
            // Two wide ids with one low half are two traces.
            (id >> 64 == 0 || other >> 64 == 0).then_some(row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::builder::{ResourceRecord, ScopeRecord, SpanRecord};

    /// Spans `trace/span` and logs `trace/span time` in hex, in any order: `span: times of its logs` and what is left.
    fn check(lines: &[&str], expected: &[&str], lost: u64) {
        let mut b = StoreBuilder::new();
        let resource = b.resource(ResourceRecord::default());
        let scope = b.scope(ScopeRecord::default());
        for line in lines {
            let (ids, rest) = line.split_once(' ').unwrap_or((line, ""));
            let (trace, span) = ids.split_once('/').unwrap();
            let trace_id = TraceId(u128::from_str_radix(trace, 16).unwrap());
            let span_id = SpanId(u64::from_str_radix(span, 16).unwrap());
            if rest.is_empty() {
                let mark = b.event_mark();
                b.push_event(EventRecord {
                    time: UnixNanos(5),
                    ..EventRecord::default()
                });
                b.push_span(SpanRecord {
                    trace_id,
                    span_id,
                    start: UnixNanos(1),
                    end: UnixNanos(9),
                    events: b.events_since(mark),
                    ..SpanRecord::new(resource, scope)
                });
            } else {
                b.push_log(LogRecord {
                    trace_id,
                    span_id,
                    time: UnixNanos(rest.parse().unwrap()),
                    severity: 9,
                    ..LogRecord::default()
                });
            }
        }
        let store = b.finish();
        let spans = (0..store.span_count() as u32).map(|row| {
            let span = store.span(row);
            let events: Vec<String> = span
                .events()
                .map(|event| {
                    let mark = event.log().map_or("", |_| "L");
                    format!("{mark}{}", event.time().0)
                })
                .collect();
            format!(
                "{:x}/{:x} {}",
                span.trace().id().0,
                span.id().0,
                events.join(" ")
            )
        });
        assert_eq!(spans.collect::<Vec<_>>(), expected, "{lines:?}");
        assert_eq!(store.issues().count(IssueKind::LogWithoutSpan), lost);
        let mut again = StoreBuilder::new();
        again.append(&store);
        let again = again.finish();
        assert_eq!(again.events(), store.events(), "{lines:?}");
        assert_eq!(again.issues().count(IssueKind::LogWithoutSpan), lost);
    }

    #[test]
    fn logs_find_their_spans() {
        check(&["1/a"], &["1/a 5"], 0);
        // Before and after it, by time, those without a time last.
        check(
            &["1/a 7", "1/a", "1/a 2", "1/a 0", "1/a 7"],
            &["1/a L2 5 L7 L7 L0"],
            0,
        );
        // Another span, another trace, none at all.
        check(
            &[
                "1/a", "1/b", "2/a", "1/b 6", "2/a 6", "1/c 6", "3/a 6", "0/a 6", "1/0 6",
            ],
            &["1/a 5", "1/b 5 L6", "2/a 5 L6"],
            4,
        );
        // Of two spans with one id the first.
        check(&["1/a", "1/a", "1/a 6"], &["1/a 5 L6", "1/a 5"], 0);
        // 64 bits of a trace id, on either side; two wide ids are two traces.
        let wide = "10000000000000001";
        check(
            &[&format!("{wide}/a"), "1/a 6"],
            &[&format!("{wide}/a 5 L6")],
            0,
        );
        check(&["1/a", &format!("{wide}/a 6")], &["1/a 5 L6"], 0);
        let other = "20000000000000001";
        check(
            &[&format!("{wide}/a"), &format!("{other}/a 6")],
            &[&format!("{wide}/a 5")],
            1,
        );
    }
}

//! What is kept: request bodies as they came, and for each trace where it is and what it is about.
//!
//! Memory is bounded: when there is too much, the trace that arrived first goes first. A body goes
//! when no trace needs it any more, since one body can hold spans of many traces.
//!
//! **Invariant:** knows no HTTP and no format; bytes are opaque.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use axum::body::Bytes;
use throughline_model::ids::TraceId;

/// What one body says about one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// How many of its spans are in the body.
    pub spans: u64,
    /// Earliest start, in nanoseconds since the epoch.
    pub start: u64,
    /// Latest end.
    pub end: u64,
    /// Service, span name and kind of its spans.
    pub operations: BTreeSet<Operation>,
}

/// What a service does: the span name and kind under which it is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    pub service: Arc<str>,
    pub name: Arc<str>,
    /// `server`, `client`, …; empty when not given.
    pub kind: &'static str,
}

/// How much was received and kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub trace_requests: u64,
    pub log_requests: u64,
    pub metric_requests: u64,
    pub spans: u64,
    pub evicted_traces: u64,
}

/// The bounded memory.
#[derive(Debug)]
pub struct Keep {
    limit: usize,
    used: usize,
    bodies: HashMap<u64, Body>,
    next_body: u64,
    traces: HashMap<TraceId, Trace>,
    /// Traces in the order in which they first arrived.
    order: VecDeque<TraceId>,
    pub counts: Counts,
}

#[derive(Debug)]
struct Body {
    bytes: Bytes,
    /// How many kept traces have spans in it.
    needed_by: usize,
}

#[derive(Debug)]
struct Trace {
    facts: Facts,
    bodies: Vec<u64>,
    /// What its facts cost.
    used: usize,
}

impl Keep {
    /// Keeps at most `limit` bytes of bodies and facts.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            bodies: HashMap::new(),
            next_body: 0,
            traces: HashMap::new(),
            order: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    /// Keeps a body with spans of the given traces, at the expense of the oldest traces.
    pub fn add(&mut self, bytes: Bytes, traces: BTreeMap<TraceId, Facts>) {
        if traces.is_empty() {
            return;
        }
        let body = self.next_body;
        self.next_body += 1;
        self.used += bytes.len();
        self.bodies.insert(
            body,
            Body {
                bytes,
                needed_by: traces.len(),
            },
        );
        for (id, facts) in traces {
            self.counts.spans += facts.spans;
            let trace = self.traces.entry(id).or_insert_with(|| {
                self.order.push_back(id);
                Trace {
                    facts: Facts {
                        start: u64::MAX,
                        ..Facts::default()
                    },
                    bodies: Vec::new(),
                    used: 0,
                }
            });
            trace.bodies.push(body);
            trace.facts.merge(facts);
            let used = trace.facts.cost() + trace.bodies.len() * size_of::<u64>();
            self.used = self.used - trace.used + used;
            trace.used = used;
        }
        while self.used > self.limit && self.evict_oldest() {}
    }

    /// Bytes in use, and the most that may be.
    pub fn usage(&self) -> (usize, usize) {
        (self.used, self.limit)
    }

    /// How many traces are kept.
    pub fn trace_count(&self) -> usize {
        self.traces.len()
    }

    /// How many spans of a trace are kept.
    pub fn span_count(&self, id: TraceId) -> u64 {
        self.traces.get(&id).map_or(0, |trace| trace.facts.spans)
    }

    /// Every kept trace with its facts, in no order.
    pub fn traces(&self) -> impl Iterator<Item = (TraceId, &Facts)> {
        self.traces.iter().map(|(id, trace)| (*id, &trace.facts))
    }

    /// All operations of all kept traces.
    pub fn operations(&self) -> BTreeSet<&Operation> {
        self.traces
            .values()
            .flat_map(|trace| &trace.facts.operations)
            .collect()
    }

    /// The bodies that hold spans of any of these traces, in order of arrival.
    pub fn bodies_of(&self, ids: &[TraceId]) -> Vec<Bytes> {
        let traces = ids.iter().filter_map(|id| self.traces.get(id));
        let bodies: BTreeSet<u64> = traces
            .flat_map(|trace| trace.bodies.iter().copied())
            .collect();
        let found = bodies.iter().filter_map(|body| self.bodies.get(body));
        found.map(|body| body.bytes.clone()).collect()
    }

    fn evict_oldest(&mut self) -> bool {
        let Some(trace) = self
            .order
            .pop_front()
            .and_then(|id| self.traces.remove(&id))
        else {
            return false;
        };
        self.counts.evicted_traces += 1;
        self.used -= trace.used;
        for id in trace.bodies {
            let Some(body) = self.bodies.get_mut(&id) else {
                continue;
            };
            body.needed_by -= 1;
            if body.needed_by == 0 {
                self.used -= body.bytes.len();
                self.bodies.remove(&id);
            }
        }
        true
    }
}

impl Facts {
    fn merge(&mut self, other: Self) {
        self.spans += other.spans;
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        self.operations.extend(other.operations);
    }

    /// About how many bytes of memory they take.
    fn cost(&self) -> usize {
        let text = |operation: &Operation| operation.service.len() + operation.name.len();
        let operations = self
            .operations
            .iter()
            .map(|operation| text(operation) + size_of::<Operation>());
        size_of::<Self>() + operations.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A keep of `limit` bytes after bodies of 1000 bytes each, with spans of the traces given.
    fn keep(limit: usize, bodies: &[&[u128]]) -> Keep {
        let mut keep = Keep::new(limit);
        for ids in bodies {
            let facts = |id: &u128| {
                let facts = Facts {
                    spans: 1,
                    start: 10,
                    end: 20,
                    ..Facts::default()
                };
                (TraceId(*id), facts)
            };
            keep.add(Bytes::from(vec![0; 1000]), ids.iter().map(facts).collect());
        }
        keep
    }

    #[test]
    fn the_oldest_traces_go_first() {
        let check = |limit: usize, bodies: &[&[u128]], kept: &[u128], bodies_left: usize| {
            let keep = keep(limit, bodies);
            let mut ids: Vec<u128> = keep.traces().map(|(id, _)| id.0).collect();
            ids.sort_unstable();
            assert_eq!(ids, kept, "{bodies:?} in {limit}");
            assert_eq!(keep.bodies.len(), bodies_left, "{bodies:?} in {limit}");
            assert!(keep.used <= limit, "{} of {limit}", keep.used);
        };
        check(10_000, &[&[1], &[2], &[3]], &[1, 2, 3], 3);
        check(2_500, &[&[1], &[2], &[3]], &[2, 3], 2);
        check(500, &[&[1]], &[], 0);
        // Trace 1 came first, though spans of it came again later.
        check(2_500, &[&[1], &[2], &[1]], &[2], 1);
        // The first body is needed as long as trace 2 is there.
        check(2_500, &[&[1, 2], &[3], &[4]], &[3, 4], 2);
        check(3_200, &[&[1, 2], &[3], &[4]], &[2, 3, 4], 3);
    }

    #[test]
    fn memory_is_given_back_to_the_last_byte() {
        let mut keep = keep(5_000, &[&[1, 2], &[2, 3], &[1, 3]]);
        while keep.evict_oldest() {}
        assert_eq!(keep.used, 0);
        assert_eq!(keep.counts.evicted_traces, 3);
        assert!(keep.bodies.is_empty());
    }

    #[test]
    fn a_trace_has_all_bodies_that_it_needs_once() {
        let keep = keep(100_000, &[&[1, 2], &[2], &[3]]);
        let count = |ids: &[u128]| {
            keep.bodies_of(&ids.iter().map(|id| TraceId(*id)).collect::<Vec<_>>())
                .len()
        };
        assert_eq!(
            [
                count(&[1]),
                count(&[2]),
                count(&[1, 2]),
                count(&[9]),
                count(&[])
            ],
            [1, 2, 2, 0, 0]
        );
        assert_eq!(keep.span_count(TraceId(2)), 2);
    }
}

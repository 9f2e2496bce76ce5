//! How far the clocks of hosts are apart, estimated from calls between them.
//!
//! A server begins after its client and ends before it. Where the times say otherwise, the server's clock is off, by at
//! least what is missing on the one side and at most what is left on the other:
//!
//! ```text
//! client  |==================|
//! server        |==============|          moved by −(what stands out) … −(what is free on the left)
//!               |←--slack--→|
//! ```
//!
//! Every call gives such a range; the estimate is the middle of where most of them agree, and zero where that agrees about
//! as well. Clocks are linked to that of the root span by the pairs of clocks with the most calls.
//!
//! **Invariant:** times are compared, never changed; n log n in the calls between two clocks.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use crate::{
    store::{SpanKind, SpanMarks, TraceStore},
    time::Nanos,
};

/// Zero is taken for the estimate where at least so many of a hundred agree with it, of those that agree at best.
const ZERO_AGREES: usize = 95;

/// What says that two resources share a clock, the best first.
const HOSTS: [&str; 6] = [
    "host.id",
    "host.name",
    "k8s.node.name",
    "k8s.pod.uid",
    "k8s.pod.name",
    "service.instance.id",
];

/// The clocks of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skew {
    clocks: Vec<Clock>,
    /// By resource: its clock.
    of_resource: Vec<u32>,
}

/// One clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// A resource that it belongs to.
    pub resource: u32,
    /// What to add to its times so that they agree with the root span's clock, nanoseconds.
    pub offset: i64,
    /// The clock that it was compared with; `None` for the root span's, and where there was no call.
    pub by: Option<u32>,
    /// Calls between the two.
    pub calls: u32,
    /// How many of them agree with the offset.
    pub agree: u32,
    /// How far the offset may be wrong for all that agree.
    pub slack: Nanos,
}

/// Where the offset between two clocks may be, by one call.
type Range = (i64, i64);

impl Skew {
    /// The clocks of a trace.
    #[inline(never)]
    pub fn of_trace(store: &TraceStore, trace: u32) -> Self {
        let (mut clocks, of_resource) = clocks(store);
        let spans = store.spans();
        let clock_of = |span: u32| of_resource[spans.resource[span as usize] as usize];
        // By pair of clocks, the smaller number first: what to add to the second one's times.
        let mut calls: BTreeMap<(u32, u32), Vec<Range>> = BTreeMap::new();
        for server in store.trace(trace).spans() {
            let row = store.span(server);
            let Some(client) = row.parent() else {
                continue;
            };
            let is = |span: u32, kind: SpanKind| spans.kind[span as usize] == kind as u8;
            let (from, to) = (clock_of(client), clock_of(server));
            if from == to || !is(client, SpanKind::Client) || !is(server, SpanKind::Server) {
                continue;
            }
            if let Some((low, high)) = range(store, client, server) {
                let (pair, range) = if from < to {
                    ((from, to), (low, high))
                } else {
                    ((to, from), (-high, -low))
                };
                calls.entry(pair).or_default().push(range);
            }
        }
        let root = clock_of(store.trace(trace).root().idx());
        link(&mut clocks, &calls, root);
        Self {
            clocks,
            of_resource,
        }
    }

    /// All clocks; those of resources without spans in the trace, too.
    pub fn clocks(&self) -> &[Clock] {
        &self.clocks
    }

    /// The number of a resource's clock.
    pub fn clock_of(&self, resource: u32) -> Option<u32> {
        self.of_resource.get(resource as usize).copied()
    }

    /// What to add to the times of a span of this resource, nanoseconds.
    pub fn offset_of(&self, resource: u32) -> i64 {
        let clock = self.clock_of(resource);
        let clock = clock.and_then(|clock| self.clocks.get(clock as usize));
        clock.map_or(0, |clock| clock.offset)
    }

    /// How far the clock that is off the most is off.
    pub fn most(&self) -> Nanos {
        let offsets = self.clocks.iter().map(|clock| clock.offset.unsigned_abs());
        Nanos(offsets.max().unwrap_or(0))
    }

    /// Whether any clock is off.
    pub fn is_any_off(&self) -> bool {
        self.clocks.iter().any(|clock| clock.offset != 0)
    }
}

fn clocks(store: &TraceStore) -> (Vec<Clock>, Vec<u32>) {
    let mut known: HashMap<(&str, &str), u32> = HashMap::new();
    let mut clocks = Vec::new();
    let of_resource = (0..store.resources().service.len() as u32)
        .map(|resource| {
            let row = store.resource(resource);
            let host = HOSTS
                .iter()
                .find_map(|key| Some((*key, row.attributes().get_str(key)?)));
            // Without a host, instances of a service cannot be told apart.
            let named = host.unwrap_or(("", row.service_name()));
            *known.entry(named).or_insert_with(|| {
                clocks.push(Clock {
                    resource,
                    offset: 0,
                    by: None,
                    calls: 0,
                    agree: 0,
                    slack: Nanos(0),
                });
                clocks.len() as u32 - 1
            })
        })
        .collect();
    (clocks, of_resource)
}

/// What may be added to the server's times so that it is inside of its client; `None` where it never is, or times lack.
fn range(store: &TraceStore, client: u32, server: u32) -> Option<Range> {
    let (client, server) = (store.span(client), store.span(server));
    let odd = [SpanMarks::NO_START, SpanMarks::NO_END, SpanMarks::NEGATIVE];
    let whole = [client, server].iter().all(|span| {
        !odd.iter().any(|&mark| span.marks().has(mark)) && span.end().0 < i64::MAX as u64
    });
    let distance = |to: u64, from: u64| (to as i64).checked_sub(from as i64);
    let low = distance(client.start().0, server.start().0).filter(|_| whole)?;
    let high = distance(client.end().0, server.end().0)?;
    (low <= high).then_some((low, high))
}

/// Where most ranges agree, and how many do; the first such place.
fn most_agree(ranges: &[Range]) -> (Range, usize) {
    let mut edges: Vec<(i64, bool)> = ranges
        .iter()
        .flat_map(|&(low, high)| [(low, false), (high, true)])
        .collect();
    // Ranges that touch agree: beginnings come first.
    edges.sort_unstable();
    let (mut open, mut best) = (0usize, ((0, 0), 0usize));
    for (at, (edge, ends)) in edges.iter().enumerate() {
        if *ends {
            open -= 1;
            continue;
        }
        open += 1;
        if open > best.1 {
            let next = edges.get(at + 1).map_or(*edge, |next| next.0);
            best = ((*edge, next), open);
        }
    }
    best
}

/// The offset between two clocks, how far it may be wrong, and how many calls agree with it.
fn estimate(ranges: &[Range]) -> (i64, Nanos, usize) {
    let ((low, high), agree) = most_agree(ranges);
    let holds = |offset: i64| {
        let agree = ranges
            .iter()
            .filter(|(low, high)| (*low..=*high).contains(&offset));
        agree.count()
    };
    let zero = holds(0);
    if zero * 100 >= agree * ZERO_AGREES {
        return (0, Nanos(0), zero);
    }
    let slack = high.abs_diff(low) / 2;
    (low.saturating_add_unsigned(slack), Nanos(slack), agree)
}

/// Goes from the root's clock to all others, by the pairs with the most calls first.
fn link(clocks: &mut [Clock], calls: &BTreeMap<(u32, u32), Vec<Range>>, root: u32) {
    let mut beside: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for &(a, b) in calls.keys() {
        beside.entry(a).or_default().push((b, a));
        beside.entry(b).or_default().push((a, b));
    }
    let mut reached = vec![false; clocks.len()];
    // Clocks that no call leads to from the root are compared among themselves.
    for start in core::iter::once(root).chain(0..clocks.len() as u32) {
        if core::mem::replace(&mut reached[start as usize], true) {
            continue;
        }
        let mut ways = BinaryHeap::new();
        let add = |ways: &mut BinaryHeap<(usize, u32, u32)>, from: u32| {
            for &(to, from) in beside.get(&from).into_iter().flatten() {
                let count = calls[&(from.min(to), from.max(to))].len();
                ways.push((count, to, from));
            }
        };
        add(&mut ways, start);
        while let Some((count, to, from)) = ways.pop() {
            if core::mem::replace(&mut reached[to as usize], true) {
                continue;
            }
            let (offset, slack, agree) = estimate(&calls[&(from.min(to), from.max(to))]);
            let offset = if from < to { offset } else { -offset };
            let base = clocks[from as usize].offset;
            clocks[to as usize] = Clock {
                offset: base.saturating_add(offset),
                by: Some(from),
                calls: count as u32,
                agree: agree as u32,
                slack,
                ..clocks[to as usize]
            };
            add(&mut ways, to);
        }
    }
}

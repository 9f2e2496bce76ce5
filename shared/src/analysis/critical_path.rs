//! The critical path of a trace: what it was waiting for, at every moment from its end back to its start.
//!
//! The walk is the one of CRISP (Zhang et al., "CRISP: Critical Path Analysis of Large-Scale Microservice
//! Architectures", USENIX ATC 2022), which Jaeger shows, too: from the end of a span backwards, the child that finished
//! last has the time it took, then the child that finished last before that one started, and so on; what no child has,
//! the span has itself. Children that ran at the same time as the chosen one were not waited for.
//!
//! ```text
//! parent |=========================|
//! a        |======|                       ends before c starts: on the path
//! b            |======|                   overlaps c: not waited for
//! c                 |=========|           finished last
//! path   P-aaaaaaaa-P-cccccccccc-PPP
//! ```
//!
//! What the walk leaves open is decided so:
//!
//! - **Touching**: a child that ends when the next one starts was waited for. Of children that end together the one that
//!   started first counts, then the one that stands first.
//! - **Asynchronous**: nobody waits for a consumer that its producer, or that outlives its parent; for a span that
//!   `FOLLOWS_FROM` its parent; for a span more than half of which lies after its parent's end. Such a subtree is cut off
//!   and stands beside the root spans. Any other child that outlives its parent is clipped to it: clocks differ.
//! - **Several roots**: root spans and orphans share the time as it is. From the end backwards, each has the time back to
//!   its start, and the next is the earliest that ran then. Subtrees that were cut off have only the time in which no
//!   root span ran: what follows a request never explains the request. When nothing ran, nobody has the time.
//! - **No times**: a span without start or end, or that ends before it starts, has no time itself; its children count as
//!   those of the span above it. A span of no duration is never on the path.
//!
//! **Invariant:** O(n log n) and no recursion; sections ascend, never overlap, and none is empty.

mod sums;
#[cfg(test)]
mod tests;
mod walk;
mod work;

use core::ops::Range;

use crate::{
    store::TraceStore,
    time::{Nanos, UnixNanos},
};

pub use sums::PathTime;
pub use work::PathWork;

/// A piece of time and the span that has it. The end is exclusive and after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Row of the span.
    pub span: u32,
    /// Where it begins.
    pub start: UnixNanos,
    /// Where it ends.
    pub end: UnixNanos,
}

impl Section {
    /// How long it is.
    pub fn len(self) -> Nanos {
        self.end.since(self.start)
    }

    /// Never: a section has at least one nanosecond.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// The critical path of one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticalPath {
    sections: Vec<Section>,
    /// Numbers of sections in the order of their spans, those of one span by time.
    by_span: Vec<u32>,
    /// By span: the sections of the span and of what it waited for, first and last. Only where that is more than its own.
    runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    span: u32,
    first: u32,
    last: u32,
}

impl CriticalPath {
    /// The path of a trace; empty when none of its spans has a duration.
    pub fn of_trace(store: &TraceStore, trace: u32) -> Self {
        PathWork::new(store, trace).finish()
    }

    /// Its sections by time.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// All sections together.
    pub fn total(&self) -> Nanos {
        Nanos(self.sections.iter().map(|section| section.len().0).sum())
    }

    /// The numbers of a span's own sections, by time.
    pub fn own(&self, span: u32) -> &[u32] {
        let first = self.first_from(span);
        let count = self.by_span[first..].partition_point(|&at| self.span_of(at) == span);
        &self.by_span[first..first + count]
    }

    /// How long a span itself is on the path.
    pub fn time_of(&self, span: u32) -> Nanos {
        let own = self.own(span).iter();
        Nanos(own.map(|&at| self.sections[at as usize].len().0).sum())
    }

    /// From when to when a span or what it waited for is on the path: one piece without a gap.
    pub fn window(&self, span: u32) -> Option<(UnixNanos, UnixNanos)> {
        let (first, last) = match self.runs.binary_search_by_key(&span, |run| run.span) {
            Ok(at) => (self.runs[at].first, self.runs[at].last),
            Err(_) => {
                let own = self.own(span);
                (*own.first()?, *own.last()?)
            }
        };
        let at = |number: u32| self.sections[number as usize];
        Some((at(first).start, at(last).end))
    }

    /// The next span on the path behind `after` in the order of the rows; after the last comes the first.
    pub fn next_span(&self, after: Option<u32>) -> Option<u32> {
        let first = after.map_or(0, |span| self.first_from(span + 1));
        let next = self.by_span.get(first).or_else(|| self.by_span.first())?;
        Some(self.span_of(*next))
    }

    fn span_of(&self, number: u32) -> u32 {
        self.sections[number as usize].span
    }

    fn first_from(&self, span: u32) -> usize {
        self.by_span.partition_point(|&at| self.span_of(at) < span)
    }
}

/// The numbers of things in the order of their spans, those of one span as they were: a count of each, then each to its place.
fn in_order(spans: &Range<u32>, things: usize, span_of: &dyn Fn(usize) -> u32) -> Vec<u32> {
    let place = |at: usize| (span_of(at) - spans.start) as usize;
    let mut next = vec![0u32; spans.len() + 1];
    for at in 0..things {
        next[place(at) + 1] += 1;
    }
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let mut order = vec![0; things];
    for at in 0..things {
        let to = &mut next[place(at)];
        order[*to as usize] = at as u32;
        *to += 1;
    }
    order
}

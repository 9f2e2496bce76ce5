//! Repeated siblings: spans of one parent with the same service, name and kind, and what they took together.
//!
//! ```text
//! parent |==========================|
//!   db   |==| |=| |==| |===| |==|        one group: 5 calls; shortest, median, longest; errors
//!   log       |=|                        alone: no group
//! ```
//!
//! Members stay in the order of their starts, and their ends are kept in order, too: how many run at a time is two
//! searches, however many there are.
//!
//! **Invariant:** linear in the spans of the trace but for sorting the ends; every member is in one group.

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

use crate::{
    order::sort_rows_by_key,
    store::{NO_SPAN, StatusCode, TraceStore},
    time::{Nanos, UnixNanos},
};

/// As many siblings are a group; fewer are read as well one by one.
pub const LEAST: u32 = 3;

/// The groups of one trace, in the order of their first members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    first_span: u32,
    /// By span of the trace: its group, or [`NO_SPAN`].
    group: Vec<u32>,
    /// By group: where its members begin; one more at the end.
    begin: Vec<u32>,
    /// Rows of spans; those of one group by start.
    members: Vec<u32>,
    /// The ends of the same members, those of one group ascending.
    ends: Vec<u64>,
    /// Members with the status error, by group and start.
    failed: Vec<u32>,
    /// By group: where its failed members begin.
    failed_begin: Vec<u32>,
    facts: Vec<Facts>,
}

/// What the members of a group took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// How many there are.
    pub count: u32,
    /// How many have the status error.
    pub errors: u32,
    /// The shortest.
    pub min: Nanos,
    /// The one in the middle; of an even number the shorter of the two.
    pub median: Nanos,
    /// The longest.
    pub max: Nanos,
    /// All durations together.
    pub total: Nanos,
    /// When the first begins.
    pub start: UnixNanos,
    /// When the last one ends; not before `start`.
    pub end: UnixNanos,
}

impl Repeats {
    /// The groups of a trace with at least `least` members each. Spans without a parent in the data are siblings where
    /// they name the same one.
    #[inline(never)]
    pub fn of_trace(store: &TraceStore, trace: u32, least: u32) -> Self {
        let spans = store.trace(trace).spans();
        let group = provisional(store, spans.clone());
        let mut repeats = Self {
            first_span: spans.start,
            group,
            ..Self::default()
        };
        repeats.collect(least.max(2));
        repeats.measure(store);
        repeats
    }

    /// Drops groups that are too small, and lists the members of the others.
    fn collect(&mut self, least: u32) {
        let known = self.group.iter().max().map_or(0, |last| last + 1);
        let mut counts = vec![0u32; known as usize];
        for &group in &self.group {
            counts[group as usize] += 1;
        }
        let mut numbers = vec![NO_SPAN; counts.len()];
        self.begin.push(0);
        for (number, &count) in numbers.iter_mut().zip(&counts) {
            if count >= least {
                let next = self.begin.len() as u32 - 1;
                *number = next;
                self.begin.push(self.begin[next as usize] + count);
            }
        }
        let total = self.begin.last().copied().unwrap_or(0);
        self.members = vec![0; total as usize];
        let mut next = self.begin.clone();
        for (at, group) in self.group.iter_mut().enumerate() {
            *group = numbers[*group as usize];
            if *group != NO_SPAN {
                let place = &mut next[*group as usize];
                self.members[*place as usize] = self.first_span + at as u32;
                *place += 1;
            }
        }
    }

    fn measure(&mut self, store: &TraceStore) {
        let spans = store.spans();
        let (starts, ends, status) = (&spans.start, &spans.end, &spans.status);
        let end_of = |span: u32| ends[span as usize].max(starts[span as usize]);
        // One that takes no time at all is there for a nanosecond, else it would never run.
        let seen_until = |&span: &u32| end_of(span).max(starts[span as usize].saturating_add(1));
        self.ends = self.members.iter().map(seen_until).collect();
        let mut lengths: Vec<u64> = Vec::new();
        for at in 0..self.len() {
            let range = self.range(at as u32);
            let members = &self.members[range.clone()];
            lengths.clear();
            lengths.extend(
                members
                    .iter()
                    .map(|&span| end_of(span) - starts[span as usize]),
            );
            let middle = (lengths.len() - 1) / 2;
            let total = lengths
                .iter()
                .fold(0u64, |sum, &one| sum.saturating_add(one));
            let start = starts[members[0] as usize];
            let end = members.iter().map(|&span| end_of(span)).max();
            self.ends[range].sort_unstable();
            let known = self.failed.len();
            self.failed_begin.push(known as u32);
            let failed = |span: &u32| status[*span as usize] == StatusCode::Error as u8;
            self.failed
                .extend(members.iter().copied().filter(|span| failed(span)));
            let errors = (self.failed.len() - known) as u32;
            let (&mut median, min, max) = {
                let (below, median, above) = lengths.select_nth_unstable(middle);
                let min = below.iter().min().copied().unwrap_or(*median);
                let max = above.iter().max().copied().unwrap_or(*median);
                (median, min, max)
            };
            self.facts.push(Facts {
                count: members.len() as u32,
                errors,
                min: Nanos(min),
                median: Nanos(median),
                max: Nanos(max),
                total: Nanos(total),
                start: UnixNanos(start),
                end: UnixNanos(end.unwrap_or(start)),
            });
        }
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.begin.len().saturating_sub(1)
    }

    /// True when nothing repeats.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The group of a span.
    pub fn group_of(&self, span: u32) -> Option<u32> {
        let at = span.checked_sub(self.first_span)?;
        let group = *self.group.get(at as usize)?;
        (group != NO_SPAN).then_some(group)
    }

    fn range(&self, group: u32) -> core::ops::Range<usize> {
        self.begin[group as usize] as usize..self.begin[group as usize + 1] as usize
    }

    /// The members of a group by start; never empty.
    pub fn members(&self, group: u32) -> &[u32] {
        &self.members[self.range(group)]
    }

    /// Those of the members that have the status error, by start.
    pub fn failed(&self, group: u32) -> &[u32] {
        let at = self.failed_begin[group as usize] as usize;
        &self.failed[at..at + self.facts(group).errors as usize]
    }

    /// What the members took.
    pub fn facts(&self, group: u32) -> &Facts {
        &self.facts[group as usize]
    }

    /// How many members run at some time of `from..to`, nanoseconds since the epoch. One that takes no time is there at
    /// its moment.
    pub fn running(&self, store: &TraceStore, group: u32, from: u64, to: u64) -> usize {
        let range = self.range(group);
        let starts = &store.spans().start;
        let begun = self.members[range.clone()].partition_point(|&at| starts[at as usize] < to);
        let over = self.ends[range].partition_point(|&end| end <= from);
        begun.saturating_sub(over)
    }
}

/// A number for every span: the same for siblings that repeat each other, in the order of the first ones.
fn provisional(store: &TraceStore, spans: core::ops::Range<u32>) -> Vec<u32> {
    let columns = store.spans();
    // Equal things get equal numbers: there are few, however many spans.
    let mut things: HashMap<(u32, u64), u32, BuildHasherDefault<Mix>> = HashMap::default();
    let mut next = 0u32;
    let mut thing_of = |span: u32| {
        let at = span as usize;
        let who = store.service_of(span) * 8 + u32::from(columns.kind[at]).min(7);
        let what = u64::from(columns.name[at]);
        *things.entry((who, what)).or_insert_with(|| {
            next += 1;
            next - 1
        })
    };
    let thing: Vec<u32> = spans.clone().map(&mut thing_of).collect();
    let mut group = vec![NO_SPAN; spans.len()];
    let mut groups = 0u32;
    // By thing: the parent that it was seen below last, and its group there.
    let mut seen = vec![(NO_SPAN, 0u32); next as usize];
    for parent in spans.clone() {
        let end = parent + 1 + columns.descendants[parent as usize];
        let mut child = parent + 1;
        while child < end {
            let at = (child - spans.start) as usize;
            let (below, known) = &mut seen[thing[at] as usize];
            if *below != parent {
                (*below, *known) = (parent, groups);
                groups += 1;
            }
            group[at] = *known;
            child += 1 + columns.descendants[child as usize];
        }
    }
    // Ids of parents are chosen by whoever wrote the data: they are sorted, not hashed.
    let mut roots: Vec<u32> = spans
        .clone()
        .filter(|&span| columns.depth[span as usize] == 0)
        .collect();
    let key = |root: u32| {
        let named = columns.parent_span_id[root as usize];
        (thing[(root - spans.start) as usize], named)
    };
    sort_rows_by_key(&mut roots, key);
    for same in roots.chunk_by(|&a, &b| key(a) == key(b)) {
        for &root in same {
            group[(root - spans.start) as usize] = groups;
        }
        groups += 1;
    }
    // In the order of the first members, not of their parents.
    let mut order = vec![NO_SPAN; groups as usize];
    let mut ordered = 0u32;
    for number in &mut group {
        let place = &mut order[*number as usize];
        if *place == NO_SPAN {
            *place = ordered;
            ordered += 1;
        }
        *number = *place;
    }
    group
}

/// Handles are counted up, nobody chooses them: hashing them safely would cost more than looking them up.
#[derive(Clone, Copy, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(23) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests;

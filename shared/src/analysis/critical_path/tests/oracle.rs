//! The same rules once more, written for being read: recursive, and looking at every span again and again.
//!
//! **Invariant:** shares with the walk only what a span is, not how it is found.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{
    CriticalPath,
    walk::{has_times, is_cut_off},
};
use crate::{
    store::{TraceStore, sample},
    time::Nanos,
};

type Piece = (u32, u64, u64);

/// A tree with few times, so that they meet; some spans have none, some are orphans, producers or consumers.
pub(super) fn tree(seed: u32) -> TraceStore {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = move |below: u32| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % below
    };
    let count = 1 + next(14);
    let mut lines = String::new();
    for span in 1..=count {
        let parent = match next(8) {
            0 => 0,
            1 => 99,
            _ => next(span),
        };
        let (start, length) = (next(24), next(16));
        let end = match next(12) {
            0 => 0,
            1 => start / 2,
            _ => start + length,
        };
        let name = ["n", "n", "producer", "consumer", "server"][next(5) as usize];
        let service = ["s", "s", "t"][next(3) as usize];
        lines.push_str(&format!("{span} {parent} {start} {end} {service} {name}\n"));
    }
    sample::draw(&lines)
}

/// The expected sections.
pub(super) fn path(store: &TraceStore, trace: u32) -> Vec<Piece> {
    let oracle = Oracle { store };
    let (mut roots, mut cut_off) = (BTreeSet::new(), BTreeSet::new());
    for span in store.trace(trace).spans().filter(|&s| has_times(store, s)) {
        match oracle.above(span) {
            None => roots.insert(span),
            Some(above) => is_cut_off(store, span, above) && cut_off.insert(span),
        };
    }
    let mut pieces = Vec::new();
    let all: BTreeSet<u32> = roots.union(&cut_off).copied().collect();
    let mut cursor = all.iter().map(|&s| oracle.times(s).1).max().unwrap_or(0);
    loop {
        let running = |of: &BTreeSet<u32>| {
            let runs = of.iter().copied().filter(|&s| {
                let (start, end) = oracle.times(s);
                start < cursor && end >= cursor
            });
            runs.min_by_key(|&s| (oracle.times(s).0, s))
        };
        let earlier_end = |of: &BTreeSet<u32>| {
            let ends = of.iter().map(|&s| oracle.times(s).1);
            ends.filter(|&end| end < cursor).max()
        };
        if let Some(root) = running(&roots) {
            let start = oracle.times(root).0;
            oracle.share(root, start, cursor, &mut pieces);
            cursor = start;
        } else if let Some(span) = running(&cut_off) {
            let start = oracle.times(span).0;
            let from = start.max(earlier_end(&roots).unwrap_or(0));
            oracle.share(span, from, cursor, &mut pieces);
            cut_off.remove(&span);
            cursor = from;
        } else {
            match earlier_end(&roots).max(earlier_end(&cut_off)) {
                Some(end) => cursor = end,
                None => break,
            }
        }
    }
    pieces.sort_unstable_by_key(|piece| piece.1);
    pieces
}

struct Oracle<'a> {
    store: &'a TraceStore,
}

impl Oracle<'_> {
    fn times(&self, span: u32) -> (u64, u64) {
        (
            self.store.span(span).start().0,
            self.store.span(span).end().0,
        )
    }

    fn above(&self, span: u32) -> Option<u32> {
        let parent = self.store.span(span).parent()?;
        match has_times(self.store, parent) {
            true => Some(parent),
            false => self.above(parent),
        }
    }

    /// Shares out a span's time between it and its children.
    fn share(&self, span: u32, from: u64, to: u64, pieces: &mut Vec<Piece>) {
        let children = (0..self.store.span_count() as u32)
            .filter(|&child| has_times(self.store, child) && self.above(child) == Some(span))
            .filter(|&child| !is_cut_off(self.store, child, span))
            .map(|child| {
                let (start, end) = self.times(child);
                (child, start.max(from), end.min(to))
            })
            .filter(|&(_, start, end)| start < end);
        let children: Vec<Piece> = children.collect();
        let mut cursor = to;
        while let Some(&(child, start, end)) = children
            .iter()
            .filter(|child| child.2 <= cursor)
            .max_by_key(|&&(child, start, end)| (end, u64::MAX - start, u32::MAX - child))
        {
            if end < cursor {
                pieces.push((span, end, cursor));
            }
            self.share(child, start, end, pieces);
            cursor = start;
        }
        if from < cursor {
            pieces.push((span, from, cursor));
        }
    }
}

/// What holds of every path.
pub(super) fn hold(store: &TraceStore, path: &CriticalPath, seed: u32) {
    let sections = path.sections();
    for pair in sections.windows(2) {
        assert!(pair[0].end <= pair[1].start, "seed {seed}");
    }
    let mut total = 0;
    for span in 0..store.span_count() as u32 {
        let own = path.own(span);
        assert!(own.is_sorted(), "seed {seed}");
        for &at in own {
            let section = sections[at as usize];
            assert_eq!(section.span, span, "seed {seed}");
            assert!(section.start < section.end, "seed {seed}");
            assert!(section.start >= store.span(span).start(), "seed {seed}");
            assert!(section.end <= store.span(span).end(), "seed {seed}");
        }
        total += path.time_of(span).0;
        if let (Some((start, end)), Some(&first)) = (path.window(span), own.first()) {
            assert!(start <= sections[first as usize].start, "seed {seed}");
            // Nobody but the span and what is below it has time in there.
            let subtree = span..=span + store.span(span).descendants();
            let inside = sections.iter().filter(|s| s.start >= start && s.end <= end);
            let spans: Vec<u32> = inside.map(|section| section.span).collect();
            assert!(spans.iter().all(|s| subtree.contains(s)), "seed {seed}");
        }
    }
    assert_eq!(path.total(), Nanos(total), "seed {seed}");
    for names in [false, true] {
        let mut expected = BTreeMap::<(u32, Option<u32>), (u64, Vec<u32>)>::new();
        for span in (0..store.span_count() as u32).filter(|&span| !path.own(span).is_empty()) {
            let name = names.then(|| store.spans().name[span as usize]);
            let sum = expected.entry((store.service_of(span), name)).or_default();
            sum.0 += path.time_of(span).0;
            sum.1.push(span);
        }
        let found = if names {
            path.by_name(store)
        } else {
            path.by_service(store)
        };
        assert!(
            found.is_sorted_by_key(|sum| std::cmp::Reverse(sum.time)),
            "seed {seed}"
        );
        assert_eq!(found.len(), expected.len(), "seed {seed}");
        for sum in found {
            let (time, spans) = &expected[&(sum.service, sum.name.map(|name| name.0))];
            let most = spans
                .iter()
                .max_by_key(|&&span| (path.time_of(span), u32::MAX - span));
            let known = (
                sum.time.0,
                sum.spans as usize,
                Some(&sum.most),
                sum.most_time,
            );
            assert_eq!(
                known,
                (*time, spans.len(), most, path.time_of(sum.most)),
                "seed {seed}"
            );
        }
    }
}

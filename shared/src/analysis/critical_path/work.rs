//! The path found bit by bit, for whoever must not be held up.
//!
//! **Invariant:** in however many bits, the path is the same.

use core::ops::Range;

use super::{
    CriticalPath, in_order,
    walk::{Heads, Walk, has_times, is_cut_off},
};
use crate::store::{NO_SPAN, TraceStore};

/// A path that is being found.
pub struct PathWork<'a> {
    store: &'a TraceStore,
    spans: Range<u32>,
    /// The next span that is to be told apart.
    next: u32,
    /// Of each span before it the nearest one above that has times.
    above: Vec<u32>,
    /// Root spans and what is cut off, with their ends.
    heads: [Vec<(u64, u32)>; 2],
    pub(super) walk: Option<Walk<'a>>,
}

impl<'a> PathWork<'a> {
    /// Of a trace.
    pub fn new(store: &'a TraceStore, trace: u32) -> Self {
        let spans = store.trace(trace).spans();
        Self {
            store,
            next: spans.start,
            above: Vec::with_capacity(spans.len()),
            heads: [Vec::new(), Vec::new()],
            walk: None,
            spans,
        }
    }

    /// Goes on for so many spans; true when everything is found.
    pub fn go(&mut self, steps: u32) -> bool {
        if let Some(walk) = &mut self.walk {
            return walk.go(steps);
        }
        let end = self.spans.end.min(self.next.saturating_add(steps));
        for span in self.next..end {
            self.tell_apart(span);
        }
        self.next = end;
        if end == self.spans.end {
            let heads = core::mem::take(&mut self.heads);
            let [roots, cut_off] = heads.map(|heads| Heads::new(self.store, heads));
            self.above = Vec::new();
            self.walk = Some(Walk::new(self.store, roots, cut_off));
        }
        false
    }

    /// Does what is left.
    pub fn finish(mut self) -> CriticalPath {
        while !self.go(u32::MAX) {}
        let (sections, runs) = self.walk.map(Walk::finish).unwrap_or_default();
        let by_span = in_order(&self.spans, sections.len(), &|at| sections[at].span);
        let order = in_order(&self.spans, runs.len(), &|at| runs[at].span);
        let runs = order.into_iter().map(|at| runs[at as usize]).collect();
        CriticalPath {
            sections,
            by_span,
            runs,
        }
    }

    // Not inlined: browsers make a function fast between two calls of it, and a loop in one never.
    #[inline(never)]
    fn tell_apart(&mut self, span: u32) {
        let spans = self.store.spans();
        let nearest = match spans.parent[span as usize] {
            NO_SPAN => NO_SPAN,
            parent if has_times(self.store, parent) => parent,
            parent => self.above[(parent - self.spans.start) as usize],
        };
        self.above.push(nearest);
        if !has_times(self.store, span) {
            return;
        }
        let head = (spans.end[span as usize], span);
        if nearest == NO_SPAN {
            self.heads[0].push(head);
        } else if is_cut_off(self.store, span, nearest) {
            self.heads[1].push(head);
        }
    }
}

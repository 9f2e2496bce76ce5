//! What hides rows: a query that filters, and what is too short.
//!
//! ```text
//! stays: long enough · opened or asked for by hand · failed, the longest first, until enough rows stay for that alone
//!        and all above these; what failed and has no row is counted by the nearest row above it
//! ```
//!
//! **Invariant:** linear in the spans of the trace, however deep it is and however many failed.

use std::{cmp::Reverse, sync::Arc};

use throughline_model::{
    query,
    store::{NO_SPAN, Spans, StatusCode},
};

use crate::state::{Rows, UiState, folds::Folds};

/// So many rows stay for errors alone; with what is above the last of them it can be some more.
const FAILED_ROWS: usize = 300;

/// How many spans of each row's subtree failed and have no row: ascending rows' spans and counts.
pub(super) type Inside = Arc<Vec<(u32, u32)>>;

/// Which spans of a trace stay.
pub(super) struct Kept<'a> {
    first: u32,
    kept: Vec<bool>,
    count: usize,
    parents: &'a [u32],
    folds: &'a Folds,
}

impl<'a> Kept<'a> {
    pub(super) fn none(spans: &'a Spans, all: core::ops::Range<u32>, folds: &'a Folds) -> Self {
        Self {
            first: all.start,
            kept: vec![false; all.len()],
            count: 0,
            parents: &spans.parent,
            folds,
        }
    }

    /// A span stays, what it stands in, and all above them.
    pub(super) fn mark(&mut self, span: u32) {
        let mut up = span;
        // What is above a span that is marked is marked already.
        while let Some(kept) = self.at(up)
            && !core::mem::replace(&mut self.kept[kept], true)
        {
            self.count += 1;
            up = self.above(up);
        }
    }

    pub(super) fn has(&self, span: u32) -> bool {
        self.at(span).is_some_and(|at| self.kept[at])
    }

    /// What a span stands in, else its parent: both come before it.
    fn above(&self, span: u32) -> u32 {
        let first = self.folds.stands_in(span).filter(|&first| first < span);
        first.unwrap_or(self.parents[span as usize])
    }

    fn at(&self, span: u32) -> Option<usize> {
        let at = span.checked_sub(self.first).filter(|_| span != NO_SPAN)? as usize;
        (at < self.kept.len()).then_some(at)
    }

    pub(super) fn into_spans(self) -> Vec<bool> {
        self.kept
    }
}

/// The rows that stay, and the number of spans in those that do not because they are short.
pub(super) fn staying(state: &UiState, mut rows: Rows) -> (Rows, usize, Inside) {
    let (Some(trace), Some(store)) = (state.trace_ref(), state.store()) else {
        return (rows, 0, Inside::default());
    };
    let folds = rows.folds_shared();
    if state.query.hides() {
        let mut kept = Kept::none(store.spans(), trace.spans(), &folds);
        state.query.matches.iter().for_each(|&span| kept.mark(span));
        state.shape.focus.iter().for_each(|&span| kept.mark(span));
        rows = rows.kept(trace, &kept.into_spans());
    }
    let Some((long, inside)) = long_enough(state, &folds) else {
        return (rows, 0, Inside::default());
    };
    let hidden = rows.spans().iter().filter(|&&span| !long.has(span));
    let short = hidden.map(|&span| folds.spans_in_row(span)).sum();
    (rows.kept(trace, &long.into_spans()), short, inside)
}

/// What is not too short to show; `None` where nothing is hidden, or all would be.
fn long_enough<'a>(state: &'a UiState, folds: &'a Folds) -> Option<(Kept<'a>, Inside)> {
    let (store, trace) = (state.store()?, state.trace_ref()?);
    let least = query::least_time(&state.shape.least, trace.duration())?;
    let columns = store.spans();
    let length = |span: u32| match folds.group_row(span) {
        Some((_, facts)) => facts.total.0,
        None => columns.end[span as usize].saturating_sub(columns.start[span as usize]),
    };
    let mut kept = Kept::none(columns, trace.spans(), folds);
    let long = trace.spans().filter(|&span| length(span) >= least.0);
    long.for_each(|span| kept.mark(span));
    for &span in state.shape.opened.iter() {
        folds.opened_with(span).for_each(|span| kept.mark(span));
    }
    let asked = state.shape.asked.iter().chain(&state.shape.focus);
    asked.for_each(|&span| kept.mark(span));
    let failed = |span: u32| match folds.stands_in(span) {
        Some(first) if first < span => false,
        Some(_) => folds.group_row(span).is_some_and(|(_, of)| of.errors > 0),
        None => columns.status[span as usize] == StatusCode::Error as u8,
    };
    let others = trace
        .spans()
        .filter(|&span| failed(span) && !kept.has(span));
    let mut others: Vec<u32> = others.collect();
    let mut all = others.len() <= FAILED_ROWS;
    if !all {
        let longest_first = |&span: &u32| (Reverse(length(span)), span);
        others.select_nth_unstable_by_key(FAILED_ROWS, longest_first);
        others.truncate(FAILED_ROWS);
        others.sort_unstable_by_key(longest_first);
    }
    let most = kept.count + FAILED_ROWS;
    for span in others {
        if kept.count >= most {
            all = false;
            break;
        }
        kept.mark(span);
    }
    let inside = match all {
        true => Inside::default(),
        false => failed_inside(&kept, columns, trace.spans()),
    };
    (kept.count > 0).then_some((kept, inside))
}

/// By row that stays: how many spans below it, or in what is hidden below it, failed and are in no row.
fn failed_inside(kept: &Kept<'_>, columns: &Spans, all: core::ops::Range<u32>) -> Inside {
    // By span: the nearest that stays.
    let mut near = vec![NO_SPAN; all.len()];
    let mut found: Vec<u32> = Vec::new();
    for span in all.clone() {
        let above = kept.above(span);
        let grouped = kept.folds.stands_in(span).is_some_and(|first| first < span);
        let nearest = match kept.at(above).filter(|_| grouped || !kept.has(span)) {
            Some(at) => near[at],
            None if kept.has(span) => span,
            None => NO_SPAN,
        };
        near[(span - all.start) as usize] = nearest;
        let failed = columns.status[span as usize] == StatusCode::Error as u8;
        // A group that stays counts its own.
        if failed && nearest != NO_SPAN && nearest != span && !(grouped && kept.has(above)) {
            found.push(nearest);
        }
    }
    found.sort_unstable();
    let counts = found.chunk_by(|a, b| a == b);
    Arc::new(counts.map(|same| (same[0], same.len() as u32)).collect())
}

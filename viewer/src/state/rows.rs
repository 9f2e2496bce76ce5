//! The rows of the waterfall: which spans show, given which are collapsed.
//!
//! **Invariant:** linear in the spans of the trace; a collapsed subtree is skipped, not walked.

use std::collections::BTreeSet;

use throughline_model::store::TraceRef;

/// The spans that show, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    spans: Vec<u32>,
}

impl Rows {
    /// The rows of a trace.
    pub fn of_trace(trace: TraceRef<'_>, collapsed: &BTreeSet<u32>, descendants: &[u32]) -> Self {
        let all = trace.spans();
        let mut spans = Vec::with_capacity(if collapsed.is_empty() { all.len() } else { 0 });
        let mut next = all.start;
        // Both ascend, so that one walk over the collapsed spans goes along.
        let mut hidden = collapsed.range(all.clone()).copied().peekable();
        while next < all.end {
            spans.push(next);
            while hidden.next_if(|&span| span < next).is_some() {}
            let skip = if hidden.peek() == Some(&next) {
                descendants[next as usize]
            } else {
                0
            };
            next += 1 + skip;
        }
        Self { spans }
    }

    /// Those of the rows that match or are above one that does. `matches` ascend.
    pub fn matching(mut self, trace: TraceRef<'_>, matches: &[u32], parents: &[u32]) -> Self {
        let all = trace.spans();
        let mut kept = vec![false; all.len()];
        for &span in matches {
            let mut up = span;
            // What is above a span that is kept is kept already.
            while all.contains(&up)
                && !core::mem::replace(&mut kept[(up - all.start) as usize], true)
            {
                up = parents[up as usize];
            }
        }
        self.spans.retain(|span| kept[(span - all.start) as usize]);
        self
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The span of a row.
    pub fn span(&self, row: usize) -> Option<u32> {
        self.spans.get(row).copied()
    }

    /// The row of a span, or of the nearest ancestor that shows: spans ascend, so that is the last row not behind it.
    pub fn row_of(&self, span: u32) -> Option<usize> {
        self.spans
            .partition_point(|&known| known <= span)
            .checked_sub(1)
    }

    /// The row that shows exactly this span.
    pub fn exact_row_of(&self, span: u32) -> Option<usize> {
        self.spans.binary_search(&span).ok()
    }

    /// All spans that show.
    pub fn spans(&self) -> &[u32] {
        &self.spans
    }
}

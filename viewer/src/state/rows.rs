//! The rows of the waterfall: which spans show, given what is collapsed, folded, too short or outside of the focus.
//!
//! Above spans whose parent is missing stands a row for that parent. It has the first of these spans, too, whose own row is
//! the one below it.
//!
//! **Invariant:** linear in the spans of the trace; a collapsed subtree is skipped, not walked. Rows ascend by span.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use throughline_model::store::{SpanMarks, Spans, TraceRef};

use super::folds::Folds;

/// The spans that show, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    spans: Vec<u32>,
    folds: Arc<Folds>,
    /// By row: how many levels are folded above it. Empty when none are.
    lifts: Vec<u32>,
    /// The depth of the topmost row.
    base: u32,
    /// The rows that stand for missing parents, ascending.
    gaps: Vec<Gap>,
}

/// A row that stands for a parent that is not in the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The row.
    pub row: usize,
    /// How many spans with rows name it.
    pub children: u32,
    /// The first row behind all that is below it.
    pub end: usize,
}

/// Of more missing parents none has a row: there would be nothing else to see.
const MOST_GAPS: usize = 1_000;

/// What decides which spans have rows.
pub struct Look<'a> {
    /// Spans whose children are hidden.
    pub collapsed: &'a BTreeSet<u32>,
    /// What shares a row.
    pub folds: Arc<Folds>,
    /// Only this span and what is below it.
    pub focus: Option<u32>,
}

impl Rows {
    /// The rows of a trace.
    pub fn of_trace(trace: TraceRef<'_>, spans: &Spans, look: &Look<'_>) -> Self {
        let all = match look.focus {
            Some(focus) => focus..focus + 1 + spans.descendants[focus as usize],
            None => trace.spans(),
        };
        let mut rows = Self {
            base: look.focus.map_or(0, |span| spans.depth[span as usize]),
            folds: look.folds.clone(),
            ..Self::default()
        };
        if look.collapsed.is_empty() && look.folds.is_empty() {
            rows.spans = all.collect();
        } else {
            rows.walk(all, spans, look);
        }
        rows
    }

    /// A row for each of these, which ascend.
    pub fn of_spans(spans: Vec<u32>) -> Self {
        Self {
            spans,
            ..Self::default()
        }
    }

    fn walk(&mut self, all: Range<u32>, spans: &Spans, look: &Look<'_>) {
        let mut next = all.start;
        // All of these ascend, so that one walk goes along.
        let mut collapsed = look.collapsed.range(all.clone()).copied().peekable();
        let mut servers = self.folded_servers(&all).into_iter().peekable();
        // Where the folded servers end that the next span is below of.
        let mut above: Vec<u32> = Vec::new();
        while next < all.end {
            let span = next;
            let behind = span + 1 + spans.descendants[span as usize];
            while collapsed.next_if(|&other| other < span).is_some() {}
            while servers.next_if(|&other| other < span).is_some() {}
            while above.pop_if(|end| *end <= span).is_some() {}
            if servers.next_if_eq(&span).is_some() && span != all.start {
                above.push(behind);
                next = span + 1;
                continue;
            }
            let stands_in = look.folds.stands_in(span).filter(|_| span != all.start);
            if stands_in.is_none_or(|first| first == span) {
                self.spans.push(span);
                self.lifts.push(above.len() as u32);
            }
            let closed = stands_in.is_some() || collapsed.peek() == Some(&span);
            next = if closed { behind } else { span + 1 };
        }
        if self.lifts.iter().all(|&lift| lift == 0) {
            self.lifts = Vec::new();
        }
    }

    fn folded_servers(&self, all: &Range<u32>) -> Vec<u32> {
        let mut servers: Vec<u32> = self.folds.folded_servers().collect();
        servers.retain(|server| all.contains(server));
        servers.sort_unstable();
        servers
    }

    /// Those of the rows whose span is kept; `kept` is by span of the trace.
    pub fn kept(mut self, trace: TraceRef<'_>, kept: &[bool]) -> Self {
        let first = trace.spans().start;
        let stays = |span: u32| kept.get((span - first) as usize) == Some(&true);
        if !self.lifts.is_empty() {
            let spans = self.spans.iter().zip(&self.lifts);
            self.lifts = spans
                .filter(|(span, _)| stays(**span))
                .map(|(_, lift)| *lift)
                .collect();
        }
        self.spans.retain(|&span| stays(span));
        self
    }

    /// The same with a row for each missing parent above the spans that name it, which stand together.
    pub fn with_gaps(mut self, spans: &Spans) -> Self {
        let is_orphan = |row: usize| {
            let at = self.spans[row] as usize;
            spans.depth[at] == 0 && SpanMarks(spans.marks[at]).has(SpanMarks::ORPHAN)
        };
        let mut gaps: Vec<Gap> = Vec::new();
        let mut row = 0;
        let mut named = None;
        while row < self.spans.len() {
            let span = self.spans[row] as usize;
            let behind = span as u32 + 1 + spans.descendants[span];
            let end = row + self.spans[row..].partition_point(|&other| other < behind);
            let parent = is_orphan(row).then(|| spans.parent_span_id[span]);
            let children = match self.folds.group_row(span as u32) {
                Some((_, facts)) => facts.count,
                None => 1,
            };
            match gaps
                .last_mut()
                .filter(|_| parent.is_some() && parent == named)
            {
                Some(gap) => (gap.children, gap.end) = (gap.children + children, end),
                None if parent.is_some() => gaps.push(Gap { row, children, end }),
                None => {}
            }
            (named, row) = (parent, end);
        }
        if gaps.is_empty() || gaps.len() > MOST_GAPS {
            return self;
        }
        let mut all = Vec::with_capacity(self.spans.len() + gaps.len());
        let mut lifts = Vec::with_capacity(self.lifts.len() + gaps.len());
        let mut from = 0;
        for (more, gap) in gaps.iter_mut().enumerate() {
            all.extend_from_slice(&self.spans[from..gap.row]);
            all.push(self.spans[gap.row]);
            if !self.lifts.is_empty() {
                lifts.extend_from_slice(&self.lifts[from..gap.row]);
                lifts.push(0);
            }
            from = gap.row;
            (gap.row, gap.end) = (gap.row + more, gap.end + more + 1);
        }
        all.extend_from_slice(&self.spans[from..]);
        if !self.lifts.is_empty() {
            lifts.extend_from_slice(&self.lifts[from..]);
        }
        (self.spans, self.lifts, self.gaps) = (all, lifts, gaps);
        self
    }

    /// The missing parent that a row stands for.
    pub fn gap(&self, row: usize) -> Option<&Gap> {
        self.gap_above(row).filter(|gap| gap.row == row)
    }

    /// Whether a row is below that of a missing parent.
    pub fn is_below_gap(&self, row: usize) -> bool {
        self.gap_above(row).is_some_and(|gap| gap.row < row)
    }

    /// The missing parent that a row stands for or is below of.
    fn gap_above(&self, row: usize) -> Option<&Gap> {
        let at = self.gaps.partition_point(|gap| gap.row <= row);
        let gap = self.gaps.get(at.checked_sub(1)?)?;
        (row < gap.end).then_some(gap)
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

    /// How far a row is indented, given the depth of its span.
    pub fn level(&self, row: usize, depth: u32) -> u32 {
        let lift = self.lifts.get(row).copied().unwrap_or(0);
        depth.saturating_sub(self.base + lift) + u32::from(self.is_below_gap(row))
    }

    /// What shares a row.
    pub fn folds(&self) -> &Folds {
        &self.folds
    }

    /// The same, to be kept.
    pub(super) fn folds_shared(&self) -> Arc<Folds> {
        self.folds.clone()
    }

    /// The last row that is not behind a span.
    pub fn row_before(&self, span: u32) -> Option<usize> {
        self.spans
            .partition_point(|&known| known <= span)
            .checked_sub(1)
    }

    /// The row of a span, or of what it stands in: its group, the other side of its call, its nearest ancestor that
    /// shows.
    pub fn row_of(&self, span: u32, spans: &Spans) -> Option<usize> {
        let mut at = span;
        loop {
            if let Some(row) = self.exact_row_of(at) {
                return Some(row);
            }
            // Both come before the span itself, so that this ends.
            at = match self.folds.stands_in(at).filter(|&first| first < at) {
                Some(first) => first,
                None => match spans.parent.get(at as usize) {
                    Some(&parent) if parent < at => parent,
                    _ => return self.row_before(span),
                },
            };
        }
    }

    /// The row that shows exactly this span.
    pub fn exact_row_of(&self, span: u32) -> Option<usize> {
        // Of two rows with one span the first stands for its parent.
        let row = self.row_before(span)?;
        (self.spans[row] == span).then_some(row)
    }

    /// All spans that show.
    pub fn spans(&self) -> &[u32] {
        &self.spans
    }
}

//! Moving about in a trace: selection, collapsing, time range, matches.
//!
//! **Invariant:** whole nanoseconds; a range is never empty, never leaves the trace and never shorter than one
//! nanosecond.

use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

use throughline_model::{
    analysis::self_time::self_time,
    store::StatusCode,
    time::{Nanos, UnixNanos},
};

use super::{Effect, Measured, Move, TimeRange, UiState};

const URL: Effect = Effect::WriteUrl { push: false };

impl UiState {
    /// Selects a span, opens what hides it, brings it on screen.
    pub(super) fn reveal(&mut self, span: u32) -> Vec<Effect> {
        let Some(trace) = self.trace_ref() else {
            return Vec::new();
        };
        if !trace.spans().contains(&span) {
            return Vec::new();
        }
        if self.rows.exact_row_of(span).is_none() {
            self.uncover(span);
        }
        self.select_row(self.rows.exact_row_of(span))
    }

    fn select_row(&mut self, row: Option<usize>) -> Vec<Effect> {
        let Some((row, span)) = row.and_then(|row| Some((row, self.rows.span(row)?))) else {
            return Vec::new();
        };
        self.selection = Some(span);
        if let Some(at) = self
            .query
            .matches
            .binary_search(&span)
            .ok()
            .filter(|_| self.query.current.is_some())
        {
            self.query.current = Some(at);
        }
        vec![URL, Effect::ScrollToRow(row)]
    }

    pub(super) fn move_selection(&mut self, to: Move) -> Vec<Effect> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let last = self.rows.len() - 1;
        let at = self.selection.and_then(|span| self.row_of(span));
        let row = match (to, at) {
            (Move::First, _) => 0,
            (Move::Last, _) => last,
            (Move::Left, Some(_)) => return self.move_left(),
            (Move::Right, Some(row)) => return self.move_right(row),
            (Move::Up, Some(row)) => row.saturating_sub(1),
            (Move::Down, Some(row)) => (row + 1).min(last),
            (Move::Rows(step), Some(row)) => row.saturating_add_signed(step as isize).min(last),
            (Move::Up | Move::Left | Move::Right | Move::Down | Move::Rows(_), None) => 0,
        };
        let up = matches!(to, Move::Up | Move::Rows(..0));
        self.select_row(Some(self.beside_gap(row, up)))
    }

    /// A row that is selected instead of that of a missing parent.
    fn beside_gap(&self, row: usize, up: bool) -> usize {
        match self.rows.gap(row) {
            None => row,
            Some(_) if up && row > 0 => row - 1,
            Some(_) => row + 1,
        }
    }

    /// As in a file tree: closes an open span, else goes to the parent.
    fn move_left(&mut self) -> Vec<Effect> {
        let (Some(span), Some(store)) = (self.selection, self.store().cloned()) else {
            return Vec::new();
        };
        let span = store.span(span);
        let open = self.opens(span.idx()) == Some(true);
        if open {
            return self.set_expanded(span.idx(), false);
        }
        if self.rows.folds().open_group(span.idx()).is_some() {
            return self.toggle_fold(span.idx());
        }
        self.select_row(span.parent().and_then(|parent| self.row_of(parent)))
    }

    fn move_right(&mut self, row: usize) -> Vec<Effect> {
        let Some(span) = self.selection else {
            return Vec::new();
        };
        match self.opens(span) {
            None => Vec::new(),
            Some(false) => self.set_expanded(span, true),
            Some(true) => self.select_row(Some(self.beside_gap(row + 1, false))),
        }
    }

    /// Whether a row is open; `None` when there is nothing below it and nothing in it.
    pub fn opens(&self, span: u32) -> Option<bool> {
        let folds = self.rows.folds();
        if folds.group_row(span).is_some() {
            return Some(false);
        }
        let store = self.store()?;
        let below = *store.spans().descendants.get(span as usize)?;
        // The other side of a call that shares the row is not below it.
        let own = u32::from(folds.server_in(span).is_some());
        (below > own).then(|| !self.collapsed.contains(&span))
    }

    /// The row of a span, or of what it stands in.
    pub fn row_of(&self, span: u32) -> Option<usize> {
        let store = self.store()?;
        let row = self.rows.row_of(span, store.spans());
        row.or((!self.rows.is_empty()).then_some(0))
    }

    pub(super) fn focus_depth(&self) -> u32 {
        let focus = self.shape.focus.zip(self.store());
        focus.map_or(0, |(span, store)| store.spans().depth[span as usize])
    }

    pub(super) fn set_expanded(&mut self, span: u32, expanded: bool) -> Vec<Effect> {
        if expanded && self.rows.folds().group_row(span).is_some() {
            return self.toggle_fold(span);
        }
        let leaf = self.store().is_none_or(|store| {
            span as usize >= store.span_count() || store.spans().descendants[span as usize] == 0
        });
        if leaf {
            return Vec::new();
        }
        let collapsed = Arc::make_mut(&mut self.collapsed);
        if expanded {
            collapsed.remove(&span);
        } else {
            collapsed.insert(span);
        }
        self.refresh_rows();
        self.selection_stays_visible();
        Vec::new()
    }

    pub(super) fn set_collapsed(&mut self, collapsed: BTreeSet<u32>) -> Vec<Effect> {
        self.collapsed = Arc::new(collapsed);
        self.refresh_rows();
        self.keep_to_selection()
    }

    /// A selection that was hidden moves to the row that hides it.
    pub(super) fn selection_stays_visible(&mut self) {
        if let Some(span) = self.selection {
            self.selection = self.row_of(span).and_then(|row| self.rows.span(row));
        }
    }

    /// Collapses every span of this depth or deeper that has children.
    pub(super) fn collapse_from(&mut self, depth: u32) -> Vec<Effect> {
        let (Some(trace), Some(store)) = (self.trace_ref(), self.store()) else {
            return Vec::new();
        };
        let spans = store.spans();
        let has_children = |&span: &u32| {
            spans.descendants[span as usize] > 0 && spans.depth[span as usize] >= depth
        };
        let collapsed = trace.spans().filter(has_children).collect();
        self.set_collapsed(collapsed)
    }

    /// The depth of the deepest row that shows, and whether anything is hidden below the rows of a depth.
    fn deepest_visible(&self) -> u32 {
        let Some(store) = self.store() else {
            return 0;
        };
        let depths = self
            .rows
            .spans()
            .iter()
            .map(|&span| store.spans().depth[span as usize]);
        depths.max().unwrap_or(0)
    }

    pub(super) fn collapse_level(&mut self) -> Vec<Effect> {
        let deepest = self.deepest_visible();
        if deepest == 0 {
            Vec::new()
        } else {
            self.collapse_from(deepest - 1)
        }
    }

    pub(super) fn expand_level(&mut self) -> Vec<Effect> {
        let shallowest = self.store().and_then(|store| {
            let visible = self
                .collapsed
                .iter()
                .filter(|&&span| self.rows.exact_row_of(span).is_some());
            visible
                .map(|&span| store.spans().depth[span as usize])
                .min()
        });
        match shallowest {
            Some(depth) => self.collapse_from(depth + 1),
            None => Vec::new(),
        }
    }

    pub(super) fn measure(&mut self, from: u64, to: Option<u64>) -> Vec<Effect> {
        self.measured = Some(Measured { from, to });
        let words = match to {
            Some(to) => format!("Measured {}", Nanos(to - from)),
            None => "Measuring from here: select a span and press m again".to_owned(),
        };
        vec![Effect::Announce(words)]
    }

    pub(super) fn measure_span(&mut self) -> Vec<Effect> {
        let (Some(span), Some(trace), Some(store)) =
            (self.selection, self.trace_ref(), self.store())
        else {
            return vec![Effect::Announce("Select a span to measure from".to_owned())];
        };
        let span = store.span(span);
        let at = |time: UnixNanos| time.since(trace.start()).0;
        let (start, end) = (at(span.start()), at(span.end().max(span.start())));
        match self.measured {
            Some(Measured { from, to: None }) => {
                // Backwards it goes from the end to the start.
                let (from, to) = if end >= from {
                    (from, end)
                } else {
                    (start, from)
                };
                self.measure(from, Some(to))
            }
            _ => self.measure(start, None),
        }
    }

    pub(super) fn set_range(&mut self, start: u64, end: u64) -> Vec<Effect> {
        let Some(trace) = self.trace_ref() else {
            return Vec::new();
        };
        let whole = TimeRange::of_trace(trace);
        let start = start.min(whole.end - 1);
        let range = TimeRange::new(start, end.min(whole.end));
        self.range = (range != whole).then_some(range);
        vec![URL]
    }

    pub(super) fn zoom(&mut self, anchor: f64, factor: f64) -> Vec<Effect> {
        let (Some(range), Some(trace)) = (self.visible_range(), self.trace_ref()) else {
            return Vec::new();
        };
        let whole = TimeRange::of_trace(trace);
        let anchor = if anchor.is_finite() {
            anchor.clamp(0.0, 1.0)
        } else {
            0.5
        };
        let factor = if factor.is_finite() {
            factor.max(0.0)
        } else {
            1.0
        };
        let length = range.len().0 as f64;
        // A step of one nanosecond at least, else the last steps in would have no effect.
        let new_length = (length * factor).round().clamp(1.0, whole.end as f64);
        let kept = range.start as f64 + length * anchor;
        let latest = whole.end as f64 - new_length;
        let start = (kept - new_length * anchor)
            .round()
            .clamp(0.0, latest.max(0.0)) as u64;
        self.set_range(start, start.saturating_add(new_length as u64))
    }

    pub(super) fn pan(&mut self, part: f64) -> Vec<Effect> {
        let (Some(range), Some(trace)) = (self.visible_range(), self.trace_ref()) else {
            return Vec::new();
        };
        let length = range.len().0;
        let latest = TimeRange::of_trace(trace).end - length;
        let wanted = range.start as f64 + length as f64 * if part.is_finite() { part } else { 0.0 };
        let start = wanted.round().clamp(0.0, latest as f64) as u64;
        self.set_range(start.min(latest), start.min(latest) + length)
    }

    pub(super) fn zoom_to_selection(&mut self) -> Vec<Effect> {
        let (Some(span), Some(trace), Some(store)) =
            (self.selection, self.trace_ref(), self.store())
        else {
            return Vec::new();
        };
        let span = store.span(span);
        let start = span.start().since(trace.start()).0;
        // A little air on both sides shows where the span ends.
        let air = span.duration().0 / 20;
        let end = start.saturating_add(span.duration().0).saturating_add(air);
        self.set_range(start.saturating_sub(air), end)
    }

    pub(super) fn step_match(&mut self, forward: bool) -> Vec<Effect> {
        let matches = self.query.matches.clone();
        if matches.is_empty() {
            return Vec::new();
        }
        // From the current match, else from the selection, else from an end.
        let next = match (self.query.current, self.selection) {
            (Some(at), _) if forward => (at + 1) % matches.len(),
            (Some(at), _) => (at + matches.len() - 1) % matches.len(),
            (None, Some(span)) if forward => {
                matches.partition_point(|&known| known < span) % matches.len()
            }
            (None, Some(span)) => {
                (matches.partition_point(|&known| known <= span) + matches.len() - 1)
                    % matches.len()
            }
            (None, None) if forward => 0,
            (None, None) => matches.len() - 1,
        };
        self.query.current = Some(next);
        let mut effects = self.reveal(matches[next]);
        effects.push(Effect::Announce(format!(
            "Match {} of {}",
            next + 1,
            matches.len()
        )));
        effects
    }

    pub(super) fn step_error(&mut self, forward: bool) -> Vec<Effect> {
        let (Some(trace), Some(store)) = (self.trace_ref(), self.store()) else {
            return Vec::new();
        };
        let spans = trace.spans();
        let status = &store.spans().status;
        let failed = |span: &u32| status[*span as usize] == StatusCode::Error as u8;
        let found = if forward {
            let first = self.selection.map_or(spans.start, |span| span + 1);
            let mut round = (first..spans.end).chain(spans.start..first.min(spans.end));
            round.find(failed)
        } else {
            let first = self.selection.unwrap_or(spans.start);
            let mut round = (spans.start..first).rev().chain((first..spans.end).rev());
            round.find(failed)
        };
        match found {
            Some(span) => self.reveal(span),
            None => vec![Effect::Announce("No errors in this trace".to_owned())],
        }
    }

    /// By self time: by duration each span would lead to its child only. Starts again with the longest when the
    /// selection went elsewhere in between.
    pub(super) fn next_slowest(&mut self) -> Vec<Effect> {
        let (Some(trace), Some(store)) = (self.trace_ref(), self.store()) else {
            return Vec::new();
        };
        let key = |span| (self_time(store, span), Reverse(span));
        let before = self.slowest.filter(|_| self.slowest == self.selection);
        let before = before.map(key);
        let longest = |limit: Option<(Nanos, Reverse<u32>)>| {
            let keys = trace.spans().map(key);
            keys.filter(|key| limit.is_none_or(|limit| *key < limit))
                .filter(|key| key.0 > Nanos(0))
                .max()
        };
        let Some((time, Reverse(span))) = longest(before).or_else(|| longest(None)) else {
            return vec![Effect::Announce("No span has self time".to_owned())];
        };
        self.slowest = Some(span);
        let mut effects = self.reveal(span);
        effects.push(Effect::Announce(format!("Self time {time}")));
        effects
    }
}

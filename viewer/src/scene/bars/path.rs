//! The critical path below the bars: a line where the span itself has the time, and below a collapsed row where the
//! span or what it hides has it.
//!
//! **Invariant:** costs the pixels of the row, however many sections the span has.

use throughline_model::{analysis::critical_path::CriticalPath, time::UnixNanos};

use super::{Bars, DisplayList, Ink};

/// Height of the line.
const LINE: f32 = 3.0;
/// Between bar and line.
const AIR: f32 = 1.0;
/// A piece is never narrower, so that it can be seen.
const LEAST_WIDTH: f32 = 2.0;
/// Pieces that are nearer are one.
const MERGED: f32 = 0.5;

impl Bars<'_> {
    pub(super) fn path(&self, list: &mut DisplayList, row: usize) {
        let (Some(path), Some((span, (x, w)))) = (self.path, self.placed(row)) else {
            return;
        };
        let (top, height) = self.bar_band(row);
        let mut line = |left: f32, right: f32| {
            if right < 0.0 || left > self.axis.width {
                return;
            }
            // Never longer than its bar.
            let left = left.min(x + w - LEAST_WIDTH).max(x);
            let width = (right - left).max(LEAST_WIDTH);
            list.rect(left, top + height + AIR, width, LINE, Ink::Critical);
        };
        let folds = self.rows.folds();
        if let (Some((group, _)), Some(repeats)) = (folds.group_row(span), folds.repeats()) {
            return self.group_path(path, repeats.members(group), &mut line);
        }
        let below = self.store.spans().descendants[span as usize];
        let next_shown = self.rows.span(row + 1);
        if let Some(server) = folds.server_in(span)
            && self.store.spans().descendants[server as usize] > 0
            && next_shown.is_some_and(|next| next <= span + below)
        {
            // Both sides of the call have what is below them in rows of their own.
            for side in [span, server] {
                self.own_path(path, side, &mut line);
            }
            return;
        }
        if below > 0 && next_shown.is_none_or(|next| next > span + below) {
            if let Some(window) = path.window(span) {
                let (left, right) = self.edges(span, window);
                line(left, right);
            }
            return;
        }
        self.own_path(path, span, &mut line);
    }

    /// Where the span itself has the time.
    fn own_path(&self, path: &CriticalPath, span: u32, line: &mut dyn FnMut(f32, f32)) {
        let (own, sections) = (path.own(span), path.sections());
        let edges = |at: u32| {
            let section = sections[at as usize];
            self.edges(span, (section.start, section.end))
        };
        let first_behind = |x: f32| own.partition_point(|&at| edges(at).1 <= x);
        let mut next = first_behind(-LEAST_WIDTH);
        while let Some(&at) = own.get(next) {
            let (left, mut right) = edges(at);
            if left > self.axis.width {
                return;
            }
            next += 1;
            // Each step goes on by a part of a pixel at least.
            while let Some(&at) = own.get(next)
                && edges(at).0 <= right + MERGED
                && right <= self.axis.width
            {
                right = edges(at).1.max(right + MERGED);
                next = first_behind(right).max(next + 1);
            }
            line(left, right);
        }
    }

    /// Below a group: where one of its members, or what that waited for, has the time.
    fn group_path(&self, path: &CriticalPath, members: &[u32], line: &mut dyn FnMut(f32, f32)) {
        // Enough to see which part of a column has the time, however many begin in it.
        const ASKED: usize = 4;
        const COLUMN: f32 = 2.0;
        let starts = &self.store.spans().start;
        let base = self.trace.start().0;
        let begun = |x: f32| {
            let at = base.saturating_add(self.axis.time_from_px(x));
            members.partition_point(|&span| starts[span as usize] < at)
        };
        let mut next = begun(0.0).saturating_sub(ASKED);
        let mut run: Option<(f32, f32)> = None;
        let mut at = 0.0;
        while at <= self.axis.width && next < members.len() {
            at += COLUMN;
            let end = begun(at).max(next);
            for &span in members[next..end].iter().take(ASKED) {
                let Some(window) = path.window(span) else {
                    continue;
                };
                let (left, right) = self.edges(span, window);
                run = match run {
                    Some((from, to)) if left <= to + MERGED => Some((from, to.max(right))),
                    Some((from, to)) => {
                        line(from, to);
                        Some((left, right))
                    }
                    None => Some((left, right)),
                };
            }
            next = end;
        }
        if let Some((from, to)) = run {
            line(from, to);
        }
    }

    /// The pixels of a piece of time, clipped to a little outside the canvas on the right.
    fn edges(&self, span: u32, (start, end): (UnixNanos, UnixNanos)) -> (f32, f32) {
        let base = self.trace.start();
        let x = |at: UnixNanos| self.axis.px_from_time(self.moved(span, at.since(base).0));
        (x(start), x(end).min(self.axis.width + 8.0))
    }
}

//! The critical path below the bars: a line where the span itself has the time, and below a collapsed row where the
//! span or what it hides has it.
//!
//! **Invariant:** costs the pixels of the row, however many sections the span has.

use throughline_model::time::UnixNanos;

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
        let below = self.store.spans().descendants[span as usize];
        let next_shown = self.rows.span(row + 1);
        if below > 0 && next_shown.is_none_or(|next| next > span + below) {
            if let Some(window) = path.window(span) {
                let (left, right) = self.edges(window);
                line(left, right);
            }
            return;
        }
        let (own, sections) = (path.own(span), path.sections());
        let edges = |at: u32| {
            let section = sections[at as usize];
            self.edges((section.start, section.end))
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

    /// The pixels of a piece of time, clipped to a little outside the canvas on the right.
    fn edges(&self, (start, end): (UnixNanos, UnixNanos)) -> (f32, f32) {
        let base = self.trace.start();
        let x = |at: UnixNanos| self.axis.px_from_time(at.since(base).0);
        (x(start), x(end).min(self.axis.width + 8.0))
    }
}

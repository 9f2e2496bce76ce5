//! The bars of the waterfall: one row a visible span, drawn for what is on screen only.
//!
//! ```text
//! layers  1 ground of selected, matching and hovered rows   2 grid   3 bars   4 critical path below them   5 marks on bars
//!         6 arrows of links   7 durations   8 rows that stay at the top   9 what the pointer does
//! ```
//!
//! **Invariant:** costs the rows on screen, not the spans of the trace.

mod arrows;
mod label;
mod marks;
mod path;
mod pointer;
pub mod sticky;
mod strip;

use throughline_model::{
    analysis::{critical_path::CriticalPath, skew::Skew},
    store::{SpanMarks, TraceRef, TraceStore},
};

pub use label::between;

use super::{Align, DisplayList, Ink, Item, SERVICE_COLOURS, text_width, ticks::Axis};
use crate::state::{Bond, Colours, Measured, Rows};

/// What the bars depend on.
#[derive(Clone, Copy)]
pub struct Bars<'a> {
    /// The data.
    pub store: &'a TraceStore,
    /// The open trace.
    pub trace: TraceRef<'a>,
    /// The visible rows.
    pub rows: &'a Rows,
    /// From time to pixels.
    pub axis: Axis,
    /// Height of the canvas, CSS pixels.
    pub height: f32,
    /// Height of a row, CSS pixels.
    pub row_height: f32,
    /// How far the rows are scrolled, CSS pixels.
    pub scroll: f64,
    /// The names stand above their bars, on the same canvas: bars keep to the lower part of their rows.
    pub stacked: bool,
    /// The selected span.
    pub selection: Option<u32>,
    /// The row under the pointer.
    pub hovered: Option<usize>,
    /// Spans that match the query, ascending.
    pub matches: &'a [u32],
    /// By group of repeated siblings: how many of them match.
    pub matching: &'a [u32],
    /// What does not match is faint.
    pub dims: bool,
    /// The critical path, when it is drawn.
    pub path: Option<&'a CriticalPath>,
    /// What colours the bars, unless it is the service.
    pub colours: Option<&'a Colours>,
    /// By how much clocks are moved, when they are.
    pub skew: Option<&'a Skew>,
    /// Where a moved bar was, too.
    pub ghosts: bool,
    /// The links of the selected span inside the trace.
    pub links: &'a [Bond],
    /// Rows that stay at the top while others scroll below them.
    pub sticky: &'a [usize],
    /// The piece of time that is measured.
    pub measured: Option<Measured>,
    /// The x of the pointer over the bars.
    pub crosshair: Option<f32>,
    /// A range that is being dragged, pixels.
    pub brush: Option<(f32, f32)>,
}

/// A bar is never narrower, so that a short span can be seen and hit.
const LEAST_WIDTH: f32 = 2.0;
const LABEL_SIZE: f32 = 11.5;

impl Bars<'_> {
    /// The rows that are on screen, partly ones included.
    pub fn visible(&self) -> core::ops::Range<usize> {
        let row_height = f64::from(self.row_height);
        let first = (self.scroll / row_height).floor().max(0.0) as usize;
        let last = ((self.scroll + f64::from(self.height)) / row_height)
            .ceil()
            .max(0.0) as usize;
        first.min(self.rows.len())..last.min(self.rows.len())
    }

    /// The top of a row, CSS pixels.
    fn top(&self, row: usize) -> f32 {
        (row as f64 * f64::from(self.row_height) - self.scroll) as f32
    }

    /// Everything that is to be drawn.
    pub fn scene(&self) -> DisplayList {
        let mut list = DisplayList::default();
        self.rows(&mut list, self.visible(), (0.0, self.height));
        if !self.links.is_empty() {
            arrows::draw(self, &mut list);
        }
        self.labels(&mut list, self.visible());
        if !self.sticky.is_empty() {
            sticky::draw(self, &mut list);
        }
        self.measured(&mut list);
        self.pointer(&mut list);
        list
    }

    /// Some rows without their durations, layer by layer, with the grid from `y` on as high as `h`.
    fn rows(&self, list: &mut DisplayList, rows: core::ops::Range<usize>, (y, h): (f32, f32)) {
        for row in rows.clone() {
            self.ground(list, row);
        }
        for tick in self.axis.ticks(90.0) {
            list.rect(tick.x.round(), y, 1.0, h, Ink::Line);
        }
        for row in rows.clone() {
            self.under(list, row);
        }
        let bars = list.items.len();
        for row in rows.clone() {
            self.bar(list, row);
        }
        list.sort_layer(bars);
        for row in rows.clone() {
            self.path(list, row);
        }
        for row in rows {
            self.marks(list, row);
        }
    }

    fn labels(&self, list: &mut DisplayList, rows: core::ops::Range<usize>) {
        for row in rows {
            self.label(list, row);
        }
    }

    fn ground(&self, list: &mut DisplayList, row: usize) {
        let Some(span) = self.rows.span(row) else {
            return;
        };
        let gap = self.rows.gap(row).is_some();
        let ink = if gap && self.hovered != Some(row) {
            return;
        } else if self.selection == Some(span) && !gap {
            Ink::AccentGround
        } else if self.matching(span) && !gap {
            Ink::Match
        } else if self.hovered == Some(row) {
            Ink::Panel
        } else {
            return;
        };
        list.rect(0.0, self.top(row), self.axis.width, self.row_height, ink);
    }

    /// Whether the row of a span has a match.
    fn matching(&self, span: u32) -> bool {
        let folds = self.rows.folds();
        folds.row_matches(span, self.matches, self.matching)
    }

    /// Whether the row of a span is faint.
    fn dimmed(&self, span: u32) -> bool {
        self.dims && !self.matching(span)
    }

    /// Left edge and width of a span's bar, clipped to a little outside the canvas; `None` when it is off screen.
    fn extent(&self, span: u32) -> Option<(f32, f32)> {
        let (start, end) = self.times(span);
        self.edges_of((self.moved(span, start), self.moved(span, end)))
    }

    /// A time by the clock that all are shown by, nanoseconds after the trace's start.
    fn moved(&self, span: u32, at: u64) -> u64 {
        at.saturating_add_signed(self.offset(span))
    }

    fn offset(&self, span: u32) -> i64 {
        let resource = self.store.spans().resource[span as usize];
        self.skew.map_or(0, |skew| skew.offset_of(resource))
    }

    /// The same for all that the row of a span stands for.
    fn row_extent(&self, span: u32) -> Option<(f32, f32)> {
        self.edges_of(self.row_times(span))
    }

    /// Start and end of all that a row stands for, after the trace's start.
    fn row_times(&self, span: u32) -> (u64, u64) {
        let base = self.trace.start();
        let (start, end) = match self.rows.folds().group_row(span) {
            Some((_, facts)) => (facts.start.since(base).0, facts.end.since(base).0),
            None => self.times(span),
        };
        // A group moves with its first member.
        (self.moved(span, start), self.moved(span, end))
    }

    fn edges_of(&self, (start, end): (u64, u64)) -> Option<(f32, f32)> {
        if end < self.axis.range.start || start > self.axis.range.end {
            return None;
        }
        let left = self.axis.px_from_time(start);
        let right = self.axis.px_from_time(end).min(self.axis.width + 8.0);
        let clipped = left.max(-8.0);
        Some((clipped, (right - clipped).max(LEAST_WIDTH)))
    }

    /// Start and end after the trace's start. A span without a start stands where its parent does.
    fn times(&self, span: u32) -> (u64, u64) {
        let spans = self.store.spans();
        let base = self.trace.start().0;
        let mut at = span as usize;
        if SpanMarks(spans.marks[at]).has(SpanMarks::NO_START) {
            // Only up to the next known start: ancestors come before.
            while SpanMarks(spans.marks[at]).has(SpanMarks::NO_START) && spans.depth[at] > 0 {
                at = spans.parent[at] as usize;
            }
            let start = spans.start[at].saturating_sub(base);
            return (start, start);
        }
        let start = spans.start[at].saturating_sub(base);
        (start, spans.end[at].saturating_sub(base).max(start))
    }

    /// What a row of several spans takes from first to last, faint: what is drawn over it is what they are.
    fn under(&self, list: &mut DisplayList, row: usize) {
        let folds = self.rows.folds();
        if folds.is_empty() && !self.ghosts {
            return;
        }
        let Some((span, (x, w))) = self.placed(row) else {
            return;
        };
        if self.ghosts
            && self.offset(span) != 0
            && let Some((x, w)) = self.edges_of(self.times(span))
        {
            let (y, h) = self.bar_band(row);
            list.push(Item::Frame {
                x: x + 0.5,
                y: y + 0.5,
                w: (w - 1.0).max(1.0),
                h: h - 1.0,
                radius: 3.0,
                width: 1.0,
                ink: Ink::Text3,
            });
        }
        let group = folds.group_row(span).is_some();
        // Over it nothing else that is faint could be seen.
        let clear = match group {
            true => !self.dims,
            false => !self.dimmed(span),
        };
        if clear && (group || folds.server_in(span).is_some()) {
            let ink = super::faint(self.colour(span));
            list.push(rounded((x, w), self.bar_band(row), ink));
        }
    }

    fn bar(&self, list: &mut DisplayList, row: usize) {
        let Some((span, (x, w))) = self.placed(row) else {
            return;
        };
        let (y, h) = self.bar_band(row);
        let folds = self.rows.folds();
        if let (Some((group, _)), Some(repeats)) = (folds.group_row(span), folds.repeats()) {
            return self.strip(list, (repeats, group), (x, w), (y, h));
        }
        // Of a call the way there and back is faint, what the server had is not.
        let (shown, place) = match folds.server_in(span) {
            Some(server) => (server, self.extent(server)),
            None => (span, Some((x, w))),
        };
        if let Some(place) = place {
            let colour = self.colour(shown);
            let ink = match self.dimmed(span) {
                true => super::faint(colour),
                false => super::solid(colour),
            };
            list.push(rounded(place, (y, h), ink));
        }
    }

    /// The colour of a span; `None` where it has no value to be coloured by.
    fn colour(&self, span: u32) -> Option<u32> {
        match self.colours {
            Some(colours) => colours.of(span),
            None => Some(self.store.service_of(span)),
        }
    }

    fn placed(&self, row: usize) -> Option<(u32, (f32, f32))> {
        // What a parent took that is not in the data nobody knows.
        let span = self
            .rows
            .span(row)
            .filter(|_| self.rows.gap(row).is_none())?;
        Some((span, self.row_extent(span)?))
    }

    fn bar_band(&self, row: usize) -> (f32, f32) {
        let height = if self.row_height > 22.0 { 12.0 } else { 10.0 };
        if self.stacked {
            return (
                (self.top(row) + self.row_height - height - 5.0).round(),
                height,
            );
        }
        (
            (self.top(row) + (self.row_height - height) / 2.0).round(),
            height,
        )
    }
}

fn rounded((x, w): (f32, f32), (y, h): (f32, f32), ink: Ink) -> Item {
    Item::Rect {
        x,
        y,
        w,
        h,
        radius: if w > 6.0 { 3.0 } else { 1.0 },
        ink,
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! The bars of the waterfall: one row a visible span, drawn for what is on screen only.
//!
//! ```text
//! layers  1 ground of selected, matching and hovered rows   2 grid   3 bars   4 critical path below them   5 marks on bars
//!         6 durations
//! ```
//!
//! **Invariant:** costs the rows on screen, not the spans of the trace.

mod path;
mod strip;

use throughline_model::{
    analysis::{critical_path::CriticalPath, skew::Skew},
    store::{Range, SpanKind, SpanMarks, StatusCode, TraceRef, TraceStore},
    time::Nanos,
};

use super::{Align, DisplayList, Ink, Item, SERVICE_COLOURS, text_width, ticks::Axis};
use crate::state::{Colours, Measured, Rows};

/// What the bars depend on.
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
/// Marks of events on one bar: more would be a solid line.
const EVENT_MARKS: usize = 100;

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
        self.grounds(&mut list);
        for tick in self.axis.ticks(90.0) {
            list.rect(tick.x.round(), 0.0, 1.0, self.height, Ink::Line);
        }
        for row in self.visible() {
            self.under(&mut list, row);
        }
        let bars = list.items.len();
        for row in self.visible() {
            self.bar(&mut list, row);
        }
        list.sort_layer(bars);
        for row in self.visible() {
            self.path(&mut list, row);
        }
        for row in self.visible() {
            self.marks(&mut list, row);
        }
        for row in self.visible() {
            self.label(&mut list, row);
        }
        self.measured(&mut list);
        self.pointer(&mut list);
        list
    }

    fn grounds(&self, list: &mut DisplayList) {
        for row in self.visible() {
            let Some(span) = self.rows.span(row) else {
                continue;
            };
            let ink = if self.selection == Some(span) {
                Ink::AccentGround
            } else if self.matches.binary_search(&span).is_ok() {
                Ink::Match
            } else if self.hovered == Some(row) {
                Ink::Panel
            } else {
                continue;
            };
            list.rect(0.0, self.top(row), self.axis.width, self.row_height, ink);
        }
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
        if folds.group_row(span).is_some() || folds.server_in(span).is_some() {
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
            let faint = self.dims
                && self.matches.binary_search(&span).is_err()
                && self.matches.binary_search(&shown).is_err();
            let ink = if faint {
                super::faint(colour)
            } else {
                super::solid(colour)
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
        let span = self.rows.span(row)?;
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

    fn marks(&self, list: &mut DisplayList, row: usize) {
        let Some((span, (x, w))) = self.placed(row) else {
            return;
        };
        let (y, h) = self.bar_band(row);
        let at = span as usize;
        let spans = self.store.spans();
        let folds = self.rows.folds();
        if let Some((_, facts)) = folds.group_row(span) {
            if facts.errors > 0 {
                error_mark(list, x, y + h / 2.0);
            }
            return;
        }
        let server = folds.server_in(span);
        let colour = self.colour(server.unwrap_or(span));
        let asynchronous = spans.kind[at] == SpanKind::Consumer as u8;
        if w > 4.0 && (asynchronous || colour.is_some_and(|colour| colour >= SERVICE_COLOURS)) {
            list.push(Item::Hatch {
                x,
                y,
                w,
                h,
                ink: super::on(colour),
            });
        }
        let events = Range::from_pair(spans.events[at]).rows();
        let mut last = f32::NEG_INFINITY;
        for row in events.take(EVENT_MARKS) {
            let time = self.store.events().time[row].saturating_sub(self.trace.start().0);
            let mark = self.axis.px_from_time(self.moved(span, time));
            if mark - last >= 4.0 && mark >= x - 1.0 && mark <= x + w + 1.0 {
                list.rect(mark - 0.75, y + 3.0, 1.5, h - 6.0, super::on(colour));
                last = mark;
            }
        }
        let failed = |at: usize| spans.status[at] == StatusCode::Error as u8;
        if failed(at) || server.is_some_and(|server| failed(server as usize)) {
            error_mark(list, x, y + h / 2.0);
        }
    }

    fn label(&self, list: &mut DisplayList, row: usize) {
        let Some(span) = self.rows.span(row) else {
            return;
        };
        let (band, height) = self.bar_band(row);
        let y = band + height / 2.0;
        let Some((x, w)) = self.row_extent(span) else {
            // Which way the span is, so that a row is never just empty.
            let before = self.row_times(span).1 < self.axis.range.start;
            let (x, text, align) = if before {
                (4.0, "‹", Align::Start)
            } else {
                (self.axis.width - 4.0, "›", Align::End)
            };
            let text = text.to_owned();
            list.push(Item::Text {
                x,
                y,
                text,
                size: LABEL_SIZE,
                strong: false,
                align,
                ink: Ink::Text3,
            });
            return;
        };
        let marks = SpanMarks(self.store.spans().marks[span as usize]);
        let folds = self.rows.folds();
        let group = folds.group_row(span).map(|(_, facts)| facts);
        let text = if let Some(facts) = group {
            let whole = facts.end.since(facts.start);
            format!("{whole} · {} × {}", facts.count, facts.median)
        } else if marks.has(SpanMarks::NO_START) {
            "no start".to_owned()
        } else if marks.has(SpanMarks::NO_END) {
            "no end".to_owned()
        } else if marks.has(SpanMarks::NEGATIVE) {
            "ends before it starts".to_owned()
        } else {
            self.store.span(span).duration().to_string()
        };
        let needed = text_width(&text, LABEL_SIZE);
        let (left, right) = (x, x + w);
        let error = match group {
            Some(facts) => facts.errors > 0,
            None => self.store.spans().status[span as usize] == StatusCode::Error as u8,
        };
        let air = if error { 11.0 } else { 7.0 };
        let shown_right = right.min(self.axis.width);
        let inside = group.is_none() && shown_right - left.max(0.0) > needed + 24.0;
        let (x, align, ink) = if inside {
            (
                shown_right - 7.0,
                Align::End,
                super::on(self.colour(folds.server_in(span).unwrap_or(span))),
            )
        } else if right + 7.0 + needed < self.axis.width {
            (right + 7.0, Align::Start, Ink::Text2)
        } else if left - air - needed > 0.0 {
            (left - air, Align::End, Ink::Text2)
        } else if group.is_some() && shown_right - left.max(0.0) > needed + 14.0 {
            // A ground of its own: over a strip nothing can be read.
            let x = shown_right - 7.0;
            list.rect(x - needed - 5.0, band, needed + 10.0, height, Ink::Ground);
            (x, Align::End, Ink::Text2)
        } else {
            return;
        };
        list.push(Item::Text {
            x,
            y,
            text,
            size: LABEL_SIZE,
            strong: false,
            align,
            ink,
        });
    }

    fn measured(&self, list: &mut DisplayList) {
        let Some(Measured { from, to }) = self.measured else {
            return;
        };
        let left = self.axis.px_from_time(from);
        list.rect(left.round(), 0.0, 1.0, self.height, Ink::Accent);
        let Some(to) = to else {
            return;
        };
        let right = self.axis.px_from_time(to);
        list.rect(right.round(), 0.0, 1.0, self.height, Ink::Accent);
        let y = self.height - 16.0;
        let (from_x, to_x) = (left.max(0.0), right.min(self.axis.width));
        list.rect(from_x, y, (to_x - from_x).max(0.0), 1.0, Ink::Accent);
        let text = Nanos(to - from).to_string();
        let room = text_width(&text, LABEL_SIZE) + 12.0;
        let middle = ((from_x + to_x) / 2.0)
            .clamp(room / 2.0, (self.axis.width - room / 2.0).max(room / 2.0));
        list.push(rounded(
            (middle - room / 2.0, room),
            (y - 9.0, 18.0),
            Ink::AccentGround,
        ));
        list.push(Item::Text {
            x: middle,
            y,
            text,
            size: LABEL_SIZE,
            strong: true,
            align: Align::Middle,
            ink: Ink::Accent,
        });
    }

    fn pointer(&self, list: &mut DisplayList) {
        if let Some((from, to)) = self.brush {
            let (left, right) = (from.min(to), from.max(to));
            list.rect(0.0, 0.0, left, self.height, Ink::Scrim);
            list.rect(right, 0.0, self.axis.width - right, self.height, Ink::Scrim);
            list.rect(left, 0.0, 1.0, self.height, Ink::Accent);
            list.rect(right, 0.0, 1.0, self.height, Ink::Accent);
        } else if let Some(x) = self.crosshair {
            list.rect(x.round(), 0.0, 1.0, self.height, Ink::LineStrong);
        }
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

/// Red with a rim, so that it shows on every bar.
fn error_mark(list: &mut DisplayList, x: f32, y: f32) {
    for (r, ink) in [(5.0, Ink::Ground), (3.5, Ink::Error)] {
        list.push(Item::Dot {
            x: x.max(4.0),
            y,
            r,
            ink,
        });
    }
}

#[cfg(test)]
pub(crate) mod tests;

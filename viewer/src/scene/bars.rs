//! The bars of the waterfall: one row a visible span, drawn for what is on screen only.
//!
//! ```text
//! layers  1 ground of selected, matching and hovered rows   2 grid   3 bars   4 critical path below them   5 marks on bars
//!         6 durations
//! ```
//!
//! **Invariant:** costs the rows on screen, not the spans of the trace.

mod path;

use throughline_model::{
    analysis::critical_path::CriticalPath,
    store::{Range, SpanKind, SpanMarks, StatusCode, TraceRef, TraceStore},
};

use super::{Align, DisplayList, Ink, Item, SERVICE_COLOURS, text_width, ticks::Axis};
use crate::state::Rows;

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
    /// The critical path, when it is drawn.
    pub path: Option<&'a CriticalPath>,
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

    fn bar(&self, list: &mut DisplayList, row: usize) {
        let Some((span, (x, w))) = self.placed(row) else {
            return;
        };
        let (y, h) = self.bar_band(row);
        list.push(Item::Rect {
            x,
            y,
            w,
            h,
            radius: if w > 6.0 { 3.0 } else { 1.0 },
            ink: Ink::Service(self.store.service_of(span)),
        });
    }

    fn placed(&self, row: usize) -> Option<(u32, (f32, f32))> {
        let span = self.rows.span(row)?;
        Some((span, self.extent(span)?))
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
        let service = self.store.service_of(span);
        let asynchronous = spans.kind[at] == SpanKind::Consumer as u8;
        if w > 4.0 && (asynchronous || service >= SERVICE_COLOURS) {
            list.push(Item::Hatch {
                x,
                y,
                w,
                h,
                ink: Ink::OnService(service),
            });
        }
        let events = Range::from_pair(spans.events[at]).rows();
        let mut last = f32::NEG_INFINITY;
        for row in events.take(EVENT_MARKS) {
            let time = self.store.events().time[row].saturating_sub(self.trace.start().0);
            let mark = self.axis.px_from_time(time);
            if mark - last >= 4.0 && mark >= x - 1.0 && mark <= x + w + 1.0 {
                list.rect(mark - 0.75, y + 3.0, 1.5, h - 6.0, Ink::OnService(service));
                last = mark;
            }
        }
        if spans.status[at] == StatusCode::Error as u8 {
            list.push(Item::Dot {
                x: x.max(4.0),
                y: y + h / 2.0,
                r: 5.0,
                ink: Ink::Ground,
            });
            list.push(Item::Dot {
                x: x.max(4.0),
                y: y + h / 2.0,
                r: 3.5,
                ink: Ink::Error,
            });
        }
    }

    fn label(&self, list: &mut DisplayList, row: usize) {
        let Some(span) = self.rows.span(row) else {
            return;
        };
        let (band, height) = self.bar_band(row);
        let y = band + height / 2.0;
        let Some((x, w)) = self.extent(span) else {
            // Which way the span is, so that a row is never just empty.
            let before = self.times(span).1 < self.axis.range.start;
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
        let text = if marks.has(SpanMarks::NO_START) {
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
        let error = self.store.spans().status[span as usize] == StatusCode::Error as u8;
        let air = if error { 11.0 } else { 7.0 };
        let shown_right = right.min(self.axis.width);
        let (x, align, ink) = if shown_right - left.max(0.0) > needed + 24.0 {
            (
                shown_right - 7.0,
                Align::End,
                Ink::OnService(self.store.service_of(span)),
            )
        } else if right + 7.0 + needed < self.axis.width {
            (right + 7.0, Align::Start, Ink::Text2)
        } else if left - air - needed > 0.0 {
            (left - air, Align::End, Ink::Text2)
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

#[cfg(test)]
pub(crate) mod tests;

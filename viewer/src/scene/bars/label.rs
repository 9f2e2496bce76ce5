//! The words beside or on a bar: how long it took, or which way it is.
//!
//! **Invariant:** no word over another row, nor where it could not be read.

use throughline_model::store::{SpanMarks, StatusCode};

use super::{Align, Bars, DisplayList, Ink, Item, LABEL_SIZE, text_width};
use crate::scene;

impl Bars<'_> {
    pub(super) fn label(&self, list: &mut DisplayList, row: usize) {
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
        let room = shown_right - left.max(0.0);
        let inside = group
            .is_none()
            .then(|| self.between_marks(span, (left, w), (shown_right - 7.0, needed)))
            .flatten();
        let (x, align, ink) = if let Some(end) = inside {
            let bar = self.colour(folds.server_in(span).unwrap_or(span));
            (end, Align::End, scene::on(bar))
        } else if right + 7.0 + needed < self.axis.width {
            (right + 7.0, Align::Start, Ink::Text2)
        } else if left - air - needed > 0.0 {
            (left - air, Align::End, Ink::Text2)
        } else if group.is_some() && room > needed + 14.0 {
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

    /// Where a text `needed` wide may end on a bar, at `end` or as near before it as the marks of events let it.
    fn between_marks(
        &self,
        span: u32,
        (left, w): (f32, f32),
        (mut end, needed): (f32, f32),
    ) -> Option<f32> {
        let mut marks: Vec<f32> = self.event_marks(span, (left, w)).collect();
        marks.sort_by(|a, b| b.total_cmp(a));
        for mark in marks {
            if mark > end - needed - 3.0 && mark < end + 3.0 {
                end = mark - 5.0;
            }
        }
        (end - left.max(0.0) > needed + 17.0).then_some(end)
    }
}

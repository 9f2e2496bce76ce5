//! The words beside or on a bar: how long it took, or which way it is.
//!
//! **Invariant:** no word over another row, nor where it could not be read.

use throughline_model::{
    analysis::repeats::Facts,
    store::{SpanMarks, StatusCode},
};

use super::{Align, Bars, DisplayList, Ink, Item, LABEL_SIZE, text_width};
use crate::scene;

/// From the middle of an event's mark to a text, at least: as much as from the end of the bar. The width of a text is an
/// estimate, so less could be nothing.
const BESIDE_MARK: f32 = 7.0;

impl Bars<'_> {
    pub(super) fn label(&self, list: &mut DisplayList, row: usize) {
        let Some(span) = self.rows.span(row).filter(|_| self.rows.gap(row).is_none()) else {
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
        let folds = self.rows.folds();
        let group = folds.group_row(span).map(|(_, facts)| facts);
        let server = folds.server_in(span).filter(|_| group.is_none());
        let texts = match group {
            Some(facts) => of_group(facts),
            None => vec![self.length(server.unwrap_or(span))],
        };
        let failed =
            |span: u32| self.store.spans().status[span as usize] == StatusCode::Error as u8;
        let error = match group {
            Some(facts) => facts.errors > 0,
            None => failed(span) || server.is_some_and(failed),
        };
        let dimmed = self.dimmed(span);
        let (left, right) = (x, x + w);
        let air = if error { 11.0 } else { 7.0 };
        let shown_right = right.min(self.axis.width);
        // What is on the bar is about the bar: of a call the server's.
        let bar = match server {
            Some(server) => self.extent(server),
            None => Some((left, w)),
        };
        for (at, text) in texts.into_iter().enumerate() {
            let needed = text_width(&text, LABEL_SIZE);
            let inside = bar.filter(|_| group.is_none()).and_then(|(x, w)| {
                let end = (x + w).min(self.axis.width) - 7.0;
                self.between_marks(span, (x, w), (end, needed))
            });
            // The width is an estimate: at the edges of the plot nothing may be cut.
            let most = needed * 1.15;
            let room = shown_right - left.max(0.0);
            let beside = if dimmed { Ink::Text3 } else { Ink::Text2 };
            let (x, align, ink) = if let Some(end) = inside {
                let ink = match dimmed {
                    true => Ink::Text2,
                    false => scene::on(self.colour(server.unwrap_or(span))),
                };
                (end, Align::End, ink)
            } else if right + 7.0 + most < self.axis.width {
                (right + 7.0, Align::Start, beside)
            } else if left - air - most > 0.0 {
                (left - air, Align::End, beside)
            } else if group.is_some() && at > 0 && room > most + 14.0 {
                // A ground of its own: over a strip nothing can be read.
                let x = shown_right - 7.0;
                list.rect(x - most - 5.0, band, most + 10.0, height, Ink::Ground);
                (x, Align::End, beside)
            } else {
                continue;
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
            return;
        }
    }

    /// How long a span took, or why that is not known.
    fn length(&self, span: u32) -> String {
        let marks = SpanMarks(self.store.spans().marks[span as usize]);
        match marks.no_duration() {
            Some(why) => why.to_owned(),
            None => self.store.span(span).duration().to_string(),
        }
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
            if mark > end - needed - BESIDE_MARK && mark < end + BESIDE_MARK {
                end = mark - BESIDE_MARK;
            }
        }
        (end - left.max(0.0) > needed + 17.0).then_some(end)
    }
}

/// What a group took, the longest text first: less is told where there is less room.
fn of_group(facts: &Facts) -> Vec<String> {
    let Facts { count, median, .. } = facts;
    let whole = facts.end.since(facts.start);
    let range = between(&facts.min.to_string(), &facts.max.to_string());
    vec![
        format!("{whole} · {count} × {median} ({range})"),
        format!("{whole} · {count} × {median}"),
        format!("{count} × {median}"),
        format!("×{count}"),
    ]
}

/// From the smallest to the largest, `1.20–9.80 ms`: the unit once where both have the same.
pub fn between(least: &str, most: &str) -> String {
    let unit = |text: &str| text.find(' ').map(|at| (at, text[at..].to_owned()));
    match (unit(least), unit(most)) {
        _ if least == most => most.to_owned(),
        (Some((end, one)), Some((_, other))) if one == other => {
            format!("{}–{most}", &least[..end])
        }
        _ => format!("{least}–{most}"),
    }
}

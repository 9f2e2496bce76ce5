//! What stands on a bar: events, errors, stripes.
//!
//! **Invariant:** marks of one row are bounded by its pixels, however many events or failed members there are.

use throughline_model::{
    analysis::repeats::Repeats,
    store::{Range, SpanKind, StatusCode},
};

use super::{Bars, DisplayList, Ink, Item, SERVICE_COLOURS};
use crate::scene;

/// Marks of events on one bar: more would be a solid line.
const EVENT_MARKS: usize = 100;
/// Marks of errors in a group are never nearer: they would be one.
const APART: f32 = 8.0;

impl Bars<'_> {
    pub(super) fn marks(&self, list: &mut DisplayList, row: usize) {
        let Some((span, (x, w))) = self.placed(row) else {
            return;
        };
        let (y, h) = self.bar_band(row);
        let at = span as usize;
        let spans = self.store.spans();
        let folds = self.rows.folds();
        if let (Some((group, _)), Some(repeats)) = (folds.group_row(span), folds.repeats()) {
            let ink = error_ink(self.dimmed(span));
            return self.failed_members(list, (repeats, group), (y + h / 2.0, ink));
        }
        let server = folds.server_in(span);
        let colour = self.colour(server.unwrap_or(span));
        let dimmed = self.dimmed(span);
        // On a faint bar what would be read on a full one could not be seen.
        let on = match dimmed {
            true => Ink::Text3,
            false => scene::on(colour),
        };
        let asynchronous = spans.kind[at] == SpanKind::Consumer as u8;
        if w > 4.0 && (asynchronous || colour.is_some_and(|colour| colour >= SERVICE_COLOURS)) {
            list.push(Item::Hatch {
                x,
                y,
                w,
                h,
                ink: on,
            });
        }
        for mark in self.event_marks(span, (x, w)) {
            list.rect(mark - 0.75, y + 3.0, 1.5, h - 6.0, on);
        }
        let failed = |at: usize| spans.status[at] == StatusCode::Error as u8;
        if failed(at) || server.is_some_and(|server| failed(server as usize)) {
            error_mark(list, x, (y + h / 2.0, error_ink(dimmed)));
        }
    }

    /// Where the events of a span are marked on its bar, from `x` on as wide as `w`.
    pub(super) fn event_marks(&self, span: u32, (x, w): (f32, f32)) -> impl Iterator<Item = f32> {
        let events = Range::from_pair(self.store.spans().events[span as usize]).rows();
        let mut last = f32::NEG_INFINITY;
        events.take(EVENT_MARKS).filter_map(move |row| {
            let time = self.store.events().time[row].saturating_sub(self.trace.start().0);
            let mark = self.axis.px_from_time(self.moved(span, time));
            let shows = mark - last >= 4.0 && mark >= x - 1.0 && mark <= x + w + 1.0;
            if shows {
                last = mark;
            }
            shows.then_some(mark)
        })
    }

    /// A mark where each failed member of a group begins; of many at one place, one.
    fn failed_members(
        &self,
        list: &mut DisplayList,
        (repeats, group): (&Repeats, u32),
        y: (f32, Ink),
    ) {
        let failed = repeats.failed(group);
        let px = |span: u32| self.axis.px_from_time(self.moved(span, self.times(span).0));
        let mut next = failed.partition_point(|&span| px(span) < 0.0);
        // One that began before what shows may still run in it.
        let before = next.checked_sub(1).and_then(|at| failed.get(at));
        if before.is_some_and(|&span| self.extent(span).is_some_and(|(x, w)| x + w > 0.0)) {
            error_mark(list, 0.0, y);
        }
        while let Some(&span) = failed.get(next) {
            let x = px(span);
            if x > self.axis.width {
                return;
            }
            error_mark(list, x, y);
            next += failed[next..].partition_point(|&span| px(span) < x + APART);
        }
    }
}

/// A faint row has a faint mark.
fn error_ink(dimmed: bool) -> Ink {
    match dimmed {
        true => Ink::ErrorGround,
        false => Ink::Error,
    }
}

/// With a rim, so that it shows on every bar.
fn error_mark(list: &mut DisplayList, x: f32, (y, ink): (f32, Ink)) {
    for (r, ink) in [(5.0, Ink::Ground), (3.5, ink)] {
        list.push(Item::Dot {
            x: x.max(4.0),
            y,
            r,
            ink,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::group_scene;

    /// Where the marks of errors stand in the row of a group: their x.
    fn check(lines: &str, scroll_ms: u64, expected: &[&str]) {
        let list = group_scene(lines, |bars| {
            bars.axis.range =
                crate::state::TimeRange::new(scroll_ms * 1_000_000, (scroll_ms + 200) * 1_000_000);
        });
        let marks = list.lines().filter_map(|line| {
            let place = line.strip_prefix("Error dot ")?;
            place.split(' ').next()
        });
        assert_eq!(marks.collect::<Vec<_>>(), expected, "{lines}");
    }

    #[test]
    fn marks_stand_where_the_errors_are() {
        check(
            "1 - 0 200 a\n2 1 0 9 b\n3 1 50 60 b!\n4 1 150 160 b!",
            0,
            &["60", "160"],
        );
        check("1 - 0 200 a\n2 1 0 9 b\n3 1 50 60 b", 0, &[]);
        // Of some at one place, one; the next stands apart.
        check(
            "1 - 0 200 a\n2 1 50 60 b!\n3 1 51 60 b!\n4 1 57 60 b!\n5 1 58 60 b!",
            0,
            &["60", "68"],
        );
        // What runs into view from before has its mark at the edge.
        check(
            "1 - 0 400 a\n2 1 0 190 b!\n3 1 200 260 b!\n4 1 300 310 b!",
            220,
            &["4", "90"],
        );
        check(
            "1 - 0 400 a\n2 1 0 90 b!\n3 1 100 160 b!\n4 1 300 310 b",
            220,
            &[],
        );
        let many: String = (2..20_000)
            .map(|n| format!("\n{n} 1 {} {} b!", n / 100, n / 100 + 1))
            .collect();
        let all = group_scene(&format!("1 - 0 200 a{many}"), |_| {});
        assert!(all.matches("Error dot").count() <= 26);
    }
}

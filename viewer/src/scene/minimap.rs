//! The whole trace in a strip: every span a thin line, its place in the tree from top to bottom.
//!
//! Spans are written into a grid of cells, one pixel wide, so that the list is bounded by the strip's size and not by
//! the number of spans. The critical path is a thin line below the lane of the span that has the time.
//!
//! The marks of what matches a query stand above it, in a list of their own: a query changes with every key.
//!
//! **Invariant:** linear in spans, lists bounded by the grid.

use throughline_model::{
    analysis::{critical_path::CriticalPath, skew::Skew},
    store::{TraceRef, TraceStore},
};

use super::{DisplayList, Ink, ticks::Axis};
use crate::state::{Colours, TimeRange};

/// What the minimap depends on.
pub struct Minimap<'a> {
    /// The data.
    pub store: &'a TraceStore,
    /// The open trace.
    pub trace: TraceRef<'a>,
    /// Width of the strip, CSS pixels.
    pub width: f32,
    /// Height of the strip, CSS pixels.
    pub height: f32,
    /// What colours the spans, unless it is the service.
    pub colours: Option<&'a Colours>,
    /// The critical path, when it is drawn.
    pub path: Option<&'a CriticalPath>,
    /// What moves the times, when they are moved.
    pub skew: Option<&'a Skew>,
}

/// Air above and below the lines.
const PAD_Y: f32 = 6.0;
/// Air left and right.
pub const PAD_X: f32 = 2.0;

impl Minimap<'_> {
    /// The axis of the strip: always the whole trace.
    pub fn axis(&self) -> Axis {
        Axis {
            range: TimeRange::of_trace(self.trace),
            width: self.width,
            pad: PAD_X,
        }
    }

    /// Everything but the marks.
    pub fn scene(&self) -> DisplayList {
        let mut list = DisplayList::default();
        let spans = self.trace.spans();
        let inner = self.height - 2.0 * PAD_Y;
        let (columns, count) = (self.width.max(1.0) as usize, spans.len());
        let lanes = count.min((inner / 2.0).max(1.0) as usize).max(1);
        // 0 = empty, 1 = no colour, else colour + 2.
        let mut grid = vec![0u32; lanes * columns];
        let axis = self.axis();
        let base = self.trace.start().0;
        // The cells of a span's lane from one time to another.
        let cells = |span: u32, start: u64, end: u64| {
            let lane = (span - spans.start) as usize * lanes / count;
            let (start, end) = (self.moved(span, start), self.moved(span, end));
            let (start, end) = (start.saturating_sub(base), end.saturating_sub(base));
            let left = (axis.px_from_time(start).max(0.0) as usize).min(columns - 1);
            let right = axis.px_from_time(end.max(start)).ceil().max(0.0) as usize;
            lane * columns + left..lane * columns + right.clamp(left + 1, columns)
        };
        let rows = spans.start as usize..spans.end as usize;
        let times = &self.store.spans().start[rows.clone()];
        let times = times.iter().zip(&self.store.spans().end[rows]);
        for (span, (&start, &end)) in spans.clone().zip(times) {
            let colour = match self.colours {
                Some(colours) => colours.of(span),
                None => Some(self.store.service_of(span)),
            };
            grid[cells(span, start, end)].fill(colour.map_or(1, |colour| colour + 2));
        }
        let pitch = (inner / lanes as f32).min(4.0);
        let height = (pitch - 1.0).clamp(1.0, 2.0);
        for lane in 0..lanes {
            let y = PAD_Y + lane as f32 * pitch;
            runs(
                &grid[lane * columns..(lane + 1) * columns],
                &mut |left, w, cell| {
                    list.rect(left, y, w, height, super::solid(cell.checked_sub(2)));
                },
            );
        }
        list.sort_layer(0);
        if let Some(path) = self.path {
            grid.fill(0);
            for section in path.sections() {
                grid[cells(section.span, section.start.0, section.end.0)].fill(1);
            }
            for lane in 0..lanes {
                let y = PAD_Y + lane as f32 * pitch + height;
                runs(
                    &grid[lane * columns..(lane + 1) * columns],
                    &mut |left, w, _| {
                        list.rect(left, y, w, 1.0, Ink::Critical);
                    },
                );
            }
        }
        list
    }

    /// A time of a span, by the clock that is shown.
    fn moved(&self, span: u32, time: u64) -> u64 {
        match self.skew {
            Some(skew) => {
                let resource = self.store.spans().resource[span as usize];
                time.saturating_add_signed(skew.offset_of(resource))
            }
            None => time,
        }
    }

    /// A tick at the top for each of the spans that match a query, merged where they touch.
    pub fn marks(&self, matches: &[u32]) -> DisplayList {
        let (axis, columns) = (self.axis(), self.width.max(1.0) as usize);
        let mut marked = vec![0; columns];
        let base = self.trace.start().0;
        for &span in matches {
            let start = self.moved(span, self.store.spans().start[span as usize]);
            let start = start.saturating_sub(base);
            marked[(axis.px_from_time(start).max(0.0) as usize).min(columns - 1)] = 1;
        }
        let mut list = DisplayList::default();
        runs(&marked, &mut |left, w, _| {
            list.rect(left, 0.0, w.max(2.0), 5.0, Ink::Accent)
        });
        list
    }
}

/// The runs of equal cells that are not empty: left edge, width and what they hold.
fn runs(cells: &[u32], run_found: &mut dyn FnMut(f32, f32, u32)) {
    let mut left = 0;
    for run in cells.chunk_by(|a, b| a == b) {
        if run[0] != 0 {
            run_found(left as f32, run.len() as f32, run[0]);
        }
        left += run.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{
        Item,
        bars::tests::{draw, skewed},
    };

    /// The rectangles at 204 × 32, a pixel a millisecond, as `ink x y w×h`.
    fn scene(lines: &str, with_path: bool) -> Vec<String> {
        of_store(&draw(lines), with_path, None)
    }

    fn of_store(store: &TraceStore, with_path: bool, skew: Option<&Skew>) -> Vec<String> {
        let path = CriticalPath::of_trace(store, 0);
        let map = Minimap {
            store,
            trace: store.trace(0),
            width: 204.0,
            height: 32.0,
            colours: None,
            path: with_path.then_some(&path),
            skew,
        };
        words(map.scene())
    }

    fn words(list: DisplayList) -> Vec<String> {
        let items = list.items.into_iter().map(|item| match item {
            Item::Rect {
                x, y, w, h, ink, ..
            } => format!("{ink:?} {x} {y} {w}×{h}"),
            other => format!("{other:?}"),
        });
        items.collect()
    }

    #[test]
    fn what_matches_is_marked_above_the_lanes() {
        let store = draw(
            "1 - 0 200 a
            2 1 50 150 b
            3 1 10 60 b
            4 1 11 60 b",
        );
        let map = Minimap {
            store: &store,
            trace: store.trace(0),
            width: 204.0,
            height: 32.0,
            colours: None,
            path: None,
            skew: None,
        };
        let check = |matches: &[u32], expected: &[&str]| {
            assert_eq!(words(map.marks(matches)), expected, "{matches:?}");
        };
        check(&[], &[]);
        check(&[0], &["Accent 2 0 2×5"]);
        check(&[1, 2, 3], &["Accent 12 0 2×5", "Accent 52 0 2×5"]);
    }

    #[test]
    fn the_critical_path_steps_down_below_the_lanes() {
        let lines = "1 - 0 200 a
            2 1 50 150 b
            3 1 10 60 b";
        let mut expected = vec![
            "Service(0) 2 6 200×2",
            "Service(1) 12 10 50×2",
            "Service(1) 52 14 100×2",
        ];
        assert_eq!(scene(lines, false), expected);
        expected.extend([
            "Critical 2 8 50×1",
            "Critical 152 8 50×1",
            "Critical 52 16 100×1",
        ]);
        assert_eq!(scene(lines, true), expected);
    }

    #[test]
    fn lanes_move_with_the_clocks() {
        let store = skewed();
        let skew = Skew::of_trace(&store, 0);
        assert!(skew.is_any_off());
        let (given, moved) = (
            of_store(&store, true, None),
            of_store(&store, true, Some(&skew)),
        );
        assert_eq!(given.len(), moved.len());
        // Only what is by the clock that is off.
        let differ = given.iter().zip(&moved).filter(|(a, b)| a != b);
        let differ: Vec<_> = differ.map(|(a, b)| [a.as_str(), b.as_str()]).collect();
        let (before, after) = ("Service(1) 2 10 85×2", "Service(1) 107 10 85×2");
        assert_eq!(differ, [[before, after]]);
    }
}

//! The whole trace in a strip: every span a thin line, its place in the tree from top to bottom.
//!
//! Spans are written into a grid of cells, one pixel wide, so that the list is bounded by the strip's size and not by
//! the number of spans.
//!
//! **Invariant:** linear in spans, list bounded by the grid.

use throughline_model::store::{TraceRef, TraceStore};

use super::{DisplayList, Ink, ticks::Axis};
use crate::state::TimeRange;

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
    /// Spans that match the query, ascending.
    pub matches: &'a [u32],
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

    /// Everything that is to be drawn.
    pub fn scene(&self) -> DisplayList {
        let mut list = DisplayList::default();
        let spans = self.trace.spans();
        let inner = self.height - 2.0 * PAD_Y;
        let (columns, count) = (self.width.max(1.0) as usize, spans.len());
        let lanes = count.min((inner / 2.0).max(1.0) as usize).max(1);
        let lane_height = (inner / lanes as f32).min(4.0);
        // 0 = empty, else service + 1.
        let mut grid = vec![0u32; lanes * columns];
        let axis = self.axis();
        let base = self.trace.start().0;
        let columns_of = self.store.spans();
        for span in spans.clone() {
            let at = span as usize;
            let lane = (at - spans.start as usize) * lanes / count;
            let start = columns_of.start[at].saturating_sub(base);
            let end = columns_of.end[at].saturating_sub(base).max(start);
            let left = (axis.px_from_time(start).max(0.0) as usize).min(columns - 1);
            let right = (axis.px_from_time(end).ceil().max(0.0) as usize).clamp(left + 1, columns);
            let cells = &mut grid[lane * columns + left..lane * columns + right];
            cells.fill(self.store.service_of(span) + 1);
        }
        for lane in 0..lanes {
            let y = PAD_Y + lane as f32 * (inner / lanes as f32).min(4.0);
            let row = &grid[lane * columns..(lane + 1) * columns];
            let mut left = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] != 0 {
                    let height = (lane_height - 1.0).clamp(1.0, 2.0);
                    list.rect(
                        left as f32,
                        y,
                        run.len() as f32,
                        height,
                        Ink::Service(run[0] - 1),
                    );
                }
                left += run.len();
            }
        }
        list.sort_layer(0);
        self.match_marks(&mut list, &axis, columns);
        list
    }

    /// A tick at the top for each match, merged where they touch.
    fn match_marks(&self, list: &mut DisplayList, axis: &Axis, columns: usize) {
        let mut marked = vec![false; columns];
        let base = self.trace.start().0;
        for &span in self.matches {
            let start = self.store.spans().start[span as usize].saturating_sub(base);
            marked[(axis.px_from_time(start).max(0.0) as usize).min(columns - 1)] = true;
        }
        let mut left = 0;
        for run in marked.chunk_by(|a, b| a == b) {
            if run[0] {
                list.rect(
                    left as f32,
                    0.0,
                    (run.len() as f32).max(2.0),
                    5.0,
                    Ink::Accent,
                );
            }
            left += run.len();
        }
    }
}

//! The row of a group: every member apart while there is room for them, else how many run from left to right.
//!
//! ```text
//! ▐▌▐▌ ▐▌▐█▌      members as bars with a gap behind each
//! ▁▂▂▅▇▇▅▂▁       columns: the more run at a time, the higher
//! ```
//!
//! Never one bar: what repeats must not look like one long call. Where what does not match is faint, members are each by
//! themselves; columns are faint only where no member matches.
//!
//! **Invariant:** costs the pixels of the row and a search for each, however many members the group has.

use throughline_model::analysis::repeats::Repeats;

use super::{Bars, DisplayList, Item};
use crate::scene;

/// From the left edge of one column to that of the next.
const PITCH: f32 = 3.0;
/// A column, the rest is the gap.
const COLUMN: f32 = 2.0;
/// The lowest column.
const LOWEST: f32 = 3.0;
/// With less room for each the members are columns.
const ROOM: f32 = 5.0;
/// Between two members.
const GAP: f32 = 1.0;

impl Bars<'_> {
    /// Draws a group between `x` and `x + w`, with `y` and `h` as a bar would have.
    pub(super) fn strip(
        &self,
        list: &mut DisplayList,
        (repeats, group): (&Repeats, u32),
        (x, w): (f32, f32),
        (y, h): (f32, f32),
    ) {
        let first = repeats.members(group)[0];
        let colour = self.colour(first);
        let bar = |x: f32, y: f32, w: f32, h: f32, faint: bool| Item::Rect {
            x,
            y,
            w,
            h,
            radius: 1.0,
            ink: match faint {
                true => scene::faint(colour),
                false => scene::solid(colour),
            },
        };
        let left = x.max(0.0);
        let right = (x + w).min(self.axis.width);
        if let Some(members) = self.apart(repeats, group, right - left) {
            for span in members {
                if let Some((x, w)) = self.extent(span) {
                    let faint = self.dims && self.matches.binary_search(&span).is_err();
                    list.push(bar(x, y + 1.0, (w - GAP).max(1.5), h - 2.0, faint));
                }
            }
            return;
        }
        let (offset, faint) = (self.offset(first), self.dimmed(first));
        let columns = ((right - left) / PITCH).ceil().max(1.0) as usize;
        let running: Vec<usize> = (0..columns)
            .map(|column| {
                let at = left + column as f32 * PITCH;
                let given = |x: f32| self.time_at(x).saturating_add_signed(-offset);
                let (from, to) = (given(at), given(at + PITCH));
                repeats.running(self.store, group, from, to.max(from + 1))
            })
            .collect();
        let most = running.iter().copied().max().unwrap_or(0).max(1) as f32;
        for (column, &count) in running.iter().enumerate() {
            if count == 0 {
                continue;
            }
            let height = (LOWEST + (h - 2.0 - LOWEST) * count as f32 / most).round();
            let at = left + column as f32 * PITCH;
            list.push(bar(
                at,
                y + 1.0 + (h - 2.0 - height),
                COLUMN.min((right - at).max(1.0)),
                height,
                faint,
            ));
        }
    }

    /// The members that show, if there is room for each and no two run at a time.
    fn apart(&self, repeats: &Repeats, group: u32, room: f32) -> Option<Vec<u32>> {
        let spans = self.store.spans();
        let base = self.trace.start().0;
        let (from, to) = (
            base.saturating_add(self.axis.range.start),
            base.saturating_add(self.axis.range.end).saturating_add(1),
        );
        let shown = repeats.running(self.store, group, from, to);
        if shown as f32 * ROOM > room {
            return None;
        }
        let members = repeats.members(group);
        let begun = members.partition_point(|&span| spans.start[span as usize] < to);
        // One after the other they show without a gap: the last ones that have begun.
        let members = &members[begun.saturating_sub(shown)..begun];
        let in_turn = members
            .windows(2)
            .all(|two| spans.end[two[0] as usize] <= spans.start[two[1] as usize]);
        let first_shows = members
            .first()
            .is_none_or(|&span| spans.end[span as usize].max(spans.start[span as usize]) >= from);
        (in_turn && first_shows).then(|| members.to_vec())
    }

    /// Nanoseconds since the epoch at an x.
    fn time_at(&self, x: f32) -> u64 {
        self.trace
            .start()
            .0
            .saturating_add(self.axis.time_from_px(x))
    }
}

//! What the pointer does: the crosshair, a range that is dragged, a piece of time that is measured.
//!
//! **Invariant:** on top of everything; costs nothing while the pointer rests elsewhere.

use throughline_model::time::Nanos;

use super::{Align, Bars, DisplayList, Ink, Item, LABEL_SIZE, rounded, text_width};
use crate::state::Measured;

impl Bars<'_> {
    pub(super) fn measured(&self, list: &mut DisplayList) {
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

    pub(super) fn pointer(&self, list: &mut DisplayList) {
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

//! From where a picture is looked at: at first, as a whole, and where something was looked for.
//!
//! **Invariant:** what comes by itself is never so small that names do not read.

use super::{CARD_HEIGHT, CARD_WIDTH, Camera, Frame, Picture};

/// From this scale on names read, and a picture is shown whole at first.
pub(super) const READS: f32 = 0.55;
/// The scale of a larger one: cards have both of their lines.
pub(super) const START: f32 = 0.72;
/// The scale at which a node that was looked for is shown, at least.
pub(super) const NEAR: f32 = 0.8;

impl Picture {
    /// The camera that shows everything, as small as that may be.
    pub fn fit(&self, width: f32, height: f32) -> Camera {
        Camera::fit(self.size, width, height)
    }

    /// Where a picture is at first: all of it where names read then, else about the selected span, or where calls begin.
    pub fn home(&self, width: f32, height: f32) -> Camera {
        let whole = self.fit(width, height);
        let first = self.by_time.first().map(|&at| at as usize);
        match self.tagged.or(first).map(|at| &self.cards[at]) {
            Some(card) if whole.scale < READS => {
                let middle = (card.x + CARD_WIDTH / 2.0, card.y + CARD_HEIGHT / 2.0);
                Camera::within(self.size, middle, START, width, height)
            }
            _ => whole,
        }
    }

    /// The camera, moved no more than is needed to have a node on the canvas.
    pub fn reveal(&self, node: u32, frame: &Frame) -> Camera {
        match self.around([node].as_slice()) {
            Some(place) => frame.camera.with_inside(place, frame.width, frame.height),
            None => frame.camera,
        }
    }

    /// The camera that has nodes on the canvas with names that read: the same if it does, unless they are to be in the
    /// `middle`.
    pub fn bring(&self, nodes: &[u32], frame: &Frame, middle: bool) -> Camera {
        let Some(place) = self.around(nodes) else {
            return frame.camera;
        };
        let reads = frame.camera.scale >= READS;
        if !middle && reads && frame.camera.has_inside(place, frame.width, frame.height) {
            return frame.camera;
        }
        let [x, y, w, h] = place;
        let scale = frame.camera.scale.max(if middle { NEAR } else { START });
        let both = Camera::fit((w, h), frame.width, frame.height).scale;
        // Two that are far apart are shown with all that is between.
        let scale = scale.min(both.max(Camera::LEAST));
        Camera::around((x + w / 2.0, y + h / 2.0), scale, frame.width, frame.height)
    }

    /// Left, top, width and height of what holds some nodes.
    fn around(&self, nodes: &[u32]) -> Option<[f32; 4]> {
        let cards = nodes.iter().filter_map(|&node| self.card(node));
        let ends = cards.map(|at| {
            let card = &self.cards[at];
            [card.x, card.y, card.x + CARD_WIDTH, card.y + CARD_HEIGHT]
        });
        let all = ends.reduce(|a, b| {
            [
                a[0].min(b[0]),
                a[1].min(b[1]),
                a[2].max(b[2]),
                a[3].max(b[3]),
            ]
        });
        all.map(|[left, top, right, bottom]| [left, top, right - left, bottom - top])
    }
}

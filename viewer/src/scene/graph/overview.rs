//! All of a picture in a corner, where the canvas does not show all of it: what is there, and where the canvas is.
//!
//! ```text
//!                   64 of 300 nodes in view
//!                           ┌─────────────┐
//!                           │ ▪ ┌────┐  ▪ │   a press moves the canvas there
//!                           │   │ ▪▪ │ ▪  │
//!                           └───└────┘────┘
//! ```
//!
//! **Invariant:** what can be pressed is where it is drawn; a small canvas has the words only.

use super::{CARD_HEIGHT, CARD_WIDTH, Camera, Frame, Picture, Target, words::room_for};
use crate::scene::{Align, DisplayList, Ink, Item};

/// How large it is at most.
const MOST: (f32, f32) = (168.0, 108.0);
/// How large it is at least.
const LEAST: f32 = 20.0;
/// From the edges of the canvas.
const AWAY: f32 = 12.0;
/// The smallest canvas that has one.
const CANVAS: (f32, f32) = (520.0, 300.0);
/// Size of the words.
const SIZE: f32 = 11.0;

/// The whole picture in the corner.
pub(super) struct Overview {
    /// Left, top, width and height.
    place: [f32; 4],
    scale: f32,
}

impl Overview {
    /// Nothing where all shows, and where there is no room.
    pub fn of(picture: &Picture, frame: &Frame) -> Option<Self> {
        if frame.width < CANVAS.0 || frame.height < CANVAS.1 || shows_all(picture, frame) {
            return None;
        }
        let (w, h) = (picture.size.0.max(1.0), picture.size.1.max(1.0));
        let scale = (MOST.0 / w).min(MOST.1 / h);
        let (w, h) = ((w * scale).max(LEAST), (h * scale).max(LEAST));
        Some(Self {
            place: [frame.width - AWAY - w, frame.height - AWAY - h, w, h],
            scale,
        })
    }

    /// The point of the picture under a point of the canvas, if that is on the overview.
    pub fn world(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        let [left, top, w, h] = self.place;
        let inside = (left..=left + w).contains(&x) && (top..=top + h).contains(&y);
        inside.then(|| self.at(x, y))
    }

    /// The same for any point: a pointer that is held may leave it.
    pub fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let [left, top, ..] = self.place;
        ((x - left) / self.scale, (y - top) / self.scale)
    }
}

fn shows_all(picture: &Picture, frame: &Frame) -> bool {
    let (left, top) = frame.camera.canvas((0.0, 0.0));
    let (right, bottom) = frame.camera.canvas(picture.size);
    left >= -1.0 && top >= -1.0 && right <= frame.width + 1.0 && bottom <= frame.height + 1.0
}

/// How many cards have their middle on the canvas.
fn in_view(picture: &Picture, frame: &Frame) -> usize {
    let middles = picture.cards.iter().map(|card| {
        let middle = (card.x + CARD_WIDTH / 2.0, card.y + CARD_HEIGHT / 2.0);
        frame.camera.canvas(middle)
    });
    let inside = |&(x, y): &(f32, f32)| {
        (0.0..=frame.width).contains(&x) && (0.0..=frame.height).contains(&y)
    };
    middles.filter(inside).count()
}

/// Draws it over all else, and says how much of the picture is in view.
pub(super) fn draw(picture: &Picture, frame: &Frame, list: &mut DisplayList) {
    let (all, seen) = (picture.cards.len(), in_view(picture, frame));
    let overview = Overview::of(picture, frame);
    let mut top = frame.height - AWAY;
    if let Some(Overview { place, scale }) = overview {
        top = place[1] - 4.0;
        marks(picture, frame, place, scale, list);
    }
    if seen == all {
        return;
    }
    let text = format!("{seen} of {all} nodes in view");
    let w = room_for(&text, SIZE) + 12.0;
    let (right, h) = (frame.width - AWAY, 18.0);
    list.push(Item::Rect {
        x: right - w,
        y: top - h,
        w,
        h,
        radius: 4.0,
        ink: Ink::Raised,
    });
    list.push(Item::Text {
        x: right - w / 2.0,
        y: top - h / 2.0,
        text,
        size: SIZE,
        strong: false,
        align: Align::Middle,
        ink: Ink::Text2,
    });
}

fn marks(
    picture: &Picture,
    frame: &Frame,
    [x, y, w, h]: [f32; 4],
    scale: f32,
    list: &mut DisplayList,
) {
    list.push(Item::Rect {
        x: x - 4.0,
        y: y - 4.0,
        w: w + 8.0,
        h: h + 8.0,
        radius: 4.0,
        ink: Ink::Panel,
    });
    list.push(Item::Frame {
        x: x - 4.0,
        y: y - 4.0,
        w: w + 8.0,
        h: h + 8.0,
        radius: 4.0,
        width: 1.0,
        ink: Ink::LineStrong,
    });
    for card in &picture.cards {
        let selected = frame.selected == Some(Target::Node(card.node));
        let ink = match (selected, card.on_way, card.service) {
            (true, ..) => Ink::Accent,
            (false, true, _) => Ink::Text,
            (false, false, Some(service)) => Ink::Service(service),
            (false, false, None) => Ink::Text3,
        };
        let least = if selected { 5.0 } else { 1.5 };
        list.push(Item::Rect {
            x: x + card.x * scale,
            y: y + card.y * scale,
            w: (CARD_WIDTH * scale - 1.0).max(least),
            h: (CARD_HEIGHT * scale).max(least),
            radius: 0.0,
            ink,
        });
    }
    let (left, top) = frame.camera.world(0.0, 0.0);
    let (right, bottom) = frame.camera.world(frame.width, frame.height);
    let on = |low: f32, from: f32, length: f32| low + (from * scale).clamp(0.0, length);
    let (left, right) = (on(x, left, w), on(x, right, w));
    let (top, bottom) = (on(y, top, h), on(y, bottom, h));
    list.push(Item::Frame {
        x: left,
        y: top,
        w: right - left,
        h: bottom - top,
        radius: 2.0,
        width: 1.5,
        ink: Ink::Accent,
    });
}

impl Picture {
    /// Where a press on the overview moves the canvas: the point under it comes into the middle. While `held`, from any
    /// point.
    pub fn steered(&self, frame: &Frame, x: f32, y: f32, held: bool) -> Option<Camera> {
        let overview = Overview::of(self, frame)?;
        let to = if held {
            Some(overview.at(x, y))
        } else {
            overview.world(x, y)
        };
        to.map(|to| Camera::around(to, frame.camera.scale, frame.width, frame.height))
    }
}

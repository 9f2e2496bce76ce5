//! What a card has beside its words: how hot it is, how many neighbours are left out, whether the selected span is in it.
//!
//! ```text
//! ⟨selected span⟩
//! ┌──────────────────────┐
//! │▌payment     ● 1 error│   the bar is as long as the node is hot, measured by the hottest one;
//! │▌2 spans · 56 ms self │   never by colour alone
//! └▬▬▬▬▬▬▬▬───────────+7─┘   seven neighbours do not show: a press opens them
//! ```
//!
//! **Invariant:** what can be pressed is where it is drawn.

use super::{CARD_HEIGHT, CARD_WIDTH, Card, Frame};
use crate::scene::{Align, DisplayList, Ink, Item, text_width};

/// From this scale on the pill of hidden neighbours has room.
const PILLS: f32 = 0.45;
/// Size of the words.
const SIZE: f32 = 11.0;

/// From the left edge of a card to its words and its bar: clear of the tick.
pub(super) fn inset(card: &Card, scale: f32) -> f32 {
    match card.service {
        Some(_) => 8.0 * scale + (4.0 * scale).max(3.0) + (8.0 * scale).max(4.0),
        None => 12.0 * scale,
    }
}

/// Height of the bar.
pub(super) fn tall(scale: f32) -> f32 {
    (3.0 * scale).max(2.0)
}

/// The bar at the foot of a card; a tenth of a pixel is nothing.
pub(super) fn bar(
    card: &Card,
    [x, y, w, h]: [f32; 4],
    scale: f32,
    dim: bool,
    list: &mut DisplayList,
) {
    let left = x + inset(card, scale);
    let (room, tall) = (x + w - 10.0 * scale - left, tall(scale));
    if card.heat * room < 0.1 {
        return;
    }
    list.push(Item::Rect {
        x: left,
        y: y + h - tall - 2.0 * scale,
        w: (card.heat * room).max(2.0),
        h: tall,
        radius: tall / 2.0,
        ink: ink(card, dim),
    });
}

/// The colour of heat: errors have theirs, all else the service's.
pub(super) fn ink(card: &Card, dim: bool) -> Ink {
    match (card.failing, dim, card.service) {
        (_, true, _) => Ink::LineStrong,
        (true, false, _) => Ink::Error,
        (false, false, Some(service)) => Ink::Service(service),
        (false, false, None) => Ink::Text3,
    }
}

/// Left, top, width and height of the pill that opens hidden neighbours.
pub(super) fn pill_place(card: &Card, frame: &Frame) -> Option<[f32; 4]> {
    if card.hidden == 0 || frame.camera.scale < PILLS {
        return None;
    }
    let (right, bottom) = frame
        .camera
        .canvas((card.x + CARD_WIDTH, card.y + CARD_HEIGHT));
    let w = text_width(&words(card), SIZE) + 14.0;
    Some([right - w - 6.0, bottom - 7.0, w, 16.0])
}

fn words(card: &Card) -> String {
    format!("+{}", card.hidden)
}

/// The pill itself.
pub(super) fn pill(card: &Card, frame: &Frame, dim: bool, list: &mut DisplayList) {
    let Some([x, y, w, h]) = pill_place(card, frame) else {
        return;
    };
    let ink = if dim { Ink::Text3 } else { Ink::Text2 };
    list.push(Item::Rect {
        x,
        y,
        w,
        h,
        radius: h / 2.0,
        ink: Ink::Raised,
    });
    list.push(Item::Frame {
        x,
        y,
        w,
        h,
        radius: h / 2.0,
        width: 1.0,
        ink: Ink::LineStrong,
    });
    list.push(Item::Text {
        x: x + w / 2.0,
        y: y + h / 2.0,
        text: words(card),
        size: SIZE,
        strong: true,
        align: Align::Middle,
        ink,
    });
}

/// Says that the selected span is in a card.
pub(super) fn tag(card: &Card, frame: &Frame, list: &mut DisplayList) {
    const WORDS: &str = "selected span";
    let (x, y) = frame.camera.canvas((card.x, card.y));
    let (w, h) = (text_width(WORDS, SIZE) * 1.06 + 12.0, 16.0);
    let (x, y) = (x + 6.0, y - h + 4.0);
    list.push(Item::Rect {
        x,
        y,
        w,
        h,
        radius: 4.0,
        ink: Ink::Text,
    });
    list.push(Item::Text {
        x: x + w / 2.0,
        y: y + h / 2.0,
        text: WORDS.to_owned(),
        size: SIZE,
        strong: false,
        align: Align::Middle,
        ink: Ink::Ground,
    });
}

//! Names of the nodes that are too small for words of their own.
//!
//! **Invariant:** names do not lie on each other; where most time went is asked first.

use super::{
    CARD_HEIGHT, CARD_WIDTH, Card, Focus, Frame, Picture, SMALL, cards::shows, words::room_for,
};
use crate::scene::{Align, DisplayList, Ink, Item};

/// Size of the names.
const SIZE: f32 = 11.0;
/// How wide they are at most.
const ROOM: f32 = 140.0;
/// How many names there are at most.
const NAMES: usize = 40;
/// How many nodes are tried for that.
const TRIED: usize = 400;
/// How many of them may lie on other marks, where there are so many that none would find a place.
const NAMES_OVER_MARKS: usize = 10;

/// Names of the marks where most time went, as long as they do not lie on each other.
pub(super) fn names(picture: &Picture, frame: &Frame, focus: &Focus, list: &mut DisplayList) {
    let mut taken: Vec<[f32; 4]> = Vec::new();
    let marks: Vec<(u32, [f32; 4])> = picture.places(frame).collect();
    for &at in picture.by_time.iter().take(TRIED) {
        if taken.len() == NAMES {
            break;
        }
        let card = &picture.cards[at as usize];
        let in_focus = focus.node == Some(at) || focus.hovered_node == Some(at);
        if in_focus || focus.is_dim(at as usize) || !shows(card, frame) {
            continue;
        }
        let on =
            |a: &[f32; 4], b: &[f32; 4]| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
        let free = |place: &&[f32; 4]| !taken.iter().any(|other| on(place, other));
        let clear = |place: &&[f32; 4]| {
            free(place)
                && !marks
                    .iter()
                    .any(|(other, mark)| *other != at && on(place, mark))
        };
        let below = name_place(card, frame);
        // Among many a name lies on its own mark rather than on another's; only the very first may do that.
        let own = (picture.cards.len() > SMALL).then(|| over_mark(card, frame));
        let place = [Some(below), own].iter().flatten().find(clear).copied();
        let first = taken.len() < NAMES_OVER_MARKS;
        let Some(place) = place.or(own.filter(|own| first && free(&own))) else {
            continue;
        };
        taken.push(place);
        write_name(card, &place, Ink::Ground, list);
    }
}

pub(super) fn name_below(card: &Card, frame: &Frame, selected: bool, list: &mut DisplayList) {
    let ground = if selected {
        Ink::AccentGround
    } else {
        Ink::Raised
    };
    write_name(card, &name_place(card, frame), ground, list);
}

/// Left, top, right and bottom of the name under a mark, within the canvas.
fn name_place(card: &Card, frame: &Frame) -> [f32; 4] {
    let (x, y) = frame
        .camera
        .canvas((card.x + CARD_WIDTH / 2.0, card.y + CARD_HEIGHT));
    let half = room_for(&card.name.fitted(SIZE, ROOM), SIZE) / 2.0 + 3.0;
    let x = x.min(frame.width - half).max(half);
    // Above the mark where the canvas ends below it.
    let y = if y + 16.0 > frame.height {
        y - (CARD_HEIGHT * frame.camera.scale).max(4.0) - 18.0
    } else {
        y
    };
    [x - half, y + 2.0, x + half, y + 16.0]
}

/// The same in the middle of the mark.
fn over_mark(card: &Card, frame: &Frame) -> [f32; 4] {
    let [x, _, right, _] = name_place(card, frame);
    let (_, y) = frame.camera.canvas((card.x, card.y + CARD_HEIGHT / 2.0));
    [x, y - 7.0, right, y + 7.0]
}

fn write_name(card: &Card, place: &[f32; 4], ground: Ink, list: &mut DisplayList) {
    let [x, y, right, bottom] = *place;
    list.push(Item::Rect {
        x,
        y,
        w: right - x,
        h: bottom - y,
        radius: 4.0,
        ink: ground,
    });
    let (x, y) = ((x + right) / 2.0, (y + bottom) / 2.0);
    let text = card.name.fitted(SIZE, ROOM);
    list.push(Item::Text {
        x,
        y,
        text,
        size: SIZE,
        strong: false,
        align: Align::Middle,
        ink: Ink::Text,
    });
}

//! Names of the nodes that are too small for words of their own.
//!
//! **Invariant:** names do not lie on each other; where most time went is asked first.

use super::{
    CARD_HEIGHT, CARD_WIDTH, Card, Focus, Frame, Picture, SMALL, cards::shows, words::fitted,
};
use crate::scene::{Align, DisplayList, Ink, Item, text_width};

/// How many names there are at most.
const NAMES: usize = 40;
/// How many of them may lie on other marks, where there are so many that none would find a place.
const NAMES_OVER_MARKS: usize = 10;

/// Names of the marks where most time went, as long as they do not lie on each other.
pub(super) fn names(picture: &Picture, frame: &Frame, focus: &Focus, list: &mut DisplayList) {
    let mut taken: Vec<[f32; 4]> = Vec::new();
    for &at in &picture.by_time {
        if taken.len() == NAMES {
            break;
        }
        let card = &picture.cards[at as usize];
        let in_focus = focus.node == Some(at) || focus.hovered_node == Some(at);
        if in_focus || focus.is_dim(at as usize) || !shows(card, frame) {
            continue;
        }
        let place = name_place(card, frame);
        let on = |other: &[f32; 4]| {
            place[0] < other[2] && other[0] < place[2] && place[1] < other[3] && other[1] < place[3]
        };
        // Only the very first may cover other marks.
        let over = if picture.cards.len() > SMALL {
            NAMES_OVER_MARKS
        } else {
            0
        };
        let covers = taken.len() >= over
            && picture
                .places(frame)
                .any(|(other, mark)| other != at && on(&mark));
        if covers || taken.iter().any(on) {
            continue;
        }
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

/// Left, top, right and bottom of the name under a mark.
fn name_place(card: &Card, frame: &Frame) -> [f32; 4] {
    let (x, y) = frame
        .camera
        .canvas((card.x + CARD_WIDTH / 2.0, card.y + CARD_HEIGHT));
    let half = text_width(&fitted(&card.name, 11.0, 140.0), 11.0) / 2.0 + 3.0;
    [x - half, y + 2.0, x + half, y + 16.0]
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
    let text = fitted(&card.name, 11.0, 140.0);
    list.push(Item::Text {
        x,
        y,
        text,
        size: 11.0,
        strong: false,
        align: Align::Middle,
        ink: Ink::Text,
    });
}

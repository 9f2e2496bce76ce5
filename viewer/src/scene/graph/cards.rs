//! The nodes as cards, with as many words as have room.
//!
//! ```text
//! full   ┌──────────────────────┐  name  ┌────────┐  mark ▪   the nodes where most time went
//!        │▌payment     ● 1 error│        │▌payment│           have a name beside their mark
//!        │▌2 spans · 56 ms self │        └────────┘
//!        └──────────────────────┘
//! ```
//!
//! A peer has a dashed frame and no colour: nothing is known from its inside.
//!
//! **Invariant:** cards that are not on the canvas are not in the list.

use super::{
    CARD_HEIGHT, CARD_WIDTH, Card, Focus, Frame, Picture, heat,
    names::{name_below, names},
    words::{fits, fitted},
};
use crate::scene::{Align, DisplayList, Ink, Item, SERVICE_COLOURS, text_width};

/// From this scale on both lines have room.
const FULL: f32 = 0.7;
/// From this scale on the name has room.
const NAMED: f32 = 0.42;

/// Draws the cards, the selected and the pointed-at one on top.
pub(super) fn draw(picture: &Picture, frame: &Frame, focus: &Focus, list: &mut DisplayList) {
    let on_top = [
        focus.node,
        focus.hovered_node.filter(|&at| focus.node != Some(at)),
    ];
    let is_on_top = |at: usize| on_top.contains(&Some(at as u32));
    for (at, card) in picture
        .cards
        .iter()
        .enumerate()
        .filter(|(at, _)| !is_on_top(*at))
    {
        draw_card(at, card, frame, focus, list);
    }
    if frame.camera.scale < NAMED {
        names(picture, frame, focus, list);
    }
    for at in on_top.into_iter().flatten() {
        let Some(card) = picture.cards.get(at as usize) else {
            continue;
        };
        draw_card(at as usize, card, frame, focus, list);
        if frame.camera.scale < NAMED && shows(card, frame) {
            name_below(card, frame, focus.node == Some(at), list);
        }
    }
}

pub(super) fn shows(card: &Card, frame: &Frame) -> bool {
    let (x, y) = frame.camera.canvas((card.x, card.y));
    let (w, h) = (
        CARD_WIDTH * frame.camera.scale,
        CARD_HEIGHT * frame.camera.scale,
    );
    x + w >= 0.0 && x <= frame.width && y + h >= 0.0 && y <= frame.height
}

fn draw_card(at: usize, card: &Card, frame: &Frame, focus: &Focus, list: &mut DisplayList) {
    if !shows(card, frame) {
        return;
    }
    let scale = frame.camera.scale;
    let (x, y) = frame.camera.canvas((card.x, card.y));
    let (w, h) = (CARD_WIDTH * scale, CARD_HEIGHT * scale);
    let (selected, hovered) = (
        focus.node == Some(at as u32),
        focus.hovered_node == Some(at as u32),
    );
    let dim = focus.is_dim(at);
    let radius = (8.0 * scale).min(8.0);
    if scale < NAMED {
        mark(card, [x, y, w, h], dim, selected || hovered, list);
        return;
    }
    let ground = match (selected, card.service) {
        (true, _) => Ink::AccentGround,
        (false, Some(_)) => Ink::Panel,
        (false, None) => Ink::Ground,
    };
    list.push(Item::Rect {
        x,
        y,
        w,
        h,
        radius,
        ink: ground,
    });
    let (width, ink): (f32, Ink) = match (selected, hovered) {
        (true, _) => (2.0, Ink::Accent),
        (false, true) => (1.5, Ink::Text3),
        (false, false) if card.on_way => (2.0, Ink::Text),
        (false, false) => (1.0, if dim { Ink::Line } else { Ink::LineStrong }),
    };
    if card.service.is_none() && !selected {
        // What made no spans is on no way.
        dashed_frame(
            [x, y, w, h],
            width.max(1.25),
            if dim { Ink::Line } else { Ink::Text3 },
            list,
        );
    } else {
        list.push(Item::Frame {
            x,
            y,
            w,
            h,
            radius,
            width,
            ink,
        });
    }
    if let Some(service) = card.service {
        tick(
            service,
            [
                x + 8.0 * scale,
                y + 8.0 * scale,
                (4.0 * scale).max(3.0),
                h - 16.0 * scale,
            ],
            dim,
            list,
        );
    }
    words(card, [x, y, w, h], scale, dim, list);
    heat::bar(card, [x, y, w, h], scale, dim, list);
    heat::pill(card, frame, dim, list);
}

fn words(card: &Card, [x, y, w, h]: [f32; 4], scale: f32, dim: bool, list: &mut DisplayList) {
    let full = scale >= FULL;
    let left = x + heat::inset(card, scale);
    let right = x + w - 10.0 * scale;
    let name_size = (13.0 * scale).clamp(11.0, 20.0);
    // Words stand above the bar of heat, their descenders too.
    let name_y = match card.service {
        _ if full => y + h * 0.31,
        Some(_) => y + (h - heat::tall(scale)) / 2.0,
        None => y + h / 2.0,
    };
    // Semibold is wider than the estimate.
    let strong = card.service.is_some();
    let named = |room: f32| {
        let room = if strong { room / 1.18 } else { room };
        card.name.fitted(name_size, room)
    };
    let mut name = named(right - left);
    if !card.errors.is_empty() {
        let size = (11.5 * scale).clamp(10.5, 17.0);
        let dot = 3.0 * scale.clamp(0.9, 1.3);
        let width = |text: &str| {
            let gap = if text.is_empty() {
                0.0
            } else {
                7.0 * scale.max(1.0)
            };
            text_width(text, size) + 2.0 * dot + gap
        };
        // As words, as a number, or as the mark alone: where that takes nothing from the name.
        let number = card.errors.split(' ').next().unwrap_or_default();
        let beside = |text: &str| named(right - left - width(text) - 5.0);
        name = beside("");
        let text = [card.errors.as_str(), number]
            .into_iter()
            .find(|text| full && beside(text) == name)
            .unwrap_or_default();
        let ink = if dim { Ink::Text3 } else { Ink::Error };
        list.push(Item::Dot {
            x: right - width(text) + dot,
            y: name_y,
            r: dot,
            ink,
        });
        if !text.is_empty() {
            let text = text.to_owned();
            list.push(Item::Text {
                x: right,
                y: name_y,
                text,
                size,
                strong: false,
                align: Align::End,
                ink,
            });
        }
    }
    let ink = if dim { Ink::Text3 } else { Ink::Text };
    list.push(Item::Text {
        x: left,
        y: name_y,
        text: name,
        size: name_size,
        strong,
        align: Align::Start,
        ink,
    });
    if full {
        let size = (11.5 * scale).clamp(10.5, 17.0);
        let [many, few] = &card.facts;
        let text = if fits(many, size, right - left) {
            many
        } else {
            few
        };
        let text = fitted(text, size, right - left);
        let ink = if dim { Ink::Text3 } else { Ink::Text2 };
        list.push(Item::Text {
            x: left,
            y: y + h * 0.64,
            text,
            size,
            strong: false,
            align: Align::Start,
            ink,
        });
    }
}

/// The service's colour; from the second round of colours on with stripes.
fn tick(service: u32, [x, y, w, h]: [f32; 4], dim: bool, list: &mut DisplayList) {
    let ink = if dim {
        Ink::ServiceFaint(service)
    } else {
        Ink::Service(service)
    };
    list.push(Item::Rect {
        x,
        y,
        w,
        h,
        radius: w / 2.0,
        ink,
    });
    if service >= SERVICE_COLOURS {
        list.push(Item::Hatch {
            x,
            y,
            w,
            h,
            ink: Ink::Ground,
        });
    }
}

fn mark(card: &Card, [x, y, w, h]: [f32; 4], dim: bool, focused: bool, list: &mut DisplayList) {
    let (w, h) = (w.max(4.0), h.max(4.0));
    let radius = (h / 3.0).min(3.0);
    match card.service {
        Some(service) => {
            // Filled as far as it is hot.
            let ink = Ink::ServiceFaint(service);
            list.push(Item::Rect {
                x,
                y,
                w,
                h,
                radius,
                ink,
            });
            if !dim {
                list.push(Item::Rect {
                    x,
                    y,
                    w: (w * card.heat).max(3.0),
                    h,
                    radius,
                    ink: heat::ink(card, dim),
                });
            }
        }
        None => {
            list.push(Item::Rect {
                x,
                y,
                w,
                h,
                radius,
                ink: Ink::Ground,
            });
            let ink = if dim { Ink::Line } else { Ink::Text3 };
            list.push(Item::Frame {
                x: x + 0.5,
                y: y + 0.5,
                w: w - 1.0,
                h: h - 1.0,
                radius,
                width: 1.0,
                ink,
            });
        }
    }
    if !card.errors.is_empty() && !dim {
        list.push(Item::Dot {
            x: x + w,
            y,
            r: 3.0,
            ink: Ink::Error,
        });
    }
    if focused || card.on_way {
        let (x, y, w, h) = (x - 2.0, y - 2.0, w + 4.0, h + 4.0);
        list.push(Item::Frame {
            x,
            y,
            w,
            h,
            radius: radius + 2.0,
            width: 2.0,
            ink: if focused { Ink::Accent } else { Ink::Text },
        });
    }
}

fn dashed_frame([x, y, w, h]: [f32; 4], width: f32, ink: Ink, list: &mut DisplayList) {
    const STEP: f32 = 7.0;
    const DASH: f32 = 4.0;
    let (right, bottom) = (x + w, y + h);
    for (from, to) in [
        ((x, y), (right, y)),
        ((right, y), (right, bottom)),
        ((right, bottom), (x, bottom)),
        ((x, bottom), (x, y)),
    ] {
        let length = (to.0 - from.0).abs() + (to.1 - from.1).abs();
        // Whole dashes from corner to corner.
        let count = (length / STEP).round().max(1.0);
        let (step, dash) = (1.0 / count, DASH / STEP / count);
        let at = |part: f32| {
            (
                from.0 + (to.0 - from.0) * part,
                from.1 + (to.1 - from.1) * part,
            )
        };
        for n in 0..count as usize {
            let start = n as f32 * step + (step - dash) / 2.0;
            list.push(Item::Line {
                points: vec![at(start), at(start + dash)],
                width,
                curve: false,
                ink,
            });
        }
    }
}

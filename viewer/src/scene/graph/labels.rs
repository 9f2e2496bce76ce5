//! The words on the edges: `12 calls · 606 ms · 1 error`, where there is room.
//!
//! **Invariant:** labels never lie on each other or under a card; the edges with errors and with most time are asked first; the edge
//! that is selected or pointed at always has its label.

use super::{Focus, Frame, Picture, focus::Strength, wires::Wire};
use crate::scene::{Align, DisplayList, Ink, Item, text_width};

/// Size of the words at scale 1 and below; they grow with the cards.
const SIZE: f32 = 11.0;
/// Height of a line, in sizes.
const LINE: f32 = 1.27;
const PAD: f32 = 4.0;
/// What shows of an edge beside its label, at least.
const AIR: f32 = 10.0;

/// Below this scale there is room between the layers for the shortest words only, which are not those that matter.
const LEAST: f32 = 0.5;

/// A label as lines of pieces: a text and whether it tells errors.
type Lines = Vec<Vec<(String, bool)>>;

/// The labels of all edges that have room, but the ones in focus.
pub(super) fn draw(picture: &Picture, frame: &Frame, focus: &Focus, list: &mut DisplayList) {
    if frame.camera.scale < LEAST {
        return;
    }
    // Cards are drawn over the labels.
    let size = size(frame);
    let mut taken: Vec<[f32; 4]> = picture.places(frame).map(|(_, place)| place).collect();
    for &at in &picture.wires_by_time {
        let wire = &picture.wires[at as usize];
        if in_focus(focus, at) || !wire.shows(frame) {
            continue;
        }
        let strength = focus.strength(at as usize, wire);
        if strength == Strength::Dim || wire.faint && strength == Strength::Normal {
            continue;
        }
        let choices = [one_line(wire), two_lines(wire)];
        let found = wire.spots.iter().find_map(|&(x, y, room)| {
            let (x, y) = frame.camera.canvas((x, y));
            choices.iter().find_map(|lines| {
                let place = place(lines, size, x, y);
                let fits = width(lines, size) <= room * frame.camera.scale - AIR;
                let free = taken.iter().all(|other| apart(&place, other));
                (fits && free && on_canvas(&place, frame)).then_some((lines, place))
            })
        });
        if let Some((lines, place)) = found {
            taken.push(place);
            write(lines, size, &place, false, list);
        }
    }
}

/// The label of the edge that is selected, and of the one the pointer is on.
pub(super) fn draw_focused(
    picture: &Picture,
    frame: &Frame,
    focus: &Focus,
    list: &mut DisplayList,
) {
    let size = size(frame);
    let both = [
        focus.edge,
        focus.hovered_edge.filter(|&at| focus.edge != Some(at)),
    ];
    for wire in both
        .into_iter()
        .flatten()
        .filter_map(|at| picture.wires.get(at as usize))
    {
        let seen = |&&(x, y, _): &&(f32, f32, f32)| {
            let (x, y) = frame.camera.canvas((x, y));
            (0.0..=frame.width).contains(&x) && (0.0..=frame.height).contains(&y)
        };
        // Of a long edge a spot that is on the canvas.
        let spot = wire.spots.iter().find(seen).or(wire.spots.first());
        if let Some(&(x, y, room)) = spot {
            let (x, y) = frame.camera.canvas((x, y));
            let whole = one_line(wire);
            let narrow = width(&whole, size) > room * frame.camera.scale - AIR
                && frame.camera.scale >= LEAST;
            let lines = if narrow { two_lines(wire) } else { whole };
            write(&lines, size, &place(&lines, size, x, y), true, list);
        }
    }
}

fn in_focus(focus: &Focus, at: u32) -> bool {
    focus.edge == Some(at) || focus.hovered_edge == Some(at)
}

fn one_line(wire: &Wire) -> Lines {
    let mut line = vec![(format!("{} · {}", wire.calls, wire.time), false)];
    if !wire.errors.is_empty() {
        line.push((format!(" · {}", wire.errors), true));
    }
    vec![line]
}

fn two_lines(wire: &Wire) -> Lines {
    let mut lines = vec![
        vec![(wire.calls.clone(), false)],
        vec![(wire.time.clone(), false)],
    ];
    if !wire.errors.is_empty() {
        lines.push(vec![(wire.errors.clone(), true)]);
    }
    lines
}

fn size(frame: &Frame) -> f32 {
    SIZE * frame.camera.scale.clamp(1.0, 1.5)
}

fn width(lines: &Lines, size: f32) -> f32 {
    lines
        .iter()
        .map(|line| line_width(line, size))
        .fold(0.0, f32::max)
        + 2.0 * PAD
}

/// Left, top, right, bottom of a label around a point.
fn place(lines: &Lines, size: f32, x: f32, y: f32) -> [f32; 4] {
    let width = width(lines, size);
    let height = lines.len() as f32 * LINE * size + 2.0;
    [
        x - width / 2.0,
        y - height / 2.0,
        x + width / 2.0,
        y + height / 2.0,
    ]
}

fn line_width(line: &[(String, bool)], size: f32) -> f32 {
    line.iter().map(|(text, _)| text_width(text, size)).sum()
}

fn apart(a: &[f32; 4], b: &[f32; 4]) -> bool {
    a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1]
}

fn on_canvas(place: &[f32; 4], frame: &Frame) -> bool {
    place[0] >= 0.0 && place[2] <= frame.width && place[1] >= 0.0 && place[3] <= frame.height
}

fn write(lines: &Lines, size: f32, place: &[f32; 4], focused: bool, list: &mut DisplayList) {
    let [x, y, right, bottom] = *place;
    let (w, h) = (right - x, bottom - y);
    list.push(Item::Rect {
        x,
        y,
        w,
        h,
        radius: 4.0,
        ink: if focused {
            Ink::AccentGround
        } else {
            Ink::Ground
        },
    });
    if focused {
        list.push(Item::Frame {
            x,
            y,
            w,
            h,
            radius: 4.0,
            width: 1.0,
            ink: Ink::Accent,
        });
    }
    for (at, line) in lines.iter().enumerate() {
        let y = y + 1.0 + LINE * size * (at as f32 + 0.5);
        // The width of a text is an estimate: two texts meet where they touch in any case.
        let mut meet = x + (w - line_width(line, size)) / 2.0;
        let several = line.len() > 1;
        for (nth, (text, error)) in line.iter().enumerate() {
            let (x, align) = match (several, nth) {
                (false, _) => (x + w / 2.0, Align::Middle),
                (true, 0) => {
                    meet += text_width(text, size);
                    (meet, Align::End)
                }
                (true, _) => (meet, Align::Start),
            };
            let ink = match (error, focused) {
                (true, _) => Ink::Error,
                (false, true) => Ink::Text,
                (false, false) => Ink::Text2,
            };
            list.push(Item::Text {
                x,
                y,
                text: text.clone(),
                size,
                strong: false,
                align,
                ink,
            });
        }
    }
}

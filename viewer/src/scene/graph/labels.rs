//! The words on the edges: `12 calls · 606 ms · 1 error`, where there is room.
//!
//! **Invariant:** labels never lie on each other; the edges with errors and with most time are asked first; the edge
//! that is selected or pointed at always has its label.

use super::{Focus, Frame, Picture, Strength, wires::Wire};
use crate::scene::{Align, DisplayList, Ink, Item, text_width};

const SIZE: f32 = 11.0;
const LINE: f32 = 14.0;
const PAD: f32 = 4.0;

/// Below this scale there is no room between the layers.
const LEAST: f32 = 0.45;

/// A label as lines of pieces: a text and whether it tells errors.
type Lines = Vec<Vec<(String, bool)>>;

/// The labels of all edges that have room, but the ones in focus.
pub(super) fn draw(picture: &Picture, frame: &Frame, focus: &Focus, list: &mut DisplayList) {
    if frame.camera.scale < LEAST {
        return;
    }
    let mut taken: Vec<[f32; 4]> = Vec::new();
    for &at in &picture.wires_by_time {
        let wire = &picture.wires[at as usize];
        if in_focus(focus, at) || !wire.shows(frame) {
            continue;
        }
        let strength = focus.strength(at as usize, wire);
        if strength == Strength::Dim {
            continue;
        }
        let choices = [one_line(wire), two_lines(wire)];
        let found = wire.spots.iter().find_map(|&(x, y, room)| {
            let (x, y) = frame.camera.canvas((x, y));
            choices.iter().find_map(|lines| {
                let place = place(lines, x, y);
                let fits = place[2] - place[0] <= room * frame.camera.scale - 10.0;
                let free = taken.iter().all(|other| apart(&place, other));
                (fits && free && on_canvas(&place, frame)).then_some((lines, place))
            })
        });
        if let Some((lines, place)) = found {
            taken.push(place);
            write(lines, &place, false, list);
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
    let both = [
        focus.edge,
        focus.hovered_edge.filter(|&at| focus.edge != Some(at)),
    ];
    for wire in both
        .into_iter()
        .flatten()
        .filter_map(|at| picture.wires.get(at as usize))
    {
        if let Some(&(x, y, _)) = wire.spots.first() {
            let (x, y) = frame.camera.canvas((x, y));
            let lines = one_line(wire);
            write(&lines, &place(&lines, x, y), true, list);
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

/// Left, top, right, bottom of a label around a point.
fn place(lines: &Lines, x: f32, y: f32) -> [f32; 4] {
    let width = lines
        .iter()
        .map(|line| line_width(line))
        .fold(0.0, f32::max)
        + 2.0 * PAD;
    let height = lines.len() as f32 * LINE + 2.0;
    [
        x - width / 2.0,
        y - height / 2.0,
        x + width / 2.0,
        y + height / 2.0,
    ]
}

fn line_width(line: &[(String, bool)]) -> f32 {
    line.iter().map(|(text, _)| text_width(text, SIZE)).sum()
}

fn apart(a: &[f32; 4], b: &[f32; 4]) -> bool {
    a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1]
}

fn on_canvas(place: &[f32; 4], frame: &Frame) -> bool {
    place[2] > 0.0 && place[0] < frame.width && place[3] > 0.0 && place[1] < frame.height
}

fn write(lines: &Lines, place: &[f32; 4], focused: bool, list: &mut DisplayList) {
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
        let mut x = x + (w - line_width(line)) / 2.0;
        let y = y + 1.0 + LINE * (at as f32 + 0.5);
        for (text, error) in line {
            let ink = match (error, focused) {
                (true, _) => Ink::Error,
                (false, true) => Ink::Text,
                (false, false) => Ink::Text2,
            };
            let width = text_width(text, SIZE);
            list.push(Item::Text {
                x,
                y,
                text: text.clone(),
                size: SIZE,
                strong: false,
                align: Align::Start,
                ink,
            });
            x += width;
        }
    }
}

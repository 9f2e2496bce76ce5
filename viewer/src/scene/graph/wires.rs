//! The edges: where they leave and arrive, the curve between, its thickness and its arrow.
//!
//! ```text
//! ┌─────┐ port        way (long edges)         port ┌─────┐
//! │ web ├──────╮ ╭────────────────────╮ ╭──────────▶│ api │   several edges at one side of a card leave
//! └─────┘      ╰─╯                    ╰─╯           └─────┘   from several ports, in the order of their other ends
//! ```
//!
//! **Invariant:** an edge and the one back never lie on each other; a hit test looks at the curve that is drawn.

use throughline_model::{analysis::service_graph::ServiceGraph, order::sort_rows};

use super::{
    CARD_HEIGHT, CARD_WIDTH, Focus, Frame, Kept, Picture, focus::Strength, layout::Layout,
    words::counted,
};
use crate::scene::{DisplayList, Ink, Item};

/// Points on a curve between two of its ends, for hit tests and dashes.
const STEPS: usize = 14;
/// How far a curve within a layer goes out, at most.
const BULGE: f32 = 80.0;
/// Between two ports of a side, at most.
const PORT_GAP: f32 = 11.0;

/// An edge at scale 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wire {
    /// Its place in the graph.
    pub edge: u32,
    /// The card where it leaves.
    pub from: u32,
    /// The card where it arrives.
    pub to: u32,
    /// A Bézier curve: 1 + 3 n points.
    pub curve: Vec<(f32, f32)>,
    /// The curve as a line.
    pub samples: Vec<(f32, f32)>,
    /// Left, top, right, bottom.
    bounds: [f32; 4],
    /// Thickness on the canvas at scale 1.
    width: f32,
    dashed: bool,
    /// Whether it is on the way to the selected span.
    pub on_way: bool,
    /// Whether it stands back, because there are so many.
    pub faint: bool,
    /// `12 calls`.
    pub calls: String,
    /// `606 ms`.
    pub time: String,
    /// `1 error`, or nothing.
    pub errors: String,
    /// Where a label can be: a point between layers, and how far those are apart.
    pub spots: Vec<(f32, f32, f32)>,
}

impl Wire {
    /// How far a point is; infinite when it is out of `reach` of the bounds.
    pub(super) fn distance(&self, x: f32, y: f32, reach: f32) -> f32 {
        let [left, top, right, bottom] = self.bounds;
        if x < left - reach || x > right + reach || y < top - reach || y > bottom + reach {
            return f32::INFINITY;
        }
        let pieces = self.samples.windows(2).map(|pair| {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let (dx, dy) = (bx - ax, by - ay);
            let length = (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
            let t = (((x - ax) * dx + (y - ay) * dy) / length).clamp(0.0, 1.0);
            (x - ax - t * dx).hypot(y - ay - t * dy)
        });
        pieces.fold(f32::INFINITY, f32::min)
    }

    /// How far to the right it goes.
    pub(super) fn right(&self) -> f32 {
        self.bounds[2]
    }

    /// Whether any of it can be on the canvas.
    pub(super) fn shows(&self, frame: &Frame) -> bool {
        let (left, top) = frame.camera.canvas((self.bounds[0], self.bounds[1]));
        let (right, bottom) = frame.camera.canvas((self.bounds[2], self.bounds[3]));
        right >= -20.0
            && left <= frame.width + 20.0
            && bottom >= -20.0
            && top <= frame.height + 20.0
    }
}

/// An edge between two cards.
pub(super) struct Link {
    edge: u32,
    pub from: u32,
    pub to: u32,
}

/// The edges that show.
pub(super) fn links(graph: &ServiceGraph, kept: &Kept) -> Vec<Link> {
    let mut place = vec![None; graph.nodes.len()];
    for (at, &node) in (0u32..).zip(&kept.nodes) {
        place[node as usize] = Some(at);
    }
    let links = kept.edges.iter().filter_map(|&edge| {
        let ends = graph.edges.get(edge as usize)?;
        let (from, to) = (place[ends.from as usize]?, place[ends.to as usize]?);
        Some(Link { edge, from, to })
    });
    links.collect()
}

/// The curves of all edges.
pub(super) fn route(graph: &ServiceGraph, links: &[Link], layout: &Layout) -> Vec<Wire> {
    let ports = ports(links, layout);
    let mut ends = vec![[0u32; 2]; layout.nodes.len()];
    for link in links {
        ends[link.from as usize][0] += 1;
        ends[link.to as usize][1] += 1;
    }
    links
        .iter()
        .enumerate()
        .map(|(at, link)| {
            let edge = &graph.edges[link.edge as usize];
            let way = layout.ways.get(at).map(Vec::as_slice).unwrap_or_default();
            let [start, end] = ports[at];
            let (curve, spots) = if link.from == link.to {
                self_call(layout.nodes[link.from as usize])
            } else {
                // Of many edges that leave a card each has its arrow to itself, and the other way round.
                let fans_out = ends[link.from as usize][0] >= ends[link.to as usize][1];
                between(start, way, end, fans_out)
            };
            let samples = sample(&curve);
            let bounds = samples.iter().fold(
                [f32::MAX, f32::MAX, f32::MIN, f32::MIN],
                |[l, t, r, b], &(x, y)| [l.min(x), t.min(y), r.max(x), b.max(y)],
            );
            Wire {
                edge: link.edge,
                from: link.from,
                to: link.to,
                on_way: false,
                faint: false,
                curve,
                samples,
                bounds,
                width: (1.25 + (edge.calls.max(1) as f32).log2() * 0.9).min(8.0),
                dashed: edge.is_async(),
                calls: counted(edge.calls, "call"),
                time: edge.time.to_string(),
                errors: if edge.errors > 0 {
                    counted(edge.errors, "error")
                } else {
                    String::new()
                },
                spots,
            }
        })
        .collect()
}

/// Where each edge leaves and arrives.
fn ports(links: &[Link], layout: &Layout) -> Vec<[(f32, f32); 2]> {
    let count = layout.nodes.len();
    // Right and left side of each node: edge, whether it leaves there, and how high its other end is.
    let mut sides: Vec<Vec<(f32, u32, bool)>> = vec![Vec::new(); count * 2];
    for (at, edge) in links
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.from != edge.to)
    {
        let (from, to) = (
            layout.nodes[edge.from as usize],
            layout.nodes[edge.to as usize],
        );
        let way = layout.ways.get(at).map(Vec::as_slice).unwrap_or_default();
        let layer = |node: u32| layout.layers[node as usize];
        let (leaves_right, arrives_left) = (
            layer(edge.from) <= layer(edge.to),
            layer(edge.from) < layer(edge.to),
        );
        let next = way
            .first()
            .map_or(to.1 + CARD_HEIGHT / 2.0, |point| point.1);
        let before = way
            .last()
            .map_or(from.1 + CARD_HEIGHT / 2.0, |point| point.1);
        sides[edge.from as usize * 2 + usize::from(!leaves_right)].push((next, at as u32, true));
        sides[edge.to as usize * 2 + usize::from(arrives_left)].push((before, at as u32, false));
    }
    let mut ports = vec![[(0.0, 0.0); 2]; links.len()];
    for (side, ends) in sides.into_iter().enumerate() {
        // On the other side of an edge the order of the pair is the same: edge and way back do not cross.
        let mut order: Vec<u32> = (0..ends.len() as u32).collect();
        sort_rows(&mut order, &|a, b| {
            let (a, b) = (ends[a as usize], ends[b as usize]);
            a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
        });
        let (x, y) = layout.nodes[side / 2];
        let x = if side % 2 == 0 { x + CARD_WIDTH } else { x };
        let gap = PORT_GAP.min((CARD_HEIGHT - 12.0) / ends.len().max(1) as f32);
        let first = y + CARD_HEIGHT / 2.0 - gap * (ends.len() as f32 - 1.0) / 2.0;
        for (at, &end) in order.iter().enumerate() {
            let (_, edge, leaves) = ends[end as usize];
            ports[edge as usize][usize::from(!leaves)] = (x, first + gap * at as f32);
        }
    }
    ports
}

type Routed = (Vec<(f32, f32)>, Vec<(f32, f32, f32)>);

/// The curve turns early or late, so that it is level at the end where it is alone: that is where its label goes.
fn between(start: (f32, f32), way: &[(f32, f32)], end: (f32, f32), fans_out: bool) -> Routed {
    let (early, late) = if fans_out { (0.3, 0.7) } else { (0.7, 0.3) };
    let mut curve = vec![start];
    let mut spots = Vec::new();
    let mut last = start;
    for (at, &point) in way.iter().chain([&end]).enumerate() {
        let dx = point.0 - last.0;
        let mut piece = [
            last,
            (last.0 + dx * early, last.1),
            (point.0 - dx * late, point.1),
            point,
        ];
        if dx.abs() < 1.0 {
            // Within a layer: out to the right and back.
            let out = last.0.max(point.0) + (24.0 + (point.1 - last.1).abs() * 0.15).min(BULGE);
            (piece[1].0, piece[2].0) = (out, out);
        }
        curve.extend(&piece[1..]);
        // Every second piece is between layers, if it is no bend to a card; the others lie in a layer, beside its cards.
        if at % 2 == 0 && (dx.abs() > CARD_WIDTH / 3.0 || way.is_empty()) {
            let (x, y) = on_curve(piece, if fans_out { 0.74 } else { 0.26 });
            spots.push((x, y, dx.abs()));
        }
        last = point;
    }
    if fans_out {
        spots.reverse();
    }
    if spots.is_empty() {
        spots.push((curve[3].0, curve[3].1, 0.0));
    }
    (curve, spots)
}

/// The point of a piece of a curve at `t`, 0 to 1.
fn on_curve([a, b, c, d]: [(f32, f32); 4], t: f32) -> (f32, f32) {
    let [p, q, r, s] = [
        (1.0 - t).powi(3),
        3.0 * t * (1.0 - t).powi(2),
        3.0 * t * t * (1.0 - t),
        t.powi(3),
    ];
    (
        a.0 * p + b.0 * q + c.0 * r + d.0 * s,
        a.1 * p + b.1 * q + c.1 * r + d.1 * s,
    )
}

/// A loop on the top of a card.
fn self_call((x, y): (f32, f32)) -> Routed {
    let right = x + CARD_WIDTH;
    let curve = vec![
        (right - 46.0, y),
        (right - 52.0, y - 24.0),
        (right - 6.0, y - 24.0),
        (right - 14.0, y),
    ];
    (curve, vec![(right - 104.0, y - 11.0, CARD_WIDTH)])
}

fn sample(curve: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let mut points: Vec<(f32, f32)> = curve.first().copied().into_iter().collect();
    for at in (0..curve.len().saturating_sub(3)).step_by(3) {
        let [a, b, c, d] = [curve[at], curve[at + 1], curve[at + 2], curve[at + 3]];
        // A straight piece needs no points between.
        let steps = if a.1 == d.1 && b.1 == d.1 { 1 } else { STEPS };
        for step in 1..=steps {
            let t = step as f32 / steps as f32;
            let [p, q, r, s] = [
                (1.0 - t).powi(3),
                3.0 * t * (1.0 - t).powi(2),
                3.0 * t * t * (1.0 - t),
                t.powi(3),
            ];
            points.push((
                a.0 * p + b.0 * q + c.0 * r + d.0 * s,
                a.1 * p + b.1 * q + c.1 * r + d.1 * s,
            ));
        }
    }
    points
}

/// Draws the edges, the highlighted ones on top.
pub(super) fn draw(picture: &Picture, frame: &Frame, focus: &Focus, list: &mut DisplayList) {
    for strength in [
        Strength::Dim,
        Strength::Normal,
        Strength::Raised,
        Strength::Way,
        Strength::Strong,
    ] {
        for (at, wire) in picture.wires.iter().enumerate() {
            if focus.strength(at, wire) == strength && wire.shows(frame) {
                draw_wire(wire, frame, strength, list);
            }
        }
    }
}

fn draw_wire(wire: &Wire, frame: &Frame, strength: Strength, list: &mut DisplayList) {
    let ink = match strength {
        Strength::Dim => Ink::Line,
        Strength::Normal if wire.faint => Ink::LineStrong,
        Strength::Normal => Ink::Text3,
        Strength::Raised => Ink::Text2,
        Strength::Way => Ink::Text,
        Strength::Strong => Ink::Accent,
    };
    let camera = frame.camera;
    let thin = if strength == Strength::Normal {
        0.75
    } else {
        1.0
    };
    let mut width = (wire.width * camera.scale.clamp(0.3, 1.5)).max(thin);
    if strength == Strength::Way {
        // Not by its colour alone.
        width = width.max(3.0);
    }
    let arrow = (5.0 + width) * camera.scale.clamp(0.5, 1.2);
    if wire.dashed && camera.scale > 0.3 {
        dashes(wire, frame, width, ink, list);
    } else {
        let points = wire
            .curve
            .iter()
            .map(|&point| camera.canvas(point))
            .collect();
        list.push(Item::Line {
            points,
            width,
            curve: true,
            ink,
        });
    }
    // The arrow points as the curve arrives: level from left or right, or down for a self-call.
    let Some((&tip, &from)) = wire.curve.last().zip(wire.samples.iter().rev().nth(1)) else {
        return;
    };
    let (x, y) = camera.canvas(tip);
    let half = arrow * 0.5;
    let points = if wire.from == wire.to {
        vec![(x, y), (x - half, y - arrow), (x + half, y - arrow)]
    } else {
        let back = if from.0 <= tip.0 { -arrow } else { arrow };
        vec![(x, y), (x + back, y - half), (x + back, y + half)]
    };
    list.push(Item::Shape { points, ink });
}

/// A dashed curve as short lines: nobody waited for these calls.
fn dashes(wire: &Wire, frame: &Frame, width: f32, ink: Ink, list: &mut DisplayList) {
    const DASH: f32 = 6.0;
    let mut points: Vec<(f32, f32)> = Vec::new();
    let (mut drawn, mut left) = (true, DASH);
    let mut samples = wire.samples.iter().map(|&point| frame.camera.canvas(point));
    let Some(mut last) = samples.next() else {
        return;
    };
    points.push(last);
    for next in samples {
        let mut length = (next.0 - last.0).hypot(next.1 - last.1);
        while length > left {
            let part = left / length;
            last = (
                last.0 + (next.0 - last.0) * part,
                last.1 + (next.1 - last.1) * part,
            );
            length -= left;
            left = DASH;
            points.push(last);
            if drawn {
                let points = core::mem::take(&mut points);
                list.push(Item::Line {
                    points,
                    width,
                    curve: false,
                    ink,
                });
            }
            drawn = !drawn;
            points = vec![last];
        }
        left -= length;
        last = next;
        points.push(last);
    }
    if drawn && points.len() > 1 {
        list.push(Item::Line {
            points,
            width,
            curve: false,
            ink,
        });
    }
}

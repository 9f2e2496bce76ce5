//! The service graph as a picture: a card a service, a curve from caller to callee.
//!
//! ```text
//! ServiceGraph ─once→ Picture (places, texts, curves at scale 1) ─camera→ DisplayList
//!                        └─ hit(camera, x, y), next(node, direction), fit(width, height)
//! ```
//!
//! Words keep a size that can be read: with less room there are fewer of them, until a node is a mark in its service's
//! colour and only those where most time went have a name.
//!
//! **Invariant:** pure; the picture is made once a trace, and a frame costs what is on screen.

mod camera;
mod cards;
mod focus;
mod labels;
mod layout;
mod names;
mod ranks;
#[cfg(test)]
mod tests;
mod wires;
mod words;

use throughline_model::{
    analysis::service_graph::{PeerKind, ServiceGraph, Who},
    order::rows_by_key,
    store::TraceStore,
};

use super::DisplayList;
pub use camera::{Camera, Direction};
use focus::Focus;
use layout::Measures;
use wires::Wire;
use words::counted;

/// Width of a card at scale 1.
pub(crate) const CARD_WIDTH: f32 = 172.0;
/// Height of a card at scale 1.
pub(crate) const CARD_HEIGHT: f32 = 44.0;
/// Between the cards of a layer.
const CARD_GAP: f32 = 20.0;
/// At most so much, where a canvas is high enough.
const CARD_GAP_MOST: f32 = 90.0;
/// Up to so many nodes take on the shape of the canvas.
pub const SMALL: usize = 60;
/// Between layers, where the labels of the edges are.
const LAYER_GAP: f32 = 100.0;
/// How far from an edge a pointer still means it, CSS pixels.
const REACH: f32 = 7.0;

/// A node or an edge of the service graph, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A service or a peer.
    Node(u32),
    /// All calls from one to another.
    Edge(u32),
}

/// The graph of one trace, laid out and put into words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    cards: Vec<Card>,
    wires: Vec<Wire>,
    /// Nodes by time, most first: who gets a name when there is not enough room.
    by_time: Vec<u32>,
    /// Edges by time, most first.
    wires_by_time: Vec<u32>,
    size: (f32, f32),
}

/// A node at scale 1.
#[derive(Clone, Debug, PartialEq)]
struct Card {
    x: f32,
    y: f32,
    name: String,
    /// In many words, and in few.
    facts: [String; 2],
    errors: String,
    /// `None` for a peer.
    service: Option<u32>,
}

/// What a frame depends on beside the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Where the picture is on the canvas.
    pub camera: Camera,
    /// Width of the canvas, CSS pixels.
    pub width: f32,
    /// Height of the canvas, CSS pixels.
    pub height: f32,
    /// What is selected.
    pub selected: Option<Target>,
    /// What the pointer is on.
    pub hovered: Option<Target>,
}

impl Picture {
    /// Lays out a graph for a canvas that is `shape` times as wide as high.
    pub fn new(store: &TraceStore, graph: &ServiceGraph, shape: f32) -> Self {
        let edges: Vec<(u32, u32)> = graph
            .edges
            .iter()
            .map(|edge| (edge.from, edge.to))
            .collect();
        let layout = lay_out(graph.nodes.len(), &edges, shape);
        let cards: Vec<Card> = graph
            .nodes
            .iter()
            .zip(&layout.nodes)
            .map(|(node, &(x, y))| {
                let (name, facts, service) = match &node.who {
                    Who::Service(service) => {
                        let few = format!("{} · {}", counted(node.spans, "span"), node.self_time);
                        let name = match store.service_name(*service) {
                            "" => "(no name)",
                            name => name,
                        };
                        (
                            name.to_owned(),
                            [format!("{few} self"), few],
                            Some(*service),
                        )
                    }
                    Who::Peer(peer) => {
                        let name = format!("{} {}", peer.name, peer.detail);
                        let few = "not instrumented".to_owned();
                        (
                            name.trim_end().to_owned(),
                            [format!("{}{few}", kind_prefix(peer.kind)), few],
                            None,
                        )
                    }
                };
                let errors = if node.errors > 0 {
                    counted(node.errors, "error")
                } else {
                    String::new()
                };
                Card {
                    x,
                    y,
                    name,
                    facts,
                    errors,
                    service,
                }
            })
            .collect();
        let wires = wires::route(graph, &layout);
        let by_time = rows_by_key(cards.len(), |at| {
            core::cmp::Reverse(graph.nodes[at as usize].time)
        });
        let wires_by_time = rows_by_key(wires.len(), |at| {
            let edge = &graph.edges[at as usize];
            core::cmp::Reverse((edge.errors > 0, edge.time))
        });
        Self {
            cards,
            wires,
            by_time,
            wires_by_time,
            size: layout.size,
        }
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.cards.len()
    }

    /// Left, top, right and bottom on the canvas of every card that is at least partly on it.
    fn places(&self, frame: &Frame) -> impl Iterator<Item = (u32, [f32; 4])> {
        let (camera, width, height) = (frame.camera, frame.width, frame.height);
        let places = self.cards.iter().enumerate().map(move |(at, card)| {
            let (left, top) = camera.canvas((card.x, card.y));
            let (right, bottom) = camera.canvas((card.x + CARD_WIDTH, card.y + CARD_HEIGHT));
            (at as u32, [left, top, right, bottom])
        });
        places.filter(move |(_, [left, top, right, bottom])| {
            *right >= 0.0 && *left <= width && *bottom >= 0.0 && *top <= height
        })
    }

    /// What is to be drawn.
    pub fn scene(&self, frame: &Frame) -> DisplayList {
        let mut list = DisplayList::default();
        let focus = Focus::of(self, frame);
        wires::draw(self, frame, &focus, &mut list);
        labels::draw(self, frame, &focus, &mut list);
        cards::draw(self, frame, &focus, &mut list);
        labels::draw_focused(self, frame, &focus, &mut list);
        list
    }

    /// What is under a point of the canvas: cards before curves.
    pub fn hit(&self, camera: Camera, x: f32, y: f32) -> Option<Target> {
        let (wx, wy) = camera.world(x, y);
        // A card that is drawn very small can still be hit.
        let grow = ((12.0 / camera.scale - CARD_HEIGHT) / 2.0).max(0.0);
        let inside = |card: &Card| {
            (card.x - grow..card.x + CARD_WIDTH + grow).contains(&wx)
                && (card.y - grow..card.y + CARD_HEIGHT + grow).contains(&wy)
        };
        if let Some(node) = self.cards.iter().position(inside) {
            return Some(Target::Node(node as u32));
        }
        let reach = REACH / camera.scale;
        let near = self
            .wires
            .iter()
            .enumerate()
            .map(|(at, wire)| (wire.distance(wx, wy, reach), at));
        let (distance, edge) = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (distance <= reach).then_some(Target::Edge(edge as u32))
    }

    /// The camera that shows everything: as large as words need, not larger.
    pub fn fit(&self, width: f32, height: f32) -> Camera {
        Camera::fit(self.size, width, height)
    }

    /// The camera, moved no more than is needed to have a node on the canvas.
    pub fn reveal(&self, node: u32, frame: &Frame) -> Camera {
        match self.cards.get(node as usize) {
            Some(card) => frame.camera.with_inside(
                card.x,
                card.y,
                CARD_WIDTH,
                CARD_HEIGHT,
                frame.width,
                frame.height,
            ),
            None => frame.camera,
        }
    }

    /// The nearest node in a direction; without a node to start from the one where most time went.
    pub fn next(&self, from: Option<u32>, direction: Direction) -> Option<u32> {
        let Some(start) = from.and_then(|from| self.cards.get(from as usize)) else {
            return self.by_time.first().copied();
        };
        let mut best = None;
        for (at, card) in self.cards.iter().enumerate() {
            let (along, aside) = direction.measure(card.x - start.x, card.y - start.y);
            // Nodes of the same row or layer come first, others as they are nearly in the direction.
            let cost = along + aside * 2.0;
            if along > 1.0 && best.is_none_or(|(known, _)| cost < known) {
                best = Some((cost, at as u32));
            }
        }
        best.map(|(_, at)| at)
    }
}

/// Lays out small graphs twice: where they would be a flat strip on the canvas, the second time with more air.
fn lay_out(nodes: usize, edges: &[(u32, u32)], shape: f32) -> layout::Layout {
    let mut measures = Measures {
        width: CARD_WIDTH,
        height: CARD_HEIGHT,
        layer_gap: LAYER_GAP,
        gap: CARD_GAP,
    };
    let layout = layout::lay_out(nodes, edges, &measures);
    let (width, height) = layout.size;
    let missing = width / shape.clamp(0.2, 5.0) - height;
    if nodes > SMALL || missing < height * 0.2 {
        return layout;
    }
    let rows = (height / (CARD_HEIGHT + CARD_GAP)).max(1.0);
    measures.gap += (missing / rows).min(CARD_GAP_MOST - CARD_GAP);
    layout::lay_out(nodes, edges, &measures)
}

fn kind_prefix(kind: PeerKind) -> &'static str {
    match kind {
        PeerKind::Service => "",
        PeerKind::Database => "database · ",
        PeerKind::Queue => "queue · ",
    }
}

//! The service graph as a picture: a card a service or span name, a curve from caller to callee.
//!
//! ```text
//! ServiceGraph ─Kept→ Picture (places, texts, curves at scale 1) ─camera→ DisplayList
//!                        └─ hit(camera, x, y), next(node, direction), home(width, height)
//! ```
//!
//! At first a picture is where its words read: all of it if that is possible, else a part, and an overview says of what.
//! Words keep a size that can be read: with less room there are fewer of them, until a node is a mark in its service's
//! colour and only those where most time went have a name.
//!
//! **Invariant:** pure; the picture is made once for what is to show, and a frame costs what is on screen. Outside nodes and
//! edges have the graph's numbers, inside those of cards and wires.

mod camera;
mod cards;
mod focus;
mod heat;
mod keep;
mod labels;
mod layout;
mod look;
mod names;
mod overview;
mod ranks;
mod short;
#[cfg(test)]
mod tests;
mod wires;
mod words;

use throughline_model::{
    analysis::service_graph::{Node, PeerKind, ServiceGraph, Way, Who},
    order::rows_by_key,
    store::TraceStore,
};

use super::DisplayList;
pub use camera::{Camera, Direction};
use focus::Focus;
pub use keep::{Heat, Kept, Show, Wish};
use layout::Measures;
use short::Label;
use wires::Wire;
use words::counted;

/// Width of a card at scale 1.
pub(crate) const CARD_WIDTH: f32 = 172.0;
/// Height of a card at scale 1.
pub(crate) const CARD_HEIGHT: f32 = 44.0;
/// Between the cards of a layer.
const CARD_GAP: f32 = 20.0;
/// The same where there are many of them, and edges between.
const CARD_GAP_MANY: f32 = 28.0;
/// Between the columns of a layer.
const GUTTER: f32 = 44.0;
/// At most so much, where a canvas is high enough.
const CARD_GAP_MOST: f32 = 90.0;
/// Up to so many nodes take on the shape of the canvas.
pub const SMALL: usize = 60;
/// Between layers, where the labels of the edges are.
const LAYER_GAP: f32 = 100.0;
/// Above so many edges all but the strongest stand back.
const STRONG: usize = 120;
/// How far from an edge a pointer still means it, CSS pixels.
const REACH: f32 = 7.0;

/// A node or an edge of the service graph, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A service or a peer.
    Node(u32),
    /// All calls from one to another.
    Edge(u32),
    /// The neighbours of a node that do not show.
    More(u32),
}

/// What a picture is made of.
#[derive(Clone, Copy)]
pub struct Drawing<'a> {
    /// The data.
    pub store: &'a TraceStore,
    /// The graph.
    pub graph: &'a ServiceGraph,
    /// What of it shows.
    pub kept: &'a Kept,
    /// What the bars show.
    pub heat: Heat,
    /// The way to the selected span.
    pub way: &'a Way,
    /// How many times as wide as high the canvas is.
    pub shape: f32,
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
    /// The card with the selected span.
    tagged: Option<usize>,
    size: (f32, f32),
}

/// A node at scale 1.
#[derive(Clone, Debug, PartialEq)]
struct Card {
    /// Its place in the graph.
    node: u32,
    x: f32,
    y: f32,
    name: Label,
    /// In many words, and in few.
    facts: [String; 2],
    errors: String,
    /// `None` for a peer.
    service: Option<u32>,
    /// How hot it is beside the hottest one, 0 to 1.
    heat: f32,
    /// Whether heat is errors.
    failing: bool,
    /// How many neighbours do not show.
    hidden: u32,
    /// Whether it is on the way to the selected span.
    on_way: bool,
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
    /// Lays out what shows of a graph.
    pub fn new(drawing: &Drawing<'_>) -> Self {
        let Drawing { graph, kept, .. } = *drawing;
        let links = wires::links(graph, kept);
        let ends: Vec<(u32, u32)> = links.iter().map(|link| (link.from, link.to)).collect();
        let layout = lay_out(kept.nodes.len(), &ends, drawing.shape);
        let hottest = graph.nodes.iter().map(|node| drawing.heat.of(node));
        let hottest = hottest.max().unwrap_or(0).max(1);
        let nodes = kept.nodes.iter().map(|&at| &graph.nodes[at as usize]);
        let (names, facts): (Vec<_>, Vec<_>) = nodes.map(|node| said(drawing.store, node)).unzip();
        let cards: Vec<Card> = kept
            .nodes
            .iter()
            .zip(&kept.hidden)
            .zip(&layout.nodes)
            .zip(short::labels(&names).into_iter().zip(facts))
            .map(|(((&at, &hidden), &(x, y)), (name, facts))| {
                let node = &graph.nodes[at as usize];
                let errors = if node.errors > 0 {
                    counted(node.errors, "error")
                } else {
                    String::new()
                };
                Card {
                    node: at,
                    x,
                    y,
                    name,
                    facts,
                    errors,
                    service: node.service(),
                    heat: (drawing.heat.of(node) as f64 / hottest as f64) as f32,
                    failing: drawing.heat == Heat::Errors,
                    hidden,
                    on_way: drawing.way.nodes.contains(&at),
                }
            })
            .collect();
        let mut wires = wires::route(graph, &links, &layout);
        for wire in &mut wires {
            wire.on_way = drawing.way.edges.contains(&wire.edge);
        }
        let by_time = rows_by_key(cards.len(), |at| {
            core::cmp::Reverse(graph.nodes[cards[at as usize].node as usize].time)
        });
        let wires_by_time = rows_by_key(wires.len(), |at| {
            let edge = &graph.edges[wires[at as usize].edge as usize];
            core::cmp::Reverse((edge.errors > 0, edge.time))
        });
        for &at in wires_by_time.iter().skip(STRONG) {
            wires[at as usize].faint = true;
        }
        // Curves within the last layer go out beyond it.
        let right = wires.iter().map(Wire::right).fold(layout.size.0, f32::max);
        let last = drawing.way.nodes.last();
        Self {
            tagged: last.and_then(|&node| kept.place(node)),
            cards,
            wires,
            by_time,
            wires_by_time,
            size: (right, layout.size.1),
        }
    }

    /// The card of a node of the graph.
    fn card(&self, node: u32) -> Option<usize> {
        self.cards
            .binary_search_by_key(&node, |card| card.node)
            .ok()
    }

    /// The wire of an edge of the graph.
    fn wire(&self, edge: u32) -> Option<usize> {
        self.wires
            .binary_search_by_key(&edge, |wire| wire.edge)
            .ok()
    }

    /// How many nodes show.
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
        if let Some(card) = self.tagged.map(|at| &self.cards[at]) {
            heat::tag(card, frame, &mut list);
        }
        labels::draw_focused(self, frame, &focus, &mut list);
        overview::draw(self, frame, &mut list);
        list
    }

    /// What is under a point of the canvas: what opens neighbours before cards before curves.
    pub fn hit(&self, frame: &Frame, x: f32, y: f32) -> Option<Target> {
        let camera = frame.camera;
        let (wx, wy) = camera.world(x, y);
        if self.steered(frame, x, y, false).is_some() {
            return None;
        }
        let on_pill = |card: &&Card| {
            heat::pill_place(card, frame).is_some_and(|[left, top, w, h]| {
                (left - 4.0..left + w + 4.0).contains(&x) && (top - 4.0..top + h + 4.0).contains(&y)
            })
        };
        if let Some(card) = self.cards.iter().find(on_pill) {
            return Some(Target::More(card.node));
        }
        // A card that is drawn very small can still be hit.
        let grow = ((12.0 / camera.scale - CARD_HEIGHT) / 2.0).max(0.0);
        let inside = |card: &&Card| {
            (card.x - grow..card.x + CARD_WIDTH + grow).contains(&wx)
                && (card.y - grow..card.y + CARD_HEIGHT + grow).contains(&wy)
        };
        if let Some(card) = self.cards.iter().find(inside) {
            return Some(Target::Node(card.node));
        }
        let reach = REACH / camera.scale;
        let near = self
            .wires
            .iter()
            .map(|wire| (wire.distance(wx, wy, reach), wire.edge));
        let (distance, edge) = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (distance <= reach).then_some(Target::Edge(edge))
    }

    /// The nearest node in a direction; without a node to start from the one where most time went.
    pub fn next(&self, from: Option<u32>, direction: Direction) -> Option<u32> {
        let start = from.and_then(|from| self.card(from));
        let Some(start) = start.map(|at| &self.cards[at]) else {
            let first = self.by_time.first();
            return first.map(|&at| self.cards[at as usize].node);
        };
        let mut best = None;
        for card in &self.cards {
            let (along, aside) = direction.measure(card.x - start.x, card.y - start.y);
            // Nodes of the same row or layer come first, others as they are nearly in the direction.
            let cost = along + aside * 2.0;
            if along > 1.0 && best.is_none_or(|(known, _)| cost < known) {
                best = Some((cost, card.node));
            }
        }
        best.map(|(_, node)| node)
    }
}

/// A node's name, and its facts in many words and in few.
fn said(store: &TraceStore, node: &Node) -> (String, [String; 2]) {
    let named = |name: &str| match name {
        "" => "(no name)".to_owned(),
        name => name.to_owned(),
    };
    match &node.who {
        Who::Service(service) => {
            let few = format!("{} · {}", counted(node.spans, "span"), node.self_time);
            (
                named(store.service_name(*service)),
                [format!("{few} self"), few],
            )
        }
        Who::Name(service, name) => {
            let (service, spans) = (store.service_name(*service), counted(node.spans, "span"));
            let many = format!("{service} · {spans} · {}", node.self_time);
            let few = format!("{} · {service}", node.self_time);
            (named(store.str(*name)), [many, few])
        }
        Who::Peer(peer) => {
            let name = format!("{} {}", peer.name, peer.detail);
            let few = "not instrumented".to_owned();
            (
                name.trim_end().to_owned(),
                [format!("{}{few}", kind_prefix(peer.kind)), few],
            )
        }
    }
}

/// Lays out small graphs twice: where they would be a flat strip on the canvas, the second time with more air.
fn lay_out(nodes: usize, edges: &[(u32, u32)], shape: f32) -> layout::Layout {
    let shape = shape.clamp(0.2, 5.0);
    let many = nodes > SMALL / 2;
    let mut measures = Measures {
        width: CARD_WIDTH,
        height: CARD_HEIGHT,
        layer_gap: LAYER_GAP,
        gap: if many { CARD_GAP_MANY } else { CARD_GAP },
        gutter: GUTTER,
        shape,
    };
    let layout = layout::lay_out(nodes, edges, &measures);
    let (width, height) = layout.size;
    let missing = width / shape - height;
    if nodes > SMALL || missing < height * 0.2 {
        return layout;
    }
    let rows = (height / (CARD_HEIGHT + measures.gap)).max(1.0);
    measures.gap += (missing / rows).min(CARD_GAP_MOST - measures.gap);
    layout::lay_out(nodes, edges, &measures)
}

fn kind_prefix(kind: PeerKind) -> &'static str {
    match kind {
        PeerKind::Service => "",
        PeerKind::Database => "database · ",
        PeerKind::Queue => "queue · ",
    }
}

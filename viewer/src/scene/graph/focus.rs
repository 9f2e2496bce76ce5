//! What stands out: the selection with what belongs to it, and what the pointer is on.
//!
//! **Invariant:** decides strengths, draws nothing.

use super::{Frame, Picture, Target, wires::Wire};

/// What is highlighted because of the selection or the pointer: cards and wires.
pub(super) struct Focus {
    pub edge: Option<u32>,
    pub node: Option<u32>,
    pub hovered_edge: Option<u32>,
    pub hovered_node: Option<u32>,
    /// Which nodes keep their strength; empty when nothing is selected and all do.
    pub nodes: Vec<bool>,
}

impl Focus {
    pub fn of(picture: &Picture, frame: &Frame) -> Self {
        let (mut edge, mut node) = (None, None);
        let mut nodes = Vec::new();
        let mut keep = |at: u32| {
            nodes.resize(picture.cards.len(), false);
            if let Some(kept) = nodes.get_mut(at as usize) {
                *kept = true;
            }
        };
        let card = |node: u32| picture.card(node).map(|at| at as u32);
        let wire = |edge: u32| picture.wire(edge).map(|at| at as u32);
        match frame.selected {
            Some(Target::Edge(at)) => {
                edge = wire(at);
                if let Some(wire) = edge.map(|at| &picture.wires[at as usize]) {
                    keep(wire.from);
                    keep(wire.to);
                }
            }
            Some(Target::Node(at) | Target::More(at)) if picture.card(at).is_some() => {
                node = card(at);
                let at = node.unwrap_or_default();
                keep(at);
                for wire in picture
                    .wires
                    .iter()
                    .filter(|wire| wire.from == at || wire.to == at)
                {
                    keep(wire.from);
                    keep(wire.to);
                }
            }
            _ => {}
        }
        let (hovered_edge, hovered_node) = match frame.hovered {
            Some(Target::Edge(at)) => (wire(at), None),
            Some(Target::Node(at) | Target::More(at)) => (None, card(at)),
            None => (None, None),
        };
        Self {
            edge,
            node,
            hovered_edge,
            hovered_node,
            nodes,
        }
    }

    pub fn is_dim(&self, node: usize) -> bool {
        self.nodes.get(node).is_some_and(|kept| !kept) && self.hovered_node != Some(node as u32)
    }

    /// Whether an edge is selected, pointed at, or of the selected node.
    pub fn strength(&self, at: usize, wire: &Wire) -> Strength {
        let at = Some(at as u32);
        let touches =
            |node: Option<u32>| node.is_some_and(|node| wire.from == node || wire.to == node);
        if at == self.edge || at == self.hovered_edge || touches(self.node) {
            Strength::Strong
        } else if wire.on_way {
            Strength::Way
        } else if touches(self.hovered_node) {
            Strength::Raised
        } else if self.nodes.is_empty() {
            Strength::Normal
        } else {
            Strength::Dim
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    Dim,
    Normal,
    Raised,
    Way,
    Strong,
}

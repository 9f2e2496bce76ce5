//! The way from the root span down to a span, as nodes and edges of the graph.
//!
//! **Invariant:** linear in the span's depth; no recursion.

use super::{ServiceGraph, Who};
use crate::store::TraceStore;

/// What a request went through on its way to a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Places in the graph's nodes from the root span's to the span's, spans of one node in a row as one.
    pub nodes: Vec<u32>,
    /// Places in the graph's edges between them, those that lead from a node to itself left out.
    pub edges: Vec<u32>,
}

impl ServiceGraph {
    /// The way to a span of the trace that the graph was made of.
    pub fn way_to(&self, store: &TraceStore, span: u32) -> Way {
        let up = core::iter::successors(Some(span), |&span| store.span(span).parent());
        let mut nodes: Vec<u32> = up.filter_map(|span| self.node_of(store, span)).collect();
        nodes.dedup();
        nodes.reverse();
        let edges = nodes
            .windows(2)
            .filter_map(|ends| self.edge(ends[0], ends[1]));
        let edges = edges.collect();
        Way { nodes, edges }
    }

    /// The place of a span's node.
    pub fn node_of(&self, store: &TraceStore, span: u32) -> Option<u32> {
        let key = (store.service_of(span), store.spans().name[span as usize]);
        // Instrumented nodes stand by service and name, peers behind them.
        let found = self.nodes.binary_search_by(|node| match node.who {
            Who::Service(service) => service.cmp(&key.0),
            Who::Name(service, name) => (service, name.0).cmp(&key),
            Who::Peer(_) => core::cmp::Ordering::Greater,
        });
        found.ok().map(|at| at as u32)
    }

    /// The place of the edge from a node to a node.
    pub fn edge(&self, from: u32, to: u32) -> Option<u32> {
        let found = self
            .edges
            .binary_search_by_key(&(from, to), |edge| (edge.from, edge.to));
        found.ok().map(|at| at as u32)
    }
}

//! The services of one trace and how they call each other: nodes, edges, and the spans behind every edge. Or, closer, what
//! they do: a node a service and span name.
//!
//! ```text
//! shop-web click ─┐ caller                an edge is every span whose parent is of another service,
//!   gateway POST ─┘ callee                 or that serves a call of its own service (a self-call);
//!     gateway SELECT (client, no callee)  an outgoing span that nothing answered leads to a peer
//!                                         that is named by its attributes and is not instrumented
//! ```
//!
//! **Invariant:** linear in the spans of the trace; no recursion, no object per span. The same trace gives the same
//! graph: services by index, then peers by kind and name; edges by caller, then callee.

mod build;
mod peers;
#[cfg(test)]
mod tests;
mod way;

use core::ops::Range;

use crate::{store::TraceStore, strings::StrIdx, time::Nanos};

use build::Build;
pub use peers::{Peer, PeerKind};
pub use way::Way;

/// What shares a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The spans of a service.
    #[default]
    Service,
    /// The spans of a service with the same name.
    Name,
}

/// The services and peers of a trace, and the calls between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceGraph {
    /// Services by index, or services and names by index; then peers by kind and name.
    pub nodes: Vec<Node>,
    /// By caller, then callee: places in `nodes`.
    pub edges: Vec<Edge>,
    /// The rows of all calls, edge by edge, ascending in each.
    calls: Vec<u32>,
}

/// A service, or a peer that is not instrumented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub who: Who,
    /// Its spans; for a peer 0, it has none of its own.
    pub spans: u32,
    /// Its spans with status error; for a peer the failed calls to it.
    pub errors: u32,
    /// Sum over its spans of what they did themselves; for a peer 0, nobody knows.
    pub self_time: Nanos,
    /// Sum over its spans that another node or nobody called, what they waited for included; for a peer the sum over the
    /// calls to it.
    pub time: Nanos,
}

/// What a node stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// An instrumented service, by its index in the store.
    Service(u32),
    /// The spans of an instrumented service, by its index, that have one name.
    Name(u32, StrIdx),
    /// Something that made no spans.
    Peer(Peer),
}

/// All calls from one node to another, or to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The caller's place in the nodes.
    pub from: u32,
    /// The callee's place in the nodes.
    pub to: u32,
    /// How many calls.
    pub calls: u32,
    /// How many of them failed, as the callee or the calling span says.
    pub errors: u32,
    /// How many of them sent a message, so that nobody waited.
    pub messages: u32,
    /// Sum over the calls of how long the callee took; of how long the caller waited if the callee made no span.
    pub time: Nanos,
    /// The longest of them.
    pub longest: Nanos,
    /// First row in the calls, and how many: the callee's spans, or the caller's if the callee made none.
    rows: [u32; 2],
}

impl Edge {
    /// True when all calls only sent a message.
    pub fn is_async(&self) -> bool {
        self.messages == self.calls
    }
}

impl Node {
    /// Whether it made spans.
    pub fn is_instrumented(&self) -> bool {
        self.service().is_some()
    }

    /// The service's index, unless it is a peer.
    pub fn service(&self) -> Option<u32> {
        match self.who {
            Who::Service(service) | Who::Name(service, _) => Some(service),
            Who::Peer(_) => None,
        }
    }

    /// What to call it: the service, the span name, or the peer.
    pub fn name<'a>(&'a self, store: &'a TraceStore) -> &'a str {
        match &self.who {
            Who::Service(service) => store.service_name(*service),
            Who::Name(_, name) => store.str(*name),
            Who::Peer(peer) => &peer.name,
        }
    }
}

/// A graph that is being built, for whoever must not be held up.
pub struct GraphWork<'s> {
    build: Build<'s>,
    spans: Range<u32>,
    /// The next span.
    next: u32,
    /// Whether all calls are known, and those that nobody answered are being told.
    peers: bool,
}

impl<'s> GraphWork<'s> {
    /// Of a trace.
    pub fn new(store: &'s TraceStore, trace: u32, by: By) -> Self {
        let spans = store.trace(trace).spans();
        Self {
            build: Build::new(store, spans.clone(), by),
            next: spans.start,
            spans,
            peers: false,
        }
    }

    /// Goes on for so many spans; true when all is known.
    pub fn go(&mut self, steps: u32) -> bool {
        let end = self.spans.end.min(self.next.saturating_add(steps));
        for row in self.next..end {
            match self.peers {
                false => self.build.span(row),
                true => self.build.peer_of(row),
            }
        }
        self.next = end;
        if end == self.spans.end && !self.peers {
            (self.peers, self.next) = (true, self.spans.start);
            return self.spans.is_empty();
        }
        end == self.spans.end
    }

    /// The graph.
    pub fn finish(self) -> ServiceGraph {
        self.build.finish()
    }
}

impl ServiceGraph {
    /// The graph of a trace; empty when there is no trace of this number.
    pub fn of_trace(store: &TraceStore, trace: u32, by: By) -> Self {
        if trace as usize >= store.trace_count() {
            return Self::default();
        }
        let mut work = GraphWork::new(store, trace, by);
        while !work.go(u32::MAX) {}
        work.finish()
    }

    /// The spans of the calls of an edge, ascending: the callee's, or the caller's if the callee made none.
    pub fn calls_of(&self, edge: usize) -> &[u32] {
        let rows = self
            .edges
            .get(edge)
            .map(|edge| edge.rows[0] as usize..(edge.rows[0] + edge.rows[1]) as usize);
        rows.and_then(|rows| self.calls.get(rows))
            .unwrap_or_default()
    }

    /// The spans of a node, ascending: a service's own, or the calls to a peer.
    pub fn spans_of(&self, store: &TraceStore, trace: u32, node: usize) -> Vec<u32> {
        let Some(known) = self
            .nodes
            .get(node)
            .filter(|_| (trace as usize) < store.trace_count())
        else {
            return Vec::new();
        };
        if !known.is_instrumented() {
            let mut rows: Vec<u32> = (0..self.edges.len())
                .filter(|&edge| self.edges[edge].to as usize == node)
                .flat_map(|edge| self.calls_of(edge).iter().copied())
                .collect();
            rows.sort_unstable();
            return rows;
        }
        let spans = store.trace(trace).spans();
        spans.filter(|&row| known.has(store, row)).collect()
    }
}

impl Node {
    /// Whether a span is one of its own.
    fn has(&self, store: &TraceStore, row: u32) -> bool {
        match self.who {
            Who::Service(service) => store.service_of(row) == service,
            Who::Name(service, name) => {
                store.spans().name[row as usize] == name.0 && store.service_of(row) == service
            }
            Who::Peer(_) => false,
        }
    }
}

//! Reads the spans of a trace into a graph: once in tree order for services and calls, once more for peers.
//!
//! **Invariant:** linear in the spans; holds one word a call, and a word and a bit a span, beside the graph itself.

use core::ops::Range;

use hashbrown::HashMap;

use super::{
    By, Edge, Node, ServiceGraph, Who,
    peers::{Peer, PeerKind, Peers, Roles},
};
use crate::{
    analysis::self_time::self_time,
    order::{rows_by_key, sort_rows},
    store::{NO_SPAN, SpanKind, SpanMarks, StatusCode, TraceStore},
    strings::StrIdx,
    time::Nanos,
};

/// The graph while spans are read.
pub(super) struct Build<'a> {
    store: &'a TraceStore,
    first: u32,
    nodes: Vec<Node>,
    /// The node of every span of the trace.
    node_of: Vec<u32>,
    edges: Vec<Edge>,
    by_ends: HashMap<(u32, u32), u32>,
    /// Edge and row of every call, as they were found.
    calls: Vec<(u32, u32)>,
    /// For the span at each depth of the path that is walked: the outgoing span of its service that it is, or is in.
    outgoing: Vec<u32>,
    /// Whether something answered an outgoing span: a bit a span of the trace.
    answered: Vec<u64>,
    roles: Roles,
    peers: Peers,
    /// The node of a peer that is a service of this trace after all.
    twins: Vec<Option<u32>>,
}

impl<'a> Build<'a> {
    pub fn new(store: &'a TraceStore, spans: Range<u32>, by: By) -> Self {
        let (nodes, node_of) = match by {
            By::Service => by_service(store, spans.clone()),
            By::Name => by_name(store, spans.clone()),
        };
        Self {
            store,
            first: spans.start,
            nodes,
            node_of,
            edges: Vec::new(),
            by_ends: HashMap::new(),
            calls: Vec::new(),
            outgoing: Vec::new(),
            answered: vec![0; spans.len() / 64 + 1],
            roles: Roles::of(store),
            peers: Peers::default(),
            twins: Vec::new(),
        }
    }

    fn node(&self, row: u32) -> u32 {
        self.node_of[(row - self.first) as usize]
    }

    /// Counts a span, and the call that it answers.
    // Not inlined: browsers make a function fast between two calls of it, and a loop in one never.
    #[inline(never)]
    pub fn span(&mut self, row: u32) {
        let columns = self.store.spans();
        let at = row as usize;
        let parent = columns.parent[at];
        let node = self.node(row);
        let error = columns.status[at] == StatusCode::Error as u8;
        let own = &mut self.nodes[node as usize];
        own.spans += 1;
        own.errors += u32::from(error);
        let duration = duration(self.store, row);
        if duration > Nanos(0) {
            own.self_time.add(self_time(self.store, row));
        }
        let depth = columns.depth[at] as usize;
        let mut outgoing = NO_SPAN;
        if parent == NO_SPAN {
            own.time.add(duration);
        } else {
            let waiting = depth
                .checked_sub(1)
                .and_then(|up| self.outgoing.get(up))
                .copied()
                .unwrap_or(NO_SPAN);
            let from = self.node(parent);
            let (sends, serves) = (
                is_outgoing(columns.kind[parent as usize]),
                is_incoming(columns.kind[at]),
            );
            if from != node || sends && serves {
                self.answer(waiting);
                if from != node {
                    self.nodes[node as usize].time.add(duration);
                }
                let failed =
                    error || sends && columns.status[parent as usize] == StatusCode::Error as u8;
                let message = columns.kind[parent as usize] == SpanKind::Producer as u8
                    || columns.kind[at] == SpanKind::Consumer as u8;
                self.call(from, node, row, failed, message, duration);
            } else {
                outgoing = waiting;
            }
        }
        if is_outgoing(columns.kind[at]) {
            // A library's outgoing span around another's is one call: the inner one.
            self.answer(outgoing);
            outgoing = row;
        }
        self.outgoing.truncate(depth);
        self.outgoing.resize(depth, NO_SPAN);
        self.outgoing.push(outgoing);
    }

    fn answer(&mut self, row: u32) {
        if row != NO_SPAN {
            let at = (row - self.first) as usize;
            self.answered[at / 64] |= 1 << (at % 64);
        }
    }

    /// What an outgoing span leads to that nothing answered, if its attributes name it.
    #[inline(never)]
    pub fn peer_of(&mut self, row: u32) {
        let columns = self.store.spans();
        let at = (row - self.first) as usize;
        let kind = columns.kind[row as usize];
        if !is_outgoing(kind) || self.answered[at / 64] >> (at % 64) & 1 == 1 {
            return;
        }
        let Some(peer) = self.peers.of_span(self.store, &self.roles, row) else {
            return;
        };
        let services = self.nodes.len() as u32;
        if peer as usize == self.twins.len() {
            self.twins
                .push(self.service_named(&self.peers.list[peer as usize]));
        }
        let to = self.twins[peer as usize].unwrap_or(services + peer);
        let from = self.node(row);
        let failed = columns.status[row as usize] == StatusCode::Error as u8;
        let message = kind == SpanKind::Producer as u8;
        self.call(from, to, row, failed, message, duration(self.store, row));
    }

    /// The service of the trace that a peer is, when only the spans of this call are absent. Whom of its names it would
    /// have called nobody knows.
    fn service_named(&self, peer: &Peer) -> Option<u32> {
        let named = |node: &Node| matches!(node.who, Who::Service(service) if self.store.service_name(service) == peer.name);
        let at = self
            .nodes
            .iter()
            .position(named)
            .filter(|_| peer.kind == PeerKind::Service)?;
        Some(at as u32)
    }

    fn call(&mut self, from: u32, to: u32, row: u32, failed: bool, message: bool, duration: Nanos) {
        let edge = *self.by_ends.entry((from, to)).or_insert_with(|| {
            self.edges.push(Edge::new(from, to));
            self.edges.len() as u32 - 1
        });
        let known = &mut self.edges[edge as usize];
        known.calls += 1;
        known.errors += u32::from(failed);
        known.messages += u32::from(message);
        known.time.add(duration);
        known.longest = known.longest.max(duration);
        self.calls.push((edge, row));
    }

    /// Puts nodes, edges and calls in their order.
    pub fn finish(mut self) -> ServiceGraph {
        // Peers were numbered as they came; from here on they stand by kind and name.
        let services = self.nodes.len() as u32;
        let peers = self.peers.list;
        let twins = self.twins;
        let mut order: Vec<u32> = (0..peers.len() as u32)
            .filter(|&peer| twins[peer as usize].is_none())
            .collect();
        sort_rows(&mut order, &|a, b| {
            peers[a as usize].cmp(&peers[b as usize])
        });
        let mut place = vec![0; peers.len()];
        for (to, &peer) in order.iter().enumerate() {
            place[peer as usize] = services + to as u32;
            self.nodes
                .push(Node::new(Who::Peer(peers[peer as usize].clone())));
        }
        for edge in &mut self.edges {
            if edge.to >= services {
                edge.to = place[(edge.to - services) as usize];
                let peer = &mut self.nodes[edge.to as usize];
                peer.errors += edge.errors;
                peer.time.add(edge.time);
            }
        }
        let nodes = self.nodes.len();
        let all: Vec<u32> = (0..self.edges.len() as u32).collect();
        let order = in_order(&all, nodes, &|edge| self.edges[edge as usize].to);
        let order = in_order(&order, nodes, &|edge| self.edges[edge as usize].from);
        let mut edges = Vec::with_capacity(order.len());
        let mut next = vec![0; order.len()];
        let mut total = 0;
        for &old in &order {
            let mut edge = self.edges[old as usize];
            edge.rows = [total, edge.calls];
            next[old as usize] = total;
            total += edge.calls;
            edges.push(edge);
        }
        let mut calls = vec![0; self.calls.len()];
        for (edge, row) in self.calls {
            calls[next[edge as usize] as usize] = row;
            next[edge as usize] += 1;
        }
        // Calls without spans of a service's own were found last; for all other edges this only looks.
        for edge in &edges {
            calls[edge.rows[0] as usize..(edge.rows[0] + edge.rows[1]) as usize].sort_unstable();
        }
        ServiceGraph {
            nodes: self.nodes,
            edges,
            calls,
        }
    }
}

/// Rows by a key below `keys`, equal ones as they were: each key is counted, then each row goes to its place.
fn in_order(rows: &[u32], keys: usize, key: &dyn Fn(u32) -> u32) -> Vec<u32> {
    let mut next = vec![0u32; keys + 1];
    for &row in rows {
        next[key(row) as usize + 1] += 1;
    }
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let mut order = vec![0; rows.len()];
    for &row in rows {
        let to = &mut next[key(row) as usize];
        order[*to as usize] = row;
        *to += 1;
    }
    order
}

/// A node for every service that has spans, by index, and the node of every span.
fn by_service(store: &TraceStore, spans: Range<u32>) -> (Vec<Node>, Vec<u32>) {
    let mut place = vec![NO_SPAN; store.service_count()];
    for row in spans.clone() {
        place[store.service_of(row) as usize] = 0;
    }
    let mut nodes = Vec::new();
    for (service, place) in place.iter_mut().enumerate().filter(|(_, at)| **at == 0) {
        *place = nodes.len() as u32;
        nodes.push(Node::new(Who::Service(service as u32)));
    }
    let node_of = spans.map(|row| place[store.service_of(row) as usize]);
    (nodes, node_of.collect())
}

/// A node for every service and name that have spans, by index, and the node of every span.
fn by_name(store: &TraceStore, spans: Range<u32>) -> (Vec<Node>, Vec<u32>) {
    let names = &store.spans().name;
    let mut known: HashMap<(u32, u32), u32> = HashMap::new();
    let mut keys = Vec::new();
    let mut node_of = Vec::with_capacity(spans.len());
    for row in spans {
        let key = (store.service_of(row), names[row as usize]);
        // A row is often like the one before.
        let node = match node_of.last() {
            Some(&last) if keys[last as usize] == key => last,
            _ => *known.entry(key).or_insert_with(|| {
                keys.push(key);
                keys.len() as u32 - 1
            }),
        };
        node_of.push(node);
    }
    let order = rows_by_key(keys.len(), |at| keys[at as usize]);
    let mut place = vec![0; order.len()];
    let mut nodes = Vec::with_capacity(order.len());
    for &at in &order {
        let (service, name) = keys[at as usize];
        place[at as usize] = nodes.len() as u32;
        nodes.push(Node::new(Who::Name(service, StrIdx(name))));
    }
    for node in &mut node_of {
        *node = place[*node as usize];
    }
    (nodes, node_of)
}

impl Node {
    fn new(who: Who) -> Self {
        Self {
            who,
            spans: 0,
            errors: 0,
            self_time: Nanos(0),
            time: Nanos(0),
        }
    }
}

impl Edge {
    fn new(from: u32, to: u32) -> Self {
        let (time, longest) = (Nanos(0), Nanos(0));
        Self {
            from,
            to,
            calls: 0,
            errors: 0,
            messages: 0,
            time,
            longest,
            rows: [0; 2],
        }
    }
}

/// Zero for a span without a start: it would have begun in 1970.
fn duration(store: &TraceStore, row: u32) -> Nanos {
    let span = store.span(row);
    if span.marks().has(SpanMarks::NO_START) {
        Nanos(0)
    } else {
        span.duration()
    }
}

fn is_outgoing(kind: u8) -> bool {
    kind == SpanKind::Client as u8 || kind == SpanKind::Producer as u8
}

fn is_incoming(kind: u8) -> bool {
    kind == SpanKind::Server as u8 || kind == SpanKind::Consumer as u8
}

/// Sums stop at the largest value instead of wrapping: broken times must not look small.
trait Sum {
    fn add(&mut self, more: Nanos);
}

impl Sum for Nanos {
    fn add(&mut self, more: Nanos) {
        self.0 = self.0.saturating_add(more.0);
    }
}

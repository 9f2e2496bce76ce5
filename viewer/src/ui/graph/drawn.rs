//! Who calls whom in the open trace: found once a trace and choice of nodes, in slices, so that the page answers meanwhile.
//!
//! **Invariant:** what is given is always of the trace and nodes that are chosen; what was found ahead is not found again.

use std::sync::Arc;

use throughline_model::{
    analysis::service_graph::{By, GraphWork, PeerKind, ServiceGraph, Who},
    store::TraceStore,
};
use wasm_bindgen_futures::spawn_local;

use crate::{
    browser::pieces::{Pace, in_pieces},
    dom::prelude::*,
    scene::graph::Target,
    state::Dataset,
    ui::{ahead, context::App, format},
};

/// A dataset and a trace in it.
pub(super) type Place = Option<(Dataset, u32)>;

/// The graph of a place by some nodes, as soon as it is known. Not at once even where it is: what asks for it shows first.
pub(super) fn drawn(app: App, place: Memo<Place>, by: RwSignal<By>) -> Memo<Option<Shared>> {
    let found = RwSignal::new(None::<Shared>);
    let asked = StoredValue::new(0u32);
    Effect::new(move |_| {
        let (place, by) = (place.get(), by.get());
        asked.update_value(|asked| *asked += 1);
        let mine = asked.get_value();
        // Not any more once something else is asked for, or the view is gone.
        let wanted = move || asked.try_get_value() == Some(mine);
        let Some((dataset, trace)) = place else {
            return;
        };
        spawn_local(async move {
            Pace::AWAITED.pause().await;
            let store = &dataset.store;
            if let Some(graph) = graph(app, store, trace, by, &wanted).await {
                let store = store.clone();
                let drawn = Drawn {
                    store,
                    trace,
                    by,
                    graph,
                };
                found.set(Some(Shared(Arc::new(drawn))));
            }
        });
    });
    Memo::new(move || {
        let is_of = |Shared(drawn): &Shared| {
            let here = place.with(|place| {
                let (dataset, trace) = place.as_ref()?;
                Some(Arc::ptr_eq(&dataset.store, &drawn.store) && *trace == drawn.trace)
            });
            here == Some(true) && by.get() == drawn.by
        };
        found.get().filter(is_of)
    })
}

/// Finds the graph, unless it is known; `None` when it is not wanted any more.
async fn graph(
    app: App,
    store: &Arc<TraceStore>,
    trace: u32,
    by: By,
    wanted: &dyn Fn() -> bool,
) -> Option<Arc<ServiceGraph>> {
    if !wanted() {
        return None;
    }
    if let Some(known) = app.peek(|state| state.graph_by(by).cloned()) {
        return Some(known);
    }
    let mut work = GraphWork::new(store, trace, by);
    if !in_pieces(&|| Pace::AWAITED, &mut || work.go(ahead::STEPS), wanted).await {
        return None;
    }
    Pace::AWAITED.pause().await;
    if !wanted() {
        return None;
    }
    let graph = Arc::new(work.finish());
    app.peek(|state| state.keep_graph(by, graph.clone()));
    Some(graph)
}

/// A trace's graph, ready to be listed.
#[derive(Debug)]
pub(super) struct Drawn {
    pub store: Arc<TraceStore>,
    pub trace: u32,
    pub by: By,
    pub graph: Arc<ServiceGraph>,
}

impl Drawn {
    /// The node of a name in an address.
    pub fn named(&self, name: &str) -> Option<u32> {
        (0..self.graph.nodes.len() as u32).find(|&node| self.name(node) == name)
    }

    /// The node whose name has a text in it, of several the one where most time went.
    pub fn find(&self, text: &str) -> Option<u32> {
        let text = text.trim().to_lowercase();
        let nodes = 0..self.graph.nodes.len() as u32;
        let found = nodes
            .filter(|&node| !text.is_empty() && self.name(node).to_lowercase().contains(&text));
        found.max_by_key(|&node| {
            (
                self.graph.nodes[node as usize].time,
                std::cmp::Reverse(node),
            )
        })
    }

    /// A node's name as it can be shown: of a span name with its service.
    pub fn name(&self, node: u32) -> String {
        let Some(node) = self.graph.nodes.get(node as usize) else {
            return String::new();
        };
        let name = match &node.who {
            Who::Service(_) => node.name(&self.store).to_owned(),
            Who::Name(service, _) => {
                let (service, name) = (self.store.service_name(*service), node.name(&self.store));
                format!("{service} {name}").trim().to_owned()
            }
            Who::Peer(peer) => format!("{} {}", peer.name, peer.detail)
                .trim_end()
                .to_owned(),
        };
        if name.is_empty() {
            "(no name)".to_owned()
        } else {
            format::visible_text(&name)
        }
    }

    /// What a node or an edge is called.
    pub fn title(&self, target: Target) -> String {
        match target {
            Target::Node(node) | Target::More(node) => self.name(node),
            Target::Edge(edge) => match self.graph.edges.get(edge as usize) {
                Some(edge) => format!("{} → {}", self.name(edge.from), self.name(edge.to)),
                None => String::new(),
            },
        }
    }

    /// A node or an edge in one sentence, for a tooltip and for screen readers.
    pub fn sentence(&self, target: Target) -> String {
        let errors = |errors: u32| match errors {
            0 => String::new(),
            errors => format!(", {}", format::counted(u64::from(errors), "error")),
        };
        let facts = match target {
            Target::More(_) => Some("press to show more of its neighbours".to_owned()),
            Target::Node(node) => self
                .graph
                .nodes
                .get(node as usize)
                .map(|node| match &node.who {
                    Who::Service(_) | Who::Name(..) => format!(
                        "{}{}, {} self time",
                        format::counted(u64::from(node.spans), "span"),
                        errors(node.errors),
                        node.self_time
                    ),
                    Who::Peer(peer) => format!(
                        "{}, not instrumented{}, {} in calls",
                        kind(peer.kind),
                        errors(node.errors),
                        node.time
                    ),
                }),
            Target::Edge(edge) => self.graph.edges.get(edge as usize).map(|edge| {
                let calls = format::counted(u64::from(edge.calls), "call");
                let how = if edge.is_async() {
                    ", sent as messages"
                } else {
                    ""
                };
                format!("{calls}{}, {} in all{how}", errors(edge.errors), edge.time)
            }),
        };
        format!("{}: {}", self.title(target), facts.unwrap_or_default())
    }
}

/// What a peer is, in a word.
pub(super) fn kind(kind: PeerKind) -> &'static str {
    match kind {
        PeerKind::Service => "service",
        PeerKind::Database => "database",
        PeerKind::Queue => "queue",
    }
}

/// A graph that closures and signals share; equal when it is the same one.
#[derive(Clone, Debug)]
pub(super) struct Shared(pub Arc<Drawn>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

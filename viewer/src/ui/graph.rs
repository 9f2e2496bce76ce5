//! The service dependency view: who calls whom in the open trace, how often, for how long, with what errors.
//!
//! The picture is on a canvas; beside it the same as tables, and for what is selected the spans behind it. A span leads
//! to the waterfall.
//!
//! **Invariant:** the graph is computed once a trace, when this view is shown; where the camera is and which node or
//! edge is selected is nobody else's business; a span is shown by command.

mod hands;
mod keys;
mod selection;
mod spans;
mod stage;
mod tables;

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::{
    analysis::service_graph::{PeerKind, ServiceGraph, Who},
    store::TraceStore,
};

use super::{
    context::use_app,
    format,
    splitter::{Side, Splitter},
};
use crate::{
    scene::{
        SERVICE_COLOURS,
        graph::{Camera, Picture, SMALL, Target},
    },
    state::{Command, UiState},
};
use selection::Selection;
use stage::Stage;
use tables::Tables;

/// A trace's graph, ready to be listed.
#[derive(Debug)]
struct Drawn {
    store: Arc<TraceStore>,
    trace: u32,
    graph: ServiceGraph,
}

impl Drawn {
    fn of(store: &Arc<TraceStore>, trace: u32) -> Self {
        let graph = ServiceGraph::of_trace(store, trace);
        Self {
            store: store.clone(),
            trace,
            graph,
        }
    }

    /// A node's name as it can be shown.
    fn name(&self, node: u32) -> String {
        let Some(node) = self.graph.nodes.get(node as usize) else {
            return String::new();
        };
        let name = match &node.who {
            Who::Service(_) => node.name(&self.store).to_owned(),
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
    fn title(&self, target: Target) -> String {
        match target {
            Target::Node(node) => self.name(node),
            Target::Edge(edge) => match self.graph.edges.get(edge as usize) {
                Some(edge) => format!("{} → {}", self.name(edge.from), self.name(edge.to)),
                None => String::new(),
            },
        }
    }

    /// A node or an edge in one sentence, for a tooltip and for screen readers.
    fn sentence(&self, target: Target) -> String {
        let errors = |errors: u32| match errors {
            0 => String::new(),
            errors => format!(", {}", format::counted(u64::from(errors), "error")),
        };
        let facts = match target {
            Target::Node(node) => self
                .graph
                .nodes
                .get(node as usize)
                .map(|node| match &node.who {
                    Who::Service(_) => format!(
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
fn kind(kind: PeerKind) -> &'static str {
    match kind {
        PeerKind::Service => "service",
        PeerKind::Database => "database",
        PeerKind::Queue => "queue",
    }
}

/// A graph that closures and signals share; equal when it is the same one.
#[derive(Clone, Debug)]
struct Shared(Arc<Drawn>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What the parts of the view share.
#[derive(Clone, Copy)]
struct Pane {
    drawn: Memo<Option<Shared>>,
    /// Laid out for the canvas, as soon as its size is known.
    picture: Memo<Option<Arc<Picture>>>,
    selected: RwSignal<Option<Target>>,
    hovered: RwSignal<Option<Target>>,
    /// Where the picture was moved to; `None` shows all of it, whatever the size.
    camera: RwSignal<Option<Camera>>,
    /// Width and height of the canvas, CSS pixels.
    size: RwSignal<(f64, f64)>,
}

impl Pane {
    fn read<T>(self, read: impl FnOnce(&Drawn) -> T) -> Option<T> {
        self.drawn
            .with(|drawn| drawn.as_ref().map(|drawn| read(&drawn.0)))
    }

    fn peek_picture<T>(self, read: impl FnOnce(&Picture) -> T) -> Option<T> {
        self.picture
            .with_untracked(|picture| picture.as_ref().map(|picture| read(picture)))
    }

    fn peek<T>(self, read: impl FnOnce(&Drawn) -> T) -> Option<T> {
        self.drawn
            .with_untracked(|drawn| drawn.as_ref().map(|drawn| read(&drawn.0)))
    }
}

/// The view.
#[component]
pub fn GraphView() -> impl IntoView {
    let app = use_app();
    let place = app.select(|state| state.dataset.clone().zip(state.trace));
    let drawn = Memo::new(move || {
        place.with(|place| {
            place
                .as_ref()
                .map(|(dataset, trace)| Shared(Arc::new(Drawn::of(&dataset.store, *trace))))
        })
    });
    let size = RwSignal::new((0.0, 0.0));
    let shape = Memo::new(move || {
        let (width, height): (f64, f64) = size.get();
        // In steps, so that a splitter that is dragged does not lay out with every pixel.
        (width > 0.0 && height > 0.0).then(|| ((width / height).log2() * 4.0).round() as i32)
    });
    let picture = Memo::new(move || {
        let Shared(drawn) = drawn.get()?;
        let small = drawn.graph.nodes.len() <= SMALL;
        let steps = if small { shape.get()? } else { 0 };
        let shape = (steps as f32 / 4.0).exp2();
        Some(Arc::new(Picture::new(&drawn.store, &drawn.graph, shape)))
    });
    let pane = Pane {
        drawn,
        picture,
        selected: RwSignal::new(None),
        hovered: RwSignal::new(None),
        camera: RwSignal::new(None),
        size,
    };
    // Another trace: what was selected is of no meaning there.
    Effect::new(move |before: Option<()>| {
        drawn.track();
        if before.is_some() {
            pane.selected.set(None);
            pane.hovered.set(None);
            pane.camera.set(None);
        }
    });
    let side = app.select(|state: &UiState| state.prefs.side_width);
    view! {
        <div class="graph">
            <Stage pane=pane/>
            <Splitter side=Side::Right width=side label="Width of the tables"
                on_width=Callback::new(move |width| app.dispatch(Command::SetSideWidth(width)))/>
            <aside class="graph-side" aria-label="Services and calls" style:width=move || format!("{}px", side.get())>
                {move || match pane.selected.get() {
                    Some(target) => view! { <Selection pane=pane target=target/> }.into_any(),
                    None => view! { <Tables pane=pane/> }.into_any(),
                }}
            </aside>
        </div>
    }
}

/// A node's mark: a tick in its service's colour, or an empty frame for a peer.
fn tick(drawn: &Drawn, node: u32) -> Markup {
    match drawn.graph.nodes.get(node as usize).map(|node| &node.who) {
        Some(Who::Service(service)) => {
            let colour = format!("var(--service-{})", service % SERVICE_COLOURS);
            view! { <span class="graph-tick" aria-hidden="true" style:background-color=colour></span> }.into_any()
        }
        _ => view! { <span class="graph-tick peer" aria-hidden="true"></span> }.into_any(),
    }
}

/// A number of errors as a mark and a word; nothing when there are none.
fn error_badge(errors: u32) -> Option<Markup> {
    (errors > 0).then(|| {
        view! { <span class="badge error">{format::counted(u64::from(errors), "error")}</span> }
            .into_any()
    })
}

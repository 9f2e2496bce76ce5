//! The service dependency view: who calls whom in the open trace, how often, for how long, with what errors.
//!
//! The picture is on a canvas; beside it the same as tables, and for what is selected the spans behind it. A span leads
//! to the waterfall.
//!
//! **Invariant:** the graph is computed once a trace and choice of nodes, ahead or when this view is shown; what is chosen here is
//! one text to everybody else; a span is shown by command.

mod address;
mod hands;
mod keys;
mod selection;
mod spans;
mod stage;
mod tables;
mod tools;
mod way;

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::{
    analysis::service_graph::{By, PeerKind, ServiceGraph, Way, Who},
    store::TraceStore,
};

use super::{
    context::{App, use_app},
    format,
    splitter::{Side, Splitter},
};
use crate::{
    scene::{
        SERVICE_COLOURS,
        graph::{Camera, Drawing, Heat, Kept, Picture, SMALL, Show as Shown, Target, Wish},
    },
    state::{Command, UiState},
};
use address::Choice;
use selection::Selection;
use stage::Stage;
use tables::Tables;
use way::WayTo;

/// A trace's graph, ready to be listed.
#[derive(Debug)]
struct Drawn {
    store: Arc<TraceStore>,
    trace: u32,
    graph: Arc<ServiceGraph>,
}

impl Drawn {
    /// The open trace's, which may have been found ahead.
    fn of(app: App, store: &Arc<TraceStore>, trace: u32, by: By) -> Self {
        let known = app.peek(|state| state.graph_by(by).cloned());
        let graph = known.unwrap_or_else(|| {
            let graph = Arc::new(ServiceGraph::of_trace(store, trace, by));
            app.peek(|state| state.keep_graph(by, graph.clone()));
            graph
        });
        Self {
            store: store.clone(),
            trace,
            graph,
        }
    }

    /// The node of a name in an address.
    fn named(&self, name: &str) -> Option<u32> {
        (0..self.graph.nodes.len() as u32).find(|&node| self.name(node) == name)
    }

    /// The node whose name has a text in it, of several the one where most time went.
    fn find(&self, text: &str) -> Option<u32> {
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
    fn name(&self, node: u32) -> String {
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
    fn title(&self, target: Target) -> String {
        match target {
            Target::Node(node) | Target::More(node) => self.name(node),
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
    by: RwSignal<By>,
    heat: RwSignal<Heat>,
    show: RwSignal<Shown>,
    /// What of the graph shows.
    kept: Memo<Option<Arc<Kept>>>,
    /// Nodes that show because they were selected.
    pinned: RwSignal<Vec<u32>>,
    /// Edges that show because they were selected.
    wires: RwSignal<Vec<u32>>,
    /// Nodes whose neighbours were asked for.
    opened: RwSignal<Vec<u32>>,
    /// Whose neighbours show.
    centre: RwSignal<Option<u32>>,
    /// The way to the span that is selected in the waterfall.
    way: Memo<Arc<Way>>,
    /// What is to be found among nodes.
    find: RwSignal<String>,
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
    /// Selects a node or an edge, and sees to it that it shows; of what is left out beside a node shows more.
    fn select(self, target: Option<Target>) {
        if let Some(Target::More(node)) = target {
            return self.opened.update(|opened| opened.push(node));
        }
        let ends = match target {
            Some(Target::Node(node)) => {
                self.centre.set(Some(node));
                vec![node]
            }
            Some(Target::Edge(edge)) => self.wire(edge),
            _ => Vec::new(),
        };
        let absent = self.kept.with_untracked(|kept| {
            let shows = |node: &u32| {
                kept.as_ref()
                    .is_some_and(|kept| kept.place(*node).is_some())
            };
            ends.into_iter()
                .filter(|node| !shows(node))
                .collect::<Vec<_>>()
        });
        if !absent.is_empty() {
            self.pinned.update(|pinned| pinned.extend(absent));
        }
        self.selected.set(target);
    }

    /// Sees to it that an edge shows; gives its ends.
    fn wire(self, edge: u32) -> Vec<u32> {
        let shows = self.kept.with_untracked(|kept| {
            kept.as_ref()
                .is_some_and(|kept| kept.edges.binary_search(&edge).is_ok())
        });
        if !shows {
            self.wires.update(|wires| wires.push(edge));
        }
        let ends = self.peek(|drawn| {
            let edge = drawn.graph.edges.get(edge as usize)?;
            Some(vec![edge.from, edge.to])
        });
        ends.flatten().unwrap_or_default()
    }

    fn set_show(self, show: Shown) {
        self.pinned.set(Vec::new());
        self.wires.set(Vec::new());
        self.opened.set(Vec::new());
        self.camera.set(None);
        self.show.set(show);
    }

    /// Nodes have other numbers from now on.
    fn forget(self) {
        self.selected.set(None);
        self.hovered.set(None);
        self.camera.set(None);
        self.centre.set(None);
        self.pinned.set(Vec::new());
        self.wires.set(Vec::new());
        self.opened.set(Vec::new());
    }

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
    let first = app.peek(|state| Choice::parse(&state.graph));
    let by = RwSignal::new(first.by);
    let drawn = Memo::new(move || {
        place.with(|place| {
            place.as_ref().map(|(dataset, trace)| {
                Shared(Arc::new(Drawn::of(app, &dataset.store, *trace, by.get())))
            })
        })
    });
    let selection = app.select(|state| state.selection);
    let way = Memo::new(move || {
        let way = drawn.with(|drawn| {
            let (Shared(drawn), span) = (drawn.as_ref()?, selection.get()?);
            Some(drawn.graph.way_to(&drawn.store, span))
        });
        Arc::new(way.unwrap_or_default())
    });
    let (heat, show) = (RwSignal::new(first.heat), RwSignal::new(first.show));
    let (pinned, opened) = (RwSignal::new(Vec::new()), RwSignal::new(Vec::new()));
    let (wires, centre) = (RwSignal::new(Vec::new()), RwSignal::new(None));
    let kept = Memo::new(move || {
        let Shared(drawn) = drawn.get()?;
        let mut pinned = pinned.get();
        let mut wires = wires.get();
        way.with(|way| {
            pinned.extend(way.nodes.iter().rev().take(ON_WAY));
            wires.extend(way.edges.iter().rev().take(ON_WAY));
        });
        let wish = Wish {
            show: show.get(),
            heat: heat.get(),
            // Whose neighbours show matters only where they do.
            centre: (show.get() == Shown::Near).then(|| centre.get()).flatten(),
            pinned: &pinned,
            opened: &opened.get(),
            edges: &wires,
        };
        Some(Arc::new(Kept::of(&drawn.graph, &wish)))
    });
    let size = RwSignal::new((0.0, 0.0));
    let shape = Memo::new(move || {
        let (width, height): (f64, f64) = size.get();
        // In steps, so that a splitter that is dragged does not lay out with every pixel.
        (width > 0.0 && height > 0.0).then(|| ((width / height).log2() * 4.0).round() as i32)
    });
    let picture = Memo::new(move || {
        let (Shared(drawn), kept) = (drawn.get()?, kept.get()?);
        let small = kept.nodes.len() <= SMALL;
        let steps = if small { shape.get()? } else { 0 };
        Some(Arc::new(Picture::new(&Drawing {
            store: &drawn.store,
            graph: &drawn.graph,
            kept: &kept,
            heat: heat.get(),
            way: &way.get(),
            shape: (steps as f32 / 4.0).exp2(),
        })))
    });
    let pane = Pane {
        drawn,
        by,
        heat,
        show,
        kept,
        pinned,
        wires,
        opened,
        centre,
        way,
        find: RwSignal::new(String::new()),
        picture,
        selected: RwSignal::new(None),
        hovered: RwSignal::new(None),
        camera: RwSignal::new(None),
        size,
    };
    follow_address(pane, &first);
    // Another trace: what was selected is of no meaning there.
    Effect::new(move |before: Option<()>| {
        place.with(|_| ());
        if before.is_some() {
            pane.forget();
        }
    });
    let side = app.select(|state: &UiState| state.prefs.side_width);
    view! {
        <div class="graph">
            <div class="graph-main"><tools::Tools pane=pane/><Stage pane=pane/></div>
            <Splitter side=Side::Right width=side label="Width of the tables"
                on_width=Callback::new(move |width| app.dispatch(Command::SetSideWidth(width)))/>
            <aside class="graph-side" aria-label="Services and calls" style:width=move || format!("{}px", side.get())>
                <tools::Find pane=pane/>
                {move || match pane.selected.get() {
                    Some(target) => view! { <Selection pane=pane target=target/> }.into_any(),
                    None => view! { <WayTo pane=pane/><Tables pane=pane/> }.into_any(),
                }}
            </aside>
        </div>
    }
}

/// So many of the last nodes of the way to a span show.
const ON_WAY: usize = 24;

/// What is chosen goes into the address, and what the address says is chosen.
fn follow_address(pane: Pane, first: &Choice) {
    let app = use_app();
    // The camera means something once the canvas has a size.
    let waiting = RwSignal::new(first.at);
    choose(pane, first);
    Effect::new(move |_| {
        let size = pane.size.get();
        if let Some(at) = waiting.get_untracked().filter(|_| size.0 > 0.0) {
            waiting.set(None);
            pane.camera.set(Some(camera_at(at, size)));
        }
    });
    let text = app.select(|state| state.graph.clone());
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        if before.is_some() && text != untrack(|| chosen(pane).write()) {
            let choice = Choice::parse(&text);
            choose(pane, &choice);
            let size = pane.size.get_untracked();
            pane.camera.set(choice.at.map(|at| camera_at(at, size)));
        }
    });
    Effect::new(move |before: Option<()>| {
        let text = chosen(pane).write();
        let waits = waiting.get_untracked().is_some();
        if before.is_some() && !waits && app.peek(|state| state.graph != text) {
            app.dispatch(Command::SetGraph(text));
        }
    });
}

fn camera_at([x, y, scale]: [i32; 3], (width, height): (f64, f64)) -> Camera {
    let (middle, scale) = ((x as f32, y as f32), scale as f32 / 1_000.0);
    Camera::around(middle, scale, width as f32, height as f32)
}

/// Chooses what an address says, but for the camera.
fn choose(pane: Pane, choice: &Choice) {
    pane.by.set(choice.by);
    pane.heat.set(choice.heat);
    pane.show.set(choice.show);
    let target = pane.peek(|drawn| {
        let node = drawn.named(choice.node.as_deref()?)?;
        match choice.to.as_deref() {
            Some(to) => Some(Target::Edge(drawn.graph.edge(node, drawn.named(to)?)?)),
            None => Some(Target::Node(node)),
        }
    });
    pane.select(target.flatten());
}

/// What is chosen.
fn chosen(pane: Pane) -> Choice {
    let (width, height) = pane.size.get_untracked();
    let ends = pane.selected.get().and_then(|target| {
        pane.read(|drawn| match target {
            Target::Node(node) | Target::More(node) => Some((drawn.name(node), None)),
            Target::Edge(edge) => {
                let edge = drawn.graph.edges.get(edge as usize)?;
                Some((drawn.name(edge.from), Some(drawn.name(edge.to))))
            }
        })
    });
    let (node, to) = ends.flatten().unzip();
    Choice {
        by: pane.by.get(),
        heat: pane.heat.get(),
        show: pane.show.get(),
        node,
        to: to.flatten(),
        at: pane.camera.get().map(|camera| {
            let (x, y) = camera.world(width as f32 / 2.0, height as f32 / 2.0);
            [x, y, camera.scale * 1_000.0].map(|number| number.round() as i32)
        }),
    }
}

/// A node's mark: a tick in its service's colour, or an empty frame for a peer.
fn tick(drawn: &Drawn, node: u32) -> Markup {
    match drawn
        .graph
        .nodes
        .get(node as usize)
        .and_then(|node| node.service())
    {
        Some(service) => {
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

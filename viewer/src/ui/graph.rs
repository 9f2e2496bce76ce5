//! The service dependency view: who calls whom in the open trace, how often, for how long, with what errors.
//!
//! The picture is on a canvas; beside it the same as tables, and for what is selected the spans behind it. A span leads
//! to the waterfall.
//!
//! **Invariant:** what is chosen here is one text to everybody else; a span is shown by command.

mod address;
mod drawn;
mod follow;
mod hands;
mod keys;
mod named;
mod selection;
mod spans;
mod stage;
mod tables;
mod tools;
mod way;

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::analysis::service_graph::{By, Way};

use super::{
    context::use_app,
    splitter::{Side, Splitter},
};
use crate::{
    scene::{
        SERVICE_COLOURS,
        graph::{Camera, Drawing, Heat, Kept, Picture, Show as Shown, Target, Wish},
    },
    state::{Command, UiState},
};
use address::Choice;
use drawn::{Drawn, Shared};
use selection::Selection;
use stage::Stage;
use tables::Tables;
use way::WayTo;

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
    /// Whether the picture of the graph has been painted: what is told beside it comes after.
    painted: RwSignal<bool>,
    selected: RwSignal<Option<Target>>,
    hovered: RwSignal<Option<Target>>,
    /// Where the picture was moved to; `None` is where it is at first, whatever the size.
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

    /// Selects a node or an edge that was pressed beside the picture, and has it on the canvas where it reads: one that was
    /// `found` in the middle.
    fn go(self, target: Target, found: bool) {
        self.select(Some(target));
        let nodes = match target {
            Target::Node(node) | Target::More(node) => vec![node],
            Target::Edge(edge) => self.wire(edge),
        };
        let frame = stage::frame_of(self);
        let camera = self.peek_picture(|picture| picture.bring(&nodes, &frame, found));
        if let Some(camera) = camera.filter(|camera| *camera != frame.camera) {
            self.camera.set(Some(camera));
        }
    }

    /// Shows all of the picture, however small.
    fn show_whole(self) {
        let (width, height) = self.size.get_untracked();
        let (width, height) = (width as f32, height as f32);
        let whole = self.peek_picture(|picture| {
            let whole = picture.fit(width, height);
            (whole != picture.home(width, height)).then_some(whole)
        });
        self.camera.set(whole.flatten());
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
    let drawn = drawn::drawn(app, place, by);
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
        let (Shared(drawn), kept, steps) = (drawn.get()?, kept.get()?, shape.get()?);
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
        painted: RwSignal::new(false),
        selected: RwSignal::new(None),
        hovered: RwSignal::new(None),
        camera: RwSignal::new(None),
        size,
    };
    follow::address(pane, first);
    // Tables are not laid out in the same task as another graph.
    Effect::new(move |_| {
        if drawn.with(Option::is_none) {
            pane.painted.set(false);
        }
    });
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
                    _ if !pane.painted.get() => ().into_any(),
                    Some(target) => view! { <Selection pane=pane target=target/> }.into_any(),
                    None => view! { <WayTo pane=pane/><Tables pane=pane/> }.into_any(),
                }}
            </aside>
        </div>
    }
}

/// So many of the last nodes of the way to a span show.
const ON_WAY: usize = 24;

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

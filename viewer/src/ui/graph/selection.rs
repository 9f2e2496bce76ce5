//! The selected node or edge: its facts, and the spans behind it.
//!
//! **Invariant:** lists the longest spans only, and says how many there are.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::service_graph::{Edge, Node, Who},
    store::StatusCode,
};

use super::{
    Pane,
    drawn::{Drawn, kind},
    spans::longest,
    tables::more,
    tick,
};
use crate::{
    dom::each,
    scene::graph::{Show as Shown, Target},
    state::{Command, View},
    ui::{
        context::{App, use_app},
        format,
    },
};

/// At most so many spans are listed.
const LISTED: usize = 200;
/// So many of them at first.
const FIRST: usize = 30;

/// The panel.
#[component]
pub(super) fn Selection(pane: Pane, target: Target) -> impl IntoView {
    let app = use_app();
    pane.peek(|drawn| {
        let head = match target {
            Target::Node(node) | Target::More(node) => node_head(pane, drawn, node),
            Target::Edge(edge) => edge_head(pane, drawn, edge),
        };
        let rows = match target {
            Target::Node(node) | Target::More(node) => drawn.graph.spans_of(&drawn.store, drawn.trace, node as usize),
            Target::Edge(edge) => drawn.graph.calls_of(edge as usize).to_vec(),
        };
        let count = rows.len();
        let rows = longest(&drawn.store, rows, LISTED);
        let listed = rows.len();
        let limit = RwSignal::new(FIRST);
        let words = if count > rows.len() {
            format!("The {} longest of {}", format::count(rows.len() as u64), format::counted(count as u64, "span"))
        } else {
            format!("{}, longest first", format::counted(count as u64, "span"))
        };
        view! {
            <div class="graph-selection">
                <button class="button graph-back" title="All nodes and calls (Escape)" on:click=move |_| pane.selected.set(None)>"← All"</button>
                {head}
                {(count > 0).then(|| view! { <p class="hint graph-count">{words}</p> })}
                <ol class="graph-spans">{each(
                    move || rows.iter().take(limit.get()).copied().collect(),
                    |row| *row,
                    move |row| pane.peek(|drawn| span_row(app, drawn, row)).unwrap_or(Markup::Nothing),
                )}</ol>
                {more(move || listed.saturating_sub(limit.get()), limit)}
            </div>
        }
    })
}

fn node_head(pane: Pane, drawn: &Drawn, at: u32) -> Markup {
    let Some(node) = drawn.graph.nodes.get(at as usize) else {
        return ().into_any();
    };
    let what = match &node.who {
        Who::Service(_) => "service".to_owned(),
        Who::Name(service, _) => format::visible_text(drawn.store.service_name(*service)),
        Who::Peer(peer) => format!("{} · not instrumented", kind(peer.kind)),
    };
    view! {
        <p class="graph-what">{tick(drawn, at)}{what}</p>
        <h2 class="graph-title" dir="auto">{match node.who {
            Who::Name(..) => format::visible_text(node.name(&drawn.store)),
            _ => drawn.name(at),
        }}</h2>
        {node_facts(node)}
        <Neighbours pane=pane node=at/>
    }
    .into_any()
}

/// The ways to a node's neighbours: those that are left out, or them alone.
#[component]
fn Neighbours(pane: Pane, node: u32) -> impl IntoView {
    let hidden = move || {
        pane.kept.with(|kept| {
            let kept = kept.as_ref()?;
            kept.place(node).map(|at| kept.hidden[at])
        })
    };
    let hidden = move || hidden().unwrap_or(0);
    let alone = move || pane.show.get() == Shown::Near;
    view! {
        <p class="graph-beside">
            <Show when=move || { hidden() > 0 }>
                <button class="button" title="Show neighbours that are left out" on:click=move |_| pane.select(Some(Target::More(node)))>
                    {move || format!("{} more", format::counted(u64::from(hidden()), "neighbour"))}
                </button>
            </Show>
            <button class="button colour-choice" aria-pressed=move || alone().to_string() title="Show this node and its neighbours only"
                on:click=move |_| pane.set_show(if alone() { Shown::Most } else { Shown::Near })>"Neighbours only"</button>
        </p>
    }
}

fn node_facts(node: &Node) -> Markup {
    let instrumented = node.is_instrumented();
    view! {
        <dl class="graph-facts">
            {instrumented.then(|| fact(format::count(u64::from(node.spans)), if node.spans == 1 { "span" } else { "spans" }, false))}
            {instrumented.then(|| fact(node.self_time.to_string(), "self time", false))}
            {fact(node.time.to_string(), if instrumented { "time, waiting included" } else { "time in calls" }, false)}
            {fact(format::count(u64::from(node.errors)), if node.errors == 1 { "error" } else { "errors" }, node.errors > 0)}
        </dl>
    }
    .into_any()
}

fn edge_head(pane: Pane, drawn: &Drawn, at: u32) -> Markup {
    let Some(edge) = drawn.graph.edges.get(at as usize) else {
        return ().into_any();
    };
    let what = match (edge.messages, edge.is_async()) {
        (0, _) => "calls",
        (_, true) => "messages, nobody waits for them",
        (_, false) => "calls and messages",
    };
    let end = |node: u32| {
        let name = drawn.name(node);
        view! {
            <button class="link graph-end" title="Select this node" on:click=move |_| pane.go(Target::Node(node), false)>
                {tick(drawn, node)}<span dir="auto">{name}</span>
            </button>
        }
    };
    view! {
        <p class="graph-what">{what}</p>
        <h2 class="graph-title">{end(edge.from)}<span class="graph-arrow">"→"</span>{end(edge.to)}</h2>
        {edge_facts(edge)}
    }
    .into_any()
}

fn edge_facts(edge: &Edge) -> Markup {
    view! {
        <dl class="graph-facts">
            {fact(format::count(u64::from(edge.calls)), if edge.calls == 1 { "call" } else { "calls" }, false)}
            {fact(edge.time.to_string(), "in all", false)}
            {fact(edge.longest.to_string(), "longest", false)}
            {fact(format::count(u64::from(edge.errors)), if edge.errors == 1 { "error" } else { "errors" }, edge.errors > 0)}
        </dl>
    }
    .into_any()
}

fn fact(value: String, name: &'static str, error: bool) -> Markup {
    view! { <div class:error=error><dd>{value}</dd><dt>{name}</dt></div> }.into_any()
}

fn span_row(app: App, drawn: &Drawn, row: u32) -> Markup {
    let span = drawn.store.span(row);
    let name = if span.name().is_empty() {
        "(no name)".to_owned()
    } else {
        format::visible_text(span.name())
    };
    let failed = u32::from(span.status() == StatusCode::Error);
    let node = drawn
        .graph
        .nodes
        .iter()
        .position(|node| node.service() == Some(span.service()));
    let open = move |_| {
        app.dispatch(Command::ShowView(View::Waterfall));
        app.dispatch(Command::Reveal(row));
    };
    view! {
        <li>
            <button class="graph-span" title="Show in the waterfall" on:click=open>
                {node.map(|node| tick(drawn, node as u32))}
                <span class="graph-span-service" dir="auto">{format::visible_text(span.service_name())}</span>
                <span class="graph-span-name" dir="auto">{name}</span>
                {(failed > 0).then(|| view! { <span class="badge error">"error"</span> })}
                <span class="graph-span-time" title=format::exact_duration(span.duration())>{format::duration(span.duration())}</span>
            </button>
        </li>
    }
    .into_any()
}

/// Errors of a table's cell: a badge, or a quiet zero. The head of the column has the word.
pub(super) fn error_cell(errors: u32) -> Markup {
    let class = if errors > 0 {
        "badge error"
    } else {
        "graph-zero"
    };
    view! { <span class=class>{format::count(u64::from(errors))}</span> }.into_any()
}

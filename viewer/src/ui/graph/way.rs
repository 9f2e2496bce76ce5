//! The way to the span that is selected in the waterfall, as words: each node a button.
//!
//! **Invariant:** lists so many nodes at most, the last ones, and says how many are left out.

use crate::dom::prelude::*;

use super::{Pane, tick};
use crate::{
    scene::graph::Target,
    state::{Command, View},
    ui::{context::use_app, format},
};

/// So many nodes are listed.
const LISTED: usize = 12;

/// The way; nothing when no span is selected.
#[component]
pub(super) fn WayTo(pane: Pane) -> impl IntoView {
    let app = use_app();
    let step = move |node: u32| {
        pane.peek(|drawn| {
            let name = drawn.name(node);
            view! {
                <li><button class="link graph-end" title="Select this node" on:click=move |_| pane.go(Target::Node(node), false)>
                    {tick(drawn, node)}<span dir="auto">{name}</span>
                </button></li>
            }
        })
    };
    let list = move || {
        let nodes = pane.way.with(|way| way.nodes.clone());
        let more = nodes.len().saturating_sub(LISTED);
        (!nodes.is_empty()).then(|| {
            view! {
                <section class="graph-part graph-way" aria-label="The way to the selected span">
                    <p class="graph-what">"The way to the "<button class="link" title="Show it in the waterfall" on:click=move |_| app.dispatch(Command::ShowView(View::Waterfall))>"selected span"</button></p>
                    <ol>
                        {(more > 0).then(|| view! { <li class="hint">{format!("{} above", format::counted(more as u64, "node"))}</li> })}
                        {nodes.into_iter().skip(more).filter_map(step).collect_view()}
                    </ol>
                </section>
            }
        })
    };
    view! { {list} }
}

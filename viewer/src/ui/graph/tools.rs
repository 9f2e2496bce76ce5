//! What the picture is about: services or span names, what heat is, how much shows; and a field that finds a node.
//!
//! **Invariant:** each choice says what it is by words; what is left out is said, too.

use crate::dom::prelude::*;
use throughline_model::analysis::service_graph::By;
use web_sys::{Event, HtmlElement, KeyboardEvent};

use super::Pane;
use crate::{
    scene::graph::{Heat, Show as Shown, Target},
    ui::format,
};

/// The line above the picture.
#[component]
pub(super) fn Tools(pane: Pane) -> impl IntoView {
    let names = ["Services", "Services and names"];
    view! {
        <div class="graph-choices" role="group" aria-label="What the graph shows">
            {select("Nodes", &names, move || usize::from(pane.by.get() == By::Name), move |at| {
                pane.forget();
                pane.by.set(if at == 1 { By::Name } else { By::Service });
            })}
            {select("Heat", &Heat::ALL.map(Heat::words), move || place(&Heat::ALL, &pane.heat.get()), move |at| pane.heat.set(Heat::ALL[at]))}
            {select("Show", &Shown::ALL.map(Shown::words), move || place(&Shown::ALL, &pane.show.get()), move |at| pane.set_show(Shown::ALL[at]))}
            <Count pane=pane/>
        </div>
    }
}

fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|known| known == one).unwrap_or(0)
}

fn select(
    label: &'static str,
    words: &[&'static str],
    chosen: impl Fn() -> usize + Copy + Send + Sync + 'static,
    choose: impl Fn(usize) + 'static,
) -> Markup {
    let count = words.len();
    let options = words.iter().enumerate().map(|(at, words)| {
        view! { <option value=at.to_string()>{*words}</option> }
    });
    let field = NodeRef::<HtmlElement>::new();
    Effect::new(move |_| {
        let at = chosen();
        if let Some(field) = field.get() {
            // A value means something once the options are there.
            js_sys::Reflect::set(&field, &"value".into(), &at.to_string().into()).ok();
        }
    });
    let changed = move |event: Event| {
        let at = event_target_value(&event).parse().ok();
        if let Some(at) = at.filter(|&at: &usize| at < count) {
            choose(at);
        }
    };
    view! {
        <label class="graph-choice"><span>{label}</span><select class="input" node_ref=field on:change=changed>{options.collect_view()}</select></label>
    }
    .into_any()
}

/// How many nodes there are, and how many of them show.
#[component]
fn Count(pane: Pane) -> impl IntoView {
    let counts = move || {
        let all = pane.read(|drawn| drawn.graph.nodes.len()).unwrap_or(0);
        let shown = pane.kept.with(|kept| {
            let kept = kept.as_ref();
            kept.map_or((0, 0), |kept| (kept.nodes.len(), kept.weak))
        });
        (shown.0, all, shown.1)
    };
    let words = move || {
        let (shown, all, weak) = counts();
        let mut words = format::counted(all as u64, "node");
        if shown < all {
            words = format!("{} of {words}", format::count(shown as u64));
        }
        if weak > 0 {
            words = format!(
                "{words}, without {}",
                format::counted(weak as u64, "weaker connection")
            );
        }
        words
    };
    let less = move || {
        let (shown, all, weak) = counts();
        (shown < all || weak > 0) && pane.show.get() != Shown::All
    };
    view! {
        <span class="graph-counted" role="status">{words}</span>
        <Show when=less><button class="link" title="Also what is left out" on:click=move |_| pane.set_show(Shown::All)>"Show all"</button></Show>
    }
}

/// The field that finds a node by its name.
#[component]
pub(super) fn Find(pane: Pane) -> impl IntoView {
    let typed = move |event: Event| {
        pane.selected.set(None);
        pane.find.set(event_target_value(&event));
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            let found = pane
                .peek(|drawn| drawn.find(&pane.find.get_untracked()))
                .flatten();
            if let Some(node) = found {
                pane.go(Target::Node(node), true);
            }
        }
        "Escape" => {
            event.stop_propagation();
            pane.find.set(String::new());
        }
        _ => {}
    };
    view! {
        <div class="graph-find">
            <input class="input" type="search" placeholder="Find a node" aria-label="Find a node; Enter selects the first" spellcheck="false" autocomplete="off"
                prop:value=move || pane.find.get() on:input=typed on:keydown=key/>
        </div>
    }
}

//! A list or map, or JSON text, folded by level.
//!
//! **Invariant:** the page holds the levels that are open, a part of each at first; the recursion is as deep as what is open.

use crate::dom::prelude::*;

use super::{
    node::Node,
    values::{self, Tone},
};
use crate::ui::format;

/// A tree of so many values at most is open at first; of a larger one, its first level.
const OPEN_MAX: usize = 16;
/// So many values of a level are shown at first, and how many times more each "Show more" gives.
const LEVEL: usize = 100;
/// Bytes of a text that are shown.
const TEXT: usize = 2_000;

/// The tree without its root: what it holds.
pub(super) fn tree(node: &Node) -> Markup {
    let open = node.is_within(OPEN_MAX);
    view! { <div class="details-tree" tabindex="0">{level(node.clone(), open)}</div> }.into_any()
}

/// What a list or map holds, line by line.
fn level(node: Node, open: bool) -> Markup {
    let total = node.entries().len();
    let limit = RwSignal::new(LEVEL);
    let is_list = matches!(node, Node::List(_));
    let lines = move || {
        let shown = node.entries().iter().take(limit.get()).enumerate();
        shown
            .map(|(at, (key, value))| {
                let label = if is_list {
                    at.to_string().into()
                } else {
                    format::visible_line(format::clip(key, 200).0)
                };
                line(&label, value, open)
            })
            .collect_view()
    };
    view! {
        {lines}
        {move || (limit.get() < total).then(|| view! {
            <button class="link" on:click=move |_| limit.update(|limit| *limit *= 5)>
                {format!("Show more ({} left)", format::count((total - limit.get()) as u64))}
            </button>
        })}
    }
    .into_any()
}

fn line(label: &str, value: &Node, open: bool) -> Markup {
    if value.entries().is_empty() {
        let (text, tone) = leaf(value);
        let class = match tone {
            Tone::Text => "details-leaf",
            Tone::Plain => "details-leaf plain",
            Tone::Faint => "details-leaf faint",
        };
        return view! {
            <div class="details-branch">
                <span class="details-label">{label.to_owned()}</span>
                <span class=class dir="auto">{text}</span>
            </div>
        }
        .into_any();
    }
    let count = value.entries().len() as u64;
    let words = match value {
        Node::List(_) => format::counted(count, "item"),
        _ => format::counted(count, "key"),
    };
    let value = value.clone();
    let unfolded = RwSignal::new(open);
    view! {
        <button class="details-level" class:open=move || unfolded.get() aria-expanded=move || unfolded.get().to_string()
            on:click=move |_| unfolded.update(|open| *open = !*open)>
            <svg class="details-fold" viewBox="0 0 12 12" aria-hidden="true"><path d="M4.2 2.5 7.8 6 4.2 9.5"/></svg>
            <span class="details-label">{label.to_owned()}</span>
            <span class="details-leaf faint">{words}</span>
        </button>
        {move || unfolded.get().then(|| view! { <div class="details-below">{level(value.clone(), open)}</div> })}
    }
    .into_any()
}

fn leaf(value: &Node) -> (String, Tone) {
    match value {
        Node::Text(text) if text.is_empty() => ("empty text".to_owned(), Tone::Faint),
        Node::Text(text) => {
            let (head, cut) = format::clip(text, TEXT);
            let end = if cut {
                "… more is there: copy it"
            } else {
                ""
            };
            (format!("{}{end}", format::visible(head)), Tone::Text)
        }
        Node::Bare(word) if **word == *"null" => ("no value".to_owned(), Tone::Faint),
        Node::Bare(word) => (word.to_string(), Tone::Plain),
        Node::List(_) => ("empty list".to_owned(), Tone::Faint),
        Node::Map(_) => ("empty map".to_owned(), Tone::Faint),
    }
}

/// JSON text as a tree, or as it came.
#[component]
pub(super) fn JsonValue(
    place: super::Place,
    owner: values::Owner,
    at: usize,
    node: Node,
    total: usize,
    long: bool,
) -> impl IntoView {
    let as_tree = RwSignal::new(true);
    view! {
        {move || if as_tree.get() {
            tree(&node)
        } else {
            view! { <super::text_value::TextValue place=place owner=owner at=at total=total long=long stack=false json=true/> }.into_any()
        }}
        <span class="details-more-bar">
            <button class="link" on:click=move |_| as_tree.update(|tree| *tree = !*tree)>
                {move || if as_tree.get() { "As it came" } else { "As a tree" }}
            </button>
        </span>
    }
}

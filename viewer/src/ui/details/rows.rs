//! Attributes as rows: find a value, copy it, copy them all.
//!
//! **Invariant:** the page holds what is shown, not what is there; a row reads its value from the store when it is
//! copied or searched.

use crate::dom::prelude::*;
use throughline_model::store::ValueRef;

use super::{
    Place, json, leads,
    node::Node,
    stack_value::StackValue,
    text_value::TextValue,
    tree::{JsonValue, tree},
    values::{self, Group, Owner, ROWS_AT_FIRST, Row, Shown, Tone, TreeLine},
};
use crate::{
    state::Command,
    ui::{context::use_app, format},
};

/// From this many rows on there is a field that filters them.
const FILTER_FROM: usize = 12;

/// JSON text of so many bytes at most is a tree at once.
const TREE_BYTES: usize = 256 << 10;

/// The attributes of `owner`, grouped.
#[component]
pub(super) fn Values(place: Place, owner: Owner, what: &'static str) -> impl IntoView {
    let app = use_app();
    let total = place.with_value(|selected| {
        owner
            .list(selected.store(), selected.span)
            .map_or(0, |list| list.len())
    });
    if total == 0 {
        return view! { <p class="details-none">{format!("No {what}")}</p> }.into_any();
    }
    let limit = RwSignal::new(ROWS_AT_FIRST);
    let filter = RwSignal::new(String::new());
    let groups = Memo::new(move || {
        place.with_value(|selected| {
            let list = owner.list(selected.store(), selected.span);
            list.map_or_else(Vec::new, |list| {
                values::filtered(list, &filter.get(), limit.get())
            })
        })
    });
    let copy_all = move |_| {
        let text = place.with_value(|selected| {
            owner
                .list(selected.store(), selected.span)
                .map(json::object)
        });
        let text = text
            .map(|text| json::laid_out(&text).unwrap_or(text))
            .unwrap_or_default();
        app.dispatch(Command::Copy {
            text,
            what: format!("All {what}"),
        });
    };
    let more =
        move || (limit.get() < total && filter.with(String::is_empty)).then(|| total - limit.get());
    view! {
        <div class="details-values">
            <div class="details-bar">
                {if total >= FILTER_FROM {
                    let words = format!("Filter {} {what}", format::count(total as u64));
                    view! {
                        <input class="input details-filter" type="text" placeholder=words.clone() aria-label=words spellcheck="false"
                            autocomplete="off" on:input=move |event| filter.set(event_target_value(&event))/>
                    }.into_any()
                } else {
                    ().into_any()
                }}
                {(total > 1).then(|| view! {
                    <button class="link details-copy-all" title=format!("Copy all {what} as JSON") on:click=copy_all>"Copy as JSON"</button>
                })}
            </div>
            {move || groups.with(|groups| {
                let empty = groups.is_empty().then(|| view! { <p class="details-none">"No key or value contains this."</p> });
                let groups = groups.iter().map(|group| group_view(place, owner, group)).collect_view();
                (groups, empty)
            })}
            {move || more().map(|left| view! {
                <button class="button details-more" on:click=move |_| limit.update(|limit| *limit *= 5)>
                    {format!("Show more ({} left)", format::count(left as u64))}
                </button>
            })}
        </div>
    }
    .into_any()
}

fn group_view(place: Place, owner: Owner, group: &Group) -> Markup {
    let heading = (!group.name.is_empty())
        .then(|| view! { <h3 class="details-group">{group.name.clone()}</h3> });
    let rows = group
        .rows
        .iter()
        .map(|row| row_view(place, owner, row))
        .collect_view();
    view! { {heading}<dl class="details-rows">{rows}</dl> }.into_any()
}

fn row_view(place: Place, owner: Owner, row: &Row) -> Markup {
    let at = row.at;
    let block = !matches!(row.value, Shown::Line { .. });
    let value = match &row.value {
        Shown::Line { text, tone } => line_view(place, owner, at, text, *tone),
        Shown::Text {
            total, stack: true, ..
        } if *total <= values::PAGE_BYTES => {
            view! { <StackValue place=place owner=owner at=at/> }.into_any()
        }
        Shown::Text {
            total,
            long,
            stack,
            json,
        } => {
            let node = (*json && *total <= TREE_BYTES)
                .then(|| json_of(place, owner, at))
                .flatten();
            match node {
                Some(node) => view! { <JsonValue place=place owner=owner at=at node=node total=*total long=*long/> }.into_any(),
                None => view! { <TextValue place=place owner=owner at=at total=*total long=*long stack=*stack json=*json/> }.into_any(),
            }
        }
        Shown::Tree { lines, more } => {
            json_of(place, owner, at).map_or_else(|| tree_view(lines, *more), |node| tree(&node))
        }
    };
    let title = format!("{}\n{}", row.key, row.kind);
    view! {
        <div class="details-row" class:block=block>
            <dt class="details-key" title=title>{broken_at_dots(&row.key)}</dt>
            <dd class="details-value">{value}{actions(place, owner, at)}</dd>
        </div>
    }
    .into_any()
}

/// A list, a map or JSON text; `None` for anything else and where it is too large.
fn json_of(place: Place, owner: Owner, at: usize) -> Option<Node> {
    place.with_value(|selected| {
        let (_, value) = owner.row(selected.store(), selected.span, at)?;
        Node::of(value).filter(|node| !node.entries().is_empty())
    })
}

/// A long key goes on in the next line, if it can after a dot.
pub(super) fn broken_at_dots(key: &str) -> Markup {
    key.split_inclusive('.')
        .map(|part| view! { {part.to_owned()}<wbr/> })
        .collect_view()
        .into_any()
}

fn line_view(place: Place, owner: Owner, at: usize, text: &str, tone: Tone) -> Markup {
    let app = use_app();
    let class = match tone {
        Tone::Text => "details-find",
        Tone::Plain => "details-find plain",
        Tone::Faint => "details-find faint",
    };
    let link = place.with_value(|selected| {
        let (_, value) = owner.row(selected.store(), selected.span, at)?;
        link_view(value)
    });
    view! {
        <button class=class title="Find this value" dir="auto" on:click=move |_| find(app, place, owner, at)>{text.to_owned()}</button>
        {link}
    }
    .into_any()
}

/// A link that leaves the page says where it goes.
pub(super) fn link_view(value: ValueRef<'_>) -> Option<Markup> {
    let ValueRef::Str(text) = value else {
        return None;
    };
    let link = leads::web_link(text)?;
    Some(
        view! {
            <a class="details-link" href=link.href target="_blank" rel="noopener noreferrer">{format!("Open {} ↗", link.host)}</a>
        }
        .into_any(),
    )
}

pub(super) fn find(app: crate::ui::context::App, place: Place, owner: Owner, at: usize) {
    let term = place.with_value(|selected| {
        let (key, value) = owner.row(selected.store(), selected.span, at)?;
        Some(leads::term(owner, key, value))
    });
    if let Some(term) = term {
        app.dispatch(Command::AddTerm(term));
    }
}

fn tree_view(lines: &[TreeLine], more: bool) -> Markup {
    let lines = lines
        .iter()
        .map(|line| {
            let class = match line.tone {
                Tone::Text => "details-leaf",
                Tone::Plain => "details-leaf plain",
                Tone::Faint => "details-leaf faint",
            };
            view! {
                <div class="details-branch" style:padding-left=format!("{}px", line.depth * 12)>
                    <span class="details-label">{line.label.clone()}</span>
                    <span class=class dir="auto">{line.text.clone()}</span>
                </div>
            }
        })
        .collect_view();
    let more = more.then(
        || view! { <p class="details-none">"More is there: copy the value to see all of it."</p> },
    );
    view! { <div class="details-tree" tabindex="0">{lines}{more}</div> }.into_any()
}

fn actions(place: Place, owner: Owner, at: usize) -> Markup {
    let app = use_app();
    let copy = move |with_key: bool| {
        let text = place.with_value(|selected| {
            let (key, value) = owner.row(selected.store(), selected.span, at)?;
            let value = json::plain(value);
            Some(if with_key {
                format!("{key}={value}")
            } else {
                value
            })
        });
        let what = if with_key { "Key and value" } else { "Value" };
        app.dispatch(Command::Copy {
            text: text.unwrap_or_default(),
            what: what.to_owned(),
        });
    };
    view! {
        <span class="details-actions">
            <button class="details-tool" title="Find this value" aria-label="Find this value" on:click=move |_| find(app, place, owner, at)>
                <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="3.8"/><path d="m10 10 3 3"/></svg>
            </button>
            <button class="details-tool" title="Copy the value" aria-label="Copy the value" on:click=move |_| copy(false)>
                <svg viewBox="0 0 16 16" aria-hidden="true"><rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1.5"/><path d="M10.5 3H4.4A1.4 1.4 0 0 0 3 4.4v6.1"/></svg>
            </button>
            {matches!(owner, Owner::Span | Owner::Resource).then(|| view! {
                <button class="details-tool" title="Pin: first in the details of every span" aria-label="Pin" on:click=move |_| {
                    let key = place.with_value(|selected| owner.row(selected.store(), selected.span, at).map(|(key, _)| key.to_owned()));
                    if let Some(key) = key {
                        app.dispatch(Command::Pin(key));
                    }
                }><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3h4l-.5 4 2 2.5h-7l2-2.5zM8 9.5V13"/></svg></button>
            })}
            <button class="details-tool words" title="Copy key=value" aria-label="Copy key and value" on:click=move |_| copy(true)>"k=v"</button>
        </span>
    }
    .into_any()
}

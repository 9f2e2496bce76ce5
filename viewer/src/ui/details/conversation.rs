//! What was said to a generative model and what it answered, turn by turn.
//!
//! ```text
//! System      You are a helpful shop clerk.
//! User        Where is my order?
//! Assistant   calls find_order
//!               {"id": 42}
//! Tool        {"state": "on its way"}
//! ```
//!
//! **Invariant:** texts of the data stay texts; what cannot be read stands here as it came.

mod flat;
mod message;
mod read;

use crate::dom::prelude::*;

use super::{Place, convention, values};
use crate::{
    state::Command,
    ui::{context::use_app, format},
};
use message::{Part, Turn};
use read::turns;

/// Of a long conversation so many turns are shown at the beginning and at the end.
const TURNS_AT_ENDS: usize = 10;
/// Bytes of a part while it is folded.
const FOLDED_BYTES: usize = 900;
/// Lines of a part while it is folded.
const FOLDED_LINES: usize = 12;

/// Above the attributes: the conversation, where the span has one.
#[component]
pub(super) fn Conversation(place: Place) -> Option<Markup> {
    let app = use_app();
    let turns = place.with_value(|selected| turns(selected.store().span(selected.span)));
    let total = turns.len();
    if total == 0 {
        return None;
    }
    let hidden = total.saturating_sub(2 * TURNS_AT_ENDS);
    let copied = as_text(&turns);
    let turns = StoredValue::new(turns);
    let all = RwSignal::new(hidden < 2);
    let views = move |from: usize, to: usize| {
        turns.with_value(|turns| {
            let turns = turns.get(from..to).unwrap_or_default();
            turns.iter().cloned().map(turn_view).collect_view()
        })
    };
    let list = move || {
        if all.get() {
            return views(0, total).into_any();
        }
        view! {
            {views(0, TURNS_AT_ENDS)}
            <li class="talk-more"><button class="button" on:click=move |_| all.set(true)>
                {format!("Show {} between", format::counted(hidden as u64, "turn"))}
            </button></li>
            {views(total - TURNS_AT_ENDS, total)}
        }
        .into_any()
    };
    Some(
        view! {
            <section class="talk" aria-label="Conversation">
                <header class="talk-top">
                    <h3>"Conversation"</h3>
                    <span class="talk-count">{format::counted(total as u64, "turn")}</span>
                    <button class="link" title="Copy the conversation as text"
                        on:click=move |_| app.dispatch(Command::Copy { text: copied.clone(), what: "Conversation".into() })>"Copy"</button>
                </header>
                <ol class="talk-turns">{list}</ol>
            </section>
        }
        .into_any(),
    )
}

fn turn_view(turn: Turn) -> Markup {
    let class = format!("talk-turn {}", turn.role.class());
    let name = turn
        .name
        .map(|name| format::visible_line(&name).into_owned());
    let ended = turn.ended.map(|reason| {
        let words = convention::reason(&format::visible_line(&reason));
        view! { <p class="talk-end">{format!("ended by {words}")}</p> }
    });
    view! {
        <li class=class>
            <h4 class="talk-role">{turn.role.words()}{name.map(|name| view! { <span class="talk-name" dir="auto">{name}</span> })}</h4>
            {turn.parts.into_iter().map(part_view).collect_view()}
            {ended}
        </li>
    }
    .into_any()
}

fn part_view(part: Part) -> Markup {
    let id = |id: Option<String>| {
        id.map(|id| view! { <span class="talk-id">{format::visible_line(format::clip(&id, 60).0).into_owned()}</span> })
    };
    match part {
        Part::Text(text) => block(&text, "talk-text"),
        Part::Thought(text) => view! {
            <div class="talk-thought"><p class="talk-what">"thinks"</p>{block(&text, "talk-text")}</div>
        }
        .into_any(),
        Part::Call { name, id: own, arguments } => view! {
            <div class="talk-call">
                <p class="talk-what">"calls "<strong dir="auto">{format::visible_line(&name).into_owned()}</strong>{id(own)}</p>
                {(!arguments.is_empty()).then(|| block(&arguments, "talk-code"))}
            </div>
        }
        .into_any(),
        Part::Answer { id: own, text } => view! {
            <div class="talk-call"><p class="talk-what">"result"{id(own)}</p>{block(&text, "talk-code")}</div>
        }
        .into_any(),
        Part::Media(words) => {
            view! { <p class="talk-what" dir="auto">{format::visible_line(&words).into_owned()}</p> }.into_any()
        }
        Part::Other(kind, text) => view! {
            <div class="talk-call"><p class="talk-what">{format::visible_line(&kind).into_owned()}</p>{block(&text, "talk-code")}</div>
        }
        .into_any(),
    }
}

/// A text that folds when it is long.
fn block(text: &str, class: &'static str) -> Markup {
    let (head, long) = folded(text);
    if !long {
        return view! { <div class=class dir="auto">{format::visible(text).into_owned()}</div> }
            .into_any();
    }
    let open = RwSignal::new(false);
    let size = format::bytes(text.len() as u64);
    // Browsers take minutes to lay out megabytes: all of it is with the attributes, page by page.
    let (whole, cut) = format::clip(text, values::PAGE_BYTES);
    let whole = format!("{}{}", format::visible(whole), if cut { "…" } else { "" });
    let shown = move || {
        if open.get() {
            whole.clone()
        } else {
            head.clone()
        }
    };
    view! {
        <div class=class dir="auto">{shown}</div>
        <button class="link talk-fold" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
            {move || if open.get() { "Show less".to_owned() } else { format!("Show all ({size})") }}
        </button>
    }
    .into_any()
}

/// The beginning of a text, and whether that is less than all.
fn folded(text: &str) -> (String, bool) {
    let lines = text
        .match_indices('\n')
        .nth(FOLDED_LINES - 1)
        .map_or(text.len(), |(at, _)| at);
    let (head, cut) = format::clip(text.get(..lines).unwrap_or(text), FOLDED_BYTES);
    (
        format!("{}…", format::visible(head.trim_end())),
        cut || lines < text.len(),
    )
}

/// All of it, for the clipboard.
fn as_text(turns: &[Turn]) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) | Part::Media(text) => text.clone(),
        Part::Thought(text) => format!("(thinks) {text}"),
        Part::Call {
            name, arguments, ..
        } => format!("(calls {name}) {arguments}"),
        Part::Answer { text, .. } => format!("(result) {text}"),
        Part::Other(kind, text) => format!("({kind}) {text}"),
    };
    let turn = |turn: &Turn| {
        let parts: Vec<String> = turn.parts.iter().map(part).collect();
        format!("{}: {}\n", turn.role.words(), parts.join("\n"))
    };
    turns.iter().map(turn).collect()
}

#[cfg(test)]
mod tests;

//! One long text: folded at first, then whole, or page by page when it is very long; JSON laid out on demand.
//!
//! **Invariant:** never more than one page of the text is in the document, however long the text is.

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::store::ValueRef;

use super::{
    Place, json,
    rows::link_view,
    values::{self, Owner, PAGE_BYTES},
};
use crate::ui::format;

/// Longer texts are not laid out.
const LAID_OUT_MAX: usize = 4 << 20;

/// How the text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Folded,
    Page(usize),
}

/// The text as JSON on several lines.
#[derive(Clone, PartialEq)]
enum Layout {
    AsItCame,
    LaidOut(Arc<str>),
    NotJson,
}

#[component]
pub(super) fn TextValue(
    place: Place,
    owner: Owner,
    at: usize,
    /// Bytes in all.
    total: usize,
    long: bool,
    stack: bool,
    json: bool,
) -> impl IntoView {
    let first = if long { Shown::Folded } else { Shown::Page(0) };
    let shown = RwSignal::new(first);
    let layout = RwSignal::new(Layout::AsItCame);
    let read = move |take: &dyn Fn(&str) -> String| {
        place.with_value(
            |selected| match owner.row(selected.store(), selected.span, at) {
                Some((_, ValueRef::Str(text) | ValueRef::Bytes(text))) => take(text),
                _ => String::new(),
            },
        )
    };
    let text = move || {
        let part = |text: &str| match shown.get() {
            Shown::Folded => values::folded(text),
            Shown::Page(page) => values::page(text, page),
        };
        layout.with(|layout| match layout {
            Layout::LaidOut(text) => part(text),
            Layout::AsItCame | Layout::NotJson => read(&part),
        })
    };
    let lay_out = move |_| {
        let next = match layout.get_untracked() {
            Layout::LaidOut(_) => Layout::AsItCame,
            _ => json::laid_out(&read(&str::to_owned))
                .map_or(Layout::NotJson, |text| Layout::LaidOut(text.into())),
        };
        layout.set(next);
        shown.set(Shown::Page(0));
    };
    let length = move || {
        layout.with(|layout| {
            if let Layout::LaidOut(text) = layout {
                text.len()
            } else {
                total
            }
        })
    };
    let folded = move || shown.get() == Shown::Folded;
    let link = place.with_value(|selected| {
        let (_, value) = owner.row(selected.store(), selected.span, at)?;
        link_view(value)
    });
    view! {
        <pre class="details-text" class:stack=stack class:folded=folded tabindex="0" dir="auto">{text}</pre>
        <span class="details-more-bar">
            <Show when=folded>
                <button class="link" on:click=move |_| shown.set(Shown::Page(0))>{move || format!("Show all ({})", format::bytes(length() as u64))}</button>
            </Show>
            {move || pager(shown, length())}
            <Show when=move || long && !folded()>
                <button class="link" on:click=move |_| shown.set(Shown::Folded)>"Show less"</button>
            </Show>
            <Show when=move || json && total <= LAID_OUT_MAX>
                <button class="link" on:click=lay_out>{move || layout.with(|layout| match layout {
                    Layout::LaidOut(_) => "As it came",
                    Layout::NotJson => "Not JSON after all",
                    Layout::AsItCame => "Lay out JSON",
                })}</button>
            </Show>
            {link}
        </span>
    }
}

/// Back and forth in a text of several pages.
fn pager(shown: RwSignal<Shown>, length: usize) -> Option<Markup> {
    let Shown::Page(page) = shown.get() else {
        return None;
    };
    let last = values::pages(length)
        .checked_sub(1)
        .filter(|&last| last > 0)?;
    let to = |page: usize, words: &'static str, possible: bool| {
        view! { <button class="link" disabled=!possible on:click=move |_| shown.set(Shown::Page(page))>{words}</button> }
    };
    let end = ((page + 1) * PAGE_BYTES).min(length);
    let start = page * PAGE_BYTES;
    let place = format!(
        "{} – {} of {}",
        format::bytes(start as u64),
        format::bytes(end as u64),
        format::bytes(length as u64)
    );
    Some(
        view! {
            {to(page.saturating_sub(1), "Back", page > 0)}
            {to(page + 1, "Next part", page < last)}
            <span class="details-page">{place}</span>
        }
        .into_any(),
    )
}

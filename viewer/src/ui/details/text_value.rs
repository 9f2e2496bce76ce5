//! One long text: folded at first, unfolded in steps, JSON laid out on demand.
//!
//! **Invariant:** never puts more into the page than was asked for: ten megabytes come in steps.

use leptos::prelude::*;
use throughline_model::store::ValueRef;

use super::{
    Place, json,
    rows::link_view,
    values::{self, Owner, UNFOLDED_BYTES},
};
use crate::ui::format;

/// How many times more each step shows.
const STEP: usize = 4;
/// Longer texts are not laid out.
const LAID_OUT_MAX: usize = 1 << 20;

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
    // 0 is folded.
    let shown = RwSignal::new(if long { 0 } else { UNFOLDED_BYTES });
    let laid_out = RwSignal::new(None::<Option<String>>);
    let read = move |take: &dyn Fn(&str) -> String| {
        place.with_value(|selected| match owner.row(selected.store(), selected.span, at) {
            Some((_, ValueRef::Str(text) | ValueRef::Bytes(text))) => take(text),
            _ => String::new(),
        })
    };
    let text = move || {
        laid_out.with(|laid_out| match laid_out {
            Some(Some(text)) => values::part(text, shown.get()),
            _ => read(&|text| values::part(text, shown.get())),
        })
    };
    let lay_out = move |_| {
        let next = match laid_out.get_untracked() {
            Some(Some(_)) => None,
            _ => Some(json::laid_out(&read(&str::to_owned))),
        };
        laid_out.set(next);
        shown.update(|bytes| *bytes = (*bytes).max(UNFOLDED_BYTES));
    };
    let unfold = move |_| shown.update(|bytes| *bytes = if *bytes == 0 { UNFOLDED_BYTES } else { *bytes * STEP });
    let fold_words = move || match shown.get() {
        0 => Some(format!("Show all ({})", format::bytes(total as u64))),
        bytes if bytes < total => Some(format!("Show more ({} left)", format::bytes((total - bytes) as u64))),
        _ => None,
    };
    let link = place.with_value(|selected| {
        let (_, value) = owner.row(selected.store(), selected.span, at)?;
        link_view(value)
    });
    view! {
        <pre class="details-text" class:stack=stack class:folded=move || shown.get() == 0 tabindex="0" dir="auto">{text}</pre>
        <span class="details-more-bar">
            {move || fold_words().map(|words| view! { <button class="link" on:click=unfold>{words}</button> })}
            <Show when=move || long && shown.get() != 0>
                <button class="link" on:click=move |_| shown.set(0)>"Show less"</button>
            </Show>
            <Show when=move || json && total <= LAID_OUT_MAX>
                <button class="link" on:click=lay_out>{move || laid_out.with(|laid_out| match laid_out {
                    Some(Some(_)) => "As it came",
                    Some(None) => "Not JSON after all",
                    None => "Lay out JSON",
                })}</button>
            </Show>
            {link}
        </span>
    }
}

//! The side panel of the selected span: what it is, how long it took, what went wrong, and everything the data says.
//!
//! ```text
//! ■ pricing · server                 head: service, kind, name, facts, error, oddities
//! price items
//! 1.84 s    25 ms      57 %
//! ──────────────────────────
//! Attributes  Events 2  Links        tabs; one panel at a time is in the page
//! http
//!   http.route    /price
//! ```
//!
//! **Invariant:** reads one span; what can be computed without a page is in the pure modules below and tested there.

pub(super) mod convention;
mod conversation;
mod events;
mod facts;
mod fold;
mod head;
pub(super) mod json;
mod leads;
mod links;
mod node;
mod origin;
mod pinned;
mod rows;
#[cfg(test)]
pub(super) mod sample;
mod sql;
mod stack;
mod stack_value;
mod tabs;
mod text_value;
mod tree;
pub(super) mod values;

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::store::TraceStore;

use super::{context::use_app, notes::NoteCard};
use crate::state::{Dataset, DetailsTab, UiState};
use tabs::Tabs;

/// A span of an open dataset.
#[derive(Clone, Debug, PartialEq)]
struct Selected {
    dataset: Dataset,
    span: u32,
}

impl Selected {
    fn of(state: &UiState) -> Option<Self> {
        let (dataset, span) = (state.dataset.clone()?, state.selection?);
        let known = (span as usize) < dataset.store.span_count();
        known.then_some(Self { dataset, span })
    }

    fn store(&self) -> &Arc<TraceStore> {
        &self.dataset.store
    }
}

/// A selected span that closures share.
type Place = StoredValue<Selected>;

/// A label as the first word of a sentence.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// The panel.
#[component]
pub fn Details() -> impl IntoView {
    let app = use_app();
    let selected = app.select(Selected::of);
    view! {
        {move || match selected.get() {
            Some(selected) => view! { <SpanDetails selected=selected/> }.into_any(),
            None => view! { <p class="details-none">"Select a span to see what the data says about it."</p> }.into_any(),
        }}
    }
}

#[component]
fn SpanDetails(selected: Selected) -> impl IntoView {
    let app = use_app();
    let place = StoredValue::new(selected);
    let tab = app.select(|state| state.details_tab);
    let pinned = app.select(|state| !state.prefs.pinned.is_empty());
    let note = app.select(|state| {
        let span = state.store()?.span(state.selection?);
        state.note_on(span).map(str::to_owned)
    });
    view! {
        <div class="details">
            <fold::FoldBox/>
            <head::Head place=place/>
            {move || note.get().map(|text| view! { <NoteCard text=text/> })}
            <Show when=move || pinned.get()><pinned::Pinned place=place/></Show>
            <Tabs place=place/>
            <div class="details-panel" role="tabpanel" id="details-panel" aria-labelledby=move || tabs::tab_id(tab.get())>
                {move || match tab.get() {
                    DetailsTab::Attributes => view! {
                        <convention::Conventions place=place/>
                        <conversation::Conversation place=place/>
                        <rows::Values place=place owner=values::Owner::Span what="attributes"/>
                    }.into_any(),
                    DetailsTab::Events => view! { <events::Events place=place/> }.into_any(),
                    DetailsTab::Links => view! { <links::Links place=place/> }.into_any(),
                    DetailsTab::Resource => view! { <origin::Origin place=place/> }.into_any(),
                }}
            </div>
        </div>
    }
}

//! What colours the bars: the menu that chooses it, and the legend, whose entries are added to the query.
//!
//! **Invariant:** what is chosen is the state's; what is typed is this component's own.

use crate::dom::prelude::*;
use throughline_model::{analysis::table::Column, query};
use web_sys::{Event, HtmlInputElement, KeyboardEvent};

use super::{context::use_app, format, menu::Menu};
use crate::{
    scene::SERVICE_COLOURS,
    state::{Command, UiState, colour::Entry},
};

/// What one colours by most.
const USUAL: [&str; 4] = ["service", "kind", "status", "name"];

/// A colour as the stylesheet has it; grey for none.
pub fn css(colour: Option<u32>) -> String {
    colour.map_or_else(
        || "var(--text-3)".to_owned(),
        |colour| format!("var(--service-{})", colour % SERVICE_COLOURS),
    )
}

/// The button and its menu.
#[component]
pub fn ColourMenu() -> impl IntoView {
    view! { <Menu words="Colour ▾" title="What colours the bars" label="Colour by" id="colour-menu" content=Box::new(panel)/> }
}

fn panel() -> Markup {
    let app = use_app();
    let by = app.select(|state| state.colour.by.clone());
    let input = NodeRef::<HtmlInputElement>::new();
    let choice = move |name: &'static str| {
        let column = Column::of_name(name);
        let same = column.clone();
        let pressed = move || {
            let by = by.get();
            (by == same || by.is_none() && same == Some(Column::Service)).to_string()
        };
        view! { <button class="button colour-choice" aria-pressed=pressed on:click=move |_| app.dispatch(Command::ColourBy(column.clone()))>{name}</button> }
    };
    let take = move || {
        if let Some(input) = input.get_untracked() {
            app.dispatch(Command::ColourBy(Column::of_name(&input.value())));
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            take();
        }
    };
    let value = move || {
        let by = by.get().map(|column| column.name());
        by.filter(|name| !USUAL.contains(&&**name))
            .unwrap_or_default()
    };
    let offers = app.peek(attributes);
    view! {
        <div class="shape-buttons">{USUAL.map(choice).into_iter().collect_view()}</div>
        <div class="column-add">
            <input class="input" type="text" list="colour-offers" placeholder="An attribute, as in http.route" aria-label="Colour by an attribute"
                spellcheck="false" autocomplete="off" node_ref=input prop:value=value on:keydown=key on:change=move |_: Event| take()/>
            <datalist id="colour-offers">{offers.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}</datalist>
        </div>
    }
    .into_any()
}

fn attributes(state: &UiState) -> Vec<String> {
    let (Some(store), Some(trace)) = (state.store(), state.trace) else {
        return Vec::new();
    };
    let found = query::complete(store, trace, "", 0).into_iter();
    let names = found.map(|one| one.text.trim_end().to_owned());
    names
        .filter(|name| {
            matches!(Column::of_name(name), Some(Column::Attribute(_))) && !name.ends_with('.')
        })
        .collect()
}

/// What each colour stands for, while it is not the service: a press finds the spans that have it.
#[component]
pub fn Legend() -> impl IntoView {
    let app = use_app();
    let by = app.select(|state| {
        let by = state.colour.by.as_ref().or(state.query.by.as_ref());
        (by.cloned(), state.dataset.clone(), state.trace)
    });
    let asked = app.select(|state| state.query.text.clone());
    let legend = move || {
        let some = by.with(|(by, ..)| by.is_some());
        some.then(|| app.peek(UiState::legend)).flatten()
    };
    let entry = move |entry: Entry| {
        let words = format::visible_text(&entry.words);
        let count = format::count(u64::from(entry.count));
        let tick = css(entry.colour);
        let inside = view! {
            <span class="row-tick" style:background-color=tick></span>
            <span class="legend-words">{words}</span>
            <span class="legend-count">{count}</span>
        };
        match entry.term {
            Some(term) => {
                let title = format!("Find these, or no longer: {}", format::visible_text(&term));
                let find = term.clone();
                let pressed = move || asked.with(|text| query::has_value(text, &term)).to_string();
                view! {
                    <button class="legend-entry" title=title aria-pressed=pressed
                        on:click=move |_| app.dispatch(Command::ToggleTerm(find.clone()))>{inside}</button>
                }
                .into_any()
            }
            None => view! { <span class="legend-entry">{inside}</span> }.into_any(),
        }
    };
    view! {
        {move || legend().map(|(by, legend)| view! {
            <div class="legend" role="group" aria-label="Colours">
                <span class="legend-name">{format::visible_text(&by.name())}</span>
                {legend.into_iter().map(entry).collect_view()}
                <button class="link legend-end" title="Colour by service again" aria-label="Colour by service again" on:click=move |_| app.dispatch(Command::ColourBy(None))>"×"</button>
            </div>
        })}
    }
}

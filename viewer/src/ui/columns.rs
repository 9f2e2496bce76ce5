//! The menu of columns: which there are, in which order, and a field for more.
//!
//! **Invariant:** columns are the state's; what is typed is this component's own.

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::{analysis::table::Column, query};
use web_sys::{Event, HtmlInputElement, KeyboardEvent};

use crate::{
    state::{Command, UiState},
    ui::{
        context::{App, use_app},
        format,
        menu::Menu,
    },
};

/// Whose columns are chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The flat table's; it always has one.
    Table,
    /// The waterfall's, between names and bars; at first none.
    Rows,
}

impl Whose {
    fn columns(self, state: &UiState) -> Arc<Vec<Column>> {
        match self {
            Self::Table => Arc::clone(state.table.columns()),
            Self::Rows => Arc::clone(&state.columns),
        }
    }

    fn command(self, columns: Vec<Column>) -> Command {
        match self {
            Self::Table => Command::TableColumns(columns),
            Self::Rows => Command::RowColumns(columns),
        }
    }

    /// So many stay at least.
    fn least(self) -> usize {
        usize::from(self == Self::Table)
    }
}

/// The button and its menu.
#[component]
pub fn ColumnMenu(whose: Whose) -> impl IntoView {
    view! { <Menu words="Columns ▾" title="Choose the columns" label="Columns" id="column-menu" content=Box::new(move || panel(whose))/> }
}

fn panel(whose: Whose) -> Markup {
    let app = use_app();
    let columns = app.select(move |state| whose.columns(state));
    let input = NodeRef::<HtmlInputElement>::new();
    let typed = RwSignal::new(String::new());
    let offers = Memo::new(move || typed.with(|text| app.peek(|state| offers(state, text))));
    let add = move || {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let Some(column) = Column::of_name(&input.value()) else {
            return;
        };
        input.set_value("");
        typed.set(String::new());
        change(app, whose, |columns| {
            if !columns.contains(&column) {
                columns.push(column);
            }
        });
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    let line = move |at: usize, column: &Column| {
        let name = format::visible_text(&column.name());
        let earlier = format!("Move {name} to the left");
        let remove = format!("Remove {name}");
        view! {
            <li class="column-line">
                <span class="column-name">{name}</span>
                <button class="details-tool" title=earlier.clone() aria-label=earlier
                    on:click=move |_| change(app, whose, |columns| if (1..columns.len()).contains(&at) { columns.swap(at - 1, at) })>"←"</button>
                <button class="details-tool" title=remove.clone() aria-label=remove
                    on:click=move |_| change(app, whose, |columns| if at < columns.len() && columns.len() > whose.least() { columns.remove(at); })>"×"</button>
            </li>
        }
    };
    view! {
        <ul class="column-list">
            {move || columns.with(|columns| columns.iter().enumerate().map(|(at, column)| line(at, column)).collect_view())}
        </ul>
        <div class="column-add">
            <input class="input" type="text" list="column-offers" placeholder="An attribute, as in http.route" aria-label="Add a column" spellcheck="false"
                autocomplete="off" node_ref=input on:keydown=key on:input=move |event: Event| typed.set(event_target_value(&event))/>
            <datalist id="column-offers">
                {move || offers.with(|offers| offers.iter().map(|name| view! { <option value=name.clone()></option> }).collect_view())}
            </datalist>
            <button class="button" on:click=move |_| add()>"Add"</button>
        </div>
        <button class="link" on:click=move |_| app.dispatch(whose.command(Vec::new()))>"The usual columns"</button>
        {(whose == Whose::Rows).then(|| {
            let shown = app.peek(|state| state.prefs.badges);
            let pressed = move |_: Event| app.dispatch(Command::ShowBadges(!app.peek(|state| state.prefs.badges)));
            view! {
                <label class="shape-line">
                    <input type="checkbox" checked=shown on:change=pressed/>
                    <span>"What is recognised as badges: GET 200, SELECT orders"</span>
                </label>
            }
        })}
    }
    .into_any()
}

fn change(app: App, whose: Whose, change: impl FnOnce(&mut Vec<Column>)) {
    let mut columns = app.peek(|state| whose.columns(state)).to_vec();
    change(&mut columns);
    app.dispatch(whose.command(columns));
}

/// Names of columns that begin so: fields of the data, most frequent first.
fn offers(state: &UiState, text: &str) -> Vec<String> {
    const SHOWN: usize = 20;
    let (Some(store), Some(trace)) = (state.store(), state.trace) else {
        return Vec::new();
    };
    let found = query::complete(store, trace, text, text.len());
    let names = found.into_iter().map(|one| one.text.trim_end().to_owned());
    let own = Column::own_names().filter(|name| name.starts_with(text));
    let mut names: Vec<String> = own.map(str::to_owned).chain(names).collect();
    let relation = |name: &String| name.ends_with('.');
    names.retain(|name| !relation(name) && Column::of_name(name).is_some());
    names.dedup();
    names.truncate(SHOWN);
    names
}

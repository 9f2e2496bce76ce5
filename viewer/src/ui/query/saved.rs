//! Queries that the browser keeps by name: offered in the bar, written and removed in a dialog.
//!
//! **Invariant:** a name has one query; what cannot be kept is said.

use throughline_model::query::{Suggestion, SuggestionKind};
use wasm_bindgen::JsValue;
use web_sys::{HtmlInputElement, KeyboardEvent};

use crate::{
    browser::{fields::Fields, storage},
    dom::prelude::*,
    state::{Command, Dialog},
    ui::{
        context::{App, use_app},
        format,
        keys::Modal,
        toast,
    },
};

const KEY: &str = "queries";
/// So many are kept; the oldest goes.
const MOST: usize = 100;

/// A query by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The name.
    pub name: String,
    /// The query.
    pub query: String,
}

/// All, the latest first.
pub fn all() -> Vec<Saved> {
    let fields = storage::read(KEY).and_then(|text| Fields::parse(&text));
    let list = fields.map(|fields| fields.list(KEY)).unwrap_or_default();
    let read = |value: JsValue| {
        let fields = Fields::of(value);
        let (name, query) = (fields.text("name")?, fields.text("query")?);
        Some(Saved { name, query })
    };
    list.into_iter().filter_map(read).take(MOST).collect()
}

fn keep(list: &[Saved]) {
    let value = |one: &Saved| -> JsValue {
        let fields = Fields::default().with("name", &*one.name);
        fields.with("query", &*one.query).into()
    };
    let list: js_sys::Array = list.iter().map(value).collect();
    if !storage::write(KEY, &Fields::default().with(KEY, list).to_json()) {
        toast::show("The browser keeps nothing: the query was not saved".to_owned());
    }
}

/// With a query under its name, in place of the one before.
fn with(mut list: Vec<Saved>, one: Saved) -> Vec<Saved> {
    list.retain(|known| known.name != one.name);
    list.insert(0, one);
    list.truncate(MOST);
    list
}

/// Those whose names begin with what was typed, or all where nothing was; each in place of the whole text.
pub(super) fn offers(list: &[Saved], text: &str, wanted: bool) -> Vec<(String, Suggestion)> {
    let typed = text.trim().to_lowercase();
    let begins = |one: &&Saved| match typed.is_empty() {
        true => wanted,
        false => one.name.to_lowercase().starts_with(&typed) && one.query != text,
    };
    let offer = |one: &Saved| {
        let suggestion = Suggestion {
            text: one.query.clone(),
            at: 0..text.len(),
            kind: SuggestionKind::Value,
            count: 0,
        };
        (one.name.clone(), suggestion)
    };
    list.iter().filter(begins).map(offer).collect()
}

/// The dialog: a name for the query in the bar, and all that are kept.
#[component]
pub fn QueriesDialog() -> impl IntoView {
    let app = use_app();
    let list = RwSignal::new(all());
    let query = app.peek(|state| state.query.text.clone());
    view! {
        <Modal title="Saved queries" dialog=Dialog::Queries wide=false>
            {match query.trim().is_empty() {
                false => namer(list, query),
                true => view! { <p class="hint">"Write a query first, then give it a name here."</p> }.into_any(),
            }}
            <ul class="kept-list" aria-label="Saved queries">
                {move || list.with(|all| all.iter().map(|one| line(app, list, one)).collect_view())}
            </ul>
            {move || list.with(|all| (!all.is_empty()).then(|| view! {
                <p class="hint">"Kept by this browser alone. In the query bar ↓ offers them, and so do the first letters of a name."</p>
            }))}
        </Modal>
    }
}

fn namer(list: RwSignal<Vec<Saved>>, query: String) -> Markup {
    let field = NodeRef::<HtmlInputElement>::new();
    let shown = format::visible_line(&query).into_owned();
    let save = move || {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let name = field.value().trim().to_owned();
        if name.is_empty() {
            return;
        }
        let query = query.clone();
        list.set(with(all(), Saved { name, query }));
        list.with_untracked(|list| keep(list));
        field.set_value("");
    };
    let save = StoredValue::new(save);
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            save.with_value(|save| save());
        }
    };
    view! {
        <p class="kept-query">{shown}</p>
        <div class="column-add">
            <input class="input" type="text" autofocus=true maxlength="80" placeholder="A name for this query" aria-label="Name of the query"
                spellcheck="false" autocomplete="off" node_ref=field on:keydown=key/>
            <button class="button" on:click=move |_| save.with_value(|save| save())>"Save"</button>
        </div>
    }
    .into_any()
}

fn line(app: App, list: RwSignal<Vec<Saved>>, one: &Saved) -> Markup {
    let (name, query) = (one.name.clone(), one.query.clone());
    let take = move |_| {
        app.dispatch(Command::ShowDialog(None));
        app.dispatch(Command::SetQuery(query.clone()));
    };
    let words = format!("Remove {name}");
    let remove = move |_| {
        let mut left = all();
        left.retain(|known| known.name != name);
        keep(&left);
        list.set(left);
    };
    view! {
        <li class="kept-line">
            <div class="kept-words"><strong dir="auto">{one.name.clone()}</strong><p class="kept-query">{format::visible_line(&one.query).into_owned()}</p></div>
            <button class="button" on:click=take>"Use"</button>
            <button class="details-tool" title=words.clone() aria-label=words on:click=remove>"×"</button>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(list: &[(&str, &str)]) -> Vec<Saved> {
        let one = |&(name, query): &(&str, &str)| Saved {
            name: name.to_owned(),
            query: query.to_owned(),
        };
        list.iter().map(one).collect()
    }

    #[test]
    fn a_name_has_one_query() {
        let list = saved(&[("a", "x"), ("b", "y")]);
        let check = |name: &str, expected: &[(&str, &str)]| {
            let one = Saved {
                name: name.to_owned(),
                query: "z".to_owned(),
            };
            assert_eq!(with(list.clone(), one), saved(expected));
        };
        check("b", &[("b", "z"), ("a", "x")]);
        check("c", &[("c", "z"), ("a", "x"), ("b", "y")]);
        let many: Vec<Saved> = (0..MOST)
            .map(|at| Saved {
                name: at.to_string(),
                query: String::new(),
            })
            .collect();
        assert_eq!(with(many, list[0].clone()).len(), MOST);
    }

    #[test]
    fn names_are_offered_by_their_beginning() {
        let list = saved(&[("Slow carts", "service = cart"), ("slow", "duration > 1s")]);
        let check = |text: &str, wanted: bool, expected: &[&str]| {
            let found = offers(&list, text, wanted);
            let names: Vec<&str> = found.iter().map(|(name, _)| &**name).collect();
            assert_eq!(names, expected, "{text}");
            assert!(found.iter().all(|(_, one)| one.at == (0..text.len())));
        };
        check("", false, &[]);
        check("", true, &["Slow carts", "slow"]);
        check("SLOW", false, &["Slow carts", "slow"]);
        check("slow c", false, &["Slow carts"]);
        check("fast", true, &[]);
        check("duration > 1s", false, &[]);
    }
}

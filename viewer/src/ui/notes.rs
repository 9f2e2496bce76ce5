//! Notes on spans: written in a dialog, kept by the browser alone, shown in the details, listed and saved as a file.
//!
//! **Invariant:** what the browser keeps may be changed by another page meanwhile: it is read again before it is written.

use std::{cell::Cell, sync::Arc};

use throughline_model::ids::{SpanId, TraceId};
use wasm_bindgen::JsValue;
use web_sys::{HtmlTextAreaElement, KeyboardEvent};

use super::{
    context::{App, use_app},
    format,
    keys::Modal,
    toast,
};
use crate::{
    browser::{download, fields::Fields, storage},
    dom::prelude::*,
    problem::Problem,
    state::{
        Command, Dialog, Note, UiState,
        notes::{self, LONGEST},
    },
};

/// Where the browser keeps them.
pub const KEY: &str = "notes";

thread_local! {
    /// Whether it was said that nothing is kept.
    static SAID: Cell<bool> = const { Cell::new(false) };
}

/// Takes what the browser keeps.
pub fn restore(app: App) {
    app.dispatch(Command::RestoreNotes(Arc::new(kept())));
}

/// Keeps a note, or forgets it.
pub fn keep(note: Note) {
    let mut all = kept();
    notes::put(&mut all, note);
    if !storage::write(KEY, &json(&all)) && !SAID.replace(true) {
        toast::show("The browser keeps nothing: notes are gone with this page".to_owned());
    }
}

fn kept() -> Vec<Note> {
    let mut all = Vec::new();
    let fields = storage::read(KEY).and_then(|text| Fields::parse(&text));
    for value in fields.map(|fields| fields.list(KEY)).unwrap_or_default() {
        if let Some(note) = read(value) {
            notes::put(&mut all, note);
        }
    }
    all
}

fn read(value: JsValue) -> Option<Note> {
    let fields = Fields::of(value);
    Some(Note {
        trace: TraceId::from_hex(fields.text("trace")?.as_bytes())?,
        span: SpanId::from_hex(fields.text("span")?.as_bytes())?,
        about: fields.text("about").unwrap_or_default(),
        text: fields.text("text")?,
    })
}

fn json(all: &[Note]) -> String {
    let value = |note: &Note| -> JsValue {
        let fields = Fields::default()
            .with("trace", note.trace.to_string())
            .with("span", note.span.to_string())
            .with("about", &*note.about)
            .with("text", &*note.text);
        fields.into()
    };
    let list: js_sys::Array = all.iter().map(value).collect();
    Fields::default().with(KEY, list).to_json()
}

/// The note on the selected span, without words where there is none.
fn of_selection(state: &UiState) -> Option<Note> {
    let span = state.store()?.span(state.selection?);
    let name = format!("{} {}", span.service_name(), span.name());
    Some(Note {
        trace: span.trace().id(),
        span: span.id(),
        about: format::visible_line(format::clip(name.trim(), 120).0).into_owned(),
        text: state.note_on(span).unwrap_or_default().to_owned(),
    })
}

/// The note in the details.
#[component]
pub fn NoteCard(text: String) -> impl IntoView {
    let app = use_app();
    view! {
        <section class="details-card note" aria-label="Note">
            <div class="details-card-head">
                <strong>"Note"</strong>
                <button class="link" title="Change the note (q)" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Notes)))>"Change"</button>
            </div>
            <p class="details-card-text" dir="auto">{format::visible(&text).into_owned()}</p>
        </section>
    }
}

/// The dialog: the note on the selected span, and all others.
#[component]
pub fn NotesDialog() -> impl IntoView {
    let app = use_app();
    let note = app.peek(of_selection);
    let all = app.select(|state| state.notes.clone());
    let save = move |_| {
        let text = all.with(|all| json(all));
        if let Err(reason) = download::save("notes.json", &[text]) {
            app.dispatch(Command::Report(Problem::new(
                "The notes could not be saved",
                reason,
                "Copy them one by one.",
            )));
        }
    };
    let clear = move |_| {
        for note in all.get_untracked().iter() {
            remove(app, note.clone());
        }
    };
    view! {
        <Modal title="Notes" dialog=Dialog::Notes wide=false>
            {match note {
                Some(note) => editor(app, note),
                None => view! { <p class="hint">"Select a span to write a note on it."</p> }.into_any(),
            }}
            <ul class="kept-list" aria-label="All notes">
                {move || all.with(|all| all.iter().map(|note| line(app, note)).collect_view())}
            </ul>
            {move || all.with(|all| (!all.is_empty()).then(|| view! {
                <div class="kept-foot">
                    <span class="hint">"Kept by this browser alone."</span>
                    <button class="link" on:click=save>"Save as a file"</button>
                    <button class="link" on:click=clear>"Remove all"</button>
                </div>
            }))}
        </Modal>
    }
}

fn editor(app: App, note: Note) -> Markup {
    let field = NodeRef::<HtmlTextAreaElement>::new();
    let label = format!("Note on {}", note.about);
    let there = !note.text.is_empty();
    let (first, gone) = (note.text.clone(), note.clone());
    let keep = move || {
        if let Some(field) = field.get_untracked() {
            let text = field.value();
            app.dispatch(Command::WriteNote(Note {
                text,
                ..note.clone()
            }));
        }
        app.dispatch(Command::ShowDialog(None));
    };
    let keep = StoredValue::new(keep);
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            keep.with_value(|keep| keep());
        }
    };
    let drop = move |_| {
        remove(app, gone.clone());
        app.dispatch(Command::ShowDialog(None));
    };
    view! {
        <textarea class="input kept-text" autofocus=true rows="4" maxlength=LONGEST.to_string() aria-label=label.clone() placeholder=label
            dir="auto" node_ref=field prop:value=first on:keydown=key></textarea>
        <div class="kept-foot">
            <button class="button" title="Keep the note (Ctrl Enter)" on:click=move |_| keep.with_value(|keep| keep())>"Keep"</button>
            {there.then(|| view! { <button class="link" on:click=drop>"Remove"</button> })}
        </div>
    }
    .into_any()
}

fn remove(app: App, note: Note) {
    app.dispatch(Command::WriteNote(Note {
        text: String::new(),
        ..note
    }));
}

fn line(app: App, note: &Note) -> Markup {
    let (trace, span) = (note.trace, note.span);
    let there = app.peek(|state| {
        state
            .store()
            .is_some_and(|store| store.find_trace(trace).is_some())
    });
    let go = move |_| {
        let found = app.peek(|state| {
            let store = state.store()?;
            let trace = store.find_trace(trace)?;
            let mut spans = store.trace(trace).spans();
            Some((trace, spans.find(|&row| store.span(row).id() == span)?))
        });
        app.dispatch(Command::ShowDialog(None));
        if let Some((trace, span)) = found {
            app.dispatch(Command::OpenTrace(trace));
            app.dispatch(Command::Reveal(span));
        }
    };
    let gone = note.clone();
    let words = format!("Remove the note on {}", note.about);
    view! {
        <li class="kept-line">
            <div class="kept-words">
                <strong dir="auto">{note.about.clone()}</strong>
                <p dir="auto">{format::visible(&note.text).into_owned()}</p>
                {(!there).then(|| view! { <p class="hint">{format!("In trace {trace}, which is not open")}</p> })}
            </div>
            {there.then(|| view! { <button class="button" on:click=go>"Go to span"</button> })}
            <button class="details-tool" title=words.clone() aria-label=words on:click=move |_| remove(app, gone.clone())>"×"</button>
        </li>
    }
    .into_any()
}

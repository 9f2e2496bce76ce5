//! Carries out what the state asks of the browser.
//!
//! **Invariant:** one arm an effect; decides nothing.

use crate::dom::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{context::App, measure};
use crate::{
    browser::{self, clipboard, frame, history},
    load,
    problem::Problem,
    state::{Command, Effect, UrlState, View},
};

thread_local! {
    static SCROLL_TO: RwSignal<Option<usize>> = RwSignal::for_ever(None);
}

/// Does one thing.
pub fn perform(app: App, effect: Effect) {
    match effect {
        Effect::Load(request) => load::start(app, request),
        Effect::StopLoad => load::stop(),
        Effect::WriteUrl { push } => {
            let fragment = app.peek(|state| UrlState::of(state, None).to_fragment());
            history::write_fragment(&fragment, push);
            title(app);
        }
        Effect::ScrollToRow(row) => scroll_target().set(Some(row)),
        Effect::SavePrefs => {
            app.peek(|state| super::prefs::remember(&state.prefs));
        }
        Effect::KeepNote(note) => super::notes::keep(note),
        Effect::Copy { text, what } => spawn_local(async move {
            match clipboard::copy(&text).await {
                Ok(()) => {
                    browser::announce(&format!("{what} copied"));
                    super::toast::show(format!("{what} copied"));
                }
                Err(reason) => {
                    let hint = "Select the text and copy it with the keyboard.";
                    app.dispatch(Command::Report(Problem::new(
                        format!("{what} could not be copied"),
                        reason,
                        hint,
                    )));
                }
            }
        }),
        Effect::Announce(text) => browser::announce(&text),
        Effect::ViewShown(view) => {
            measure::view_asked(view);
            if matches!(view, View::List | View::Table) {
                // Words are on screen with the frame after this one; a canvas says so itself.
                let spans = app.peek(|state| state.store().map_or(0, |store| store.span_count()));
                request_animation_frame(move || {
                    frame::request("words", move || measure::painted(view, spans));
                });
            }
        }
        Effect::Found => measure::found(
            app.peek(|state| state.trace_ref().map_or(0, |trace| trace.span_count())),
        ),
    }
}

/// The row that the waterfall has to bring on screen.
pub fn scroll_target() -> RwSignal<Option<usize>> {
    SCROLL_TO.with(Clone::clone)
}

fn title(app: App) {
    let name = app.peek(|state| {
        let trace = state.trace_ref().filter(|_| state.view != View::List);
        trace
            .map(|trace| trace.root().name().to_owned())
            .or_else(|| state.dataset.as_ref().map(|d| d.name.clone()))
    });
    let title = name
        .filter(|name| !name.is_empty())
        .map_or("Throughline".to_owned(), |name| {
            format!("{name} · Throughline")
        });
    browser::document().set_title(&title);
}

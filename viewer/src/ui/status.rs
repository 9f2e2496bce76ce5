//! The bar at the bottom: what is shown of what, and the keys for the next step.
//!
//! **Invariant:** words only.

use crate::dom::prelude::*;
use throughline_model::time::Nanos;

use super::{context::use_app, format};
use crate::state::{Command, DETAILS, Dialog, UiState, View};

/// The bar.
#[component]
pub fn StatusBar() -> impl IntoView {
    let app = use_app();
    let rows = app.select(|state| {
        let trace = state.trace_ref()?;
        let shown = state.view == View::Waterfall;
        shown.then(|| (trace.span_count() as u64, state.rows.len() as u64))
    });
    // What is hidden, zoomed and measured is the waterfall's: every other view shows all of the trace.
    let bars = |state: &UiState| state.view == View::Waterfall;
    let short = app.select(move |state| {
        let hidden = bars(state) && state.shape.short > 0;
        hidden.then(|| (state.shape.short as u64, state.shape.least.clone()))
    });
    let detail = app.select(|state| {
        let at = state.shape.detail().filter(|at| at + 1 < DETAILS.len())?;
        Some(DETAILS[at].name)
    });
    let selected = app.select(|state| {
        let (span, store) = (state.selection?, state.store()?);
        (state.view != View::List).then(|| store.span(span).name().to_owned())
    });
    let range = app.select(move |state| {
        let range = state.range.filter(|_| bars(state))?;
        Some(format::between(range.start, range.end))
    });
    let measured = app.select(move |state| {
        let measured = state.measured.filter(|_| bars(state))?;
        let to = measured.to?;
        let length = Nanos(to - measured.from);
        Some(format!("{length} ({})", format::between(measured.from, to)))
    });
    let dataset = app.select(|state| {
        state.dataset.as_ref().map(|dataset| {
            let (traces, spans) = (
                dataset.store.trace_count() as u64,
                dataset.store.span_count() as u64,
            );
            let plural = if traces == 1 { "trace" } else { "traces" };
            format!(
                "{} {plural}, {} spans",
                format::count(traces),
                format::count(spans)
            )
        })
    });
    let time = app.select(|state| state.prefs.time);
    view! {
        <footer class="status">
            <div class="status-facts">
                {move || match rows.get() {
                    Some((spans, rows)) => view! {
                        <span><b>{format::count(spans)}</b>{if spans == 1 { " span in " } else { " spans in " }}<b>{format::count(rows)}</b>{if rows == 1 { " row" } else { " rows" }}{detail.get().map(|name| format!(" · {name}"))}</span>
                    }.into_any(),
                    None => view! { <span>{dataset.get()}</span> }.into_any(),
                }}
                {move || short.get().map(|(short, least)| view! {
                    <span><b>{format::count(short)}</b>{format!(" shorter than {least} hidden ")}
                        <button class="link" title="Show them (h)" on:click=move |_| app.dispatch(Command::HideShorter(String::new()))>"show"</button>
                    </span>
                })}
                {move || selected.get().map(|name| view! { <span class="status-selected">"selected "<b>{format::visible_line(&name).into_owned()}</b></span> })}
                {move || measured.get().map(|words| view! { <span>"measured "<b>{words}</b></span> })}
                {move || range.get().map(|range| view! {
                    <span>"range "<b>{range}</b>" "
                        <button class="link" title="Show the whole trace (0)" on:click=move |_| app.dispatch(Command::ResetRange)>"whole trace"</button>
                    </span>
                })}
            </div>
            <div class="status-keys">
                <button class="link" title="How points in time are written" on:click=move |_| app.dispatch(Command::SetTimeMode(time.get_untracked().next()))>
                    {move || time.get().words()}
                </button>
                <Show when=move || rows.with(Option::is_some)>
                    <span class="status-hints"><kbd>"↑↓"</kbd>" move"</span>
                    <span class="status-hints"><kbd>"e"</kbd>" next error"</span>
                </Show>
                <button class="link" title="All commands (Ctrl K)" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Palette)))><kbd>"Ctrl K"</kbd>" commands"</button>
                <button class="link" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Keys)))><kbd>"?"</kbd>" all keys"</button>
            </div>
        </footer>
    }
}

//! The menu of what shows: the slider from gist to everything, what shares a row, what is too short; and the line that
//! leads back from a subtree.
//!
//! **Invariant:** what is chosen is the state's; whether the menu is open is this component's own.

use crate::dom::prelude::*;
use web_sys::Event;

use super::{
    clocks::TimesChoice,
    commands::Run,
    context::{App, use_app},
    format, keyboard,
    menu::Menu,
};
use crate::state::{Command, DETAILS, Dialog, Others, UiState};

const LAST: usize = DETAILS.len() - 1;

/// The slider with the name of its position.
#[component]
pub fn Slider() -> impl IntoView {
    let app = use_app();
    let at = app.select(|state| state.shape.detail());
    let name = move || at.get().map_or("Chosen by hand", |at| DETAILS[at].name);
    let moved = move |event: Event| {
        if let Ok(at) = event_target_value(&event).parse() {
            app.dispatch(Command::SetDetail(at));
        }
    };
    view! {
        <label class="gist" title="Less or more detail (, and .)">
            <span aria-hidden="true">"Gist"</span>
            <input type="range" min="0" max=LAST.to_string() step="1" aria-label="Detail" aria-valuetext=name
                prop:value=move || at.get().unwrap_or(LAST).to_string() on:input=moved/>
            <span aria-hidden="true">"Everything"</span>
            <span class="gist-name" aria-hidden="true">{name}</span>
        </label>
    }
}

/// The button and its menu.
#[component]
pub fn ShapeMenu() -> impl IntoView {
    view! { <Menu words="Show ▾" title="What shows of the trace" label="What shows" id="shape-menu" content=Box::new(panel)/> }
}

fn panel() -> Markup {
    let app = use_app();
    let repeats = app.select(|state| state.shape.repeats);
    let pairs = app.select(|state| state.shape.pairs);
    let critical = app.select(|state| state.critical_path);
    let selected = app.select(|state| state.selection.is_some());
    view! {
        <Slider/>
        {switch(app, critical, "Critical path below the bars", "Shift c", Command::ShowCriticalPath)}
        {switch(app, repeats, "Repeated siblings in one row", "g", Command::FoldRepeats)}
        {switch(app, pairs, "Client and server of a call in one row", "Shift g", Command::FoldPairs)}
        <OthersChoice/>
        <Least/>
        <TimesChoice/>
        <div class="shape-buttons">
            {action(app, "Next error", "e", |_| Some(Command::NextError))}
            {action(app, "Collapse all", "]", |_| Some(Command::CollapseAll))}
            {action(app, "Expand all", "[", |_| Some(Command::ExpandAll))}
            <Show when=move || selected.get()>
                {action(app, "Selected span alone", "r", |state| Some(Command::Focus(Some(state.selection?))))}
            </Show>
            {action(app, "Close what is off the critical path", "x", |_| Some(Command::CollapseOffPath))}
            {action(app, "Time on the critical path…", "Shift p", |_| Some(Command::ShowDialog(Some(Dialog::CriticalPath))))}
            {action(app, "Compact or roomy rows", "", |state| Some(Command::SetCompact(!state.prefs.compact)))}
            {action(app, "All commands…", "Ctrl k", |_| Some(Command::ShowDialog(Some(Dialog::Palette))))}
        </div>
    }
    .into_any()
}

fn switch(
    app: App,
    on: Memo<bool>,
    words: &'static str,
    key: &'static str,
    command: fn(bool) -> Command,
) -> Markup {
    let pressed = move |_: Event| app.dispatch(command(!on.get_untracked()));
    view! {
        <label class="shape-line">
            <input type="checkbox" checked=on.get_untracked() on:change=pressed/>
            <span>{words}</span>
            <kbd>{key}</kbd>
        </label>
    }
}

fn action(
    app: App,
    words: &'static str,
    key: &'static str,
    command: fn(&UiState) -> Option<Command>,
) -> Markup {
    let pressed = move |_| {
        keyboard::perform(app, Run::Command(command));
    };
    let title = if key.is_empty() {
        words.to_owned()
    } else {
        format!("{words} ({key})")
    };
    view! { <button class="button" title=title on:click=pressed>{words}</button> }
}

/// What becomes of the spans that do not match the query.
#[component]
fn OthersChoice() -> impl IntoView {
    let app = use_app();
    let others = app.select(|state| state.query.others);
    let queried = app.select(|state| !state.query.text.trim().is_empty());
    let choice = move |this: Others| {
        view! { <button class="button colour-choice" aria-pressed=move || (others.get() == this).to_string()
        on:click=move |_| app.dispatch(Command::SetOthers(this))>{this.words()}</button> }
    };
    view! {
        <div role="group" aria-label="What does not match the query">
            <p class="shape-line">{move || if queried.get() { "What does not match the query" } else { "What does not match a query, once there is one" }}</p>
            <div class="shape-buttons">{Others::ALL.map(choice).into_iter().collect_view()}</div>
        </div>
    }
}

/// What is too short to show.
#[component]
fn Least() -> impl IntoView {
    let app = use_app();
    let least = app.select(|state| state.shape.least.clone());
    let short = app.select(|state| state.shape.short);
    let wrong = RwSignal::new(false);
    let set = move |event: Event| {
        let text = event_target_value(&event);
        app.dispatch(Command::HideShorter(text.clone()));
        wrong.set(app.peek(|state| state.shape.least != text.trim()));
    };
    let words = move || match (wrong.get(), short.get()) {
        (true, _) => "A duration, as in 5ms, or a share of the trace, as in 1%".to_owned(),
        (false, 0) => "Errors and what leads to them always show".to_owned(),
        (false, short) => format!("{} hidden", format::counted(short as u64, "span")),
    };
    view! {
        <label class="shape-line">
            <span>"Hide spans shorter than"</span>
            <input class="input shape-least" type="text" placeholder="5ms or 1%" spellcheck="false" autocomplete="off"
                aria-invalid=move || wrong.get().to_string() aria-describedby="shape-short" prop:value=move || least.get() on:change=set/>
        </label>
        <p class="hint" id="shape-short" class:wrong=move || wrong.get() role="status">{words}</p>
    }
}

/// The spans above the one that is shown alone, each a way back.
#[component]
pub fn FocusPath() -> impl IntoView {
    let app = use_app();
    let path = app.select(focus_path);
    let crumb = move |(span, name): &(u32, String)| {
        let span = *span;
        view! {
            <button class="link focus-crumb" title="Show this span and what is below it" on:click=move |_| app.dispatch(Command::Focus(Some(span)))>{name.clone()}</button>
            <span aria-hidden="true">"›"</span>
        }
    };
    view! {
        {move || path.with(|path| path.split_last().map(|((_, shown), above)| view! {
            <nav class="focus" aria-label="Shown alone">
                <button class="button focus-back" title="Show the whole trace again (Shift R or Esc)" on:click=move |_| app.dispatch(Command::Focus(None))>"← Whole trace"</button>
                {above.iter().map(crumb).collect_view()}
                <b class="focus-crumb" aria-current="true">{shown.clone()}</b>
            </nav>
        }))}
    }
}

/// So many spans are named; of more the middle is left out.
const NAMED: usize = 6;

fn focus_path(state: &UiState) -> Vec<(u32, String)> {
    let (Some(store), Some(focus)) = (state.store(), state.shape.focus) else {
        return Vec::new();
    };
    let words = |span: u32| {
        let row = store.span(span);
        let name = format!("{} {}", row.service_name(), row.name());
        (span, format::visible_line(name.trim()).into_owned())
    };
    let up = core::iter::successors(Some(focus), |&span| store.span(span).parent());
    let mut path: Vec<(u32, String)> = up.take(NAMED).map(words).collect();
    path.reverse();
    path
}

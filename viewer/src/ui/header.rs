//! The head of the page: find, theme, what is open; and of a trace: its name, facts and views.
//!
//! **Invariant:** reads facts from the store as they are; computes nothing that a view would show differently.

use crate::dom::prelude::*;

use super::{
    clocks::ClockPill,
    colour::ColourMenu,
    columns::{ColumnMenu, Whose},
    context::{App, use_app},
    format, measure,
    query::QueryBar,
    shape,
};
use crate::{
    browser::{self, later},
    state::{Command, Dialog, Theme, TimeMode, UiState, View},
};

/// Copies a link to what is shown.
pub(super) fn share(app: App) {
    let text = browser::window().location().href().unwrap_or_default();
    app.dispatch(Command::Copy {
        text,
        what: "Link".to_owned(),
    });
}

/// Name, find, and the buttons of the whole page.
#[component]
pub fn Header() -> impl IntoView {
    let app = use_app();
    let crumb = app.select(|state| state.dataset.as_ref().map(|dataset| dataset.name.clone()));
    let several = app.select(|state| state.store().is_some_and(|store| store.trace_count() > 1));
    let in_trace = app.select(|state| state.trace.is_some() && state.view != View::List);
    let dark = app.select(|state| state.dark());
    let theme = app.select(|state| state.prefs.theme);
    let next_theme = move |_| {
        app.dispatch(Command::SetTheme(match theme.get_untracked() {
            Theme::System => {
                if dark.get_untracked() {
                    Theme::Light
                } else {
                    Theme::Dark
                }
            }
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        }));
    };
    let theme_words = move || match theme.get() {
        Theme::System => "Theme: as the system (t)",
        Theme::Light => "Theme: light (t)",
        Theme::Dark => "Theme: dark (t)",
    };
    view! {
        <header class="header">
            <a class="brand" href="./" aria-label="Throughline, start page" on:click=move |event| {
                if app.peek(|state| state.dataset.is_some()) {
                    event.prevent_default();
                    app.dispatch(Command::ShowView(View::List));
                }
            }>
                <Logo/><span>"Throughline"</span>
            </a>
            <nav class="crumbs" aria-label="Where you are">
                {move || crumb.get().map(|name| {
                    let label = format::visible_line(&name).into_owned();
                    if several.get() && in_trace.get() {
                        view! { <button class="crumb link" title="All traces (1)" on:click=move |_| app.dispatch(Command::ShowView(View::List))>{label}</button> }.into_any()
                    } else {
                        view! { <span class="crumb">{label}</span> }.into_any()
                    }
                })}
            </nav>
            <Show when=move || in_trace.get() fallback=|| view! { <span class="header-space"></span> }><QueryBar/></Show>
            <Show when=move || crumb.with(Option::is_some)>
                <button class="button header-share" title="Copy a link to what is shown" aria-label="Share" on:click=move |_| share(app)>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 10V2.5M5 5l3-2.8L11 5M3 9v4.5h10V9"/></svg><span>"Share"</span>
                </button>
            </Show>
            <button class="icon-button" title="Open more" aria-label="Open" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Open)))>
                <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 3v10M3 8h10"/></svg>
            </button>
            <button class="icon-button" title=theme_words aria-label=theme_words on:click=next_theme>
                <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.2"/><path class="fill" d="M8 2.8a5.2 5.2 0 0 1 0 10.4z"/></svg>
            </button>
        </header>
    }
}

/// The mark: three bars of a trace.
#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 18 16" aria-hidden="true">
            <rect x="0" y="1" width="10" height="2.6" rx="1.3"/><rect x="4" y="6.6" width="9" height="2.6" rx="1.3"/><rect x="9" y="12.2" width="9" height="2.6" rx="1.3"/>
        </svg>
    }
}

/// What a trace's head says.
#[derive(Clone, PartialEq)]
pub(super) struct TraceFacts {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) duration: String,
    exact: String,
    pub(super) spans: u64,
    pub(super) services: u64,
    pub(super) errors: u64,
    /// When it began: the time of day; the day and whose clock; all of it.
    start: String,
    day: String,
    pub(super) moment: String,
    issues: u64,
}

/// The facts of the open trace.
pub(super) fn trace_facts(state: &UiState) -> Option<TraceFacts> {
    let (trace, store) = (state.trace_ref()?, state.store()?);
    let root = trace.root();
    // Relative to itself a trace always starts at zero, which says nothing.
    let (mode, zone) = match state.prefs.time {
        TimeMode::Utc => (TimeMode::Utc, "UTC"),
        _ => (TimeMode::Local, "local time"),
    };
    Some(TraceFacts {
        name: if root.name().is_empty() {
            root.service_name().to_owned()
        } else {
            root.name().to_owned()
        },
        id: trace.id().to_string(),
        duration: trace.duration().to_string(),
        exact: format!("{} ns", format::count(trace.duration().0)),
        spans: trace.span_count() as u64,
        services: u64::from(trace.service_count()),
        errors: u64::from(trace.error_count()),
        start: format::point(trace.start(), mode, trace.start()),
        day: match &*format::day(trace.start(), mode) {
            "" => "start".to_owned(),
            day => format!("{day}, {zone}"),
        },
        moment: format!("start {}", format::exact_point(trace.start(), mode)),
        issues: store.issues().total(),
    })
}

/// The trace's name, facts and views.
#[component]
pub fn TraceHeader() -> impl IntoView {
    let app = use_app();
    let embed = app.select(|state| state.embed);
    let facts = app.select(trace_facts);
    let whole = later::arrived();
    view! {
        <Show when=move || !embed.get()>
            {move || facts.get().map(|facts| {
                let id = facts.id.clone();
                let short = format!("{}…{}", &facts.id[..8], &facts.id[26..]);
                let errors = facts.errors;
                let issues = facts.issues;
                view! {
                    <section class="trace-head" aria-label="Trace">
                        <h1 class="trace-name" title=format::visible_line(&facts.name).into_owned()>{format::visible_line(&facts.name).into_owned()}</h1>
                        <button class="trace-id mono link" title=format!("Copy the trace id {id}")
                            on:click=move |_| app.dispatch(Command::Copy { text: id.clone(), what: "Trace id".into() })>{short}</button>
                        <dl class="facts">
                            <div title=facts.exact.clone()><dt>"duration"</dt><dd>{facts.duration.clone()}</dd></div>
                            <div><dt>{if facts.spans == 1 { "span" } else { "spans" }}</dt><dd>{format::count(facts.spans)}</dd></div>
                            <div><dt>{if facts.services == 1 { "service" } else { "services" }}</dt><dd>{format::count(facts.services)}</dd></div>
                            <div class:error=move || { errors > 0 }><dt>{if errors == 1 { "error" } else { "errors" }}</dt><dd>{format::count(errors)}</dd></div>
                            <div class="fact-start" title=facts.moment.clone()><dt>{facts.day.clone()}</dt><dd>{facts.start.clone()}</dd></div>
                        </dl>
                        // The estimate is in the later part: a visit that has only looked so far does not know it.
                        <Show when=move || whole.get()><ClockPill/></Show>
                        <Show when=move || { issues > 0 }>
                            <button class="pill" title="What was wrong with the input (i)" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Issues)))>
                                {format!("{} {} in the data", format::count(issues), if issues == 1 { "issue" } else { "issues" })}
                            </button>
                        </Show>
                    </section>
                }
            })}
        </Show>
        <Tabs/>
    }
}

#[component]
fn Tabs() -> impl IntoView {
    let app = use_app();
    let view = app.select(|state| state.view);
    let several = app.select(|state| state.store().is_some_and(|store| store.trace_count() > 1));
    let critical = app.select(|state| state.critical_path);
    let tab = move |this: View, words: &'static str, key: &'static str| {
        view! {
            <button class="tab" role="tab" aria-selected=move || (view.get() == this).to_string() title=format!("{words} ({key})")
                on:click=move |_| { measure::command_begins(); app.dispatch(Command::ShowView(this)); }>{words}</button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label="Views">
            <Show when=move || several.get()>{tab(View::List, "Traces", "1")}</Show>
            {tab(View::Waterfall, "Waterfall", "2")}
            {tab(View::Graph, "Graph", "3")}
            {tab(View::Table, "Table", "4")}
            <span class="tabs-space"></span>
            <Show when=move || view.get() == View::Waterfall>
                <div class="tools">
                    <shape::Slider/>
                    <button class="link" title="Collapse all (])" on:click=move |_| app.dispatch(Command::CollapseAll)>"Collapse all"</button>
                    <button class="link" title="Expand all ([)" on:click=move |_| app.dispatch(Command::ExpandAll)>"Expand all"</button>
                    <button class="link" title="Next error (e)" on:click=move |_| app.dispatch(Command::NextError)>"Next error"</button>
                    <button class="link" title="The line below the bars: who had the time (Shift C). Next on it (c)"
                        aria-pressed=move || critical.get().to_string()
                        on:click=move |_| app.dispatch(Command::ShowCriticalPath(!critical.get_untracked()))>
                        "Critical path"{move || critical.get().then_some(" ✓")}
                    </button>
                    <Show when=move || critical.get()>
                        <button class="link" title="Who has the time on it (Shift P)" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::CriticalPath)))>"Sums"</button>
                    </Show>
                    <button class="link" title="Rows of 20 or 26 pixels" on:click=move |_| app.dispatch(Command::SetCompact(app.peek(|state| !state.prefs.compact)))>
                        {move || if app.with(|state| state.prefs.compact) { "Roomy" } else { "Compact" }}
                    </button>
                </div>
                <ColumnMenu whose=Whose::Rows/>
                <ColourMenu/>
                <shape::ShapeMenu/>
            </Show>
        </div>
    }
}

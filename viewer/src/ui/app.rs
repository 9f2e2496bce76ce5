//! The whole page: what is shown when, and the wiring to the browser.
//!
//! **Invariant:** lays out and wires; each part draws itself.

use crate::dom::prelude::*;
use web_sys::Event;

use super::{
    ahead, clocks,
    colour::Legend,
    context::{App, use_app},
    critical,
    details::Details,
    effects, graph, header, issues, keyboard, keys,
    loading::Loading,
    measure,
    minimap::MinimapView,
    notes,
    open::{self, DropZone},
    palette, paper, prefs,
    problem::ProblemCard,
    query::saved,
    splitter::{Side, Splitter},
    status::StatusBar,
    table,
    toast::Toast,
    trace_list::TraceList,
    waterfall::Waterfall,
};
use crate::{
    browser::{self, history, later, listen, storage},
    diagnostics, dom, host,
    paint::forget_palette,
    state::{Command, Dialog, MANY, Theme, UiState, UrlState, View},
};

/// Mounts the app on the page.
pub fn start() {
    browser::failure::install();
    dom::mount(Page);
}

#[component]
fn Page() -> impl IntoView {
    let app = App::new(UiState::default(), effects::perform);
    provide_context(app);
    restore(app);
    diagnostics::install(app);
    host::install(app);
    keyboard::install(app);
    open::install(app);
    follow_theme(app);
    follow_loads(app);
    follow_address(app);
    follow_printer(app);
    view! { <Shell/> }
}

/// What the browser and the address say before anything is shown.
fn restore(app: App) {
    if let Some(prefs) = prefs::remembered() {
        if prefs.badges || !prefs.pinned.is_empty() || !prefs.row_columns.is_empty() {
            later::load_soon();
        }
        app.dispatch(Command::RestorePrefs(prefs));
    }
    if storage::read(notes::KEY).is_some() {
        later::then(move || notes::restore(app));
    }
    app.dispatch(Command::SystemDark(browser::system_dark()));
    listen::on_media("(prefers-color-scheme: dark)", move |dark| {
        app.dispatch(Command::SystemDark(dark))
    });
    let embed = history::parameter("embed").is_some_and(|value| value != "0");
    app.dispatch(Command::SetEmbed(embed));
    let forced = history::parameter("theme").and_then(|name| Theme::of_name(&name));
    if let Some(theme) = forced {
        app.dispatch(Command::SetTheme(theme));
    }
    listen::on(&browser::window(), "popstate", move |_: Event| {
        follow_address(app)
    });
}

/// Goes where the address says.
fn follow_address(app: App) {
    let url = UrlState::parse(&history::query(), &history::fragment());
    app.dispatch(Command::FollowUrl(Box::new(url)));
}

fn follow_theme(app: App) {
    let dark = app.select(UiState::dark);
    Effect::new(move |_| {
        browser::set_theme(dark.get());
        forget_palette();
    });
}

/// Paper has a page of its own, made when it is asked for: whoever prints waits anyway.
fn follow_printer(app: App) {
    let window = browser::window();
    listen::on(&window, "beforeprint", move |_: Event| paper::lay_out(app));
    listen::on(&window, "afterprint", move |_: Event| paper::put_away(app));
    listen::on_media("print", move |prints| match prints {
        true => paper::lay_out(app),
        false => paper::put_away(app),
    });
}

/// The next painted rows after a load are its first.
fn follow_loads(app: App) {
    let dataset = app.select(|state| state.dataset.clone());
    Effect::new(move |_| {
        if dataset.with(Option::is_some) {
            measure::expect_first_row();
        }
    });
    let place = app.select(|state| state.dataset.clone().zip(state.trace));
    Effect::new(move |_| {
        let large = place
            .get()
            .filter(|(dataset, trace)| dataset.store.trace(*trace).span_count() >= MANY);
        if let Some((dataset, trace)) = large {
            later::then(move || ahead::begin(app, dataset.store, trace));
        }
    });
}

#[component]
fn Shell() -> impl IntoView {
    let app = use_app();
    let embed = app.select(|state| state.embed);
    let loaded = app.select(|state| state.dataset.is_some());
    let loading = app.select(|state| state.load.is_some());
    let view = app.select(|state| state.view);
    let compact = app.select(|state| state.prefs.compact);
    view! {
        <div class="shell" class:embed=move || embed.get() class:compact=move || compact.get() class:loaded=move || loaded.get()>
            <a class="skip" href="#main">"Skip to the content"</a>
            <Show when=move || !embed.get()><header::Header/></Show>
            <Show when=move || loaded.get()>
                <Show when=move || view.get() != View::List><header::TraceHeader/></Show>
            </Show>
            <main id="main" class="main" tabindex="-1">
                <Banner/>
                <Show when=move || loaded.get() fallback=move || view! { <Empty/> }>
                    {move || match view.get() {
                        View::List => view! { <Whole part=|| view! { <TraceList/> }.into_any()/> }.into_any(),
                        View::Waterfall => view! { <TraceView/> }.into_any(),
                        View::Table => view! { <WithDetails><table::TableView/></WithDetails> }.into_any(),
                        View::Graph => view! { <graph::GraphView/> }.into_any(),
                    }}
                </Show>
                <Show when=move || loaded.get() && loading.get()>
                    <div class="loading-over"><Loading/></div>
                </Show>
            </main>
            <Show when=move || loaded.get() && !embed.get()><StatusBar/></Show>
            <Dialogs/>
            <DropZone/>
            <Toast/>
            <div id="announcer" class="visually-hidden" role="status" aria-live="polite"></div>
        </div>
    }
}

/// A problem while something is open stands above it.
#[component]
fn Banner() -> impl IntoView {
    let app = use_app();
    let shown = app.select(|state| state.dataset.is_some() && state.problem.is_some());
    view! { <Show when=move || shown.get()><div class="banner"><ProblemCard/></div></Show> }
}

/// Nothing is open: the start page, a load, or what went wrong.
#[component]
fn Empty() -> impl IntoView {
    let app = use_app();
    let loading = app.select(|state| state.load.is_some());
    let problem = app.select(|state| state.problem.is_some());
    view! {
        <div class="empty">
            <Show when=move || problem.get()><ProblemCard/></Show>
            <Show when=move || loading.get() fallback=move || view! { <open::StartPage/> }><Loading/></Show>
        </div>
    }
}

/// The waterfall with its minimap and the details of the selected span.
#[component]
fn TraceView() -> impl IntoView {
    let app = use_app();
    let coloured = app.select(|state| state.colour.by.is_some() || state.query.by.is_some());
    view! {
        <WithDetails>
            <MinimapView/>
            <Show when=move || coloured.get()><Legend/></Show>
            <Waterfall/>
        </WithDetails>
    }
}

/// A view of the trace beside the details of the selected span.
#[component]
fn WithDetails(children: Children) -> impl IntoView {
    let app = use_app();
    let details = app.select(|state| state.details_open && state.selection.is_some());
    let side = app.select(|state| state.prefs.side_width);
    view! {
        <div class="trace-view">
            <div class="trace-main">{children()}</div>
            <Show when=move || details.get()>
                <Splitter side=Side::Right width=side label="Width of the span details"
                    on_width=Callback::new(move |width| app.dispatch(Command::SetSideWidth(width)))/>
                <aside class="side" aria-label="Span details" style:width=move || format!("{}px", side.get())>
                    <Whole part=|| view! { <Details/> }.into_any()/>
                </aside>
            </Show>
        </div>
    }
}

/// Something of the later part, as soon as that is there.
#[component]
fn Whole(
    /// What it is.
    part: fn() -> Markup,
) -> impl IntoView {
    let app = use_app();
    let whole = later::arrived();
    if !later::is_here() {
        // Whoever waits hears why it does not come.
        app.when_whole(|| {});
    }
    view! {
        <Show when=move || !whole.get()><p class="details-none">"Loading…"</p></Show>
        <Show when=move || whole.get()>{part()}</Show>
    }
}

#[component]
fn Dialogs() -> impl IntoView {
    let app = use_app();
    let dialog = app.select(|state| state.dialog);
    view! {
        {move || match dialog.get() {
            Some(Dialog::Keys) => view! { <keys::Keys/> }.into_any(),
            Some(Dialog::Issues) => view! { <issues::Issues/> }.into_any(),
            Some(Dialog::Clocks) => view! { <clocks::ClockTable/> }.into_any(),
            Some(Dialog::CriticalPath) => view! { <critical::PathTable/> }.into_any(),
            Some(Dialog::Palette) => view! { <palette::Palette/> }.into_any(),
            Some(Dialog::Notes) => view! { <notes::NotesDialog/> }.into_any(),
            Some(Dialog::Queries) => view! { <saved::QueriesDialog/> }.into_any(),
            Some(Dialog::Open) => view! { <open::OpenDialog/> }.into_any(),
            None => ().into_any(),
        }}
    }
}

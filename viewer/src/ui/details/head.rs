//! The head of the span details: service, kind, name, three numbers, when, and what a person must know first.
//!
//! **Invariant:** the numbers come from the store and the analysis as they are; exact forms are in tooltips and on the
//! clipboard.

use crate::dom::prelude::*;
use throughline_model::{analysis::self_time::self_time, store::SpanKind};

use super::{Place, capitalised, facts};
use crate::{
    scene::SERVICE_COLOURS,
    state::{Command, Dialog, TimeMode},
    ui::{
        clocks,
        context::{App, use_app},
        format,
        issues::places,
    },
};

#[component]
pub(super) fn Head(place: Place) -> impl IntoView {
    let app = use_app();
    let head = place.with_value(|selected| {
        let span = selected.store().span(selected.span);
        let kind = match span.kind() {
            SpanKind::Unspecified => String::new(),
            kind => format!(" · {}", kind.name()),
        };
        let name = if span.name().is_empty() {
            "(no name)".to_owned()
        } else {
            format::visible_text(span.name())
        };
        (
            format::visible_text(span.service_name()),
            kind,
            name,
            span.service(),
        )
    });
    let (service, kind, name, colour) = head;
    let second = colour >= SERVICE_COLOURS;
    let swatch = format!("var(--service-{})", colour % SERVICE_COLOURS);
    view! {
        <header class="details-head">
            <div class="details-top">
                <span class="details-swatch" class:second=second style:background-color=swatch></span>
                <span class="details-service" title=service.clone()>{service.clone()}</span>
                <span class="details-kind">{kind}</span>
                <button class="details-tool" title="Zoom to this span (z)" aria-label="Zoom to this span"
                    on:click=move |_| app.dispatch(Command::ZoomToSelection)>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3v10M13 3v10M5.5 8h5M7 6 5 8l2 2M9 6l2 2-2 2"/></svg>
                </button>
                <button class="details-tool" title="Write a note on this span (q)" aria-label="Write a note"
                    on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Notes)))>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 13l.8-3L10.5 3.3l2.2 2.2L6 12.2zM9 4.8 11.2 7"/></svg>
                </button>
                <button class="details-tool" title="Close the details (Enter)" aria-label="Close the details"
                    on:click=move |_| app.dispatch(Command::ShowDetails(false))>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m4 4 8 8M12 4l-8 8"/></svg>
                </button>
            </div>
            <h2 class="details-name" dir="auto">{name}</h2>
            <Facts place=place/>
        </header>
        <Remarks place=place/>
    }
}

#[component]
fn Facts(place: Place) -> impl IntoView {
    let app = use_app();
    let facts = place.with_value(|selected| {
        let store = selected.store();
        let span = store.span(selected.span);
        let whole = span.trace().duration();
        let (length, exact) = facts::duration(span);
        // Where the duration is odd, nothing can be computed from it.
        let odd = || ("–".to_owned(), exact.clone());
        let (own, part) = if facts::has_odd_times(span) {
            (odd(), odd())
        } else {
            let own = self_time(store, selected.span);
            let of = format!(
                "{} of {}",
                format::exact_duration(span.duration()),
                format::exact_duration(whole)
            );
            (
                (format::duration(own), format::exact_duration(own)),
                (format::percent(span.duration(), whole), of),
            )
        };
        vec![
            ("duration", length, exact),
            ("self time", own.0, own.1),
            ("of the trace", part.0, part.1),
        ]
    });
    let share = path_share(app, place).map(|(text, exact)| ("of critical path", text, exact));
    let four = share.is_some();
    view! {
        <dl class="details-facts" class:four=four>
            {facts.into_iter().chain(share).map(|(label, value, exact)| view! {
                <div><dt>{label}</dt><dd><Exact text=value exact=exact.clone() copy=exact what=label/></dd></div>
            }).collect_view()}
        </dl>
        {on_path(app, place).map(|(text, exact)| view! {
            <p class="details-path">"itself on the critical path: "<Exact text=text exact=exact.clone() copy=exact what="time on the critical path"/></p>
        })}
        <Started place=place/>
        <Moved place=place/>
    }
}

/// The share of its trace's critical path that the span and what it waited for have, in short and exactly; `None` where
/// it is not on it.
fn path_share(app: App, place: Place) -> Option<(String, String)> {
    let span = place.with_value(|selected| selected.span);
    app.peek(|state| {
        let path = state.path()?;
        let (start, end) = path.window(span)?;
        let (time, total) = (end.since(start), path.total());
        let exact = format!(
            "{} of {}: the span and what it waited for",
            format::exact_duration(time),
            format::exact_duration(total)
        );
        Some((format::percent(time, total), exact))
    })
}

/// How long the span itself is on its trace's critical path, in short and exactly; `None` where it is not.
fn on_path(app: App, place: Place) -> Option<(String, String)> {
    let span = place.with_value(|selected| selected.span);
    app.peek(|state| {
        let path = state.path()?;
        let (time, total) = (path.time_of(span), path.total());
        let short = format!(
            "{} ({})",
            format::duration(time),
            format::percent(time, total)
        );
        let exact = format!(
            "{} of {}",
            format::exact_duration(time),
            format::exact_duration(total)
        );
        (time.0 > 0).then_some((short, exact))
    })
}

/// A number that shows its exact form in a tooltip and copies it.
#[component]
fn Exact(text: String, exact: String, copy: String, what: &'static str) -> impl IntoView {
    let app = use_app();
    let title = format!("{exact}\nCopy");
    view! {
        <button class="details-exact" title=title
            on:click=move |_| app.dispatch(Command::Copy { text: copy.clone(), what: capitalised(what) })>{text}</button>
    }
}

/// Where the waterfall has the span elsewhere than its times say.
#[component]
fn Moved(place: Place) -> impl IntoView {
    let app = use_app();
    let words = app.select(move |state| {
        let span = place.try_with_value(|selected| selected.span)?;
        clocks::moved_words(state, span)
    });
    view! {
        {move || words.get().map(|words| view! {
            <p class="details-moved">{words}"; the times here are as given. "<button class="link"
                on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Clocks)))>"Why?"</button></p>
        })}
    }
}

#[component]
fn Started(place: Place) -> impl IntoView {
    let app = use_app();
    let mode = app.select(|state| state.prefs.time);
    move || {
        // Relative to the trace it is beside it anyway.
        let clock = if mode.get() == TimeMode::Utc {
            TimeMode::Utc
        } else {
            TimeMode::Local
        };
        place.with_value(|selected| {
            let span = selected.store().span(selected.span);
            let (at, trace) = (span.start(), span.trace().start());
            if at.0 == 0 {
                return view! { <p class="details-when">"start not given"</p> }.into_any();
            }
            let zone = if clock == TimeMode::Utc { " UTC" } else { "" };
            let text = format!("{}{zone}", format::point(at, clock, trace));
            let exact = format!("{}\n{} ns since 1970", format::exact_point(at, clock), at.0);
            let later = match at == trace {
                true => " · at the start of the trace".to_owned(),
                false => format!(" · {} in the trace", format::offset(at, trace)),
            };
            view! {
                <p class="details-when">
                    <span>"started "</span>
                    <Exact text=text exact=exact copy=format::rfc3339(at) what="start time"/>
                    <span title=format::exact_duration(at.since(trace))>{later}</span>
                </p>
            }
            .into_any()
        })
    }
}

/// What went wrong, and what is odd about the data.
#[component]
fn Remarks(place: Place) -> impl IntoView {
    let app = use_app();
    let (error, notes) = place.with_value(|selected| {
        let store = selected.store();
        (
            facts::error(store, selected.span),
            facts::notes(store, selected.span),
        )
    });
    view! {
        {error.map(|note| {
            let (text, long) = (note.text.clone(), note.text.len() > facts::MESSAGE_BYTES);
            let open = RwSignal::new(false);
            let copied = note.text.clone();
            let shown = move || if open.get() { text.clone() } else { facts::short(&text) };
            view! {
                <section class="details-card error" aria-label="Error">
                    <div class="details-card-head">
                        <strong dir="auto">{note.title}</strong>
                        <button class="link" on:click=move |_| app.dispatch(Command::Copy { text: copied.clone(), what: "Error".into() })>"Copy"</button>
                    </div>
                    <p class="details-card-text" dir="auto">{shown}</p>
                    <Show when=move || long>
                        <button class="link" on:click=move |_| open.update(|open| *open = !*open)>
                            {move || if open.get() { "Show less" } else { "Show all" }}
                        </button>
                    </Show>
                </section>
            }
        })}
        <Notes place=place notes=notes/>
    }
}

/// Oddities of the data: one is explained at once, several only when asked.
#[component]
fn Notes(place: Place, notes: Vec<facts::Note>) -> impl IntoView {
    if notes.is_empty() {
        return ().into_any();
    }
    let several = notes.len() > 1;
    let open = RwSignal::new(!several);
    let app = use_app();
    let items = notes.into_iter().map(|note| {
        let text = note.text;
        let next = note.kind.and_then(|kind| {
            place.with_value(|selected| places::find(selected.store(), kind, Some(selected.span)))
        });
        let next = next.filter(|found| found.total > 1).map(|found| {
            let title = format!("Of such spans this is one of {}", format::count(found.total));
            view! { " "<button class="link" title=title on:click=move |_| places::go(app, found)>"Next"</button> }
        });
        view! {
            <li>
                <strong>{note.title}</strong>{next}
                {move || open.get().then(|| view! { <p class="details-card-text">{text.clone()}</p> })}
            </li>
        }
    });
    view! {
        <section class="details-card note" aria-label="About the data">
            <ul class="details-notes" class:several=several>{items.collect_view()}</ul>
            {several.then(|| view! {
                <button class="link" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                    {move || if open.get() { "Less" } else { "Why?" }}
                </button>
            })}
        </section>
    }
    .into_any()
}

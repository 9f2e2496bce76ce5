//! Events and logs of the span by time, errors first to the eye.
//!
//! **Invariant:** an event's attributes are put into the page when it is opened.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::table::level, order::rows_by_key, store::EventRef, time::UnixNanos,
};

use super::{
    Place,
    rows::Values,
    values::{Owner, ROWS_AT_FIRST, summary},
};
use crate::{
    state::TimeMode,
    ui::{context::use_app, format},
};

#[component]
pub(super) fn Events(place: Place) -> impl IntoView {
    let limit = RwSignal::new(ROWS_AT_FIRST);
    // By time; those without one are last. The sort is stable: equal ones keep the order of the input.
    let order = place.with_value(|selected| {
        let span = selected.store().span(selected.span);
        let times: Vec<u64> = span.events().map(|event| event.time().0).collect();
        rows_by_key(times.len(), |at| match times[at as usize] {
            0 => u64::MAX,
            time => time,
        })
    });
    let total = order.len();
    if total == 0 {
        return view! { <p class="details-none">"No events or logs"</p> }.into_any();
    }
    let order = StoredValue::new(order);
    let shown = move || {
        let wanted =
            order.with_value(|order| order.iter().copied().take(limit.get()).collect::<Vec<_>>());
        wanted
            .into_iter()
            .map(|at| view! { <EventItem place=place at=at as usize/> })
            .collect_view()
    };
    view! {
        <ol class="details-events">{shown}</ol>
        {move || (limit.get() < total).then(|| view! {
            <button class="button details-more" on:click=move |_| limit.update(|limit| *limit *= 5)>
                {format!("Show more ({} left)", format::count((total - limit.get()) as u64))}
            </button>
        })}
    }
    .into_any()
}

#[component]
fn EventItem(place: Place, at: usize) -> Option<Markup> {
    let app = use_app();
    let mode = app.select(|state| state.prefs.time);
    let read = place.with_value(|selected| {
        let span = selected.store().span(selected.span);
        let event = span.events().nth(at)?;
        Some(Read::new(event, span.start(), span.trace().start()))
    });
    let read = read?;
    let open = RwSignal::new(read.exception);
    let foldable = read.attributes > 0;
    let (time, trace_start) = (read.time, read.trace_start);
    let title = move || match mode.get() {
        _ if time.0 == 0 => "No time was given".to_owned(),
        mode => {
            let clock = if mode == TimeMode::Utc {
                TimeMode::Utc
            } else {
                TimeMode::Local
            };
            format!(
                "{}\n{} from the start of the trace",
                format::exact_point(time, clock),
                format::offset(time, trace_start)
            )
        }
    };
    let summary = read.summary.clone();
    let dropped = read.dropped;
    Some(view! {
        <li class="details-event" class:exception=read.grave>
            <button class="details-event-head" aria-expanded=move || foldable.then(|| open.get().to_string())
                class:open=move || open.get() disabled=!foldable on:click=move |_| open.update(|open| *open = !*open)>
                <svg class="details-fold" class:none=!foldable viewBox="0 0 12 12" aria-hidden="true"><path d="M4.2 2.5 7.8 6 4.2 9.5"/></svg>
                <span class="details-event-words">
                    <strong dir="auto">{read.name}</strong>
                    {move || (!open.get() && !summary.is_empty()).then(|| view! { <span class="details-summary" dir="auto">{summary.clone()}</span> })}
                </span>
                <span class="details-event-time" title=title>{read.after_start}</span>
            </button>
            <Show when=move || open.get()>
                <div class="details-event-body">
                    <Values place=place owner=Owner::Event(at) what="attributes"/>
                    {(dropped > 0).then(|| view! { <p class="details-none">{format!("{} dropped before the export", format::counted(dropped, "attribute"))}</p> })}
                </div>
            </Show>
        </li>
    })
}

/// What an event's line says.
struct Read {
    name: String,
    time: UnixNanos,
    trace_start: UnixNanos,
    after_start: String,
    exception: bool,
    grave: bool,
    summary: String,
    attributes: usize,
    dropped: u64,
}

impl Read {
    fn new(event: EventRef<'_>, span_start: UnixNanos, trace_start: UnixNanos) -> Self {
        let attributes = event.attributes();
        let exception =
            event.name() == "exception" || attributes.get_str("exception.type").is_some();
        let text = |key| attributes.get_str(key).filter(|text| !text.is_empty());
        let kind = text("exception.type").filter(|_| event.name() == "exception");
        let name = kind.unwrap_or(match (event.title(), event.log()) {
            ("", None) => "(no name)",
            ("", Some(_)) => "Log",
            (title, _) => title,
        });
        let level = event.log().and_then(|_| level::of(event));
        let summary = match (text("exception.message").filter(|_| exception), level) {
            (Some(message), _) => format::visible_text(message),
            // What it says is its name already.
            (None, Some(level)) => format!("Log, {}", format::visible_text(level)),
            (None, None) => summary(attributes),
        };
        let grave = level::rank(event).is_some_and(|rank| rank >= level::ERROR);
        Self {
            name: format::visible_text(name),
            time: event.time(),
            trace_start,
            after_start: if event.time().0 == 0 {
                "no time".to_owned()
            } else {
                format::offset(event.time(), span_start)
            },
            exception,
            grave,
            summary,
            attributes: attributes.len(),
            dropped: u64::from(event.dropped()),
        }
    }
}

//! Links of the span to others, of this trace or not; a link whose target is loaded leads there.
//!
//! **Invariant:** ids are shown as they are; a target that is not loaded is said to be so.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::links::linking_to,
    ids::{SpanId, TraceId},
    store::TraceStore,
};

use super::{
    Place, capitalised,
    rows::Values,
    values::{Owner, ROWS_AT_FIRST},
};
use crate::{
    state::Command,
    ui::{context::use_app, format},
};

#[component]
pub(super) fn Links(place: Place) -> impl IntoView {
    let total = place.with_value(|selected| selected.store().span(selected.span).links().len());
    let from = place.with_value(|selected| linking_to(selected.store(), selected.span));
    if total == 0 && from.is_empty() {
        return view! { <p class="details-none">"No links"</p> }.into_any();
    }
    let limit = RwSignal::new(ROWS_AT_FIRST);
    view! {
        <ol class="details-links">
            {move || (0..total.min(limit.get())).map(|at| view! { <LinkItem place=place at=at/> }).collect_view()}
        </ol>
        {move || (limit.get() < total).then(|| view! {
            <button class="button details-more" on:click=move |_| limit.update(|limit| *limit *= 5)>
                {format!("Show more ({} left)", format::count((total - limit.get()) as u64))}
            </button>
        })}
        <LinkedFrom place=place from=from/>
    }
    .into_any()
}

/// The spans that link to this one.
#[component]
fn LinkedFrom(place: Place, from: Vec<u32>) -> impl IntoView {
    let app = use_app();
    let total = from.len();
    let shown = from.into_iter().take(ROWS_AT_FIRST).map(|row| {
        let (words, trace) = place.with_value(|selected| {
            let span = selected.store().span(row);
            let words = format!(
                "{} {}",
                format::visible_text(span.service_name()),
                format::visible_text(span.name())
            );
            (words, span.trace().idx())
        });
        let go = move |_| {
            app.dispatch(Command::OpenTrace(trace));
            app.dispatch(Command::Reveal(row));
        };
        view! {
            <li class="details-linked"><div class="details-linked-head">
                <strong dir="auto">{words}</strong>
                <button class="button" on:click=go>"Go to span"</button>
            </div></li>
        }
    });
    let more = total.saturating_sub(ROWS_AT_FIRST);
    (total > 0).then(|| {
        view! {
            <h3 class="details-group">{format!("Linked from {}", format::counted(total as u64, "span"))}</h3>
            <ol class="details-links">{shown.collect_view()}</ol>
            {(more > 0).then(|| view! { <p class="details-none">{format!("and {} more", format::count(more as u64))}</p> })}
        }
    })
}

/// Where a link leads inside of the open data.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// To this span of this trace.
    Span(u32, u32),
    /// The trace is there, the span is not.
    Trace(u32),
    /// Elsewhere.
    Absent,
}

fn target(store: &TraceStore, trace: TraceId, span: SpanId) -> Target {
    let Some(trace) = store.find_trace(trace) else {
        return Target::Absent;
    };
    let found = store
        .trace(trace)
        .spans()
        .find(|&row| store.span(row).id() == span);
    found.map_or(Target::Trace(trace), |span| Target::Span(trace, span))
}

#[component]
fn LinkItem(place: Place, at: usize) -> Option<Markup> {
    let app = use_app();
    let (trace, span, state, leads, own) = place.with_value(|selected| {
        let store = selected.store();
        let own = store.span(selected.span).trace();
        let link = store.span(selected.span).links().nth(at)?;
        let leads = target(store, link.trace_id(), link.span_id());
        Some((
            link.trace_id(),
            link.span_id(),
            format::visible_text(link.trace_state()),
            leads,
            own.id(),
        ))
    })?;
    let words = place.with_value(|selected| match leads {
        Target::Span(_, row) => {
            let span = selected.store().span(row);
            Some(format!(
                "{} {}",
                format::visible_text(span.service_name()),
                format::visible_text(span.name())
            ))
        }
        _ => None,
    });
    let attributes = place.with_value(|selected| {
        Owner::Link(at)
            .list(selected.store(), selected.span)
            .map_or(0, |list| list.len())
    });
    let jump = match leads {
        Target::Span(trace, span) => {
            let go = move |_| {
                app.dispatch(Command::OpenTrace(trace));
                app.dispatch(Command::Reveal(span));
            };
            view! { <button class="button" on:click=go>"Go to span"</button> }.into_any()
        }
        Target::Trace(trace) => view! {
            <span class="details-none">"The span is not in the data."</span>
            <button class="button" on:click=move |_| app.dispatch(Command::OpenTrace(trace))>"Go to trace"</button>
        }
        .into_any(),
        Target::Absent => view! { <span class="details-none">"Not in the open data."</span> }.into_any(),
    };
    let where_to = if trace == own {
        "In this trace"
    } else {
        "In another trace"
    };
    Some(view! {
        <li class="details-linked">
            <div class="details-linked-head">
                <strong dir="auto">{words.unwrap_or_else(|| where_to.to_owned())}</strong>
                {jump}
            </div>
            <dl class="details-rows">
                <Plain label="trace id" text=trace.to_string()/>
                <Plain label="span id" text=span.to_string()/>
                {(!state.is_empty()).then(|| view! { <Plain label="trace state" text=state/> })}
            </dl>
            {(attributes > 0).then(|| view! { <Values place=place owner=Owner::Link(at) what="attributes"/> })}
        </li>
    })
}

/// A row that is not an attribute: an id, a version, an address.
#[component]
pub(super) fn Plain(label: &'static str, text: String) -> impl IntoView {
    let app = use_app();
    let copied = text.clone();
    let title = format!("Copy the {label}");
    view! {
        <div class="details-row">
            <dt class="details-key sans">{label}</dt>
            <dd class="details-value">
                <span class="details-plain" dir="auto">{text}</span>
                <span class="details-actions">
                    <button class="details-tool" title=title.clone() aria-label=title
                        on:click=move |_| app.dispatch(Command::Copy { text: copied.clone(), what: capitalised(label) })>
                        <svg viewBox="0 0 16 16" aria-hidden="true"><rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1.5"/><path d="M10.5 3H4.4A1.4 1.4 0 0 0 3 4.4v6.1"/></svg>
                    </button>
                </span>
            </dd>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::sample;

    #[test]
    fn links_lead_to_what_is_loaded() {
        let store = sample::spans(&[(1, 0, 10, 20), (2, 1, 12, 14)]);
        let check = |trace: u128, span: u64, expected: Target| {
            assert_eq!(
                target(&store, TraceId(trace), SpanId(span)),
                expected,
                "{trace} {span}"
            );
        };
        check(1, 2, Target::Span(0, 1));
        check(1, 9, Target::Trace(0));
        check(7, 2, Target::Absent);
    }
}

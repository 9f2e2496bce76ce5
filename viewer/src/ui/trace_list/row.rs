//! One trace of the list.
//!
//! **Invariant:** reads one trace; where it stands and what a click does is the list's business.

use crate::dom::prelude::*;
use throughline_model::{
    store::{TraceRef, TraceStore},
    time::UnixNanos,
};

use crate::{scene::SERVICE_COLOURS, state::TimeMode, ui::format};

/// What all rows are measured by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// The longest duration, nanoseconds.
    pub longest: u64,
    /// The earliest start.
    pub first: UnixNanos,
    /// How points in time are written.
    pub mode: TimeMode,
}

impl Scale {
    pub(super) fn of(store: &TraceStore, mode: TimeMode) -> Self {
        let lengths = (0..store.trace_count() as u32).map(|trace| store.trace(trace).duration().0);
        let starts = store
            .traces()
            .start
            .iter()
            .copied()
            .filter(|&start| start > 0);
        Self {
            longest: lengths.max().unwrap_or(0),
            first: UnixNanos(starts.min().unwrap_or(0)),
            mode,
        }
    }

    /// Where this duration ends on the scale, percent; something is always there to see.
    fn percent(self, duration: u64) -> f64 {
        (duration as f64 / self.longest.max(1) as f64 * 100.0).clamp(0.5, 100.0)
    }
}

/// The first services of a trace, by their first span.
fn services_of(store: &TraceStore, trace: TraceRef<'_>) -> Vec<u32> {
    const SHOWN: usize = 6;
    // A row must not cost a walk through a trace of a million spans.
    const LOOKED_AT: usize = 5_000;
    let mut services = Vec::with_capacity(SHOWN);
    for span in trace.spans().take(LOOKED_AT) {
        let service = store.service_of(span);
        if !services.contains(&service) {
            services.push(service);
            if services.len() == SHOWN {
                break;
            }
        }
    }
    services
}

/// The cells of a row.
pub(super) fn cells(store: &TraceStore, trace: u32, scale: Scale) -> Markup {
    let trace = store.trace(trace);
    let root = trace.root();
    let colour = format!("var(--service-{})", root.service() % SERVICE_COLOURS);
    let name = if root.name().is_empty() {
        "(no name)".to_owned()
    } else {
        format::visible_text(root.name())
    };
    let clock = if scale.mode == TimeMode::Utc {
        TimeMode::Utc
    } else {
        TimeMode::Local
    };
    let (errors, orphans) = (trace.error_count(), trace.orphan_count());
    let (spans, services) = (trace.span_count() as u64, u64::from(trace.service_count()));
    let dots = services_of(store, trace);
    let names: Vec<String> = dots
        .iter()
        .map(|&service| format::visible_text(store.service_name(service)))
        .collect();
    let names = format!(
        "{}{}",
        names.join(", "),
        if dots.len() < services as usize {
            ", …"
        } else {
            ""
        }
    );
    let width = format!("{:.2}%", scale.percent(trace.duration().0));
    let error_words = format::counted(u64::from(errors), "error");
    // A trace whose root span is absent is named by an orphan.
    let headless = trace
        .roots()
        .all(|span| store.span(span).parent_id().is_valid());
    view! {
        <span class="list-cell list-root" role="gridcell" title=format!("Trace {}", trace.id())>
            <span class="list-tick" style:background-color=colour.clone()></span>
            <span class="list-service" dir="auto">{format::visible_text(root.service_name())}</span>
            <span class="list-name" dir="auto">{name}</span>
            {headless.then(|| view! { <span class="badge" title=format!("{} without their parent", format::counted(u64::from(orphans), "span"))>"root missing"</span> })}
        </span>
        <span class="list-cell list-services" role="gridcell" title=names>
            <span class="list-services-count">{format::count(services)}</span>
            {dots.into_iter().map(|service| {
                let colour = format!("var(--service-{})", service % SERVICE_COLOURS);
                view! { <span class="list-dot" aria-hidden="true" style:background-color=colour></span> }
            }).collect_view()}
        </span>
        <span class="list-cell list-start" role="gridcell" title=format::exact_point(trace.start(), clock)>
            {format::moment(trace.start(), scale.mode, scale.first)}
        </span>
        <span class="list-cell list-duration" role="gridcell" title=format::exact_duration(trace.duration())>
            <span class="list-length">{format::duration(trace.duration())}</span>
            <span class="list-bar-track" aria-hidden="true"><span class="list-bar-fill" style:width=width style:background-color=colour></span></span>
        </span>
        <span class="list-cell list-number list-spans" role="gridcell">
            {format::count(spans)}<span class="list-unit">{if spans == 1 { " span" } else { " spans" }}</span>
        </span>
        <span class="list-cell list-number list-errors" role="gridcell">
            {if errors > 0 {
                view! { <span class="badge error" title=error_words.clone()>{format::count(u64::from(errors))}<span class="list-error-word">{if errors == 1 { " error" } else { " errors" }}</span></span> }.into_any()
            } else {
                view! { <span class="list-zero">"0"</span> }.into_any()
            }}
        </span>
    }
    .into_any()
}

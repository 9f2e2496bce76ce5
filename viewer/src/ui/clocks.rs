//! How far clocks are apart: the choice of what is shown, and the table with each clock's offset and its reason.
//!
//! **Invariant:** says how sure an estimate is, and moves nothing by itself.

mod lone;

use crate::dom::prelude::*;
use throughline_model::{
    analysis::skew::{Clock, Skew},
    store::TraceStore,
};

use super::{
    context::{App, use_app},
    format,
    keys::Modal,
};
use crate::state::{Command, Dialog, Times, UiState};

/// In a trace of more spans nothing is estimated before somebody asks.
const UNASKED: usize = 50_000;

/// As given, moved, or both; and what is known of the clocks.
#[component]
pub fn TimesChoice() -> impl IntoView {
    let app = use_app();
    let words = app.select(|state| state.skew().map_or_else(String::new, summary));
    view! {
        {choice(app)}
        <p class="hint">{move || words.get()}" "<button class="link" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Clocks)))>"Clocks…"</button></p>
    }
}

fn choice(app: App) -> Markup {
    let times = app.select(|state| state.clocks.times);
    let choice = move |this: Times| {
        view! { <button class="button colour-choice" aria-pressed=move || (times.get() == this).to_string()
        on:click=move |_| app.dispatch(Command::ShowTimes(this))>{this.words()}</button> }
    };
    view! {
        <div class="shape-line" role="group" aria-label="Times"><span>"Times"</span>{Times::ALL.map(choice).into_iter().collect_view()}</div>
    }
    .into_any()
}

fn summary(skew: &Skew) -> String {
    let off = skew.clocks().iter().filter(|clock| clock.offset != 0);
    match off.count() {
        0 => "No call contradicts the clocks.".to_owned(),
        1 => format!("One clock seems to be off by {}.", skew.most()),
        count => {
            format!("{count} clocks seem to be off, by up to {}.", skew.most())
        }
    }
}

/// In the head of a trace whose clocks differ: by how much, and the way to the table.
#[component]
pub fn ClockPill() -> impl IntoView {
    let app = use_app();
    let words = app.select(pill);
    view! {
        {move || words.get().map(|words| view! {
            <button class="pill clock-pill" title="Calls say so: a server cannot begin before its client. Nothing is moved unless you ask for it"
                on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Clocks)))>{words}</button>
        })}
    }
}

fn pill(state: &UiState) -> Option<String> {
    let known = state.clocks.times != Times::Given;
    let small = || {
        state
            .trace_ref()
            .is_some_and(|trace| trace.span_count() <= UNASKED)
    };
    let skew = (known || small()).then(|| state.skew()).flatten()?;
    if !skew.is_any_off() {
        return None;
    }
    Some(match state.clocks.times {
        Times::Given => format!("clocks differ by {}", skew.most()),
        Times::Moved | Times::Both => format!("times moved by up to {}", skew.most()),
    })
}

/// What is said of a span whose bar is moved: by how much, and whose clock that is.
pub(super) fn moved_words(state: &UiState, span: u32) -> Option<String> {
    let (store, skew) = (state.store()?, state.moving_skew()?);
    let resource = store.span(span).resource().idx();
    let offset = skew.offset_of(resource);
    let clock = skew.clocks().get(skew.clock_of(resource)? as usize)?;
    (offset != 0).then(|| {
        format!(
            "moved by {} in the waterfall ({})",
            format::signed(offset),
            clock_name(store, clock)
        )
    })
}

/// The table of clocks.
#[component]
pub fn ClockTable() -> impl IntoView {
    let app = use_app();
    let words = app.select(|state| state.skew().map_or_else(String::new, summary));
    let lines = app.peek(lines);
    let rows = lines.into_iter().map(|[name, offset, reason]| {
        view! { <tr><th scope="row">{name}</th><td class="number">{offset}</td><td>{reason}</td></tr> }
    });
    view! {
        <Modal title="Clocks" dialog=Dialog::Clocks wide=true>
            <p class="hint">"A server begins after its client and ends before it. Where the times say otherwise, one of their clocks is off. Nothing is moved unless you ask for it; the times in the details stay as given."</p>
            {choice(app)}
            <p class="hint">{move || words.get()}</p>
            <table class="clocks">
                <thead><tr><th scope="col">"Clock"</th><th scope="col" class="number">"Offset"</th><th scope="col">"Why"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </Modal>
    }
}

/// So many clocks are listed, those that are off first.
const LISTED: usize = 500;

/// `cart on node-3`: a service, and its host where that is known.
fn clock_name(store: &TraceStore, clock: &Clock) -> String {
    let resource = store.resource(clock.resource);
    let host = ["host.name", "k8s.pod.name", "service.instance.id"]
        .iter()
        .find_map(|key| resource.attributes().get_str(key));
    let service = resource.service_name();
    format::visible_text(
        &host.map_or_else(|| service.to_owned(), |host| format!("{service} on {host}")),
    )
}

/// Name, offset and reason of each clock of the trace: those that were compared first, the others after them.
fn lines(state: &UiState) -> Vec<[String; 3]> {
    let (Some(store), Some(skew), Some(trace)) = (state.store(), state.skew(), state.trace_ref())
    else {
        return Vec::new();
    };
    let mut compared: Vec<&Clock> = skew
        .clocks()
        .iter()
        .filter(|clock| clock.by.is_some())
        .collect();
    compared.sort_by_key(|clock| std::cmp::Reverse(clock.offset.unsigned_abs()));
    let line = |clock: &&Clock| {
        let by = clock.by.and_then(|by| skew.clocks().get(by as usize));
        let beside = by.map_or_else(String::new, |clock| clock_name(store, clock));
        let (agree, calls) = (u64::from(clock.agree), u64::from(clock.calls));
        let share = if agree == calls {
            "all".to_owned()
        } else {
            format::count(agree)
        };
        let counted = format!(
            "{share} of {} with {beside}",
            format::counted(calls, "call")
        );
        let (offset, reason) = match clock.offset {
            0 => ("0".to_owned(), format!("{counted} fit as they are")),
            offset => (
                format!("{} ± {}", format::signed(offset), clock.slack),
                format!("{counted} fit then; {}", confidence(agree, calls)),
            ),
        };
        [clock_name(store, clock), offset, reason]
    };
    let lone = lone::clocks(store, trace.idx(), skew);
    let lone = lone.iter().filter_map(|lone| {
        let clock = skew.clocks().get(lone.clock as usize)?;
        let offset = if lone.reference { "0" } else { "not known" };
        Some([clock_name(store, clock), offset.to_owned(), lone.words()])
    });
    compared.iter().map(line).chain(lone).take(LISTED).collect()
}

/// How far one may rely on an estimate.
fn confidence(agree: u64, calls: u64) -> &'static str {
    match (agree, calls) {
        (agree, calls) if agree == calls && calls >= 5 => "reliable",
        (agree, calls) if agree * 10 >= calls * 9 && calls >= 2 => "likely",
        (1, 1) => "one call alone says so",
        _ => "doubtful: calls contradict each other",
    }
}

#[cfg(test)]
mod tests;

//! How far clocks are apart: the choice of what is shown, and the table with each clock's offset and its reason.
//!
//! **Invariant:** says how sure an estimate is, and moves nothing by itself.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::skew::{Clock, Skew},
    time::Nanos,
};

use super::{context::use_app, format, keys::Modal};
use crate::state::{Command, Dialog, Times, UiState};

/// As given, moved, or both; and the way to the table.
#[component]
pub fn TimesChoice() -> impl IntoView {
    let app = use_app();
    let times = app.select(|state| state.clocks.times);
    let choice = move |this: Times| {
        view! { <button class="button colour-choice" aria-pressed=move || (times.get() == this).to_string()
        on:click=move |_| app.dispatch(Command::ShowTimes(this))>{this.words()}</button> }
    };
    let words = app.select(|state| state.skew().map_or_else(String::new, summary));
    view! {
        <div class="shape-line" role="group" aria-label="Times"><span>"Times"</span>{Times::ALL.map(choice).into_iter().collect_view()}</div>
        <p class="hint">{move || words.get()}" "<button class="link" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Clocks)))>"Clocks…"</button></p>
    }
}

fn summary(skew: &Skew) -> String {
    let off = skew.clocks().iter().filter(|clock| clock.offset != 0);
    let most = off.clone().map(|clock| clock.offset.unsigned_abs()).max();
    match (off.count(), most) {
        (1, Some(most)) => format!("One clock seems to be off by {}.", Nanos(most)),
        (count, Some(most)) => {
            format!("{count} clocks seem to be off, by up to {}.", Nanos(most))
        }
        _ => "No call contradicts the clocks.".to_owned(),
    }
}

/// The table of clocks.
#[component]
pub fn ClockTable() -> impl IntoView {
    let app = use_app();
    let lines = app.peek(lines);
    let rows = lines.into_iter().map(|[name, offset, reason]| {
        view! { <tr><th scope="row">{name}</th><td class="number">{offset}</td><td>{reason}</td></tr> }
    });
    view! {
        <Modal title="Clocks" dialog=Dialog::Clocks wide=true>
            <p class="hint">"A server begins after its client and ends before it. Where the times say otherwise, one of their clocks is off. Nothing is moved unless you ask for it; the times in the details stay as given."</p>
            <TimesChoice/>
            <table class="clocks">
                <thead><tr><th scope="col">"Clock"</th><th scope="col" class="number">"Offset"</th><th scope="col">"Why"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </Modal>
    }
}

/// So many clocks are listed, those that are off first.
const LISTED: usize = 500;

/// Name, offset and reason of each clock that was compared.
fn lines(state: &UiState) -> Vec<[String; 3]> {
    let (Some(store), Some(skew)) = (state.store(), state.skew()) else {
        return Vec::new();
    };
    let name = |clock: &Clock| {
        let resource = store.resource(clock.resource);
        let host = ["host.name", "k8s.pod.name", "service.instance.id"]
            .iter()
            .find_map(|key| resource.attributes().get_str(key));
        let service = resource.service_name();
        format::visible_text(
            &host.map_or_else(|| service.to_owned(), |host| format!("{service} on {host}")),
        )
    };
    let mut compared: Vec<&Clock> = skew
        .clocks()
        .iter()
        .filter(|clock| clock.by.is_some())
        .collect();
    compared.sort_by_key(|clock| std::cmp::Reverse(clock.offset.unsigned_abs()));
    let line = |clock: &&Clock| {
        let by = clock.by.and_then(|by| skew.clocks().get(by as usize));
        let beside = by.map_or_else(String::new, &name);
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
        [name(clock), offset, reason]
    };
    compared.iter().take(LISTED).map(line).collect()
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
mod tests {
    use super::confidence;

    #[test]
    fn few_or_contradicting_calls_are_not_relied_on() {
        let check = |agree, calls, expected| assert_eq!(confidence(agree, calls), expected);
        check(9, 9, "reliable");
        check(2, 2, "likely");
        check(95, 100, "likely");
        check(1, 1, "one call alone says so");
        check(5, 9, "doubtful: calls contradict each other");
    }
}

//! Who has the time on the critical path: a table per service, or per service and span name.
//!
//! **Invariant:** the shares of either table together are the whole path; a row leads to its spans.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::{
        critical_path::PathTime,
        table::{Cell, Column},
    },
    time::Nanos,
};

use super::{context::use_app, format, keys::Modal};
use crate::{
    scene::SERVICE_COLOURS,
    state::{self, Command, Dialog, UiState},
};

/// So many rows are listed, those with most time first.
const LISTED: usize = 200;

/// A row of the table.
struct Line {
    service: u32,
    words: [String; 2],
    sum: PathTime,
    /// The query that finds these spans.
    term: String,
}

/// The dialog.
#[component]
pub fn PathTable() -> impl IntoView {
    let app = use_app();
    let names = RwSignal::new(false);
    let choice = move |this: bool, words: &'static str| {
        view! { <button class="button colour-choice" aria-pressed=move || (names.get() == this).to_string()
        on:click=move |_| names.set(this)>{words}</button> }
    };
    let table = move || {
        let by_name = names.get();
        let (lines, count, total, whole) = app.peek(|state| lines(state, by_name));
        let left_out = count.saturating_sub(lines.len());
        view! {
            <p class="hint">{format!("The path is {} long; the trace takes {}. A row finds its spans and goes to the one with most time on the path.", total, whole)}</p>
            <table class="clocks path-times">
                <thead><tr>
                    <th scope="col">{if by_name { "Service and span name" } else { "Service" }}</th>
                    <th scope="col" class="number">"Spans on it"</th>
                    <th scope="col" class="number">"Time on the path"</th>
                    <th scope="col" class="number">"Share of the trace"</th>
                </tr></thead>
                <tbody>{lines.into_iter().map(|line| row(line, whole)).collect_view()}</tbody>
            </table>
            {(left_out > 0).then(|| view! { <p class="hint">{format!("{} with less time are not listed.", format::count(left_out as u64))}</p> })}
        }
    };
    view! {
        <Modal title="Time on the critical path" dialog=Dialog::CriticalPath wide=true>
            <div class="shape-buttons" role="group" aria-label="Sums">{choice(false, "By service")}{choice(true, "By service and name")}</div>
            {table}
        </Modal>
    }
}

fn row(line: Line, whole: Nanos) -> Markup {
    let app = use_app();
    let Line {
        service,
        words: [service_name, name],
        sum,
        term,
    } = line;
    let colour = format!("var(--service-{})", service % SERVICE_COLOURS);
    let part = sum.time.0 as f64 / whole.0.max(1) as f64;
    let go = move |_| {
        app.dispatch(Command::ShowDialog(None));
        app.dispatch(Command::SetQuery(term.clone()));
        app.dispatch(Command::ShowCriticalPath(true));
        app.dispatch(Command::Reveal(sum.most));
    };
    view! {
        <tr>
            <th scope="row"><button class="link path-who" title="Find these spans" on:click=go>
                <span class="row-tick" style:background-color=colour aria-hidden="true"></span><b dir="auto">{service_name}</b><span dir="auto">{name}</span>
            </button></th>
            <td class="number">{format::count(u64::from(sum.spans))}</td>
            <td class="number" title=format::exact_duration(sum.time)>{sum.time.to_string()}</td>
            <td class="number path-share"><span class="path-bar" aria-hidden="true" style:width=format!("{}px", (part * 64.0).round())></span>{format::percent(sum.time, whole)}</td>
        </tr>
    }
    .into_any()
}

/// The rows, how many there would be, the path's length and the trace's.
fn lines(state: &UiState, by_name: bool) -> (Vec<Line>, usize, Nanos, Nanos) {
    let (Some(store), Some(trace), Some(path)) = (state.store(), state.trace_ref(), state.path())
    else {
        return (Vec::new(), 0, Nanos(0), Nanos(0));
    };
    let sums = if by_name {
        path.by_name(store)
    } else {
        path.by_service(store)
    };
    let line = |sum: &PathTime| {
        let service = store.service_name(sum.service);
        let name = sum.name.map(|name| store.str(name));
        let terms = [
            state::colour::term(&Column::Service, Cell::Text(service)),
            name.and_then(|name| state::colour::term(&Column::Name, Cell::Text(name))),
        ];
        let terms: Vec<String> = terms.into_iter().flatten().collect();
        let shown = |text: &str| match text {
            "" => "(no name)".to_owned(),
            text => format::visible_text(text),
        };
        Line {
            service: sum.service,
            words: [shown(service), name.map_or_else(String::new, shown)],
            sum: *sum,
            term: terms.join(" AND "),
        }
    };
    let listed = sums.iter().take(LISTED).map(line).collect();
    (listed, sums.len(), path.total(), trace.duration())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        scene::bars::tests::draw,
        state::{Dataset, Origin},
    };

    #[test]
    fn a_row_finds_its_spans() {
        let store = draw("1 - 0 200 a\n 2 1 50 150 b\n 3 1 160 190 b");
        let mut state = UiState::default();
        let dataset = Dataset {
            store: Arc::new(store),
            name: String::new(),
            origin: Origin::Local,
        };
        state.apply(Command::LoadDone(Arc::new(dataset)));
        let mut check = |by_name: bool, expected: &[(&str, u64, u32, usize)]| {
            let (lines, count, total, whole) = lines(&state, by_name);
            assert_eq!(
                (count, total, whole),
                (lines.len(), whole, state.path().unwrap().total())
            );
            let mut found = Vec::new();
            for line in &lines {
                state.apply(Command::SetQuery(line.term.clone()));
                let matches = state.query.matches.clone();
                assert!(matches.contains(&line.sum.most), "{}", line.term);
                found.push((
                    line.words[0].as_str(),
                    line.sum.time.0 / 1_000_000,
                    line.sum.spans,
                    matches.len(),
                ));
            }
            assert_eq!(found, expected);
        };
        check(false, &[("b", 130, 2, 2), ("a", 70, 1, 1)]);
        check(true, &[("b", 130, 2, 2), ("a", 70, 1, 1)]);
    }
}

//! The table while the query groups it: a row for each value, with what its spans or events have together.
//!
//! **Invariant:** what groups is the query's; the order is its own. A bounded number of rows is in the page.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::table::{
        self, Cell, Column, Of, Row,
        groups::{Group, Measure, groups, order},
    },
    query,
    store::{TraceStore, ValueRef},
    time::Nanos,
};

use super::{Export, Pane, file_name};
use crate::{
    state::{Command, UiState, colour},
    ui::{cells, context::App, format, measure},
};

/// So many rows are in the page at first, and as many more each time.
const LISTED: usize = 200;
/// What comes after so many different values that they are told apart no more.
const REST: &str = "others";

/// What is offered to group by; everything else is typed.
const OFFERED: [&str; 4] = ["service", "name", "kind", "status"];

/// Chooses what the rows are grouped by, which is a part of the query.
#[component]
pub(super) fn Chooser(app: App) -> impl IntoView {
    let by = app.select(|state| state.query.by.as_ref().map(Column::name));
    let field = NodeRef::<web_sys::HtmlElement>::new();
    let options = move || {
        let typed = by.get();
        let typed = typed.filter(|name| !OFFERED.contains(&name.as_str()));
        let names = OFFERED.iter().map(|name| (*name).to_owned()).chain(typed);
        let option = |name: String| {
            let shown = format::visible_text(&name);
            view! { <option value=name>{shown}</option> }
        };
        names.map(option).collect_view()
    };
    Effect::new(move |_| {
        let value = by.get().unwrap_or_default();
        if let Some(field) = field.get() {
            // A value means something once the options are there.
            js_sys::Reflect::set(&field, &"value".into(), &value.into()).ok();
        }
    });
    let choose = move |event: web_sys::Event| {
        measure::command_begins();
        let text = app.peek(|state| grouped(&state.query.text, &event_target_value(&event)));
        app.dispatch(Command::SetQuery(text));
    };
    view! {
        <label class="table-by"><span>"Group by"</span><select class="input" node_ref=field on:change=choose><option value="">"nothing"</option>{options}</select></label>
    }
}

/// A query's text, grouped by a field, or by nothing.
fn grouped(text: &str, by: &str) -> String {
    let filter = query::filter_of(text);
    match by {
        "" => filter.to_owned(),
        by => format!("{filter} | by({by})").trim_start().to_owned(),
    }
}

/// What a row says.
struct Said {
    group: Group,
    words: String,
    /// The query that finds its rows, where one does.
    query: Option<String>,
}

/// The groups, in place of the rows.
#[component]
pub(super) fn Groups(pane: Pane, by: Column) -> impl IntoView {
    let app = pane.app;
    let of = app.peek(|state| state.table.of);
    let (sorted, found) = (pane.grouped, pane.groups);
    let first = match of {
        Of::Spans => Measure::Sum,
        Of::Events => Measure::Count,
    };
    sorted.set((first, true));
    let limit = RwSignal::new(LISTED);
    let column = StoredValue::new(by);
    let said = move || {
        let (sorted, limit) = (sorted.get(), limit.get());
        found.with(|found| {
            column.with_value(|column| app.peek(|state| lines(state, column, found, sorted, limit)))
        })
    };
    let head = move |measured: Measure, words: String, class: &'static str| {
        let direction = move || match sorted.get() {
            (known, true) if known == measured => "descending",
            (known, false) if known == measured => "ascending",
            _ => "none",
        };
        let press = move |_: web_sys::MouseEvent| {
            measure::command_begins();
            sorted.update(|(known, down)| {
                *down = if *known == measured {
                    !*down
                } else {
                    measured != Measure::Value
                };
                *known = measured;
            });
        };
        view! {
            <th scope="col" class=class aria-sort=direction>
                <button class="list-sort" title=format!("Order by {words}") on:click=press>{words}{move || match direction() { "ascending" => " ↑", "descending" => " ↓", _ => "" }}</button>
            </th>
        }
        .into_any()
    };
    let name = column.with_value(|column| format::visible_text(&column.name()));
    let mut cells = vec![head(Measure::Value, name.clone(), "")];
    cells.extend(
        heads(of)
            .iter()
            .map(|(measured, words)| head(*measured, (*words).to_owned(), "number")),
    );
    let line = move |said: Said| {
        let Said {
            group,
            words,
            query,
        } = said;
        let words = match query {
            Some(query) => view! {
                <button class="link" title="Show these rows" on:click=move |_| app.dispatch(Command::SetQuery(query.clone()))>{words}</button>
            }.into_any(),
            None => view! { <span>{words}</span> }.into_any(),
        };
        let lengths = heads(of).iter().filter(|(measure, _)| measure.is_length());
        let lengths = lengths.map(|(measure, _)| {
            let length = Nanos(group.number(*measure));
            view! { <td class="number" title=format::exact_duration(length)>{length.to_string()}</td> }
        });
        let lengths = lengths.collect_view();
        let errors = if group.errors > 0 {
            "number table-cell error"
        } else {
            "number"
        };
        view! {
            <tr>
                <th scope="row">{words}</th>
                <td class="number">{format::count(u64::from(group.count))}</td>
                <td class=errors>{format::count(u64::from(group.errors))}</td>
                {lengths}
            </tr>
        }
        .into_any()
    };
    let more = move || {
        let left = found.with(|found| found.len()).saturating_sub(limit.get());
        (left > 0).then(|| view! {
            <button class="button details-more" on:click=move |_| limit.update(|limit| *limit += LISTED)>{format!("Show more ({} left)", format::count(left as u64))}</button>
        })
    };
    view! {
        <div class="table-body">
            <table class="clocks" aria-label=format!("Groups by {name}")>
                <thead><tr>{cells.into_iter().collect_view()}</tr></thead>
                <tbody>{move || said().into_iter().map(line).collect_view()}</tbody>
            </table>
            {more}
        </div>
    }
}

/// What groups say of their spans or events, from left to right.
fn heads(of: Of) -> &'static [(Measure, &'static str)] {
    match of {
        Of::Spans => &[
            (Measure::Count, "Spans"),
            (Measure::Errors, "Errors"),
            (Measure::Sum, "Together"),
            (Measure::SelfTime, "Self time"),
            (Measure::Shortest, "Shortest"),
            (Measure::Mean, "Mean"),
            (Measure::Median, "Median"),
            (Measure::Longest, "Longest"),
        ],
        Of::Events => &[(Measure::Count, "Events"), (Measure::Errors, "Errors")],
    }
}

/// What the query puts together of the rows.
pub(super) fn of(app: App, rows: &[Row], by: &Column) -> Vec<Group> {
    let found = app.peek(|state| Some(groups(state.store()?, rows, by)));
    found.unwrap_or_default()
}

/// All groups in the order that shows, as a file.
pub(super) fn export(pane: Pane, by: &Column) -> Option<Export> {
    let peek = |state: &UiState| Some((state.store()?.clone(), file_name(state), state.table.of));
    let (store, name, of) = pane.app.peek(peek)?;
    let groups = pane.groups.get_untracked();
    let order = order(&store, &groups, by, pane.grouped.get_untracked());
    let column = by.clone();
    Some(Export {
        app: pane.app,
        name: format!("{name}-by-{}.csv", format::visible_text(&by.name())),
        head: csv_head(by, of),
        count: order.len(),
        line: Box::new(move |at, out| {
            if let Some(group) = order.get(at).and_then(|&at| groups.get(at as usize)) {
                csv_line(&store, group, &column, of, out);
            }
        }),
    })
}

/// The first line of a file.
fn csv_head(by: &Column, of: Of) -> String {
    let value = cells::csv_head(std::slice::from_ref(by));
    let measures = heads(of).iter().map(|(measure, words)| match measure {
        measure if measure.is_length() => format!(",{} (ns)", words.to_lowercase()),
        _ => format!(",{}", words.to_lowercase()),
    });
    format!(
        "{}{}\r\n",
        value.trim_end_matches("\r\n"),
        measures.collect::<String>()
    )
}

/// A group as a line of a file.
fn csv_line(store: &TraceStore, group: &Group, by: &Column, of: Of, out: &mut String) {
    let cell = table::cell(store, group.row, by);
    let value = match cell {
        _ if group.rest => REST.to_owned(),
        // What has no value, or a list of any, is one group: it is called as it is on the page.
        Cell::Missing
        | Cell::Text("")
        | Cell::Value(
            ValueRef::Str("") | ValueRef::Array(_) | ValueRef::Map(_) | ValueRef::Empty,
        ) => colour::words(cell),
        cell => cells::csv_field(cell),
    };
    out.push_str(&value);
    for (measure, _) in heads(of) {
        out.push_str(&format!(",{}", group.number(*measure)));
    }
    out.push_str("\r\n");
}

fn lines(
    state: &UiState,
    column: &Column,
    groups: &[Group],
    sorted: (Measure, bool),
    limit: usize,
) -> Vec<Said> {
    let Some(store) = state.store() else {
        return Vec::new();
    };
    let filter = query::filter_of(&state.query.text);
    let order = order(store, groups, column, sorted);
    let said = |at: u32| {
        let group = *groups.get(at as usize)?;
        let cell = table::cell(store, group.row, column);
        let term = match colour::term(column, cell) {
            _ if group.rest => None,
            None => colour::term_missing(column, cell),
            term => term,
        };
        Some(Said {
            words: if group.rest {
                REST.to_owned()
            } else {
                format::visible_text(&colour::words(cell))
            },
            query: term.map(|term| query::with_term(filter, &term)),
            group,
        })
    };
    order.into_iter().take(limit).filter_map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scene::bars::tests::draw,
        state::{View, tests::opened_with},
    };

    #[test]
    fn a_group_finds_its_rows() {
        let mut state = opened_with(
            "1 - 0 200 web\n 2 1 10 100 shop\n 3 2 20 30 db\n 4 2 40 50 db!\n 5 2 60 70 mail",
        );
        state.apply(Command::ShowView(View::Table));
        let mut check = |text: &str, expected: &[&str]| {
            state.apply(Command::SetQuery(text.to_owned()));
            let column = state.query.by.clone().unwrap();
            let rows = crate::state::table::rows(&state);
            let found = groups(state.store().unwrap(), &rows, &column);
            let said = lines(&state, &column, &found, (Measure::Count, true), 9);
            let mut seen = Vec::new();
            for said in said {
                let query = said.query.unwrap();
                seen.push(format!("{} {} {query}", said.words, said.group.count));
                state.apply(Command::SetQuery(query));
                assert_eq!(state.query.matches.len(), said.group.count as usize);
            }
            assert_eq!(seen, expected, "{text}");
        };
        check(
            "depth > 0 | by(service)",
            &[
                "db 2 depth > 0 service = \"db\"",
                "shop 1 depth > 0 service = \"shop\"",
                "mail 1 depth > 0 service = \"mail\"",
            ],
        );
        check(
            "| by(status)",
            &["unset 4 status = \"unset\"", "error 1 status = \"error\""],
        );
        check("{ } | by(http.route)", &["not set 5 NOT http.route exists"]);
    }

    #[test]
    fn a_query_is_grouped_and_no_more() {
        let check = |text: &str, by: &str, expected: &str| {
            assert_eq!(grouped(text, by), expected, "{text} {by}");
        };
        check("", "service", "| by(service)");
        check("status = error", "name", "status = error | by(name)");
        check(
            "status = error | by(name)",
            "kind",
            "status = error | by(kind)",
        );
        check("status = error | by(name)", "", "status = error");
        check("| by(name)", "", "");
    }

    #[test]
    fn a_group_is_a_line_of_a_file() {
        let check = |trace: &str, by: &str, of: Of, expected: &str| {
            let store = draw(trace);
            let by = Column::of_name(by).unwrap();
            let rows = table::rows(&store, Of::Spans, store.trace(0).spans());
            let mut text = csv_head(&by, of);
            for group in groups(&store, &rows, &by) {
                csv_line(&store, &group, &by, of, &mut text);
            }
            assert_eq!(text, expected, "{by:?} of {trace}");
        };
        let trace = "1 - 0 200 =web()\n 2 1 10 100 a,b\n 3 2 20 30 a,b!\n 4 2 40 90 a,b";
        check(
            trace,
            "service",
            Of::Spans,
            "service,spans,errors,together (ns),self time (ns),shortest (ns),mean (ns),median (ns),longest (ns)\r\n\
             \"'=web()\",1,0,200000000,110000000,200000000,200000000,200000000,200000000\r\n\
             \"a,b\",3,1,150000000,90000000,10000000,50000000,50000000,90000000\r\n",
        );
        check(
            trace,
            "service",
            Of::Events,
            "service,events,errors\r\n\"'=web()\",1,0\r\n\"a,b\",3,1\r\n",
        );
        check(
            trace,
            "http.route",
            Of::Events,
            "http.route,events,errors\r\nnot set,4,1\r\n",
        );
        check(
            trace,
            "+x",
            Of::Events,
            "\"'+x\",events,errors\r\nnot set,4,1\r\n",
        );
        check(
            "1 - 0 200 a\n 2 1 10 20 a",
            "duration",
            Of::Events,
            "duration (ns),events,errors\r\n200000000,1,0\r\n10000000,1,0\r\n",
        );
    }
}

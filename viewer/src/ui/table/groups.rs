//! The table while the query groups it: a row for each value, with what its spans or events have together.
//!
//! **Invariant:** what groups is the query's; the order is its own. A bounded number of rows is in the page.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::table::{
        self, Column, Of,
        groups::{Group, Measure, groups, order},
    },
    query,
};

use super::Pane;
use crate::{
    state::{Command, UiState, colour},
    ui::{format, measure},
};

/// So many rows are in the page at first, and as many more each time.
const LISTED: usize = 200;

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
    let sorted = RwSignal::new((
        if of == Of::Spans {
            Measure::Sum
        } else {
            Measure::Count
        },
        true,
    ));
    let limit = RwSignal::new(LISTED);
    let column = StoredValue::new(by);
    let found = Memo::new(move || {
        pane.rows.with(|rows| {
            column.with_value(|column| {
                app.peek(|state| {
                    state
                        .store()
                        .map_or_else(Vec::new, |store| groups(store, rows, column))
                })
            })
        })
    });
    let said = move || {
        let (sorted, limit) = (sorted.get(), limit.get());
        found.with(|found| {
            column.with_value(|column| app.peek(|state| lines(state, column, found, sorted, limit)))
        })
    };
    let heads: &[(Measure, &'static str)] = match of {
        Of::Spans => &[
            (Measure::Count, "Spans"),
            (Measure::Errors, "Errors"),
            (Measure::Sum, "Together"),
            (Measure::Median, "Median"),
            (Measure::Longest, "Longest"),
        ],
        Of::Events => &[(Measure::Count, "Events"), (Measure::Errors, "Errors")],
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
        heads
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
        let lengths = (of == Of::Spans).then(|| {
            [group.sum, group.median, group.longest].map(|length| view! {
                <td class="number" title=format::exact_duration(length)>{length.to_string()}</td>
            }).into_iter().collect_view()
        });
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
        let left = found.with(Vec::len).saturating_sub(limit.get());
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
                "others".to_owned()
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
    use crate::state::{View, tests::opened_with};

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
}

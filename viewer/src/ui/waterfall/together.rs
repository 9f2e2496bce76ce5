//! What a row has in a column: of one span its value, of a call the server's, of a group what its members have together.
//!
//! ```text
//! all have the same        that
//! lengths and counts       from the smallest to the largest: 1.2–9.8 ms
//! status, some failed      2 errors
//! points in time           the first
//! else                     how many values
//! ```
//!
//! **Invariant:** never the value of one member as if it were that of all.

use std::collections::BTreeSet;

use throughline_model::{
    analysis::{
        repeats::Facts,
        table::{self, Cell, Column, Row},
    },
    store::TraceStore,
};

use crate::{
    scene::bars,
    state::{UiState, colour},
    ui::{cells, format},
};

/// More values are only told to be more.
const COUNTED: usize = 999;

/// The columns of a row in words, and what each says at length.
pub(super) fn columns(state: &UiState, row: usize) -> Vec<(String, String)> {
    let (Some(store), Some(trace), Some(span)) =
        (state.store(), state.trace_ref(), state.rows.span(row))
    else {
        return Vec::new();
    };
    let folds = state.rows.folds();
    let one = |span: u32, column: &Column| {
        let row = Row { span, event: None };
        cells::words(store, row, column, state.prefs.time, trace.start())
    };
    let words = |column: &Column| {
        if let (Some((group, facts)), Some(repeats)) = (folds.group_row(span), folds.repeats()) {
            let first = |column: &Column| one(span, column);
            return of_group(store, repeats.members(group), facts, column, &first);
        }
        let server = folds.server_in(span).map(|server| one(server, column));
        let server = server.filter(|words| !words.is_empty());
        let words = server.unwrap_or_else(|| one(span, column));
        (words.clone(), words)
    };
    state.columns.iter().map(words).collect()
}

fn of_group(
    store: &TraceStore,
    members: &[u32],
    facts: &Facts,
    column: &Column,
    first: &dyn Fn(&Column) -> String,
) -> (String, String) {
    let all = format::count(u64::from(facts.count));
    if *column == Column::Status && facts.errors > 0 {
        let words = format::counted(u64::from(facts.errors), "error");
        return (words.clone(), format!("{words} of {all}"));
    }
    if *column == Column::Start {
        let words = first(column);
        return (words.clone(), format!("{words}, the first of {all}"));
    }
    let cell = |span: &u32| {
        table::cell(
            store,
            Row {
                span: *span,
                event: None,
            },
            column,
        )
    };
    let mut amounts: Option<(Cell<'_>, Cell<'_>)> = None;
    let mut values: BTreeSet<String> = BTreeSet::new();
    let mut last = None;
    for cell in members.iter().map(cell) {
        if let Some(amount) = amount(cell) {
            let (least, most) = amounts.get_or_insert((cell, cell));
            if self::amount(*least).is_some_and(|least| amount < least) {
                *least = cell;
            }
            if self::amount(*most).is_some_and(|most| amount > most) {
                *most = cell;
            }
            continue;
        }
        // Neighbours mostly have the same text, in the same place.
        let text = match cell {
            Cell::Text(text) => Some(text.as_ptr()),
            _ => None,
        };
        if (text.is_none() || text != last) && values.len() <= COUNTED {
            values.insert(colour::words(cell));
        }
        last = text;
    }
    let words = match amounts {
        Some((least, most)) if values.is_empty() => between(least, most),
        Some(_) => "mixed".to_owned(),
        None if values.len() == 1 => first(column),
        None if values.len() > COUNTED => format!("over {COUNTED} values"),
        None => format!("{} values", values.len()),
    };
    let title = match column {
        Column::Duration => format!("{words}, median {}, of {all}", facts.median),
        _ => format!("{words}: {all} spans"),
    };
    (words, title)
}

fn amount(cell: Cell<'_>) -> Option<u64> {
    match cell {
        Cell::Length(length) => Some(length.0),
        Cell::Count(count) => Some(count),
        _ => None,
    }
}

fn between(least: Cell<'_>, most: Cell<'_>) -> String {
    let words = |cell: Cell<'_>| match cell {
        Cell::Count(count) => format::count(count),
        cell => colour::words(cell),
    };
    bars::between(&words(least), &words(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Command, table::columns_of, tests::opened_with};

    /// What the row of a group, or of a span, has in its columns.
    fn check(lines: &str, row: usize, names: &str, expected: &[&str]) {
        let mut state = opened_with(lines);
        state.apply(Command::FoldRepeats(true));
        state.apply(Command::RowColumns(columns_of(names)));
        let words: Vec<String> = columns(&state, row)
            .into_iter()
            .map(|(words, _)| words)
            .collect();
        assert_eq!(words, expected, "{lines} {names}");
    }

    #[test]
    fn a_group_has_what_its_members_have_together() {
        let calls = "1 - 0 900 web\n 2 1 10 13 db\n 3 1 20 29 db!\n 4 1 30 750 db!\n 5 4 31 32 log";
        check(
            calls,
            0,
            "duration,status,service",
            &["900 ms", "unset", "web"],
        );
        check(
            calls,
            1,
            "duration,status,service,depth,descendants,id,http.route",
            &["3.00–720 ms", "2 errors", "db", "1", "0–1", "3 values", ""],
        );
        let same = "1 - 0 900 web\n 2 1 10 13 db\n 3 1 20 23 db\n 4 1 30 33 db";
        check(
            same,
            1,
            "duration,status,kind",
            &["3.00 ms", "unset", "unspecified"],
        );
        let units = "1 - 0 9000 web\n 2 1 10 13 db\n 3 1 20 2023 db\n 4 1 30 33 db";
        check(units, 1, "duration", &["3.00 ms–2.00 s"]);
    }
}

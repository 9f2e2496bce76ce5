//! What a cell says: on the page, and in a file.
//!
//! **Invariant:** pure. In a file a text never begins as a formula does: who opens it in a spreadsheet runs nothing.

use throughline_model::{
    analysis::table::{self, Cell, Column, Row},
    store::{TraceStore, ValueRef},
    time::UnixNanos,
};

use crate::{
    state::TimeMode,
    ui::{
        details::{json, values},
        format::{self, clip, visible_line},
    },
};

/// Bytes of a value that are shown.
const SHOWN: usize = 160;

/// What a cell says on the page; empty for nothing.
pub fn words(
    store: &TraceStore,
    row: Row,
    column: &Column,
    mode: TimeMode,
    first: UnixNanos,
) -> String {
    let short = |text: &str| {
        let (head, cut) = clip(text, SHOWN);
        format!("{}{}", visible_line(head), if cut { "…" } else { "" })
    };
    match table::cell(store, row, column) {
        Cell::Missing => String::new(),
        Cell::Text(text) => short(text),
        Cell::Time(at) => format::point(at, mode, first),
        Cell::Length(length) => length.to_string(),
        Cell::NoLength(why) => why.to_owned(),
        Cell::Count(count) => format::count(count),
        Cell::Id(id) => id.to_string(),
        Cell::Value(ValueRef::Str(text)) => short(text),
        Cell::Value(ValueRef::Map(list)) if *column == Column::Attributes => {
            short(&values::summary(list))
        }
        Cell::Value(value) => short(&json::plain(value)),
    }
}

/// Whether a column's values stand at the right edge.
pub fn is_number(column: &Column) -> bool {
    *column == Column::Start || *column != Column::Level && column.is_amount()
}

/// The least width of a column, CSS pixels, and its part of what is left.
pub fn width(column: &Column) -> (u32, u32) {
    match column {
        Column::Name => (180, 3),
        Column::Service | Column::Event => (120, 2),
        Column::Attribute(_) => (140, 2),
        Column::Kind | Column::Status | Column::Depth => (84, 0),
        Column::Level => (104, 0),
        Column::Attributes => (240, 4),
        Column::Start | Column::Duration | Column::SelfTime | Column::Descendants => (110, 0),
        Column::Id => (150, 0),
    }
}

/// The first line of a file: names of the columns, with the unit where there is one.
pub fn csv_head(columns: &[Column]) -> String {
    let names = columns.iter().map(|column| match column {
        Column::Duration | Column::SelfTime => format!("{} (ns)", column.name()),
        _ => column.name(),
    });
    let fields: Vec<String> = names.map(|name| quoted(&name)).collect();
    fields.join(",") + "\r\n"
}

/// One line of a file.
pub fn csv_line(store: &TraceStore, row: Row, columns: &[Column], out: &mut String) {
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&csv_field(table::cell(store, row, column)));
    }
    out.push_str("\r\n");
}

/// What a cell has, as a field of a file.
pub fn csv_field(cell: Cell<'_>) -> String {
    match cell {
        Cell::Missing | Cell::Time(UnixNanos(0)) => String::new(),
        Cell::Text(text) => quoted(text),
        Cell::Time(time) => format::rfc3339(time),
        Cell::Length(length) => length.0.to_string(),
        Cell::NoLength(why) => why.to_owned(),
        Cell::Count(count) => count.to_string(),
        Cell::Id(id) => quoted(&id.to_string()),
        Cell::Value(value @ (ValueRef::Int(_) | ValueRef::Double(_) | ValueRef::Bool(_))) => {
            json::plain(value)
        }
        Cell::Value(value) => quoted(&json::plain(value)),
    }
}

/// A text as a field: in quotes where it needs them, and with an apostrophe where a spreadsheet would calculate.
fn quoted(text: &str) -> String {
    let calculates =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if calculates { "'" } else { "" };
    if calculates || text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scene::bars::tests::draw, state::table::columns_of};

    #[test]
    fn fields_are_quoted_and_never_calculate() {
        let check = |text: &str, expected: &str| assert_eq!(quoted(text), expected);
        check("", "");
        check("plain text", "plain text");
        check("a,b", "\"a,b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("two\nlines", "\"two\nlines\"");
        check("=1+1", "\"'=1+1\"");
        check("@SUM(A1)", "\"'@SUM(A1)\"");
        check("-2", "\"'-2\"");
        check("+49 30", "\"'+49 30\"");
        check("\t=1", "\"'\t=1\"");
        check("a=1", "a=1");
    }

    #[test]
    fn who_has_no_duration_says_why() {
        let check = |times: &str, expected: &str| {
            let store = draw(&format!("1 - {times} web"));
            let row = Row {
                span: 0,
                event: None,
            };
            for column in columns_of("duration,self") {
                let shown = words(&store, row, &column, TimeMode::Utc, UnixNanos(0));
                assert_eq!(shown, expected, "{times}");
                let mut line = String::new();
                csv_line(&store, row, &[column], &mut line);
                let same = line.trim_end() == expected;
                assert!(
                    same || expected.starts_with('0') && line == "0\r\n",
                    "{line}"
                );
            }
        };
        check("200 200", "0 ns");
        check("200 100", "ends before it starts");
    }

    #[test]
    fn a_line_has_every_column() {
        let store = draw("1 - 0 200 web!");
        let columns = columns_of("service,status,start,duration,depth,id,http.route");
        let row = Row {
            span: 0,
            event: None,
        };
        let mut line = csv_head(&columns);
        csv_line(&store, row, &columns, &mut line);
        assert_eq!(
            line,
            "service,status,start,duration (ns),depth,id,http.route\r\n\
             web,error,1970-01-01T00:00:01.000000000Z,200000000,0,0000000000000001,\r\n"
        );
        let shown: Vec<String> = columns
            .iter()
            .map(|column| {
                words(
                    &store,
                    row,
                    column,
                    TimeMode::Relative,
                    store.trace(0).start(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "web",
                "error",
                "+0 ns",
                "200 ms",
                "0",
                "0000000000000001",
                ""
            ]
        );
    }
}

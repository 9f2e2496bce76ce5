//! The flat table: what its rows are, which columns it has, and their order.
//!
//! **Invariant:** plain data; rows are computed from it by [`rows`], which nobody calls for every change of the state.

use std::sync::Arc;

use throughline_model::analysis::table::{self, Column, Of, Row};

use super::UiState;

/// What the flat table shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableState {
    /// What its rows are.
    pub of: Of,
    /// The columns of spans, from left to right.
    pub spans: Arc<Vec<Column>>,
    /// The columns of events.
    pub events: Arc<Vec<Column>>,
    /// The column that orders it, and whether from large to small; as the trace has them without.
    pub order: Option<(Column, bool)>,
}

/// The same in an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableUrl {
    /// Rows are events.
    pub events: bool,
    /// The columns, if they are not those that show without being asked for.
    pub columns: Option<String>,
    /// The column that orders it, with `-` before it from large to small.
    pub sort: Option<String>,
}

const SPANS: &str = "service,name,kind,status,start,duration,self";
const EVENTS: &str = "start,event.level,event.name,service,name,attributes";

impl Default for TableState {
    fn default() -> Self {
        Self {
            of: Of::Spans,
            spans: Arc::new(columns_of(SPANS)),
            events: Arc::new(columns_of(EVENTS)),
            order: None,
        }
    }
}

impl TableState {
    /// The columns that show.
    pub fn columns(&self) -> &Arc<Vec<Column>> {
        match self.of {
            Of::Spans => &self.spans,
            Of::Events => &self.events,
        }
    }

    pub(super) fn set_columns(&mut self, columns: Vec<Column>) {
        let columns = match columns.is_empty() {
            true => columns_of(self.first_columns()),
            false => columns,
        };
        let gone = |(column, _): &(Column, bool)| !columns.contains(column);
        if self.order.as_ref().is_some_and(gone) {
            self.order = None;
        }
        match self.of {
            Of::Spans => self.spans = Arc::new(columns),
            Of::Events => self.events = Arc::new(columns),
        }
    }

    /// The names of the columns of spans and of events; empty for those that show without being asked for.
    pub(super) fn chosen(&self) -> (String, String) {
        let chosen = |columns: &[Column], first: &str| {
            let names = names_of(columns);
            if names == first { String::new() } else { names }
        };
        (chosen(&self.spans, SPANS), chosen(&self.events, EVENTS))
    }

    /// What [`Self::chosen`] gave.
    pub(super) fn choose(&mut self, spans: &str, events: &str) {
        let columns = |names: &str, first: &str| {
            let chosen = columns_of(names);
            Arc::new(if chosen.is_empty() {
                columns_of(first)
            } else {
                chosen
            })
        };
        self.spans = columns(spans, SPANS);
        self.events = columns(events, EVENTS);
    }

    const fn first_columns(&self) -> &'static str {
        match self.of {
            Of::Spans => SPANS,
            Of::Events => EVENTS,
        }
    }

    /// By a column from its interesting end, then from the other one, then as the trace has them.
    pub(super) fn sort_by(&mut self, column: Column) {
        let first = column.is_amount();
        self.order = match self.order.take() {
            Some((known, descending)) if known == column => {
                (descending == first).then_some((column, !descending))
            }
            _ => Some((column, first)),
        };
    }

    pub(super) fn to_url(&self) -> TableUrl {
        let columns = names_of(self.columns());
        TableUrl {
            events: self.of == Of::Events,
            columns: Some(columns).filter(|columns| columns != self.first_columns()),
            sort: self.order.as_ref().map(|(column, descending)| {
                format!("{}{}", if *descending { "-" } else { "" }, column.name())
            }),
        }
    }

    pub(super) fn follow(&mut self, url: &TableUrl) {
        self.of = if url.events { Of::Events } else { Of::Spans };
        if let Some(columns) = &url.columns {
            self.set_columns(columns_of(columns));
        }
        self.order = url.sort.as_ref().and_then(|sort| {
            let name = sort.strip_prefix('-');
            let column = Column::of_name(name.unwrap_or(sort))?;
            Some((column, name.is_some()))
        });
    }
}

/// Columns by their names, with commas between; a comma in a name is `%2C`.
pub fn columns_of(names: &str) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in names.split(',') {
        let column = Column::of_name(&name.replace("%2C", ",").replace("%25", "%"));
        columns.extend(column.filter(|column| !columns.contains(column)));
    }
    columns
}

/// The names of columns, as [`columns_of`] reads them.
pub fn names_of(columns: &[Column]) -> String {
    let names = columns
        .iter()
        .map(|column| column.name().replace('%', "%25").replace(',', "%2C"));
    names.collect::<Vec<_>>().join(",")
}

/// The rows of the table in their order: of all spans, or of those that match the query.
pub fn rows(state: &UiState) -> Vec<Row> {
    let (Some(store), Some(trace)) = (state.store(), state.trace_ref()) else {
        return Vec::new();
    };
    let of = state.table.of;
    let mut rows = match state.query.asks {
        false => table::rows(store, of, trace.spans()),
        true => table::rows(store, of, state.query.matches.iter().copied()),
    };
    if let Some((column, descending)) = &state.table.order {
        let order = table::order(store, &rows, column, *descending);
        rows = order.into_iter().map(|at| rows[at as usize]).collect();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Command, UrlState, View, tests::opened_with};

    fn opened() -> UiState {
        let mut state =
            opened_with("1 - 0 200 web\n 2 1 10 100 shop\n 3 2 20 30 db\n 4 2 40 50 db!");
        state.apply(Command::ShowView(View::Table));
        state
    }

    fn spans(state: &UiState) -> Vec<u32> {
        rows(state).into_iter().map(|row| row.span).collect()
    }

    #[test]
    fn names_of_columns_stand_in_a_list() {
        let check =
            |names: &str, expected: &str| assert_eq!(names_of(&columns_of(names)), expected);
        check("", "");
        check("name,,name, start ", "name,start");
        check("a%2Cb,50%25", "a%2Cb,50%25");
        check(".name,name", ".name,name");
        check(SPANS, SPANS);
        check(EVENTS, EVENTS);
    }

    #[test]
    fn a_column_orders_up_down_and_no_more() {
        let mut state = opened();
        assert_eq!(spans(&state), [0, 1, 2, 3]);
        let sort = || Command::SortTable(Column::Duration);
        state.apply(sort());
        assert_eq!(spans(&state), [0, 1, 2, 3]);
        state.apply(sort());
        assert_eq!(spans(&state), [2, 3, 1, 0]);
        state.apply(sort());
        assert!(state.table.order.is_none());
        state.apply(Command::SortTable(Column::Service));
        assert_eq!(spans(&state), [2, 3, 1, 0]);
        // A column that goes takes its order with it.
        state.apply(Command::TableColumns(vec![Column::Name]));
        assert!(state.table.order.is_none());
        state.apply(Command::TableColumns(Vec::new()));
        assert_eq!(names_of(state.table.columns()), SPANS);
    }

    #[test]
    fn a_query_filters_and_the_address_keeps_it_all() {
        let mut state = opened();
        state.apply(Command::SetQuery("service = db".into()));
        state.apply(Command::SortTable(Column::Start));
        state.apply(Command::SortTable(Column::Start));
        state.apply(Command::TableColumns(columns_of("start,http.route")));
        assert_eq!(spans(&state), [3, 2]);
        let fragment = UrlState::of(&state, None).to_fragment();
        assert!(
            fragment.contains("&cols=start,http.route&sort=-start"),
            "{fragment}"
        );
        let mut again = opened();
        again.apply(Command::FollowUrl(UrlState::parse("", &fragment).into()));
        assert_eq!(again.table, state.table);
        assert_eq!((spans(&again), again.view), (spans(&state), View::Table));
        state.apply(Command::SetQuery("nothing = 1".into()));
        assert!(spans(&state).is_empty());
        state.apply(Command::TableOf(Of::Events));
        state.apply(Command::SetQuery(String::new()));
        assert!(rows(&state).is_empty(), "there are no events");
    }
}

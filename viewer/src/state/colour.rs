//! What colours the bars: the service, or the values of any column; and what each colour stands for.
//!
//! **Invariant:** twelve colours, the last two for the rest and for nothing; a colour is never told alone: the legend has
//! its words, and the row has the value.

use std::{cell::OnceCell, cmp::Reverse, collections::BTreeMap, sync::Arc};

use throughline_model::{
    analysis::{
        table::{self, Cell, Column, Row},
        values::{MISSING, OTHER, Values},
    },
    query::{self, Holder, Literal, Op},
    store::{TraceRef, TraceStore, ValueRef},
};

use super::{Effect, UiState};

/// Values with a colour of their own.
const COLOURED: usize = 11;
/// The colour of all other values.
const REST: u32 = 11;

/// What colours the bars.
#[derive(Clone, Debug, Default)]
pub struct Colour {
    /// The column whose values do: the query's, else the chosen one; `None` is the service.
    pub by: Option<Column>,
    /// What was chosen beside the query.
    pub chosen: Option<Column>,
    known: OnceCell<Arc<Colours>>,
}

impl Colour {
    /// By a column; the colours are found when they are first asked for.
    pub(super) fn by(chosen: Option<Column>) -> Self {
        Self {
            by: chosen.clone(),
            chosen,
            known: OnceCell::new(),
        }
    }
}

/// The colours of the spans of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colours {
    column: Column,
    values: Values,
}

/// One colour of the legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which colour; `None` is the one of nothing.
    pub colour: Option<u32>,
    /// What it stands for.
    pub words: String,
    /// How many spans have it.
    pub count: u32,
    /// The query that finds them, where one does.
    pub term: Option<String>,
}

impl Colours {
    /// The colour of a span; `None` where it has no value.
    pub fn of(&self, span: u32) -> Option<u32> {
        match self.values.of(span) {
            MISSING => None,
            OTHER => Some(REST),
            number => Some(u32::from(number)),
        }
    }

    /// What each colour stands for, the most frequent first.
    pub fn legend(&self, store: &TraceStore) -> Vec<Entry> {
        let frequent = self.values.frequent.iter().zip(0..);
        let mut legend: Vec<Entry> = frequent
            .map(|(&(span, count), colour)| {
                let cell = table::cell(store, Row { span, event: None }, &self.column);
                Entry {
                    colour: Some(colour),
                    words: words(cell),
                    count,
                    term: term(&self.column, cell),
                }
            })
            .collect();
        let mut add = |colour, words: &str, count, term| {
            if count > 0 {
                legend.push(Entry {
                    colour,
                    words: words.to_owned(),
                    count,
                    term,
                });
            }
        };
        add(Some(REST), "others", self.values.others, None);
        let none = term_missing(&self.column, Cell::Missing);
        add(None, "not set", self.values.missing, none);
        legend
    }
}

/// A value in words.
pub(crate) fn words(cell: Cell<'_>) -> String {
    match cell {
        Cell::Text("") | Cell::Value(ValueRef::Str("")) => "(empty)".to_owned(),
        Cell::Text(text) | Cell::Value(ValueRef::Str(text) | ValueRef::Bytes(text)) => {
            text.to_owned()
        }
        Cell::Missing => "not set".to_owned(),
        Cell::Time(time) => time.0.to_string(),
        Cell::Length(length) => length.to_string(),
        Cell::NoLength(why) => why.to_owned(),
        Cell::Count(count) => count.to_string(),
        Cell::Id(id) => id.to_string(),
        Cell::Value(ValueRef::Int(number)) => number.to_string(),
        Cell::Value(ValueRef::Bool(is)) => is.to_string(),
        Cell::Value(ValueRef::Double(number)) => number.to_string(),
        Cell::Value(ValueRef::Array(_)) => "a list".to_owned(),
        Cell::Value(ValueRef::Map(_) | ValueRef::Empty) => "a map".to_owned(),
    }
}

/// The query that finds what has this value.
pub(crate) fn term(column: &Column, cell: Cell<'_>) -> Option<String> {
    let literal = |text: &str, quoted| Literal {
        text: text.to_owned(),
        quoted,
    };
    let value = match cell {
        Cell::Text(text) | Cell::Value(ValueRef::Str(text)) => literal(text, true),
        Cell::Count(count) => literal(&count.to_string(), false),
        Cell::Id(id) => literal(&id.to_string(), false),
        Cell::Value(ValueRef::Int(number)) => literal(&number.to_string(), false),
        Cell::Value(ValueRef::Bool(is)) => literal(&is.to_string(), false),
        _ => return None,
    };
    Some(match column {
        Column::Attribute(key) => query::term(Holder::Any, key, Op::Equal, value),
        own => {
            let quote = if value.quoted { "\"" } else { "" };
            let text = value.text.replace('\\', "\\\\").replace('"', "\\\"");
            format!("{} = {quote}{text}{quote}", own.name())
        }
    })
}

/// The query that finds what has no value.
pub(crate) fn term_missing(column: &Column, cell: Cell<'_>) -> Option<String> {
    match (column, cell) {
        (Column::Attribute(key), Cell::Missing) => {
            Some(format!("NOT {}", query::term_exists(Holder::Any, key)))
        }
        _ => None,
    }
}

/// So many services are named.
const SERVICES: usize = 24;

/// The services of a trace in the colours that they have anyway, the most frequent first.
fn services(store: &TraceStore, trace: TraceRef<'_>, column: &Column) -> Vec<Entry> {
    // By service: how many spans, and one of them.
    let mut seen: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for span in trace.spans() {
        seen.entry(store.service_of(span)).or_insert((0, span)).0 += 1;
    }
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_by_key(|(service, (count, _))| (Reverse(*count), *service));
    let rest: u32 = seen
        .iter()
        .skip(SERVICES)
        .map(|(_, (count, _))| count)
        .sum();
    let named = seen.iter().take(SERVICES).map(|&(service, (count, span))| {
        let cell = table::cell(store, Row { span, event: None }, column);
        Entry {
            colour: Some(service),
            words: words(cell),
            count,
            term: term(column, cell),
        }
    });
    let others = Entry {
        colour: None,
        words: "others".to_owned(),
        count: rest,
        term: None,
    };
    named.chain((rest > 0).then_some(others)).collect()
}

impl UiState {
    /// The colours that a column has given.
    pub(super) fn colours_by(&self, column: &Column) -> Option<&Colours> {
        let (store, trace) = (self.store()?, self.trace_ref()?);
        let colours = || {
            Arc::new(Colours {
                column: column.clone(),
                values: Values::of_trace(store, trace.idx(), column, COLOURED),
            })
        };
        Some(self.colour.known.get_or_init(colours))
    }

    /// What each colour stands for, where a legend shows: the bars are not coloured by service, or the query says that
    /// they are.
    pub fn legend(&self) -> Option<(Column, Vec<Entry>)> {
        let store = self.store()?;
        if let (Some(column), Some(colours)) = (&self.colour.by, self.colours()) {
            return Some((column.clone(), colours.legend(store)));
        }
        let service = self.query.by.clone();
        let column = service.filter(|by| *by == Column::Service)?;
        let entries = services(store, self.trace_ref()?, &column);
        Some((column, entries))
    }

    /// Takes what the query colours by, else what was chosen.
    pub(super) fn recolour(&mut self) {
        let by = self.query.by.as_ref().or(self.colour.chosen.as_ref());
        let by = by.filter(|column| **column != Column::Service).cloned();
        if by != self.colour.by {
            self.colour.by = by;
            self.colour.known = OnceCell::new();
        }
    }

    pub(super) fn colour_by(&mut self, column: Option<Column>) -> Vec<Effect> {
        self.colour.chosen = column.filter(|column| *column != Column::Service);
        if self.query.by.is_some() {
            // What is chosen by hand counts, not what the query said before.
            let text = query::filter_of(&self.query.text).to_owned();
            self.run_query(text);
        }
        self.recolour();
        let words = match &self.colour.by {
            Some(column) => column.name(),
            None => "service".to_owned(),
        };
        vec![
            Effect::WriteUrl { push: false },
            Effect::Announce(format!("Coloured by {words}")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Command, UrlState, tests::opened_with as opened};

    #[test]
    fn a_query_colours_before_what_is_chosen() {
        let mut state = opened("1 - 0 9 a\n 2 1 1 2 b!\n 3 1 2 3 b\n 4 1 3 4 c");
        let by = |state: &UiState| state.colour.by.as_ref().map(Column::name);
        let mut check = |command: Command, expected: Option<&str>, text: &str, found: usize| {
            state.apply(command);
            assert_eq!(by(&state).as_deref(), expected, "{text}");
            assert_eq!(
                (&*state.query.text, state.query.matches.len()),
                (text, found)
            );
            let fragment = UrlState::of(&state, None).to_fragment();
            let mut again = opened("1 - 0 9 a\n 2 1 1 2 b!\n 3 1 2 3 b\n 4 1 3 4 c");
            again.apply(Command::FollowUrl(UrlState::parse("", &fragment).into()));
            assert_eq!(by(&again), by(&state), "{fragment}");
            assert_eq!(again.query.text, state.query.text, "{fragment}");
        };
        let ask = |text: &str| Command::SetQuery(text.to_owned());
        let choose = |name: &str| Command::ColourBy(Column::of_name(name));
        check(choose("kind"), Some("kind"), "", 0);
        check(ask("b | by(status)"), Some("status"), "b | by(status)", 2);
        check(ask("| by(name)"), Some("name"), "| by(name)", 0);
        check(ask("{ } | by(name)"), Some("name"), "{ } | by(name)", 0);
        check(ask("b | by(service)"), None, "b | by(service)", 2);
        check(ask("b | by("), Some("kind"), "b | by(", 0);
        check(ask("b"), Some("kind"), "b", 2);
        check(ask("b | by(status)"), Some("status"), "b | by(status)", 2);
        check(
            Command::AddTerm("status = error".into()),
            Some("status"),
            "b status = error | by(status)",
            1,
        );
        check(choose("depth"), Some("depth"), "b status = error", 1);
        check(ask(""), Some("depth"), "", 0);
        check(Command::ColourBy(None), None, "", 0);
    }

    #[test]
    fn a_legend_names_and_finds_every_colour() {
        let check = |by: &str, expected: &[&str]| {
            let mut state = opened("1 - 0 9 a\n 2 1 1 2 b!\n 3 1 2 3 b\n 4 1 3 4 c");
            state.apply(Command::ColourBy(Column::of_name(by)));
            let legend = state.legend().map_or_else(Vec::new, |(_, legend)| legend);
            let words: Vec<String> = legend
                .iter()
                .map(|one| {
                    let term = one.term.as_deref().unwrap_or("-");
                    if let Some(term) = &one.term {
                        state.apply(Command::SetQuery(term.clone()));
                        assert_eq!(state.query.matches.len(), one.count as usize, "{term}");
                    }
                    format!("{:?} {} {} {term}", one.colour, one.words, one.count)
                })
                .collect();
            assert_eq!(words, expected, "{by}");
            let fragment = UrlState::of(&state, None).to_fragment();
            let mut again = opened("1 - 0 9 a");
            again.apply(Command::FollowUrl(UrlState::parse("", &fragment).into()));
            assert_eq!(again.colour.by, state.colour.by, "{fragment}");
        };
        check(
            "status",
            &[
                "Some(0) unset 3 status = \"unset\"",
                "Some(1) error 1 status = \"error\"",
            ],
        );
        check(
            "service.name",
            &[
                "Some(0) b 2 service.name = \"b\"",
                "Some(1) a 1 service.name = \"a\"",
                "Some(2) c 1 service.name = \"c\"",
            ],
        );
        check("http.route", &["None not set 4 NOT http.route exists"]);
        check("depth", &["Some(0) 1 3 depth = 1", "Some(1) 0 1 depth = 0"]);
        check("service", &[]);
    }

    #[test]
    fn the_query_has_the_services_told() {
        let mut state = opened("1 - 0 9 a\n 2 1 1 2 b!\n 3 1 2 3 b\n 4 1 3 4 c");
        state.apply(Command::SetQuery("| by(service)".to_owned()));
        assert!(state.colours().is_none());
        let (by, legend) = state.legend().expect("a legend");
        let words: Vec<String> = legend
            .into_iter()
            .map(|one| {
                let term = one.term.unwrap_or_default();
                format!("{:?} {} {} {term}", one.colour, one.words, one.count)
            })
            .collect();
        assert_eq!(by, Column::Service);
        assert_eq!(
            words,
            [
                "Some(1) b 2 service = \"b\"",
                "Some(0) a 1 service = \"a\"",
                "Some(2) c 1 service = \"c\"",
            ]
        );
        for (term, found) in [("b", 2), ("a", 3), ("b", 1), ("a", 0)] {
            state.apply(Command::ToggleTerm(format!("service = \"{term}\"")));
            assert_eq!(state.query.matches.len(), found, "{}", state.query.text);
        }
        assert_eq!(state.query.text, "| by(service)");
        assert!(state.legend().is_some());
    }
}

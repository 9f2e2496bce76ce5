//! What stands behind a query's filter: `| by(field)`, the key of colours and groups, as TraceQL writes it.
//!
//! ```text
//! status = error | by(resource.service.name)        | by(http.route)
//! ```
//!
//! **Invariant:** a stage changes nothing about what matches.

use core::ops::Range;

use super::{Expr, Field, Holder, QueryError, evaluate_with, parse_query, with_term};
use crate::{
    analysis::{occurrences::Occurrences, table::Column},
    store::TraceStore,
};

/// What a text asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Which spans; `None` when nothing is asked of them.
    pub filter: Option<Expr>,
    /// The column whose values colour and group.
    pub by: Option<Column>,
    /// Where the filter's text ends.
    pub(super) end: usize,
}

/// What a text finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The rows that match, ascending.
    pub matches: Vec<u32>,
    /// Whether it asks for some spans: one that puts all into colours or groups does not.
    pub asks: bool,
    /// The column whose values colour and group.
    pub by: Option<Column>,
}

/// The rows of `spans` that match, and what stands behind the filter; with `known`, texts are found faster.
///
/// # Errors
/// When the text is no query.
#[inline(never)]
pub fn answer(
    known: Option<&Occurrences>,
    store: &TraceStore,
    spans: Range<u32>,
    text: &str,
) -> Result<Answer, QueryError> {
    let Query { filter, by, .. } = parse_query(text)?;
    let filter = filter.filter(|filter| by.is_none() || *filter != Expr::Every);
    Ok(Answer {
        asks: filter.is_some(),
        matches: filter.map_or_else(Vec::new, |filter| {
            evaluate_with(known, store, spans, &filter)
        }),
        by,
    })
}

/// Whether a text is a query that looks for words anywhere in a span, which is slow where it is not known where texts stand.
pub fn looks_for_text(text: &str) -> bool {
    let filter = parse_query(text).ok().and_then(|query| query.filter);
    filter.is_some_and(|filter| filter.looks_for_text())
}

/// The text without what stands behind its filter; unchanged where it is no query.
pub fn filter_of(text: &str) -> &str {
    match parse_query(text) {
        Ok(Query {
            by: Some(_), end, ..
        }) => text[..end].trim_end(),
        _ => text,
    }
}

/// As [`with_term`], keeping what stands behind the filter.
pub(super) fn with_term_before(text: &str, term: &str) -> Option<String> {
    let query = parse_query(text).ok()?;
    query.by.as_ref()?;
    let (filter, stage) = text.split_at_checked(query.end)?;
    let filter = match filter.trim_end() {
        "" => term.to_owned(),
        filter => with_term(filter, term),
    };
    Some(format!("{filter} {stage}"))
}

/// The column that has a field's values, if one has.
pub(super) fn column_of(field: &Field) -> Option<Column> {
    match field {
        Field::Own(own) => {
            Column::of_name(own.name()).filter(|column| !matches!(column, Column::Attribute(_)))
        }
        Field::Attribute(Holder::Scope | Holder::Link, _) => None,
        Field::Attribute(_, key) => Some(Column::Attribute(key.clone())),
    }
}

//! The query language: which spans of a trace a text asks for.
//!
//! ```text
//! text ─parse→ Expr ─evaluate(store, spans)→ rows        print: Expr → text, which parses to the same
//! timeout service = checkout duration > 250ms parent.kind = server NOT http.route exists
//! ```
//!
//! Terms side by side must all match; `AND`, `OR`, `NOT` and brackets join them. A word or a quoted phrase is searched
//! for everywhere, as in [`crate::analysis::find`]. `| by(field)` behind them colours and groups. docs/query.md has the grammar.
//!
//! **Invariant:** pure, linear in spans, strings and text; a hostile query is refused with the place and what was
//! expected, or costs what an honest one costs.

mod complete;
mod evaluate;
mod field;
mod hint;
mod known;
mod lexer;
mod matcher;
mod number;
mod parser;
mod print;
mod roles;
mod stage;
#[cfg(test)]
mod tests;
mod toggle;

use core::ops::Range;

pub use complete::{Suggestion, SuggestionKind, complete, complete_with};
pub use evaluate::{evaluate, evaluate_with};
pub use field::{Field, Holder, Intrinsic, Relation};
pub use hint::hint;
pub use known::{FieldWork, KnownFields};
pub use parser::{parse, parse_query};
pub use roles::{Role, roles};
pub use stage::{Answer, Query, answer, filter_of, looks_for_text};
pub use toggle::{has_value, with_value};

/// What is asked of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Nothing: every span matches.
    Every,
    /// It contains this text somewhere.
    Text(String),
    /// It has no parent in the data.
    Root,
    /// One of its fields passes a test.
    Test(Field, Check),
    /// A relative of it matches.
    Related(Relation, Box<Expr>),
    /// It does not match.
    Not(Box<Expr>),
    /// It matches all; two at least.
    And(Vec<Expr>),
    /// It matches one at least; two at least.
    Or(Vec<Expr>),
}

impl Expr {
    /// Calls back with everything that has no parts, and whether it stands alone.
    fn each_leaf(&self, found: &mut dyn FnMut(&Self, bool)) {
        match self {
            Self::Every | Self::Root | Self::Text(_) | Self::Test(..) => found(self, true),
            Self::Related(_, inner) | Self::Not(inner) => inner.each_leaf(found),
            Self::And(list) | Self::Or(list) => {
                for inner in list {
                    inner.each_leaf(&mut |leaf, _| found(leaf, false));
                }
            }
        }
    }

    /// Whether some span has to contain a text anywhere: the dearest thing to ask.
    fn looks_for_text(&self) -> bool {
        let mut found = false;
        self.each_leaf(&mut |leaf, _| found |= matches!(leaf, Self::Text(_)));
        found
    }
}

/// How a field is tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It has a value.
    Exists,
    /// It compares so with this.
    Is(Op, Literal),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`: there is a value, and it is another.
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `=~`: a part of it matches the regular expression.
    Matches,
    /// `!~`: there is a value, and no part of it matches.
    MatchesNot,
}

impl Op {
    /// All, the longer spellings first.
    pub const ALL: [Self; 8] = [
        Self::Matches,
        Self::MatchesNot,
        Self::NotEqual,
        Self::GreaterEqual,
        Self::LessEqual,
        Self::Equal,
        Self::Greater,
        Self::Less,
    ];

    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Matches => "=~",
            Self::MatchesNot => "!~",
        }
    }

    const fn is_negative(self) -> bool {
        matches!(self, Self::NotEqual | Self::MatchesNot)
    }

    const fn is_order(self) -> bool {
        matches!(
            self,
            Self::Greater | Self::GreaterEqual | Self::Less | Self::LessEqual
        )
    }
}

/// A value as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The text, without quotes.
    pub text: String,
    /// In quotes it is a text and never a number.
    pub quoted: bool,
}

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct QueryError {
    /// The bytes that are at fault; empty at the end of the text.
    pub at: Range<usize>,
    /// What should stand there.
    pub expected: String,
}

/// The rows of `spans` that match `text`, ascending; none for a text without a term.
///
/// # Errors
/// When the text is no query.
pub fn run(
    store: &crate::store::TraceStore,
    spans: Range<u32>,
    text: &str,
) -> Result<Vec<u32>, QueryError> {
    Ok(match parse(text)? {
        Some(expr) => evaluate(store, spans, &expr),
        None => Vec::new(),
    })
}

/// The time that `250ms`, or `2.5%` of `whole`, stands for; of less than a nanosecond the next whole one.
pub fn least_time(text: &str, whole: crate::time::Nanos) -> Option<crate::time::Nanos> {
    number::least_time(text, whole.0).map(crate::time::Nanos)
}

/// `text` that asks for `term`, too; the term alone where `text` is no query.
pub fn with_term(text: &str, term: &str) -> String {
    if let Some(staged) = stage::with_term_before(text, term) {
        return staged;
    }
    let (Ok(Some(old)), Ok(Some(new))) = (parse(text), parse(term)) else {
        return term.to_owned();
    };
    match &old {
        same if *same == new => text.to_owned(),
        Expr::And(list) if list.contains(&new) => text.to_owned(),
        Expr::Every => term.to_owned(),
        Expr::Or(_) => format!("({old}) {term}"),
        // Braces would stand around the old query alone.
        _ if text.trim_start().starts_with('{') => format!("{old} {term}"),
        _ => format!("{} {term}", text.trim()),
    }
}

/// The term that a key and a value of an attribute make.
pub fn term(holder: Holder, key: &str, op: Op, literal: Literal) -> String {
    let field = Field::Attribute(holder, key.to_owned());
    Expr::Test(field, Check::Is(op, literal)).to_string()
}

/// The term that asks whether an attribute is there.
pub fn term_exists(holder: Holder, key: &str) -> String {
    Expr::Test(Field::Attribute(holder, key.to_owned()), Check::Exists).to_string()
}

//! From text to [`Expr`], by descent.
//!
//! ```text
//! query = filter? ("|" "by" "(" field ")")?
//! filter = "{" any? "}" | any         any  = all { OR all }        all = not { AND? not }
//! not   = NOT not | "(" any ")" | term
//! term  = phrase | "root" | relation "(" any ")" | word | field "exists" | field op value
//! ```
//!
//! **Invariant:** nesting and the number of terms are limited, so that neither this nor what walks the result can
//! overflow the stack or run long.

use core::ops::Range;

use super::{
    Check, Expr, Field, Literal, Op, QueryError, Relation,
    field::Sort,
    lexer::{self, Kind, Token},
    matcher,
    number::{Number, Unit},
    stage::{Query, column_of},
};
use crate::analysis::table::Column;

/// How deep brackets, `NOT` and relations may go.
pub(super) const NESTING_MAX: u32 = 32;
/// How many terms a query may have.
pub(super) const TERMS_MAX: u32 = 64;

/// Reads the filter of a query; `None` when nothing is asked.
///
/// # Errors
/// The first place where something else should stand.
pub fn parse(text: &str) -> Result<Option<Expr>, QueryError> {
    parse_query(text).map(|query| query.filter)
}

/// Reads a filter and what stands behind it.
///
/// # Errors
/// The first place where something else should stand.
pub fn parse_query(text: &str) -> Result<Query, QueryError> {
    let mut parser = Parser {
        text,
        at: 0,
        nesting: 0,
        terms: 0,
    };
    let first = parser.peek();
    let expr = match first.kind {
        Kind::End | Kind::Pipe => None,
        Kind::OpenBrace => {
            parser.take(&first);
            let inner = match parser.peek() {
                token if token.kind == Kind::CloseBrace => Expr::Every,
                _ => parser.any()?,
            };
            parser.expect(&Kind::CloseBrace, "`}`")?;
            Some(inner)
        }
        _ => Some(parser.any()?),
    };
    let rest = parser.peek();
    match rest.kind {
        Kind::End | Kind::Pipe => Ok(Query {
            filter: expr,
            end: rest.range.start,
            by: match rest.kind {
                Kind::Pipe => Some(parser.stage(&rest)?),
                _ => None,
            },
        }),
        Kind::Close => Err(error(
            rest.range,
            "a term: this bracket closes nothing; a bracket to search for stands in quotes",
        )),
        _ if first.kind == Kind::OpenBrace => Err(error(
            rest.range.start..text.len(),
            "nothing more: braces stand around a whole query",
        )),
        _ => Err(error(rest.range, TERM)),
    }
}

const TERM: &str = "a word, a phrase in quotes, or a field with a comparison";

fn error(at: Range<usize>, expected: impl Into<String>) -> QueryError {
    QueryError {
        at,
        expected: expected.into(),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nesting: u32,
    terms: u32,
}

impl Parser<'_> {
    fn peek(&self) -> Token {
        lexer::token(self.text, self.at)
    }

    fn take(&mut self, token: &Token) {
        self.at = token.range.end;
    }

    fn expect(&mut self, kind: &Kind, words: &str) -> Result<(), QueryError> {
        let token = self.peek();
        if token.kind != *kind {
            return Err(error(token.range, words));
        }
        self.take(&token);
        Ok(())
    }

    fn deeper(&mut self, at: &Range<usize>) -> Result<(), QueryError> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            let words = format!("no more than {NESTING_MAX} brackets in each other");
            return Err(error(at.clone(), words));
        }
        Ok(())
    }

    /// `by(field)` behind a `|`, and nothing behind that.
    fn stage(&mut self, pipe: &Token) -> Result<Column, QueryError> {
        self.take(pipe);
        let Some(inner) = lexer::by(self.text, self.at) else {
            let at = self.peek().range;
            return Err(error(at, "`by(field)`: what colours and groups"));
        };
        self.at = inner;
        let token = self.peek();
        let field = match &token.kind {
            Kind::Word(word, key) if relations(word).0.is_empty() => {
                Field::of(word, key.as_deref())
            }
            _ => None,
        };
        let Some(column) = field.as_ref().and_then(column_of) else {
            return Err(error(
                token.range,
                "`service`, `name`, `kind`, `status` or another field of the span itself, or an attribute's key",
            ));
        };
        self.take(&token);
        self.expect(&Kind::Close, "`)`")?;
        let rest = self.peek();
        match rest.kind {
            Kind::End => Ok(column),
            _ => Err(error(rest.range.start..self.text.len(), "nothing more")),
        }
    }

    fn any(&mut self) -> Result<Expr, QueryError> {
        let mut list = vec![self.all()?];
        loop {
            let token = self.peek();
            if token.kind != Kind::Or {
                return Ok(joined(list, false));
            }
            self.take(&token);
            list.push(self.all()?);
        }
    }

    fn all(&mut self) -> Result<Expr, QueryError> {
        let mut list = vec![self.not()?];
        loop {
            let token = self.peek();
            match token.kind {
                Kind::And => self.take(&token),
                Kind::Or | Kind::Close | Kind::CloseBrace | Kind::Pipe | Kind::End => {
                    return Ok(joined(list, true));
                }
                _ => {}
            }
            list.push(self.not()?);
        }
    }

    fn not(&mut self) -> Result<Expr, QueryError> {
        let token = self.peek();
        match token.kind {
            Kind::Not => {
                self.take(&token);
                self.deeper(&token.range)?;
                let inner = self.not()?;
                self.nesting -= 1;
                Ok(Expr::Not(Box::new(inner)))
            }
            Kind::Open => self.bracket(&token),
            _ => self.term(token),
        }
    }

    fn bracket(&mut self, open: &Token) -> Result<Expr, QueryError> {
        self.take(open);
        self.deeper(&open.range)?;
        let inner = self.any()?;
        self.expect(&Kind::Close, "`)`")?;
        self.nesting -= 1;
        Ok(inner)
    }

    fn term(&mut self, token: Token) -> Result<Expr, QueryError> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            let words = format!("no more than {TERMS_MAX} terms");
            return Err(error(token.range, words));
        }
        self.take(&token);
        match token.kind {
            Kind::Phrase(phrase) if phrase.trim().is_empty() => {
                Err(error(token.range, "a text between the quotes"))
            }
            Kind::Phrase(phrase) => {
                self.no_comparison(
                    "a field before it: a field's name stands without quotes, or as `.\"name\"`",
                )?;
                Ok(Expr::Text(phrase))
            }
            Kind::Word(word, key) => self.word(&word, key.as_deref(), &token.range),
            Kind::OpenBrace => Err(error(
                token.range,
                "no brace here: braces stand around a whole query",
            )),
            Kind::Compare(_) => Err(error(token.range, "a field before the comparison")),
            _ => Err(error(token.range, TERM)),
        }
    }

    fn no_comparison(&self, words: &str) -> Result<(), QueryError> {
        let next = self.peek();
        match next.kind {
            Kind::Compare(_) => Err(error(next.range, words)),
            _ => Ok(()),
        }
    }

    fn word(
        &mut self,
        word: &str,
        key: Option<&str>,
        range: &Range<usize>,
    ) -> Result<Expr, QueryError> {
        let next = self.peek();
        let bracket = next.kind == Kind::Open && next.range.start == range.end && key.is_none();
        let compared = matches!(next.kind, Kind::Compare(_)) || is_exists(&next);
        if !bracket && !compared {
            return match key {
                Some(_) => Err(error(
                    next.range,
                    "a comparison, such as `= 5`, or `exists`",
                )),
                None if word == "root" => Ok(Expr::Root),
                None => Ok(Expr::Text(word.to_owned())),
            };
        }
        let (relations, name) = relations(word);
        let mut expr = if bracket && name.is_empty() && !relations.is_empty() {
            for _ in &relations {
                self.deeper(range)?;
            }
            self.bracket(&next)?
        } else if bracket {
            return Err(error(
                range.clone(),
                "`parent.`, `child.`, `ancestor.`, `descendant.` or `root.` before a bracket",
            ));
        } else {
            for _ in &relations {
                self.deeper(range)?;
            }
            let Some(field) = Field::of(name, key) else {
                return Err(error(range.clone(), "a field's name behind the dot"));
            };
            self.take(&next);
            let check = match next.kind {
                Kind::Compare(op) => self.comparison(&field, op)?,
                _ => Some(Check::Exists),
            };
            match check {
                Some(check) => Expr::Test(field, check),
                None => Expr::Not(Box::new(Expr::Test(field, Check::Exists))),
            }
        };
        for relation in relations.into_iter().rev() {
            self.nesting -= 1;
            expr = Expr::Related(relation, Box::new(expr));
        }
        Ok(expr)
    }

    /// The value and whether the field can be compared so; `None` is TraceQL's `= nil`.
    fn comparison(&mut self, field: &Field, op: Op) -> Result<Option<Check>, QueryError> {
        let start = lexer::skip(self.text, self.at);
        let (literal, range) = match lexer::phrase(self.text, start) {
            Some((text, end)) => (Literal { text, quoted: true }, start..end),
            None => {
                let range = lexer::bare_value(self.text, start);
                let text = self.text[range.clone()].to_owned();
                (
                    Literal {
                        text,
                        quoted: false,
                    },
                    range,
                )
            }
        };
        let keyword = matches!(literal.text.as_str(), "" | "AND" | "OR" | "NOT");
        if keyword && !literal.quoted {
            return Err(error(range, format!("a value behind `{}`", op.sign())));
        }
        if !literal.quoted && !lexer::closes_its_brackets(&literal.text) {
            return Err(error(
                range,
                "quotes around a value whose bracket is not closed",
            ));
        }
        self.at = range.end;
        if literal.text == "nil" && !literal.quoted && matches!(op, Op::Equal | Op::NotEqual) {
            return Ok((op == Op::NotEqual).then_some(Check::Exists));
        }
        match fault(field, op, &literal) {
            Some(words) => Err(error(range, words)),
            None => Ok(Some(Check::Is(op, literal))),
        }
    }
}

fn is_exists(token: &Token) -> bool {
    matches!(&token.kind, Kind::Word(word, None) if word == "exists" || word == "EXISTS")
}

fn relations(mut word: &str) -> (Vec<Relation>, &str) {
    let mut list = Vec::new();
    while let Some((relation, rest)) = Relation::ALL
        .into_iter()
        .find_map(|relation| Some((relation, word.strip_prefix(relation.prefix())?)))
    {
        list.push(relation);
        word = rest;
    }
    (list, word)
}

/// One term stays as it is; what is joined the same way inside goes into one list.
fn joined(mut list: Vec<Expr>, all: bool) -> Expr {
    if list.len() == 1
        && let Some(only) = list.pop()
    {
        return only;
    }
    let mut flat = Vec::with_capacity(list.len());
    for expr in list {
        match (expr, all) {
            (Expr::And(inner), true) | (Expr::Or(inner), false) => flat.extend(inner),
            (other, _) => flat.push(other),
        }
    }
    if all { Expr::And(flat) } else { Expr::Or(flat) }
}

/// What should stand in place of a value that a field cannot be compared with.
fn fault(field: &Field, op: Op, literal: &Literal) -> Option<String> {
    let sort = field.sort();
    if matches!(op, Op::Matches | Op::MatchesNot) {
        return match sort {
            Sort::Time | Sort::Count | Sort::Hex(_) => {
                Some("`=`, `!=` or an order here: only texts match a regular expression".to_owned())
            }
            _ => matcher::regex(&literal.text)
                .err()
                .map(|reason| format!("a regular expression: {reason}")),
        };
    }
    let number = (!literal.quoted)
        .then(|| Number::parse(&literal.text))
        .flatten();
    let unit = number.map(|number| number.unit);
    match sort {
        Sort::Time => match unit {
            Some(Unit::Time | Unit::Percent) => None,
            Some(Unit::None) if literal.text == "0" => None,
            Some(Unit::None) => Some(format!("a unit, as in `{}ms`", literal.text)),
            _ => Some("a time such as `250ms`, `1.5s` or `2.5%`".to_owned()),
        },
        Sort::Count if unit != Some(Unit::None) => Some("a number".to_owned()),
        Sort::Text | Sort::Names(_) | Sort::Hex(_) if op.is_order() => {
            Some("`=`, `!=`, `=~` or `!~` here: only numbers have an order".to_owned())
        }
        Sort::Hex(most) => {
            let fits = (1..=most).contains(&literal.text.len())
                && literal.text.bytes().all(|byte| byte.is_ascii_hexdigit());
            (!fits).then(|| format!("an id of up to {most} hex digits"))
        }
        Sort::Names(names) => {
            let known = names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&literal.text));
            (!known).then(|| format!("one of {}", names.join(", ")))
        }
        Sort::Open if unit == Some(Unit::Percent) => Some(
            "a number: `%` is a share of the trace's time, for duration, self, start and end"
                .to_owned(),
        ),
        Sort::Open if op.is_order() && number.is_none() => {
            Some("a number such as `500`, `250ms` or `1MiB`".to_owned())
        }
        _ => None,
    }
}

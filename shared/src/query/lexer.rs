//! Words, phrases, signs: one at a time, at the byte where the parser stands.
//!
//! **Invariant:** every token is longer than nothing, and ends at a character's boundary.

use core::ops::Range;

use super::Op;

/// One token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Plain, as it stands; with the text of a quoted key where one follows a dot.
    Word(String, Option<String>),
    /// In quotes.
    Phrase(String),
    Compare(Op),
    And,
    Or,
    Not,
    Open,
    Close,
    OpenBrace,
    CloseBrace,
    /// `|`, alone.
    Pipe,
    End,
}

/// The first byte at or behind `at` that is no space.
pub(super) fn skip(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    text.len() - rest.trim_start().len()
}

/// The token at or behind `at`.
pub(super) fn token(text: &str, at: usize) -> Token {
    let start = skip(text, at);
    let rest = &text[start..];
    let sign = |kind, length| Token {
        kind,
        range: start..start + length,
    };
    if rest.is_empty() {
        return sign(Kind::End, 0);
    }
    if rest.starts_with("==") {
        return sign(Kind::Compare(Op::Equal), 2);
    }
    if let Some(op) = Op::ALL.into_iter().find(|op| rest.starts_with(op.sign())) {
        return sign(Kind::Compare(op), op.sign().len());
    }
    for (words, kind) in [
        ("&&", Kind::And),
        ("||", Kind::Or),
        ("|", Kind::Pipe),
        ("!", Kind::Not),
        ("(", Kind::Open),
        (")", Kind::Close),
        ("{", Kind::OpenBrace),
        ("}", Kind::CloseBrace),
    ] {
        if rest.starts_with(words) {
            return sign(kind, words.len());
        }
    }
    if let Some((phrase, end)) = phrase(text, start) {
        return Token {
            kind: Kind::Phrase(phrase),
            range: start..end,
        };
    }
    word(text, start)
}

fn word(text: &str, start: usize) -> Token {
    let mut open = 0usize;
    let mut end = start;
    for (at, c) in text[start..].char_indices() {
        let at = start + at;
        end = at;
        let next = text[at + c.len_utf8()..].chars().next();
        let after_dot = text[start..at].ends_with('.');
        match c {
            '"' | '`' if after_dot => {
                if let Some((key, end)) = phrase(text, at) {
                    return Token {
                        kind: Kind::Word(text[start..at].to_owned(), Some(key)),
                        range: start..end,
                    };
                }
            }
            c if c.is_whitespace() => break,
            '"' | '`' | '=' | '<' | '>' => break,
            '!' if matches!(next, Some('=' | '~')) => break,
            '&' if next == Some('&') => break,
            '|' if next == Some('|') => break,
            // Brackets belong to a word that opens and closes them, such as a route.
            '(' if after_dot => break,
            '(' | '{' => open += 1,
            ')' | '}' if open == 0 => break,
            ')' | '}' => open -= 1,
            _ => {}
        }
        end = at + c.len_utf8();
    }
    let word = &text[start..end];
    let kind = match word {
        "AND" => Kind::And,
        "OR" => Kind::Or,
        "NOT" => Kind::Not,
        word => Kind::Word(word.to_owned(), None),
    };
    Token {
        kind,
        range: start..end,
    }
}

/// Where the field of `by(field)` begins, if that stands at or behind `at`.
pub(super) fn by(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.trim_start().strip_prefix("by")?;
    let inner = rest.trim_start().strip_prefix('(')?;
    Some(text.len() - inner.len())
}

/// The text in the quotes at `start` and where they end. Quotes that are not closed run to the end.
pub(super) fn phrase(text: &str, start: usize) -> Option<(String, usize)> {
    let quote = text[start..]
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '`'))?;
    let mut phrase = String::new();
    let mut chars = text[start + 1..].char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((phrase, start + 1 + at + 1)),
            '\\' if quote == '"' => match chars.next() {
                Some((_, 'n')) => phrase.push('\n'),
                Some((_, 'r')) => phrase.push('\r'),
                Some((_, 't')) => phrase.push('\t'),
                Some((_, c @ ('"' | '\\'))) => phrase.push(c),
                // Everything else stays as it is: `\d` of a regular expression, a Windows path.
                Some((_, c)) => phrase.extend(['\\', c]),
                None => phrase.push('\\'),
            },
            c => phrase.push(c),
        }
    }
    Some((phrase, text.len()))
}

/// The value without quotes at `start`: up to a space, a bracket that it did not open, `&&` or `||`.
pub(super) fn bare_value(text: &str, start: usize) -> Range<usize> {
    let mut open = 0usize;
    for (at, c) in text[start..].char_indices() {
        let rest = &text[start + at..];
        match c {
            '(' | '{' => open += 1,
            ')' | '}' if open > 0 => open -= 1,
            c if c.is_whitespace()
                || matches!(c, ')' | '}' | '"')
                || rest.starts_with("&&")
                || rest.starts_with("||") =>
            {
                return start..start + at;
            }
            _ => {}
        }
    }
    start..text.len()
}

/// Whether every bracket that opens in a bare value closes in it.
pub(super) fn closes_its_brackets(value: &str) -> bool {
    let open = value.chars().filter(|c| matches!(c, '(' | '{')).count();
    let close = value.chars().filter(|c| matches!(c, ')' | '}')).count();
    open == close
}

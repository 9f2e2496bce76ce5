//! Attributes as rows to show: grouped by the first part of their keys, long values folded, lists as trees.
//!
//! ```text
//! http                            a heading for every first part that at least two keys share
//!   http.route        /cart
//!   http.status_code  200
//! other                           the rest, last
//!   thread.id         7
//! ```
//!
//! **Invariant:** pure; the cost follows from what is shown, not from what is there: a million attributes or ten
//! megabytes in one value are ordinary.

use std::collections::HashMap;

use throughline_model::store::{TraceStore, ValueList, ValueRef};

use crate::ui::format::{self, clip, visible, visible_line};

/// Rows that are shown at first, and how many times more each "Show more" gives.
pub const ROWS_AT_FIRST: usize = 200;
/// Bytes of a long value while it is folded.
pub const FOLDED_BYTES: usize = 320;
/// Lines of a long value while it is folded.
pub const FOLDED_LINES: usize = 4;
/// Bytes of a long value that are in the page at once when it is unfolded: browsers take minutes to lay out megabytes.
pub const PAGE_BYTES: usize = 64 << 10;
/// A value up to this length stands beside its key.
const BESIDE_BYTES: usize = 64;
/// Bytes of a key that are shown.
const KEY_BYTES: usize = 200;
/// Levels of a tree that are indented.
const INDENT_MAX: usize = 12;

/// What the attributes belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The span.
    Span,
    /// One of its events, by its place in the input.
    Event(usize),
    /// One of its links.
    Link(usize),
    /// Its resource.
    Resource,
    /// Its scope.
    Scope,
}

impl Owner {
    /// The attributes.
    pub fn list(self, store: &TraceStore, span: u32) -> Option<ValueList<'_>> {
        let span = store.span(span);
        Some(match self {
            Self::Span => span.attributes(),
            Self::Event(at) => span.events().nth(at)?.attributes(),
            Self::Link(at) => span.links().nth(at)?.attributes(),
            Self::Resource => span.resource().attributes(),
            Self::Scope => span.scope().attributes(),
        })
    }

    /// One key with its value.
    pub fn row(self, store: &TraceStore, span: u32, at: usize) -> Option<(&str, ValueRef<'_>)> {
        self.list(store, span)?.iter().nth(at)
    }
}

/// Rows under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The heading; empty for none.
    pub name: String,
    /// The rows in the order of the input.
    pub rows: Vec<Row>,
}

/// One key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the input.
    pub at: usize,
    /// The key, made visible.
    pub key: String,
    /// The value.
    pub value: Shown,
    /// The type, in a word.
    pub kind: &'static str,
}

/// How a value is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// One short line.
    Line {
        /// What it says.
        text: String,
        /// What it is.
        tone: Tone,
    },
    /// A text of many words or lines.
    Text {
        /// Bytes in all.
        total: usize,
        /// Whether it is longer than the fold.
        long: bool,
        /// Lines stay as they are, and scroll.
        stack: bool,
        /// It may be JSON.
        json: bool,
    },
    /// A list or map.
    Tree {
        /// Its lines, the first ones.
        lines: Vec<TreeLine>,
        /// Whether there are more.
        more: bool,
    },
}

/// What a short value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A text.
    Text,
    /// A number or a boolean.
    Plain,
    /// Nothing, or a remark about the value.
    Faint,
}

/// One line of a list or map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeLine {
    /// How deep it stands.
    pub depth: usize,
    /// Its key, or its number in a list.
    pub label: String,
    /// Its value, or how many are below.
    pub text: String,
    /// What the value is.
    pub tone: Tone,
}

/// The first `limit` attributes, grouped.
#[cfg(test)]
fn groups(list: ValueList<'_>, limit: usize) -> Vec<Group> {
    filtered(list, "", limit)
}

fn grouped(rows: &[(usize, (&str, ValueRef<'_>))]) -> Vec<Group> {
    let mut shared: HashMap<&str, usize> = HashMap::new();
    for &(_, (key, _)) in rows {
        *shared.entry(first_part(key)).or_default() += 1;
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut rest = Vec::new();
    for &(at, (key, value)) in rows {
        let part = first_part(key);
        let row = row(at, key, value);
        if part.is_empty() || shared.get(part).is_none_or(|&number| number < 2) {
            rest.push(row);
            continue;
        }
        let place = *places.entry(part).or_insert_with(|| {
            groups.push(Group {
                name: visible_line(clip(part, KEY_BYTES).0).into_owned(),
                rows: Vec::new(),
            });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.rows.push(row);
        }
    }
    if !rest.is_empty() {
        let name = if groups.is_empty() { "" } else { "other" };
        groups.push(Group {
            name: name.to_owned(),
            rows: rest,
        });
    }
    groups
}

/// The first `limit` attributes whose key or value contains every word of the filter, grouped. Inside of
/// lists nothing is searched.
pub fn filtered(list: ValueList<'_>, filter: &str, limit: usize) -> Vec<Group> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let contains = |text: &str, word: &String| text.to_lowercase().contains(word.as_str());
    let passes = |key: &str, value: ValueRef<'_>| {
        words.iter().all(|word| {
            contains(key, word)
                || match value {
                    ValueRef::Str(text) => contains(text, word),
                    ValueRef::Array(_) | ValueRef::Map(_) | ValueRef::Bytes(_) => false,
                    value => contains(&line(value).0, word),
                }
        })
    };
    let rows = list
        .iter()
        .enumerate()
        .filter(|(_, (key, value))| passes(key, *value));
    grouped(&rows.take(limit).collect::<Vec<_>>())
}

/// A few attributes on one line: `http.route=/cart http.status_code=200`.
pub fn summary(list: ValueList<'_>) -> String {
    const SHOWN: usize = 4;
    let parts: Vec<String> = list
        .iter()
        .take(SHOWN)
        .map(|(key, value)| format!("{}={}", visible_line(clip(key, KEY_BYTES).0), line(value).0))
        .collect();
    parts.join(" ")
}

/// `http` of `http.route`; empty for a key of one part.
fn first_part(key: &str) -> &str {
    key.split_once('.').map_or("", |(first, _)| first)
}

fn row(at: usize, key: &str, value: ValueRef<'_>) -> Row {
    let (shown_key, cut) = clip(key, KEY_BYTES);
    Row {
        at,
        key: format!("{}{}", visible_line(shown_key), if cut { "…" } else { "" }),
        value: shown(key, value),
        kind: kind(value),
    }
}

fn kind(value: ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::Empty => "empty",
        ValueRef::Str(_) => "string",
        ValueRef::Bool(_) => "boolean",
        ValueRef::Int(_) => "integer",
        ValueRef::Double(_) => "double",
        ValueRef::Bytes(_) => "bytes",
        ValueRef::Array(_) => "array",
        ValueRef::Map(_) => "map",
    }
}

fn shown(key: &str, value: ValueRef<'_>) -> Shown {
    match value {
        ValueRef::Str(text) => shown_text(key, text),
        ValueRef::Array(list) | ValueRef::Map(list) if !list.is_empty() => {
            let (lines, more) = tree(value, ROWS_AT_FIRST);
            Shown::Tree { lines, more }
        }
        ValueRef::Bytes(text) if text.len() > BESIDE_BYTES / 2 => Shown::Text {
            total: text.len(),
            long: text.len() > FOLDED_BYTES,
            stack: false,
            json: false,
        },
        value => {
            let (text, tone) = line(value);
            Shown::Line { text, tone }
        }
    }
}

fn shown_text(key: &str, text: &str) -> Shown {
    let lines = text.split('\n').take(FOLDED_LINES + 1).count();
    if lines == 1 && text.len() <= BESIDE_BYTES {
        let (text, tone) = line(ValueRef::Str(text));
        return Shown::Line { text, tone };
    }
    let trimmed = text.trim();
    let json = matches!(
        (trimmed.bytes().next(), trimmed.bytes().last()),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
    );
    let last = key.rsplit('.').next().unwrap_or(key);
    Shown::Text {
        total: text.len(),
        long: lines > FOLDED_LINES || text.len() > FOLDED_BYTES,
        stack: matches!(last, "stacktrace" | "stack_trace" | "stack"),
        json,
    }
}

/// One value on one line.
pub fn line(value: ValueRef<'_>) -> (String, Tone) {
    match value {
        ValueRef::Empty => ("no value".to_owned(), Tone::Faint),
        ValueRef::Str("") => ("empty text".to_owned(), Tone::Faint),
        ValueRef::Str(text) => {
            let (head, cut) = clip(text, FOLDED_BYTES);
            (
                format!("{}{}", visible_line(head), if cut { "…" } else { "" }),
                Tone::Text,
            )
        }
        ValueRef::Bool(value) => (value.to_string(), Tone::Plain),
        ValueRef::Int(value) => (value.to_string(), Tone::Plain),
        ValueRef::Double(value) => (format!("{value:?}"), Tone::Plain),
        ValueRef::Bytes(text) => {
            let (head, cut) = clip(text, BESIDE_BYTES);
            let size = format::bytes(byte_length(text) as u64);
            (
                format!(
                    "{size}: {}{}",
                    visible_line(head),
                    if cut { "…" } else { "" }
                ),
                Tone::Plain,
            )
        }
        ValueRef::Array(list) if list.is_empty() => ("empty list".to_owned(), Tone::Faint),
        ValueRef::Map(list) if list.is_empty() => ("empty map".to_owned(), Tone::Faint),
        ValueRef::Array(list) => (format::counted(list.len() as u64, "item"), Tone::Faint),
        ValueRef::Map(list) => (format::counted(list.len() as u64, "key"), Tone::Faint),
    }
}

/// How many bytes a base64 text stands for.
pub fn byte_length(base64: &str) -> usize {
    let padding = base64
        .bytes()
        .rev()
        .take_while(|&byte| byte == b'=')
        .count();
    (base64.len() - padding) * 3 / 4
}

/// The first lines of a list or map, depth first; and whether there are more.
pub fn tree(value: ValueRef<'_>, limit: usize) -> (Vec<TreeLine>, bool) {
    let mut lines = Vec::new();
    let mut open = Vec::new();
    let enter = |value| match value {
        ValueRef::Array(list) => Some((true, list.iter().enumerate())),
        ValueRef::Map(list) => Some((false, list.iter().enumerate())),
        _ => None,
    };
    open.extend(enter(value));
    while let Some((in_array, values)) = open.last_mut() {
        let Some((at, (key, value))) = values.next() else {
            open.pop();
            continue;
        };
        let label = if *in_array {
            at.to_string()
        } else {
            visible_line(clip(key, KEY_BYTES).0).into_owned()
        };
        if lines.len() == limit {
            return (lines, true);
        }
        let (text, tone) = line(value);
        lines.push(TreeLine {
            depth: (open.len() - 1).min(INDENT_MAX),
            label,
            text,
            tone,
        });
        open.extend(enter(value));
    }
    (lines, false)
}

/// The beginning of a text while it is folded.
pub fn folded(text: &str) -> String {
    let lines = text
        .match_indices('\n')
        .nth(FOLDED_LINES - 1)
        .map_or(text.len(), |(at, _)| at);
    let (head, cut) = clip(text.get(..lines).unwrap_or(text), FOLDED_BYTES);
    if cut || lines < text.len() {
        format!("{}…", visible(head.trim_end()))
    } else {
        visible(head).into_owned()
    }
}

/// One page of a long text; where pages meet, each character is on exactly one.
pub fn page(text: &str, page: usize) -> String {
    let edge = |page: usize| text.floor_char_boundary(page.saturating_mul(PAGE_BYTES));
    visible(
        text.get(edge(page)..edge(page.saturating_add(1)))
            .unwrap_or(""),
    )
    .into_owned()
}

/// How many pages a text of so many bytes has.
pub const fn pages(bytes: usize) -> usize {
    bytes.div_ceil(PAGE_BYTES)
}

#[cfg(test)]
mod tests;

//! A value as a tree: JSON text, or a list or map of the store.
//!
//! **Invariant:** pure, and bounded in depth and in size: what is not a tree, or too much of one, is `None`. The order of
//! keys is that of the input.

use std::{fmt, sync::Arc};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use throughline_model::store::ValueRef;

use super::json;

/// Longer texts are not read as JSON, bytes.
pub const TEXT_MAX: usize = 1 << 20;
/// Larger trees of the store are not taken over, values.
const VALUES_MAX: usize = 50_000;
/// So deep values are taken over.
const DEPTH_MAX: usize = 64;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A text.
    Text(Arc<str>),
    /// A number, a boolean or nothing, as it is written.
    Bare(Arc<str>),
    /// Values by number; their keys are empty.
    List(Arc<[(Arc<str>, Node)]>),
    /// Values by key.
    Map(Arc<[(Arc<str>, Node)]>),
}

impl Node {
    /// A JSON text that is a list or a map.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let branch = matches!(text.bytes().next(), Some(b'{' | b'['));
        if !branch || text.len() > TEXT_MAX {
            return None;
        }
        serde_json::from_str(text).ok()
    }

    /// A value of the store; a text that is JSON becomes what it stands for.
    pub fn of(value: ValueRef<'_>) -> Option<Self> {
        let mut left = VALUES_MAX;
        match value {
            ValueRef::Str(text) => Some(Self::parse(text).unwrap_or_else(|| Self::text(text))),
            value => Self::taken(value, 0, &mut left),
        }
    }

    fn taken(value: ValueRef<'_>, depth: usize, left: &mut usize) -> Option<Self> {
        *left = left.checked_sub(1).filter(|_| depth < DEPTH_MAX)?;
        let mut branch = |list: throughline_model::store::ValueList<'_>| {
            let entries = list
                .iter()
                .map(|(key, value)| Some((key.into(), Self::taken(value, depth + 1, left)?)));
            entries.collect::<Option<Arc<[_]>>>()
        };
        Some(match value {
            ValueRef::Str(text) | ValueRef::Bytes(text) => Self::text(text),
            ValueRef::Array(list) => Self::List(branch(list)?),
            ValueRef::Map(list) => Self::Map(branch(list)?),
            ValueRef::Empty => Self::Bare("null".into()),
            value => Self::Bare(json::plain(value).into()),
        })
    }

    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Keys with values.
    pub fn map(entries: Vec<(Arc<str>, Self)>) -> Self {
        Self::Map(entries.into())
    }

    /// Values by number.
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().map(|value| ("".into(), value)).collect())
    }

    /// What is below it; nothing below a text or a number.
    pub fn entries(&self) -> &[(Arc<str>, Self)] {
        match self {
            Self::List(entries) | Self::Map(entries) => entries,
            Self::Text(_) | Self::Bare(_) => &[],
        }
    }

    /// Whether it holds so many values at most.
    pub fn is_within(&self, limit: usize) -> bool {
        let mut left = limit;
        let mut open = vec![self.entries()];
        while let Some(entries) = open.pop() {
            let Some(rest) = left.checked_sub(entries.len()) else {
                return false;
            };
            left = rest;
            open.extend(entries.iter().map(|(_, value)| value.entries()));
        }
        true
    }

    /// The value of a key that is not null.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else {
            return None;
        };
        let found = entries.iter().find(|(known, _)| **known == *key);
        let value = found.map(|(_, value)| value);
        value.filter(|value| !matches!(value, Self::Bare(word) if **word == *"null"))
    }

    /// The value of the first of the keys that it has.
    pub fn first(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// A text or a number of the first of the keys that it has.
    pub fn word(&self, keys: &[&str]) -> Option<&str> {
        match self.first(keys)? {
            Self::Text(text) | Self::Bare(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// For reading: a text as it is, anything else as JSON with a line for every value. Text that is JSON is laid out.
    pub fn readable(&self) -> String {
        if let Self::Text(text) = self {
            let branch = matches!(text.trim_start().bytes().next(), Some(b'{' | b'['));
            let laid_out = branch.then(|| json::laid_out(text)).flatten();
            return laid_out.unwrap_or_else(|| text.to_string());
        }
        let mut out = String::new();
        self.write(&mut out);
        json::laid_out(&out).unwrap_or(out)
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => json::write_text(text, out),
            Self::Bare(word) => out.push_str(word),
            Self::List(entries) => {
                out.push('[');
                for (at, (_, value)) in entries.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    value.write(out);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    json::write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bare(if value { "true" } else { "false" }.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Bare(value.to_string().into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Bare(value.to_string().into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Bare(format!("{value:?}").into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::text(value))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Bare("null".into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(value) = values.next_element()? {
            entries.push(("".into(), value));
        }
        Ok(Node::List(entries.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut values: A) -> Result<Node, A::Error> {
        let mut entries: Vec<(Arc<str>, Node)> = Vec::new();
        while let Some((key, value)) = values.next_entry::<String, Node>()? {
            entries.push((key.into(), value));
        }
        Ok(Node::Map(entries.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::sample::{self, Sample};

    #[test]
    fn trees_are_written_as_they_were() {
        let check = |text: &str, expected: Option<&str>| {
            let node = Node::parse(text);
            let written = node.map(|node| {
                let mut out = String::new();
                node.write(&mut out);
                out
            });
            assert_eq!(written.as_deref(), expected, "{text}");
        };
        let same = r#"{"z":1,"a":[true,null,-2,0.5,"\"é"],"e":{},"b":18446744073709551615}"#;
        check(same, Some(same));
        check(" [1 , 2] ", Some("[1,2]"));
        check("1", None);
        check("\"text\"", None);
        check("{broken", None);
        check(&"[".repeat(5_000), None);
        check(&format!("[\"{}\"]", "x".repeat(TEXT_MAX)), None);
    }

    #[test]
    fn values_are_counted_on_all_levels() {
        let node = Node::parse(r#"{"a":[1,2],"b":{"c":3}}"#).unwrap();
        assert!(node.is_within(5));
        assert!(!node.is_within(4));
    }

    #[test]
    fn lists_of_the_store_are_trees_within_bounds() {
        let check = |value: Sample, expected: Option<&str>| {
            let store = sample::attributes(&[("k", value)]);
            let node = store.span(0).attributes().get("k").and_then(Node::of);
            let written = node.map(|node| {
                let mut out = String::new();
                node.write(&mut out);
                out
            });
            assert_eq!(written.as_deref(), expected);
        };
        check(
            Sample::Map(vec![("x", Sample::Int(1)), ("y", Sample::Empty)]),
            Some(r#"{"x":1,"y":null}"#),
        );
        check(Sample::Str("[1]"), Some("[1]"));
        check(Sample::Str("[1"), Some("\"[1\""));
        check(Sample::Array(vec![Sample::Int(1); VALUES_MAX]), None);
        let deep = (0..DEPTH_MAX).fold(Sample::Int(1), |inner, _| Sample::Array(vec![inner]));
        check(deep, None);
    }
}

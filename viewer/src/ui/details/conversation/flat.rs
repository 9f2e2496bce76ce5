//! Messages that are spread over keys with numbers: `gen_ai.prompt.0.role`, `llm.input_messages.0.message.content`.
//!
//! ```text
//! gen_ai.prompt.0.role = "user"                     [{role: "user", content: "hello"}]
//! gen_ai.prompt.0.content = "hello"           →
//! ```
//!
//! **Invariant:** pure; a number out of order or without end costs nothing: only what is there is kept.

use std::collections::BTreeMap;

use throughline_model::store::{ValueList, ValueRef};

use super::super::node::Node;

/// Parts of a key that are told apart; the rest is one name.
const DEPTH_MAX: usize = 12;

/// The list whose values stand below `prefix`, in the order of their numbers.
pub(super) fn list(attributes: ValueList<'_>, prefix: &str) -> Option<Node> {
    let mut root = Branch::default();
    for (key, value) in attributes.iter() {
        let rest = key
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('.'));
        let numbered = rest.filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
        if let Some(rest) = numbered {
            root.put(rest, value);
        }
    }
    (root.is_list() && !root.below.is_empty()).then(|| root.node())
}

#[derive(Default)]
struct Branch {
    value: Option<Node>,
    below: BTreeMap<Key, Branch>,
}

/// Numbers by their value, words in the order in which they come.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(u32),
    Word(String),
}

impl Branch {
    fn put(&mut self, path: &str, value: ValueRef<'_>) {
        let mut branch = self;
        for part in path.splitn(DEPTH_MAX, '.') {
            let key = match part.parse() {
                Ok(number) => Key::Number(number),
                Err(_) => Key::Word(part.to_owned()),
            };
            branch = branch.below.entry(key).or_default();
        }
        branch.value = match value {
            // What a person wrote is not JSON because it begins with a bracket.
            ValueRef::Str(text) => Some(Node::text(text)),
            value => Node::of(value),
        };
    }

    fn is_list(&self) -> bool {
        self.below.keys().all(|key| matches!(key, Key::Number(_)))
    }

    fn node(self) -> Node {
        if self.below.is_empty() {
            return self.value.unwrap_or_else(|| Node::Bare("null".into()));
        }
        if self.is_list() {
            return Node::list(self.below.into_values().map(Self::node));
        }
        let word = |key| match key {
            Key::Number(number) => number.to_string(),
            Key::Word(word) => word,
        };
        let entries = self.below.into_iter();
        Node::map(
            entries
                .map(|(key, branch)| (word(key).into(), branch.node()))
                .collect(),
        )
    }
}

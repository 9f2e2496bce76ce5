//! One message of a conversation: who speaks, and what it is made of.
//!
//! **Invariant:** pure; whatever stands in a message has a part, what is not known as it came.

use super::super::{capitalised, node::Node, values};
use crate::ui::format;

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
    Tool,
    Other(String),
}

impl Role {
    /// By what it is called in the data.
    pub fn of(word: &str) -> Self {
        match word {
            "system" | "developer" => Self::System,
            "user" | "human" => Self::User,
            "assistant" | "model" | "ai" => Self::Assistant,
            "tool" | "function" => Self::Tool,
            word => Self::Other(word.to_owned()),
        }
    }

    /// In a word.
    pub fn words(&self) -> String {
        match self {
            Self::System => "System".to_owned(),
            Self::User => "User".to_owned(),
            Self::Assistant => "Assistant".to_owned(),
            Self::Tool => "Tool".to_owned(),
            Self::Other(word) => capitalised(&format::visible_line(format::clip(word, 60).0)),
        }
    }

    /// For the stylesheet.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Other(_) => "other",
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub role: Role,
    /// The name of who speaks, where one was given.
    pub name: Option<String>,
    pub parts: Vec<Part>,
    /// Why the model stopped, where the message says so.
    pub ended: Option<String>,
}

/// What a message is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    Thought(String),
    Call {
        name: String,
        id: Option<String>,
        arguments: String,
    },
    Answer {
        id: Option<String>,
        text: String,
    },
    /// An image, a sound or a file, in words.
    Media(String),
    /// A kind that is not known, and all of it.
    Other(String, String),
}

/// A list of messages, one message, a list of parts, or a text.
pub(super) fn of_messages(node: &Node, role: &Role) -> Vec<Turn> {
    let is_message = |node: &Node| {
        ["role", "message", "parts"]
            .iter()
            .any(|key| node.get(key).is_some())
    };
    match node {
        Node::List(entries)
            if !entries.is_empty() && !entries.iter().any(|(_, node)| is_message(node)) =>
        {
            // Keys with numbers may lack the role.
            let spread = entries
                .iter()
                .any(|(_, node)| node.get("type").is_none() && node.get("content").is_some());
            if spread {
                return entries
                    .iter()
                    .filter_map(|(_, node)| of_message(node, role))
                    .collect();
            }
            turn(
                role.clone(),
                entries.iter().map(|(_, node)| part(node)).collect(),
            )
            .into_iter()
            .collect()
        }
        Node::List(entries) => entries
            .iter()
            .filter_map(|(_, node)| of_message(node, role))
            .collect(),
        node => of_message(node, role).into_iter().collect(),
    }
}

fn turn(role: Role, parts: Vec<Part>) -> Option<Turn> {
    (!parts.is_empty()).then_some(Turn {
        role,
        name: None,
        parts,
        ended: None,
    })
}

/// One message; `role` is whose it is where it does not say so.
pub(super) fn of_message(node: &Node, role: &Role) -> Option<Turn> {
    if let Some(message) = node
        .get("message")
        .filter(|node| !node.entries().is_empty())
    {
        let ended = node.word(&["finish_reason"]).map(str::to_owned);
        let inner = of_message(message, role);
        let bare = || Turn {
            role: role.clone(),
            name: None,
            parts: Vec::new(),
            ended: None,
        };
        return Some(inner.unwrap_or_else(bare)).map(|turn| Turn {
            ended: turn.ended.clone().or(ended),
            ..turn
        });
    }
    if !matches!(node, Node::Map(_)) {
        return turn(role.clone(), vec![part(node)]);
    }
    let role = node.word(&["role"]).map_or_else(|| role.clone(), Role::of);
    let mut parts = Vec::new();
    let thought = node.word(&["reasoning_content", "reasoning"]);
    parts.extend(
        thought
            .filter(|text| !text.is_empty())
            .map(|text| Part::Thought(text.to_owned())),
    );
    if let Some(content) = node.first(&["parts", "content", "contents"]) {
        let id = node.word(&["tool_call_id", "id"]).map(str::to_owned);
        match content {
            Node::List(entries) => parts.extend(entries.iter().map(|(_, node)| part(node))),
            Node::Text(text) if text.is_empty() => {}
            content if role == Role::Tool => parts.push(Part::Answer {
                id,
                text: content.readable(),
            }),
            content => parts.push(part(content)),
        }
    }
    let calls = node.first(&["tool_calls"]).map(Node::entries);
    parts.extend(calls.unwrap_or_default().iter().map(|(_, node)| call(node)));
    parts.extend(node.get("function_call").map(call));
    let ended = node.word(&["finish_reason"]).map(str::to_owned);
    if parts.is_empty() && ended.is_none() {
        let known = ["role", "content", "parts", "gen_ai.system", "id", "index"];
        let rest = node
            .entries()
            .iter()
            .any(|(key, _)| !known.contains(&&**key));
        if rest {
            parts.push(Part::Other("message".to_owned(), node.readable()));
        }
    }
    (!parts.is_empty() || ended.is_some()).then(|| Turn {
        role,
        name: node.word(&["name"]).map(str::to_owned),
        parts,
        ended,
    })
}

fn part(node: &Node) -> Part {
    let node = node.get("message_content").unwrap_or(node);
    if let Node::Text(_) | Node::Bare(_) = node {
        return Part::Text(node.readable());
    }
    let text = |keys: &[&str]| node.first(keys).map(Node::readable);
    let kind = node.word(&["type"]).unwrap_or_default();
    let id = || {
        node.word(&["id", "tool_call_id", "tool_use_id"])
            .map(str::to_owned)
    };
    match kind {
        "text" | "input_text" | "output_text" | "" => text(&["content", "text"]).map(Part::Text),
        "reasoning" | "thinking" => text(&["content", "thinking", "text"]).map(Part::Thought),
        "tool_call" | "tool_use" | "function" | "function_call" | "server_tool_call" => {
            Some(call(node))
        }
        "tool_call_response"
        | "tool_result"
        | "function_call_output"
        | "server_tool_call_response" => {
            let keys = [
                "response",
                "result",
                "content",
                "output",
                "server_tool_call_response",
            ];
            text(&keys).map(|text| Part::Answer { id: id(), text })
        }
        "blob" | "file" | "uri" | "image" | "image_url" | "audio" | "document" => {
            Some(Part::Media(media(node, kind)))
        }
        _ => None,
    }
    .unwrap_or_else(|| {
        let kind = if kind.is_empty() { "part" } else { kind };
        Part::Other(kind.to_owned(), node.readable())
    })
}

fn call(node: &Node) -> Part {
    let node = node.get("tool_call").unwrap_or(node);
    let inner = node
        .get("function")
        .filter(|node| !node.entries().is_empty());
    let inner = inner.unwrap_or(node);
    let arguments = inner.first(&["arguments", "input", "args", "server_tool_call"]);
    Part::Call {
        name: inner.word(&["name"]).unwrap_or("a tool").to_owned(),
        id: node.word(&["id", "tool_call_id"]).map(str::to_owned),
        arguments: arguments.map_or_else(String::new, Node::readable),
    }
}

/// `image, image/png, 12 kB`.
fn media(node: &Node, kind: &str) -> String {
    let word = |keys: &[&str]| node.word(keys).map(str::to_owned);
    let size = node.word(&["content", "data"]).map(|text| {
        let bytes = values::byte_length(text);
        format!("{} not shown", format::bytes(bytes as u64))
    });
    let words = [
        word(&["modality"]).or_else(|| Some(kind.to_owned())),
        word(&["mime_type"]),
        word(&["uri", "url", "file_id"]),
        size,
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

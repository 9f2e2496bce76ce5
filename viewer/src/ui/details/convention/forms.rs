//! How values of the semantic conventions are written: sizes by the side that the span is of, statuses by their names.
//!
//! **Invariant:** a number that stands for a word keeps standing beside it; nothing is said that the attribute does not say.

use throughline_model::store::{SpanKind, SpanRef, ValueRef};

use super::{super::json, Form};
use crate::ui::format::{self, clip, visible_line};

/// Bytes of a value that are shown; all of it is with the attributes.
const SHOWN: usize = 200;

/// The names of gRPC's statuses by their numbers.
const GRPC: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Those that are errors for a server; the others are its client's.
const SERVER_ERRORS: [&str; 6] = [
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
];

/// Why models stop, and what that means.
const REASONS: [(&[&str], &str); 4] = [
    (&["stop", "end_turn", "stop_sequence"], "it was done"),
    (
        &["length", "max_tokens", "MAX_TOKENS"],
        "the limit of tokens was reached",
    ),
    (
        &["tool_calls", "tool_call", "tool_use", "function_call"],
        "it asks for tools",
    ),
    (&["content_filter", "refusal", "SAFETY"], "it was held back"),
];

/// What a line is called on this side of a call.
pub(super) fn label(kind: SpanKind, label: &'static str, form: Form) -> &'static str {
    match (form, kind) {
        (Form::Request, SpanKind::Client) | (Form::Response, SpanKind::Server) => "sent",
        (Form::Request, SpanKind::Server) | (Form::Response, SpanKind::Client) => "received",
        _ => label,
    }
}

/// The value in words, and whether it is an error for this side; `None` where there is nothing to say.
pub(super) fn written(
    span: SpanRef<'_>,
    key: &str,
    value: ValueRef<'_>,
    form: Form,
) -> Option<(String, bool)> {
    let number = match value {
        ValueRef::Int(number) => u64::try_from(number).ok(),
        ValueRef::Str(text) => text.parse().ok(),
        _ => None,
    };
    let mut wrong = false;
    let text = match (form, number) {
        (Form::Count, Some(number)) => format::count(number),
        (Form::Bytes | Form::Request | Form::Response, Some(number)) => format::bytes(number),
        (Form::Yes, _) => match value {
            ValueRef::Bool(false) => return None,
            ValueRef::Bool(true) => "yes".to_owned(),
            value => plain(value),
        },
        (Form::HttpStatus, Some(number)) => {
            wrong = number >= 500 || number >= 400 && span.kind() == SpanKind::Client;
            plain(value)
        }
        (Form::RpcStatus, _) if is_grpc(span, key) => match grpc(value) {
            Some((number, name)) => {
                wrong = match span.kind() {
                    SpanKind::Server => SERVER_ERRORS.contains(&name),
                    _ => number > 0,
                };
                format!("{number} {name}")
            }
            None => plain(value),
        },
        (Form::Cost, _) => cost(key, value),
        (Form::Reasons, _) => reasons(value),
        _ => plain(value),
    };
    (!text.is_empty()).then_some((text, wrong))
}

fn plain(value: ValueRef<'_>) -> String {
    let text = json::plain(value);
    let (head, cut) = clip(&text, SHOWN);
    format!("{}{}", visible_line(head), if cut { "…" } else { "" })
}

/// Statuses of other systems are words or numbers of their own.
fn is_grpc(span: SpanRef<'_>, key: &str) -> bool {
    let attributes = span.attributes();
    let system = ["rpc.system.name", "rpc.system"];
    key == "rpc.grpc.status_code"
        || system
            .iter()
            .any(|key| attributes.get_str(key) == Some("grpc"))
}

/// Number and name of a gRPC status, whichever was given.
fn grpc(value: ValueRef<'_>) -> Option<(usize, &'static str)> {
    let named = |text: &str| GRPC.iter().position(|name| text.eq_ignore_ascii_case(name));
    let number = match value {
        ValueRef::Int(number) => usize::try_from(number).ok()?,
        ValueRef::Str(text) => text.parse().ok().or_else(|| named(text))?,
        _ => return None,
    };
    Some((number, GRPC.get(number)?))
}

/// Few keys say of which currency they are.
fn cost(key: &str, value: ValueRef<'_>) -> String {
    let dollars = key.ends_with("usd") || key == "llm.cost.total";
    let currency = if dollars {
        " USD"
    } else {
        " (currency not given)"
    };
    format!("{}{currency}", plain(value))
}

/// `tool_calls (it asks for tools)`.
fn reasons(value: ValueRef<'_>) -> String {
    let ValueRef::Array(list) = value else {
        return reason(&plain(value));
    };
    let reasons: Vec<String> = list
        .iter()
        .map(|(_, value)| reason(&plain(value)))
        .collect();
    reasons.join(", ")
}

/// A reason with what it means, where that is known.
pub(in crate::ui::details) fn reason(word: &str) -> String {
    let known = REASONS.iter().find(|(words, _)| words.contains(&word));
    known.map_or_else(
        || word.to_owned(),
        |(_, meaning)| format!("{word} ({meaning})"),
    )
}

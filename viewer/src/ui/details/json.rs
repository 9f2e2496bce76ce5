//! Values as JSON: for the clipboard, and laid out for reading.
//!
//! **Invariant:** pure. Laying out changes white space only: every token stays as it was written.

use std::fmt::Write as _;

use serde::de::IgnoredAny;
use throughline_model::store::{ValueList, ValueRef};

/// How deep values are written; importers cut before that.
const DEPTH_MAX: usize = 64;

/// Keys with values as an object.
pub fn object(list: ValueList<'_>) -> String {
    let mut out = String::new();
    write_value(ValueRef::Map(list), 0, &mut out);
    out
}

/// One value. A text stays without quotes: this is what a person wants to paste.
pub fn plain(value: ValueRef<'_>) -> String {
    let mut out = String::new();
    match value {
        ValueRef::Str(text) | ValueRef::Bytes(text) => out.push_str(text),
        value => write_value(value, 0, &mut out),
    }
    out
}

/// JSON text with one value a line; `None` when it is not JSON.
pub fn laid_out(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0usize;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        match c {
            '"' => {
                let length = string_length(text.get(at..).unwrap_or_default());
                out.push_str(text.get(at..at + length).unwrap_or_default());
                while rest.next_if(|&(next, _)| next < at + length).is_some() {}
            }
            '{' | '[' => {
                out.push(c);
                while rest.next_if(|(_, c)| c.is_ascii_whitespace()).is_some() {}
                if let Some((_, close)) = rest.next_if(|&(_, c)| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(depth, &mut out);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(depth, &mut out);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(depth, &mut out);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    Some(out)
}

/// Length in bytes of the string literal at the start of `text`, both quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn new_line(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn write_value(value: ValueRef<'_>, depth: usize, out: &mut String) {
    if depth > DEPTH_MAX {
        out.push_str("null");
        return;
    }
    match value {
        ValueRef::Empty => out.push_str("null"),
        ValueRef::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        // Writing to a string cannot fail.
        ValueRef::Int(value) => drop(write!(out, "{value}")),
        ValueRef::Double(value) if value.is_finite() => drop(write!(out, "{value:?}")),
        ValueRef::Double(value) => write_text(&value.to_string(), out),
        ValueRef::Str(text) | ValueRef::Bytes(text) => write_text(text, out),
        ValueRef::Array(list) => {
            out.push('[');
            for (at, (_, value)) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(value, depth + 1, out);
            }
            out.push(']');
        }
        ValueRef::Map(list) => {
            out.push('{');
            for (at, (key, value)) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write_value(value, depth + 1, out);
            }
            out.push('}');
        }
    }
}

/// A text in quotes.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => drop(write!(out, "\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::sample::{self, Sample};

    #[test]
    fn values_are_written_exactly() {
        let check = |value: Sample, json: &str, text: &str| {
            let store = sample::attributes(&[("k", value)]);
            let list = store.span(0).attributes();
            assert_eq!(object(list), format!("{{\"k\":{json}}}"));
            assert_eq!(list.get("k").map(plain).as_deref(), Some(text));
            assert!(
                serde_json::from_str::<IgnoredAny>(&object(list)).is_ok(),
                "{json}"
            );
        };
        check(
            Sample::Str("a \"b\"\\\n\0"),
            r#""a \"b\"\\\n\u0000""#,
            "a \"b\"\\\n\0",
        );
        check(
            Sample::Int(i64::MIN),
            "-9223372036854775808",
            "-9223372036854775808",
        );
        check(Sample::Double(1.0), "1.0", "1.0");
        check(Sample::Double(f64::NAN), "\"NaN\"", "\"NaN\"");
        check(Sample::Bool(true), "true", "true");
        check(Sample::Empty, "null", "null");
        check(Sample::Bytes("3q2+7w=="), "\"3q2+7w==\"", "3q2+7w==");
        check(
            Sample::Array(vec![Sample::Int(1), Sample::Array(vec![])]),
            "[1,[]]",
            "[1,[]]",
        );
        check(
            Sample::Map(vec![("x", Sample::Int(1)), ("y", Sample::Str("z"))]),
            r#"{"x":1,"y":"z"}"#,
            r#"{"x":1,"y":"z"}"#,
        );
    }

    #[test]
    fn laying_out_keeps_every_token() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(laid_out(text).as_deref(), expected, "{text}");
        };
        check(
            r#"{"a":1.50,"b":[1e3, true],"c":{}}"#,
            Some("{\n  \"a\": 1.50,\n  \"b\": [\n    1e3,\n    true\n  ],\n  \"c\": {}\n}"),
        );
        check(
            r#"{"a{,":"\"}]\\"}"#,
            Some("{\n  \"a{,\": \"\\\"}]\\\\\"\n}"),
        );
        check("[ ]", Some("[]"));
        check("\"é: {\"", Some("\"é: {\""));
        check(
            "{\"big\": 123456789012345678901234567890}",
            Some("{\n  \"big\": 123456789012345678901234567890\n}"),
        );
        check("{broken", None);
        check(&"[".repeat(5_000), None);
    }
}

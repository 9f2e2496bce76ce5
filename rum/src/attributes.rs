//! Facts about a span as the page's side writes them: names and values in turn, as text.
//!
//! The first character of a name may say what the value is:
//!
//! ```text
//! #name   a whole number        %name   a float, as the number that its 64 bits make
//! ?name   true or false         !name   an event, at microseconds since the time origin
//! @name   a URL, to be compared  name   any other text
//! ```
//!
//! **Invariant**: any text gives whole attributes. A value that is empty is left out, one
//! that is no number where it should be is zero.

use throughline_model::otlp::SpanEncoder;
use throughline_model::time::{Nanos, UnixNanos};

use crate::text::cut;
use crate::url;

/// How large a span grows with attributes, in bytes. It may be described as long as it runs.
const MAX_LENGTH: usize = 12_000;

/// What has become of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// The hash of the last URL among them, zero without one.
    pub url: u32,
    /// How many the span had no room for.
    pub dropped: u64,
}

/// Adds what the pairs say to a span. `origin` is the page's time origin.
pub fn add(span: &mut SpanEncoder, mut pairs: &str, origin: UnixNanos) -> Added {
    let mut added = Added { url: 0, dropped: 0 };
    while !pairs.is_empty() {
        let (name, rest) = cut(pairs, 0);
        let (value, rest) = cut(rest, 0);
        pairs = rest;
        let plain = name.get(1..).unwrap_or_default();
        if value.is_empty() || name.is_empty() {
            continue;
        }
        if span.len() + name.len() + value.len() > MAX_LENGTH {
            added.dropped += 1;
            continue;
        }
        match name.as_bytes().first() {
            Some(b'#') => span.int(plain, number(value) as i64),
            Some(b'%') => span.double_bits(plain, number(value)),
            Some(b'?') => span.bool(plain, value == "true"),
            Some(b'!') => span.event(origin.plus(Nanos::from_micros(number(value))), plain),
            Some(b'@') => {
                added.url = url::hash(value);
                span.string(plain, value);
            }
            _ => span.string(name, value),
        }
    }
    added
}

/// Decimal digits, with a minus before them or not; what is none counts as zero.
pub fn number(text: &str) -> u64 {
    let mut number = 0u64;
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            number = number.wrapping_mul(10).wrapping_add(u64::from(byte & 15));
        }
    }
    if text.as_bytes().first() == Some(&b'-') {
        number.wrapping_neg()
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::trace::v1::Span;
    use prost::Message;
    use throughline_model::ids::{SpanId, TraceId};
    use throughline_model::otlp::Kind;

    use super::*;

    fn check(pairs: &[&str], expected: &[(&str, Value)], events: &[(&str, u64)]) {
        let kind = Kind::Internal;
        let origin = UnixNanos(1_000);
        let mut span = SpanEncoder::new(TraceId(1), SpanId(2), SpanId(0), "", kind, origin);
        add(&mut span, &pairs.join("\0"), origin);
        let span = Span::decode(&*span.finish(origin)).expect("a span");
        let found: Vec<_> = span
            .attributes
            .into_iter()
            .map(|each| (each.key, each.value.and_then(|value| value.value)))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Some(value.clone())))
            .collect();
        assert_eq!(found, expected, "{pairs:?}");
        let found: Vec<_> = span
            .events
            .iter()
            .map(|event| (&*event.name, event.time_unix_nano))
            .collect();
        assert_eq!(found, events);
    }

    #[test]
    fn the_first_character_says_what_it_is() {
        let text = |text: &str| Value::StringValue(text.to_owned());
        check(&[], &[], &[]);
        check(
            &["a", "b", "c", "d"],
            &[("a", text("b")), ("c", text("d"))],
            &[],
        );
        check(&["#n", "404"], &[("n", Value::IntValue(404))], &[]);
        check(&["#n", "-17"], &[("n", Value::IntValue(-17))], &[]);
        check(
            &["#n", "-9223372036854775808"],
            &[("n", Value::IntValue(i64::MIN))],
            &[],
        );
        check(&["#n", "x"], &[("n", Value::IntValue(0))], &[]);
        let bits = (-1.5f64).to_bits().to_string();
        check(&["%n", &bits], &[("n", Value::DoubleValue(-1.5))], &[]);
        check(&["?n", "true"], &[("n", Value::BoolValue(true))], &[]);
        check(&["?n", "false"], &[("n", Value::BoolValue(false))], &[]);
        check(&["!paint", "7"], &[], &[("paint", 8_000)]);
        check(
            &["@url.full", "http://a/?x=1"],
            &[("url.full", text("http://a/?x=1"))],
            &[],
        );
        check(&["a", "", "", "b", "c", "d", "e"], &[("c", text("d"))], &[]);
    }

    #[test]
    fn a_span_has_room_for_so_much() {
        let mut span = SpanEncoder::new(
            TraceId(1),
            SpanId(2),
            SpanId(0),
            "",
            Kind::Internal,
            UnixNanos(0),
        );
        let mut dropped = 0;
        for length in [5_000, 1, 5_000, 3_000, 1_000, 3_000, 100] {
            let pair = ["a", &"x".repeat(length)].join("\0");
            dropped += add(&mut span, &pair, UnixNanos(0)).dropped;
        }
        assert_eq!(dropped, 2);
        assert!((MAX_LENGTH - 1_000..MAX_LENGTH).contains(&span.len()));
    }
}

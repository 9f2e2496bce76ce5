//! Trace context: which trace and span a piece of work belongs to, and the header
//! that tells a server (W3C Trace Context, `traceparent`).
//!
//! **Invariant**: text in, values out and back; what may be sent where is decided in
//! [`crate::propagation`].

use alloc::string::String;

use throughline_model::ids::{SpanId, TraceId};

/// The place of one span, as far as other spans need to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Its trace.
    pub trace_id: TraceId,
    /// The span itself.
    pub span_id: SpanId,
    /// Whether the trace is recorded.
    pub sampled: bool,
}

impl Context {
    /// The place of no span.
    pub const NONE: Self = Self {
        trace_id: TraceId::INVALID,
        span_id: SpanId::INVALID,
        sampled: false,
    };

    /// The value of a `traceparent` header.
    ///
    /// Of the flags only *sampled* is sent. Level 2 of the specification adds
    /// *random*, but tracers that take any unknown flag for an error and then cut the
    /// trace are widely deployed.
    pub fn traceparent(&self) -> String {
        let mut text = String::new();
        text.push_str("00-");
        push_trace_id(&mut text, self.trace_id);
        text.push_str("-");
        push_hex(&mut text, self.span_id.0);
        text.push_str(if self.sampled { "-01" } else { "-00" });
        text
    }

    /// Whether it is the place of a span.
    pub fn exists(&self) -> bool {
        self.trace_id.is_valid()
    }

    /// Reads a `traceparent` header that has no spaces around it. A higher version may be longer; what is unknown
    /// in it is ignored. `None` when it is not valid.
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let (known, rest) = text.as_bytes().split_at_checked(55)?;
        let version = hex_field(known.get(..2)?)?;
        let ends_well = match version {
            0 => rest.is_empty(),
            0xff => false,
            _ => rest.first().is_none_or(|byte| *byte == b'-'),
        };
        let dashes = [2, 35, 52].iter().all(|at| known.get(*at) == Some(&b'-'));
        if !ends_well || !dashes {
            return None;
        }
        let high = hex_field(known.get(3..19)?)?;
        let low = hex_field(known.get(19..35)?)?;
        let context = Self {
            trace_id: TraceId(u128::from(high) << 64 | u128::from(low)),
            span_id: SpanId(hex_field(known.get(36..52)?)?),
            sampled: hex_field(known.get(53..55)?)? & 1 == 1,
        };
        (context.trace_id.is_valid() && context.span_id.is_valid()).then_some(context)
    }
}

/// The id as 32 hex digits, without the formatting machinery that `Display` brings.
pub fn hex_of(id: TraceId) -> String {
    let mut text = String::new();
    push_trace_id(&mut text, id);
    text
}

fn push_trace_id(text: &mut String, id: TraceId) {
    push_hex(text, id.high());
    push_hex(text, id.low());
}

const DIGITS: &str = "0123456789abcdef";

fn push_hex(text: &mut String, mut bits: u64) {
    for _ in 0..16 {
        bits = bits.rotate_left(4);
        let digit = bits as usize & 15;
        text.push_str(DIGITS.get(digit..=digit).unwrap_or_default());
    }
}

/// Up to 16 hex digits; lower-case only, as the specification demands.
fn hex_field(digits: &[u8]) -> Option<u64> {
    let mut value = 0;
    for digit in digits {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        value = value << 4 | u64::from(digit);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let read = Context::from_traceparent(text).map(|context| context.traceparent());
        assert_eq!(read.as_deref(), expected, "{text:?}");
    }

    const GOOD: &str = "00-12345678901234567890123456789012-1234567890123456-01";

    #[test]
    fn valid_headers_are_read() {
        check(GOOD, Some(GOOD));
        check(
            "00-12345678901234567890123456789012-1234567890123456-00",
            Some("00-12345678901234567890123456789012-1234567890123456-00"),
        );
        // Unknown flags are ignored, and not passed on.
        check(
            "00-12345678901234567890123456789012-1234567890123456-ff",
            Some(GOOD),
        );
        // A later version, with and without more.
        check(
            "cc-12345678901234567890123456789012-1234567890123456-01",
            Some(GOOD),
        );
        check(
            "cc-12345678901234567890123456789012-1234567890123456-01-what",
            Some(GOOD),
        );
    }

    #[test]
    fn invalid_headers_are_not() {
        check("", None);
        check("00", None);
        check("é", None);
        check(&format!("{GOOD}."), None);
        check(&format!("{GOOD}-what"), None);
        check(
            "cc-12345678901234567890123456789012-1234567890123456-01.what",
            None,
        );
        check(
            "ff-12345678901234567890123456789012-1234567890123456-01",
            None,
        );
        check(
            ".0-12345678901234567890123456789012-1234567890123456-01",
            None,
        );
        check(
            "00-00000000000000000000000000000000-1234567890123456-01",
            None,
        );
        check(
            "00-12345678901234567890123456789012-0000000000000000-01",
            None,
        );
        check(
            "00-.2345678901234567890123456789012-1234567890123456-01",
            None,
        );
        check(
            "00-1234567890123456789012345678901A-1234567890123456-01",
            None,
        );
        check(
            "00-12345678901234567890123456789012-123456789012345.-01",
            None,
        );
        check(
            "00-12345678901234567890123456789012-1234567890123456-.0",
            None,
        );
        check(
            "00-12345678901234567890123456789012-1234567890123456_01",
            None,
        );
    }
}

//! Trace context: which trace and span a piece of work belongs to, and the header
//! that tells a server (W3C Trace Context, `traceparent`).
//!
//! **Invariant**: text in, values out and back; which span a request belongs to is
//! decided in [`crate::recorder`].

use alloc::string::String;

use throughline_model::ids::{SpanId, TraceId};

/// The place of one span, as far as other spans need to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Its trace.
    pub trace_id: TraceId,
    /// The span itself.
    pub span_id: SpanId,
    /// W3C trace flags: [`Self::SAMPLED`], [`Self::RANDOM`], and no other.
    pub flags: u8,
}

impl Context {
    /// The place of no span.
    pub const NONE: Self = Self {
        trace_id: TraceId::INVALID,
        span_id: SpanId::INVALID,
        flags: 0,
    };

    /// The trace is recorded.
    pub const SAMPLED: u8 = 1;

    /// At least the right 56 bits of the trace id are random: level 2 of the
    /// specification. It is set on new ids only where the site asks for it, because
    /// tracers that take any flag but *sampled* for an error, and then cut the trace,
    /// are widely deployed. What came in is passed on in any case.
    pub const RANDOM: u8 = 2;

    /// Whether the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.flags & Self::SAMPLED != 0
    }

    /// The value of a `traceparent` header.
    pub fn traceparent(&self) -> String {
        let mut text = String::new();
        text.push_str("00-");
        push_trace_id(&mut text, self.trace_id);
        text.push_str("-");
        push_span_id(&mut text, self.span_id);
        text.push_str("-0");
        push_digit(&mut text, self.flags);
        text
    }

    /// Reads what a request carries already, as any tracer writes ids in hex: a
    /// `traceparent`, or `{trace}-{span}-…` with `-` or `:` between the parts, as in
    /// `b3`, `sentry-trace` and `uber-trace-id`. More lenient than
    /// [`Self::from_traceparent`]: it is not for us to judge what is sent in any case.
    /// `None` when there is no such thing.
    pub fn adopt(text: &str) -> Option<Self> {
        let mut fields = [0u64; 8];
        let mut at = 0;
        let mut digits = 0;
        // The field with the flags.
        let mut flags = 4;
        for byte in text.bytes() {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                b'-' | b':' => {
                    // A `traceparent` begins with its version. Jaeger has a span's parent
                    // before the flags.
                    at = if at == 0 && digits == 2 { 0 } else { at + 2 };
                    flags = if byte == b':' { 6 } else { flags };
                    if at == 0 {
                        fields = [0; 8];
                    }
                    digits = 0;
                    continue;
                }
                _ => return None,
            };
            digits += 1;
            // A field has two halves: digits move up from the second one into the first.
            let low = fields.get_mut(at + 1)?;
            let over = *low >> 60;
            *low = *low << 4 | u64::from(digit);
            *fields.get_mut(at)? = *fields.get(at)? << 4 | over;
            if digits > 32 {
                return None;
            }
        }
        let context = Self {
            trace_id: TraceId(u128::from(fields[0]) << 64 | u128::from(fields[1])),
            span_id: SpanId(fields[3]),
            flags: if at < flags {
                Self::SAMPLED
            } else {
                fields[flags + 1] as u8 & (Self::SAMPLED | Self::RANDOM)
            },
        };
        (context.exists() && context.span_id.is_valid() && fields[2] == 0).then_some(context)
    }

    /// Whether it is the place of a span.
    pub fn exists(&self) -> bool {
        self.trace_id.is_valid()
    }

    /// Reads a `traceparent` header that has no spaces around it. A higher version may
    /// be longer; what is unknown in it is ignored. `None` when it is not valid.
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
            flags: hex_field(known.get(53..55)?)? as u8 & (Self::SAMPLED | Self::RANDOM),
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

/// Appends the id as 16 hex digits.
pub fn push_span_id(text: &mut String, id: SpanId) {
    push_hex(text, id.0);
}

/// Appends 64 bits as 16 hex digits.
pub fn push_hex(text: &mut String, mut bits: u64) {
    for _ in 0..16 {
        bits = bits.rotate_left(4);
        push_digit(text, bits as u8 & 15);
    }
}

const DIGITS: &str = "0123456789abcdef";

fn push_digit(text: &mut String, digit: u8) {
    let at = usize::from(digit);
    text.push_str(DIGITS.get(at..=at).unwrap_or_default());
}

/// Up to 16 hex digits; lower-case only, as the specification demands.
pub fn hex_field(digits: &[u8]) -> Option<u64> {
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

    #[test]
    fn other_tracers_ids_are_adopted() {
        let check = |text: &str, expected: Option<&str>| {
            let read = Context::adopt(text).map(|context| context.traceparent());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        };
        const FULL: &str = "00-12345678901234567890123456789012-1234567890123456-01";
        const RANDOM: &str = "00-12345678901234567890123456789012-1234567890123456-03";
        const SHORT: &str = "00-00000000000000001234567890123456-000000000000000b-00";
        check(GOOD, Some(GOOD));
        check(
            "12345678901234567890123456789012-1234567890123456-1",
            Some(FULL),
        );
        check(
            "12345678901234567890123456789012-1234567890123456",
            Some(FULL),
        );
        check(RANDOM, Some(RANDOM));
        check(&format!("{FULL}-more"), None);
        check(
            "1234567890123456-000000000000000b-0-000000000000000c",
            Some(SHORT),
        );
        check("1234567890123456-000000000000000b-0", Some(SHORT));
        check("1234567890123456:b:0:0", Some(SHORT));
        for bad in [
            "",
            "0",
            "nonsense",
            "1234567890123456",
            "0-b-1",
            "a-0-1",
            "123456789012345678901234567890123-1-1",
            "a-12345678901234567-1",
            "a-b-1-2-3",
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "12345678901234567",
        ] {
            check(bad, None);
        }
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
            "00-12345678901234567890123456789012-1234567890123456-fc",
            Some("00-12345678901234567890123456789012-1234567890123456-00"),
        );
        // One of them is known since level 2.
        check(
            "00-12345678901234567890123456789012-1234567890123456-ff",
            Some("00-12345678901234567890123456789012-1234567890123456-03"),
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

//! Datadog's headers. Their ids are 64 bits in decimal; the other half of a trace id
//! travels as a tag.
//!
//! **Invariant**: a trace keeps all of its 128 bits, there and back.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use throughline_model::ids::{SpanId, TraceId};

use super::{Headers, number, only};
use crate::context::{Context, push_hex};

const TRACE: &str = "x-datadog-trace-id";
const PARENT: &str = "x-datadog-parent-id";
const PRIORITY: &str = "x-datadog-sampling-priority";
const TAGS: &str = "x-datadog-tags";
const HIGH_HALF: &str = "_dd.p.tid=";

/// The caller's span.
pub fn extract(headers: Headers<'_>) -> Option<Context> {
    let low = number::decimal(only(headers, TRACE)?)?;
    let span = number::decimal(only(headers, PARENT)?)?;
    let tags = only(headers, TAGS).unwrap_or_default();
    let high = tags
        .split(',')
        .find_map(|tag| tag.trim().strip_prefix(HIGH_HALF));
    let high = high
        .and_then(|high| number::exactly(high, 16))
        .unwrap_or_default();
    // -1 and 0 are no, 1 and 2 are yes, and nothing leaves it to us.
    let sampled = match only(headers, PRIORITY) {
        None | Some("1" | "2") => true,
        Some("0" | "-1") => false,
        Some(_) => return None,
    };
    Some(Context {
        trace_id: TraceId(u128::from(high) << 64 | u128::from(low)),
        span_id: SpanId(span),
        flags: u8::from(sampled),
    })
}

/// The headers for a request of this span.
pub fn inject(context: &Context) -> Vec<(String, String)> {
    let decimal = |number: u64| {
        let mut text = String::new();
        number::push_decimal(&mut text, number);
        text
    };
    let priority = if context.is_sampled() { "1" } else { "0" };
    let mut tags = HIGH_HALF.to_string();
    push_hex(&mut tags, context.trace_id.high());
    Vec::from([
        (TRACE.to_string(), decimal(context.trace_id.low())),
        (PARENT.to_string(), decimal(context.span_id.0)),
        (PRIORITY.to_string(), priority.to_string()),
        ("x-datadog-origin".to_string(), "rum".to_string()),
        (TAGS.to_string(), tags),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read() {
        let check = |more: &[(&str, &str)], expected: Option<(u128, bool)>| {
            let mut headers =
                Vec::from([("X-Datadog-Trace-Id", "10"), ("X-Datadog-Parent-Id", "11")]);
            headers.extend(more);
            let read = extract(&headers).map(|read| (read.trace_id.0, read.is_sampled()));
            assert_eq!(read, expected, "{more:?}");
        };
        check(&[], Some((10, true)));
        check(&[(PRIORITY, "2")], Some((10, true)));
        check(&[(PRIORITY, "-1")], Some((10, false)));
        check(&[(PRIORITY, "0")], Some((10, false)));
        check(&[(PRIORITY, "x")], None);
        check(
            &[(TAGS, "_dd.p.dm=-1, _dd.p.tid=0000000000000001")],
            Some(((1 << 64) + 10, true)),
        );
        // A half that cannot be read is no reason to lose the trace.
        check(&[(TAGS, "_dd.p.tid=xyz")], Some((10, true)));
        check(&[(TRACE, "12")], None);
    }
}

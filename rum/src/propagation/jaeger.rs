//! Jaeger's own format, `uber-trace-id: {trace}:{span}:{parent}:{flags}`; its clients
//! have long been replaced by OpenTelemetry's, and are still out there.
//!
//! **Invariant**: ids may lack their leading zeros, and the whole value may be percent
//! encoded; what we write lacks nothing.

use alloc::string::String;

use super::{Headers, number, only};
use crate::context::{Context, hex_of, push_span_id};

/// The caller's span.
pub fn extract(headers: Headers<'_>) -> Option<Context> {
    let value = only(headers, "uber-trace-id")?;
    let value = value.replace("%3A", ":").replace("%3a", ":");
    let mut parts = value.split(':');
    let (trace, span, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let one_digit_or_two = matches!(flags.len(), 1 | 2);
    if parts.next().is_some() || !one_digit_or_two || number::span_id(parent).is_none() {
        return None;
    }
    let flags = number::span_id(flags)?.0;
    Some(Context {
        trace_id: number::trace_id(trace)?,
        span_id: number::span_id(span)?,
        flags: flags as u8 & Context::SAMPLED,
    })
}

/// The header's value.
pub fn value(context: &Context) -> String {
    let mut text = hex_of(context.trace_id);
    text.push(':');
    push_span_id(&mut text, context.span_id);
    text.push_str(if context.is_sampled() { ":0:1" } else { ":0:0" });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let check = |value: &str, expected: Option<(u128, u64, bool)>| {
            let read = extract(&[("Uber-Trace-Id", value)])
                .map(|read| (read.trace_id.0, read.span_id.0, read.is_sampled()));
            assert_eq!(read, expected, "{value}");
        };
        check("a:b:0:1", Some((10, 11, true)));
        check("a:b:c:0", Some((10, 11, false)));
        check("a:b:0:3", Some((10, 11, true)));
        check("a:b:0:02", Some((10, 11, false)));
        check("a%3Ab%3a0%3A1", Some((10, 11, true)));
        for bad in [
            "",
            "a:b:0",
            "a:b:0:1:",
            "a:b:x:1",
            "a:b:0:",
            "a:b:0:001",
            "x:b:0:1",
        ] {
            check(bad, None);
        }
    }
}

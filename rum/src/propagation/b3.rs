//! B3, the format of Zipkin: one header, or several.
//!
//! **Invariant**: a decision without ids (`b3: 0`) continues no trace, and we never send
//! our parent's id: nobody needs it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Headers, number, only};
use crate::context::{Context, hex_of, push_span_id};

/// `b3: {trace}-{span}[-{0|1|d}[-{parent}]]`
pub fn extract_single(headers: Headers<'_>) -> Option<Context> {
    let mut parts = only(headers, "b3")?.split('-');
    let (trace, span) = (parts.next()?, parts.next()?);
    // Nothing said is taken for a wish to record: the caller leaves it to us.
    let sampled = match parts.next() {
        None | Some("1" | "d") => true,
        Some("0") => false,
        Some(_) => return None,
    };
    let parent = parts.next();
    if parent.is_some_and(|parent| number::exactly(parent, 16).is_none()) || parts.next().is_some()
    {
        return None;
    }
    context(trace, span, sampled)
}

/// `x-b3-traceid`, `x-b3-spanid`, `x-b3-sampled`, `x-b3-flags`
pub fn extract_multi(headers: Headers<'_>) -> Option<Context> {
    let debug = only(headers, "x-b3-flags") == Some("1");
    let sampled = match only(headers, "x-b3-sampled") {
        None | Some("1" | "true") => true,
        Some("0" | "false") => debug,
        Some(_) => return None,
    };
    context(
        only(headers, "x-b3-traceid")?,
        only(headers, "x-b3-spanid")?,
        sampled,
    )
}

fn context(trace: &str, span: &str, sampled: bool) -> Option<Context> {
    (matches!(trace.len(), 16 | 32) && span.len() == 16).then_some(())?;
    Some(Context {
        trace_id: number::trace_id(trace)?,
        span_id: number::span_id(span)?,
        flags: u8::from(sampled),
    })
}

/// The value of `b3`.
pub fn single(context: &Context) -> String {
    let mut text = hex_of(context.trace_id);
    text.push('-');
    push_span_id(&mut text, context.span_id);
    text.push_str(if context.is_sampled() { "-1" } else { "-0" });
    text
}

/// The `x-b3-` headers.
pub fn multi(context: &Context) -> Vec<(String, String)> {
    let mut span = String::new();
    push_span_id(&mut span, context.span_id);
    let sampled = if context.is_sampled() { "1" } else { "0" };
    Vec::from([
        ("x-b3-traceid".to_string(), hex_of(context.trace_id)),
        ("x-b3-spanid".to_string(), span),
        ("x-b3-sampled".to_string(), sampled.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read, as trace, span and whether it is sampled.
    fn brief(context: Option<Context>) -> Option<(u128, u64, bool)> {
        context.map(|read| (read.trace_id.0, read.span_id.0, read.is_sampled()))
    }

    #[test]
    fn one_header() {
        let check = |value: &str, expected: Option<(u128, u64, bool)>| {
            assert_eq!(brief(extract_single(&[("b3", value)])), expected, "{value}");
        };
        check("000000000000000a-000000000000000b", Some((10, 11, true)));
        check("000000000000000a-000000000000000b-1", Some((10, 11, true)));
        check("000000000000000a-000000000000000b-d", Some((10, 11, true)));
        check("000000000000000a-000000000000000b-0", Some((10, 11, false)));
        check(
            "00000000000000010000000000000002-000000000000000B-0-000000000000000c",
            Some(((1 << 64) + 2, 11, false)),
        );
        for bad in [
            "",
            "0",
            "d",
            "a-b-1",
            "000000000000000a-000000000000000b-x",
            "000000000000000a-000000000000000b-1-c",
            "000000000000000a-000000000000000b-1-000000000000000c-",
            "00000000000000000a-000000000000000b-1",
            "000000000000000g-000000000000000b-1",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn several_headers() {
        let check = |more: &[(&str, &str)], expected: Option<(u128, u64, bool)>| {
            let mut headers = Vec::from([
                ("X-B3-TraceId", "000000000000000a"),
                ("X-B3-SpanId", "000000000000000b"),
                ("X-B3-ParentSpanId", "000000000000000c"),
            ]);
            headers.extend(more);
            assert_eq!(brief(extract_multi(&headers)), expected, "{more:?}");
        };
        check(&[], Some((10, 11, true)));
        check(&[("X-B3-Sampled", "1")], Some((10, 11, true)));
        check(&[("X-B3-Sampled", "true")], Some((10, 11, true)));
        check(&[("X-B3-Sampled", "0")], Some((10, 11, false)));
        check(&[("X-B3-Sampled", "false")], Some((10, 11, false)));
        check(
            &[("X-B3-Sampled", "0"), ("X-B3-Flags", "1")],
            Some((10, 11, true)),
        );
        check(&[("X-B3-Sampled", "maybe")], None);
        check(&[("x-b3-spanid", "000000000000000d")], None);
    }
}

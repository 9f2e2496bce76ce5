//! Trace context in headers, in the formats that servers understand: reading it, and
//! writing it for a request of one's own.
//!
//! ```text
//! traceparent, tracestate   W3C Trace Context, level 2      baggage   W3C Baggage
//! b3 · x-b3-…               Zipkin, one header or several   uber-trace-id   Jaeger
//! x-datadog-…               Datadog                         x-amzn-trace-id   AWS X-Ray
//! any name                  a correlation id: the trace id and nothing else
//! ```
//!
//! A format is one file that reads and writes it. The script tag itself writes W3C alone,
//! because few pages want more, and adopts the ids that others have written.
//!
//! **Invariant**: headers in, headers out. What may be sent where is decided by the page's
//! side, which trace a request belongs to in [`crate::recorder`].

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use throughline_model::ids::SpanId;

use crate::context::Context;
use crate::ids::IdSource;

pub mod b3;
pub mod baggage;
pub mod datadog;
pub mod jaeger;
mod number;
pub mod traceparent;
pub mod tracestate;
pub mod xray;

pub use tracestate::TraceState;

/// Headers of a request as name and value, in their order, each as often as it was sent.
pub type Headers<'a> = &'a [(&'a str, &'a str)];

/// What a request says about the trace that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The caller's span.
    pub context: Context,
    /// What tracers along the way have added. Empty in formats that know no such thing.
    pub state: TraceState,
}

impl Remote {
    fn of(context: Context) -> Option<Self> {
        (context.trace_id.is_valid() && context.span_id.is_valid()).then(|| Self {
            context,
            state: TraceState::default(),
        })
    }
}

/// One way to write trace context down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format<'a> {
    /// `traceparent` and `tracestate`.
    W3c,
    /// `b3`.
    B3,
    /// `x-b3-traceid` and its like.
    B3Multi,
    /// `uber-trace-id`.
    Jaeger,
    /// `x-datadog-trace-id` and its like.
    Datadog,
    /// `x-amzn-trace-id`.
    XRay,
    /// The trace id alone, under a name of the site's own.
    Correlation(&'a str),
}

impl<'a> Format<'a> {
    /// By the name that sites write, such as `b3multi`. Names do not care about case.
    pub fn named(name: &'a str) -> Option<Self> {
        const NAMES: [(&str, Format<'_>); 6] = [
            ("tracecontext", Format::W3c),
            ("b3", Format::B3),
            ("b3multi", Format::B3Multi),
            ("jaeger", Format::Jaeger),
            ("datadog", Format::Datadog),
            ("xray", Format::XRay),
        ];
        let is = |(known, _): &&(&str, Format<'a>)| known.eq_ignore_ascii_case(name);
        if let Some((_, format)) = NAMES.iter().find(is) {
            return Some(*format);
        }
        let name = name.strip_prefix("correlation:")?;
        let is_token = |byte: u8| baggage::is_token(byte);
        (!name.is_empty() && name.bytes().all(is_token)).then_some(Format::Correlation(name))
    }

    /// What a request says in this format; nothing when that is not valid.
    pub fn extract(self, headers: Headers<'_>) -> Option<Remote> {
        match self {
            Format::W3c => traceparent::extract(headers),
            Format::B3 => b3::extract_single(headers).and_then(Remote::of),
            Format::B3Multi => b3::extract_multi(headers).and_then(Remote::of),
            Format::Jaeger => jaeger::extract(headers).and_then(Remote::of),
            Format::Datadog => datadog::extract(headers).and_then(Remote::of),
            Format::XRay => xray::extract(headers).and_then(Remote::of),
            // It names a trace and no span to continue.
            Format::Correlation(_) => None,
        }
    }

    /// The headers with which a request says that it is this span's.
    pub fn inject(self, context: &Context, state: &TraceState) -> Vec<(String, String)> {
        let one = |name: &str, value: String| Vec::from([(name.to_string(), value)]);
        match self {
            Format::W3c => traceparent::inject(context, state),
            Format::B3 => one("b3", b3::single(context)),
            Format::B3Multi => b3::multi(context),
            Format::Jaeger => one("uber-trace-id", jaeger::value(context)),
            Format::Datadog => datadog::inject(context),
            Format::XRay => one("x-amzn-trace-id", xray::value(context)),
            Format::Correlation(name) => one(name, crate::context::hex_of(context.trace_id)),
        }
    }
}

/// The place of a new span that answers a request: in the caller's trace, or in a trace of
/// its own. What tracers have added goes on with it.
pub fn answer(remote: Option<Remote>, ids: &mut IdSource) -> Remote {
    let mut answer = remote.unwrap_or_else(|| Remote {
        context: Context {
            trace_id: ids.trace_id(),
            span_id: SpanId::INVALID,
            flags: Context::SAMPLED | Context::RANDOM,
        },
        state: TraceState::default(),
    });
    answer.context.span_id = ids.span_id();
    answer
}

/// What a request says in the first of these formats that it says anything valid in.
pub fn extract(headers: Headers<'_>, formats: &[Format<'_>]) -> Option<Remote> {
    formats.iter().find_map(|format| format.extract(headers))
}

/// The values of a header, without the spaces and tabs around them.
fn values<'a>(headers: Headers<'a>, name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = move |(each, _): &&(&str, &str)| each.eq_ignore_ascii_case(name);
    headers
        .iter()
        .filter(named)
        .map(|(_, value)| trimmed(value))
}

/// The value of a header that may be there once. Whoever sends two of them is believed in
/// neither.
fn only<'a>(headers: Headers<'a>, name: &'a str) -> Option<&'a str> {
    let mut values = values(headers, name);
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

/// Without the optional white space that HTTP allows around values.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use throughline_model::ids::TraceId;

    use super::*;

    /// A trace id whose upper half is the time of day that X-Ray wants.
    const TRACE: TraceId = TraceId(0x6560_f2a1_0102_0304_a3ce_929d_0e0e_4736);

    fn context(flags: u8) -> Context {
        Context {
            trace_id: TRACE,
            span_id: SpanId(0x00f0_67aa_0ba9_02b7),
            flags,
        }
    }

    /// What is written as `name: value` lines, and that it is read back as what it was.
    #[track_caller]
    fn check(format: &str, flags: u8, expected: &[&str]) {
        let format = Format::named(format).expect("a format");
        let written = format.inject(&context(flags), &TraceState::default());
        let lines: Vec<_> = written
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        assert_eq!(lines, expected);
        let headers: Vec<_> = written.iter().map(|(n, v)| (&**n, &**v)).collect();
        let read = format.extract(&headers).map(|remote| remote.context);
        let sampled = flags & Context::SAMPLED;
        let expected = match format {
            Format::Correlation(_) => None,
            Format::W3c => Some(context(flags)),
            _ => Some(context(sampled)),
        };
        assert_eq!(read, expected, "{format:?}");
    }

    #[test]
    fn every_format_reads_what_it_writes() {
        const ID: &str = "6560f2a101020304a3ce929d0e0e4736";
        check(
            "tracecontext",
            3,
            &[&format!("traceparent: 00-{ID}-00f067aa0ba902b7-03")],
        );
        check("B3", 3, &[&format!("b3: {ID}-00f067aa0ba902b7-1")]);
        check(
            "b3multi",
            0,
            &[
                &format!("x-b3-traceid: {ID}"),
                "x-b3-spanid: 00f067aa0ba902b7",
                "x-b3-sampled: 0",
            ],
        );
        check(
            "jaeger",
            1,
            &[&format!("uber-trace-id: {ID}:00f067aa0ba902b7:0:1")],
        );
        check(
            "datadog",
            1,
            &[
                "x-datadog-trace-id: 11803532876627986230",
                "x-datadog-parent-id: 67667974448284343",
                "x-datadog-sampling-priority: 1",
                "x-datadog-origin: rum",
                "x-datadog-tags: _dd.p.tid=6560f2a101020304",
            ],
        );
        check(
            "xray",
            0,
            &[
                "x-amzn-trace-id: Root=1-6560f2a1-01020304a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=0",
            ],
        );
        check(
            "correlation:X-Request-Id",
            1,
            &[&format!("X-Request-Id: {ID}")],
        );
    }

    #[test]
    fn names_that_are_no_format() {
        for name in [
            "",
            "zipkin",
            "correlation:",
            "correlation:a b",
            "correlation:a\r\nb",
        ] {
            assert_eq!(Format::named(name), None, "{name:?}");
        }
    }

    #[test]
    fn the_first_valid_format_counts() {
        let formats = [Format::W3c, Format::B3];
        let b3 = ("B3", "0000000000000000000000000000000a-000000000000000b-1");
        let valid = (
            "traceparent",
            "00-0000000000000000000000000000000c-000000000000000d-00",
        );
        let check = |headers: Headers<'_>, expected: Option<u128>| {
            let trace = extract(headers, &formats).map(|remote| remote.context.trace_id.0);
            assert_eq!(trace, expected, "{headers:?}");
        };
        check(&[b3, valid], Some(0xc));
        check(&[b3, ("traceparent", "nonsense")], Some(0xa));
        check(&[b3], Some(0xa));
        check(&[], None);
    }
}

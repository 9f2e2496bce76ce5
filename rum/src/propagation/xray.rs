//! AWS X-Ray: `Root=1-{8 hex: epoch seconds}-{24 hex};Parent={16 hex};Sampled={0|1}`.
//!
//! X-Ray refuses ids whose first four bytes are not a recent time: pages that send this
//! format need trace ids that begin with one, see [`crate::ids::IdSource::dated`].
//!
//! **Invariant**: the trace id is the same 128 bits as in every other format.

use alloc::string::String;

use throughline_model::ids::{SpanId, TraceId};

use super::{Headers, number, only};
use crate::context::{Context, hex_of, push_span_id};

/// The caller's span. Other fields, such as `Self` and `Lineage`, may stand between.
pub fn extract(headers: Headers<'_>) -> Option<Context> {
    let mut context = Context::NONE;
    for field in only(headers, "x-amzn-trace-id")?.split(';') {
        match field.trim().split_once('=')? {
            ("Root", root) => context.trace_id = trace_id(root)?,
            ("Parent", parent) => context.span_id = SpanId(number::exactly(parent, 16)?),
            ("Sampled", sampled) => context.flags = u8::from(sampled == "1"),
            _ => {}
        }
    }
    Some(context)
}

fn trace_id(root: &str) -> Option<TraceId> {
    let (epoch, rest) = root.strip_prefix("1-")?.split_once('-')?;
    let epoch = number::exactly(epoch, 8)?;
    let high = number::exactly(rest.get(..8)?, 8)?;
    let low = number::exactly(rest.get(8..)?, 16)?;
    Some(TraceId(
        u128::from(epoch << 32 | high) << 64 | u128::from(low),
    ))
}

/// The header's value.
pub fn value(context: &Context) -> String {
    let id = hex_of(context.trace_id);
    let (epoch, rest) = id.split_at_checked(8).unwrap_or_default();
    let mut text = ["Root=1-", epoch, "-", rest, ";Parent="].concat();
    push_span_id(&mut text, context.span_id);
    text.push_str(if context.is_sampled() {
        ";Sampled=1"
    } else {
        ";Sampled=0"
    });
    text
}

#[cfg(test)]
mod tests {
    use crate::propagation::Format;

    #[test]
    fn values_are_read() {
        let check = |value: &str, expected: Option<(u128, u64, bool)>| {
            let read = Format::XRay.extract(&[("X-Amzn-Trace-Id", value)]);
            let read = read.map(|read| read.context);
            let read = read.map(|read| (read.trace_id.0, read.span_id.0, read.is_sampled()));
            assert_eq!(read, expected, "{value}");
        };
        const ROOT: u128 = 0x5759_e988_bd86_2e3f_e1be_46a9_9427_2793;
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        check(
            &format!("{root};Parent=53995c3f42cd8ad8;Sampled=1"),
            Some((ROOT, 0x5399_5c3f_42cd_8ad8, true)),
        );
        check(
            &format!("Self=1-0-1; {root} ;Parent=53995c3f42cd8ad8;Sampled=?"),
            Some((ROOT, 0x5399_5c3f_42cd_8ad8, false)),
        );
        for bad in [
            "",
            root,
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988-bd862e3fe1be46a99427279;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad",
            "nonsense",
        ] {
            check(bad, None);
        }
    }
}

//! W3C Trace Context, level 2: `traceparent` and the `tracestate` beside it.
//!
//! **Invariant**: of headers that are not valid nothing is believed: neither a
//! `tracestate` without a valid `traceparent`, nor one of two `traceparent`s.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Headers, Remote, TraceState, only, values};
use crate::context::Context;

const PARENT: &str = "traceparent";
const STATE: &str = "tracestate";

/// The caller's span, if there is a valid one.
pub fn extract(headers: Headers<'_>) -> Option<Remote> {
    let context = Context::from_traceparent(only(headers, PARENT)?)?;
    let state = TraceState::parse(values(headers, STATE)).unwrap_or_default();
    Some(Remote { context, state })
}

/// The headers for a request of this span.
pub fn inject(context: &Context, state: &TraceState) -> Vec<(String, String)> {
    let mut headers = Vec::from([(PARENT.to_string(), context.traceparent())]);
    let state = state.value();
    if !state.is_empty() {
        headers.push((STATE.to_string(), state));
    }
    headers
}

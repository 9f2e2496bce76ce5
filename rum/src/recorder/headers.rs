//! What a request tells its server of the span that it is.
//!
//! **Invariant**: writes what [`crate::propagation`] knows how to write; which requests may carry
//! it the page's side has decided.

use alloc::string::String;

use super::Recorder;
use crate::propagation::{Format, TraceState};
use crate::spans::Handle;
use crate::text::cut;

impl Recorder {
    /// The headers that tell a server of an open span, names and values in turn, a NUL between
    /// any two. `own` is whether they go to the page's own origin: `tracestate` goes to others
    /// only where the site asks for it, because they would have to permit it.
    pub fn headers(&mut self, handle: Handle, own: bool) -> String {
        let mut text = String::new();
        let Some(span) = self.spans.get(handle) else {
            return text;
        };
        let context = span.context;
        let mut push = |name: &str, value: &str| {
            if !text.is_empty() {
                text.push_str("\0");
            }
            text.push_str(name);
            text.push_str("\0");
            text.push_str(value);
        };
        if self.formats.is_empty() {
            push("traceparent", &context.traceparent());
        }
        // What the server has begun follows the server's own numbers, which are not known.
        let ours = context.trace_id != self.server.trace_id;
        let state = match self.sampler.trace_state(context.is_sampled()) {
            Some(state) if ours => state,
            _ => String::new(),
        };
        if own && self.formats.is_empty() && !state.is_empty() {
            push("tracestate", &state);
        }
        let mut formats = &*self.formats;
        while !formats.is_empty() {
            let (format, rest) = cut(formats, b' ');
            formats = rest;
            if format == "tracestate" && !state.is_empty() {
                push(format, &state);
            } else if let Some(format) = Format::named(format) {
                for (name, value) in format.inject(&context, &TraceState::default()) {
                    push(&name, &value);
                }
            }
        }
        if !self.baggage.is_empty() {
            push("baggage", &self.baggage);
        }
        text
    }
}

//! Requests that are under way, and the client spans that they become.
//!
//! **Invariant**: what is kept of a request is its method and its redacted URL; no
//! header, no body. At most 1,024 are under way.

use alloc::string::String;
use alloc::vec::Vec;

use throughline_model::ids::SpanId;
use throughline_model::otlp::{Kind, SpanEncoder};
use throughline_model::time::UnixNanos;

use crate::context::Context;
use crate::url::Url;

/// How many requests may be under way. More are not recorded.
const MAX_OPEN: usize = 1024;

/// The methods that the semantic conventions know.
const METHODS: [&str; 9] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

/// Names one request that is under way. Zero names none.
pub type Handle = u32;

/// One request that has not settled.
#[derive(Debug)]
pub struct Request {
    handle: Handle,
    /// Its own place.
    pub context: Context,
    /// Whether it is to carry a trace header.
    propagate: bool,
    /// The click that has adopted it, or no valid id.
    pub click: SpanId,
    start: UnixNanos,
    span: SpanEncoder,
}

/// How a request settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// With a response. The status is 0 when the page may not know it.
    Response {
        /// The HTTP status code.
        status: u16,
    },
    /// With an error of this name: `TypeError` for network errors, `AbortError` when
    /// the page called it off.
    Error {
        /// The error's name.
        name: &'a str,
    },
    /// Not at all: the page is being left.
    Interrupted,
}

/// All requests under way.
#[derive(Debug)]
pub struct Requests {
    last_handle: Handle,
    open: Vec<Request>,
}

impl Requests {
    /// No request yet.
    pub const fn new() -> Self {
        Self {
            last_handle: 0,
            open: Vec::new(),
        }
    }

    /// Whether one more may be recorded.
    pub fn has_room(&self) -> bool {
        self.open.len() < MAX_OPEN
    }

    /// Keeps a request until it settles.
    pub fn insert(&mut self, mut request: Request) -> Handle {
        self.last_handle = self.last_handle.wrapping_add(1).max(1);
        request.handle = self.last_handle;
        self.open.push(request);
        self.last_handle
    }

    /// What the header of a request is to say, if it is to carry one; once.
    pub fn take_header(&mut self, handle: Handle) -> Option<&Context> {
        let at = self.position(handle)?;
        let request = self.open.get_mut(at)?;
        core::mem::take(&mut request.propagate).then_some(&request.context)
    }

    /// Takes out a request that has settled.
    pub fn remove(&mut self, handle: Handle) -> Option<Request> {
        let at = self.position(handle)?;
        // In its place comes the last one: their order says nothing.
        let last = self.open.pop()?;
        match self.open.get_mut(at) {
            Some(place) => Some(core::mem::replace(place, last)),
            None => Some(last),
        }
    }

    /// Takes out any request: the page is being left.
    pub fn pop(&mut self) -> Option<Request> {
        self.open.pop()
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        self.open.len()
    }

    /// Most requests that are asked for are among the latest.
    fn position(&self, handle: Handle) -> Option<usize> {
        self.open.iter().rposition(|open| open.handle == handle)
    }
}

impl Request {
    /// A request that starts now, with what is known of it. `parent` is zero for the
    /// root of a trace.
    pub fn new(
        context: Context,
        parent: SpanId,
        propagate: bool,
        start: UnixNanos,
        method: &str,
        url: &Url<'_>,
    ) -> Self {
        // As in fetch itself, case does not matter but for the latest of them.
        let known = METHODS.into_iter().find(|known| {
            *known == method || (known.eq_ignore_ascii_case(method) && *known != "PATCH")
        });
        let mut name = String::new();
        name.push_str(known.unwrap_or("HTTP"));
        name.push_str(" ");
        url.push_path_template(&mut name);
        let mut span = SpanEncoder::new(
            context.trace_id,
            context.span_id,
            parent,
            &name,
            Kind::Client,
            start,
        );
        span.string("http.request.method", known.unwrap_or("_OTHER"));
        if known.is_none() {
            span.string("http.request.method_original", method);
        }
        span.string("url.full", &url.redacted());
        span.string("server.address", url.hostname);
        span.int("server.port", i64::from(url.port_number()));
        Self {
            handle: 0,
            context,
            propagate,
            click: SpanId::INVALID,
            start,
            span,
        }
    }

    /// Links it to another span of the page.
    pub fn link(&mut self, to: &Context) {
        self.span.link(to.trace_id, to.span_id);
    }

    /// Its encoded span, now that it has settled.
    pub fn into_span(mut self, now: UnixNanos, outcome: Outcome<'_>) -> Vec<u8> {
        let span = &mut self.span;
        match outcome {
            Outcome::Response { status } => {
                if status > 0 {
                    span.int("http.response.status_code", i64::from(status));
                }
                if status >= 400 {
                    let digit = |number: u16| b'0' + (number % 10) as u8;
                    let digits = [digit(status / 100), digit(status / 10), digit(status)];
                    let digits = core::str::from_utf8(&digits).unwrap_or_default();
                    span.string("error.type", digits);
                    span.fail();
                }
            }
            Outcome::Error { name } => {
                span.string("error.type", name);
                // Who calls a request off does not want it to count as failed.
                if name != "AbortError" {
                    span.fail();
                }
            }
            Outcome::Interrupted => span.bool("throughline.interrupted", true),
        }
        self.span.finish(now.max(self.start))
    }
}

#[cfg(test)]
mod tests {
    use throughline_model::ids::TraceId;

    use super::*;
    use crate::decoded;
    use crate::url::parts_of;

    fn begin(method: &str, url: &str) -> Request {
        let context = Context {
            trace_id: TraceId(1),
            span_id: SpanId(2),
            sampled: true,
        };
        let parts = parts_of(url);
        let url = Url::from_parts(&parts).unwrap();
        Request::new(context, SpanId(3), true, UnixNanos(5), method, &url)
    }

    #[test]
    fn what_is_known_at_the_start() {
        let check = |method: &str, url: &str, name: &str, expected: &[&str]| {
            let outcome = Outcome::Response { status: 0 };
            let bytes = begin(method, url).into_span(UnixNanos(9), outcome);
            let span = decoded::span(&bytes);
            assert_eq!((&*span.name, span.kind), (name, 3));
            assert_eq!(span.attributes(), expected);
        };
        check(
            "POST",
            "http://a.example:81/api/checkout?token=1",
            "POST /api/checkout",
            &[
                "http.request.method=POST",
                "url.full=http://a.example:81/api/checkout?token=REDACTED",
                "server.address=a.example",
                "server.port=81",
            ],
        );
        check(
            "get",
            "https://a.example/cart/17",
            "GET /cart/{id}",
            &[
                "http.request.method=GET",
                "url.full=https://a.example/cart/17",
                "server.address=a.example",
                "server.port=443",
            ],
        );
        check(
            "patch",
            "https://a.example/",
            "HTTP /",
            &[
                "http.request.method=_OTHER",
                "http.request.method_original=patch",
                "url.full=https://a.example/",
                "server.address=a.example",
                "server.port=443",
            ],
        );
    }

    #[test]
    fn how_it_ended() {
        let check = |outcome: Outcome<'_>, failed: bool, expected: &[&str]| {
            let bytes = begin("GET", "https://a.example/").into_span(UnixNanos(9), outcome);
            let span = decoded::span(&bytes);
            assert_eq!((span.failed(), span.end_time_unix_nano), (failed, 9));
            assert_eq!(span.attributes()[4..], *expected);
        };
        let response = |status| Outcome::Response { status };
        let error = |name| Outcome::Error { name };
        check(response(200), false, &["http.response.status_code=200"]);
        check(
            response(404),
            true,
            &["http.response.status_code=404", "error.type=404"],
        );
        check(
            response(503),
            true,
            &["http.response.status_code=503", "error.type=503"],
        );
        check(response(0), false, &[]);
        check(error("TypeError"), true, &["error.type=TypeError"]);
        check(error("AbortError"), false, &["error.type=AbortError"]);
        check(
            Outcome::Interrupted,
            false,
            &["throughline.interrupted=true"],
        );
    }

    #[test]
    fn handles_name_one_request_each() {
        let mut requests = Requests::new();
        let one = || begin("GET", "https://a.example/");
        let first = requests.insert(one());
        let second = requests.insert(one());
        assert_ne!(first, second);
        assert!(requests.take_header(first).is_some());
        assert!(requests.take_header(first).is_none());
        assert!(requests.remove(first).is_some());
        assert!(requests.remove(first).is_none());
        assert!(requests.remove(0).is_none());
        assert_eq!(requests.count(), 1);
        while requests.has_room() {
            requests.insert(one());
        }
        assert_eq!(requests.count(), MAX_OPEN);
        assert!(requests.pop().is_some());
    }
}

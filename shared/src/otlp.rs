//! OTLP, the protocol in which spans travel, on the writing side.
//!
//! There are two ways to write it. [`ResourceSpans`] and its parts are plain values
//! for a whole export request, with encodings as protobuf and as JSON. A producer
//! that counts every byte writes each span as it goes, with [`SpanEncoder`], and puts
//! the encoded spans into a [`Frame`]. A dataset of many spans lives in columns
//! elsewhere.
//!
//! **Invariant**: knows no clock, no sampling and no transport; what is put in comes
//! out on the wire, nothing is added or corrected.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ids::{SpanId, TraceId};
use crate::time::UnixNanos;

mod json;
mod protobuf;
mod stream;

pub use json::encode_traces_json;
pub use protobuf::encode_traces;
pub use stream::{Frame, SpanEncoder};

/// A text that is either known at compile time or made at run time.
pub type Text = Cow<'static, str>;

/// The spans of one resource: one element of an export request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResourceSpans {
    /// What produced the spans.
    pub resource: Resource,
    /// Its spans, by instrumentation scope.
    pub scopes: Vec<ScopeSpans>,
    /// The schema of the resource's attributes; empty if not given.
    pub schema_url: Text,
}

/// The spans of one instrumentation scope.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScopeSpans {
    /// What instrumented the code.
    pub scope: Scope,
    /// The spans, in any order.
    pub spans: Vec<Span>,
    /// The schema of the spans' attributes; empty if not given.
    pub schema_url: Text,
}

/// What produced the spans: a service, a browser.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// `service.name` and its like.
    pub attributes: Vec<Attribute>,
    /// How many more attributes there were.
    pub dropped_attributes: u32,
}

/// What instrumented the code: a library and its version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// The library's name.
    pub name: Text,
    /// The library's version; empty if not given.
    pub version: Text,
    /// Further facts about the library.
    pub attributes: Vec<Attribute>,
    /// How many more attributes there were.
    pub dropped_attributes: u32,
}

/// One finished span.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Span {
    /// The trace that it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The W3C `tracestate` that it was made under; empty if none.
    pub trace_state: Text,
    /// The span that caused it; zero for a root span.
    pub parent_span_id: SpanId,
    /// W3C trace flags in the low byte, above them whether the parent is remote.
    pub flags: u32,
    /// The span name.
    pub name: Text,
    /// Which side of a call it is.
    pub kind: Kind,
    /// When it started.
    pub start: UnixNanos,
    /// When it ended, exclusive.
    pub end: UnixNanos,
    /// What is known about it.
    pub attributes: Vec<Attribute>,
    /// How many more attributes there were.
    pub dropped_attributes: u32,
    /// What happened during it.
    pub events: Vec<Event>,
    /// How many more events there were.
    pub dropped_events: u32,
    /// Other spans that it has to do with.
    pub links: Vec<Link>,
    /// How many more links there were.
    pub dropped_links: u32,
    /// How it ended.
    pub status: Status,
}

/// Which side of a call a span is. The numbers are OTLP's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Not given.
    #[default]
    Unspecified = 0,
    /// Work inside a process.
    Internal = 1,
    /// The answering side of a call.
    Server = 2,
    /// The asking side of a call.
    Client = 3,
    /// Sends a message that is handled later.
    Producer = 4,
    /// Handles a message that was sent earlier.
    Consumer = 5,
}

/// How a span ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Status {
    /// Nothing was said.
    #[default]
    Unset,
    /// Explicitly good.
    Ok,
    /// Failed, with a message or an empty text.
    Error(Text),
}

/// Something that happened at a point in time during a span.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    /// When.
    pub time: UnixNanos,
    /// What.
    pub name: Text,
    /// What is known about it.
    pub attributes: Vec<Attribute>,
    /// How many more attributes there were.
    pub dropped_attributes: u32,
}

/// Another span that a span has to do with, in its own trace or another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Link {
    /// The other span's trace.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// The other span's `tracestate`; empty if none.
    pub trace_state: Text,
    /// As [`Span::flags`].
    pub flags: u32,
    /// Why they are linked.
    pub attributes: Vec<Attribute>,
    /// How many more attributes there were.
    pub dropped_attributes: u32,
}

/// A named value.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name, such as `http.request.method`.
    pub key: Text,
    /// The value.
    pub value: Value,
}

/// What an attribute can hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Empty,
    /// A text.
    String(Text),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number. Not-a-number and the infinities are kept.
    Double(f64),
    /// A list, its elements of any kind.
    Array(Vec<Value>),
    /// A map; its keys should be unique.
    Map(Vec<Attribute>),
    /// Raw bytes.
    Bytes(Vec<u8>),
}

impl Attribute {
    /// An attribute of any kind: `Attribute::new("http.request.method", "GET")`.
    pub fn new(key: impl Into<Text>, value: impl Into<Value>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

impl Status {
    /// OTLP's number for it.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Unset => 0,
            Self::Ok => 1,
            Self::Error(_) => 2,
        }
    }

    /// The message, empty unless it is an error with one.
    pub fn message(&self) -> &str {
        match self {
            Self::Error(message) => message,
            Self::Unset | Self::Ok => "",
        }
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

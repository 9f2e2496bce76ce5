//! The tables of the store: plain columns of equal length.
//!
//! **Invariant:** primitives only (`u8` to `u128`), so that a table is copied to an image as it lies in memory.

/// One row a span; see [`crate::store`] for the order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spans {
    /// Nanoseconds since the epoch; 0 = not given.
    pub start: Vec<u64>,
    /// Nanoseconds since the epoch, exclusive. May be before `start` when the input says so.
    pub end: Vec<u64>,
    /// The span's own id.
    pub span_id: Vec<u64>,
    /// The parent's id as the input gave it; 0 = none.
    pub parent_span_id: Vec<u64>,
    /// The parent's row, or [`super::NO_SPAN`].
    pub parent: Vec<u32>,
    /// How many spans are below it.
    pub descendants: Vec<u32>,
    /// 0 for a root or an orphan.
    pub depth: Vec<u32>,
    /// String handle.
    pub name: Vec<u32>,
    /// Row in [`Resources`].
    pub resource: Vec<u32>,
    /// Row in [`Scopes`].
    pub scope: Vec<u32>,
    /// String handle of the W3C `tracestate`.
    pub trace_state: Vec<u32>,
    /// String handle.
    pub status_message: Vec<u32>,
    /// OTLP flags: the low 8 bits are the W3C trace flags.
    pub flags: Vec<u32>,
    /// [`super::SpanKind`] as a number.
    pub kind: Vec<u8>,
    /// [`super::StatusCode`] as a number.
    pub status: Vec<u8>,
    /// [`super::SpanMarks`].
    pub marks: Vec<u8>,
    /// First attribute row and how many.
    pub attributes: Vec<[u32; 2]>,
    /// First event row and how many.
    pub events: Vec<[u32; 2]>,
    /// First link row and how many.
    pub links: Vec<[u32; 2]>,
    /// Rows whose dropped counts are not all zero, ascending.
    pub dropped_span: Vec<u32>,
    /// Dropped attributes, events and links of the span in `dropped_span`.
    pub dropped: Vec<[u32; 3]>,
}

/// One row a trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traces {
    /// Trace ids; 0 = the spans had none.
    pub id: Vec<u128>,
    /// First span row of each trace, and the number of spans as the last element.
    pub first_span: Vec<u32>,
    /// The earliest start.
    pub start: Vec<u64>,
    /// The latest end, not before `start`.
    pub end: Vec<u64>,
    /// The span that names the trace: its earliest root span, or its earliest orphan.
    pub root: Vec<u32>,
    /// Spans with status error.
    pub errors: Vec<u32>,
    /// Spans whose parent is absent.
    pub orphans: Vec<u32>,
    /// Distinct services.
    pub services: Vec<u32>,
}

/// One row a resource; equal resources are one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// Index of the service.
    pub service: Vec<u32>,
    /// First attribute row and how many.
    pub attributes: Vec<[u32; 2]>,
    /// Dropped attributes.
    pub dropped: Vec<u32>,
    /// String handle.
    pub schema_url: Vec<u32>,
}

/// One row an instrumentation scope; equal scopes are one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scopes {
    /// String handle.
    pub name: Vec<u32>,
    /// String handle.
    pub version: Vec<u32>,
    /// First attribute row and how many.
    pub attributes: Vec<[u32; 2]>,
    /// Dropped attributes.
    pub dropped: Vec<u32>,
    /// String handle.
    pub schema_url: Vec<u32>,
}

/// One row a key and value; see [`super::Value`] for how a value is packed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// String handle; empty inside an array.
    pub key: Vec<u32>,
    /// [`super::ValueKind`] as a number.
    pub kind: Vec<u8>,
    /// The value, or where it is.
    pub payload: Vec<u64>,
}

/// One row an event, or a log record that was written in the span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// Nanoseconds since the epoch; 0 = not given.
    pub time: Vec<u64>,
    /// String handle.
    pub name: Vec<u32>,
    /// First attribute row and how many.
    pub attributes: Vec<[u32; 2]>,
    /// Dropped attributes.
    pub dropped: Vec<u32>,
    /// 0 for an event of the span; for a log record its severity number and one.
    pub log: Vec<u8>,
}

/// One row a link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Links {
    /// The linked trace.
    pub trace_id: Vec<u128>,
    /// The linked span.
    pub span_id: Vec<u64>,
    /// String handle.
    pub trace_state: Vec<u32>,
    /// OTLP flags.
    pub flags: Vec<u32>,
    /// First attribute row and how many.
    pub attributes: Vec<[u32; 2]>,
    /// Dropped attributes.
    pub dropped: Vec<u32>,
}

//! The columnar store: all loaded traces, immutable, one `Vec` a column.
//!
//! Spans of a trace stand together in depth-first order, children by start time. So a parent is always before its
//! children, and a whole subtree is one range:
//!
//! ```text
//! span          0  1  2  3  4  5          0 gateway
//! parent        –  0  1  1  0  4          ├─ 1 checkout
//! depth         0  1  2  2  1  2          │  ├─ 2 cart
//! descendants   5  2  0  0  1  0          │  └─ 3 pricing
//! subtree(1) = 1..4, next sibling of 1 = 4└─ 4 auth ─ 5 verify
//! ```
//!
//! Attributes, events and links are tables of their own; a span holds a range of each.
//!
//! **Invariant:** knows no format and no analysis. Built by [`builder::StoreBuilder`] or read from an
//! [`image`](crate::image), and never changed afterwards.

mod append;
mod arrange;
pub mod builder;
mod columns;
mod logs;
mod refs;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
mod values;

use serde::{Deserialize, Serialize};

use crate::{
    ids::TraceId,
    issues::IssueLog,
    strings::{StrIdx, Strings},
    time::UnixNanos,
};

pub use columns::{Events, Links, Resources, Scopes, Spans, Traces, Values};
pub(crate) use logs::title as event_title;
pub use refs::{EventRef, LinkRef, ResourceRef, ScopeRef, SpanRef, TraceRef};
pub use values::{Range, Value, ValueKind, ValueList, ValueRef};

/// "No span": the parent of a root.
pub const NO_SPAN: u32 = u32::MAX;

/// All loaded traces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceStore {
    pub(crate) strings: Strings,
    /// Service names in the order in which the services first appear.
    pub(crate) services: Vec<u32>,
    pub(crate) resources: Resources,
    pub(crate) scopes: Scopes,
    pub(crate) traces: Traces,
    pub(crate) spans: Spans,
    pub(crate) attributes: Values,
    pub(crate) nested: Values,
    pub(crate) events: Events,
    pub(crate) links: Links,
    pub(crate) issues: IssueLog,
    pub(crate) sources: Vec<Source>,
}

/// One file or response that the data came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The file's name or the URL.
    pub name: String,
    /// The format it was read as, as [`crate::issues`] and a person should call it; empty when none fitted.
    pub format: String,
    /// What was around it, outermost first: `gzip`, `zip`, …
    pub container: Vec<String>,
    /// Its size in bytes as it came.
    pub bytes: u64,
    /// How many spans it gave.
    pub spans: u64,
}

/// The role of a span, numbered as in OTLP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SpanKind {
    /// Not given.
    #[default]
    Unspecified = 0,
    /// Inside one service.
    Internal = 1,
    /// Handles a request of a remote caller.
    Server = 2,
    /// Calls a remote service.
    Client = 3,
    /// Sends a message.
    Producer = 4,
    /// Receives a message.
    Consumer = 5,
}

impl SpanKind {
    /// From the OTLP number; an unknown one is `None`.
    pub const fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            0 => Self::Unspecified,
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => return None,
        })
    }

    /// The lower-case names, by number.
    pub const NAMES: [&'static str; 6] = [
        "unspecified",
        "internal",
        "server",
        "client",
        "producer",
        "consumer",
    ];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// The status of a span, numbered as in OTLP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum StatusCode {
    /// Not set.
    #[default]
    Unset = 0,
    /// Explicitly successful.
    Ok = 1,
    /// Failed.
    Error = 2,
}

impl StatusCode {
    /// From the OTLP number; an unknown one is `None`.
    pub const fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            0 => Self::Unset,
            1 => Self::Ok,
            2 => Self::Error,
            _ => return None,
        })
    }

    /// The lower-case names, by number.
    pub const NAMES: [&'static str; 3] = ["unset", "ok", "error"];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// Facts about a span that the data gave or lacked, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SpanMarks(pub u8);

impl SpanMarks {
    /// Its parent is absent from the data.
    pub const ORPHAN: Self = Self(1);
    /// Its parent was cut off because spans were each other's ancestors.
    pub const CYCLE_CUT: Self = Self(1 << 1);
    /// The server's half of a span whose id the client shares (Zipkin).
    pub const SHARED: Self = Self(1 << 2);
    /// No start time was given.
    pub const NO_START: Self = Self(1 << 3);
    /// No end time or duration was given.
    pub const NO_END: Self = Self(1 << 4);
    /// It ends before it starts; the end is kept as it came.
    pub const NEGATIVE: Self = Self(1 << 5);
    /// Another span of the trace has the same id.
    pub const DUPLICATE_ID: Self = Self(1 << 6);

    /// Both sets together.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True when all of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Why the times give no duration, in words; `None` where they do, be it zero.
    pub const fn no_duration(self) -> Option<&'static str> {
        if self.has(Self::NO_START) {
            Some("no start")
        } else if self.has(Self::NO_END) {
            Some("no end")
        } else if self.has(Self::NEGATIVE) {
            Some("ends before it starts")
        } else {
            None
        }
    }
}

impl TraceStore {
    /// The interned strings.
    pub fn strings(&self) -> &Strings {
        &self.strings
    }

    /// The string of a handle.
    pub fn str(&self, idx: StrIdx) -> &str {
        self.strings.get(idx)
    }

    /// The span columns.
    pub fn spans(&self) -> &Spans {
        &self.spans
    }

    /// The trace columns.
    pub fn traces(&self) -> &Traces {
        &self.traces
    }

    /// The resource columns.
    pub fn resources(&self) -> &Resources {
        &self.resources
    }

    /// The scope columns.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The attributes of spans, resources, scopes, events and links, one row each.
    pub fn attributes(&self) -> &Values {
        &self.attributes
    }

    /// The elements of array and map values.
    pub fn nested(&self) -> &Values {
        &self.nested
    }

    /// The event columns.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// The link columns.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// What was wrong with the input.
    pub fn issues(&self) -> &IssueLog {
        &self.issues
    }

    /// Where the data came from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// How many spans there are.
    pub fn span_count(&self) -> usize {
        self.spans.start.len()
    }

    /// How many traces there are.
    pub fn trace_count(&self) -> usize {
        self.traces.id.len()
    }

    /// How many services there are.
    pub fn service_count(&self) -> usize {
        self.services.len()
    }

    /// The name of a service by its index (order of first appearance).
    pub fn service_name(&self, service: u32) -> &str {
        let name = self.services.get(service as usize).copied().unwrap_or(0);
        self.str(StrIdx(name))
    }

    /// The service of a span, as an index for [`Self::service_name`].
    pub fn service_of(&self, span: u32) -> u32 {
        self.resources.service[self.spans.resource[span as usize] as usize]
    }

    /// One span, read by getters.
    pub fn span(&self, span: u32) -> SpanRef<'_> {
        SpanRef {
            store: self,
            idx: span,
        }
    }

    /// One trace, read by getters.
    pub fn trace(&self, trace: u32) -> TraceRef<'_> {
        TraceRef {
            store: self,
            idx: trace,
        }
    }

    /// One resource, read by getters.
    pub fn resource(&self, resource: u32) -> ResourceRef<'_> {
        ResourceRef {
            store: self,
            idx: resource,
        }
    }

    /// One scope, read by getters.
    pub fn scope(&self, scope: u32) -> ScopeRef<'_> {
        ScopeRef {
            store: self,
            idx: scope,
        }
    }

    /// The trace with this id.
    pub fn find_trace(&self, id: TraceId) -> Option<u32> {
        self.traces
            .id
            .iter()
            .position(|&known| known == id.0)
            .map(|at| at as u32)
    }

    /// The trace that a span belongs to.
    pub fn trace_of(&self, span: u32) -> u32 {
        (self
            .traces
            .first_span
            .partition_point(|&first| first <= span) as u32)
            .saturating_sub(1)
    }

    /// The earliest start and the latest end over all traces; `None` without spans.
    pub fn bounds(&self) -> Option<(UnixNanos, UnixNanos)> {
        let start = self.traces.start.iter().min()?;
        let end = self.traces.end.iter().max()?;
        Some((UnixNanos(*start), UnixNanos(*end)))
    }
}

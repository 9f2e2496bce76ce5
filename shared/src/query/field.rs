//! Fields by name: what a span has itself, and attributes of what belongs to it.
//!
//! **Invariant:** a name that is no intrinsic is an attribute's key; nothing is refused here.

use crate::store::{SpanKind, StatusCode};

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// What every span has.
    Own(Intrinsic),
    /// An attribute by its key.
    Attribute(Holder, String),
}

/// Whose attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Of the span or its resource.
    Any,
    /// Of the span.
    Span,
    /// Of its resource.
    Resource,
    /// Of its instrumentation scope.
    Scope,
    /// Of one of its events.
    Event,
    /// Of one of its links.
    Link,
}

impl Holder {
    /// What stands before a key.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Any => ".",
            Self::Span => "span.",
            Self::Resource => "resource.",
            Self::Scope => "scope.",
            Self::Event => "event.",
            Self::Link => "link.",
        }
    }
}

const HOLDERS: [(&str, Holder); 7] = [
    (".", Holder::Any),
    ("span.", Holder::Span),
    ("resource.", Holder::Resource),
    ("scope.", Holder::Scope),
    ("instrumentation.", Holder::Scope),
    ("event.", Holder::Event),
    ("link.", Holder::Link),
];

/// Which relative of a span is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Its parent.
    Parent,
    /// One of its children.
    Child,
    /// One that it is below of.
    Ancestor,
    /// One below it.
    Descendant,
    /// The topmost above it, or itself.
    Root,
}

impl Relation {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::Parent,
        Self::Child,
        Self::Ancestor,
        Self::Descendant,
        Self::Root,
    ];

    /// What stands before a field.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Parent => "parent.",
            Self::Child => "child.",
            Self::Ancestor => "ancestor.",
            Self::Descendant => "descendant.",
            Self::Root => "root.",
        }
    }
}

/// What every span has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intrinsic {
    /// The span name.
    Name,
    /// The service's name.
    Service,
    /// The kind, by name.
    Kind,
    /// The status, by name.
    Status,
    /// What the status says.
    StatusMessage,
    /// End minus start.
    Duration,
    /// The duration without its children's.
    SelfTime,
    /// From the trace's start to its own.
    Start,
    /// From the trace's start to its end.
    End,
    /// How many spans are above it.
    Depth,
    /// How many children.
    Children,
    /// How many spans below it.
    Descendants,
    /// How many events.
    Events,
    /// How many links.
    Links,
    /// The span id.
    Id,
    /// The parent's id as the data has it.
    ParentId,
    /// The W3C trace state.
    TraceState,
    /// The instrumentation scope's name.
    ScopeName,
    /// The instrumentation scope's version.
    ScopeVersion,
    /// The names of its events.
    EventName,
    /// The traces that it links to.
    LinkTraceId,
    /// The spans that it links to.
    LinkSpanId,
}

/// What values a field has, and so what it can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Text,
    Time,
    Count,
    /// So many hex digits.
    Hex(usize),
    /// One of these.
    Names(&'static [&'static str]),
    /// Whatever an attribute holds.
    Open,
}

impl Intrinsic {
    /// All, with their own names.
    pub const ALL: [(&'static str, Self); 22] = [
        ("name", Self::Name),
        ("service", Self::Service),
        ("kind", Self::Kind),
        ("status", Self::Status),
        ("status.message", Self::StatusMessage),
        ("duration", Self::Duration),
        ("self", Self::SelfTime),
        ("start", Self::Start),
        ("end", Self::End),
        ("depth", Self::Depth),
        ("children", Self::Children),
        ("descendants", Self::Descendants),
        ("events", Self::Events),
        ("links", Self::Links),
        ("id", Self::Id),
        ("parent_id", Self::ParentId),
        ("trace_state", Self::TraceState),
        ("scope.name", Self::ScopeName),
        ("scope.version", Self::ScopeVersion),
        ("event.name", Self::EventName),
        ("link.trace_id", Self::LinkTraceId),
        ("link.span_id", Self::LinkSpanId),
    ];

    /// As TraceQL and others write them.
    const OTHERS: [(&'static str, Self); 17] = [
        ("span:name", Self::Name),
        ("span:kind", Self::Kind),
        ("span:status", Self::Status),
        ("span:statusMessage", Self::StatusMessage),
        ("statusMessage", Self::StatusMessage),
        ("status_message", Self::StatusMessage),
        ("span:duration", Self::Duration),
        ("span:childCount", Self::Children),
        ("span:id", Self::Id),
        ("span_id", Self::Id),
        ("span:parentID", Self::ParentId),
        ("tracestate", Self::TraceState),
        ("instrumentation:name", Self::ScopeName),
        ("instrumentation:version", Self::ScopeVersion),
        ("event:name", Self::EventName),
        ("link:traceID", Self::LinkTraceId),
        ("link:spanID", Self::LinkSpanId),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, field)| *field == self);
        found.map_or("", |(name, _)| name)
    }

    pub(super) const fn sort(self) -> Sort {
        match self {
            Self::Kind => Sort::Names(&SpanKind::NAMES),
            Self::Status => Sort::Names(&StatusCode::NAMES),
            Self::Duration | Self::SelfTime | Self::Start | Self::End => Sort::Time,
            Self::Depth | Self::Children | Self::Descendants | Self::Events | Self::Links => {
                Sort::Count
            }
            Self::Id | Self::ParentId | Self::LinkSpanId => Sort::Hex(16),
            Self::LinkTraceId => Sort::Hex(32),
            Self::Name
            | Self::Service
            | Self::StatusMessage
            | Self::TraceState
            | Self::ScopeName
            | Self::ScopeVersion
            | Self::EventName => Sort::Text,
        }
    }
}

impl Field {
    /// The field of a name; `key` is what stood in quotes behind it. `None` when there is no key at all.
    pub(super) fn of(name: &str, key: Option<&str>) -> Option<Self> {
        let tables = Intrinsic::ALL.iter().chain(&Intrinsic::OTHERS);
        if key.is_none()
            && let Some((_, field)) = tables.into_iter().find(|(known, _)| *known == name)
        {
            return Some(Self::Own(*field));
        }
        let (holder, rest) = HOLDERS
            .into_iter()
            .find_map(|(prefix, holder)| Some((holder, name.strip_prefix(prefix)?)))
            .unwrap_or((Holder::Any, name));
        let key = format!("{rest}{}", key.unwrap_or_default());
        (!key.is_empty()).then_some(Self::Attribute(holder, key))
    }

    pub(super) const fn sort(&self) -> Sort {
        match self {
            Self::Own(intrinsic) => intrinsic.sort(),
            Self::Attribute(..) => Sort::Open,
        }
    }
}

//! One span with its events and links.
//!
//! **Invariant:** a span that breaks off is kept if its ids and its start were read; an event or link is not.

use super::{super::ids, Importer};
use crate::{
    ids::{SpanId, TraceId},
    issues::IssueKind,
    json::{Expected, Kind, Result},
    store::{
        SpanKind, StatusCode,
        builder::{EventRecord, LinkRecord, ResourceIdx, ScopeIdx, SpanRecord},
    },
    time::UnixNanos,
};

/// The fields of a span. The first stands for "none yet" and for every key that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    Before,
    TraceId,
    SpanId,
    ParentSpanId,
    Name,
    Kind,
    Start,
    End,
    Attributes,
    Status,
    Events,
    Links,
    Flags,
    TraceState,
    DroppedAttributes,
    DroppedEvents,
    DroppedLinks,
}

/// How many fields there are.
const FIELDS: usize = 17;

/// What follows each field, as far as is known; begins with the order of the protobuf definition.
pub(super) type FieldOrder = [Field; FIELDS];

pub(super) const FIELD_ORDER: FieldOrder = [
    Field::TraceId,
    Field::SpanId,
    Field::ParentSpanId,
    Field::Name,
    Field::Kind,
    Field::Start,
    Field::End,
    Field::Attributes,
    Field::Status,
    Field::Before,
    Field::Status,
    Field::Status,
    Field::Name,
    Field::Name,
    Field::Events,
    Field::Links,
    Field::Status,
];

/// The fields' names in camelCase. No exporter writes the first.
const EXPECTED: [Expected; FIELDS] = [
    Expected::new("\n"),
    Expected::new("traceId"),
    Expected::new("spanId"),
    Expected::new("parentSpanId"),
    Expected::new("name"),
    Expected::new("kind"),
    Expected::new("startTimeUnixNano"),
    Expected::new("endTimeUnixNano"),
    Expected::new("attributes"),
    Expected::new("status"),
    Expected::new("events"),
    Expected::new("links"),
    Expected::new("flags"),
    Expected::new("traceState"),
    Expected::new("droppedAttributesCount"),
    Expected::new("droppedEventsCount"),
    Expected::new("droppedLinksCount"),
];

impl Field {
    fn of(key: &[u8]) -> Self {
        match key {
            b"traceId" | b"trace_id" | b"traceID" => Self::TraceId,
            b"spanId" | b"span_id" | b"spanID" => Self::SpanId,
            b"parentSpanId" | b"parent_span_id" | b"parentSpanID" => Self::ParentSpanId,
            b"name" => Self::Name,
            b"kind" => Self::Kind,
            b"startTimeUnixNano" | b"start_time_unix_nano" => Self::Start,
            b"endTimeUnixNano" | b"end_time_unix_nano" => Self::End,
            b"attributes" => Self::Attributes,
            b"status" => Self::Status,
            b"events" => Self::Events,
            b"links" => Self::Links,
            b"flags" => Self::Flags,
            b"traceState" | b"trace_state" => Self::TraceState,
            b"droppedAttributesCount" | b"dropped_attributes_count" => Self::DroppedAttributes,
            b"droppedEventsCount" | b"dropped_events_count" => Self::DroppedEvents,
            b"droppedLinksCount" | b"dropped_links_count" => Self::DroppedLinks,
            _ => Self::Before,
        }
    }
}

impl Importer<'_, '_, '_> {
    pub(super) fn span(&mut self, resource: ResourceIdx, scope: ScopeIdx) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let mut span = SpanRecord::new(resource, scope);
        let read = self.span_fields(&mut span);
        let usable = span.trace_id.is_valid() && span.span_id.is_valid() && span.start.0 != 0;
        if read.is_ok() || usable {
            self.session.builder.push_span(span);
        }
        if read.is_ok() {
            self.session.reached(self.r.offset());
        }
        read
    }

    fn span_fields(&mut self, span: &mut SpanRecord) -> Result<()> {
        let mut last = Field::Before;
        loop {
            // The field that came next the last time, or else whatever comes.
            let guess = self.span_order[last as usize];
            let field = if self.r.take_key(&EXPECTED[guess as usize]) {
                guess
            } else {
                let Some(key) = self.r.next_key()? else {
                    return Ok(());
                };
                let field = Field::of(key.bytes);
                self.span_order[last as usize] = field;
                field
            };
            last = field;
            match field {
                Field::TraceId => span.trace_id = self.trace_id()?,
                Field::SpanId => span.span_id = self.span_id()?,
                Field::ParentSpanId => span.parent_span_id = self.span_id()?,
                Field::Name => span.name = self.string()?,
                Field::Kind => span.kind = self.kind()?,
                Field::Start => span.start = self.time()?,
                Field::End => span.end = self.time()?,
                Field::Attributes => span.attributes = self.attributes()?,
                Field::Status => self.status(span)?,
                Field::Events => span.events = self.events()?,
                Field::Links => span.links = self.links()?,
                Field::Flags => span.flags = self.count()?,
                Field::TraceState => span.trace_state = self.string()?,
                Field::DroppedAttributes => span.dropped[0] = self.count()?,
                Field::DroppedEvents => span.dropped[1] = self.count()?,
                Field::DroppedLinks => span.dropped[2] = self.count()?,
                Field::Before => self.r.skip_value()?,
            }
        }
    }

    pub(super) fn trace_id(&mut self) -> Result<TraceId> {
        let Some(raw) = self.r.raw_text()? else {
            return Ok(TraceId::INVALID);
        };
        // Spans of a trace stand together: the text is the same as the last one's.
        if raw.bytes == self.last_trace.0 {
            return Ok(self.last_trace.1);
        }
        let (id, issue) = ids::trace_id(&raw.unescape(&mut self.r.notes));
        if let Some(issue) = issue {
            self.r.notes.add(issue, raw.offset);
        } else if let Ok(text) = raw.bytes.try_into() {
            self.last_trace = (text, id);
        }
        Ok(id)
    }

    pub(super) fn span_id(&mut self) -> Result<SpanId> {
        let Some(raw) = self.r.raw_text()? else {
            return Ok(SpanId::INVALID);
        };
        let (id, issue) = ids::span_id(&raw.unescape(&mut self.r.notes));
        if let Some(issue) = issue {
            self.r.notes.add(issue, raw.offset);
        }
        Ok(id)
    }

    pub(super) fn time(&mut self) -> Result<UnixNanos> {
        Ok(UnixNanos(self.r.u64()?.unwrap_or(0)))
    }

    fn kind(&mut self) -> Result<SpanKind> {
        let kind = self.enumeration("SPAN_KIND_", SpanKind::from_number, |name| {
            Some(match name {
                b"unspecified" | b"" => SpanKind::Unspecified,
                b"internal" => SpanKind::Internal,
                b"server" => SpanKind::Server,
                b"client" => SpanKind::Client,
                b"producer" => SpanKind::Producer,
                b"consumer" => SpanKind::Consumer,
                _ => return None,
            })
        })?;
        Ok(kind.unwrap_or_default())
    }

    fn status_code(&mut self) -> Result<StatusCode> {
        let code = self.enumeration("STATUS_CODE_", StatusCode::from_number, |name| {
            Some(match name {
                b"unset" | b"" => StatusCode::Unset,
                b"ok" => StatusCode::Ok,
                b"error" => StatusCode::Error,
                _ => return None,
            })
        })?;
        Ok(code.unwrap_or_default())
    }

    /// A value of an enumeration as its number, its number in a string, or its name with or without the prefix.
    fn enumeration<T>(
        &mut self,
        prefix: &str,
        number: impl Fn(u64) -> Option<T>,
        name: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>> {
        let offset = self.r.offset();
        let value = match self.r.peek() {
            Kind::Number => self.r.number()?.u64().and_then(&number),
            Kind::String => {
                let raw = self.r.raw_string()?;
                let text = raw.bytes.to_ascii_lowercase();
                let prefix = prefix.to_ascii_lowercase();
                let bare = text.strip_prefix(prefix.as_bytes()).unwrap_or(&text);
                name(bare).or_else(|| number(crate::json::Number { bytes: bare }.u64()?))
            }
            _ => {
                self.r.skip_wrong_type()?;
                return Ok(None);
            }
        };
        if value.is_none() {
            self.r.notes.add(IssueKind::UnknownEnum, offset);
        }
        Ok(value)
    }

    fn status(&mut self, span: &mut SpanRecord) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let mut deprecated = false;
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"code" | b"Code" => span.status = self.status_code()?,
                b"message" | b"Message" | b"description" => span.status_message = self.string()?,
                b"deprecatedCode" | b"deprecated_code" => deprecated = self.is_failure()?,
                _ => self.r.skip_value()?,
            }
        }
        if deprecated && span.status == StatusCode::Unset {
            span.status = StatusCode::Error;
        }
        Ok(())
    }

    /// The status code before 0.9: everything but OK is a failure.
    fn is_failure(&mut self) -> Result<bool> {
        Ok(match self.r.peek() {
            Kind::Number => self.r.number()?.u64() != Some(0),
            Kind::String => {
                let code = self.r.raw_string()?.bytes;
                !code.is_empty() && code != b"0" && !code.ends_with(b"_OK")
            }
            _ => {
                self.r.skip_wrong_type()?;
                false
            }
        })
    }

    fn events(&mut self) -> Result<crate::store::Range> {
        let mark = self.session.builder.event_mark();
        self.list(Self::event)?;
        Ok(self.session.builder.events_since(mark))
    }

    fn event(&mut self) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let mut event = EventRecord::default();
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"timeUnixNano" | b"time_unix_nano" => event.time = self.time()?,
                b"name" => event.name = self.string()?,
                b"attributes" => event.attributes = self.attributes()?,
                b"droppedAttributesCount" | b"dropped_attributes_count" => {
                    event.dropped = self.count()?;
                }
                _ => self.r.skip_value()?,
            }
        }
        self.session.builder.push_event(event);
        Ok(())
    }

    fn links(&mut self) -> Result<crate::store::Range> {
        let mark = self.session.builder.link_mark();
        self.list(Self::link)?;
        Ok(self.session.builder.links_since(mark))
    }

    fn link(&mut self) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let mut link = LinkRecord::default();
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"traceId" | b"trace_id" | b"traceID" => link.trace_id = self.trace_id()?,
                b"spanId" | b"span_id" | b"spanID" => link.span_id = self.span_id()?,
                b"traceState" | b"trace_state" => link.trace_state = self.string()?,
                b"flags" => link.flags = self.count()?,
                b"attributes" => link.attributes = self.attributes()?,
                b"droppedAttributesCount" | b"dropped_attributes_count" => {
                    link.dropped = self.count()?;
                }
                _ => self.r.skip_value()?,
            }
        }
        self.session.builder.push_link(link);
        Ok(())
    }
}

//! One span with its events and links.
//!
//! **Invariant:** a span that breaks off is kept if its ids and its start were read; an event or link is not.

use super::{super::ids, Importer};
use crate::{
    ids::{SpanId, TraceId},
    issues::IssueKind,
    json::{Expected, Fields, Kind, Result},
    store::{
        SpanKind, StatusCode,
        builder::{EventRecord, LinkRecord, ResourceIdx, ScopeIdx, SpanRecord},
    },
    time::UnixNanos,
};

/// The fields of a span by number, in the order of the protobuf definition.
mod field {
    pub const TRACE_ID: u8 = 1;
    pub const SPAN_ID: u8 = 2;
    pub const PARENT_SPAN_ID: u8 = 3;
    pub const NAME: u8 = 4;
    pub const KIND: u8 = 5;
    pub const START: u8 = 6;
    pub const END: u8 = 7;
    pub const ATTRIBUTES: u8 = 8;
    pub const STATUS: u8 = 9;
    pub const EVENTS: u8 = 10;
    pub const LINKS: u8 = 11;
    pub const FLAGS: u8 = 12;
    pub const TRACE_STATE: u8 = 13;
    pub const DROPPED_ATTRIBUTES: u8 = 14;
    pub const DROPPED_EVENTS: u8 = 15;
    pub const DROPPED_LINKS: u8 = 16;
}

const FIELDS: Fields = Fields {
    expected: &[
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
    ],
    names: &[
        ("traceId", field::TRACE_ID),
        ("trace_id", field::TRACE_ID),
        ("traceID", field::TRACE_ID),
        ("spanId", field::SPAN_ID),
        ("span_id", field::SPAN_ID),
        ("spanID", field::SPAN_ID),
        ("parentSpanId", field::PARENT_SPAN_ID),
        ("parent_span_id", field::PARENT_SPAN_ID),
        ("parentSpanID", field::PARENT_SPAN_ID),
        ("name", field::NAME),
        ("kind", field::KIND),
        ("startTimeUnixNano", field::START),
        ("start_time_unix_nano", field::START),
        ("endTimeUnixNano", field::END),
        ("end_time_unix_nano", field::END),
        ("attributes", field::ATTRIBUTES),
        ("status", field::STATUS),
        ("events", field::EVENTS),
        ("links", field::LINKS),
        ("flags", field::FLAGS),
        ("traceState", field::TRACE_STATE),
        ("trace_state", field::TRACE_STATE),
        ("droppedAttributesCount", field::DROPPED_ATTRIBUTES),
        ("dropped_attributes_count", field::DROPPED_ATTRIBUTES),
        ("droppedEventsCount", field::DROPPED_EVENTS),
        ("dropped_events_count", field::DROPPED_EVENTS),
        ("droppedLinksCount", field::DROPPED_LINKS),
        ("dropped_links_count", field::DROPPED_LINKS),
    ],
};

impl Importer<'_, '_, '_> {
    pub(super) fn span(&mut self, resource: ResourceIdx, scope: ScopeIdx) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let start = self.r.offset();
        let mut span = SpanRecord::new(resource, scope);
        let read = self.span_fields(&mut span);
        let usable = span.trace_id.is_valid() && span.span_id.is_valid() && span.start.0 != 0;
        if read.is_ok() || usable {
            self.session.builder.push_span(span);
        }
        if read.is_ok() {
            self.session.reached(self.r.offset());
        } else if usable {
            // Not to be read again, whatever was wrong behind it.
            self.session.reached(start);
        }
        read
    }

    #[inline(never)]
    fn span_fields(&mut self, span: &mut SpanRecord) -> Result<()> {
        self.span_order.begin();
        while let Some(field) = self.r.next_field(&FIELDS, &mut self.span_order)? {
            match field {
                field::TRACE_ID => span.trace_id = self.trace_id()?,
                field::SPAN_ID => span.span_id = self.span_id()?,
                field::PARENT_SPAN_ID => span.parent_span_id = self.span_id()?,
                field::NAME => span.name = self.string()?,
                field::KIND => span.kind = self.kind()?,
                field::START => span.start = self.time()?,
                field::END => span.end = self.time()?,
                field::ATTRIBUTES => span.attributes = self.attributes()?,
                field::STATUS => self.status(span)?,
                field::EVENTS => span.events = self.events()?,
                field::LINKS => span.links = self.links()?,
                field::FLAGS => span.flags = self.count()?,
                field::TRACE_STATE => span.trace_state = self.string()?,
                field::DROPPED_ATTRIBUTES => span.dropped[0] = self.count()?,
                field::DROPPED_EVENTS => span.dropped[1] = self.count()?,
                field::DROPPED_LINKS => span.dropped[2] = self.count()?,
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    #[inline(never)]
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

    #[inline(never)]
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

    #[inline(never)]
    pub(super) fn time(&mut self) -> Result<UnixNanos> {
        Ok(UnixNanos(self.r.u64()?.unwrap_or(0)))
    }

    fn kind(&mut self) -> Result<SpanKind> {
        let number = self.enumeration(b"SPAN_KIND_", &SpanKind::NAMES)?;
        Ok(SpanKind::from_number(number).unwrap_or_default())
    }

    fn status_code(&mut self) -> Result<StatusCode> {
        let number = self.enumeration(b"STATUS_CODE_", &StatusCode::NAMES)?;
        Ok(StatusCode::from_number(number).unwrap_or_default())
    }

    /// A value of an enumeration as its number, its number in a string, or its name with or without the prefix; zero for
    /// anything else.
    #[inline(never)]
    pub(super) fn enumeration(&mut self, prefix: &[u8], names: &[&str]) -> Result<u64> {
        let offset = self.r.offset();
        let digits = self.r.take_digits();
        let value = match self.r.peek() {
            _ if digits.is_some() => digits,
            Kind::Number => self.r.number()?.u64(),
            Kind::String => {
                let text = self.r.raw_string()?.bytes;
                let bare = match text.split_at_checked(prefix.len()) {
                    Some((start, bare)) if start.eq_ignore_ascii_case(prefix) => bare,
                    _ => text,
                };
                let named = names
                    .iter()
                    .position(|name| bare.eq_ignore_ascii_case(name.as_bytes()));
                match named {
                    Some(at) => Some(at as u64),
                    None if bare.is_empty() => Some(0),
                    None => crate::json::Number { bytes: bare }.u64(),
                }
            }
            _ => {
                self.r.skip_wrong_type()?;
                return Ok(0);
            }
        };
        let known = value.filter(|&value| value < names.len() as u64);
        if known.is_none() {
            self.r.notes.add(IssueKind::UnknownEnum, offset);
        }
        Ok(known.unwrap_or(0))
    }

    #[inline(never)]
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

    #[inline(never)]
    fn events(&mut self) -> Result<crate::store::Range> {
        let mark = self.session.builder.event_mark();
        self.list(&mut Self::event)?;
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

    #[inline(never)]
    fn links(&mut self) -> Result<crate::store::Range> {
        let mark = self.session.builder.link_mark();
        self.list(&mut Self::link)?;
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

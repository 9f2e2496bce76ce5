//! One record: a span, or one half of a span.
//!
//! ```text
//! both  traceId id parentId name timestamp duration debug annotations[] { timestamp, value }
//! v2    kind localEndpoint remoteEndpoint tags{} shared
//! v1    binaryAnnotations[] { key, value, endpoint }, and an endpoint in each annotation
//! ```
//!
//! **Invariant:** every tag and annotation stays visible; what is derived from them is derived in addition.

use super::{
    Import,
    endpoint::{self, Endpoint},
    v1,
};
use crate::{
    ids::{SpanId, TraceId},
    import::{Format, ids, micros, otel_tags::OtelTags, plain_value},
    issues::IssueKind,
    json::{Expected, Fields, Raw, Result},
    store::{
        SpanKind, SpanMarks, Value,
        builder::{EventRecord, SpanRecord},
    },
    strings::StrIdx,
    time::UnixNanos,
};

/// The fields of a record by number, in about the order in which Zipkin writes them.
mod field {
    pub const TRACE_ID: u8 = 1;
    pub const PARENT_ID: u8 = 2;
    pub const ID: u8 = 3;
    pub const KIND: u8 = 4;
    pub const NAME: u8 = 5;
    pub const TIMESTAMP: u8 = 6;
    pub const DURATION: u8 = 7;
    pub const LOCAL: u8 = 8;
    pub const REMOTE: u8 = 9;
    pub const ANNOTATIONS: u8 = 10;
    pub const BINARY_ANNOTATIONS: u8 = 11;
    pub const TAGS: u8 = 12;
    pub const SHARED: u8 = 13;
    pub const DEBUG: u8 = 14;
}

const FIELDS: Fields = Fields {
    expected: &[
        Expected::new("\n"),
        Expected::new("traceId"),
        Expected::new("parentId"),
        Expected::new("id"),
        Expected::new("kind"),
        Expected::new("name"),
        Expected::new("timestamp"),
        Expected::new("duration"),
        Expected::new("localEndpoint"),
        Expected::new("remoteEndpoint"),
        Expected::new("annotations"),
        Expected::new("binaryAnnotations"),
        Expected::new("tags"),
        Expected::new("shared"),
        Expected::new("debug"),
    ],
    names: &[
        ("traceId", field::TRACE_ID),
        ("parentId", field::PARENT_ID),
        ("id", field::ID),
        ("kind", field::KIND),
        ("name", field::NAME),
        ("timestamp", field::TIMESTAMP),
        ("duration", field::DURATION),
        ("localEndpoint", field::LOCAL),
        ("remoteEndpoint", field::REMOTE),
        ("annotations", field::ANNOTATIONS),
        ("binaryAnnotations", field::BINARY_ANNOTATIONS),
        ("tags", field::TAGS),
        ("shared", field::SHARED),
        ("debug", field::DEBUG),
    ],
};

/// The fields of a record that are put together at its end.
#[derive(Default)]
pub(super) struct Record {
    trace_id: TraceId,
    id: SpanId,
    parent_id: SpanId,
    name: StrIdx,
    pub kind: Option<SpanKind>,
    pub start: UnixNanos,
    pub duration: Option<i128>,
    pub local: Option<Endpoint>,
    pub remote: Option<Endpoint>,
    shared: bool,
    /// The text of the tag `error`.
    error: Option<StrIdx>,
    otel: OtelTags,
}

impl Import<'_, '_, '_, '_> {
    pub(super) fn record(&mut self) -> Result<()> {
        let mut record = Record::default();
        self.annotations.clear();
        self.binary_annotations.clear();
        let list = self.session.builder.open_list();
        self.reader.begin_object()?;
        self.record_order.begin();
        while let Some(field) = self.reader.next_field(&FIELDS, &mut self.record_order)? {
            match field {
                field::TRACE_ID => record.trace_id = self.trace_id()?,
                field::ID => record.id = self.span_id("zipkin.span_id")?,
                field::PARENT_ID => record.parent_id = self.span_id("zipkin.parent_span_id")?,
                field::NAME => record.name = self.text()?,
                field::KIND => record.kind = self.kind()?,
                field::TIMESTAMP => record.start = micros::time(self.reader)?,
                field::DURATION => record.duration = micros::nanos(self.reader)?,
                field::LOCAL => record.local = self.endpoint()?,
                field::REMOTE => record.remote = self.endpoint()?,
                field::ANNOTATIONS => self.read_annotations()?,
                field::BINARY_ANNOTATIONS => self.read_binary_annotations()?,
                field::TAGS => self.tags(&mut record)?,
                field::SHARED => record.shared = self.reader.bool()?.unwrap_or_default(),
                field::DEBUG => {
                    if self.reader.bool()? == Some(true) {
                        self.keep("zipkin.debug", Value::Bool(true));
                    }
                }
                _ => self.reader.skip_value()?,
            }
        }
        if let Some(format) = self.version(&record) {
            self.session.found(format);
        }
        v1::derive(
            &mut record,
            &self.annotations,
            &self.binary_annotations,
            self.session.builder,
        );
        self.push_binary_annotations(&mut record);
        let events = self.session.builder.event_mark();
        self.push_annotations(record.local);
        if let Some(remote) = record.remote {
            remote.push(&endpoint::PEER, self.session.builder);
        }
        let resource = self.resource(record.local.unwrap_or_default());
        let scope = record.otel.scope(&mut self.scopes, self.session.builder);
        let mut span = SpanRecord {
            trace_id: record.trace_id,
            span_id: record.id,
            parent_span_id: record.parent_id,
            name: record.name,
            kind: record.kind.unwrap_or_default(),
            start: record.start,
            end: micros::end(record.start, record.duration),
            marks: if record.shared {
                SpanMarks::SHARED
            } else {
                SpanMarks::default()
            },
            ..SpanRecord::new(resource, scope)
        };
        record
            .otel
            .apply(&mut span, record.error.is_some(), self.session.builder);
        if let Some(message) = record.error
            && span.status_message.is_empty()
            && self.session.builder.str(message) != "true"
        {
            span.status_message = message;
        }
        span.events = self.session.builder.events_since(events);
        span.attributes = self.session.builder.close_attributes(list);
        self.session.builder.push_span(span);
        self.session.reached(self.reader.offset());
        Ok(())
    }

    /// The version, when the record has a field that only one has.
    fn version(&self, record: &Record) -> Option<Format> {
        if v1::is_first_version(&self.annotations, &self.binary_annotations) {
            return Some(Format::ZipkinV1);
        }
        let second = record.kind.is_some() || record.local.is_some() || record.remote.is_some();
        second.then_some(Format::ZipkinV2)
    }

    #[inline(never)]
    fn trace_id(&mut self) -> Result<TraceId> {
        let Some(raw) = self.reader.raw_text()? else {
            return Ok(TraceId::INVALID);
        };
        // Spans of a trace often stand together: the text is the same as the last one's.
        if raw.bytes == self.last_trace.0 {
            return Ok(self.last_trace.1);
        }
        let (id, issue) = ids::trace_id(&raw.unescape(&mut self.reader.notes));
        match issue {
            Some(issue) => self.keep_opaque("zipkin.trace_id", issue, raw),
            None => {
                if let Ok(text) = raw.bytes.try_into() {
                    self.last_trace = (text, id);
                }
            }
        }
        Ok(id)
    }

    #[inline(never)]
    fn span_id(&mut self, key: &str) -> Result<SpanId> {
        let Some(raw) = self.reader.raw_text()? else {
            return Ok(SpanId::INVALID);
        };
        let (id, issue) = ids::span_id(&raw.unescape(&mut self.reader.notes));
        if let Some(issue) = issue {
            self.keep_opaque(key, issue, raw);
        }
        Ok(id)
    }

    #[cold]
    #[inline(never)]
    fn keep_opaque(&mut self, key: &str, issue: IssueKind, raw: Raw<'_>) {
        let offset = raw.offset - 1;
        let text = self.session.intern(raw, &mut self.reader.notes);
        let builder = &mut *self.session.builder;
        let written = builder.str(text).to_owned();
        builder.issues.add_with(issue, Some(offset), || written);
        self.keep(key, Value::Str(text));
    }

    #[inline(never)]
    pub(super) fn keep(&mut self, key: &str, value: Value) {
        let key = self.session.builder.intern(key);
        self.session.builder.push_value(key, value);
    }

    #[inline(never)]
    fn kind(&mut self) -> Result<Option<SpanKind>> {
        let offset = self.reader.offset();
        let Some(raw) = self.reader.raw_text()? else {
            return Ok(None);
        };
        Ok(Some(match raw.bytes {
            b"CLIENT" => SpanKind::Client,
            b"SERVER" => SpanKind::Server,
            b"PRODUCER" => SpanKind::Producer,
            b"CONSUMER" => SpanKind::Consumer,
            b"" => return Ok(None),
            _ => {
                let text = self.session.intern(raw, &mut self.reader.notes);
                let builder = &mut *self.session.builder;
                let detail = format!("kind {:?}", builder.str(text));
                builder
                    .issues
                    .add_with(IssueKind::UnknownEnum, Some(offset), || detail);
                self.keep("zipkin.kind", Value::Str(text));
                return Ok(None);
            }
        }))
    }

    /// `{ key: text, … }`; values of other types are kept as they are.
    #[inline(never)]
    fn tags(&mut self, record: &mut Record) -> Result<()> {
        if !self.reader.begin_map()? {
            return Ok(());
        }
        while let Some(key) = self.reader.next_key()? {
            let key = self.session.intern_key(key, &mut self.reader.notes);
            let value = plain_value::read(self.reader, self.session)?;
            self.push_tag(record, key, value);
        }
        Ok(())
    }

    /// Adds a tag to the innermost open list, unless a field of the span now says the same.
    #[inline(never)]
    pub(super) fn push_tag(&mut self, record: &mut Record, key: StrIdx, value: Value) {
        let builder = &mut *self.session.builder;
        if builder.str(key) == "error" {
            // That the tag is there says that the span failed, whatever its text.
            record.error = match value {
                Value::Str(text) if builder.str(text) == "false" => None,
                Value::Bool(false) => None,
                Value::Str(text) => Some(text),
                _ => Some(StrIdx::EMPTY),
            };
        }
        if !record.otel.take(builder.str(key), value, builder) {
            builder.push_value(key, value);
        }
    }

    #[inline(never)]
    fn push_annotations(&mut self, local: Option<Endpoint>) {
        let annotations = core::mem::take(&mut self.annotations);
        for annotation in &annotations {
            let builder = &mut *self.session.builder;
            let list = builder.open_list();
            // Only what the span does not say already: in the first version each annotation repeats its endpoint.
            if let Some(endpoint) = annotation
                .endpoint
                .filter(|&endpoint| Some(endpoint) != local)
            {
                endpoint.push(&endpoint::LOCAL, builder);
            }
            let attributes = builder.close_attributes(list);
            builder.push_event(EventRecord {
                time: annotation.time,
                name: annotation.value,
                attributes,
                ..EventRecord::default()
            });
        }
        self.annotations = annotations;
    }
}

//! One record: a span, or one half of a span.
//!
//! ```text
//! both  traceId id parentId name timestamp duration debug annotations[] { timestamp, value }
//! v2    kind localEndpoint remoteEndpoint tags{} shared
//! v1    binaryAnnotations[] { key, value, endpoint }, and an endpoint in each annotation
//! ```
//!
//! **Invariant:** every tag and annotation stays visible; what is derived from them is derived in addition.

use super::{Import, endpoint::Endpoint, v1};
use crate::{
    ids::{SpanId, TraceId},
    import::{Format, ids, micros, otel_tags::OtelTags, plain_value},
    issues::IssueKind,
    json::Result,
    store::{
        SpanKind, SpanMarks, Value,
        builder::{EventRecord, SpanRecord},
    },
    strings::StrIdx,
    time::UnixNanos,
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
        while let Some(key) = self.reader.next_key()? {
            match key.bytes {
                b"traceId" => record.trace_id = self.trace_id()?,
                b"id" => record.id = self.span_id("zipkin.span_id")?,
                b"parentId" => record.parent_id = self.span_id("zipkin.parent_span_id")?,
                b"name" => record.name = self.text()?,
                b"kind" => record.kind = self.kind()?,
                b"timestamp" => record.start = micros::time(self.reader)?,
                b"duration" => record.duration = micros::nanos(self.reader)?,
                b"localEndpoint" => record.local = self.endpoint()?,
                b"remoteEndpoint" => record.remote = self.endpoint()?,
                b"annotations" => self.read_annotations()?,
                b"binaryAnnotations" => self.read_binary_annotations()?,
                b"tags" => self.tags(&mut record)?,
                b"shared" => record.shared = self.reader.bool()?.unwrap_or_default(),
                b"debug" => {
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
            remote.push("peer.service", "peer", self.session.builder);
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

    fn trace_id(&mut self) -> Result<TraceId> {
        let offset = self.reader.offset();
        let Some(text) = self.reader.text()? else {
            return Ok(TraceId::INVALID);
        };
        let (id, issue) = ids::trace_id(text.as_bytes());
        self.keep_opaque("zipkin.trace_id", issue, &text, offset);
        Ok(id)
    }

    fn span_id(&mut self, key: &str) -> Result<SpanId> {
        let offset = self.reader.offset();
        let Some(text) = self.reader.text()? else {
            return Ok(SpanId::INVALID);
        };
        let (id, issue) = ids::span_id(text.as_bytes());
        self.keep_opaque(key, issue, &text, offset);
        Ok(id)
    }

    fn keep_opaque(&mut self, key: &str, issue: Option<IssueKind>, text: &str, offset: u64) {
        if let Some(issue) = issue {
            self.session
                .builder
                .issues
                .add_with(issue, Some(offset), || text.to_owned());
            let text = self.session.builder.intern(text);
            self.keep(key, Value::Str(text));
        }
    }

    pub(super) fn keep(&mut self, key: &str, value: Value) {
        let key = self.session.builder.intern(key);
        self.session.builder.push_value(key, value);
    }

    fn kind(&mut self) -> Result<Option<SpanKind>> {
        let offset = self.reader.offset();
        let text = self.reader.text()?;
        Ok(Some(match text.as_deref() {
            Some("CLIENT") => SpanKind::Client,
            Some("SERVER") => SpanKind::Server,
            Some("PRODUCER") => SpanKind::Producer,
            Some("CONSUMER") => SpanKind::Consumer,
            None | Some("") => return Ok(None),
            Some(other) => {
                let detail = || format!("kind {other:?}");
                self.session
                    .builder
                    .issues
                    .add_with(IssueKind::UnknownEnum, Some(offset), detail);
                let text = self.session.builder.intern(other);
                self.keep("zipkin.kind", Value::Str(text));
                return Ok(None);
            }
        }))
    }

    /// `{ key: text, … }`; values of other types are kept as they are.
    fn tags(&mut self, record: &mut Record) -> Result<()> {
        if !self.reader.begin_map()? {
            return Ok(());
        }
        while let Some(key) = self.reader.next_key()? {
            let key = key.text(&mut self.reader.notes);
            let key = self.session.builder.intern(&key);
            let value = plain_value::read(self.reader, self.session.builder)?;
            self.push_tag(record, key, value);
        }
        Ok(())
    }

    /// Adds a tag to the innermost open list, unless a field of the span now says the same.
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
                endpoint.push("service.name", "local", builder);
            }
            let attributes = builder.close_attributes(list);
            builder.push_event(EventRecord {
                time: annotation.time,
                name: annotation.value,
                attributes,
                dropped: 0,
            });
        }
        self.annotations = annotations;
    }
}

//! One span, with its logs.
//!
//! ```text
//! span  traceID spanID operationName references[] startTime duration tags[] logs[] processID | process warnings[] flags
//! log   timestamp fields[]
//! ```
//!
//! **Invariant:** a span is pushed when it has been read whole; its fields may come in any order.

use super::{Import, Trace};
use crate::{
    ids::{SpanId, TraceId},
    import::{micros, plain_value},
    issues::IssueKind,
    json::{Expected, Fields, Kind, Result},
    store::{
        Value,
        builder::{EventRecord, ListMark, ResourceIdx, ResourceRecord, SpanRecord},
    },
    strings::StrIdx,
    time::UnixNanos,
};

/// The one flag that W3C has too; Jaeger's second one means "debug", W3C's "random id".
const SAMPLED: u32 = 1;

/// The fields of a span by number, in about the order in which Jaeger writes them.
mod field {
    pub const TRACE_ID: u8 = 1;
    pub const SPAN_ID: u8 = 2;
    pub const PARENT_SPAN_ID: u8 = 3;
    pub const NAME: u8 = 4;
    pub const REFERENCES: u8 = 5;
    pub const START: u8 = 6;
    pub const DURATION: u8 = 7;
    pub const FLAGS: u8 = 8;
    pub const TAGS: u8 = 9;
    pub const LOGS: u8 = 10;
    pub const PROCESS_ID: u8 = 11;
    pub const PROCESS: u8 = 12;
    pub const WARNINGS: u8 = 13;
}

const FIELDS: Fields = Fields {
    expected: &[
        Expected::new("\n"),
        Expected::new("traceID"),
        Expected::new("spanID"),
        Expected::new("parentSpanID"),
        Expected::new("operationName"),
        Expected::new("references"),
        Expected::new("startTime"),
        Expected::new("duration"),
        Expected::new("flags"),
        Expected::new("tags"),
        Expected::new("logs"),
        Expected::new("processID"),
        Expected::new("process"),
        Expected::new("warnings"),
    ],
    names: &[
        ("traceID", field::TRACE_ID),
        ("spanID", field::SPAN_ID),
        ("parentSpanID", field::PARENT_SPAN_ID),
        ("operationName", field::NAME),
        ("references", field::REFERENCES),
        ("startTime", field::START),
        ("duration", field::DURATION),
        ("flags", field::FLAGS),
        ("tags", field::TAGS),
        ("logs", field::LOGS),
        ("processID", field::PROCESS_ID),
        ("process", field::PROCESS),
        ("warnings", field::WARNINGS),
    ],
};

/// The fields of a span that are put together at its end.
#[derive(Default)]
struct Parts {
    trace_id: Option<TraceId>,
    span_id: SpanId,
    deprecated_parent: SpanId,
    name: StrIdx,
    start: UnixNanos,
    duration: Option<i128>,
    flags: u32,
    process_id: Option<StrIdx>,
    process: Option<ResourceRecord>,
}

impl Import<'_, '_, '_, '_> {
    pub(super) fn span(&mut self, trace: &mut Trace) -> Result<()> {
        let attributes = self.session.builder.open_list();
        let events = self.session.builder.event_mark();
        let links = self.session.builder.link_mark();
        let mut fields = Parts::default();
        let mut tags = super::tags::SpanTags::default();
        self.references.clear();
        self.reader.begin_object()?;
        self.span_order.begin();
        while let Some(field) = self.reader.next_field(&FIELDS, &mut self.span_order)? {
            match field {
                field::TRACE_ID => {
                    let (id, text) = self.trace_id()?;
                    fields.trace_id = Some(id);
                    self.keep_text("jaeger.trace_id", text);
                }
                field::SPAN_ID => {
                    let (id, text) = self.span_id()?;
                    fields.span_id = id;
                    self.keep_text("jaeger.span_id", text);
                }
                field::PARENT_SPAN_ID => {
                    let (id, text) = self.span_id()?;
                    fields.deprecated_parent = id;
                    self.keep_text("jaeger.parent_span_id", text);
                }
                field::NAME => fields.name = self.text()?,
                field::REFERENCES => self.read_references()?,
                field::START => fields.start = micros::time(self.reader)?,
                field::DURATION => fields.duration = micros::nanos(self.reader)?,
                field::FLAGS => fields.flags = self.flags()?,
                field::TAGS => {
                    self.tags(&mut |builder, key, value| tags.take(builder, key, value))?
                }
                field::LOGS => self.logs()?,
                field::PROCESS_ID => {
                    let id = self.text()?;
                    fields.process_id = (!id.is_empty()).then_some(id);
                }
                field::PROCESS => self.inline_process(trace, &mut fields)?,
                field::WARNINGS => self.warnings()?,
                _ => self.reader.skip_value()?,
            }
        }
        let resource = self.span_resource(trace, &fields);
        let scope = tags.otel.scope(&mut self.scopes, self.session.builder);
        let trace_id = fields.trace_id.unwrap_or(trace.id);
        let mut span = SpanRecord {
            trace_id,
            span_id: fields.span_id,
            name: fields.name,
            kind: tags.kind.unwrap_or_default(),
            start: fields.start,
            end: micros::end(fields.start, fields.duration),
            flags: fields.flags & SAMPLED,
            ..SpanRecord::new(resource, scope)
        };
        if fields.flags & !SAMPLED != 0 {
            self.keep("jaeger.flags", Value::Int(i64::from(fields.flags)));
        }
        tags.otel
            .apply(&mut span, tags.failed, self.session.builder);
        let parents = self.resolve_references(trace_id, fields.span_id, fields.deprecated_parent);
        span.links = self.session.builder.links_since(links);
        span.events = self.session.builder.events_since(events);
        span.attributes = self.session.builder.close_attributes(attributes);
        trace.span_ids.push(fields.span_id.0);
        if parents.is_open() {
            trace.undecided.push((span, parents));
        } else {
            span.parent_span_id = parents.first();
            self.session.builder.push_span(span);
        }
        self.session.reached(self.reader.offset());
        Ok(())
    }

    #[inline(never)]
    fn keep_text(&mut self, key: &str, text: Option<StrIdx>) {
        if let Some(text) = text {
            self.keep(key, Value::Str(text));
        }
    }

    #[inline(never)]
    pub(super) fn keep(&mut self, key: &str, value: Value) {
        let key = self.session.builder.intern(key);
        self.session.builder.push_value(key, value);
    }

    #[inline(never)]
    fn flags(&mut self) -> Result<u32> {
        let offset = self.reader.offset();
        let flags = self.reader.u64()?.unwrap_or_default();
        Ok(u32::try_from(flags).unwrap_or_else(|_| {
            self.reader.notes.add(IssueKind::BadNumber, offset);
            0
        }))
    }

    /// `[ "…", … ]`, or null; anything else is kept as it is.
    #[inline(never)]
    fn warnings(&mut self) -> Result<()> {
        let value = plain_value::read(self.reader, self.session)?;
        let empty = match value {
            Value::Array(rows) => rows.len == 0,
            value => value == Value::Empty,
        };
        if !empty {
            self.keep("jaeger.warnings", value);
        }
        Ok(())
    }

    /// A process within the span describes the resource, unless the same process is described already.
    #[inline(never)]
    fn inline_process(&mut self, trace: &Trace, fields: &mut Parts) -> Result<()> {
        let known = fields.process_id.and_then(|id| trace.processes.get(&id));
        if known.is_some_and(|&resource| self.session.builder.is_resource_defined(resource)) {
            return self.reader.skip_value();
        }
        if self.reader.peek() == Kind::Object {
            fields.process = Some(self.process()?);
            return Ok(());
        }
        self.reader.skip_wrong_type()
    }

    #[inline(never)]
    fn span_resource(&mut self, trace: &mut Trace, fields: &Parts) -> ResourceIdx {
        match (fields.process_id, fields.process) {
            (Some(id), process) => {
                let resource = self.process_resource(trace, id);
                if let Some(record) = process
                    && !self.session.builder.is_resource_defined(resource)
                {
                    self.session.builder.define_resource(resource, record);
                }
                resource
            }
            (None, Some(record)) => self.session.builder.resource(record),
            (None, None) => {
                let builder = &mut *self.session.builder;
                *trace
                    .unknown_process
                    .get_or_insert_with(|| builder.resource(ResourceRecord::default()))
            }
        }
    }

    #[inline(never)]
    fn logs(&mut self) -> Result<()> {
        if !self.reader.begin_list()? {
            return Ok(());
        }
        while self.reader.next_element()? {
            if self.reader.begin_map()? {
                self.log()?;
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn log(&mut self) -> Result<()> {
        let mut event = EventRecord::default();
        let mut named = None;
        let list: ListMark = self.session.builder.open_list();
        while let Some(key) = self.reader.next_key()? {
            match key.bytes {
                b"timestamp" => event.time = micros::time(self.reader)?,
                b"fields" => self.tags(&mut |_, key, value| {
                    // The name says all that the field says, so the field need not stay.
                    let Value::Str(text) = value else {
                        return false;
                    };
                    let is_name = key == "event" && named.is_none();
                    if is_name {
                        named = Some(text);
                    }
                    is_name
                })?,
                _ => self.reader.skip_value()?,
            }
        }
        event.name = named.unwrap_or_else(|| self.message_of(&list));
        event.attributes = self.session.builder.close_attributes(list);
        self.session.builder.push_event(event);
        Ok(())
    }

    fn message_of(&mut self, list: &ListMark) -> StrIdx {
        let message = self.session.builder.intern("message");
        let mut values = self.session.builder.open_values(list);
        let found = values.find_map(|(key, value)| match value {
            Value::Str(text) if key == message => Some(text),
            _ => None,
        });
        found.unwrap_or_default()
    }
}

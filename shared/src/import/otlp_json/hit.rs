//! A TraceQL search hit: what a query matched, as spans with few facts.
//!
//! ```text
//! {"traceID": "9b33…", "rootServiceName": "…", "spanSet": {"spans": [
//!    {"spanID": "fb2c…", "startTimeUnixNano": "…", "durationNanos": "37824583", "attributes": [
//!        {"key": "span:parentID", "value": {"stringValue": "4dd7…"}}]}]}}
//! ```
//!
//! `spanSet` repeats the first of `spanSets`; only one of the two is read.
//!
//! **Invariant:** a parent is known only where the query asked for `span:parentID`; nothing is made up.

use super::{
    super::{Format, ids},
    Importer,
};
use crate::{
    ids::TraceId,
    json::Result,
    store::{
        Value,
        builder::{ResourceIdx, ResourceRecord, ScopeIdx, ScopeRecord, SpanRecord},
    },
    strings::StrIdx,
    time::{Nanos, UnixNanos},
};

impl Importer<'_, '_, '_> {
    /// The object that the reader stands at.
    pub(super) fn search_hit(&mut self) -> Result<()> {
        self.session.found(Format::TempoSearch);
        // The id may stand behind the spans: one pass for the facts, one for the spans.
        let start = self.r.mark();
        let mut trace = TraceId::INVALID;
        let mut has_sets = false;
        self.r.begin_object()?;
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"traceID" | b"traceId" => trace = self.trace_id()?,
                b"spanSets" => has_sets = self.r.raw_value()?.first() == Some(&b'['),
                _ => self.r.skip_value()?,
            }
        }
        self.r.rewind(start);
        self.r.begin_object()?;
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"spanSets" if has_sets => self.list(&mut |this| this.span_set(trace))?,
                b"spanSet" if !has_sets => self.span_set(trace)?,
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    fn span_set(&mut self, trace: TraceId) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let scope = self.session.builder.scope(ScopeRecord::default());
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"spans" => self.list(&mut |this| this.hit_span(trace, scope))?,
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    fn hit_span(&mut self, trace: TraceId, scope: ScopeIdx) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let resource = self.session.builder.reserve_resource();
        let mut span = SpanRecord::new(resource, scope);
        span.trace_id = trace;
        let mut duration = None;
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"spanID" | b"spanId" => span.span_id = self.span_id()?,
                b"name" => span.name = self.string()?,
                b"startTimeUnixNano" => span.start = self.time()?,
                b"durationNanos" => duration = self.r.u64()?,
                b"attributes" => self.hit_attributes(&mut span, resource)?,
                _ => self.r.skip_value()?,
            }
        }
        span.end = duration.map_or(UnixNanos(0), |length| span.start.plus(Nanos(length)));
        self.session.builder.push_span(span);
        self.session.reached(self.r.offset());
        Ok(())
    }

    /// The attributes that the query selected; some of them are fields of the span in truth.
    fn hit_attributes(&mut self, span: &mut SpanRecord, resource: ResourceIdx) -> Result<()> {
        let list = self.session.builder.open_list();
        if let Err(error) = self.attribute_list(0) {
            self.session.builder.discard_list(list);
            return Err(error);
        }
        let builder = &mut *self.session.builder;
        let mut service = None;
        let pairs: Vec<(StrIdx, Value)> = builder.open_values(&list).collect();
        for (key, value) in pairs {
            let Value::Str(text) = value else { continue };
            match builder.str(key) {
                "span:parentID" | "parentID" => {
                    span.parent_span_id = ids::span_id(builder.str(text).as_bytes()).0;
                }
                "span:name" | "name" if span.name.is_empty() => span.name = text,
                "service.name" | "resource.service.name" => service = Some(text),
                _ => {}
            }
        }
        span.attributes = builder.close_attributes(list);
        if let Some(service) = service {
            let key = builder.intern("service.name");
            let list = builder.open_list();
            builder.push_value(key, Value::Str(service));
            let attributes = builder.close_attributes(list);
            builder.define_resource(
                resource,
                ResourceRecord {
                    attributes,
                    ..ResourceRecord::default()
                },
            );
        }
        Ok(())
    }
}

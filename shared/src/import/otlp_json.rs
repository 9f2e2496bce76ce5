//! OTLP JSON in every dialect that is about: one top-level value at a time.
//!
//! ```text
//! {resourceSpans: [{resource, scopeSpans: [{scope, spans: [span…], schemaUrl}], schemaUrl}]}
//! {result|trace|traces|data: …}  [ … ]          wrappers, any of them inside another
//! {resource, scopeSpans}                         a resource without a wrapper
//! {traceID, spanSet: {spans: […]}}               a TraceQL search hit
//! {resourceLogs: […]}                            log records of spans
//! ```
//!
//! camelCase, snake_case and Go's CamelCase are one to it, and so are numbers, digits in strings and names of
//! enumerations. A resource or scope may stand behind its spans.
//!
//! A browser compiles wasm twice, plainly first and well once a function has run for a while, and a function is
//! exchanged only where it is called. So nothing here loops over a whole file but [`Importer::list`], which calls each
//! element through a pointer, and what runs for every span is cut into functions that are small enough to be compiled
//! soon: they must not be inlined into each other.
//!
//! **Invariant:** pushes straight into the builder; no tree of values and nothing that grows with the input. After a
//! syntax error what was read before it is kept, and the next element of the list is tried.

mod hit;
mod log;
mod span;
mod value;

use super::{Format, Signal, recover, session::Session};
use crate::{
    ids::TraceId,
    issues::IssueKind,
    json::{Kind, Order, Raw, Reader, Result},
    store::{
        Range,
        builder::{LogResource, ResourceIdx, ResourceRecord, ScopeRecord},
    },
    strings::StrIdx,
};

/// Wrappers inside each other that are still followed.
const WRAPPERS: usize = 8;

/// Reads the value that the reader stands at.
///
/// # Errors
/// Where the syntax breaks and the rest of the value cannot be trusted. What was read is in the builder.
pub(super) fn read(session: &mut Session<'_>, r: &mut Reader<'_>) -> Result<()> {
    Importer {
        session,
        r,
        span_order: Order::default(),
        last_trace: ([0; 32], TraceId::INVALID),
    }
    .wrapped(0)
}

struct Importer<'x, 's, 'a> {
    session: &'x mut Session<'s>,
    r: &'x mut Reader<'a>,
    span_order: Order,
    last_trace: ([u8; 32], TraceId),
}

impl<'a> Importer<'_, '_, 'a> {
    /// Anything that may hold resource spans.
    fn wrapped(&mut self, depth: usize) -> Result<()> {
        if depth > WRAPPERS {
            self.r.notes.add(IssueKind::TooDeep, self.r.offset());
            return self.r.skip_value();
        }
        match self.r.peek() {
            Kind::Object => self.wrapper(depth),
            Kind::Array => self.list(&mut |this| this.wrapped(depth + 1)),
            _ => self.r.skip_wrong_type(),
        }
    }

    fn wrapper(&mut self, depth: usize) -> Result<()> {
        let start = self.r.mark();
        self.r.begin_object()?;
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"resourceSpans" | b"resource_spans" | b"batches" | b"ResourceSpans" => {
                    self.session.found(Format::OtlpJson);
                    self.list(&mut Self::resource_spans)?;
                }
                b"result" | b"trace" | b"traces" | b"data" => match self.r.peek() {
                    Kind::Object | Kind::Array => self.wrapped(depth + 1)?,
                    _ => self.r.skip_value()?,
                },
                b"resource"
                | b"scopeSpans"
                | b"scope_spans"
                | b"instrumentationLibrarySpans"
                | b"instrumentation_library_spans" => {
                    self.session.found(Format::OtlpJson);
                    self.r.rewind(start);
                    return self.resource_spans();
                }
                b"spanSet" | b"spanSets" => {
                    self.r.rewind(start);
                    return self.search_hit();
                }
                b"resourceLogs" | b"resource_logs" => log::logs(self)?,
                b"scopeLogs" | b"scope_logs" => {
                    self.r.rewind(start);
                    return log::resource_logs(self);
                }
                b"resourceMetrics" | b"resource_metrics" | b"scopeMetrics" => {
                    self.other(Signal::Metrics)?;
                }
                b"resourceProfiles" | b"resource_profiles" | b"scopeProfiles" => {
                    self.other(Signal::Profiles)?;
                }
                // Grafana Faro puts these beside `traces`.
                b"logs" | b"exceptions" | b"events" => self.other(Signal::Logs)?,
                b"measurements" => self.other(Signal::Metrics)?,
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    fn other(&mut self, signal: Signal) -> Result<()> {
        let offset = self.r.offset();
        if self.r.raw_value()?.len() > b"[]".len() {
            self.session.other_signal(signal, offset);
        }
        Ok(())
    }

    fn resource_spans(&mut self) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        // The resource may stand behind its spans; one without spans is no part of the dataset.
        let mut resource = None;
        let mut record = ResourceRecord::default();
        let mut logs = None;
        let read = self.resource_spans_fields(&mut resource, &mut record, &mut logs);
        if let Some(resource) = resource {
            self.session.builder.define_resource(resource, record);
        }
        if let Some(logs) = logs {
            let builder = &mut self.session.builder;
            builder.copy_log_resource(logs, record.attributes);
        }
        read
    }

    fn resource_spans_fields(
        &mut self,
        resource: &mut Option<ResourceIdx>,
        record: &mut ResourceRecord,
        logs: &mut Option<LogResource>,
    ) -> Result<()> {
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"resource" | b"Resource" => self.resource(record)?,
                b"scopeSpans"
                | b"scope_spans"
                | b"ScopeSpans"
                | b"instrumentationLibrarySpans"
                | b"instrumentation_library_spans"
                | b"InstrumentationLibrarySpans"
                | b"ilSpans" => self.list(&mut |this| this.scope_spans(resource))?,
                b"schemaUrl" | b"schema_url" => record.schema_url = self.string()?,
                b"scopeLogs" | b"scope_logs" => {
                    let builder = &mut *self.session.builder;
                    let made_by = *logs.get_or_insert_with(|| builder.reserve_log_resource());
                    log::scope_logs_list(self, made_by)?;
                }
                b"scopeMetrics" | b"scope_metrics" => self.other(Signal::Metrics)?,
                b"scopeProfiles" | b"scope_profiles" => self.other(Signal::Profiles)?,
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    fn resource(&mut self, record: &mut ResourceRecord) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"attributes" | b"Attributes" => record.attributes = self.attributes()?,
                b"droppedAttributesCount" | b"dropped_attributes_count" => {
                    record.dropped = self.count()?;
                }
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    fn scope_spans(&mut self, resource: &mut Option<ResourceIdx>) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let mut scope = None;
        let mut record = ScopeRecord::default();
        let mut read = Ok(());
        loop {
            let step = match self.r.next_key() {
                Ok(None) => break,
                Ok(Some(key)) => match key.bytes {
                    b"spans" | b"Spans" => {
                        let builder = &mut *self.session.builder;
                        let resource = *resource.get_or_insert_with(|| builder.reserve_resource());
                        let scope = *scope.get_or_insert_with(|| builder.reserve_scope());
                        self.list(&mut |this| this.span(resource, scope))
                    }
                    b"scope"
                    | b"Scope"
                    | b"instrumentationLibrary"
                    | b"instrumentation_library" => self.scope(&mut record),
                    b"schemaUrl" | b"schema_url" => {
                        self.string().map(|url| record.schema_url = url)
                    }
                    _ => self.r.skip_value(),
                },
                Err(error) => Err(error),
            };
            if step.is_err() {
                read = step;
                break;
            }
        }
        if let Some(scope) = scope {
            self.session.builder.define_scope(scope, record);
        }
        read
    }

    fn scope(&mut self, record: &mut ScopeRecord) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"name" => record.name = self.string()?,
                b"version" => record.version = self.string()?,
                b"attributes" => record.attributes = self.attributes()?,
                b"droppedAttributesCount" | b"dropped_attributes_count" => {
                    record.dropped = self.count()?;
                }
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    /// Reads each element. One that is broken is passed over if its brackets and quotes still balance.
    #[inline(never)]
    fn list(&mut self, element: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        if !self.r.begin_list()? {
            return Ok(());
        }
        while self.r.next_element()? {
            let mark = self.r.mark();
            if let Err(error) = element(self) {
                recover::skip_broken(self.r, mark, error, &mut self.session.builder.issues)?;
            }
        }
        Ok(())
    }

    /// The list of attributes of something.
    #[inline(never)]
    fn attributes(&mut self) -> Result<Range> {
        let list = self.session.builder.open_list();
        match self.attribute_list(0) {
            Ok(()) => Ok(self.session.builder.close_attributes(list)),
            Err(error) => {
                self.session.builder.discard_list(list);
                Err(error)
            }
        }
    }

    /// A string, interned; empty for null and for wrong types.
    fn string(&mut self) -> Result<StrIdx> {
        self.session.text(self.r)
    }

    #[inline]
    fn intern(&mut self, raw: Raw<'a>) -> StrIdx {
        self.session.intern(raw, &mut self.r.notes)
    }

    /// A count; too large ones stop at the largest.
    #[inline(never)]
    fn count(&mut self) -> Result<u32> {
        let offset = self.r.offset();
        let count = self.r.u64()?.unwrap_or(0);
        Ok(u32::try_from(count).unwrap_or_else(|_| {
            self.r.notes.add(IssueKind::BadNumber, offset);
            u32::MAX
        }))
    }
}

#[cfg(test)]
mod tests;

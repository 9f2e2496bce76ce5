//! Jaeger JSON, as the UI downloads it and the API answers it.
//!
//! ```text
//! { "data": [ { "traceID", "spans": […], "processes": { "p1": { "serviceName", "tags" } }, "warnings" } ], "total", … }
//! { "data": { … } }     { "traceID", "spans", … }     [ { "traceID", … }, … ]     [ { "spanID", … }, … ]
//! ```
//!
//! `processes` stands behind `spans` as often as before them: each process id that a span names is reserved as a
//! resource, and described when it turns up. Times are microseconds.
//!
//! **Invariant:** knows Jaeger's fields and the builder, no other format; holds one span at a time, and of a whole trace
//! only ids and the spans whose parent cannot be told before the trace has ended.

mod references;
mod span;
mod tags;

use hashbrown::{HashMap, HashSet};

use super::{Format, otel_tags::ScopeCache, recover, session::Session};
use crate::{
    ids::TraceId,
    issues::IssueKind,
    json::{Kind, Order, Reader, Result},
    store::{
        Value,
        builder::{ResourceIdx, ResourceRecord, SpanRecord},
    },
    strings::StrIdx,
};

use references::{Candidates, Reference};

/// How deep `data` wrappers and arrays may hold each other.
const MAX_WRAPPERS: u8 = 8;

/// Reads the value that the reader stands at: a trace, a span, or any array or `data` wrapper of them.
///
/// # Errors
/// Where the syntax breaks. The spans before that are in the builder.
pub(super) fn read(session: &mut Session<'_>, reader: &mut Reader<'_>) -> Result<()> {
    session.found(Format::Jaeger);
    let mut import = Import {
        session,
        reader,
        scopes: ScopeCache::default(),
        references: Vec::new(),
        span_order: Order::default(),
        reference_order: Order::default(),
        last_trace: ([0; 32], TraceId::INVALID),
    };
    let mut loose = Trace::default();
    let read = import.value(&mut loose, 0);
    import.end_trace(loose, false);
    read
}

/// The state of one read.
struct Import<'i, 's, 'r, 'a> {
    session: &'i mut Session<'s>,
    reader: &'r mut Reader<'a>,
    scopes: ScopeCache,
    /// The references of the span that is being read.
    references: Vec<Reference>,
    span_order: Order,
    reference_order: Order,
    /// The last trace id as it was written, and what it is.
    last_trace: ([u8; 32], TraceId),
}

/// What is known of one trace object, or of spans that stand in none.
#[derive(Default)]
struct Trace {
    id: TraceId,
    processes: HashMap<StrIdx, ResourceIdx>,
    /// The same in the order in which they turned up.
    in_order: Vec<(StrIdx, ResourceIdx)>,
    /// What the spans without any process share.
    unknown_process: Option<ResourceIdx>,
    span_ids: Vec<u64>,
    /// Spans that name several parents: which one is there is known at the end.
    undecided: Vec<(SpanRecord, Candidates)>,
}

/// What an object turned out to be.
enum Object {
    /// A trace or a wrapper, which has been read.
    Trace,
    /// A span, which has not.
    Span,
}

impl Import<'_, '_, '_, '_> {
    fn value(&mut self, loose: &mut Trace, depth: u8) -> Result<()> {
        match self.reader.peek() {
            Kind::Array if depth < MAX_WRAPPERS => {
                self.reader.begin_array()?;
                while self.reader.next_element()? {
                    let element = self.reader.mark();
                    if let Err(error) = self.value(loose, depth + 1) {
                        recover::skip_broken(
                            self.reader,
                            element,
                            error,
                            &mut self.session.builder.issues,
                        )?;
                    }
                }
                Ok(())
            }
            Kind::Object if depth < MAX_WRAPPERS => self.object(loose, depth),
            _ => self.reader.skip_wrong_type(),
        }
    }

    fn object(&mut self, loose: &mut Trace, depth: u8) -> Result<()> {
        let start = self.reader.mark();
        let mut trace = Trace::default();
        let read = self.trace_or_span(loose, &mut trace, depth);
        let cut = matches!(&read, Err(error) if error.is_truncated());
        self.end_trace(trace, cut);
        match read {
            Ok(Object::Trace) => Ok(()),
            Ok(Object::Span) => {
                self.reader.rewind(start);
                self.span(loose)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a trace or a wrapper, or stops at the first key that only spans have.
    fn trace_or_span(&mut self, loose: &mut Trace, trace: &mut Trace, depth: u8) -> Result<Object> {
        self.reader.begin_object()?;
        while let Some(key) = self.reader.next_key()? {
            match key.bytes {
                b"spanID" | b"operationName" => return Ok(Object::Span),
                b"traceID" => trace.id = self.trace_id()?.0,
                b"spans" => self.spans(trace)?,
                b"processes" => self.processes(trace)?,
                b"data" => self.value(loose, depth + 1)?,
                _ => self.reader.skip_value()?,
            }
        }
        Ok(Object::Trace)
    }

    fn spans(&mut self, trace: &mut Trace) -> Result<()> {
        if !self.reader.begin_list()? {
            return Ok(());
        }
        while self.reader.next_element()? {
            let element = self.reader.mark();
            let read = match self.reader.peek() {
                Kind::Object => self.span(trace),
                _ => self.reader.skip_wrong_type(),
            };
            if let Err(error) = read {
                recover::skip_broken(
                    self.reader,
                    element,
                    error,
                    &mut self.session.builder.issues,
                )?;
            }
        }
        Ok(())
    }

    fn processes(&mut self, trace: &mut Trace) -> Result<()> {
        if !self.reader.begin_map()? {
            return Ok(());
        }
        while let Some(key) = self.reader.next_key()? {
            let id = self.session.intern(key, &mut self.reader.notes);
            let record = self.process()?;
            let resource = self.process_resource(trace, id);
            self.session.builder.define_resource(resource, record);
        }
        Ok(())
    }

    /// `{ "serviceName": …, "tags": […] }`
    fn process(&mut self) -> Result<ResourceRecord> {
        let list = self.session.builder.open_list();
        if self.reader.begin_map()? {
            while let Some(key) = self.reader.next_key()? {
                match key.bytes {
                    b"serviceName" => {
                        let service = self.text()?;
                        let key = self.session.builder.intern("service.name");
                        self.session.builder.push_value(key, Value::Str(service));
                    }
                    b"tags" => self.tags(&mut |_, _, _| false)?,
                    _ => self.reader.skip_value()?,
                }
            }
        }
        Ok(ResourceRecord {
            attributes: self.session.builder.close_attributes(list),
            ..ResourceRecord::default()
        })
    }

    fn process_resource(&mut self, trace: &mut Trace, id: StrIdx) -> ResourceIdx {
        let builder = &mut *self.session.builder;
        *trace.processes.entry(id).or_insert_with(|| {
            let resource = builder.reserve_resource();
            trace.in_order.push((id, resource));
            resource
        })
    }

    /// Decides what had to wait, and names the processes that were never described: an error, unless it was `cut` before.
    #[inline(never)]
    fn end_trace(&mut self, trace: Trace, cut: bool) {
        if !trace.undecided.is_empty() {
            let known: HashSet<u64> = trace.span_ids.into_iter().collect();
            for (mut span, candidates) in trace.undecided {
                span.parent_span_id = candidates.decide(&known);
                self.session.builder.push_span(span);
            }
        }
        let builder = &mut *self.session.builder;
        for (id, resource) in trace.in_order {
            if builder.is_resource_defined(resource) {
                continue;
            }
            if !cut {
                let offset = Some(self.reader.offset());
                let name = builder.str(id).to_owned();
                builder
                    .issues
                    .add_with(IssueKind::BrokenReference, offset, || {
                        format!("process {name:?}")
                    });
            }
            let list = builder.open_list();
            let key = builder.intern("jaeger.process_id");
            builder.push_value(key, Value::Str(id));
            let attributes = builder.close_attributes(list);
            builder.define_resource(
                resource,
                ResourceRecord {
                    attributes,
                    ..ResourceRecord::default()
                },
            );
        }
    }

    /// The next value as a handle; empty for null and, noted, for what is no string.
    fn text(&mut self) -> Result<StrIdx> {
        self.session.text(self.reader)
    }
}

#[cfg(test)]
mod tests;

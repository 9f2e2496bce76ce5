//! OTLP protobuf: one `ExportTraceServiceRequest`, which is the same on the wire as `TracesData`.
//!
//! ```text
//! TracesData     1 ResourceSpans*          (so bodies written one after the other are one body)
//! ResourceSpans  1 Resource  2 ScopeSpans*  3 schema_url  1000 ScopeSpans* (before 0.15)
//! Resource       1 KeyValue*  2 dropped_attributes_count
//! ScopeSpans     1 Scope  2 Span*  3 schema_url
//! Scope          1 name  2 version  3 KeyValue*  4 dropped_attributes_count
//! ```
//!
//! Logs, metrics and profiles have the same outer shape; what the innermost messages hold tells them apart.
//!
//! **Invariant:** knows OTLP's field numbers and the builder, no framing and no other format. A message that breaks off
//! gives what stands before the break.

mod fields;
mod log;
mod sniff;
mod span;
mod values;

use super::{Signal, session::Session};
use crate::{
    store::{
        Range,
        builder::{ResourceIdx, ResourceRecord, ScopeRecord},
    },
    wire::{Reader, WireError},
};

use fields::{Item, Source};

pub(super) use sniff::{looks_like, looks_like_zipkin};

/// Reads a body that begins `base` bytes into the input. An empty body is a valid request without spans.
///
/// # Errors
/// When the bytes are not protobuf and nothing at all came out of them. Otherwise what is broken is an issue.
pub(super) fn read(session: &mut Session<'_>, bytes: &[u8], base: usize) -> Result<(), WireError> {
    let spans_before = session.builder.span_count();
    let cut = session.cut;
    let mut import = Import {
        session,
        source: Source::new(base + bytes.len(), cut),
        told: false,
    };
    let mut reader = Reader::with_base(bytes, base);
    while let Some(item) = import.next(&mut reader) {
        if item.number() == 1 {
            import.resource_spans(&item);
        }
    }
    let nothing = !import.told && import.session.builder.span_count() == spans_before;
    match import.source.first_error {
        Some(error) if nothing => Err(error),
        _ => Ok(()),
    }
}

/// The state of one body.
struct Import<'i, 's> {
    session: &'i mut Session<'s>,
    source: Source,
    /// True once another signal has been recognised.
    told: bool,
}

impl Import<'_, '_> {
    fn next<'a>(&mut self, reader: &mut Reader<'a>) -> Option<Item<'a>> {
        self.source.next(reader, &mut self.session.builder.issues)
    }

    fn message<'a>(&mut self, item: &Item<'a>) -> Option<Reader<'a>> {
        let reader = item.message();
        self.source.value(reader, &mut self.session.builder.issues)
    }

    fn resource_spans(&mut self, item: &Item<'_>) {
        let Some(mut reader) = self.message(item) else {
            return;
        };
        if let Some(signal) =
            sniff::signal(reader.clone()).filter(|&signal| signal != Signal::Traces)
        {
            self.told = true;
            if signal == Signal::Logs {
                self.session.saw(signal);
                return self.resource_logs(reader);
            }
            self.session.other_signal(signal, item.offset() as u64);
            return;
        }
        // The resource may stand behind its spans, and one without spans is no part of the dataset.
        let mut resource: Option<ResourceIdx> = None;
        let mut record = ResourceRecord::default();
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => (record.attributes, record.dropped) = self.resource(&item),
                2 | 1000 => self.scope_spans(&item, &mut resource),
                3 => record.schema_url = self.text(&item),
                _ => {}
            }
        }
        if let Some(resource) = resource {
            self.session.builder.define_resource(resource, record);
        }
    }

    fn resource(&mut self, item: &Item<'_>) -> (Range, u32) {
        let list = self.session.builder.open_list();
        let mut dropped = 0;
        if let Some(mut reader) = self.message(item) {
            while let Some(item) = self.next(&mut reader) {
                match item.number() {
                    1 => self.key_value(&item),
                    2 => dropped = self.count(&item),
                    _ => {}
                }
            }
        }
        (self.session.builder.close_attributes(list), dropped)
    }

    fn scope_spans(&mut self, item: &Item<'_>, resource: &mut Option<ResourceIdx>) {
        let Some(mut reader) = self.message(item) else {
            return;
        };
        let mut scope = None;
        let mut record = ScopeRecord::default();
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => {
                    let schema_url = record.schema_url;
                    record = ScopeRecord {
                        schema_url,
                        ..self.scope(&item)
                    };
                }
                2 => {
                    let resource =
                        *resource.get_or_insert_with(|| self.session.builder.reserve_resource());
                    let scope = *scope.get_or_insert_with(|| self.session.builder.reserve_scope());
                    self.span(&item, resource, scope);
                }
                3 => record.schema_url = self.text(&item),
                _ => {}
            }
        }
        if let Some(scope) = scope {
            self.session.builder.define_scope(scope, record);
        }
    }

    fn scope(&mut self, item: &Item<'_>) -> ScopeRecord {
        let list = self.session.builder.open_list();
        let mut record = ScopeRecord::default();
        if let Some(mut reader) = self.message(item) {
            while let Some(item) = self.next(&mut reader) {
                match item.number() {
                    1 => record.name = self.text(&item),
                    2 => record.version = self.text(&item),
                    3 => self.key_value(&item),
                    4 => record.dropped = self.count(&item),
                    _ => {}
                }
            }
        }
        record.attributes = self.session.builder.close_attributes(list);
        record
    }
}

#[cfg(test)]
mod tests;

//! Log records that were written in a span.
//!
//! ```text
//! ResourceLogs  1 Resource  2 ScopeLogs*  3 schema_url
//! ScopeLogs     1 Scope  2 LogRecord*  3 schema_url
//! LogRecord     1 time  2 severity_number  3 severity_text  5 body  6 KeyValue*  7 dropped  8 flags  9 trace_id
//!               10 span_id  11 observed_time  12 event_name
//! ```
//!
//! A record is looked through for its ids first: what belongs to no span is counted and nothing of it is kept.
//!
//! **Invariant:** a record that is cut is not kept.

use super::{Import, fields::Item};
use crate::{
    store::{
        Value,
        builder::{BODY, LogRecord, LogResource, SCOPE_NAME, SEVERITY_TEXT},
    },
    strings::StrIdx,
    time::UnixNanos,
    wire::Reader,
};

impl Import<'_, '_> {
    /// What stands in a `ResourceLogs`.
    pub(super) fn resource_logs(&mut self, mut reader: Reader<'_>) {
        let made_by = self.session.builder.reserve_log_resource();
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => self.log_resource(&item, made_by),
                2 | 1000 => self.scope_logs(&item, made_by),
                _ => {}
            }
        }
    }

    fn log_resource(&mut self, item: &Item<'_>, made_by: LogResource) {
        let list = self.session.builder.open_list();
        if let Some(mut reader) = self.message(item) {
            while let Some(item) = self.next(&mut reader) {
                if item.number() == 1 {
                    self.key_value(&item);
                }
            }
        }
        self.session.builder.define_log_resource(made_by, list);
    }

    fn scope_logs(&mut self, item: &Item<'_>, made_by: LogResource) {
        let Some(mut reader) = self.message(item) else {
            return;
        };
        let mut logger = StrIdx::EMPTY;
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => logger = self.logger(&item),
                2 => self.log(&item, logger, made_by),
                _ => {}
            }
        }
    }

    fn logger(&mut self, item: &Item<'_>) -> StrIdx {
        let mut name = StrIdx::EMPTY;
        if let Some(mut reader) = self.message(item) {
            while let Some(item) = self.next(&mut reader) {
                if item.number() == 1 {
                    name = self.text(&item);
                }
            }
        }
        name
    }

    fn log(&mut self, item: &Item<'_>, logger: StrIdx, made_by: LogResource) {
        let Some(mut reader) = self.message(item) else {
            return;
        };
        let mut log = LogRecord {
            resource: Some(made_by),
            ..LogRecord::default()
        };
        let mut observed = UnixNanos(0);
        let mut first = reader.clone();
        while let Some(item) = self.next(&mut first) {
            match item.number() {
                1 => log.time = UnixNanos(self.fixed64(&item)),
                11 => observed = UnixNanos(self.fixed64(&item)),
                9 => log.trace_id = self.trace_id(&item),
                10 => log.span_id = self.span_id(&item),
                _ => {}
            }
        }
        if item.whole().is_none() {
            return;
        }
        if !log.trace_id.is_valid() || !log.span_id.is_valid() {
            self.session.builder.push_log(log);
            return;
        }
        let list = self.session.builder.open_list();
        let observed = log.observed(observed);
        self.session.builder.push_observed(observed);
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                2 => log.severity = u8::try_from(self.number(&item)).unwrap_or(0),
                3 => {
                    let text = self.text(&item);
                    self.log_text(SEVERITY_TEXT, text);
                }
                5 => {
                    if let Some(field) = item.whole() {
                        let value = self.any_value(field, 0);
                        let key = self.session.builder.intern(BODY);
                        self.session.builder.push_value(key, value);
                    }
                }
                6 => self.key_value(&item),
                7 => log.dropped = self.count(&item),
                12 => log.name = self.text(&item),
                _ => {}
            }
        }
        self.log_text(SCOPE_NAME, logger);
        log.attributes = self.session.builder.close_attributes(list);
        self.session.builder.push_log(log);
        self.session.reached(reader.offset() as u64);
    }

    fn log_text(&mut self, key: &str, text: StrIdx) {
        if !text.is_empty() {
            let key = self.session.builder.intern(key);
            self.session.builder.push_value(key, Value::Str(text));
        }
    }
}

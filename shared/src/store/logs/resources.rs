//! The resources of log records: of each only what its span's does not say is kept, as attributes of the log.
//!
//! ```text
//! span  {service.name: "cart", host.name: "a"}
//! log   {service.name: "cart", host.name: "b"}       resource.host.name: "b"
//! ```
//!
//! Nearly always nothing differs: one process has one resource for all that it sends.
//!
//! **Invariant:** nothing stays of a resource that says what the span's does.

use hashbrown::HashMap;

use crate::{
    store::{
        Range, Value,
        builder::{ListMark, StoreBuilder},
        columns::Values,
    },
    strings::StrIdx,
};

/// What the key begins with of an attribute that is of the log's resource.
pub const RESOURCE_PREFIX: &str = "resource.";

/// A resource of log records.
#[derive(Clone, Copy, Debug)]
pub struct LogResource(u32);

/// The resources of the logs that wait for their spans.
#[derive(Debug, Default)]
pub(in crate::store) struct LogResources {
    /// The rows of each.
    ranges: Vec<Range>,
    /// The rows of the last one that was described.
    last: Range,
    rows: Vec<(StrIdx, Value)>,
}

impl StoreBuilder {
    /// A resource of log records, to be described as soon as it is known. One that never is says nothing.
    pub fn reserve_log_resource(&mut self) -> LogResource {
        let ranges = &mut self.logs.resources.ranges;
        ranges.push(Range::default());
        LogResource(ranges.len() as u32 - 1)
    }

    /// Describes a resource by an open list, which ends.
    pub fn define_log_resource(&mut self, resource: LogResource, list: ListMark) {
        let rows: Vec<(StrIdx, Value)> = self.open_values(&list).collect();
        self.discard_list(list);
        let known = &mut self.logs.resources;
        let last = known.rows.get(known.last.rows()).unwrap_or_default();
        let mut pairs = last.iter().zip(&rows);
        // On lines, each has the one of the line before.
        let again = last.len() == rows.len()
            && pairs.all(|(a, b)| a.0 == b.0 && same(&self.nested, a.1, b.1));
        if !again {
            known.last = Range {
                start: known.rows.len() as u32,
                len: rows.len() as u32,
            };
            known.rows.extend(rows);
        }
        known.ranges[resource.0 as usize] = known.last;
    }

    /// Describes a resource by attributes that a span's has too.
    pub fn copy_log_resource(&mut self, resource: LogResource, attributes: Range) {
        let list = self.open_list();
        for row in attributes.rows() {
            let (key, value) = row_of(&self.attributes, row);
            self.push_value(key, value);
        }
        self.define_log_resource(resource, list);
    }
}

/// What has been found to differ.
#[derive(Default)]
pub(super) struct Differences {
    /// By the rows of the log's resource and the span's.
    known: HashMap<(Range, u32), Vec<(StrIdx, Value)>>,
}

impl Differences {
    /// Adds what a log's resource says otherwise than its span's to the log's attributes, in front.
    pub fn add(
        &mut self,
        builder: &mut StoreBuilder,
        resources: &LogResources,
        log: LogResource,
        span: u32,
        attributes: &mut [u32; 2],
    ) {
        let range = resources.ranges[log.0 as usize];
        let differing = self
            .known
            .entry((range, span))
            .or_insert_with(|| differing(builder, &resources.rows[range.rows()], span));
        if differing.is_empty() {
            return;
        }
        let list = builder.open_list();
        for &(key, value) in &*differing {
            builder.push_value(key, value);
        }
        for row in Range::from_pair(*attributes).rows() {
            let (key, value) = row_of(&builder.attributes, row);
            builder.push_value(key, value);
        }
        *attributes = builder.close_attributes(list).pair();
    }
}

fn differing(
    builder: &mut StoreBuilder,
    log: &[(StrIdx, Value)],
    span: u32,
) -> Vec<(StrIdx, Value)> {
    let theirs = Range::from_pair(builder.resources.attributes[span as usize]);
    let mut differing = Vec::new();
    for &(key, value) in log {
        let mut rows = theirs.rows().map(|row| row_of(&builder.attributes, row));
        if !rows.any(|(known, said)| known == key && same(&builder.nested, said, value)) {
            let name = format!("{RESOURCE_PREFIX}{}", builder.str(key));
            differing.push((builder.intern(&name), value));
        }
    }
    differing
}

/// Whether two values are equal. Importers bound how deep they are.
fn same(nested: &Values, a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) | (Value::Map(a), Value::Map(b)) => {
            let mut pairs = a.rows().zip(b.rows());
            a.len == b.len
                && pairs.all(|(a, b)| {
                    let ((key, a), (known, b)) = (row_of(nested, a), row_of(nested, b));
                    key == known && same(nested, a, b)
                })
        }
        _ => a.pack() == b.pack(),
    }
}

fn row_of(table: &Values, row: usize) -> (StrIdx, Value) {
    let value = Value::unpack(table.kind[row], table.payload[row]);
    (StrIdx(table.key[row]), value)
}

#[cfg(test)]
mod tests {
    use crate::{
        ids::{SpanId, TraceId},
        store::{
            Value,
            builder::{LogRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        },
    };

    /// `key=value` with digits as numbers, `key=[a b]` as a list; the log's attributes as `key` or `key=…` of a text.
    fn push(b: &mut StoreBuilder, text: &str) {
        for pair in text.split(' ').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap();
            let value = match (value.parse(), value.strip_prefix('[')) {
                (Ok(number), _) => Value::Int(number),
                (_, Some(items)) => {
                    let list = b.open_list();
                    for item in items.trim_end_matches(']').split(',') {
                        let item = b.intern(item);
                        b.push_value(crate::strings::StrIdx::EMPTY, Value::Str(item));
                    }
                    b.close_array(list)
                }
                _ => Value::Str(b.intern(value)),
            };
            let key = b.intern(key);
            b.push_value(key, value);
        }
    }

    fn check(span: &str, log: &str, expected: &[&str]) {
        let mut b = StoreBuilder::new();
        let list = b.open_list();
        push(&mut b, span);
        let attributes = b.close_attributes(list);
        let resource = b.resource(ResourceRecord {
            attributes,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        let (trace_id, span_id) = (TraceId(1), SpanId(1));
        b.push_span(SpanRecord {
            trace_id,
            span_id,
            ..SpanRecord::new(resource, scope)
        });
        // Twice the same, and once without.
        for resource in [Some(log), Some(log), None] {
            let described = resource.map(|text| {
                let reserved = b.reserve_log_resource();
                let list = b.open_list();
                push(&mut b, text);
                b.define_log_resource(reserved, list);
                reserved
            });
            let list = b.open_list();
            push(&mut b, "own=1");
            let attributes = b.close_attributes(list);
            b.push_log(LogRecord {
                trace_id,
                span_id,
                attributes,
                resource: described,
                ..LogRecord::default()
            });
        }
        let distinct = b.logs.resources.rows.len();
        assert!(
            distinct <= log.split(' ').count(),
            "{log}: equal resources are kept once"
        );
        let store = b.finish();
        let keys: Vec<Vec<&str>> = store
            .span(0)
            .events()
            .map(|event| event.attributes().iter().map(|(key, _)| key).collect())
            .collect();
        let with = [expected, &["own"]].concat();
        assert_eq!(keys, [with.clone(), with, vec!["own"]], "{span}, {log}");
    }

    #[test]
    fn only_what_differs_is_kept() {
        check("", "", &[]);
        check("a=1 b=x", "a=1 b=x", &[]);
        check("a=1 b=x", "b=x a=1", &[]);
        check("a=1 b=x", "a=1", &[]);
        check("a=1 b=x", "a=2 b=x", &["resource.a"]);
        check("a=1", "a=x b=x", &["resource.a", "resource.b"]);
        check("", "service.name=cart", &["resource.service.name"]);
        check("args=[x,y]", "args=[x,y]", &[]);
        check("args=[x,y]", "args=[x,z]", &["resource.args"]);
        check("args=[x,y]", "args=[x]", &["resource.args"]);
        check("args=x", "args=[x]", &["resource.args"]);
    }
}

//! What a dataset will be about, while it is still being read.
//!
//! **Invariant:** counts each span and resource once, and only when asked.

use hashbrown::HashSet;

use super::StoreBuilder;
use crate::{
    store::{Range, StatusCode},
    strings::StrIdx,
    time::UnixNanos,
};

/// What is known so far of all that was pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// How many spans.
    pub spans: u64,
    /// How many of them have status error.
    pub errors: u64,
    /// How many different `service.name` their resources have; a resource that stands behind its spans comes late.
    pub services: u64,
    /// The earliest start, where any is given.
    pub start: Option<UnixNanos>,
    /// The latest end.
    pub end: UnixNanos,
    names: HashSet<u32>,
    resources: usize,
}

impl StoreBuilder {
    /// What is known of all that was pushed so far.
    pub fn outline(&mut self) -> &Outline {
        let Self { outline, spans, .. } = self;
        for row in outline.spans as usize..spans.start.len() {
            outline.errors += u64::from(spans.status[row] == StatusCode::Error as u8);
            let (start, end) = (spans.start[row], spans.end[row]);
            if start > 0 {
                let first = outline.start.map_or(start, |first| first.0.min(start));
                outline.start = Some(UnixNanos(first));
            }
            outline.end = outline.end.max(UnixNanos(end));
        }
        outline.spans = spans.start.len() as u64;
        // The one that is being read is not described yet.
        while self.resource_defined.get(self.outline.resources) == Some(&true) {
            let service = self.service_of(self.outline.resources);
            self.outline.names.extend(service);
            self.outline.resources += 1;
        }
        self.outline.services = self.outline.names.len() as u64;
        &self.outline
    }

    fn service_of(&self, resource: usize) -> Option<u32> {
        let mut rows = Range::from_pair(self.resources.attributes[resource]).rows();
        let name = |row: usize| self.str(StrIdx(self.attributes.key[row]));
        let row = rows.find(|&row| name(row) == "service.name")?;
        Some(self.attributes.payload[row] as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Value,
        builder::{ResourceRecord, SpanRecord},
    };

    #[test]
    fn an_outline_grows_with_the_builder() {
        let mut builder = StoreBuilder::new();
        let mut push = |service: &str, start: u64, end: u64, status| {
            let list = builder.open_list();
            let (key, name) = (builder.intern("service.name"), builder.intern(service));
            builder.push_value(key, Value::Str(name));
            let attributes = builder.close_attributes(list);
            let resource = builder.resource(ResourceRecord {
                attributes,
                ..ResourceRecord::default()
            });
            let scope = builder.reserve_scope();
            builder.push_span(SpanRecord {
                start: UnixNanos(start),
                end: UnixNanos(end),
                status,
                ..SpanRecord::new(resource, scope)
            });
            let outline = builder.outline();
            (
                outline.spans,
                outline.services,
                outline.errors,
                outline.start.map(|start| start.0),
                outline.end.0,
            )
        };
        assert_eq!(push("a", 0, 0, StatusCode::Unset), (1, 1, 0, None, 0));
        assert_eq!(
            push("b", 50, 90, StatusCode::Error),
            (2, 2, 1, Some(50), 90)
        );
        assert_eq!(push("a", 20, 30, StatusCode::Ok), (3, 2, 1, Some(20), 90));
    }
}

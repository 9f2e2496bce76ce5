//! Zipkin JSON, second and first version.
//!
//! ```text
//! [ span, … ]     [ [ span, … ], … ]     span     { "…": [ span, … ], … }
//! ```
//!
//! Records of both versions may stand in one file, so one reader takes the fields of both; see [`record`]. A span whose
//! halves client and server report with one id is two records and stays two spans: the builder makes the server's half
//! a child of the client's. Times are microseconds.
//!
//! **Invariant:** knows Zipkin's fields and the builder, no other format; holds one record at a time.

mod endpoint;
mod record;
mod v1;

use hashbrown::HashMap;

use super::{Format, otel_tags::ScopeCache, recover, session::Session};
use crate::{
    ids::TraceId,
    json::{Kind, Order, Reader, Result},
    store::builder::ResourceIdx,
    strings::StrIdx,
};

use endpoint::Endpoint;
use v1::{Annotation, BinaryAnnotation};

/// How deep arrays and dumps may hold each other.
const MAX_WRAPPERS: u8 = 8;

/// Reads the value that the reader stands at: a record, or any array or dump of them.
///
/// # Errors
/// Where the syntax breaks. The records before that are in the builder.
pub(super) fn read(session: &mut Session<'_>, reader: &mut Reader<'_>) -> Result<()> {
    let mut import = Import {
        session,
        reader,
        scopes: ScopeCache::default(),
        resources: HashMap::new(),
        annotations: Vec::new(),
        binary_annotations: Vec::new(),
        record_order: Order::default(),
        endpoint_order: Order::default(),
        last_trace: ([0; 32], TraceId::INVALID),
    };
    let read = import.value(0);
    // Nothing told the versions apart.
    import.session.found(Format::ZipkinV2);
    read
}

/// The state of one read. The lists belong to the record that is being read.
struct Import<'i, 's, 'r, 'a> {
    session: &'i mut Session<'s>,
    reader: &'r mut Reader<'a>,
    scopes: ScopeCache,
    resources: HashMap<Endpoint, ResourceIdx>,
    annotations: Vec<Annotation>,
    binary_annotations: Vec<BinaryAnnotation>,
    record_order: Order,
    endpoint_order: Order,
    /// The last trace id as it was written, and what it is.
    last_trace: ([u8; 32], TraceId),
}

impl Import<'_, '_, '_, '_> {
    fn value(&mut self, depth: u8) -> Result<()> {
        match self.reader.peek() {
            Kind::Array if depth < MAX_WRAPPERS => {
                self.reader.begin_array()?;
                while self.reader.next_element()? {
                    let element = self.reader.mark();
                    if let Err(error) = self.value(depth + 1) {
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
            Kind::Object if self.is_record()? => self.record(),
            Kind::Object if depth < MAX_WRAPPERS => {
                self.reader.begin_object()?;
                while self.reader.next_key()?.is_some() {
                    match self.reader.peek() {
                        Kind::Array | Kind::Object => self.value(depth + 1)?,
                        _ => self.reader.skip_value()?,
                    }
                }
                Ok(())
            }
            _ => self.reader.skip_wrong_type(),
        }
    }

    /// True when the object that the reader stands at has an id. Most have it in front, so this looks at one key.
    fn is_record(&mut self) -> Result<bool> {
        let start = self.reader.mark();
        self.reader.begin_object()?;
        let mut found = false;
        while let Some(key) = self.reader.next_key()? {
            if matches!(key.bytes, b"traceId" | b"id") {
                found = true;
                break;
            }
            self.reader.skip_value()?;
        }
        self.reader.rewind(start);
        Ok(found)
    }

    /// The next value as a handle; empty for null and, noted, for what is no string.
    fn text(&mut self) -> Result<StrIdx> {
        self.session.text(self.reader)
    }
}

#[cfg(test)]
mod tests;

//! Keys, values and the scalar fields of OTLP messages.
//!
//! ```text
//! KeyValue  1 key  2 AnyValue
//! AnyValue  1 string  2 bool  3 int  4 double  5 ArrayValue { 1 AnyValue* }  6 KeyValueList { 1 KeyValue* }  7 bytes
//! ```
//!
//! **Invariant:** recursion ends at [`MAX_DEPTH`]; text is repaired, never refused.

use super::{super::ids::encode_base64, Import, fields::Item};
use crate::{
    ids::{SpanId, TraceId},
    issues::IssueKind,
    store::Value,
    strings::StrIdx,
    wire::{Field, Reader, WireError},
};

/// How deep arrays and maps may nest. The protobuf libraries stop at 100 messages, which are about 30 maps.
const MAX_DEPTH: u8 = 30;

impl Import<'_, '_> {
    /// Reads a `KeyValue` into the innermost open list; one that is cut is left out.
    pub(super) fn key_value(&mut self, item: &Item<'_>) {
        if let Some(field) = item.whole() {
            self.key_value_at(field, 0);
        }
    }

    fn key_value_at(&mut self, field: &Field<'_>, depth: u8) {
        let Some(mut reader) = self
            .source
            .value(field.message(), &mut self.session.builder.issues)
        else {
            return;
        };
        let mut key = StrIdx::EMPTY;
        let mut value = Value::Empty;
        while let Some(Item::Whole(field)) = self.next(&mut reader) {
            match field.number {
                1 => key = self.string(&field),
                2 => value = self.any_value(&field, depth),
                _ => {}
            }
        }
        self.session.builder.push_value(key, value);
    }

    pub(super) fn any_value(&mut self, field: &Field<'_>, depth: u8) -> Value {
        let Some(mut reader) = self
            .source
            .value(field.message(), &mut self.session.builder.issues)
        else {
            return Value::Empty;
        };
        let mut value = Value::Empty;
        while let Some(Item::Whole(field)) = self.next(&mut reader) {
            match field.number {
                1 => value = Value::Str(self.string(&field)),
                2 => value = self.scalar(field.uint64(), |bits| Value::Bool(bits != 0)),
                3 => value = self.scalar(field.uint64(), |bits| Value::Int(bits as i64)),
                4 => value = self.scalar(field.double(), Value::Double),
                5 | 6 if depth >= MAX_DEPTH => {
                    self.session
                        .builder
                        .issues
                        .add(IssueKind::TooDeep, Some(field.offset as u64));
                }
                5 => value = self.array(&field, depth + 1),
                6 => value = self.map(&field, depth + 1),
                7 => {
                    let bytes = self
                        .source
                        .value(field.bytes(), &mut self.session.builder.issues);
                    value = Value::Bytes(
                        self.session
                            .builder
                            .intern(&encode_base64(bytes.unwrap_or_default())),
                    );
                }
                _ => {}
            }
        }
        value
    }

    fn array(&mut self, field: &Field<'_>, depth: u8) -> Value {
        let list = self.session.builder.open_list();
        self.each_of_field_1(field, |import, element| {
            let value = import.any_value(element, depth);
            import.session.builder.push_value(StrIdx::EMPTY, value);
        });
        self.session.builder.close_array(list)
    }

    fn map(&mut self, field: &Field<'_>, depth: u8) -> Value {
        let list = self.session.builder.open_list();
        self.each_of_field_1(field, |import, entry| import.key_value_at(entry, depth));
        self.session.builder.close_map(list)
    }

    fn each_of_field_1(&mut self, field: &Field<'_>, mut read: impl FnMut(&mut Self, &Field<'_>)) {
        let reader: Option<Reader<'_>> = self
            .source
            .value(field.message(), &mut self.session.builder.issues);
        let Some(mut reader) = reader else {
            return;
        };
        while let Some(Item::Whole(field)) = self.next(&mut reader) {
            if field.number == 1 {
                read(self, &field);
            }
        }
    }

    fn scalar<T>(&mut self, read: Result<T, WireError>, make: impl FnOnce(T) -> Value) -> Value {
        self.source
            .value(read, &mut self.session.builder.issues)
            .map_or(Value::Empty, make)
    }

    /// A string field of a message that may be cut.
    pub(super) fn text(&mut self, item: &Item<'_>) -> StrIdx {
        item.whole()
            .map_or(StrIdx::EMPTY, |field| self.string(field))
    }

    fn string(&mut self, field: &Field<'_>) -> StrIdx {
        let Some(bytes) = self
            .source
            .value(field.bytes(), &mut self.session.builder.issues)
        else {
            return StrIdx::EMPTY;
        };
        match core::str::from_utf8(bytes) {
            Ok(text) => self.session.builder.intern(text),
            Err(_) => {
                self.session
                    .builder
                    .issues
                    .add(IssueKind::BadUtf8, Some(field.offset as u64));
                self.session.builder.intern(&String::from_utf8_lossy(bytes))
            }
        }
    }

    /// A `uint32` that counts something.
    pub(super) fn count(&mut self, item: &Item<'_>) -> u32 {
        let value = self.number(item);
        u32::try_from(value).unwrap_or_else(|_| {
            self.session
                .builder
                .issues
                .add(IssueKind::BadNumber, Some(item.offset() as u64));
            0
        })
    }

    /// An integer or enumeration.
    pub(super) fn number(&mut self, item: &Item<'_>) -> u64 {
        let read = item.whole().map(Field::uint64);
        read.and_then(|read| self.source.value(read, &mut self.session.builder.issues))
            .unwrap_or_default()
    }

    pub(super) fn fixed64(&mut self, item: &Item<'_>) -> u64 {
        let read = item.whole().map(Field::fixed64);
        read.and_then(|read| self.source.value(read, &mut self.session.builder.issues))
            .unwrap_or_default()
    }

    pub(super) fn fixed32(&mut self, item: &Item<'_>) -> u32 {
        let read = item.whole().map(Field::fixed32);
        read.and_then(|read| self.source.value(read, &mut self.session.builder.issues))
            .unwrap_or_default()
    }

    pub(super) fn trace_id(&mut self, item: &Item<'_>) -> TraceId {
        // Some exporters write the hexadecimal text where the bytes belong.
        let read = |bytes: &[u8]| match bytes.len() {
            32 => TraceId::from_hex(bytes),
            _ => TraceId::from_bytes(bytes),
        };
        self.id(item, read).unwrap_or_default()
    }

    pub(super) fn span_id(&mut self, item: &Item<'_>) -> SpanId {
        let read = |bytes: &[u8]| match bytes.len() {
            16 => SpanId::from_hex(bytes),
            _ => SpanId::from_bytes(bytes),
        };
        self.id(item, read).unwrap_or_default()
    }

    fn id<T>(&mut self, item: &Item<'_>, read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let field = item.whole()?;
        let bytes = self
            .source
            .value(field.bytes(), &mut self.session.builder.issues)?;
        let id = read(bytes);
        if id.is_none() && !bytes.is_empty() {
            let detail = || format!("{} bytes", bytes.len());
            self.session.builder.issues.add_with(
                IssueKind::BadId,
                Some(field.offset as u64),
                detail,
            );
        }
        id
    }
}

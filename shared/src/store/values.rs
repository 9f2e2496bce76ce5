//! Attribute values: how they are packed into a row, and how they are read.
//!
//! **Invariant:** all OTLP `AnyValue` types, exactly; no text formatting for people.

use super::{TraceStore, columns::Values};
use crate::strings::StrIdx;

/// Rows `start .. start + len` of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// The first row.
    pub start: u32,
    /// How many rows.
    pub len: u32,
}

impl Range {
    /// As indices.
    pub const fn rows(self) -> core::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }

    /// As the pair that a column holds.
    pub const fn pair(self) -> [u32; 2] {
        [self.start, self.len]
    }

    /// From the pair that a column holds.
    pub const fn from_pair([start, len]: [u32; 2]) -> Self {
        Self { start, len }
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ValueKind {
    /// No value.
    Empty = 0,
    /// A string.
    Str = 1,
    /// A boolean.
    Bool = 2,
    /// A signed 64-bit integer.
    Int = 3,
    /// A double.
    Double = 4,
    /// Bytes, kept as base64 text.
    Bytes = 5,
    /// A list of values.
    Array = 6,
    /// A list of keys with values.
    Map = 7,
}

/// A value as the builder takes it: strings interned, lists already in the nested table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Empty,
    /// A string.
    Str(StrIdx),
    /// A boolean.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// Bytes as standard base64 text.
    Bytes(StrIdx),
    /// Rows of the nested table, keys empty.
    Array(Range),
    /// Rows of the nested table.
    Map(Range),
}

impl Value {
    /// The type and the 64 bits of the row.
    pub const fn pack(self) -> (u8, u64) {
        match self {
            Self::Empty => (ValueKind::Empty as u8, 0),
            Self::Str(idx) => (ValueKind::Str as u8, idx.0 as u64),
            Self::Bool(value) => (ValueKind::Bool as u8, value as u64),
            Self::Int(value) => (ValueKind::Int as u8, value as u64),
            Self::Double(value) => (ValueKind::Double as u8, value.to_bits()),
            Self::Bytes(idx) => (ValueKind::Bytes as u8, idx.0 as u64),
            Self::Array(range) => (ValueKind::Array as u8, pack_range(range)),
            Self::Map(range) => (ValueKind::Map as u8, pack_range(range)),
        }
    }

    /// Reads a row back; an unknown type is empty.
    pub const fn unpack(kind: u8, payload: u64) -> Self {
        match kind {
            1 => Self::Str(StrIdx(payload as u32)),
            2 => Self::Bool(payload != 0),
            3 => Self::Int(payload as i64),
            4 => Self::Double(f64::from_bits(payload)),
            5 => Self::Bytes(StrIdx(payload as u32)),
            6 => Self::Array(unpack_range(payload)),
            7 => Self::Map(unpack_range(payload)),
            _ => Self::Empty,
        }
    }
}

const fn pack_range(range: Range) -> u64 {
    (range.start as u64) << 32 | range.len as u64
}

const fn unpack_range(payload: u64) -> Range {
    Range {
        start: (payload >> 32) as u32,
        len: payload as u32,
    }
}

/// A value read from a store.
#[derive(Clone, Copy, Debug)]
pub enum ValueRef<'a> {
    /// No value.
    Empty,
    /// A string.
    Str(&'a str),
    /// A boolean.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// Bytes as standard base64 text.
    Bytes(&'a str),
    /// A list of values; the keys are empty.
    Array(ValueList<'a>),
    /// Keys with values.
    Map(ValueList<'a>),
}

/// A run of keys and values: the attributes of something, or the elements of an array or map.
#[derive(Clone, Copy, Debug)]
pub struct ValueList<'a> {
    store: &'a TraceStore,
    table: &'a Values,
    range: Range,
}

impl<'a> ValueList<'a> {
    pub(crate) fn attributes(store: &'a TraceStore, range: Range) -> Self {
        Self {
            store,
            table: &store.attributes,
            range,
        }
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.range.len as usize
    }

    /// True when there are none.
    pub fn is_empty(self) -> bool {
        self.range.len == 0
    }

    /// The row range in its table.
    pub fn range(self) -> Range {
        self.range
    }

    /// All but the first.
    #[must_use]
    pub fn behind_first(self) -> Self {
        let Range { start, len } = self.range;
        let range = Range {
            start: start + len.min(1),
            len: len.saturating_sub(1),
        };
        Self { range, ..self }
    }

    /// Keys with values, in the order of the input.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, ValueRef<'a>)> {
        self.range.rows().map(move |row| {
            let key = self.store.str(StrIdx(self.table.key[row]));
            (key, self.value_at(row))
        })
    }

    /// The first value of a key.
    pub fn get(self, key: &str) -> Option<ValueRef<'a>> {
        self.iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| value)
    }

    /// The first value of a key, if it is a string.
    pub fn get_str(self, key: &str) -> Option<&'a str> {
        match self.get(key) {
            Some(ValueRef::Str(text)) => Some(text),
            _ => None,
        }
    }

    fn value_at(self, row: usize) -> ValueRef<'a> {
        let store = self.store;
        let nested = |range| ValueList {
            store,
            table: &store.nested,
            range,
        };
        match Value::unpack(self.table.kind[row], self.table.payload[row]) {
            Value::Empty => ValueRef::Empty,
            Value::Str(idx) => ValueRef::Str(store.str(idx)),
            Value::Bool(value) => ValueRef::Bool(value),
            Value::Int(value) => ValueRef::Int(value),
            Value::Double(value) => ValueRef::Double(value),
            Value::Bytes(idx) => ValueRef::Bytes(store.str(idx)),
            Value::Array(range) => ValueRef::Array(nested(range)),
            Value::Map(range) => ValueRef::Map(nested(range)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_survives_packing() {
        let range = Range {
            start: u32::MAX - 1,
            len: 7,
        };
        for value in [
            Value::Empty,
            Value::Str(StrIdx(u32::MAX)),
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Int(-1),
            Value::Double(-0.0),
            Value::Double(f64::INFINITY),
            Value::Bytes(StrIdx(3)),
            Value::Array(range),
            Value::Map(range),
        ] {
            let (kind, payload) = value.pack();
            assert_eq!(Value::unpack(kind, payload), value);
        }
        assert_eq!(Value::unpack(200, 5), Value::Empty);
    }
}

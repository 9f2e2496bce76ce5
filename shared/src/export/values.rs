//! Attribute values as OTLP JSON writes them: `{"key":"a","value":{"intValue":"7"}}`.
//!
//! **Invariant:** 64-bit integers are decimal strings, bytes are base64, and doubles that JSON has no number for are
//! the strings that protobuf gives them.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{List, Text};
use crate::store::{ValueList, ValueRef};

/// A list of keys with values.
pub(super) struct Attributes<'a>(pub ValueList<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        List(|| self.0.iter().map(|(key, value)| KeyValue::of(key, value))).serialize(serializer)
    }
}

/// A key with its value.
#[derive(Serialize)]
pub(super) struct KeyValue<'a> {
    pub key: &'a str,
    value: AnyValue<'a>,
}

impl<'a> KeyValue<'a> {
    pub fn of(key: &'a str, value: ValueRef<'a>) -> Self {
        Self {
            key,
            value: AnyValue(value),
        }
    }
}

/// One value with its type.
pub(super) struct AnyValue<'a>(pub ValueRef<'a>);

impl Serialize for AnyValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self.0 {
            ValueRef::Empty => {}
            ValueRef::Str(text) => map.serialize_entry("stringValue", text)?,
            ValueRef::Bool(value) => map.serialize_entry("boolValue", &value)?,
            ValueRef::Int(value) => map.serialize_entry("intValue", &Text(value))?,
            ValueRef::Double(value) => map.serialize_entry("doubleValue", &Double(value))?,
            ValueRef::Bytes(base64) => map.serialize_entry("bytesValue", base64)?,
            ValueRef::Array(list) => map.serialize_entry(
                "arrayValue",
                &Values {
                    values: Elements(list),
                },
            )?,
            ValueRef::Map(list) => map.serialize_entry(
                "kvlistValue",
                &Values {
                    values: Attributes(list),
                },
            )?,
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Values<T> {
    values: T,
}

struct Elements<'a>(ValueList<'a>);

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        List(|| self.0.iter().map(|(_, value)| AnyValue(value))).serialize(serializer)
    }
}

/// A double, also one that JSON has no number for.
pub(super) struct Double(pub f64);

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_finite() => serializer.serialize_f64(value),
            value if value.is_nan() => serializer.serialize_str("NaN"),
            value if value > 0.0 => serializer.serialize_str("Infinity"),
            _ => serializer.serialize_str("-Infinity"),
        }
    }
}

//! Tags: keys with typed values, and those among them that are fields of a span elsewhere.
//!
//! ```text
//! { "key": "http.status_code", "type": "string" | "bool" | "int64" | "float64" | "binary", "value": … }
//! ```
//!
//! **Invariant:** a value that is not of the type that its tag gives keeps what it is; nothing is dropped.

use super::Import;
use crate::{
    import::{otel_tags::OtelTags, plain_value},
    issues::IssueKind,
    json::{Kind, Number, Raw, Result},
    store::{SpanKind, Value, builder::StoreBuilder},
    strings::StrIdx,
};

/// What the tags of one span said about its other fields.
#[derive(Default)]
pub(super) struct SpanTags {
    pub kind: Option<SpanKind>,
    pub failed: bool,
    pub otel: OtelTags,
}

impl SpanTags {
    /// True when a field now says all that the tag said.
    #[inline(never)]
    pub fn take(&mut self, builder: &StoreBuilder, key: &str, value: Value) -> bool {
        match (key, value) {
            ("span.kind", Value::Str(text)) => {
                let kind = kind(builder.str(text));
                kind.is_some_and(|kind| *self.kind.get_or_insert(kind) == kind)
            }
            ("error", Value::Bool(true)) => {
                self.failed = true;
                true
            }
            ("error", Value::Str(text)) => {
                // Old clients write the word; it stays visible, since it is not what a status would be written as.
                self.failed |= builder.str(text) == "true";
                false
            }
            _ => self.otel.take(key, value, builder),
        }
    }
}

fn kind(text: &str) -> Option<SpanKind> {
    Some(match text {
        "internal" => SpanKind::Internal,
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => return None,
    })
}

/// Says of a tag whether it is taken and need not stay.
pub(super) type Take<'t> = dyn FnMut(&StoreBuilder, &str, Value) -> bool + 't;

/// The `type` of a tag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    /// As the JSON value is.
    Open,
    String,
    Bool,
    Int,
    Float,
    Binary,
}

impl Type {
    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"string" => Self::String,
            b"bool" => Self::Bool,
            b"int64" => Self::Int,
            b"float64" => Self::Float,
            b"binary" => Self::Binary,
            _ => return None,
        })
    }
}

impl Import<'_, '_, '_, '_> {
    /// Reads a list of tags into the innermost open list, but for those that `take` takes. A plain object of keys and
    /// values is read too.
    #[inline(never)]
    pub(super) fn tags(&mut self, take: &mut Take<'_>) -> Result<()> {
        if self.reader.peek() == Kind::Object {
            self.reader.begin_object()?;
            while let Some(key) = self.reader.next_key()? {
                let key = self.session.intern_key(key, &mut self.reader.notes);
                let value = plain_value::read(self.reader, self.session)?;
                self.push_tag(key, value, take);
            }
            return Ok(());
        }
        if !self.reader.begin_list()? {
            return Ok(());
        }
        while self.reader.next_element()? {
            let (key, value) = match self.compact_tag()? {
                Some(tag) => tag,
                None if self.reader.begin_map()? => self.tag()?,
                None => continue,
            };
            self.push_tag(key, value, take);
        }
        Ok(())
    }

    /// A tag as Jaeger itself prints it: no spaces, and the fields in their order. `None` for anything else, and then the
    /// reader stands where it stood.
    #[inline(never)]
    fn compact_tag(&mut self) -> Result<Option<(StrIdx, Value)>> {
        let start = self.reader.mark();
        if self.reader.take(br#"{"key":""#)
            && let Some(key) = self.reader.take_plain()
            && self.reader.take(br#","type":""#)
            && let Some(kind) = self.reader.take_plain().and_then(Type::of)
            && self.reader.take(br#","value":"#)
            && let Some(key) = self.session.intern_plain_key(key)
        {
            let value = if matches!(kind, Type::String) && self.reader.take(b"\"") {
                let text = self.reader.take_plain();
                text.and_then(|text| self.session.builder.intern_bytes(text))
                    .map(Value::Str)
            } else {
                Some(self.tag_value(kind)?)
            };
            if let Some(value) = value
                && self.reader.take(b"}")
            {
                return Ok(Some((key, value)));
            }
        }
        self.reader.rewind(start);
        Ok(None)
    }

    #[inline]
    fn push_tag(&mut self, key: StrIdx, value: Value, take: &mut Take<'_>) {
        let builder = &mut *self.session.builder;
        if !take(builder, builder.str(key), value) {
            builder.push_value(key, value);
        }
    }

    #[inline(never)]
    fn tag(&mut self) -> Result<(StrIdx, Value)> {
        let (mut name, mut kind, mut value, mut early) = (StrIdx::EMPTY, None, Value::Empty, None);
        while let Some(key) = self.reader.next_key()? {
            match (key.bytes, kind) {
                (b"key", _) => name = self.text()?,
                (b"type", _) => kind = Some(self.tag_type()?),
                (b"value", Some(kind)) => value = self.tag_value(kind)?,
                (b"value", None) => {
                    early = Some(self.reader.mark());
                    self.reader.skip_value()?;
                }
                _ => self.reader.skip_value()?,
            }
        }
        if let Some(early) = early {
            // The value stood before its type.
            let end = self.reader.mark();
            self.reader.rewind(early);
            value = self.tag_value(kind.unwrap_or(Type::Open))?;
            self.reader.rewind(end);
        }
        Ok((name, value))
    }

    fn tag_type(&mut self) -> Result<Type> {
        let offset = self.reader.offset();
        let Some(text) = self.reader.text()? else {
            return Ok(Type::Open);
        };
        Ok(Type::of(text.as_bytes()).unwrap_or_else(|| {
            let detail = || format!("tag type {text:?}");
            self.session
                .builder
                .issues
                .add_with(IssueKind::UnknownEnum, Some(offset), detail);
            Type::Open
        }))
    }

    #[inline(never)]
    fn tag_value(&mut self, kind: Type) -> Result<Value> {
        let offset = self.reader.offset();
        match self.reader.peek() {
            Kind::String => {
                let raw = self.reader.raw_string()?;
                Ok(self.text_value(kind, raw))
            }
            Kind::Number if kind == Type::Float => {
                let number = self.reader.number()?;
                Ok(number.f64().map_or(Value::Empty, Value::Double))
            }
            Kind::Number if kind == Type::Int => {
                if let Some(digits) = self.reader.take_digits() {
                    return Ok(i64::try_from(digits).map_or(Value::Empty, Value::Int));
                }
                let number = self.reader.number()?;
                // Such as 7.0 or 1e3, which are whole numbers too.
                let whole = number.i64().map(Value::Int);
                Ok(whole.unwrap_or_else(|| {
                    plain_value::number_value(number, offset, self.session.builder)
                }))
            }
            _ => plain_value::read(self.reader, self.session),
        }
    }

    /// A value in quotes: numbers beyond 2^53 are written so, and so is everything by old writers.
    fn text_value(&mut self, kind: Type, raw: Raw<'_>) -> Value {
        let as_text = |this: &mut Self| this.session.intern(raw, &mut this.reader.notes);
        let number = || Number::from_text(raw.bytes);
        let value = match kind {
            Type::Open | Type::String => return Value::Str(as_text(self)),
            Type::Binary => return Value::Bytes(as_text(self)),
            Type::Int => number().and_then(Number::i64).map(Value::Int),
            Type::Float => number().and_then(Number::f64).map(Value::Double),
            Type::Bool => match raw.bytes {
                b"true" => Some(Value::Bool(true)),
                b"false" => Some(Value::Bool(false)),
                _ => None,
            },
        };
        value.unwrap_or_else(|| {
            self.reader.notes.add(IssueKind::WrongType, raw.offset);
            Value::Str(as_text(self))
        })
    }
}

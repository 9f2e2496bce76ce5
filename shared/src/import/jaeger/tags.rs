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

impl Import<'_, '_, '_, '_> {
    /// Reads a list of tags into the innermost open list, but for those that `take` takes. A plain object of keys and
    /// values is read too.
    pub(super) fn tags(
        &mut self,
        mut take: impl FnMut(&StoreBuilder, &str, Value) -> bool,
    ) -> Result<()> {
        if self.reader.peek() == Kind::Object {
            self.reader.begin_object()?;
            while let Some(key) = self.reader.next_key()? {
                let key = key.text(&mut self.reader.notes);
                let key = self.session.builder.intern(&key);
                let value = plain_value::read(self.reader, self.session.builder)?;
                self.push_tag(key, value, &mut take);
            }
            return Ok(());
        }
        if !self.reader.begin_list()? {
            return Ok(());
        }
        while self.reader.next_element()? {
            if self.reader.begin_map()? {
                let (key, value) = self.tag()?;
                self.push_tag(key, value, &mut take);
            }
        }
        Ok(())
    }

    fn push_tag(
        &mut self,
        key: StrIdx,
        value: Value,
        take: &mut impl FnMut(&StoreBuilder, &str, Value) -> bool,
    ) {
        let builder = &mut *self.session.builder;
        if !take(builder, builder.str(key), value) {
            builder.push_value(key, value);
        }
    }

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
        Ok(match &*text {
            "string" => Type::String,
            "bool" => Type::Bool,
            "int64" => Type::Int,
            "float64" => Type::Float,
            "binary" => Type::Binary,
            other => {
                let detail = || format!("tag type {other:?}");
                self.session
                    .builder
                    .issues
                    .add_with(IssueKind::UnknownEnum, Some(offset), detail);
                Type::Open
            }
        })
    }

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
                let number = self.reader.number()?;
                // Such as 7.0 or 1e3, which are whole numbers too.
                let whole = number.i64().map(Value::Int);
                Ok(whole.unwrap_or_else(|| {
                    plain_value::number_value(number, offset, self.session.builder)
                }))
            }
            _ => plain_value::read(self.reader, self.session.builder),
        }
    }

    /// A value in quotes: numbers beyond 2^53 are written so, and so is everything by old writers.
    fn text_value(&mut self, kind: Type, raw: Raw<'_>) -> Value {
        let text = raw.text(&mut self.reader.notes);
        let number = || Number::from_text(text.as_bytes());
        let value = match kind {
            Type::Int => number().and_then(Number::i64).map(Value::Int),
            Type::Float => number().and_then(Number::f64).map(Value::Double),
            Type::Bool => match &*text {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            Type::Binary => Some(Value::Bytes(self.session.builder.intern(&text))),
            Type::Open | Type::String => Some(Value::Str(self.session.builder.intern(&text))),
        };
        value.unwrap_or_else(|| {
            self.reader.notes.add(IssueKind::WrongType, raw.offset);
            Value::Str(self.session.builder.intern(&text))
        })
    }
}

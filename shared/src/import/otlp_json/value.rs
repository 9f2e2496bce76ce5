//! Attributes and their values.
//!
//! ```text
//! {"key": "a", "value": {"stringValue": "x"}}               as it should be
//! {"key": "a", "value": {"Value": {"StringValue": "x"}}}     a Go struct, printed as it lies in memory
//! {"key": "a", "value": "x"}     {"a": "x", "b": 7}          plain JSON, noted as a wrong type
//! ```
//!
//! **Invariant:** 64-bit integers stay exact; what is nested deeper than the limit is cut and noted.

use super::{super::ids, Importer};
use crate::{
    issues::IssueKind,
    json::{Kind, Raw, Result, digits_u64},
    store::Value,
    strings::StrIdx,
};

/// Arrays and maps inside each other that are kept.
const DEPTH: usize = 64;

impl<'a> Importer<'_, '_, 'a> {
    /// Pushes each attribute to the open list.
    #[inline(never)]
    pub(super) fn attribute_list(&mut self, depth: usize) -> Result<()> {
        match self.r.peek() {
            Kind::Array => {}
            Kind::Object => {
                self.r.notes.add_with(
                    IssueKind::WrongType,
                    self.r.offset(),
                    "attributes are an object, not a list",
                );
                return self.plain_map(depth);
            }
            _ => return self.r.skip_wrong_type(),
        }
        self.r.begin_array()?;
        while self.r.next_element()? {
            if !self.compact_attribute(depth)? {
                self.attribute(depth)?;
            }
        }
        Ok(())
    }

    /// An attribute as nearly every exporter prints it: no spaces, the key first, a plain string or number. Anything
    /// else gives false, and the reader stands where it stood.
    #[inline]
    fn compact_attribute(&mut self, depth: usize) -> Result<bool> {
        let start = self.r.mark();
        if self.r.take(br#"{"key":""#)
            && let Some(key) = self.r.take_plain()
            && self.r.take(br#","value":{""#)
        {
            let name = self.session.intern_plain_key(key);
            let value = if self.r.take(br#"stringValue":""#) {
                self.r
                    .take_plain()
                    .and_then(|text| self.session.builder.intern_bytes(text))
                    .map(Value::Str)
            } else if self.r.take(br#"intValue":"#) {
                Some(match self.plain_int() {
                    Some(int) => int,
                    None => self.int_value()?,
                })
            } else if self.r.take(br#"doubleValue":"#) {
                self.r.f64()?.map(Value::Double)
            } else if self.r.take(br#"boolValue":"#) {
                self.r.bool()?.map(Value::Bool)
            } else if self.r.take(br#"arrayValue":"#) {
                Some(self.array_value(depth)?)
            } else {
                None
            };
            if let (Some(name), Some(value)) = (name, value)
                && self.r.take(b"}}")
            {
                self.session.builder.push_value(name, value);
                return Ok(true);
            }
        }
        self.r.rewind(start);
        Ok(false)
    }

    #[inline(never)]
    fn attribute(&mut self, depth: usize) -> Result<()> {
        if !self.r.begin_map()? {
            return Ok(());
        }
        let mut name = StrIdx::EMPTY;
        let mut value = Value::Empty;
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"key" | b"Key" => {
                    if let Some(raw) = self.r.raw_text()? {
                        name = self.attribute_key(raw);
                    }
                }
                b"value" | b"Value" => value = self.value(depth)?,
                _ => self.r.skip_value()?,
            }
        }
        self.session.builder.push_value(name, value);
        Ok(())
    }

    fn attribute_key(&mut self, raw: Raw<'a>) -> StrIdx {
        self.session.intern_key(raw, &mut self.r.notes)
    }

    /// An OTLP `AnyValue`, or what stands in its place.
    #[inline(never)]
    pub(super) fn value(&mut self, depth: usize) -> Result<Value> {
        if self.r.peek() != Kind::Object {
            return self.unwrapped(depth);
        }
        if depth >= DEPTH {
            return self.too_deep();
        }
        self.r.begin_object()?;
        let mut value = Value::Empty;
        while let Some(key) = self.r.next_key()? {
            value = match key.bytes {
                b"stringValue" | b"string_value" | b"StringValue" => self.string_value()?,
                b"intValue" | b"int_value" | b"IntValue" => self.int_value()?,
                b"boolValue" | b"bool_value" | b"BoolValue" => match self.r.bool()? {
                    Some(truth) => Value::Bool(truth),
                    None => Value::Empty,
                },
                b"doubleValue" | b"double_value" | b"DoubleValue" => match self.r.f64()? {
                    Some(number) => Value::Double(number),
                    None => Value::Empty,
                },
                b"arrayValue" | b"array_value" | b"ArrayValue" => self.array_value(depth)?,
                b"kvlistValue" | b"kvlist_value" | b"KvlistValue" => self.kvlist_value(depth)?,
                b"bytesValue" | b"bytes_value" | b"BytesValue" => self.bytes_value()?,
                b"Value" => self.value(depth + 1)?,
                _ => {
                    self.r.skip_value()?;
                    continue;
                }
            };
        }
        Ok(value)
    }

    /// A value of plain JSON where an `AnyValue` should be.
    #[cold]
    fn unwrapped(&mut self, depth: usize) -> Result<Value> {
        if self.r.null()? {
            return Ok(Value::Empty);
        }
        let offset = self.r.offset();
        let value = self.plain(depth)?;
        self.r.notes.add_with(
            IssueKind::WrongType,
            offset,
            "a plain value, not {\"stringValue\": …}",
        );
        Ok(value)
    }

    #[inline(never)]
    fn string_value(&mut self) -> Result<Value> {
        match self.r.peek() {
            Kind::String => {
                let raw = self.r.raw_string()?;
                Ok(Value::Str(self.intern(raw)))
            }
            Kind::Null => self.r.null().map(|_| Value::Empty),
            _ => self.unwrapped(DEPTH - 1),
        }
    }

    /// An integer as nearly every exporter prints it: up to eighteen digits, in quotes.
    #[inline]
    fn plain_int(&mut self) -> Option<Value> {
        let start = self.r.mark();
        let digits = if self.r.take(b"\"") {
            self.r.take_plain()
        } else {
            None
        };
        let value = digits
            .filter(|digits| digits.len() < 19)
            .and_then(digits_u64);
        if value.is_none() {
            self.r.rewind(start);
        }
        Some(Value::Int(i64::try_from(value?).ok()?))
    }

    /// An integer; one that does not fit is kept as its text.
    #[inline(never)]
    fn int_value(&mut self) -> Result<Value> {
        let mark = self.r.mark();
        if let Some(number) = self.r.i64()? {
            return Ok(Value::Int(number));
        }
        self.r.rewind(mark);
        match self.r.peek() {
            Kind::String => self.string_value(),
            Kind::Number => self.number_text(),
            _ => self.r.skip_value().map(|()| Value::Empty),
        }
    }

    #[inline(never)]
    fn number_text(&mut self) -> Result<Value> {
        let number = self.r.number()?;
        let idx = self.session.builder.intern_bytes(number.bytes);
        Ok(Value::Str(idx.unwrap_or_default()))
    }

    /// Base64, made standard; an array of numbers is taken too.
    #[inline(never)]
    fn bytes_value(&mut self) -> Result<Value> {
        let offset = self.r.offset();
        if self.r.peek() == Kind::Array {
            let mut bytes = Vec::new();
            self.r.begin_array()?;
            while self.r.next_element()? {
                bytes.push(self.r.u64()?.unwrap_or(0) as u8);
            }
            self.r
                .notes
                .add_with(IssueKind::WrongType, offset, "bytes are a list, not base64");
            return Ok(Value::Bytes(
                self.session.builder.intern(&ids::encode_base64(&bytes)),
            ));
        }
        let Some(text) = self.r.text()? else {
            return Ok(Value::Empty);
        };
        let Some(bytes) = ids::decode_base64(text.as_bytes()) else {
            self.r
                .notes
                .add_with(IssueKind::WrongType, offset, "bytes are not base64");
            return Ok(Value::Bytes(self.session.builder.intern(&text)));
        };
        Ok(Value::Bytes(
            self.session.builder.intern(&ids::encode_base64(&bytes)),
        ))
    }

    #[inline(never)]
    fn array_value(&mut self, depth: usize) -> Result<Value> {
        let list = self.session.builder.open_list();
        self.values_field(&mut |this| {
            if !this.r.begin_list()? {
                return Ok(());
            }
            while this.r.next_element()? {
                let value = this.value(depth + 1)?;
                this.session.builder.push_value(StrIdx::EMPTY, value);
            }
            Ok(())
        })?;
        Ok(self.session.builder.close_array(list))
    }

    #[inline(never)]
    fn kvlist_value(&mut self, depth: usize) -> Result<Value> {
        let list = self.session.builder.open_list();
        self.values_field(&mut |this| this.attribute_list(depth + 1))?;
        Ok(self.session.builder.close_map(list))
    }

    /// `{"values": …}`, or the list without its object.
    #[inline(never)]
    fn values_field(&mut self, read: &mut dyn FnMut(&mut Self) -> Result<()>) -> Result<()> {
        if self.r.peek() == Kind::Array {
            self.r.notes.add_with(
                IssueKind::WrongType,
                self.r.offset(),
                "a list, not {\"values\": …}",
            );
            return read(self);
        }
        if !self.r.begin_map()? {
            return Ok(());
        }
        while let Some(key) = self.r.next_key()? {
            match key.bytes {
                b"values" | b"Values" => read(self)?,
                _ => self.r.skip_value()?,
            }
        }
        Ok(())
    }

    /// The pairs of a plain JSON object, pushed to the open list.
    #[inline(never)]
    fn plain_map(&mut self, depth: usize) -> Result<()> {
        self.r.begin_object()?;
        while let Some(key) = self.r.next_key()? {
            let name = self.attribute_key(key);
            let value = if self.is_any_value()? {
                self.value(depth)?
            } else {
                self.plain(depth)?
            };
            self.session.builder.push_value(name, value);
        }
        Ok(())
    }

    #[inline(never)]
    fn plain(&mut self, depth: usize) -> Result<Value> {
        if depth >= DEPTH && matches!(self.r.peek(), Kind::Object | Kind::Array) {
            return self.too_deep();
        }
        Ok(match self.r.peek() {
            Kind::Object => {
                let list = self.session.builder.open_list();
                self.plain_map(depth + 1)?;
                self.session.builder.close_map(list)
            }
            Kind::Array => {
                let list = self.session.builder.open_list();
                self.r.begin_array()?;
                while self.r.next_element()? {
                    let value = self.plain(depth + 1)?;
                    self.session.builder.push_value(StrIdx::EMPTY, value);
                }
                self.session.builder.close_array(list)
            }
            Kind::String => {
                let raw = self.r.raw_string()?;
                Value::Str(self.intern(raw))
            }
            Kind::Number => {
                let mark = self.r.mark();
                let number = self.r.number()?;
                match (number.is_integer(), number.i64(), number.f64()) {
                    (true, Some(integer), _) => Value::Int(integer),
                    (true, None, _) => {
                        self.r.rewind(mark);
                        self.number_text()?
                    }
                    (false, _, Some(double)) => Value::Double(double),
                    _ => Value::Empty,
                }
            }
            Kind::Bool => Value::Bool(self.r.literal_bool()?),
            _ => {
                self.r.skip_value()?;
                Value::Empty
            }
        })
    }

    /// True when the value is an object whose first key is one of `AnyValue`.
    #[inline(never)]
    fn is_any_value(&mut self) -> Result<bool> {
        if self.r.peek() != Kind::Object {
            return Ok(false);
        }
        let mark = self.r.mark();
        self.r.begin_object()?;
        let first = self.r.next_key()?;
        self.r.rewind(mark);
        Ok(first.is_some_and(|key| {
            matches!(
                key.bytes,
                b"stringValue"
                    | b"intValue"
                    | b"boolValue"
                    | b"doubleValue"
                    | b"arrayValue"
                    | b"kvlistValue"
                    | b"bytesValue"
            )
        }))
    }

    #[cold]
    fn too_deep(&mut self) -> Result<Value> {
        self.r.notes.add(IssueKind::TooDeep, self.r.offset());
        self.r.skip_value()?;
        Ok(Value::Empty)
    }
}

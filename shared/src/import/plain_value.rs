//! A JSON value as a value of the store, for formats that put plain JSON where a tag's value belongs.
//!
//! **Invariant:** numbers stay exact; recursion ends at [`MAX_DEPTH`].

use super::session::Session;
use crate::{
    issues::IssueKind,
    json::{Kind, Number, Reader, Result},
    store::{Value, builder::StoreBuilder},
    strings::StrIdx,
};

/// How deep objects and arrays are kept.
const MAX_DEPTH: u8 = 30;

/// Reads the next value, whatever it is.
#[inline]
pub(super) fn read(reader: &mut Reader<'_>, session: &mut Session<'_>) -> Result<Value> {
    read_at(reader, session, 0)
}

#[inline(never)]
fn read_at(reader: &mut Reader<'_>, session: &mut Session<'_>, depth: u8) -> Result<Value> {
    match reader.peek() {
        Kind::String => {
            let raw = reader.raw_string()?;
            Ok(Value::Str(session.intern(raw, &mut reader.notes)))
        }
        Kind::Number => {
            if let Some(digits) = reader.take_digits() {
                return Ok(i64::try_from(digits).map_or(Value::Empty, Value::Int));
            }
            let offset = reader.offset();
            let number = reader.number()?;
            Ok(number_value(number, offset, session.builder))
        }
        Kind::Bool => reader.literal_bool().map(Value::Bool),
        Kind::Null => reader.null().map(|_| Value::Empty),
        Kind::Object | Kind::Array if depth >= MAX_DEPTH => {
            session
                .builder
                .issues
                .add(IssueKind::TooDeep, Some(reader.offset()));
            reader.skip_value()?;
            Ok(Value::Empty)
        }
        Kind::Array => {
            let list = session.builder.open_list();
            reader.begin_array()?;
            while reader.next_element()? {
                let value = read_at(reader, session, depth + 1)?;
                session.builder.push_value(StrIdx::EMPTY, value);
            }
            Ok(session.builder.close_array(list))
        }
        Kind::Object => {
            let list = session.builder.open_list();
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                let key = session.intern_key(key, &mut reader.notes);
                let value = read_at(reader, session, depth + 1)?;
                session.builder.push_value(key, value);
            }
            Ok(session.builder.close_map(list))
        }
        Kind::End | Kind::Other(_) => Err(reader.error("a value")),
    }
}

/// A number with its type as it is written; a whole one that has no 64 bits stays text, so that no digit is lost.
pub(super) fn number_value(number: Number<'_>, offset: u64, builder: &mut StoreBuilder) -> Value {
    if !number.is_integer() {
        return number.f64().map_or(Value::Empty, Value::Double);
    }
    match number.i64() {
        Some(value) => Value::Int(value),
        None => {
            builder.issues.add(IssueKind::BadNumber, Some(offset));
            let digits = String::from_utf8_lossy(number.bytes);
            Value::Str(builder.intern(&digits))
        }
    }
}

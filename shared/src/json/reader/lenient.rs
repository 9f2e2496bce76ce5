//! Values by the type that a field should have, whatever type they have.
//!
//! **Invariant:** fails where the syntax breaks and nowhere else. A wrong type is noted and passed over.

use std::borrow::Cow;

use super::{Kind, Reader};
use crate::{
    issues::IssueKind,
    json::{Number, Raw, Result, number},
};

impl<'a> Reader<'a> {
    /// Enters the array if the value is one. Null is an empty list; anything else is noted as a wrong type and skipped.
    pub fn begin_list(&mut self) -> Result<bool> {
        self.begin_if(Kind::Array)
    }

    /// Enters the object if the value is one. Null gives false; anything else is noted as a wrong type and skipped.
    pub fn begin_map(&mut self) -> Result<bool> {
        self.begin_if(Kind::Object)
    }

    /// The next value as text: `None` for null and, noted, for anything but a string.
    pub fn text(&mut self) -> Result<Option<Cow<'a, str>>> {
        Ok(self.raw_text()?.map(|raw| raw.text(&mut self.notes)))
    }

    /// The next value as text, as it stands: `None` for null and, noted, for anything but a string.
    #[inline]
    pub fn raw_text(&mut self) -> Result<Option<Raw<'a>>> {
        if self.next_byte() == Some(b'"') {
            return self.raw_string().map(Some);
        }
        self.skip_wrong_type()?;
        Ok(None)
    }

    /// The next value as a whole number, written as a number or in a string: `None` for null, for an empty string and,
    /// noted, for anything else or out of range.
    #[inline]
    pub fn u64(&mut self) -> Result<Option<u64>> {
        // Nineteen digits in quotes: what nanoseconds since 1970 are until 2262.
        if let Some([b'"', digits @ .., b'"']) = self.rest().first_chunk::<21>()
            && let Some(value) = number::nineteen_digits(digits)
        {
            self.pos += 21;
            return Ok(Some(value));
        }
        self.number_or_text(Number::u64)
    }

    /// As [`Self::u64`], signed.
    #[inline]
    pub fn i64(&mut self) -> Result<Option<i64>> {
        self.number_or_text(Number::i64)
    }

    /// The next value as a double, written as a number or in a string: `None` for null and, noted, for anything else.
    pub fn f64(&mut self) -> Result<Option<f64>> {
        self.number_or_text(Number::f64)
    }

    /// The next value as a boolean: `true`, `"true"`, or 1 (noted): `None` for null and, noted, for anything else.
    pub fn bool(&mut self) -> Result<Option<bool>> {
        let offset = self.offset();
        match self.peek() {
            Kind::Bool => return self.literal_bool().map(Some),
            Kind::String => match self.raw_string()?.bytes {
                b"true" | b"True" => return Ok(Some(true)),
                b"false" | b"False" => return Ok(Some(false)),
                _ => self
                    .notes
                    .add_with(IssueKind::WrongType, offset, "expected a boolean"),
            },
            Kind::Number => {
                let value = self.number()?;
                self.notes
                    .add_with(IssueKind::WrongType, offset, "expected a boolean");
                return Ok(value.f64().map(|value| value != 0.0));
            }
            _ => self.skip_wrong_type()?,
        }
        Ok(None)
    }

    /// Notes that the next value has the wrong type, unless it is null, and passes over it.
    #[cold]
    pub fn skip_wrong_type(&mut self) -> Result<()> {
        if !self.null()? {
            let offset = self.offset();
            self.skip_value()?;
            self.notes.add(IssueKind::WrongType, offset);
        }
        Ok(())
    }

    fn begin_if(&mut self, kind: Kind) -> Result<bool> {
        if self.peek() == kind {
            self.pos += 1;
            self.fresh = true;
            return Ok(true);
        }
        self.skip_wrong_type()?;
        Ok(false)
    }

    #[inline]
    fn number_or_text<T>(&mut self, read: impl Fn(Number<'a>) -> Option<T>) -> Result<Option<T>> {
        let kind = self.peek();
        let offset = self.offset();
        let number = match kind {
            Kind::Number => self.number()?,
            Kind::String => {
                let raw = self.raw_string()?;
                if let Some(value) = read(Number { bytes: raw.bytes }) {
                    return Ok(Some(value));
                }
                if raw.bytes.is_empty() {
                    return Ok(None);
                }
                match Number::from_text(raw.bytes) {
                    Some(number) => number,
                    None => {
                        self.notes.add_with(
                            IssueKind::BadNumber,
                            offset,
                            "the text is not a number",
                        );
                        return Ok(None);
                    }
                }
            }
            _ => {
                self.skip_wrong_type()?;
                return Ok(None);
            }
        };
        let value = read(number);
        if value.is_none() {
            self.notes.add(IssueKind::BadNumber, offset);
        }
        Ok(value)
    }
}

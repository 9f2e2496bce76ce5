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
        self.any_u64()
    }

    /// As [`Self::u64`], signed.
    #[inline(never)]
    pub fn i64(&mut self) -> Result<Option<i64>> {
        if let Some(value) = self.take_digits() {
            return Ok(i64::try_from(value).ok());
        }
        let offset = self.offset();
        let Some(number) = self.number_or_text()? else {
            return Ok(None);
        };
        let value = number.i64();
        if value.is_none() {
            self.note_bad_number(number, offset);
        }
        Ok(value)
    }

    /// The next value as a double, written as a number or in a string: `None` for null and, noted, for anything else.
    #[inline(never)]
    pub fn f64(&mut self) -> Result<Option<f64>> {
        let offset = self.offset();
        let Some(number) = self.number_or_text()? else {
            return Ok(None);
        };
        let value = number.f64();
        if value.is_none() {
            self.note_bad_number(number, offset);
        }
        Ok(value)
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
    #[inline(never)]
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

    /// The next value as the text of a number, whether or not it stands in a string; `None` for null, for an empty
    /// string and, noted, for other types.
    #[inline(never)]
    fn number_or_text(&mut self) -> Result<Option<Number<'a>>> {
        match self.peek() {
            Kind::Number => self.number().map(Some),
            Kind::String => {
                let bytes = self.raw_string()?.bytes.trim_ascii();
                Ok((!bytes.is_empty()).then_some(Number { bytes }))
            }
            _ => {
                self.skip_wrong_type()?;
                Ok(None)
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn note_bad_number(&mut self, number: Number<'_>, offset: u64) {
        let detail = match Number::from_text(number.bytes) {
            Some(_) => "",
            None => "the text is not a number",
        };
        self.notes.add_with(IssueKind::BadNumber, offset, detail);
    }

    #[inline(never)]
    fn any_u64(&mut self) -> Result<Option<u64>> {
        if let Some(value) = self.take_digits() {
            return Ok(Some(value));
        }
        let offset = self.offset();
        let Some(number) = self.number_or_text()? else {
            return Ok(None);
        };
        let value = number.u64();
        if value.is_none() {
            self.note_bad_number(number, offset);
        }
        Ok(value)
    }
}

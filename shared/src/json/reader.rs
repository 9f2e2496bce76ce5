//! The cursor: which value is next, and reading or skipping it.
//!
//! **Invariant:** every method either moves forward or fails, so that a loop over it ends.

mod expected;
mod lenient;

use std::borrow::Cow;

use super::{JsonError, Notes, Number, Raw, Result, scan};
use crate::issues::IssueKind;

/// What the next value is, judged by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    String,
    /// A digit, a sign, or the first letter of `NaN` or `Infinity`.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
    /// Nothing is left.
    End,
    /// A byte that begins no value.
    Other(u8),
}

/// How many times the input may be passed over in vain.
const WASTE: usize = 8;

/// A place to come back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pos: usize,
    fresh: bool,
}

/// A cursor over JSON values, one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// What had to be forgiven so far.
    pub notes: Notes,
    bytes: &'a [u8],
    pos: usize,
    /// Just behind `{` or `[`, where no comma is due.
    fresh: bool,
    /// Where `bytes` stands in the whole input.
    base: u64,
    /// How many bytes were passed over in search of ends that were not there.
    wasted: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start; a byte order mark is passed over.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_base(bytes, 0)
    }

    /// A reader over a part of a larger input, which begins at `base`.
    pub fn with_base(bytes: &'a [u8], base: u64) -> Self {
        Self {
            notes: Notes::default(),
            bytes,
            pos: 0,
            fresh: false,
            base,
            wasted: 0,
        }
    }

    /// Where the reader stands, in bytes of the whole input.
    pub fn offset(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// The bytes that are not yet read.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    /// This place, to come back to.
    pub fn mark(&self) -> Mark {
        Mark {
            pos: self.pos,
            fresh: self.fresh,
        }
    }

    /// Goes back (or forward) to a place of this reader.
    pub fn rewind(&mut self, mark: Mark) {
        self.pos = mark.pos;
        self.fresh = mark.fresh;
    }

    /// The bytes from a place of this reader to an offset of the whole input.
    pub fn between(&self, from: Mark, to: u64) -> &'a [u8] {
        let to = usize::try_from(to.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.bytes
            .get(from.pos..to.min(self.bytes.len()))
            .unwrap_or_default()
    }

    /// Goes to an index of this reader's bytes, between values.
    pub fn seek(&mut self, at: usize) {
        self.pos = self.bytes.len().min(at);
        self.fresh = false;
    }

    /// Passes over what may stand between top-level values (white space, record separators, byte order marks,
    /// stray commas); false when nothing is left.
    pub fn next_top_value(&mut self) -> bool {
        loop {
            match self.next_byte() {
                None => return false,
                Some(b',') => {
                    let offset = self.offset();
                    self.notes
                        .add_with(IssueKind::LenientJson, offset, "a comma between values");
                    self.pos += 1;
                }
                Some(0xef) if self.rest().starts_with(b"\xef\xbb\xbf") => self.pos += 3,
                Some(_) => return true,
            }
        }
    }

    /// What the next value is.
    #[inline]
    pub fn peek(&mut self) -> Kind {
        match self.next_byte() {
            None => Kind::End,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'N' | b'I') => Kind::Number,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            Some(byte) => Kind::Other(byte),
        }
    }

    /// Enters an object; [`Self::next_key`] until it gives `None`.
    #[inline]
    pub fn begin_object(&mut self) -> Result<()> {
        self.expect(b'{', "an object")?;
        self.fresh = true;
        Ok(())
    }

    /// The next key of the object, the reader standing at its value; `None` behind the object's end.
    #[inline(never)]
    pub fn next_key(&mut self) -> Result<Option<Raw<'a>>> {
        if !self.next_item(b'}')? {
            return Ok(None);
        }
        if self.next_byte() != Some(b'"') {
            return Err(self.error("a key"));
        }
        let key = self.raw_string()?;
        if self.bytes.get(self.pos) == Some(&b':') {
            self.pos += 1;
        } else {
            self.expect(b':', "':'")?;
        }
        Ok(Some(key))
    }

    /// Enters an array; [`Self::next_element`] until it gives false.
    #[inline]
    pub fn begin_array(&mut self) -> Result<()> {
        self.expect(b'[', "an array")?;
        self.fresh = true;
        Ok(())
    }

    /// True when the reader stands at the next element; false behind the array's end.
    #[inline]
    pub fn next_element(&mut self) -> Result<bool> {
        self.next_item(b']')
    }

    /// The next value, which must be a string, as it stands.
    #[inline(never)]
    pub fn raw_string(&mut self) -> Result<Raw<'a>> {
        if self.next_byte() != Some(b'"') {
            return Err(self.error("a string"));
        }
        let start = self.pos + 1;
        let mut at = scan::string_special(self.bytes, start);
        let mut escaped = false;
        loop {
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at = scan::string_special(self.bytes, at + 2);
                }
                Some(_) => {
                    let offset = self.base + at as u64;
                    self.notes.add_with(
                        IssueKind::LenientJson,
                        offset,
                        "a control character in a string",
                    );
                    at = scan::string_special(self.bytes, at + 1);
                }
                None => {
                    self.pos = self.bytes.len();
                    return Err(self.error("the end of a string"));
                }
            }
        }
        let bytes = self.bytes.get(start..at).unwrap_or_default();
        self.pos = at + 1;
        Ok(Raw {
            bytes,
            escaped,
            offset: self.base + start as u64,
        })
    }

    /// The next value, which must be a string.
    pub fn string(&mut self) -> Result<Cow<'a, str>> {
        let raw = self.raw_string()?;
        Ok(raw.text(&mut self.notes))
    }

    /// The next value, which must be a number. `NaN` and the infinities are read and noted.
    #[inline(never)]
    pub fn number(&mut self) -> Result<Number<'a>> {
        if !matches!(self.peek(), Kind::Number) {
            return Err(self.error("a number"));
        }
        let start = self.pos;
        let bytes = self.token();
        let number = Number { bytes };
        if number.is_integer() {
            return Ok(number);
        }
        match number.f64() {
            Some(value) if value.is_finite() || bytes.iter().any(u8::is_ascii_digit) => Ok(number),
            Some(_) => {
                let offset = self.base + start as u64;
                self.notes
                    .add_with(IssueKind::LenientJson, offset, "NaN or Infinity");
                Ok(number)
            }
            None => {
                self.pos = start;
                Err(self.error("a number"))
            }
        }
    }

    /// `true` or `false`, which must be next.
    pub fn literal_bool(&mut self) -> Result<bool> {
        self.next_byte();
        let start = self.pos;
        match self.token() {
            b"true" => Ok(true),
            b"false" => Ok(false),
            _ => {
                self.pos = start;
                Err(self.error("a boolean"))
            }
        }
    }

    /// Passes over the next value if it is null.
    pub fn null(&mut self) -> Result<bool> {
        if self.peek() != Kind::Null {
            return Ok(false);
        }
        let start = self.pos;
        if self.token() == b"null" {
            return Ok(true);
        }
        self.pos = start;
        Err(self.error("null"))
    }

    /// Passes over the next value, however deep. What is inside is checked no further than strings and brackets need.
    #[inline(never)]
    pub fn skip_value(&mut self) -> Result<()> {
        match self.peek() {
            Kind::String => {
                self.raw_string()?;
                Ok(())
            }
            Kind::Object | Kind::Array => self.skip_nested(),
            Kind::Number | Kind::Bool | Kind::Null => {
                self.token();
                Ok(())
            }
            Kind::End | Kind::Other(_) => Err(self.error("a value")),
        }
    }

    /// Passes over the next value and gives its bytes.
    pub fn raw_value(&mut self) -> Result<&'a [u8]> {
        self.next_byte();
        let start = self.pos;
        self.skip_value()?;
        Ok(self.bytes.get(start..self.pos).unwrap_or_default())
    }

    /// An error at this place.
    #[cold]
    #[inline(never)]
    pub fn error(&self, expected: &'static str) -> JsonError {
        JsonError {
            offset: self.offset(),
            expected,
            found: self.bytes.get(self.pos).copied(),
        }
    }

    #[inline(never)]
    fn next_item(&mut self, close: u8) -> Result<bool> {
        let mut byte = self.next_byte();
        let fresh = self.fresh;
        self.fresh = false;
        if byte == Some(b',') && !fresh {
            self.pos += 1;
            byte = self.next_byte();
            if byte != Some(close) && byte != Some(b',') {
                return Ok(true);
            }
            byte = self.stray_commas();
        } else if byte == Some(b',') {
            byte = self.stray_commas();
        } else if !fresh && byte != Some(close) {
            let expected = if close == b'}' {
                "',' or '}'"
            } else {
                "',' or ']'"
            };
            self.missing_comma(byte, expected)?;
        }
        if byte == Some(close) {
            self.pos += 1;
            return Ok(false);
        }
        if byte.is_none() {
            return Err(self.error(if close == b'}' {
                "a key or '}'"
            } else {
                "a value or ']'"
            }));
        }
        Ok(true)
    }

    #[cold]
    fn stray_commas(&mut self) -> Option<u8> {
        let offset = self.offset();
        self.notes
            .add_with(IssueKind::LenientJson, offset, "a comma too many");
        loop {
            match self.next_byte() {
                Some(b',') => self.pos += 1,
                other => return other,
            }
        }
    }

    /// Where a string, an object or an array follows at once, the comma was forgotten; anything else is an error.
    #[cold]
    fn missing_comma(&mut self, found: Option<u8>, expected: &'static str) -> Result<()> {
        if !matches!(found, Some(b'"' | b'{' | b'[')) {
            return Err(self.error(expected));
        }
        let offset = self.offset();
        self.notes
            .add_with(IssueKind::LenientJson, offset, "a comma is missing");
        Ok(())
    }

    #[inline]
    fn expect(&mut self, byte: u8, name: &'static str) -> Result<()> {
        if self.next_byte() != Some(byte) {
            return Err(self.error(name));
        }
        self.pos += 1;
        Ok(())
    }

    /// The next byte that is not white space; the reader stands at it.
    #[inline(always)]
    fn next_byte(&mut self) -> Option<u8> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte > b' ' => Some(byte),
            None => None,
            Some(_) => self.pass_space(),
        }
    }

    fn pass_space(&mut self) -> Option<u8> {
        // 0x1e separates records in JSON text sequences.
        let space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x1e);
        let rest = self.rest();
        let count = rest
            .iter()
            .position(|byte| !space(byte))
            .unwrap_or(rest.len());
        self.pos += count;
        rest.get(count).copied()
    }

    /// A number or literal: everything up to white space, a separator or a bracket.
    fn token(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
        let length = rest
            .iter()
            .position(|byte| !part(byte))
            .unwrap_or(rest.len());
        self.pos += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Passes over an object or array. Many values without an end would each be looked for to the end of the input; when
    /// that has cost too much, the search stops at the next line that begins a value.
    fn skip_nested(&mut self) -> Result<()> {
        let (whole, start) = (self.bytes, self.pos);
        if self.wasted > whole.len() * WASTE {
            let line = self
                .rest()
                .windows(2)
                .position(|pair| matches!(pair, b"\n{" | b"\n["));
            self.bytes = whole
                .get(..line.map_or(whole.len(), |line| start + line))
                .unwrap_or(whole);
        }
        let skipped = self.skip_balanced();
        self.bytes = whole;
        if skipped.is_err() {
            self.wasted += self.pos.saturating_sub(start);
        }
        skipped
    }

    fn skip_balanced(&mut self) -> Result<()> {
        let mut depth = 0usize;
        let mut at = self.pos;
        loop {
            match self.bytes.get(at) {
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => {
                    depth -= 1;
                    if depth == 0 {
                        self.pos = at + 1;
                        self.fresh = false;
                        return Ok(());
                    }
                }
                Some(_) => {
                    self.pos = at;
                    self.raw_string()?;
                    at = scan::structure(self.bytes, self.pos);
                    continue;
                }
                None => {
                    self.pos = self.bytes.len();
                    return Err(self.error("the end of an object or array"));
                }
            }
            at = scan::structure(self.bytes, at + 1);
        }
    }
}

#[cfg(test)]
mod tests;

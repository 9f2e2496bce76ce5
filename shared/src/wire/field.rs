//! One field of a message, and the values that it can be read as.
//!
//! **Invariant**: as [`super::reader`]: knows no message, never allocates but for text
//! that has to be mended, never panics.

use alloc::borrow::Cow;
use alloc::string::String;

use super::WireType;
use super::reader::{MAX_DEPTH, Reader, Result, WireError, WireErrorKind};

/// One field: its number, where it stands, and its undecoded value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// The field number, 1 to 2²⁹ − 1.
    pub number: u32,
    /// Where its tag stands, in bytes from the start of the outermost input.
    pub offset: usize,
    /// The value as the wire type alone describes it.
    pub payload: Payload<'a>,
    /// Where the content of a length-delimited value starts in the outermost input.
    pub(super) content: usize,
    pub(super) depth: u8,
}

/// A value as far as the wire type describes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Payload<'a> {
    /// An integer, bool or enum.
    Varint(u64),
    /// A `fixed64`, `sfixed64` or `double`.
    Fixed64(u64),
    /// A `fixed32`, `sfixed32` or `float`.
    Fixed32(u32),
    /// A string, bytes, a message, or packed scalars.
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    /// The wire type of the value.
    pub const fn wire_type(&self) -> WireType {
        match self.payload {
            Payload::Varint(_) => WireType::Varint,
            Payload::Fixed64(_) => WireType::Fixed64,
            Payload::Fixed32(_) => WireType::Fixed32,
            Payload::Bytes(_) => WireType::Bytes,
        }
    }

    /// A `uint32`, `uint64`, `int64`, `bool` or enum. Cast to `i64` for signed ones.
    ///
    /// # Errors
    /// When the field is no varint.
    pub fn uint64(&self) -> Result<u64> {
        match self.payload {
            Payload::Varint(value) => Ok(value),
            _ => Err(self.mismatch(WireType::Varint)),
        }
    }

    /// A `fixed64`. Cast to `i64` for `sfixed64`.
    ///
    /// # Errors
    /// When the field is not eight bytes.
    pub fn fixed64(&self) -> Result<u64> {
        match self.payload {
            Payload::Fixed64(value) => Ok(value),
            _ => Err(self.mismatch(WireType::Fixed64)),
        }
    }

    /// A `fixed32`. Cast to `i32` for `sfixed32`.
    ///
    /// # Errors
    /// When the field is not four bytes.
    pub fn fixed32(&self) -> Result<u32> {
        match self.payload {
            Payload::Fixed32(value) => Ok(value),
            _ => Err(self.mismatch(WireType::Fixed32)),
        }
    }

    /// A `double`.
    ///
    /// # Errors
    /// When the field is not eight bytes.
    pub fn double(&self) -> Result<f64> {
        self.fixed64().map(f64::from_bits)
    }

    /// A `bytes` field, or the undecoded bytes of any length-delimited one.
    ///
    /// # Errors
    /// When the field is not length-delimited.
    pub fn bytes(&self) -> Result<&'a [u8]> {
        match self.payload {
            Payload::Bytes(bytes) => Ok(bytes),
            _ => Err(self.mismatch(WireType::Bytes)),
        }
    }

    /// A `string`.
    ///
    /// # Errors
    /// When the field is not length-delimited or not UTF-8.
    pub fn str(&self) -> Result<&'a str> {
        core::str::from_utf8(self.bytes()?).map_err(|error| WireError {
            offset: self.content + error.valid_up_to(),
            kind: WireErrorKind::Utf8,
        })
    }

    /// A `string` with every broken sequence replaced by U+FFFD. It is owned exactly
    /// when something was replaced.
    ///
    /// # Errors
    /// When the field is not length-delimited.
    pub fn str_lossy(&self) -> Result<Cow<'a, str>> {
        self.bytes().map(String::from_utf8_lossy)
    }

    /// The fields of an embedded message.
    ///
    /// # Errors
    /// When the field is not length-delimited, or nested too deep.
    pub fn message(&self) -> Result<Reader<'a>> {
        let data = self.bytes()?;
        if self.depth >= MAX_DEPTH {
            return Err(WireError {
                offset: self.offset,
                kind: WireErrorKind::TooDeep,
            });
        }
        Ok(Reader {
            data,
            pos: 0,
            base: self.content,
            depth: self.depth + 1,
        })
    }

    /// The elements of a repeated scalar, packed or not: one if the field is a
    /// scalar, as many as the bytes hold if it is packed. `element` is the wire type
    /// that the schema gives an element; each comes as its raw bits.
    pub fn scalars(&self, element: WireType) -> Scalars<'a> {
        match (self.payload, element) {
            (Payload::Bytes(data), _) => Scalars {
                packed: Reader::with_base(data, self.content),
                element,
                single: None,
            },
            (Payload::Varint(value) | Payload::Fixed64(value), _) => {
                self.single(element, Some(value))
            }
            (Payload::Fixed32(value), _) => self.single(element, Some(u64::from(value))),
        }
    }

    fn single(&self, element: WireType, value: Option<u64>) -> Scalars<'a> {
        let value = match value {
            Some(value) if element == self.wire_type() => Ok(value),
            _ => Err(self.mismatch(element)),
        };
        Scalars {
            packed: Reader::with_base(&[], self.content),
            element,
            single: Some(value),
        }
    }

    fn mismatch(&self, expected: WireType) -> WireError {
        WireError {
            offset: self.offset,
            kind: WireErrorKind::WireType {
                expected,
                found: self.wire_type(),
            },
        }
    }
}

/// The elements of a repeated scalar field; see [`Field::scalars`]. It ends after
/// the first error.
#[derive(Debug, Clone)]
pub struct Scalars<'a> {
    packed: Reader<'a>,
    element: WireType,
    single: Option<Result<u64>>,
}

impl Iterator for Scalars<'_> {
    type Item = Result<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(single) = self.single.take() {
            return Some(single);
        }
        let packed = &mut self.packed;
        if packed.rest().is_empty() {
            return None;
        }
        let value = match self.element {
            WireType::Fixed64 => packed.array().map(u64::from_le_bytes),
            WireType::Fixed32 => packed.array().map(|b| u64::from(u32::from_le_bytes(b))),
            _ => packed.varint(),
        };
        if value.is_err() {
            packed.pos = packed.data.len();
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_scalars_are_read_packed_or_not() {
        let check = |data: &[u8], element, expected: &[u64], ends_well: bool| {
            let field = Reader::new(data).next_field().unwrap().unwrap();
            let values: Vec<_> = field.scalars(element).collect();
            let good: Vec<_> = values.iter().filter_map(|v| v.ok()).collect();
            assert_eq!(good, expected);
            assert_eq!(values.iter().all(std::result::Result::is_ok), ends_well);
        };
        check(&[0x08, 5], WireType::Varint, &[5], true);
        check(&[0x0a, 3, 5, 0x80, 1], WireType::Varint, &[5, 128], true);
        check(&[0x0a, 2, 5, 0x80], WireType::Varint, &[5], false);
        check(&[0x0d, 1, 0, 0, 0], WireType::Fixed32, &[1], true);
        check(&[0x0a, 5, 1, 0, 0, 0, 9], WireType::Fixed32, &[1], false);
        check(&[0x08, 5], WireType::Fixed64, &[], false);
    }
}

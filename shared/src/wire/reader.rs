//! Reading protobuf, field by field, in place.
//!
//! Two kinds of failure are kept apart. [`Reader::next_field`] fails when the framing
//! itself is broken, and nothing after that point can be trusted. The accessors of
//! [`Field`] fail when one value is not what its schema says; the reader already
//! stands behind it, and the caller may go on with the next field.
//!
//! **Invariant**: knows no message, never allocates, never panics, and does at most
//! one pass over the bytes of each level that is opened.

use thiserror::Error;

use super::WireType;
use super::field::{Field, Payload};

/// How deep messages and groups may nest. The protobuf libraries allow 100; OTLP
/// without nested values needs 8.
pub const MAX_DEPTH: u8 = 100;

/// What was wrong with the bytes, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{kind} at byte {offset}")]
pub struct WireError {
    /// The place, in bytes from the start of the outermost input.
    pub offset: usize,
    /// What was wrong there.
    pub kind: WireErrorKind,
}

/// The ways in which bytes can fail to be protobuf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WireErrorKind {
    /// A value runs past the end of its message.
    #[error("the data ends {missing} bytes too early")]
    Truncated {
        /// How many more bytes the value asks for.
        missing: u64,
    },
    /// A varint does not end within ten bytes or does not fit 64 bits.
    #[error("a varint is longer than 64 bits")]
    VarintTooLong,
    /// A tag with field number 0, or one above 2²⁹ − 1.
    #[error("a field number is out of range")]
    FieldNumber,
    /// One of the two wire types, 6 and 7, that do not exist.
    #[error("wire type {0} does not exist")]
    UnknownWireType(u8),
    /// The end of a group that was not open.
    #[error("a group ends that was not open")]
    GroupEnd,
    /// More than [`MAX_DEPTH`] messages or groups inside each other.
    #[error("messages nest more than {MAX_DEPTH} deep")]
    TooDeep,
    /// A field has another wire type than its schema gives it.
    #[error("expected a {expected:?} field, found {found:?}")]
    WireType {
        /// The schema's.
        expected: WireType,
        /// The data's.
        found: WireType,
    },
    /// A string that is not UTF-8.
    #[error("a string is not UTF-8")]
    Utf8,
}

pub(super) type Result<T> = core::result::Result<T, WireError>;

/// A cursor over the fields of one message.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    pub(super) data: &'a [u8],
    pub(super) pos: usize,
    /// Where `data` starts in the outermost input.
    pub(super) base: usize,
    pub(super) depth: u8,
}

impl<'a> Reader<'a> {
    /// A reader over one whole message.
    pub const fn new(data: &'a [u8]) -> Self {
        Self::with_base(data, 0)
    }

    /// A reader over a message that starts `base` bytes into a larger input, as a
    /// frame in a file does; offsets are reported from the start of that input.
    pub const fn with_base(data: &'a [u8], base: usize) -> Self {
        Self {
            data,
            pos: 0,
            base,
            depth: 0,
        }
    }

    /// Where the next field starts, in bytes from the start of the outermost input.
    pub const fn offset(&self) -> usize {
        self.base + self.pos
    }

    /// The bytes not yet read.
    pub fn rest(&self) -> &'a [u8] {
        self.data.get(self.pos..).unwrap_or_default()
    }

    /// The next field, or `None` at the end of the message. Groups are skipped.
    ///
    /// # Errors
    /// When the framing is broken. The reader then stands at the end.
    pub fn next_field(&mut self) -> Result<Option<Field<'a>>> {
        let field = self.read_field();
        if field.is_err() {
            self.pos = self.data.len();
        }
        field
    }

    /// A bare varint: an element of a packed field, or a frame length.
    ///
    /// # Errors
    /// When it is cut short or too long; the position is then unchanged.
    pub fn varint(&mut self) -> Result<u64> {
        let start = self.pos;
        let rest = self.rest();
        let mut value = 0u64;
        for (i, byte) in rest.iter().take(10).enumerate() {
            // The tenth byte holds bit 63 alone.
            if i == 9 && *byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                self.pos = start + i + 1;
                return Ok(value);
            }
        }
        Err(self.error(if rest.len() < 10 {
            WireErrorKind::Truncated { missing: 1 }
        } else {
            WireErrorKind::VarintTooLong
        }))
    }

    fn read_field(&mut self) -> Result<Option<Field<'a>>> {
        // Groups cannot be skipped by length: their fields are read until all that
        // were opened are closed again.
        let mut groups = 0u8;
        while self.pos < self.data.len() {
            let offset = self.offset();
            let tag = self.varint()?;
            let number = u32::try_from(tag >> 3)
                .ok()
                .filter(|number| (1..1 << 29).contains(number))
                .ok_or(WireError {
                    offset,
                    kind: WireErrorKind::FieldNumber,
                })?;
            let payload = match tag as u8 & 7 {
                0 => Payload::Varint(self.varint()?),
                1 => Payload::Fixed64(u64::from_le_bytes(self.array()?)),
                2 => {
                    let len = self.varint()?;
                    Payload::Bytes(self.take(len)?)
                }
                3 if self.depth + groups < MAX_DEPTH => {
                    groups += 1;
                    continue;
                }
                3 => return Err(self.error(WireErrorKind::TooDeep)),
                4 if groups > 0 => {
                    groups -= 1;
                    continue;
                }
                4 => {
                    return Err(WireError {
                        offset,
                        kind: WireErrorKind::GroupEnd,
                    });
                }
                5 => Payload::Fixed32(u32::from_le_bytes(self.array()?)),
                other => {
                    return Err(WireError {
                        offset,
                        kind: WireErrorKind::UnknownWireType(other),
                    });
                }
            };
            if groups == 0 {
                let content = match payload {
                    Payload::Bytes(bytes) => self.offset() - bytes.len(),
                    _ => offset,
                };
                return Ok(Some(Field {
                    number,
                    offset,
                    payload,
                    content,
                    depth: self.depth,
                }));
            }
        }
        if groups > 0 {
            return Err(self.error(WireErrorKind::Truncated { missing: 1 }));
        }
        Ok(None)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8]> {
        let rest = self.rest();
        let taken = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        match taken {
            Some(taken) => {
                self.pos += taken.len();
                Ok(taken)
            }
            None => Err(self.error(WireErrorKind::Truncated {
                missing: len - rest.len() as u64,
            })),
        }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    fn error(&self, kind: WireErrorKind) -> WireError {
        WireError {
            offset: self.offset(),
            kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(data: &[u8]) -> std::result::Result<Vec<u32>, String> {
        let mut reader = Reader::new(data);
        let mut numbers = Vec::new();
        loop {
            match reader.next_field() {
                Ok(Some(field)) => numbers.push(field.number),
                Ok(None) => return Ok(numbers),
                Err(error) => {
                    assert_eq!(reader.next_field(), Ok(None), "stands at the end");
                    return Err(error.to_string());
                }
            }
        }
    }

    fn check(data: &[u8], expected: std::result::Result<&[u32], &str>) {
        assert_eq!(
            fields(data),
            expected.map(<[u32]>::to_vec).map_err(str::to_owned),
            "{data:02x?}"
        );
    }

    #[test]
    fn fields_come_in_order_and_groups_are_skipped() {
        check(&[], Ok(&[]));
        check(&[0x08, 1, 0x12, 2, 8, 9, 0x1d, 1, 2, 3, 4], Ok(&[1, 2, 3]));
        // A group of field 1 with a nested group of field 2, then field 3.
        check(&[0x0b, 0x13, 0x08, 5, 0x14, 0x0c, 0x18, 1], Ok(&[3]));
    }

    #[test]
    fn broken_framing_names_the_place() {
        check(&[0x08], Err("the data ends 1 bytes too early at byte 1"));
        check(
            &[0x08, 0x80],
            Err("the data ends 1 bytes too early at byte 1"),
        );
        check(
            &[0x12, 5, 1],
            Err("the data ends 4 bytes too early at byte 2"),
        );
        check(
            &[0x09, 1, 2],
            Err("the data ends 6 bytes too early at byte 1"),
        );
        check(&[0x00, 1], Err("a field number is out of range at byte 0"));
        check(
            &[0x08, 1, 0x0e],
            Err("wire type 6 does not exist at byte 2"),
        );
        check(&[0x0c], Err("a group ends that was not open at byte 0"));
        check(
            &[0x0b, 0x08, 1],
            Err("the data ends 1 bytes too early at byte 3"),
        );
        check(
            &[
                0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
            ],
            Err("the data ends 18446744073709551615 bytes too early at byte 11"),
        );
        check(
            &[
                0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
            ],
            Err("a varint is longer than 64 bits at byte 1"),
        );
        check(
            &[0x0b; 101],
            Err("messages nest more than 100 deep at byte 101"),
        );
    }

    #[test]
    fn a_wrong_value_does_not_stop_the_reader() {
        let mut reader = Reader::with_base(&[0x08, 1, 0x12, 2, b'a', 0xff, 0x18, 3], 1000);
        let first = reader.next_field().unwrap().unwrap();
        assert_eq!(
            first.str().unwrap_err().to_string(),
            "expected a Bytes field, found Varint at byte 1000"
        );
        let second = reader.next_field().unwrap().unwrap();
        assert_eq!(
            second.str().unwrap_err().to_string(),
            "a string is not UTF-8 at byte 1005"
        );
        assert_eq!(second.str_lossy().unwrap(), "a\u{fffd}");
        assert_eq!(reader.next_field().unwrap().unwrap().uint64(), Ok(3));
    }

    #[test]
    fn nested_offsets_are_those_of_the_outermost_input() {
        // Field 1 { field 2 { field 3 = 9 } }
        let data = [0x0a, 4, 0x12, 2, 0x18, 9];
        let mut reader = Reader::new(&data);
        let mut one = reader.next_field().unwrap().unwrap().message().unwrap();
        let mut two = one.next_field().unwrap().unwrap().message().unwrap();
        let three = two.next_field().unwrap().unwrap();
        assert_eq!((three.number, three.offset), (3, 4));
    }

    #[test]
    fn messages_nest_only_so_deep() {
        let mut data = Vec::new();
        for _ in 0..=MAX_DEPTH {
            let mut outer = super::super::Writer::new();
            outer.bytes_present(1, &data);
            data = outer.into_bytes();
        }
        let mut reader = Reader::new(&data);
        for _ in 0..MAX_DEPTH {
            reader = reader.next_field().unwrap().unwrap().message().unwrap();
        }
        let innermost = reader.next_field().unwrap().unwrap();
        assert_eq!(
            innermost.message().unwrap_err().kind,
            WireErrorKind::TooDeep
        );
    }
}

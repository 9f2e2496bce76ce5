//! Writing protobuf.
//!
//! **Invariant**: knows no message; a field is a number and a value.

use alloc::vec::Vec;

use super::WireType;

/// An encoder that appends to one growing buffer.
///
/// As in proto3, a scalar field at its default value (zero, empty) is left out by
/// the methods that take a field number. Where presence carries meaning, as in a
/// `oneof`, use the `_present` forms.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    bytes: Vec<u8>,
}

/// A writer that appends to what is there.
impl From<Vec<u8>> for Writer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

impl Writer {
    /// An empty writer.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// What has been written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Everything that has been written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes that are encoded already: whole fields of the message that is open.
    pub fn raw(&mut self, fields: &[u8]) {
        self.bytes.extend_from_slice(fields);
    }

    /// A bare varint, with no tag: an element of a packed field, or a frame length.
    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// The tag that opens a field.
    pub fn tag(&mut self, field: u32, wire_type: WireType) {
        self.varint((u64::from(field) << 3) | wire_type as u64);
    }

    /// A `uint32`, `uint64`, `int64` (as two's complement) or enum field.
    pub fn uint64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.uint64_present(field, value);
        }
    }

    /// As [`Self::uint64`], written even when zero.
    pub fn uint64_present(&mut self, field: u32, value: u64) {
        self.tag(field, WireType::Varint);
        self.varint(value);
    }

    /// A `bool` field.
    pub fn bool(&mut self, field: u32, value: bool) {
        self.uint64(field, u64::from(value));
    }

    /// A `fixed64` field.
    pub fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.fixed64_present(field, value);
        }
    }

    /// As [`Self::fixed64`], written even when zero.
    pub fn fixed64_present(&mut self, field: u32, value: u64) {
        self.tag(field, WireType::Fixed64);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// A `fixed32` field.
    pub fn fixed32(&mut self, field: u32, value: u32) {
        if value != 0 {
            self.tag(field, WireType::Fixed32);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// A `double` field. Only positive zero is the default.
    pub fn double(&mut self, field: u32, value: f64) {
        self.fixed64(field, value.to_bits());
    }

    /// A `string` field.
    pub fn string(&mut self, field: u32, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    /// A `bytes` field.
    pub fn bytes(&mut self, field: u32, value: &[u8]) {
        if !value.is_empty() {
            self.bytes_present(field, value);
        }
    }

    /// As [`Self::bytes`], written even when empty.
    pub fn bytes_present(&mut self, field: u32, value: &[u8]) {
        self.tag(field, WireType::Bytes);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    /// An embedded message, written even when empty: `body` writes its fields.
    pub fn message(&mut self, field: u32, body: impl FnOnce(&mut Self)) {
        let start = self.open(field);
        body(self);
        self.close(start);
    }

    /// Opens an embedded message; its fields follow, then [`Self::close`] with what
    /// this gave. Where [`Self::message`] fits it is harder to get wrong.
    pub fn open(&mut self, field: u32) -> usize {
        self.tag(field, WireType::Bytes);
        // One byte is set aside for the length: most messages need no more.
        self.bytes.push(0);
        self.bytes.len()
    }

    /// Closes the message that [`Self::open`] opened at `start`, the innermost that is
    /// open. A length that needs more than the one byte moves the body along, which
    /// costs one copy at each of the few levels that are so long.
    pub fn close(&mut self, start: usize) {
        let end = self.bytes.len();
        let mut len = end - start;
        let extra = varint_len(len as u64) - 1;
        if extra > 0 {
            self.bytes.resize(end + extra, 0);
            // As `copy_within`, without its panics: this code goes into web pages.
            for from in (start..end).rev() {
                let byte = self.bytes.get(from).copied().unwrap_or_default();
                self.put(from + extra, byte);
            }
        }
        for i in 0..=extra {
            self.put(
                start - 1 + i,
                len as u8 & 0x7f | if i < extra { 0x80 } else { 0 },
            );
            len >>= 7;
        }
    }

    fn put(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.bytes.get_mut(at) {
            *place = byte;
        }
    }
}

/// How many bytes [`Writer::varint`] writes for a value.
const fn varint_len(value: u64) -> usize {
    // Seven bits a byte, and one byte even for zero.
    (70 - (value | 1).leading_zeros() as usize) / 7
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl FnOnce(&mut Writer), expected: &[u8]) {
        let mut out = Writer::new();
        write(&mut out);
        assert_eq!(out.as_bytes(), expected);
    }

    #[test]
    fn varints_use_as_few_bytes_as_they_need() {
        check(|out| out.varint(0), &[0]);
        check(|out| out.varint(127), &[0x7f]);
        check(|out| out.varint(128), &[0x80, 0x01]);
        check(|out| out.varint(300), &[0xac, 0x02]);
        check(
            |out| out.varint(u64::MAX),
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        );
    }

    #[test]
    fn defaults_are_left_out_unless_present_is_asked_for() {
        check(|out| out.uint64(1, 0), &[]);
        check(|out| out.uint64_present(1, 0), &[0x08, 0]);
        check(|out| out.bool(1, false), &[]);
        check(|out| out.string(1, ""), &[]);
        check(|out| out.bytes_present(1, b""), &[0x0a, 0]);
        check(|out| out.fixed64(1, 0), &[]);
        check(|out| out.fixed32(1, 0), &[]);
        check(|out| out.double(1, 0.0), &[]);
        check(
            |out| out.double(1, -0.0),
            &[0x09, 0, 0, 0, 0, 0, 0, 0, 0x80],
        );
    }

    #[test]
    fn fields_are_tag_then_value() {
        check(|out| out.uint64(1, 150), &[0x08, 0x96, 0x01]);
        check(
            |out| out.string(2, "testing"),
            &[0x12, 0x07, b't', b'e', b's', b't', b'i', b'n', b'g'],
        );
        check(|out| out.fixed32(3, 1), &[0x1d, 1, 0, 0, 0]);
        check(|out| out.fixed64(4, 2), &[0x21, 2, 0, 0, 0, 0, 0, 0, 0]);
        check(|out| out.message(5, |_| ()), &[0x2a, 0]);
        check(
            |out| out.message(16, |out| out.uint64(1, 1)),
            &[0x82, 0x01, 2, 0x08, 1],
        );
    }
}

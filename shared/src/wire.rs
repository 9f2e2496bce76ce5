//! The protobuf wire format: a [`Writer`] for the messages that we encode and a
//! pull [`Reader`] for the ones that we are given.
//!
//! Neither knows any message. Callers name fields by number; the numbers of each
//! message stand in a comment above the code that reads or writes it.
//!
//! **Invariant**: knows nothing of OTLP, of spans or of any other message, and
//! never allocates for a length that the input merely claims.

mod field;
mod reader;
mod writer;

pub use field::{Field, Payload, Scalars};
pub use reader::{MAX_DEPTH, Reader, WireError, WireErrorKind};
pub use writer::Writer;

/// How the bytes after a tag are laid out: the low three bits of the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum WireType {
    /// One to ten bytes, seven bits in each, least significant group first.
    Varint = 0,
    /// Eight bytes, little-endian.
    Fixed64 = 1,
    /// A varint length, then that many bytes: strings, bytes, messages, packed scalars.
    Bytes = 2,
    /// The start of a group, a form that no current schema uses.
    GroupStart = 3,
    /// The end of a group.
    GroupEnd = 4,
    /// Four bytes, little-endian.
    Fixed32 = 5,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the writer writes, the reader reads, for every shape of field.
    #[test]
    fn writer_and_reader_agree() {
        let mut out = Writer::new();
        out.uint64(1, u64::MAX);
        out.fixed64(2, 0x0102_0304_0506_0708);
        out.fixed32(3, 7);
        out.string(4, "größe");
        out.message(5, |out| {
            out.double(1, 0.5);
            out.message(536_870_911, |out| out.bool(1, true));
        });
        let bytes = out.into_bytes();

        let mut reader = Reader::new(&bytes);
        let mut next = || reader.next_field().unwrap().unwrap();
        assert_eq!(next().uint64(), Ok(u64::MAX));
        assert_eq!(next().fixed64(), Ok(0x0102_0304_0506_0708));
        assert_eq!(next().fixed32(), Ok(7));
        assert_eq!(next().str(), Ok("größe"));
        let mut outer = next().message().unwrap();
        assert_eq!(outer.next_field().unwrap().unwrap().double(), Ok(0.5));
        let inner = outer.next_field().unwrap().unwrap();
        assert_eq!(inner.number, 536_870_911);
        let mut inner = inner.message().unwrap();
        assert_eq!(inner.next_field().unwrap().unwrap().uint64(), Ok(1));
        assert_eq!(inner.next_field(), Ok(None));
        assert_eq!(outer.next_field(), Ok(None));
        assert_eq!(reader.next_field(), Ok(None));
    }

    /// A message longer than 127 bytes needs a longer length than was set aside.
    #[test]
    fn long_messages_keep_their_content() {
        for len in [0, 1, 127, 128, 16_383, 16_384, 70_000] {
            let text = "x".repeat(len);
            let mut out = Writer::new();
            out.message(9, |out| {
                out.message(1, |out| {
                    out.string(2, &text);
                    out.uint64(3, 4);
                });
            });
            let bytes = out.into_bytes();
            let mut reader = Reader::new(&bytes);
            let mut message = reader.next_field().unwrap().unwrap().message().unwrap();
            let mut message = message.next_field().unwrap().unwrap().message().unwrap();
            if len > 0 {
                assert_eq!(message.next_field().unwrap().unwrap().str(), Ok(&*text));
            }
            assert_eq!(
                message.next_field().unwrap().unwrap().uint64(),
                Ok(4),
                "{len}"
            );
            assert_eq!(reader.next_field(), Ok(None));
        }
    }
}

//! Zstandard, block by block.
//!
//! **Invariant:** see [`super`]; the decoder is given whole headers and whole blocks only.

use std::io::Read;

use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::{
    super::zstd::{Trouble, begin, break_off, checksum, trouble},
    Step,
};

/// The longest header of a frame.
const HEADER_MAX: usize = 18;
const BLOCK_HEADER: usize = 3;
const CHECKSUM: usize = 4;
/// So much is taken at once of what a frame gives up at its end, which can be a gigabyte.
const DRAINED: usize = 1 << 20;

pub(super) struct Zstd {
    decoder: FrameDecoder,
    in_frame: bool,
    /// Why the frame ended too early; to be said when all of it has been taken.
    broken: Option<Trouble>,
    /// What is left of a frame that is passed over.
    passed: u64,
}

impl Zstd {
    pub fn new() -> Self {
        Self {
            decoder: FrameDecoder::new(),
            in_frame: false,
            broken: None,
            passed: 0,
        }
    }

    /// How much of `input` was read, and how it goes on.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Step) {
        if self.passed > 0 {
            let now = self.passed.min(input.len() as u64);
            self.passed -= now;
            return match self.passed {
                0 => (now as usize, Step::On),
                _ if last => (now as usize, Step::End),
                _ => (now as usize, Step::Wait),
            };
        }
        if self.in_frame {
            return self.block(input, out, last);
        }
        match input {
            [] if last => (0, Step::End),
            _ if input.len() < HEADER_MAX && !last => (0, Step::Wait),
            _ => self.header(input, last),
        }
    }

    fn header(&mut self, input: &[u8], last: bool) -> (usize, Step) {
        let mut rest = input;
        let begun = begin(&mut self.decoder, &mut rest);
        let took = input.len() - rest.len();
        match begun {
            Ok(()) => {
                self.in_frame = true;
                (took, Step::On)
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                self.passed = u64::from(length);
                (took, Step::On)
            }
            Err(error) => (took, broken(trouble(&error, last && rest.is_empty()))),
        }
    }

    fn block(&mut self, input: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Step) {
        if self.decoder.can_collect() > 0 {
            self.drain(out);
            return (0, Step::On);
        }
        if let Some(trouble) = self.broken.take() {
            return (0, broken(trouble));
        }
        if self.decoder.is_finished() {
            self.in_frame = false;
            let wrong = checksum(&self.decoder, self.decoder.bytes_read_from_source()).err();
            return (0, wrong.map_or(Step::On, broken));
        }
        let needed = block_len(input);
        if !last && needed.is_none_or(|needed| needed > input.len()) {
            return (0, Step::Wait);
        }
        let mut rest = input;
        let decoded = self
            .decoder
            .decode_blocks(&mut rest, BlockDecodingStrategy::UptoBlocks(1));
        let took = input.len() - rest.len();
        if let Err(error) = decoded {
            self.broken = Some(trouble(&error, last && rest.is_empty()));
            break_off(&mut self.decoder);
        }
        (took, Step::On)
    }

    fn drain(&mut self, out: &mut Vec<u8>) {
        let ready = self.decoder.can_collect();
        if ready <= DRAINED {
            // Writing to a vector does not fail.
            _ = self.decoder.collect_to_writer(out);
            return;
        }
        let start = out.len();
        out.resize(start + DRAINED, 0);
        let target = out.get_mut(start..).unwrap_or_default();
        let given = self.decoder.read(target).unwrap_or(0);
        out.truncate(start + given);
    }
}

/// How long the block is that the input begins with, and the checksum that may follow the last one.
fn block_len(input: &[u8]) -> Option<usize> {
    let &[a, b, c] = input.first_chunk::<BLOCK_HEADER>()?;
    let header = u32::from_le_bytes([a, b, c, 0]);
    let (is_last, repeated) = (header & 1 == 1, header >> 1 & 3 == 1);
    let content = if repeated { 1 } else { (header >> 3) as usize };
    Some(BLOCK_HEADER + content + if is_last { CHECKSUM } else { 0 })
}

fn broken(trouble: Trouble) -> Step {
    match trouble {
        Trouble::Broken { kind, problem } => Step::Broken(kind, problem),
        Trouble::TooLarge => Step::End,
    }
}

//! Zstandard, block by block.
//!
//! **Invariant:** see [`super`]; the decoder is given whole headers and whole blocks only.

use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::{
    super::zstd::{Trouble, WINDOW, checksum, trouble},
    Step,
};

/// The longest header of a frame.
const HEADER_MAX: usize = 18;
const BLOCK_HEADER: usize = 3;
const CHECKSUM: usize = 4;

pub(super) struct Zstd {
    decoder: FrameDecoder,
    in_frame: bool,
    /// What is left of a frame that is passed over.
    passed: u64,
}

impl Zstd {
    pub fn new() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self {
            decoder,
            in_frame: false,
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
        let begun = self.decoder.init(&mut rest);
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
        let needed = block_len(input);
        if !last && needed.is_none_or(|needed| needed > input.len()) {
            return (0, Step::Wait);
        }
        let mut rest = input;
        let decoded = self
            .decoder
            .decode_blocks(&mut rest, BlockDecodingStrategy::UptoBlocks(1));
        let took = input.len() - rest.len();
        // Writing to a vector does not fail.
        _ = self.decoder.collect_to_writer(&mut *out);
        if let Err(error) = decoded {
            // A broken frame gives up what its window still holds.
            out.extend(self.decoder.collect().unwrap_or_default());
            return (took, broken(trouble(&error, last && rest.is_empty())));
        }
        if self.decoder.is_finished() {
            self.in_frame = false;
            if let Err(wrong) = checksum(&self.decoder, self.decoder.bytes_read_from_source()) {
                return (took, broken(wrong));
            }
        }
        (took, Step::On)
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

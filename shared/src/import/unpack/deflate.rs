//! A deflate stream: alone in a zip archive, or inside gzip.
//!
//! **Invariant:** see [`super`]; the window is the buffer that deflate writes to.

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{DecompressorOxide, decompress, inflate_flags::TINFL_FLAG_HAS_MORE_INPUT},
};

use super::{
    super::{crc::Crc, gzip::BROKEN},
    Step, WRONG_CRC,
};
use crate::issues::IssueKind;

/// Deflate looks back 32 KiB; a larger window is copied less often. A power of two.
const WINDOW: usize = 1 << 18;

pub(super) struct Deflate {
    inflater: Box<DecompressorOxide>,
    window: Vec<u8>,
    place: usize,
    crc: Crc,
}

impl Deflate {
    pub fn new() -> Self {
        Self {
            inflater: Box::default(),
            window: vec![0; WINDOW],
            place: 0,
            crc: Crc::new(),
        }
    }

    /// Another stream begins.
    pub fn begin(&mut self) {
        self.inflater.init();
        self.crc = Crc::new();
        self.place = 0;
    }

    /// The checksum of what came out of this stream.
    pub fn crc(&self) -> u32 {
        self.crc.value()
    }

    /// How much of `input` was read, and how it goes on: [`Step::End`] behind the last block.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Step) {
        let flags = if last { 0 } else { TINFL_FLAG_HAS_MORE_INPUT };
        let (status, took, gave) = decompress(
            &mut self.inflater,
            input,
            &mut self.window,
            self.place,
            flags,
        );
        let fresh = self
            .window
            .get(self.place..self.place + gave)
            .unwrap_or_default();
        self.crc.add(fresh);
        out.extend_from_slice(fresh);
        self.place = (self.place + gave) % WINDOW;
        let broken = |kind, problem: &str| Step::Broken(kind, problem.to_owned());
        let step = match status {
            TINFLStatus::Done => Step::End,
            TINFLStatus::HasMoreOutput => Step::On,
            TINFLStatus::NeedsMoreInput if !last => Step::Wait,
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                broken(IssueKind::Truncated, "the deflate data ends too early")
            }
            _ => broken(IssueKind::Corrupt, BROKEN),
        };
        (took, step)
    }
}

/// A deflated file of an archive.
pub(super) struct Deflated {
    deflate: Deflate,
    /// What the archive says of the content; `None` where that is not known.
    crc: Option<u32>,
    ended: bool,
}

impl Deflated {
    pub fn new(crc: Option<u32>) -> Self {
        Self {
            deflate: Deflate::new(),
            crc,
            ended: false,
        }
    }

    /// How much of `input` was read, and how it goes on.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Step) {
        if self.ended {
            return (0, Step::End);
        }
        match self.deflate.step(input, out, last) {
            (took, Step::End) => {
                self.ended = true;
                let is_wrong = self.crc.is_some_and(|crc| crc != self.deflate.crc());
                let noted = Step::Noted(IssueKind::Corrupt, WRONG_CRC);
                (took, if is_wrong { noted } else { Step::On })
            }
            other => other,
        }
    }
}

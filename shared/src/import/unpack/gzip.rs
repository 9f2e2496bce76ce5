//! gzip, member by member.
//!
//! **Invariant:** see [`super`]; the window is the buffer that deflate writes to.

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{DecompressorOxide, decompress, inflate_flags::TINFL_FLAG_HAS_MORE_INPUT},
};

use super::{
    super::{crc::Crc, gzip::header_len},
    Step,
};
use crate::issues::IssueKind;

/// Deflate looks back 32 KiB; a larger window is copied less often. A power of two.
const WINDOW: usize = 1 << 18;
/// A longer header is none.
const HEADER_MAX: usize = 1 << 17;
const TRAILER: usize = 8;

enum At {
    Header,
    Body,
    Trailer,
    /// Behind the last member: padding may follow.
    Padding,
}

pub(super) struct Gzip {
    at: At,
    inflater: Box<DecompressorOxide>,
    window: Vec<u8>,
    place: usize,
    crc: Crc,
    members: u32,
}

impl Gzip {
    pub fn new() -> Self {
        Self {
            at: At::Header,
            inflater: Box::default(),
            window: vec![0; WINDOW],
            place: 0,
            crc: Crc::new(),
            members: 0,
        }
    }

    /// How much of `input` was read, and how it goes on.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Step) {
        match self.at {
            At::Header => self.header(input, last),
            At::Body => self.body(input, out, last),
            At::Trailer => self.trailer(input, last),
            At::Padding => match input.iter().all(|&byte| byte == 0) {
                true if last => (input.len(), Step::End),
                true => (input.len(), Step::Wait),
                false => (0, broken(IssueKind::Corrupt, "")),
            },
        }
    }

    fn header(&mut self, input: &[u8], last: bool) -> (usize, Step) {
        const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
        let begins = input.iter().zip(MAGIC).all(|(&byte, magic)| byte == magic);
        if !begins || input.is_empty() && last {
            self.at = At::Padding;
            return (0, Step::On);
        }
        // A length that ends where the input does may only be cut there.
        match header_len(input) {
            Some(length) if length < input.len() || last => {
                self.at = At::Body;
                self.inflater.init();
                self.crc = Crc::new();
                self.place = 0;
                self.members += 1;
                (length, Step::On)
            }
            _ if last => {
                self.at = At::Padding;
                (0, Step::On)
            }
            None if input.len() > HEADER_MAX => (0, broken(IssueKind::Corrupt, "")),
            _ => (0, Step::Wait),
        }
    }

    fn body(&mut self, input: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Step) {
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
        let step = match status {
            TINFLStatus::Done => {
                self.at = At::Trailer;
                Step::On
            }
            TINFLStatus::HasMoreOutput => Step::On,
            TINFLStatus::NeedsMoreInput if !last => Step::Wait,
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => cut(),
            _ => broken(IssueKind::Corrupt, "the deflate data is broken"),
        };
        (took, step)
    }

    fn trailer(&mut self, input: &[u8], last: bool) -> (usize, Step) {
        match input.first_chunk::<TRAILER>() {
            Some(&[a, b, c, d, ..]) => {
                self.at = At::Header;
                if self.crc.value() == u32::from_le_bytes([a, b, c, d]) {
                    return (TRAILER, Step::On);
                }
                (
                    TRAILER,
                    Step::Noted(IssueKind::Corrupt, "the gzip checksum is wrong"),
                )
            }
            None if last => (input.len(), cut()),
            None => (0, Step::Wait),
        }
    }
}

fn cut() -> Step {
    broken(IssueKind::Truncated, "the gzip data ends too early")
}

fn broken(kind: IssueKind, problem: &str) -> Step {
    Step::Broken(kind, problem.to_owned())
}

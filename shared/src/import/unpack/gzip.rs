//! gzip, member by member.
//!
//! **Invariant:** see [`super`]; knows what stands around a deflate stream, not what is in it.

use super::{
    super::gzip::{CUT, header_len},
    Step,
    deflate::Deflate,
};
use crate::issues::IssueKind;

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
    deflate: Deflate,
    /// Members that have begun.
    members: u32,
}

impl Gzip {
    pub fn new() -> Self {
        Self {
            at: At::Header,
            deflate: Deflate::new(),
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
        if !begins || input.is_empty() && last && self.members > 0 {
            self.at = At::Padding;
            return (0, Step::On);
        }
        // A length that ends where the input does may only be cut there.
        match header_len(input) {
            Some(length) if length < input.len() || last => {
                self.at = At::Body;
                self.deflate.begin();
                self.members += 1;
                (length, Step::On)
            }
            _ if last && self.members == 0 => (input.len(), cut()),
            _ if last => {
                self.at = At::Padding;
                (0, Step::On)
            }
            None if input.len() > HEADER_MAX => (0, broken(IssueKind::Corrupt, "")),
            _ => (0, Step::Wait),
        }
    }

    fn body(&mut self, input: &[u8], out: &mut Vec<u8>, last: bool) -> (usize, Step) {
        match self.deflate.step(input, out, last) {
            (took, Step::End) => {
                self.at = At::Trailer;
                (took, Step::On)
            }
            (took, Step::Broken(IssueKind::Truncated, _)) => (took, cut()),
            other => other,
        }
    }

    fn trailer(&mut self, input: &[u8], last: bool) -> (usize, Step) {
        match input.first_chunk::<TRAILER>() {
            Some(&[a, b, c, d, ..]) => {
                self.at = At::Header;
                if self.deflate.crc() == u32::from_le_bytes([a, b, c, d]) {
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
    broken(IssueKind::Truncated, CUT)
}

fn broken(kind: IssueKind, problem: &str) -> Step {
    Step::Broken(kind, problem.to_owned())
}

//! gzip, zstd and the files of zip archives unfolded while they arrive, a few megabytes at a time.
//!
//! ```text
//! arrived  ▓▓▓▓▓▓▓▓──→ input (what is not whole yet: a header, a block) ──step──→ out
//! ```
//!
//! **Invariant:** gives what unfolding the whole would give, and notes the same; holds the input that it was not yet able to
//! read, the compression's window, and nothing else.

mod deflate;
mod gzip;
mod zstd;

use std::collections::TryReserveError;

use super::{Container, Limits, session::Session};
use crate::issues::IssueKind;

/// What is said of a file of an archive whose content is not what the archive says.
pub(super) const WRONG_CRC: &str = "the zip checksum is wrong";

/// Something that is unfolded while it arrives.
pub(super) struct Unpacker {
    /// What was not read yet.
    input: Vec<u8>,
    /// How much of `input` has been read.
    read: usize,
    /// Bytes of the input that were read and dropped.
    dropped: u64,
    /// Where it begins in what it is a part of.
    start: u64,
    given: u64,
    decoder: Decoder,
    /// There is nothing more to be had.
    ended: bool,
}

enum Decoder {
    Gzip(gzip::Gzip),
    Zstd(Box<zstd::Zstd>),
    Deflated(deflate::Deflated),
}

/// What a decoder can say of its next step.
enum Step {
    /// It went on.
    On,
    /// It needs more input.
    Wait,
    /// It is through.
    End,
    /// It went on, but this has to be said.
    Noted(IssueKind, &'static str),
    /// The input is broken here; what of it came out is good.
    Broken(IssueKind, String),
}

/// Why unfolding ends for good.
#[derive(Debug)]
pub(super) enum Trouble {
    /// More came out than is plausible, or than there is memory for.
    TooLarge { limit: u64, offset: u64 },
    /// Nothing came out at all.
    Damaged { offset: u64, problem: String },
}

impl Unpacker {
    pub fn gzip() -> Self {
        Self::of(Decoder::Gzip(gzip::Gzip::new()))
    }

    pub fn zstd() -> Self {
        Self::of(Decoder::Zstd(Box::new(zstd::Zstd::new())))
    }

    /// A deflated file whose data begins at `start` of its archive; `crc` is its checksum, where that is known.
    pub fn deflated(start: u64, crc: Option<u32>) -> Self {
        Self {
            start,
            ..Self::of(Decoder::Deflated(deflate::Deflated::new(crc)))
        }
    }

    fn of(decoder: Decoder) -> Self {
        Self {
            input: Vec::new(),
            read: 0,
            dropped: 0,
            start: 0,
            given: 0,
            decoder,
            ended: false,
        }
    }

    pub fn container(&self) -> Container {
        match self.decoder {
            Decoder::Gzip(_) => Container::Gzip,
            Decoder::Zstd(_) => Container::Zstd,
            Decoder::Deflated(_) => Container::Zip,
        }
    }

    /// Takes the next bytes: `fill` writes them.
    pub fn push(
        &mut self,
        length: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<(), TryReserveError> {
        self.input.drain(..self.read);
        self.dropped += self.read as u64;
        self.read = 0;
        let before = self.input.len();
        self.input.try_reserve(length)?;
        self.input.resize(before + length, 0);
        fill(&mut self.input[before..]);
        Ok(())
    }

    /// How many bytes have come out.
    pub fn given(&self) -> u64 {
        self.given
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.input.len()
    }

    /// How much an input of so many bytes will be, if it goes on as it began.
    pub fn expected(&self, total: u64) -> u64 {
        let all = u128::from(total) * u128::from(self.given) / u128::from(self.taken().max(1));
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    fn taken(&self) -> u64 {
        self.dropped + self.read as u64
    }

    fn offset(&self) -> u64 {
        self.start + self.taken()
    }

    /// Appends about `most` bytes; false when that needs more input. `last` says that there is none.
    pub fn step(
        &mut self,
        out: &mut Vec<u8>,
        most: usize,
        last: bool,
        session: &mut Session<'_>,
    ) -> Result<bool, Trouble> {
        let before = out.len();
        while !self.ended {
            let start = out.len();
            let rest = self.input.get(self.read..).unwrap_or_default();
            let (took, step) = match &mut self.decoder {
                Decoder::Gzip(gzip) => gzip.step(rest, out, last),
                Decoder::Zstd(zstd) => zstd.step(rest, out, last),
                Decoder::Deflated(file) => file.step(rest, out, last),
            };
            self.read += took;
            self.given += (out.len() - start) as u64;
            let limit = self.limit(session.limits, session.unfolded);
            if self.given > limit {
                self.ended = true;
                let offset = self.offset();
                return Err(Trouble::TooLarge { limit, offset });
            }
            match step {
                Step::On if out.len() - before >= most => return Ok(true),
                Step::On => {}
                Step::Noted(kind, problem) => {
                    let issues = &mut session.builder.issues;
                    issues.add_with(kind, Some(self.offset()), || problem.to_owned());
                }
                Step::Wait => return Ok(false),
                Step::End => self.ended = true,
                Step::Broken(kind, problem) => {
                    self.ended = true;
                    let offset = self.offset();
                    if self.given == 0 {
                        return Err(Trouble::Damaged { offset, problem });
                    }
                    session.container_broken(kind, offset, problem);
                }
            }
        }
        // What comes behind the end is of no use.
        self.read = self.input.len();
        Ok(false)
    }

    /// The whole never stands in memory, so only what is implausible is refused.
    fn limit(&self, limits: Limits, unfolded: u64) -> u64 {
        let plausible = self.taken().saturating_mul(limits.ratio);
        let most = limits
            .decompressed
            .saturating_mul(super::containers::TOGETHER)
            .saturating_sub(unfolded);
        plausible.max(limits.ratio_free).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            session::Session,
            tests::{gzip, zstd},
        },
        *,
    };
    use crate::{
        import::{self, ImportError, Silent},
        issues::IssueLog,
        store::{builder::StoreBuilder, sample},
    };

    type Unfold = fn(&mut Session<'_>, &str, &[u8]) -> Result<Vec<u8>, ImportError>;

    /// What came out, and what was said about it.
    type Came = (Vec<u8>, String);

    fn said(issues: &IssueLog, error: Option<&str>) -> String {
        let all = issues
            .iter()
            .map(|issue| format!("{:?}×{} {}", issue.kind, issue.count, issue.detail));
        let all: Vec<String> = all.chain(error.map(str::to_owned)).collect();
        all.join(", ")
    }

    fn whole(unfold: Unfold, bytes: &[u8]) -> Came {
        let (mut builder, mut silent) = (StoreBuilder::new(), Silent);
        let mut session = Session::new(&mut builder, &mut silent, Limits::default());
        let out = unfold(&mut session, "f", bytes);
        let error = out.as_ref().err().map(|_| "nothing");
        let said = said(&builder.issues, error);
        (out.unwrap_or_default(), said)
    }

    fn in_steps(mut unpacker: Unpacker, bytes: &[u8], random: &mut dyn FnMut(u64) -> u64) -> Came {
        let (mut builder, mut silent) = (StoreBuilder::new(), Silent);
        let mut session = Session::new(&mut builder, &mut silent, Limits::default());
        let (mut out, mut error) = (Vec::new(), None);
        let longest = [2, 300, 9_000][random(3) as usize];
        let (mut rest, mut last) = (bytes, false);
        while !last && error.is_none() {
            let length = (1 + random(longest) as usize).min(rest.len());
            let (now, behind) = rest.split_at(length);
            rest = behind;
            unpacker
                .push(length, |room| room.copy_from_slice(now))
                .unwrap();
            last = rest.is_empty();
            loop {
                let most = 1 + random(50_000) as usize;
                match unpacker.step(&mut out, most, last, &mut session) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => {
                        error = Some("nothing");
                        break;
                    }
                }
            }
        }
        (out, said(&builder.issues, error))
    }

    #[test]
    fn any_bytes_unfold_in_steps_as_they_do_as_a_whole() {
        let mut random = sample::numbers(99);
        let text: Vec<u8> = (0..40_000)
            .flat_map(|at: u32| format!("line {} of {}, ", at % 700, random(9)).into_bytes())
            .collect();
        let mut random = sample::numbers(7);
        for (unpacker, unfold, packed) in [
            (
                Unpacker::gzip as fn() -> Unpacker,
                import::gzip::unfold as Unfold,
                [gzip(&text), gzip(b""), gzip(&text[..70_000])].concat(),
            ),
            (
                Unpacker::zstd,
                import::zstd::unfold,
                [zstd(&text), zstd(b"x"), zstd(&text[..300_000])].concat(),
            ),
        ] {
            let mut check = |bytes: &[u8], what: &str| {
                let (out, said) = in_steps(unpacker(), bytes, &mut random);
                let (expected, told) = whole(unfold, bytes);
                assert_eq!(said, told, "{what}");
                assert!(
                    out == expected,
                    "{what}: {} of {}",
                    out.len(),
                    expected.len()
                );
            };
            check(&packed, "as it is");
            check(&packed, "again");
            let mut places = sample::numbers(3);
            for _ in 0..60 {
                let cut = places(packed.len() as u64) as usize;
                check(&packed[..cut], &format!("cut at {cut}"));
                let mut broken = packed.clone();
                let at = places(packed.len() as u64) as usize;
                broken[at] ^= 1 << places(8);
                check(&broken, &format!("broken at {at}"));
            }
        }
    }
}

//! gzip: one member after the other, each a deflate stream with a checksum behind it.
//!
//! ```text
//! 1f 8b 08 FLG MTIME×4 XFL OS [extra] [name] [comment] [crc16]  deflate…  CRC32 ISIZE
//! ```
//!
//! **Invariant:** what came out before a break is kept; a break is an issue, not an error, as long as something did.

use miniz_oxide::inflate::{
    TINFLStatus,
    core::{
        DecompressorOxide, decompress, inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    },
};

use super::{Container, ImportError, containers::Budget, crc, session::Session};
use crate::issues::IssueKind;

/// Room for a stream of which nothing is known. Small, because there can be many of them.
const FIRST_ROOM: usize = 4096;

pub(super) const CUT: &str = "the gzip data ends too early";
pub(super) const BROKEN: &str = "the deflate data is broken";

/// All members' bytes.
#[inline(never)]
pub(super) fn unfold(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
) -> Result<Vec<u8>, ImportError> {
    let budget = Budget::new(session, bytes.len());
    let mut out = Vec::new();
    let mut state = Box::<DecompressorOxide>::default();
    let mut at = 0;
    let problem = loop {
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.is_empty() {
            break None;
        }
        let Some(header) = header_len(rest) else {
            // Tape-like padding and rubbish behind the last member are common.
            break match at {
                0 => {
                    at = bytes.len();
                    Some((IssueKind::Truncated, CUT))
                }
                _ if rest.iter().all(|&byte| byte == 0) => None,
                _ => Some((IssueKind::Corrupt, "")),
            };
        };
        let start = out.len();
        let body = rest.get(header..).unwrap_or_default();
        // The last bytes tell the size of the last member; nearly always it is the only one.
        let claimed = match bytes.last_chunk::<4>() {
            Some(size) if at == 0 => u64::from(u32::from_le_bytes(*size)),
            _ => 0,
        };
        let inflated = inflate(&mut state, body, &mut out, claimed, budget);
        at += header + inflated.read;
        match inflated.end {
            End::Whole => {}
            End::Cut => break Some((IssueKind::Truncated, CUT)),
            End::Broken => break Some((IssueKind::Corrupt, BROKEN)),
            End::TooLarge => return Err(budget.error(name, Container::Gzip, at)),
        }
        let trailer = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
        let Some(&[a, b, c, d, ..]) = trailer else {
            at = bytes.len();
            break Some((IssueKind::Truncated, CUT));
        };
        if crc::hash(out.get(start..).unwrap_or_default()) != u32::from_le_bytes([a, b, c, d]) {
            let detail = || "the gzip checksum is wrong".to_owned();
            let issues = &mut session.builder.issues;
            issues.add_with(IssueKind::Corrupt, Some(at as u64), detail);
        }
        at += 8;
    };
    if let Some((kind, problem)) = problem {
        if out.is_empty() {
            return Err(ImportError::Damaged {
                name: name.to_owned(),
                container: Container::Gzip,
                offset: at as u64,
                problem: problem.to_owned(),
            });
        }
        session.container_broken(kind, at as u64, problem.to_owned());
    }
    session.unfolded += out.len() as u64;
    Ok(out)
}

/// How a deflate stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Cut,
    Broken,
    TooLarge,
}

/// What came of a deflate stream.
pub(super) struct Inflated {
    /// How many bytes of it were read.
    pub read: usize,
    pub end: End,
}

/// Appends what the stream holds; `claimed` is a guess at how much that is.
pub(super) fn inflate(
    state: &mut DecompressorOxide,
    body: &[u8],
    out: &mut Vec<u8>,
    claimed: u64,
    budget: Budget,
) -> Inflated {
    state.init();
    // The window may reach back to the stream's own beginning only.
    let start = out.len();
    let most = usize::try_from(budget.most()).unwrap_or(usize::MAX);
    let mut room = budget.start(claimed).max(FIRST_ROOM);
    let (mut read, mut written) = (0, 0);
    let end = loop {
        if out.try_reserve_exact(room).is_err() {
            break End::TooLarge;
        }
        out.resize(out.len() + room, 0);
        let target = out.get_mut(start..).unwrap_or_default();
        let rest = body.get(read..).unwrap_or_default();
        let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, took, gave) = decompress(state, rest, target, written, flags);
        read += took;
        written += gave;
        match status {
            TINFLStatus::Done => break End::Whole,
            TINFLStatus::HasMoreOutput if start + written >= most => break End::TooLarge,
            TINFLStatus::HasMoreOutput => room = (written / 2).max(FIRST_ROOM).min(most - start),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => break End::Cut,
            _ => break End::Broken,
        }
    };
    out.truncate(start + written);
    Inflated { read, end }
}

/// The length of a member's header; `None` when there is none.
pub(super) fn header_len(bytes: &[u8]) -> Option<usize> {
    let &[0x1f, 0x8b, 8, flags, ..] = bytes else {
        return None;
    };
    let mut at = 10;
    if flags & 4 != 0 {
        let &[low, high, ..] = bytes.get(at..)? else {
            return None;
        };
        at += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    Some(at.min(bytes.len()))
}

//! Zstandard: frames one after the other, skippable ones passed over.
//!
//! **Invariant:** what came out before a break is kept; windows larger than the limit are refused.

use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::{Container, ImportError, containers::Budget, session::Session};
use crate::issues::IssueKind;

/// The largest window: what `zstd --long=27` makes.
pub(super) const WINDOW: u64 = 128 << 20;

/// All frames' bytes.
#[inline(never)]
pub(super) fn unfold(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
) -> Result<Vec<u8>, ImportError> {
    let budget = Budget::new(session, bytes.len());
    let mut out = Vec::new();
    let mut rest = bytes;
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(WINDOW);
    while !rest.is_empty() {
        let offset = bytes.len() - rest.len();
        match frame(&mut decoder, &mut rest, &mut out, budget) {
            Ok(()) => {}
            Err(Trouble::TooLarge) => return Err(budget.error(name, Container::Zstd, offset)),
            Err(Trouble::Broken { kind, problem }) => {
                if out.is_empty() {
                    return Err(ImportError::Damaged {
                        name: name.to_owned(),
                        container: Container::Zstd,
                        offset: (bytes.len() - rest.len()) as u64,
                        problem,
                    });
                }
                session.builder.issues.add_with(
                    kind,
                    Some((bytes.len() - rest.len()) as u64),
                    || problem,
                );
                break;
            }
        }
    }
    session.unfolded += out.len() as u64;
    Ok(out)
}

/// Why a frame gives no more.
pub(super) enum Trouble {
    TooLarge,
    Broken { kind: IssueKind, problem: String },
}

/// One frame, appended; `rest` then stands behind it.
fn frame(
    decoder: &mut FrameDecoder,
    rest: &mut &[u8],
    out: &mut Vec<u8>,
    budget: Budget,
) -> Result<(), Trouble> {
    let whole = *rest;
    if let Err(error) = decoder.init(&mut *rest) {
        if let FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
            length,
            ..
        }) = error
        {
            *rest = rest.get(length as usize..).unwrap_or_default();
            return Ok(());
        }
        return Err(trouble(&error, rest.is_empty()));
    }
    // A claim that cannot be met is no reason to give up: the data may be less.
    _ = out.try_reserve_exact(budget.start(decoder.content_size()));
    let most = budget.most();
    while !decoder.is_finished() {
        let decoded = decoder.decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBlocks(8));
        // Writing to a vector does not fail.
        _ = decoder.collect_to_writer(&mut *out);
        if out.len() as u64 > most {
            return Err(Trouble::TooLarge);
        }
        if let Err(error) = decoded {
            // A broken frame gives up what its window still holds.
            if let Some(last) = decoder.collect() {
                out.extend_from_slice(&last);
            }
            return Err(trouble(&error, rest.is_empty()));
        }
    }
    checksum(decoder, (whole.len() - rest.len()) as u64)
}

/// Whether the frame that has just ended, of so many bytes, is what its checksum says.
pub(super) fn checksum(decoder: &FrameDecoder, bytes: u64) -> Result<(), Trouble> {
    match (
        decoder.get_checksum_from_data(),
        decoder.get_calculated_checksum(),
    ) {
        (Some(stored), Some(seen)) if stored != seen => Err(Trouble::Broken {
            kind: IssueKind::Corrupt,
            problem: format!("the zstd checksum of the frame of {bytes} bytes is wrong"),
        }),
        _ => Ok(()),
    }
}

pub(super) fn trouble(error: &FrameDecoderError, at_end: bool) -> Trouble {
    if let FrameDecoderError::WindowSizeTooBig { requested, max } = error {
        return Trouble::Broken {
            kind: IssueKind::TooLarge,
            problem: format!("its window of {requested} bytes is larger than {max}"),
        };
    }
    let (kind, problem) = if at_end {
        (
            IssueKind::Truncated,
            "the zstd data ends too early".to_owned(),
        )
    } else {
        (
            IssueKind::Corrupt,
            format!("the zstd data is broken: {error}"),
        )
    };
    Trouble::Broken { kind, problem }
}

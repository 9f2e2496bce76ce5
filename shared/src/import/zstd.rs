//! Zstandard: frames one after the other, skippable ones passed over.
//!
//! The window is what a frame may look back at, and is held besides what comes out. `zstd --long=30` makes one of 1 GiB, and
//! that is the limit: it has to be one piece of memory with some room to spare, a piece has at most 2 GiB in WebAssembly, all
//! of them 4, and the columns need room too. Above what every decoder has to do, a window is taken only if there is memory
//! for it; asking costs nothing, as memory that is never written to is none.
//!
//! **Invariant:** what came out before a break is kept; windows larger than the limit are refused.

use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::{Container, ImportError, containers::Budget, session::Session};
use crate::issues::IssueKind;

/// The largest window: what `zstd --long=30` makes.
const WINDOW: u64 = 1 << 30;
/// The largest window that is not asked for before: what `zstd --long=27` makes.
const USUAL_WINDOW: u64 = 128 << 20;

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
                let offset = (bytes.len() - rest.len()) as u64;
                session.container_broken(kind, offset, problem);
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
    if let Err(error) = begin(decoder, rest) {
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
            break_off(decoder);
            _ = decoder.collect_to_writer(&mut *out);
            return Err(trouble(&error, rest.is_empty()));
        }
    }
    checksum(decoder, (whole.len() - rest.len()) as u64)
}

/// Begins a frame; `rest` then stands behind its header.
pub(super) fn begin(decoder: &mut FrameDecoder, rest: &mut &[u8]) -> Result<(), FrameDecoderError> {
    let header = *rest;
    decoder.set_max_window_size(USUAL_WINDOW);
    let begun = decoder.init(&mut *rest);
    let Err(FrameDecoderError::WindowSizeTooBig { requested, .. }) = begun else {
        return begun;
    };
    // The decoder takes a power of two and a few blocks, and would end the program if they were not to be had.
    let needed = requested.next_power_of_two() as usize + (1 << 20);
    if requested > WINDOW || Vec::<u8>::new().try_reserve_exact(needed).is_err() {
        let max = WINDOW;
        return Err(FrameDecoderError::WindowSizeTooBig { requested, max });
    }
    decoder.set_max_window_size(WINDOW);
    *rest = header;
    decoder.init(rest)
}

/// Ends a frame that is broken: what its window still holds is good, but only a frame that has ended gives it up.
pub(super) fn break_off(decoder: &mut FrameDecoder) {
    // An empty last block, and a checksum that nobody looks at.
    const LAST: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];
    _ = decoder.decode_blocks(&LAST[..], BlockDecodingStrategy::UptoBlocks(1));
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
            problem: format!(
                "there is no room for its window of {requested} bytes (at most {max})"
            ),
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

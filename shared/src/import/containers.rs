//! Opens what is around the data, again and again, until there is data.
//!
//! **Invariant:** bounded in depth, in size and in the ratio of the two; a container's bytes are freed as soon as they
//! are unfolded. Containers know no trace format.

use super::{
    Container, ImportError, frames, gzip,
    session::Session,
    session::Stage,
    sniff::{self, Looks},
    utf16, values, zip, zstd,
};

/// How many times the limit of one container all of an input may unfold to.
pub(super) const TOGETHER: u64 = 4;

/// Reads `bytes` as whatever they are. `Ok` says that the data was read, not that it held spans.
pub(super) fn open(
    session: &mut Session<'_>,
    name: &str,
    bytes: Vec<u8>,
) -> Result<(), ImportError> {
    session.stage(Stage::Sniff);
    let depth = session.depth();
    let spans_before = session.spans();
    let looks = sniff::looks(&bytes);
    let container = match looks {
        Looks::Gzip => Some(Container::Gzip),
        Looks::Zstd => Some(Container::Zstd),
        Looks::Zip => Some(Container::Zip),
        Looks::Utf16 => Some(Container::Utf16),
        _ => None,
    };
    if let Some(container) = container {
        if depth >= session.limits.depth {
            return Err(ImportError::TooDeep {
                name: name.to_owned(),
                limit: session.limits.depth,
            });
        }
        session.enter(container);
        session.stage(Stage::Decompress);
    }
    let read = match looks {
        Looks::Gzip => gzip::unfold(session, name, &bytes).and_then(|inner| {
            drop(bytes);
            open(session, name, inner)
        }),
        Looks::Zstd => zstd::unfold(session, name, &bytes).and_then(|inner| {
            drop(bytes);
            open(session, name, inner)
        }),
        Looks::Utf16 => {
            let text = utf16::to_utf8(session, &bytes);
            drop(bytes);
            open(session, name, text)
        }
        Looks::Zip => {
            let read = zip::read(session, name, &bytes);
            session.leave(depth);
            return read;
        }
        looks => {
            session.stage(Stage::Parse);
            session.begin_bytes(bytes.len() as u64);
            let read = match looks {
                Looks::Json => values::read(session, name, &bytes),
                Looks::Proto => frames::message(session, name, &bytes, 0),
                Looks::Framed(framing) => frames::read(session, name, &bytes, 0, framing),
                _ => Err(sniff::explain(name, &bytes)),
            };
            session.report(bytes.len() as u64);
            read
        }
    };
    if container.is_none() {
        session.end_source(session.spans() - spans_before);
    }
    session.leave(depth);
    read
}

/// Counts what a decompression gives and stops it when that is implausible.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    input: u64,
    most: u64,
}

impl Budget {
    /// For a container of this many bytes.
    pub fn new(session: &Session<'_>, input: usize) -> Self {
        let limits = session.limits;
        let input = input as u64;
        let plausible = input.saturating_mul(limits.ratio).max(limits.ratio_free);
        // Many containers that are each within bounds are bounded together.
        let left = limits
            .decompressed
            .saturating_mul(TOGETHER)
            .saturating_sub(session.unfolded);
        Self {
            input,
            most: plausible.min(limits.decompressed).min(left),
        }
    }

    /// The most bytes that may come out.
    pub fn most(self) -> u64 {
        self.most
    }

    /// The size to begin with when the container claims to hold `claimed` bytes.
    pub fn start(self, claimed: u64) -> usize {
        // A claim is believed up to twenty times the input; a lie then costs one growth or some spare room.
        let plausible = self.input.saturating_mul(20).max(1 << 16);
        claimed.min(plausible).min(self.most()) as usize
    }

    /// The error when it was too much.
    pub fn error(self, name: &str, container: Container, offset: usize) -> ImportError {
        ImportError::TooLarge {
            name: name.to_owned(),
            container,
            bytes: self.input,
            limit: self.most(),
            offset: offset as u64,
        }
    }
}

//! Reads what arrives: in pieces while it does, if it can be read so, or else when all of it is there.
//!
//! **Invariant:** a byte stands in WebAssembly's memory once, and never as a JavaScript string. What can be read in pieces
//! does not stand there as a whole. What has come of a source that breaks off is read.

use throughline_model::{
    import::{self, ImportError, Imported, Input, Stream},
    store::builder::StoreBuilder,
};
use web_sys::{Blob, ReadableStream};

use super::{Told, chunks::Chunks, now};
use crate::{problem::Problem, protocol::LARGEST_INPUT};

/// So much of an input is gathered before it is decided how to read it.
const BEGINNING: usize = 6 << 20;
/// Smaller inputs are there before anything else would have paid.
const WORTH_IT: u64 = 32 << 20;
/// From here on, and where the length is not known, it is read in pieces: to look for their ends costs a third of the import's
/// speed, which is worth it where the transfer takes longer or the whole would need much memory.
const WORTH_PIECES: u64 = 128 << 20;
/// The same of what is compressed, which unfolds to about ten times as much.
const PACKED_WORTH_PIECES: u64 = 12 << 20;

/// What takes longer to arrive, milliseconds, is read as it does, in small pieces: somebody waits and wants to see what it is.
const PATIENCE: f64 = 1_500.0;
/// So large these pieces are.
const SMALL_PIECES: usize = 64 << 10;

/// Something to read.
pub(super) struct Source {
    /// What a person calls it.
    pub name: String,
    /// Its bytes.
    pub stream: ReadableStream,
    /// How many; 0 where that is not known.
    pub total: u64,
    /// Whether it may stop without a word.
    pub may_stall: bool,
    /// What to say if it breaks off: what happened, and what to do.
    pub broken: (String, &'static str),
}

/// What came of a source.
pub(super) struct Read {
    /// The milliseconds that took which were not spent waiting for bytes.
    pub ms: f64,
    /// Why that is not all of it.
    pub broken: Option<Problem>,
}

/// A file.
pub(super) fn blob(name: &str, blob: &Blob) -> Result<Source, Problem> {
    let total = blob.size() as u64;
    if total == 0 {
        return Err(Problem::new(
            format!("{name} is empty"),
            "The file has no bytes.",
            "Export it again; a download that was cut off leaves an empty file.",
        ));
    }
    let hint = "If it is a folder, drop the files in it instead. If it has changed on the disk since, open it again.";
    Ok(Source {
        name: name.to_owned(),
        stream: blob.stream(),
        total,
        may_stall: false,
        broken: (format!("{name} could not be read"), hint),
    })
}

/// Reads all of a source into the builder, or as much of it as comes.
pub(super) async fn import(
    builder: &mut StoreBuilder,
    told: &mut Told,
    source: Source,
) -> Result<Read, Problem> {
    let chunks = Chunks::of(&source.stream, source.may_stall);
    let read = all(builder, told, &source, &chunks).await;
    let (title, hint) = source.broken;
    match (read, chunks.broken()) {
        (Ok(ms), None) => Ok(Read { ms, broken: None }),
        (Ok(ms), Some(reason)) => {
            let reason = reason.trim_end_matches('.');
            let detail = format!("{reason}. What had come before is shown.");
            let broken = Some(Problem::new(title, detail, hint));
            Ok(Read { ms, broken })
        }
        // What is wrong with a part is wrong because it is one.
        (Err(_), Some(reason)) => Err(Problem::new(title, reason, hint)),
        (Err(Failed::NoMemory(reason)), None) => Err(Problem::new(title, reason, hint)),
        (Err(Failed::Problem(problem)), None) => Err(problem),
    }
}

/// Why nothing came of a source.
enum Failed {
    NoMemory(String),
    Problem(Problem),
}

impl From<String> for Failed {
    fn from(reason: String) -> Self {
        Self::NoMemory(reason)
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

async fn all(
    builder: &mut StoreBuilder,
    told: &mut Told,
    source: &Source,
    chunks: &Chunks,
) -> Result<f64, Failed> {
    let (name, total) = (&source.name, source.total);
    let mut bytes = Vec::new();
    // The first of them say whether it is compressed.
    let begun = now();
    let mut ended = gather(chunks, &mut bytes, (1, f64::INFINITY), total, told).await?;
    let worth_pieces = match is_packed(&bytes) {
        true => PACKED_WORTH_PIECES,
        false => WORTH_PIECES,
    };
    let as_whole = total > 0 && total < worth_pieces;
    if !ended {
        let enough = if as_whole && total < WORTH_IT {
            usize::MAX
        } else {
            BEGINNING
        };
        // Memory that grows later leaves a hole behind.
        let room = if as_whole { total as usize } else { BEGINNING };
        let more = room.saturating_sub(bytes.len());
        reserve(&mut bytes, more)?;
        let until = begun + PATIENCE;
        ended = gather(chunks, &mut bytes, (enough, until), total, told).await?;
    }
    let slow = now() - begun > PATIENCE;
    if ended {
        if bytes.is_empty() {
            return Err(Failed::Problem(Problem::new(
                format!("{name} is empty"),
                "The answer has no bytes.",
                "Check the address.",
            )));
        }
        return Ok(whole(builder, told, name, bytes)?);
    }
    let mut busy = Busy::default();
    let begun = if as_whole && !slow {
        Err(bytes)
    } else {
        busy.with(|| Stream::begin(builder, told, name, total, bytes))
    };
    let begun = begun.map(|stream| match slow {
        true => stream.with_pieces_of(SMALL_PIECES),
        false => stream,
    });
    match begun {
        Ok(stream) => {
            let imported = in_pieces(chunks, stream, &mut busy).await?;
            imported.map_err(|error| not_opened(name, &error))?;
            Ok(busy.ms)
        }
        Err(mut bytes) => {
            if total > LARGEST_INPUT {
                return Err(Failed::Problem(too_large(name, total)));
            }
            super::warm_up(&bytes);
            let rest = (total as usize).saturating_sub(bytes.len());
            reserve(&mut bytes, rest)?;
            let all = (usize::MAX, f64::INFINITY);
            gather(chunks, &mut bytes, all, total, told).await?;
            Ok(whole(builder, told, name, bytes)?)
        }
    }
}

/// Whether it is gzip or zstd, and so larger than it looks.
fn is_packed(beginning: &[u8]) -> bool {
    matches!(beginning, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..])
}

/// What arrives is read at once. The outer error says that there is no memory, the inner one is of the import.
async fn in_pieces(
    chunks: &Chunks,
    mut stream: Stream<'_>,
    busy: &mut Busy,
) -> Result<Result<Imported, ImportError>, String> {
    while let Some(chunk) = chunks.next().await {
        let length = chunk.length() as usize;
        if (stream.held() + length) as u64 > LARGEST_INPUT {
            chunks.cancel();
            return Err(no_memory((stream.held() + length) as u64));
        }
        busy.with(|| stream.push(length, |room| chunk.copy_to(room)))
            .map_err(|_| no_memory((stream.held() + length) as u64))?;
    }
    Ok(busy.with(|| stream.finish()))
}

/// Reads what is there as a whole.
fn whole(
    builder: &mut StoreBuilder,
    told: &mut Told,
    name: &str,
    bytes: Vec<u8>,
) -> Result<f64, Problem> {
    let started = now();
    let input = Input {
        name: name.to_owned(),
        bytes,
    };
    import::import(builder, input, told).map_err(|error| not_opened(name, &error))?;
    Ok(now() - started)
}

fn not_opened(name: &str, error: &ImportError) -> Problem {
    Problem::new(
        format!("{name} could not be opened"),
        error.to_string(),
        error.hint(),
    )
}

/// Gathers until there are `enough` bytes or it is so late; true when there are no more.
async fn gather(
    chunks: &Chunks,
    bytes: &mut Vec<u8>,
    (enough, until): (usize, f64),
    total: u64,
    told: &mut Told,
) -> Result<bool, String> {
    while bytes.len() < enough && now() < until {
        let Some(chunk) = chunks.next().await else {
            return Ok(true);
        };
        let (start, length) = (bytes.len(), chunk.length() as usize);
        if (start + length) as u64 > LARGEST_INPUT {
            chunks.cancel();
            return Err(no_memory((start + length) as u64));
        }
        reserve(bytes, length)?;
        bytes.resize(start + length, 0);
        chunk.copy_to(&mut bytes[start..]);
        told.arrived(bytes.len() as u64, total);
    }
    Ok(false)
}

/// Counts the time that is spent at work.
#[derive(Default)]
struct Busy {
    ms: f64,
}

impl Busy {
    fn with<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let started = now();
        let done = work();
        self.ms += now() - started;
        done
    }
}

/// Room for so many more, and no more than that. A length can be a lie: what is really there grows the rest.
fn reserve(bytes: &mut Vec<u8>, more: usize) -> Result<(), String> {
    let more = more.min(LARGEST_INPUT as usize);
    if bytes.capacity() - bytes.len() >= more {
        return Ok(());
    }
    let exact = bytes.is_empty() || more > bytes.len();
    let reserved = if exact {
        bytes.try_reserve_exact(more)
    } else {
        bytes.try_reserve(more)
    };
    reserved.map_err(|_| no_memory((bytes.len() + more) as u64))
}

fn no_memory(bytes: u64) -> String {
    format!("The browser has no memory for {} MB.", bytes / 1_000_000)
}

fn too_large(name: &str, size: u64) -> Problem {
    Problem::new(
        format!("{name} is too large to open"),
        format!(
            "It has {} GB; a browser tab can read up to {} GB at once.",
            gb(size),
            gb(LARGEST_INPUT)
        ),
        "Split it into several files (JSON lines split at any line), or export fewer traces.",
    )
}

/// With one decimal. In whole numbers: printing a float would bring ten kilobytes of code.
fn gb(bytes: u64) -> String {
    let tenths = bytes.saturating_add(50_000_000) / 100_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

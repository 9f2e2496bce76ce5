//! Reads what arrives: in pieces while it does, if it can be read so, or else when all of it is there.
//!
//! **Invariant:** a byte stands in WebAssembly's memory once, and never as a JavaScript string. What can be read in pieces
//! does not stand there as a whole.

use js_sys::{Reflect, Uint8Array};
use throughline_model::{
    import::{self, ImportError, Imported, Input, Stream},
    store::builder::StoreBuilder,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStream, ReadableStreamDefaultReader};

use super::{Told, message, now};
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

/// Something to read.
pub(super) struct Source {
    /// What a person calls it.
    pub name: String,
    /// Its bytes.
    pub stream: ReadableStream,
    /// How many; 0 where that is not known.
    pub total: u64,
    /// What to say if it breaks off: what happened, and what to do.
    pub broken: (String, &'static str),
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
        broken: (format!("{name} could not be read"), hint),
    })
}

/// Reads all of a source into the builder. Gives the milliseconds that took which were not spent waiting for bytes.
pub(super) async fn import(
    builder: &mut StoreBuilder,
    told: &mut Told,
    source: Source,
) -> Result<f64, Problem> {
    let Source {
        name,
        stream,
        total,
        broken,
    } = source;
    let broken = |reason: String| Problem::new(broken.0.clone(), reason, broken.1);
    let chunks = Chunks(stream.get_reader().unchecked_into());
    let mut bytes = Vec::new();
    // The first of them say whether it is compressed.
    let mut ended = gather(&chunks, &mut bytes, 1, total, told)
        .await
        .map_err(&broken)?;
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
        reserve(&mut bytes, more).map_err(&broken)?;
        ended = gather(&chunks, &mut bytes, enough, total, told)
            .await
            .map_err(&broken)?;
    }
    if ended {
        if bytes.is_empty() {
            return Err(Problem::new(
                format!("{name} is empty"),
                "The answer has no bytes.",
                "Check the address.",
            ));
        }
        return whole(builder, told, name, bytes);
    }
    let mut busy = Busy::default();
    let begun = if as_whole {
        Err(bytes)
    } else {
        busy.with(|| Stream::begin(builder, told, &name, total, bytes))
    };
    match begun {
        Ok(stream) => {
            let imported = in_pieces(&chunks, stream, &mut busy)
                .await
                .map_err(broken)?;
            imported.map_err(|error| not_opened(&name, &error))?;
            Ok(busy.ms)
        }
        Err(mut bytes) => {
            if total > LARGEST_INPUT {
                return Err(too_large(&name, total));
            }
            super::warm_up(&bytes);
            let rest = (total as usize).saturating_sub(bytes.len());
            reserve(&mut bytes, rest).map_err(&broken)?;
            gather(&chunks, &mut bytes, usize::MAX, total, told)
                .await
                .map_err(&broken)?;
            whole(builder, told, name, bytes)
        }
    }
}

/// Whether it is gzip or zstd, and so larger than it looks.
fn is_packed(beginning: &[u8]) -> bool {
    matches!(beginning, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..])
}

/// What arrives is read at once. The outer error is of the arrival, the inner one of the import.
async fn in_pieces(
    chunks: &Chunks,
    mut stream: Stream<'_>,
    busy: &mut Busy,
) -> Result<Result<Imported, ImportError>, String> {
    while let Some(chunk) = chunks.next().await? {
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
    name: String,
    bytes: Vec<u8>,
) -> Result<f64, Problem> {
    let started = now();
    let shown = name.clone();
    import::import(builder, Input { name, bytes }, told)
        .map_err(|error| not_opened(&shown, &error))?;
    Ok(now() - started)
}

fn not_opened(name: &str, error: &ImportError) -> Problem {
    Problem::new(
        format!("{name} could not be opened"),
        error.to_string(),
        error.hint(),
    )
}

/// Gathers until there are `enough` bytes; true when there are no more.
async fn gather(
    chunks: &Chunks,
    bytes: &mut Vec<u8>,
    enough: usize,
    total: u64,
    told: &mut Told,
) -> Result<bool, String> {
    while bytes.len() < enough {
        let Some(chunk) = chunks.next().await? else {
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

/// The pieces that a browser gives.
struct Chunks(ReadableStreamDefaultReader);

impl Chunks {
    async fn next(&self) -> Result<Option<Uint8Array>, String> {
        let piece = JsFuture::from(self.0.read())
            .await
            .map_err(|error| message(&error))?;
        if Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(None);
        }
        let value = Reflect::get(&piece, &"value".into()).map_err(|error| message(&error))?;
        Ok(Some(value.unchecked_into()))
    }

    fn cancel(&self) {
        drop(self.0.cancel());
    }
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

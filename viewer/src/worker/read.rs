//! From a blob or a response to bytes, piece by piece, with progress.
//!
//! **Invariant:** the bytes stand in WebAssembly's memory once, and never as a JavaScript string.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStream, ReadableStreamDefaultReader};

use super::{message, now, progress};
use crate::{problem::Problem, protocol::LARGEST_INPUT};

/// All bytes of a file.
pub(super) async fn blob(name: &str, blob: &Blob) -> Result<Vec<u8>, Problem> {
    let size = blob.size() as u64;
    if size > LARGEST_INPUT {
        return Err(too_large(name, size));
    }
    if size == 0 {
        return Err(Problem::new(
            format!("{name} is empty"),
            "The file has no bytes.",
            "Export it again; a download that was cut off leaves an empty file.",
        ));
    }
    stream(name, blob.stream(), size).await.map_err(|reason| {
        Problem::new(
            format!("{name} could not be read"),
            reason,
            "If it is a folder, drop the files in it instead. If it has changed on the disk since, open it again.",
        )
    })
}

/// So much of an input is imported in vain while the rest is on its way; see [`super::warm_up`].
const WARMING: usize = 6 << 20;
/// Smaller inputs are read before that would have paid.
const WORTH_WARMING: u64 = 32 << 20;

/// All bytes of a stream; `total` is 0 where the length is not known.
pub(super) async fn stream(
    name: &str,
    stream: ReadableStream,
    total: u64,
) -> Result<Vec<u8>, String> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    // A length can be a lie: what is really there grows the rest.
    bytes
        .try_reserve_exact(total.min(LARGEST_INPUT) as usize)
        .map_err(|_| no_memory(total))?;
    let (mut last, mut warm) = (0.0, total > 0 && total < WORTH_WARMING);
    loop {
        let piece = JsFuture::from(reader.read())
            .await
            .map_err(|error| message(&error))?;
        if Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(bytes);
        }
        let value = Reflect::get(&piece, &"value".into()).map_err(|error| message(&error))?;
        let chunk: Uint8Array = value.unchecked_into();
        let (start, length) = (bytes.len(), chunk.length() as usize);
        if (start + length) as u64 > LARGEST_INPUT {
            drop(reader.cancel());
            return Err(too_large(name, (start + length) as u64).detail);
        }
        bytes
            .try_reserve(length)
            .map_err(|_| no_memory((start + length) as u64))?;
        bytes.resize(start + length, 0);
        chunk.copy_to(&mut bytes[start..]);
        if !warm && bytes.len() >= WARMING {
            warm = true;
            super::warm_up(&bytes);
        }
        if now() - last > 50.0 {
            last = now();
            progress("reading", bytes.len() as u64, total, 0);
        }
    }
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

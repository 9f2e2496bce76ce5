//! Importing in one line.
//!
//! **Invariant:** goes through the one public entry, as the viewer's worker does.

use throughline_model::{
    import::{self, ImportError, Imported, Input, Silent, Stream},
    store::{TraceStore, builder::StoreBuilder},
};

/// Imports several inputs into one store, with what each of them gave.
pub fn read_all<'a>(
    inputs: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> (TraceStore, Vec<Result<Imported, ImportError>>) {
    let mut builder = StoreBuilder::new();
    let read = inputs.into_iter().map(|(name, bytes)| {
        let input = Input {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        };
        import::import(&mut builder, input, &mut Silent)
    });
    let read = read.collect();
    (builder.finish(), read)
}

/// Imports one input whose name says nothing.
pub fn read(bytes: &[u8]) -> (TraceStore, Result<Imported, ImportError>) {
    let (store, mut read) = read_all([("input", bytes)]);
    (store, read.remove(0))
}

/// As [`read`], the bytes coming `step` by `step` and read in pieces as small as can be; `None` for what can be read only as
/// a whole.
pub fn read_arriving(
    bytes: &[u8],
    step: usize,
) -> Option<(TraceStore, Result<Imported, ImportError>)> {
    let mut builder = StoreBuilder::new();
    let (mut silent, total) = (Silent, bytes.len() as u64);
    // So much is there in a browser before it is decided.
    let (begun, rest) = bytes.split_at(bytes.len().min(step.max(1_000)));
    let stream = Stream::begin(&mut builder, &mut silent, "input", total, begun.to_vec());
    let mut stream = stream.ok()?.with_pieces_of(1);
    for chunk in rest.chunks(step) {
        let pushed = stream.push(chunk.len(), |room| room.copy_from_slice(chunk));
        pushed.expect("memory for a test file");
    }
    let read = stream.finish();
    Some((builder.finish(), read))
}

/// How often each kind of issue occurred, by its stable name.
pub fn issues(store: &TraceStore) -> Vec<(String, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for issue in store.issues().iter() {
        let name = serde_json::to_value(issue.kind).ok();
        let name = name
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default();
        *counts.entry(name).or_insert(0) += issue.count;
    }
    counts.into_iter().collect()
}

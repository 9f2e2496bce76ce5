//! Importing in one line.
//!
//! **Invariant:** goes through the one public entry, as the viewer's worker does.

use throughline_model::{
    import::{self, ImportError, Imported, Input, Silent},
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

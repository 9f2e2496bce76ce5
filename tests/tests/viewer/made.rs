//! The trace that most tests look at: made up, large enough to scroll, the same on every run.

use throughline_model::store::TraceStore;
use throughline_tests::{
    browser::Page,
    read,
    synth::{self, Options},
};

/// What to find: some spans' names have it, most do not.
pub const FIND: &str = "SELECT";
/// Its name as a file.
pub const NAME: &str = "made.json";
/// How many spans it has.
pub const SPANS: u64 = 400;

/// The file.
pub fn bytes() -> Vec<u8> {
    let options = Options {
        spans: SPANS as usize,
        services: 8,
        levels: 6,
        ..Options::default()
    };
    synth::otlp_json(options)
}

/// What the native importer makes of it.
pub fn store() -> TraceStore {
    read::read(&bytes()).0
}

/// Opens it as `?url=…` and waits for its rows.
#[track_caller]
pub fn open(page: &Page<'_>) {
    let state = page.open_bytes(NAME, &bytes());
    assert_eq!(
        (&state["rows"], &state["view"]),
        (&SPANS.into(), &"waterfall".into())
    );
    page.first_rows();
}

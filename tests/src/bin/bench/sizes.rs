//! What is transferred.
//!
//! **Invariant:** with brotli, as a static host sends it.

use throughline_tests::{
    places,
    sizes::{self, Size},
};

use crate::table::{Goal, Table};

pub fn measure(table: &mut Table) {
    let files = sizes::of(&places::dist());
    let sum = |files: &[&Size]| files.iter().map(|file| file.brotli).sum::<u64>() as f64 / 1024.0;
    table.number(
        "viewer, a first visit, transferred",
        sum(&sizes::first_visit(&files)),
        "KiB",
        Goal::AtMost(300.0),
    );
    let viewer = sizes::viewer(&files);
    table.number("viewer, all, transferred", sum(&viewer), "KiB", Goal::None);
    for file in viewer {
        table.number(&format!("  {}", file.name), sum(&[file]), "KiB", Goal::None);
    }
    table.number(
        "script tag, transferred",
        sum(&sizes::rum(&files)),
        "KiB",
        Goal::AtMost(12.0),
    );
}

//! What a first visit costs, and what the script tag costs the page that has it: transferred, with brotli.

use throughline_tests::{
    places,
    sizes::{self, Size},
};

/// A first visit: page, styles, script, the first part of the wasm, and the sample. The goal is 300 KiB; this holds what is.
/// See docs/decisions/2026-11-21-viewer-size.md.
const FIRST_VISIT: u64 = 296 << 10;
/// All of the viewer, with what is loaded when it is first called.
const VIEWER: u64 = 655 << 10;
/// The script tag, wasm included.
const RUM: u64 = 12 << 10;
/// The script tag that can do everything.
const RUM_FULL: u64 = 19 << 10;

fn check(test: &str, wanted: impl Fn(&[Size]) -> Vec<&Size>, kinds: &[&str], most: u64) {
    let Some(dist) = places::dist_or_skip(test) else {
        return;
    };
    let files = sizes::of(&dist);
    if sizes::is_dev(&files) {
        places::skip(test, "the site is a dev build, whose sizes say nothing");
        return;
    }
    let files = wanted(&files);
    for kind in kinds {
        let there = files.iter().any(|file| file.name.ends_with(kind));
        assert!(there, "no {kind} among {files:?}");
    }
    let sum: u64 = files.iter().map(|file| file.brotli).sum();
    assert!(sum <= most, "{sum} bytes are more than {most}: {files:#?}");
}

const KINDS: [&str; 5] = [
    "index.html",
    ".css",
    ".js",
    "_bg.wasm",
    "samples/checkout.json",
];

#[test]
fn a_first_visit_is_small() {
    check(
        "a_first_visit_is_small",
        sizes::first_visit,
        &KINDS,
        FIRST_VISIT,
    );
}

#[test]
fn the_viewer_is_small() {
    let later = [KINDS.as_slice(), &["_later.wasm"]].concat();
    check("the_viewer_is_small", sizes::viewer, &later, VIEWER);
}

#[test]
fn the_script_tag_is_small() {
    check(
        "the_script_tag_is_small",
        sizes::rum,
        &["throughline.js"],
        RUM,
    );
}

fn full_script(files: &[Size]) -> Vec<&Size> {
    let named = |file: &&Size| file.name == "rum/throughline-full.js";
    files.iter().filter(named).collect()
}

#[test]
fn the_full_script_tag_is_small() {
    check(
        "the_full_script_tag_is_small",
        full_script,
        &["throughline-full.js"],
        RUM_FULL,
    );
}

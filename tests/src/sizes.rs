//! How large the files of a built site are, raw and as a static host transfers them.
//!
//! **Invariant:** compression is node's own brotli at its best level; nothing is judged here.

use std::{path::Path, process::Command};

use crate::places;

/// A file, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Path below the site.
    pub name: String,
    /// As it is.
    pub raw: u64,
    /// With brotli.
    pub brotli: u64,
}

/// No release build has wasm as large as this, every dev build has.
const DEV_WASM: u64 = 4 << 20;

/// What the later part of the viewer's program ends with.
const LATER: &str = "_later.wasm";

const SCRIPT: &str = "
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const walk = (dir, under) => {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name), name = under + entry.name;
    if (entry.isDirectory()) { walk(file, name + '/'); continue; }
    const bytes = fs.readFileSync(file);
    // What is too large to be a release is not worth the time.
    const quality = bytes.length > Number(process.argv[2]) ? 1 : 11;
    const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: quality };
    console.log([name, bytes.length, zlib.brotliCompressSync(bytes, { params }).length].join('\\t'));
  }
};
walk(process.argv[1], '');
";

/// All files of a built site.
///
/// # Panics
/// When node is not there, or cannot read the site.
pub fn of(dist: &Path) -> Vec<Size> {
    let mut node = Command::new(places::needed("THROUGHLINE_NODE"));
    node.args(["-e", SCRIPT])
        .arg(dist)
        .arg(DEV_WASM.to_string());
    let printed = node.output().expect("node");
    let errors = String::from_utf8_lossy(&printed.stderr);
    assert!(printed.status.success(), "{errors}");
    let printed = String::from_utf8_lossy(&printed.stdout);
    printed.lines().filter_map(size).collect()
}

fn size(line: &str) -> Option<Size> {
    let mut columns = line.split('\t');
    Some(Size {
        name: columns.next()?.to_owned(),
        raw: columns.next()?.parse().ok()?,
        brotli: columns.next()?.parse().ok()?,
    })
}

/// Whether the site was built to be quick to build: its sizes and times say nothing then.
pub fn is_dev(files: &[Size]) -> bool {
    files
        .iter()
        .any(|file| file.name.ends_with(".wasm") && file.raw > DEV_WASM)
}

/// What a first visit of the viewer transfers that opens the sample.
pub fn first_visit(files: &[Size]) -> Vec<&Size> {
    let mut files = viewer(files);
    files.retain(|file| !file.name.ends_with(LATER));
    files
}

/// All of the viewer.
pub fn viewer(files: &[Size]) -> Vec<&Size> {
    files
        .iter()
        .filter(|file| !file.name.starts_with("rum/"))
        .collect()
}

/// The script tag, wasm included.
pub fn rum(files: &[Size]) -> Vec<&Size> {
    files
        .iter()
        .filter(|file| file.name == "rum/throughline.js")
        .collect()
}

//! `wasm-pack build rum --target web`: whoever wants the core alone, with glue, gets it that way.
//!
//! **Invariant:** built as by hand, but for where it goes.

use std::process::Command;

use throughline_tests::{browser::Guard, files, places};

/// Starts the core in node, and asks how many spans it has begun before and after one.
const TRY: &str = "
import { readFileSync } from 'node:fs';
import { initSync, call, reserve, output } from './throughline_rum.js';
const { memory } = initSync({ module: readFileSync('./throughline_rum_bg.wasm') });
const text = (words) => {
    const bytes = new TextEncoder().encode(words);
    const at = reserve(bytes.length);
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
    return bytes.length;
};
const begun = () => call(14, 0, 0, 0, 0);
call(0, 1, 2, 3, 0);
call(1, 1, 0, 1e12, text('service.name\\0packed'));
const before = begun();
const handle = call(2, 0, 0, 5, text('work\\0\\0'));
console.log(before, begun(), handle > 0, output() > 0);
";

#[test]
fn the_core_is_a_crate_for_wasm_pack() {
    if places::dist_or_skip("the_core_is_a_crate_for_wasm_pack").is_none() {
        return;
    }
    let guard = Guard::new("wasm-pack");
    let mut pack = Command::new(places::needed("THROUGHLINE_WASM_PACK"));
    pack.args([
        "--quiet",
        "build",
        "rum",
        "--mode",
        "no-install",
        "--target",
        "web",
        "--out-dir",
    ]);
    pack.arg(guard.folder()).current_dir(files::root());
    // Without optimisation: that is for the script's own build.
    pack.args(["--dev"])
        .env("PATH", places::needed("THROUGHLINE_TOOLS"));
    let packed = pack.output().expect("wasm-pack");
    let said = String::from_utf8_lossy(&packed.stderr);
    assert!(packed.status.success(), "{said}");
    for file in ["package.json", "throughline_rum.d.ts"] {
        assert!(guard.folder().join(file).is_file(), "{file}");
    }
    let mut node = Command::new(places::needed("THROUGHLINE_NODE"));
    node.args(["--input-type=module", "-e", TRY]);
    let tried = node.current_dir(guard.folder()).output().expect("node");
    let said = String::from_utf8_lossy(&tried.stderr);
    assert!(tried.status.success(), "{said}");
    assert_eq!(
        String::from_utf8_lossy(&tried.stdout),
        "0 1 true true\n",
        "{said}"
    );
}

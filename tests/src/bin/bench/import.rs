//! Import in the worker against `JSON.parse` of the same bytes on the same page, and what it takes of memory.
//!
//! **Invariant:** `JSON.parse` gets a string that is already there; the import starts from bytes and ends with the
//! packed columns.

use serde_json::{Value, json};

use crate::{
    FILE, Rig, median,
    table::{Goal, Table},
};

/// Stands before the worker's script: tells how large its WebAssembly memory is whenever it says anything. That
/// memory never shrinks, so what it tells last is the most there was.
const TELL_MEMORY: &str = "{
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const real = WebAssembly[name];
        WebAssembly[name] = async (...args) => {
            const made = await real.apply(WebAssembly, args);
            self.benchMemory = (made.instance ?? made).exports.memory;
            return made;
        };
    }
    const channel = new BroadcastChannel('throughline-bench');
    const post = self.postMessage.bind(self);
    self.postMessage = (message, transfer) => {
        const memory = self.benchMemory?.buffer.byteLength ?? 0;
        channel.postMessage({ memory, image: message?.[1]?.byteLength ?? 0 });
        return post(message, transfer);
    };
}
";

const PARSE: &str = "const text = await (await fetch('/files/trace.json')).text();
    const begin = performance.now();
    const value = JSON.parse(text);
    const end = performance.now();
    return [end - begin, Object.keys(value).length]";

const DECODE_AND_PARSE: &str =
    "const bytes = await (await fetch('/files/trace.json')).arrayBuffer();
    const begin = performance.now();
    const value = JSON.parse(new TextDecoder().decode(bytes));
    const end = performance.now();
    return [end - begin, Object.keys(value).length]";

pub fn measure(rig: &Rig, table: &mut Table) {
    let (mut import, mut parse, mut decode) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rig.runs {
        let page = rig.page();
        page.open(&format!("?url=/files/{FILE}"));
        page.wait_for("the trace is open", |state| state["phase"] == "ready");
        let measured = page.measure("throughline.import");
        assert_eq!(measured["detail"]["spans"], rig.spans);
        import.push(measured["duration"].as_f64().unwrap_or(f64::NAN));
        let timed = |script: &str| {
            rig.session.js_async(script, &[])[0]
                .as_f64()
                .unwrap_or(f64::NAN)
        };
        parse.push(timed(PARSE));
        decode.push(timed(DECODE_AND_PARSE));
    }
    let speed = |times: &[f64]| rig.megabytes() / median(times) * 1_000.0;
    let ours = speed(&import);
    table.against(
        "import, bytes to columns",
        ours,
        "MB/s",
        speed(&parse),
        "JSON.parse of a string",
        Goal::AtLeast(2.0),
    );
    table.against(
        "",
        ours,
        "MB/s",
        speed(&decode),
        "decoding and JSON.parse",
        Goal::None,
    );
    memory(rig, table);
}

fn memory(rig: &Rig, table: &mut Table) {
    let page = rig.page();
    page.site.before_worker(TELL_MEMORY);
    page.open("");
    page.js("window.told = [];
         window.channel = new BroadcastChannel('throughline-bench');
         window.channel.onmessage = (event) => window.told.push(event.data);");
    rig.session.js(
        "location.hash = arguments[0]",
        &[json!(format!("v=1&url=/files/{FILE}"))],
    );
    page.wait_for("the trace is open", |state| state["phase"] == "ready");
    let told = page.until("the worker tells its memory", || {
        let told = page.js("return window.told");
        let last = told
            .as_array()?
            .iter()
            .rev()
            .find(|told| told["image"].as_u64() > Some(0));
        last.cloned()
    });
    let megabytes = |value: &Value| value.as_f64().unwrap_or(f64::NAN) / 1e6;
    let (wasm, image) = (megabytes(&told["memory"]), megabytes(&told["image"]));
    table.against(
        "peak of the worker's WebAssembly memory",
        wasm,
        "MB",
        rig.megabytes(),
        "of input",
        Goal::AtMost(1.4),
    );
    table.against(
        "  and the packed columns beside it",
        wasm + image,
        "MB",
        rig.megabytes(),
        "of input",
        Goal::None,
    );
}

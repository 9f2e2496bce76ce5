//! What a library costs: to start, while the page loads, and for each request.
//!
//! **Invariant:** processor time is the browser's own count of the page's main thread.

use serde_json::json;

use super::{
    Columns,
    peers::{LIBRARIES, Rig, count, metrics, number},
    persist, rest, session,
};

type Values = Vec<Vec<f64>>;

fn nothing() -> Values {
    vec![Vec::new(); LIBRARIES.len()]
}

/// From the script's text to a library that runs; then what the first request waits for, as some is left until then.
const START: &str = "const text = await (await fetch(args[0])).text();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const script = document.createElement('script');
    script.textContent = text;
    script.dataset.collector = window.COLLECTOR;
    const begin = performance.now();
    document.head.append(script);
    const started = performance.now();
    const first = fetch('/echo?first');
    const asked = performance.now();
    await first;
    return [started - begin, asked - started]";

pub fn start(rig: &Rig, runs: usize, table: &mut Columns) {
    let (mut times, mut first) = (nothing(), nothing());
    for _ in 0..runs {
        for (at, library) in LIBRARIES
            .iter()
            .enumerate()
            .filter(|(_, library)| !library.script.is_empty())
        {
            let time = persist(|| {
                let session = session();
                session.go(&rig.named("bare"));
                rest(300);
                session.js_async(START, &[json!(library.script)])
            });
            times[at].push(number(&time[0]));
            first[at].push(number(&time[1]));
        }
    }
    table.row("compile, evaluate, start, ms", &times, 1, Some(4.0));
    table.row("  and in the first call of fetch, ms", &first, 1, None);
}

/// In one warm browser, where the library's script has an address that no code is kept for.
pub fn load(rig: &Rig, runs: usize, table: &mut Columns) {
    let (mut task, mut heap) = (nothing(), nothing());
    for run in 0..runs {
        let visits = persist(|| loads(rig, run));
        for (at, (time, size)) in visits.into_iter().enumerate() {
            task[at].push(time);
            heap[at].push(size);
        }
        for values in [&mut task, &mut heap] {
            let none = values[0].last().copied().unwrap_or(f64::NAN);
            for values in values.iter_mut().skip(1) {
                if let Some(value) = values.last_mut() {
                    *value -= none;
                }
            }
        }
    }
    table.row(
        "page load: task time, ms (others: added)",
        &task,
        1,
        Some(4.0),
    );
    table.row("page load: heap, kB (others: added)", &heap, 0, Some(120.0));
}

/// The task time, in milliseconds, and the heap, in kB, of a visit with each library.
fn loads(rig: &Rig, run: usize) -> Vec<(f64, f64)> {
    let session = session();
    for _ in 0..3 {
        session.go(&rig.url(0));
    }
    rest(1_000);
    let visit = |at| {
        rig.own.say("run", &format!("{run}-{at}"));
        session.close_tabs();
        session.new_tab();
        count(&session);
        session.go(&rig.url(at));
        rest(3_000);
        let time = metrics(&session)("TaskDuration") * 1e3;
        session.cdp("HeapProfiler.collectGarbage", &json!({}));
        (time, metrics(&session)("JSHeapUsedSize") / 1e3)
    };
    (0..LIBRARIES.len()).map(visit).collect()
}

const SEQUENTIAL: &str = "const times = [];
    for (let i = 0; i < args[0]; i++) {
        const begin = performance.now();
        await (await fetch(`/echo?${args[1]}-${i}`)).text();
        times.push(performance.now() - begin);
    }
    // The clock's steps are a tenth of what a request takes: not the one in the middle, but the mean of the middle half.
    const middle = times.sort((a, b) => a - b).slice(times.length >> 2, -times.length >> 2);
    return middle.reduce((sum, time) => sum + time) / middle.length";

const CONCURRENT: &str = "await Promise.all(Array.from({ length: 1000 }, async (_, i) => (await fetch(`/echo?all-${i}`)).text()))";

/// Until a library has sent what it has: some do so every five seconds, we every second.
fn sent(library: usize) {
    let ours = LIBRARIES[library].script.starts_with("throughline");
    rest(if library == 0 || ours { 2_500 } else { 6_000 });
}

const REQUESTS: usize = 300;

/// What requests of a page with a library took.
struct Asked {
    /// Processor time of one of many in turn, in microseconds.
    cpu: f64,
    /// How long such a one takes, in milliseconds.
    middle: f64,
    /// Processor time of a thousand at once, in microseconds.
    together: f64,
    /// What the collector was sent of those in turn: bytes, and of how many it was told.
    bytes: usize,
    spans: usize,
}

fn ask(rig: &Rig, at: usize) -> Asked {
    let session = session();
    count(&session);
    session.go(&rig.url(at));
    session.js_async(SEQUENTIAL, &[json!(50), json!("warm")]);
    sent(at);
    rig.collectors[at].asked();
    let task = || metrics(&session)("TaskDuration") * 1e6;
    let begin = task();
    let middle = number(&session.js_async(SEQUENTIAL, &[json!(REQUESTS), json!("seq")]));
    sent(at);
    let between = task();
    let (bytes, spans) = rig.arrived(at, "/echo?seq-");
    session.js_async(CONCURRENT, &[]);
    sent(at);
    Asked {
        cpu: (between - begin) / REQUESTS as f64,
        middle,
        together: task() - between,
        bytes,
        spans,
    }
}

pub fn requests(rig: &Rig, runs: usize, table: &mut Columns) {
    let (mut added, mut latency, mut all, mut wire) = (nothing(), nothing(), nothing(), nothing());
    let mut arrived = nothing();
    for _ in 0..runs {
        let (mut cpu_none, mut latency_none, mut all_none) = (0.0, 0.0, 0.0);
        for at in 0..LIBRARIES.len() {
            let Asked {
                cpu,
                middle,
                together,
                bytes,
                spans,
            } = persist(|| ask(rig, at));
            if at == 0 {
                (cpu_none, latency_none, all_none) = (cpu, middle, together);
                added[at].push(cpu);
                continue;
            }
            added[at].push(cpu - cpu_none);
            latency[at].push(middle / latency_none);
            all[at].push(together / all_none);
            wire[at].push(bytes as f64 / spans.max(1) as f64);
            arrived[at].push(spans as f64);
        }
    }
    table.row(
        "CPU a request, one by one, µs (others: added)",
        &added,
        0,
        Some(200.0),
    );
    table.row("latency, ratio", &latency, 2, Some(1.05));
    table.row("1,000 requests at once, CPU, ratio", &all, 2, Some(1.25));
    table.row("  of 300 requests have arrived", &arrived, 0, None);
    table.row("bytes on the wire a span of fetch", &wire, 0, Some(150.0));
}

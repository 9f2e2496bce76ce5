//! What a library costs: to start, while the page loads, and for each request.
//!
//! **Invariant:** processor time is the browser's own count of the page's main thread.

use serde_json::json;

use super::{
    Columns,
    peers::{LIBRARIES, Rig, count, metrics, number},
    rest, session,
};

type Values = Vec<Vec<f64>>;

fn nothing() -> Values {
    vec![Vec::new(); LIBRARIES.len()]
}

/// From the script's text to a library that runs.
const START: &str = "const text = await (await fetch(args[0])).text();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const script = document.createElement('script');
    script.textContent = text;
    script.dataset.collector = window.COLLECTOR;
    const begin = performance.now();
    document.head.append(script);
    return performance.now() - begin";

pub fn start(rig: &Rig, runs: usize, table: &mut Columns) {
    let mut times = nothing();
    for _ in 0..runs {
        for (at, library) in LIBRARIES
            .iter()
            .enumerate()
            .filter(|(_, library)| !library.script.is_empty())
        {
            let session = session();
            session.go(&rig.named("bare"));
            rest(300);
            let time = session.js_async(START, &[json!(library.script)]);
            times[at].push(number(&time));
        }
    }
    table.row("compile, evaluate, start, ms", &times, 1, Some(4.0));
}

/// In one warm browser, where the library's script has an address that no code is kept for.
pub fn load(rig: &Rig, runs: usize, table: &mut Columns) {
    let (mut task, mut heap) = (nothing(), nothing());
    for run in 0..runs {
        let session = session();
        for _ in 0..3 {
            session.go(&rig.url(0));
        }
        rest(1_000);
        for at in 0..LIBRARIES.len() {
            rig.own.say("run", &format!("{run}-{at}"));
            session.close_tabs();
            session.new_tab();
            count(&session);
            session.go(&rig.url(at));
            rest(3_000);
            task[at].push(metrics(&session)("TaskDuration") * 1e3);
            session.cdp("HeapProfiler.collectGarbage", &json!({}));
            heap[at].push(metrics(&session)("JSHeapUsedSize") / 1e3);
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

const SEQUENTIAL: &str = "const times = [];
    for (let i = 0; i < args[0]; i++) {
        const begin = performance.now();
        await (await fetch(`/echo?${args[1]}-${i}`)).text();
        times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    return times[times.length >> 1]";

const CONCURRENT: &str = "await Promise.all(Array.from({ length: 1000 }, async (_, i) => (await fetch(`/echo?all-${i}`)).text()))";

/// Until every library has sent what it has.
const SENT_MS: u64 = 6_000;
const REQUESTS: usize = 300;

pub fn requests(rig: &Rig, runs: usize, table: &mut Columns) {
    let (mut added, mut latency, mut all, mut wire) = (nothing(), nothing(), nothing(), nothing());
    let mut arrived = nothing();
    for _ in 0..runs {
        let (mut cpu_none, mut latency_none, mut all_none) = (0.0, 0.0, 0.0);
        for at in 0..LIBRARIES.len() {
            let session = session();
            count(&session);
            session.go(&rig.url(at));
            session.js_async(SEQUENTIAL, &[json!(50), json!("warm")]);
            rest(SENT_MS);
            rig.collector.asked();
            let task = || metrics(&session)("TaskDuration") * 1e6;
            let begin = task();
            let middle = number(&session.js_async(SEQUENTIAL, &[json!(REQUESTS), json!("seq")]));
            rest(SENT_MS);
            let between = task();
            let (bytes, spans) = rig.arrived("/echo?seq-");
            session.js_async(CONCURRENT, &[]);
            rest(SENT_MS);
            let end = task();
            let (cpu, together) = ((between - begin) / REQUESTS as f64, end - between);
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

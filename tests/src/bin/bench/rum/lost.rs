//! What of 20 requests does not arrive when the page ends, the network is away, or the tab crashes; and what a library
//! does to bodies that nobody reads.
//!
//! **Invariant:** judged by what the servers saw.

use serde_json::json;
use throughline_tests::browser::Session;

use super::{
    Columns,
    peers::{LIBRARIES, Rig, number},
    persist, rest, session,
};

const REQUESTS: usize = 20;

/// How a page ends after its requests.
#[derive(Clone, Copy)]
enum End {
    /// It navigates at once.
    Immediate,
    /// The same, after requests that took two seconds.
    Slow,
    /// There is no network for a while.
    Offline,
    /// The tab crashes; the site is opened again.
    Crash,
}

pub fn spans(rig: &Rig, runs: usize, table: &mut Columns) {
    for (what, end, goal) in [
        ("lost of 20: immediate navigation", End::Immediate, 0.0),
        ("lost of 20: slow navigation", End::Slow, 0.0),
        ("lost of 20: offline, then back", End::Offline, 0.0),
        // One is asked for every 100 ms: those of the last second.
        ("lost of 20: tab crash, opened again", End::Crash, 10.0),
    ] {
        let mut lost = vec![Vec::new(); LIBRARIES.len()];
        for _ in 0..runs {
            // Side by side: nobody's time is measured.
            std::thread::scope(|scope| {
                for (at, lost) in lost.iter_mut().enumerate().skip(1) {
                    scope.spawn(move || {
                        let came = persist(|| once(rig, at, end));
                        lost.push(REQUESTS as f64 - came as f64);
                    });
                }
            });
        }
        table.row(what, &lost, 0, Some(goal));
    }
}

/// Requests with pauses, and what comes after them.
fn script(pause: u32, then: &str) -> String {
    format!(
        "for (let i = 0; i < {REQUESTS}; i++) {{ await (await fetch('/echo?nav-' + i)).text();
            if (i < {REQUESTS} - 1 && {pause}) await new Promise((resolve) => setTimeout(resolve, {pause})); }}
         {then}"
    )
}

/// How many spans arrive.
fn once(rig: &Rig, at: usize, end: End) -> usize {
    let session = session();
    // A tab of its own: one that crashed takes no command any more.
    session.new_tab();
    session.go(&rig.url(at));
    rest(1_500);
    rig.collectors[at].asked();
    let leave = "location.href = 'bare.html'";
    match end {
        End::Immediate => drop(session.js_async(&script(0, leave), &[])),
        End::Slow => drop(session.js_async(&script(100, leave), &[])),
        End::Offline => {
            session.js_async(&script(0, ""), &[]);
            network(&session, true);
            rest(5_000);
            network(&session, false);
            rest(12_000);
        }
        End::Crash => {
            session.js_async(&script(100, ""), &[]);
            // The driver reports that the tab is gone.
            let crash = json!({"url": "chrome://crash"});
            session.try_post("/url", &crash).ok();
            session.close_tabs();
            session.new_tab();
            session.go(&rig.url(at));
        }
    }
    rest(4_000);
    rig.arrived(at, "/echo?nav-").1
}

fn network(session: &Session, offline: bool) {
    session.cdp("Network.enable", &json!({}));
    let conditions =
        json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    session.cdp("Network.emulateNetworkConditions", &conditions);
}

const CANCEL: &str = "const reader = (await fetch('/endless?c=' + args[0])).body.getReader();
    await reader.read(); await reader.cancel();
    for (let i = 0; i < 100; i++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (await (await fetch('/endless-open?c=' + args[0])).text() === '0') return i * 50;
    }
    return 5000";

/// How much is taken of a body that nobody reads, in MB, and when a stream is closed that was cancelled, in milliseconds.
fn bodies(rig: &Rig, at: usize) -> (f64, f64) {
    let session = session();
    session.go(&rig.url(at));
    let before = rig.own.taken();
    session.js_async("window.unread = await fetch('/large')", &[]);
    // Until nothing more is taken.
    let mut last = before;
    let taken = loop {
        rest(1_000);
        let taken = rig.own.taken();
        if taken == last {
            break (taken - before) as f64 / f64::from(1 << 20);
        }
        last = taken;
    };
    let time = session.js_async(CANCEL, &[json!(format!("cancel-{at}"))]);
    (taken, number(&time))
}

pub fn streams(rig: &Rig, table: &mut Columns) {
    let (mut taken, mut closed) = (
        vec![Vec::new(); LIBRARIES.len()],
        vec![Vec::new(); LIBRARIES.len()],
    );
    for at in 0..LIBRARIES.len() {
        let (megabytes, time) = persist(|| bodies(rig, at));
        taken[at].push(megabytes);
        closed[at].push(time);
    }
    let goal = |values: &[Vec<f64>], more: f64| values[0].first().map(|none| none + more);
    table.row(
        "unread body of 64 MB: taken from the server, MB",
        &taken,
        0,
        goal(&taken, 1.0),
    );
    table.row(
        "cancelled stream: closed after, ms",
        &closed,
        0,
        goal(&closed, 100.0),
    );
}

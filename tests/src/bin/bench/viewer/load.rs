//! From the request to the first row, and what the page takes of memory then.
//!
//! **Invariant:** the floor is the same bytes from the same server, read and thrown away by an empty page.

use std::fs;

use serde_json::json;
use throughline_tests::server::Reply;

use super::{Goals, longest_task, number, open, settle};
use crate::{FILE, Rig, median, table::Table};

/// Reads the file to its end and keeps nothing; milliseconds.
const STREAM: &str = "const begin = performance.now();
    const reader = (await fetch(args[0])).body.getReader();
    while (!(await reader.read()).done);
    return performance.now() - begin";

pub(super) fn measure(rig: &Rig, goals: &Goals, table: &mut Table) {
    let (mut floor, mut first, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
    let mut memory = Vec::new();
    for _ in 0..rig.runs {
        let page = rig.page();
        let html = Reply::from("<!doctype html><title>empty</title>").typed("text/html");
        page.session.go(&page.site.put("empty.html", html));
        let url = format!("/files/{FILE}");
        floor.push(number(&page.session.js_async(STREAM, &[json!(url)])));

        let page = open(rig);
        first.push(number(&page.measure("throughline.first-row")["duration"]));
        blocked.push(longest_task(&page, 0.0));
        page.session.cdp("HeapProfiler.collectGarbage", &json!({}));
        settle(&page);
        settle(&page);
        memory.extend(renderer(rig.session.process));
    }
    table.beside(
        "first row, from the request",
        median(&first),
        "ms",
        median(&floor),
        "stream alone",
        goals.first_row,
    );
    table.number(
        "  longest task while loading",
        median(&blocked),
        "ms",
        goals.most(50.0),
    );
    table.number(
        "memory of the renderer, steady",
        median(&memory),
        "MiB",
        goals.memory,
    );
}

/// What the largest renderer below a browser's process has in memory, MiB; nothing where the system does not say.
fn renderer(browser: u64) -> Option<f64> {
    let all = fs::read_dir("/proc").ok()?;
    let sizes = all.filter_map(|entry| {
        let folder = entry.ok()?.path();
        let line = fs::read(folder.join("cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let status = fs::read_to_string(folder.join("status")).ok()?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line?.split_whitespace().next()?.parse::<u64>().ok()
        };
        let ours = line.contains("--type=renderer") && is_below(of("PPid:")?, browser);
        ours.then(|| of("VmRSS:")).flatten()
    });
    sizes.max().map(|kilobytes| kilobytes as f64 / 1024.0)
}

fn is_below(mut process: u64, above: u64) -> bool {
    while process > 1 {
        if process == above {
            return true;
        }
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        process = parent.and_then(|id| id.trim().parse().ok()).unwrap_or(0);
    }
    false
}

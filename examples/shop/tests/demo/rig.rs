//! Starts the demo, reads what it says, and sees to it that nothing of it is left.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything here may take on a busy machine; nothing is asserted about time itself.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running demo on ports that nobody else uses.
pub struct Demo {
    child: Child,
    pub lines: BufReader<ChildStdout>,
    pub ready: Value,
}

impl Demo {
    pub fn start(options: &[&str]) -> Self {
        let mut child = command(&["--json", "--port", "0", "--shop-port", "0"]);
        let mut child = child.args(options).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let ready = next_json(&mut lines);
        assert_eq!(ready["ready"], true);
        Self {
            child,
            lines,
            ready,
        }
    }

    pub fn url(&self, of: &str) -> &str {
        self.ready[of].as_str().unwrap()
    }

    /// All processes, the demo's own first.
    fn pids(&self) -> Vec<u64> {
        let services = self.ready["pids"].as_object().unwrap().values();
        let all = std::iter::once(&self.ready["pid"]).chain(services);
        all.map(|pid| pid.as_u64().unwrap()).collect()
    }

    pub fn signal(&self, name: &str, pid: &Value) {
        let sent = Command::new("kill")
            .args(["-s", name, &pid.to_string()])
            .status();
        assert!(sent.unwrap().success(), "kill -s {name} {pid}");
    }

    /// Waits for the end, and for the end of every process that it had.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let pids = self.pids();
        let mut errors = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut errors)
            .unwrap();
        let status = self.child.wait().unwrap();
        let begin = Instant::now();
        let mut left = pids.clone();
        while !left.is_empty() && begin.elapsed() < PATIENCE {
            left.retain(|pid| Path::new(&format!("/proc/{pid}")).exists() && !is_zombie(*pid));
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(left, Vec::<u64>::new(), "processes left of {pids:?}");
        (status, errors)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline-shop"));
    command
        .arg("demo")
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub fn next_json(lines: &mut impl BufRead) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line:?}: {e}"))
}

/// A process that ended, and whose parent (here: whoever runs this test) has not looked yet.
fn is_zombie(pid: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

pub fn http() -> reqwest::blocking::Client {
    reqwest::blocking::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .unwrap()
}

pub fn get(url: &str) -> Value {
    http().get(url).send().unwrap().json().unwrap()
}

/// A span as the tests need it.
#[derive(Debug)]
pub struct Span {
    pub id: String,
    pub parent: String,
    pub service: String,
    pub name: String,
    pub kind: u64,
    pub attributes: Value,
    pub json: Value,
}

pub fn spans_of(trace: &Value) -> Vec<Span> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut spans = Vec::new();
    for resource in list(&trace["result"]["resourceSpans"]) {
        let service = text(&map(&resource["resource"]["attributes"])["service.name"]);
        for span in list(&resource["scopeSpans"])
            .iter()
            .flat_map(|scope| list(&scope["spans"]))
        {
            spans.push(Span {
                id: text(&span["spanId"]),
                parent: text(&span["parentSpanId"]),
                service: service.clone(),
                name: text(&span["name"]),
                kind: span["kind"].as_u64().unwrap(),
                attributes: map(&span["attributes"]),
                json: span,
            });
        }
    }
    spans
}

/// `[{key, value: {stringValue: "a"}}]` as `{key: "a"}`.
fn map(attributes: &Value) -> Value {
    let pairs = attributes.as_array().into_iter().flatten();
    let value = |pair: &Value| {
        pair["value"]
            .as_object()
            .and_then(|typed| typed.values().next().cloned())
    };
    pairs
        .map(|pair| {
            (
                pair["key"].as_str().unwrap().to_owned(),
                value(pair).unwrap_or_default(),
            )
        })
        .collect()
}

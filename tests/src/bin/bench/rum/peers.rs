//! The libraries, their bundles and the pages that they are on.
//!
//! **Invariant:** a peer is bundled and minified as its users would do it; sizes are node's brotli at its best.

use std::{fs, process::Command};

use serde_json::{Value, json};
use throughline_tests::{
    browser::{Guard, Session},
    echo::Server,
    files, places, sizes,
};

use super::Columns;

/// A library, or none.
pub struct Library {
    pub name: &'static str,
    /// Its script below the application.
    pub script: &'static str,
    /// More attributes of the script tag.
    attributes: &'static str,
}

/// The page without any comes first, we come second.
pub const LIBRARIES: [Library; 5] = [
    Library {
        name: "none",
        script: "",
        attributes: "",
    },
    // The collector permits what docs/rum.md says that it has to.
    Library {
        name: "Throughline",
        script: "throughline.js",
        attributes: "data-compress=\"true\"",
    },
    Library {
        name: "  as it is",
        script: "throughline.js",
        attributes: "",
    },
    Library {
        name: "OTel minimal",
        script: "otel.js",
        attributes: "",
    },
    Library {
        name: "Elastic",
        script: "elastic.js",
        attributes: "",
    },
];

/// The servers and the built pages.
pub struct Rig {
    pub own: Server,
    /// One a library, so that they can be on their way side by side.
    pub collectors: [Server; LIBRARIES.len()],
    guard: Guard,
}

impl Rig {
    pub fn new() -> Self {
        let own = Server::start();
        let collectors = [(); LIBRARIES.len()].map(|()| Server::start());
        let guard = Guard::new("bench");
        let folder = guard.folder();
        let ours = places::dist().join("rum");
        for name in ["throughline.js", "throughline-doctor.js"] {
            fs::copy(ours.join(name), folder.join(name)).expect(name);
        }
        let peers = places::needed("THROUGHLINE_PEERS").join("node_modules");
        for name in ["otel.js", "elastic.js"] {
            let mut esbuild = Command::new(peers.join(".bin/esbuild"));
            esbuild.args([
                "--bundle",
                "--minify",
                "--format=iife",
                "--target=es2020",
                "--log-level=warning",
            ]);
            esbuild.arg(format!("--outfile={}", folder.join(name).display()));
            let entry = esbuild.arg(files::root().join("tests/peers").join(name));
            // Where the peers are, seen from a folder that has none.
            let status = entry.env("NODE_PATH", &peers).status().expect("esbuild");
            assert!(status.success(), "{name}");
        }
        for (at, (library, collector)) in LIBRARIES.iter().zip(&collectors).enumerate() {
            let tag = match library.script {
                "" => String::new(),
                script => format!(
                    r#"<script src="{script}?{{{{run}}}}" data-collector="{}" {}></script>"#,
                    collector.origin, library.attributes
                ),
            };
            fs::write(
                folder.join(format!("{at}.html")),
                page(&tag, &collector.origin),
            )
            .expect("a page");
        }
        let bare = page("", &collectors[0].origin);
        fs::write(folder.join("bare.html"), bare).expect("a page");
        own.serve(folder, "");
        Self {
            own,
            collectors,
            guard,
        }
    }

    /// The page with one of the libraries.
    pub fn url(&self, library: usize) -> String {
        self.named(&library.to_string())
    }

    pub fn named(&self, page: &str) -> String {
        format!("{}/app/{page}.html", self.own.origin)
    }

    /// How large each script is, with brotli.
    pub fn sizes(&self, table: &mut Columns) {
        let files = sizes::of(self.guard.folder());
        let size = |library: &Library| {
            let file = files.iter().find(|file| file.name == library.script);
            file.map(|file| file.brotli as f64).into_iter().collect()
        };
        let all: Vec<Vec<f64>> = LIBRARIES.iter().map(size).collect();
        table.row("script, brotli, bytes", &all, 0, Some(12_288.0));
    }

    /// Bytes on the wire that a library has sent, and how many different requests of a kind they tell of.
    pub fn arrived(&self, library: usize, kind: &str) -> (usize, usize) {
        let mut bytes = 0;
        let mut numbers = std::collections::BTreeSet::new();
        for asked in self.collectors[library].asked() {
            if !asked.line.starts_with("POST ") {
                continue;
            }
            bytes += asked.body.len();
            let text = asked.plain();
            let text = String::from_utf8_lossy(&text);
            for (at, found) in text.match_indices(kind) {
                let rest = text.get(at + found.len()..).unwrap_or_default();
                let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
                numbers.insert(number);
            }
        }
        numbers.remove("");
        (bytes, numbers.len())
    }
}

/// A page with some content, things to load, and a script of its own: every page has one, and what a browser makes of
/// elements and of the navigator when the first script asks for them is not the library's.
fn page(tag: &str, collector: &str) -> String {
    let rows: String = (0..200)
        .map(|row| format!("<li><a href=\"#{row}\">row {row}</a></li>"))
        .collect();
    let images: String = (0..6)
        .map(|at| format!("<img width=20 height=20 src=\"/status/200?{at}\">"))
        .collect();
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>bench</title><link rel=\"icon\" href=\"data:,\">\
         <script>window.COLLECTOR = '{collector}';\
         document.createElement('p').lang = navigator.language;</script>{tag}</head><body>{images}<ul>{rows}</ul></body></html>"
    )
}

/// The browser's own counters for the current page, by name.
pub fn metrics(session: &Session) -> impl Fn(&str) -> f64 + use<> {
    let found = session.cdp("Performance.getMetrics", &json!({}));
    move |name| {
        let all = found["metrics"].as_array();
        let metric = all
            .into_iter()
            .flatten()
            .find(|metric| metric["name"] == name);
        metric
            .and_then(|metric| metric["value"].as_f64())
            .unwrap_or(f64::NAN)
    }
}

/// Has the counters count, time as the processor's, not the clock's: other programs run, too.
pub fn count(session: &Session) {
    session.cdp("Performance.disable", &json!({}));
    session.cdp("Performance.enable", &json!({"timeDomain": "threadTicks"}));
}

/// A number that a script gives.
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

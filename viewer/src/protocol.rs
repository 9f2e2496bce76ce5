//! What the page and the worker say to each other. Each message is an array: a record first, then blobs or buffers.
//!
//! **Invariant:** plain data. Both sides are the same build: the page gives the worker its own module to run.

use js_sys::Array;
use wasm_bindgen::JsValue;

use crate::{browser::fields::Fields, problem::Problem};

/// From the page: load these. Attachments: one blob a file, then the image to join, if any.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Names of the attached blobs.
    pub names: Vec<String>,
    /// An address to load instead of blobs.
    pub url: Option<String>,
    /// Whether the last attachment is the image of a dataset that the new one joins.
    pub join: bool,
}

/// From the worker.
#[derive(Clone, Debug, PartialEq)]
pub enum FromWorker {
    /// It can be sent a message now.
    Ready,
    /// How far it is.
    Progress {
        /// `connecting`, `reading`, `decompressing`, `parsing`, `arranging`.
        phase: String,
        /// Bytes done in this phase.
        bytes: u64,
        /// Bytes in all; 0 = not known.
        total: u64,
        /// Spans found.
        spans: u64,
        /// Services found.
        services: u64,
        /// Spans with status error.
        errors: u64,
        /// The earliest start, Unix nanoseconds to about a microsecond; 0 = not known.
        start: u64,
        /// The latest end, likewise.
        end: u64,
    },
    /// Done. Attachment: the image.
    Done {
        /// Milliseconds from the bytes being there to the store.
        import_ms: f64,
        /// Files that gave nothing while others did.
        problems: Vec<Problem>,
    },
    /// Nothing could be read.
    Failed(Problem),
}

/// No more of an input can be held at once: WebAssembly has 4 GiB, and the columns need room beside the bytes.
pub const LARGEST_INPUT: u64 = 1_900_000_000;

impl Load {
    /// As a record.
    pub fn write(&self) -> JsValue {
        let names: Array = self
            .names
            .iter()
            .map(|name| JsValue::from_str(name))
            .collect();
        Fields::default()
            .with("names", names)
            .with(
                "url",
                self.url.as_deref().map_or(JsValue::NULL, JsValue::from_str),
            )
            .with("join", self.join)
            .into()
    }

    /// From a record.
    pub fn read(record: JsValue) -> Self {
        let fields = Fields::of(record);
        let names = fields.list("names");
        Self {
            names: names.iter().filter_map(JsValue::as_string).collect(),
            url: fields.text("url"),
            join: fields.flag("join").unwrap_or_default(),
        }
    }
}

impl FromWorker {
    /// As a record.
    pub fn write(&self) -> JsValue {
        let record = |kind: &str| Fields::default().with("kind", kind);
        match self {
            Self::Ready => record("ready"),
            Self::Progress {
                phase,
                bytes,
                total,
                spans,
                services,
                errors,
                start,
                end,
            } => record("progress")
                .with("phase", &**phase)
                .with("bytes", *bytes as f64)
                .with("total", *total as f64)
                .with("spans", *spans as f64)
                .with("services", *services as f64)
                .with("errors", *errors as f64)
                .with("start", *start as f64)
                .with("end", *end as f64),
            Self::Done {
                import_ms,
                problems,
            } => record("done")
                .with("import_ms", *import_ms)
                .with("problems", problems.iter().map(written).collect::<Array>()),
            Self::Failed(problem) => record("failed").with("problem", written(problem)),
        }
        .into()
    }

    /// From a record; `None` for anything else.
    pub fn read(record: JsValue) -> Option<Self> {
        let fields = Fields::of(record);
        Some(match fields.text("kind")?.as_str() {
            "ready" => Self::Ready,
            "progress" => Self::Progress {
                phase: fields.text("phase")?,
                bytes: fields.count("bytes"),
                total: fields.count("total"),
                spans: fields.count("spans"),
                services: fields.count("services"),
                errors: fields.count("errors"),
                start: fields.count("start"),
                end: fields.count("end"),
            },
            "done" => Self::Done {
                import_ms: fields.number("import_ms")?,
                problems: fields.list("problems").into_iter().map(problem).collect(),
            },
            "failed" => Self::Failed(problem(fields.value("problem"))),
            _ => return None,
        })
    }
}

fn written(problem: &Problem) -> JsValue {
    Fields::default()
        .with("title", &*problem.title)
        .with("detail", &*problem.detail)
        .with("hint", &*problem.hint)
        .with("snippet", &*problem.snippet)
        .into()
}

fn problem(record: JsValue) -> Problem {
    let fields = Fields::of(record);
    let text = |name: &str| fields.text(name).unwrap_or_default();
    Problem {
        title: text("title"),
        detail: text("detail"),
        hint: text("hint"),
        snippet: text("snippet"),
    }
}

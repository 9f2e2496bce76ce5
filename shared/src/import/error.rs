//! Why nothing usable came out of an input, and what a person can do about it.
//!
//! **Invariant:** every sentence names the file, and the place where there is one. Numbers are bytes.

use thiserror::Error;

use super::{Container, Format, Signal};

/// Nothing usable came out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError {
    /// No bytes, or nothing but white space or zeros.
    #[error("{name} is empty: {bytes} bytes with nothing in them")]
    Empty {
        /// The file.
        name: String,
        /// Its size.
        bytes: u64,
    },
    /// A kind of file that holds no traces.
    #[error("{name} is {what}, not trace data (recognised at byte {offset})")]
    NotTraces {
        /// The file.
        name: String,
        /// What it is, with its article.
        what: &'static str,
        /// Where that was seen.
        offset: u64,
    },
    /// A format of traces that is not read.
    #[error(
        "{name} looks like {what} (from byte {offset} on); Throughline reads OTLP, Jaeger and Zipkin"
    )]
    Unsupported {
        /// The file.
        name: String,
        /// The format.
        what: &'static str,
        /// Where that was seen.
        offset: u64,
    },
    /// JSON that is whole, but of no known shape.
    #[error(
        "{name} is JSON, but of no trace format known here: expected resourceSpans, a Jaeger trace or Zipkin spans at byte {offset}"
    )]
    UnknownJson {
        /// The file.
        name: String,
        /// Where a trace should have begun.
        offset: u64,
    },
    /// The right format with no span in it.
    #[error("{name} holds no spans{}", describe(*.format, *.signal))]
    NoSpans {
        /// The file.
        name: String,
        /// What it was read as.
        format: Option<Format>,
        /// What it holds instead.
        signal: Option<Signal>,
    },
    /// The syntax breaks before the first span.
    #[error("{name}, read as {format}, breaks at byte {offset}{}: {problem}", on_line(*.line))]
    Syntax {
        /// The file.
        name: String,
        /// The format that was tried.
        format: &'static str,
        /// Where, in the decompressed bytes.
        offset: u64,
        /// The line of that place, from 1, where the format has lines.
        line: Option<u64>,
        /// What was expected and what was found.
        problem: String,
    },
    /// A container that gave nothing.
    #[error("{name}: the {} data breaks at byte {offset}: {problem}", .container.name())]
    Damaged {
        /// The file.
        name: String,
        /// The container.
        container: Container,
        /// Where, in the container's bytes.
        offset: u64,
        /// What was wrong.
        problem: String,
    },
    /// A container that unfolds to more than is allowed.
    #[error("{name}: the {} data unfolds to more than {limit} bytes from {bytes} (stopped at byte {offset})", .container.name())]
    TooLarge {
        /// The file.
        name: String,
        /// The container.
        container: Container,
        /// The size of the container.
        bytes: u64,
        /// How much was allowed.
        limit: u64,
        /// How far the container was read.
        offset: u64,
    },
    /// Containers in containers in containers.
    #[error("{name}: more than {limit} containers inside each other")]
    TooDeep {
        /// The file.
        name: String,
        /// How many were allowed.
        limit: usize,
    },
    /// Bytes of no known kind.
    #[error(
        "{name} is neither JSON nor OTLP protobuf nor a known container: it begins with {begins}"
    )]
    Unknown {
        /// The file.
        name: String,
        /// The first bytes.
        begins: String,
    },
}

impl ImportError {
    /// What to do, as one sentence.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Empty { .. } => {
                "Export the trace again; an empty file often means that nothing was sampled."
            }
            Self::NotTraces { .. } | Self::Unknown { .. } => {
                "Choose a trace export: OTLP (JSON, JSON lines or protobuf), Jaeger JSON or Zipkin JSON, gzip, zstd and zip included."
            }
            Self::Unsupported { .. } => {
                "Export it as OTLP, Jaeger or Zipkin JSON, or send it through an OpenTelemetry Collector with a file exporter."
            }
            Self::UnknownJson { .. } => {
                "If it is an API answer, pass the trace itself: an object with resourceSpans, batches or data, or a list of Zipkin spans."
            }
            Self::NoSpans {
                signal: Some(Signal::Logs | Signal::Metrics | Signal::Profiles),
                ..
            } => "Throughline shows traces; choose the export of the traces signal.",
            Self::NoSpans { .. } => {
                "Widen the query or its time range, and export the trace again."
            }
            Self::Syntax { .. } => {
                "Look at that place in a text editor; a file that was copied or cut off is often damaged there."
            }
            Self::Damaged { .. } => "Download or compress the file again.",
            Self::TooLarge { .. } => "Split the file, or unpack it first and open a part.",
            Self::TooDeep { .. } => "Unpack the file first.",
        }
    }
}

fn describe(format: Option<Format>, signal: Option<Signal>) -> String {
    match (format, signal) {
        (_, Some(signal)) if signal != Signal::Traces => format!(": it is OTLP {}", signal.name()),
        (Some(format), _) => format!(": it is {}, but empty", format.label()),
        (None, _) => String::new(),
    }
}

fn on_line(line: Option<u64>) -> String {
    line.map(|line| format!(" (line {line})"))
        .unwrap_or_default()
}

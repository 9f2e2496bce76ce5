//! From a file's bytes to a filled [`StoreBuilder`]: what is it, what is around it, and which importer reads it.
//!
//! ```text
//! bytes ─ open ─┬─ gzip · zstd · zip · UTF-16 ── open again (bounded in depth, size and ratio)
//!               ├─ length-framed messages ─┐
//!               ├─ protobuf ───────────────┼─ otlp_proto
//!               └─ JSON values, one by one ─ shape ─┬─ otlp_json
//!                                                   ├─ jaeger
//!                                                   └─ zipkin
//! ```
//!
//! An importer gets a `Session` and reads one JSON value or one protobuf message into the builder.
//! It keeps what it could read; it fails only where the syntax breaks, and then says where.
//!
//! **Invariant:** goes by content, never by name. Each importer is one file (and its folder) that knows one format and
//! no other. The only error is that nothing usable came out; everything else is an issue.

mod containers;
mod crc;
mod cutter;
mod error;
mod foreign;
mod frames;
mod gzip;
mod ids;
mod jaeger;
mod keys;
mod micros;
mod otel_tags;
mod otlp_json;
mod otlp_proto;
mod pieces;
mod plain_value;
mod recover;
mod session;
mod shape;
mod sniff;
mod stream;
mod unpack;
mod utf16;
mod values;
mod zip;
mod zipkin;
mod zstd;

use crate::store::{Source, builder::StoreBuilder};

pub use error::ImportError;
pub use session::{Observer, Silent, Stage};
pub use stream::Stream;

/// A file or response, as it came.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// What a person calls it: the file's name or the URL.
    pub name: String,
    /// Its content. Owned, so that it can be freed as soon as it has been read.
    pub bytes: Vec<u8>,
}

/// How much an input may unfold to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes that one decompression may give.
    pub decompressed: u64,
    /// Bytes out per byte in that are plausible beyond [`Self::ratio_free`].
    pub ratio: u64,
    /// Bytes that one decompression may give whatever the ratio.
    pub ratio_free: u64,
    /// Containers inside each other.
    pub depth: usize,
    /// Files in an archive.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decompressed: (2 << 30) - 1,
            ratio: 1_000,
            ratio_free: 256 << 20,
            depth: 4,
            files: 10_000,
        }
    }
}

/// What a file was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// OpenTelemetry protocol as JSON, in any dialect.
    OtlpJson,
    /// OpenTelemetry protocol as protobuf.
    OtlpProto,
    /// What a TraceQL search gives: spans without names or resources.
    TempoSearch,
    /// The JSON of Jaeger's UI and its API.
    Jaeger,
    /// Zipkin's second JSON format.
    ZipkinV2,
    /// Zipkin's first JSON format.
    ZipkinV1,
}

impl Format {
    /// A stable name for scripts.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OtlpJson => "otlp-json",
            Self::OtlpProto => "otlp-proto",
            Self::TempoSearch => "tempo-search",
            Self::Jaeger => "jaeger",
            Self::ZipkinV2 => "zipkin-v2",
            Self::ZipkinV1 => "zipkin-v1",
        }
    }

    /// What a person calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OtlpJson => "OTLP JSON",
            Self::OtlpProto => "OTLP protobuf",
            Self::TempoSearch => "Tempo search result",
            Self::Jaeger => "Jaeger JSON",
            Self::ZipkinV2 => "Zipkin JSON",
            Self::ZipkinV1 => "Zipkin v1 JSON",
        }
    }
}

/// What stood around the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// gzip, one member or several.
    Gzip,
    /// Zstandard, one frame or several.
    Zstd,
    /// A zip archive.
    Zip,
    /// UTF-16 text.
    Utf16,
    /// Several JSON values one after the other, on lines or not.
    Values,
    /// Messages that each follow their length in four bytes.
    LengthFramed,
    /// Messages that each follow their length as a varint.
    Delimited,
    /// Messages in gRPC frames.
    Grpc,
}

impl Container {
    /// A stable name for scripts and people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
            Self::Utf16 => "utf-16",
            Self::Values => "values",
            Self::LengthFramed => "length-framed",
            Self::Delimited => "delimited",
            Self::Grpc => "grpc",
        }
    }
}

/// What OTLP carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Metrics.
    Metrics,
    /// Profiles.
    Profiles,
}

impl Signal {
    /// What a person calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
            Self::Metrics => "metrics",
            Self::Profiles => "profiles",
        }
    }
}

/// What an import gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The format of the data; of an archive, the format of the first file that gave spans.
    pub format: Format,
    /// What was around it, outermost first.
    pub container: Vec<Container>,
    /// The size of the input in bytes, as it came.
    pub bytes: u64,
    /// How many spans it gave.
    pub spans: u64,
}

/// Reads an input into the builder, as one source (an archive: as one source a file).
///
/// # Errors
/// When the input gave no span; log records in it wait for their spans in another one all the same. What was wrong is counted in the builder's issues in either case, and whatever the
/// builder held before stays as it is.
pub fn import(
    builder: &mut StoreBuilder,
    input: Input,
    observer: &mut dyn Observer,
) -> Result<Imported, ImportError> {
    import_with(builder, input, observer, Limits::default())
}

/// As [`import`], with other limits than the usual.
///
/// # Errors
/// As [`import`].
pub fn import_with(
    builder: &mut StoreBuilder,
    input: Input,
    observer: &mut dyn Observer,
    limits: Limits,
) -> Result<Imported, ImportError> {
    let Input { name, bytes } = input;
    let size = bytes.len() as u64;
    builder.begin_source(Source {
        name: name.clone(),
        bytes: size,
        ..Source::default()
    });
    let mut session = session::Session::new(builder, observer, limits);
    let opened = containers::open(&mut session, &name, bytes);
    outcome(&session, name, size, opened)
}

/// What an import gave that has ended.
fn outcome(
    session: &session::Session<'_>,
    name: String,
    bytes: u64,
    read: Result<(), ImportError>,
) -> Result<Imported, ImportError> {
    let spans = session.spans();
    match (read, session.format()) {
        (Ok(()), Some(format)) if spans > 0 => Ok(Imported {
            format,
            container: session.containers(),
            bytes,
            spans,
        }),
        (Err(error), _) => Err(error),
        (Ok(()), format) => Err(ImportError::NoSpans {
            name,
            format,
            signal: None,
        }),
    }
}

#[cfg(test)]
mod tests;

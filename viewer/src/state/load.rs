//! A load that runs: what it does, how far it is, what was found so far.
//!
//! **Invariant:** plain data; who loads tells, nothing is guessed.

use throughline_model::time::UnixNanos;

/// A load that runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// What is loaded.
    pub name: String,
    /// What is being done.
    pub phase: LoadPhase,
    /// Bytes done in this phase.
    pub bytes: u64,
    /// Bytes in all, 0 when not known.
    pub total: u64,
    /// What has been found so far.
    pub outline: Outline,
    /// Bytes a second over the phase so far, 0 when not known.
    pub speed: u64,
}

/// What a dataset is about, as far as it has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Spans.
    pub spans: u64,
    /// Services.
    pub services: u64,
    /// Spans with status error.
    pub errors: u64,
    /// The earliest start; 0 = not known.
    pub start: UnixNanos,
    /// The latest end.
    pub end: UnixNanos,
}

/// What a load is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadPhase {
    /// Waiting for the first byte.
    #[default]
    Connecting,
    /// Bytes arrive.
    Reading,
    /// Taking a container apart.
    Decompressing,
    /// Reading spans.
    Parsing,
    /// Making trees and indexes.
    Arranging,
}

impl LoadPhase {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Reading => "Reading",
            Self::Decompressing => "Decompressing",
            Self::Parsing => "Reading spans",
            Self::Arranging => "Arranging",
        }
    }

    /// For scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Reading => "reading",
            Self::Decompressing => "decompressing",
            Self::Parsing => "parsing",
            Self::Arranging => "arranging",
        }
    }
}

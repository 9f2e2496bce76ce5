//! The trace model under Throughline: ids, time, a columnar store, importers, analysis and OTLP encoding.
//!
//! **Invariant:** pure. No browser, no clock, no randomness, no thread and no IO: bytes come in, values go out,
//! and the same code runs natively and in WebAssembly.
//!
//! A dataset is read by [`import`], kept as an immutable [`store::TraceStore`], and moved between threads as a flat
//! [`image`]. What was wrong with the input is counted in [`issues`]; what the analysis says about the system is in
//! [`analysis`].

// What the page instrumentation uses of this crate needs no standard library.
#![cfg_attr(not(any(feature = "import", test)), no_std)]

extern crate alloc;

pub mod ids;
pub mod otlp;
pub mod time;
pub mod wire;

#[cfg(feature = "import")]
pub mod analysis;
#[cfg(feature = "import")]
mod bits;
#[cfg(feature = "import")]
pub mod export;
#[cfg(feature = "import")]
pub mod image;
#[cfg(feature = "import")]
pub mod import;
#[cfg(feature = "import")]
pub mod issues;
#[cfg(feature = "import")]
pub mod json;
#[cfg(feature = "import")]
pub mod order;
#[cfg(feature = "import")]
pub mod query;
#[cfg(feature = "import")]
pub mod store;
#[cfg(feature = "import")]
pub mod strings;

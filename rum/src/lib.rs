//! Page instrumentation: front-end spans, trace context propagation, OTLP export.
//!
//! What is decided is decided here, in Rust that also runs natively: ids, sampling, which
//! request a click has caused, which timing belongs to which request, what is sent and when.
//! The browser side, in `js/`, hooks into the page and carries bytes; it reports what
//! happened, with addresses as they may be seen, and does as it is told.
//!
//! A page's life is a series of calls on one [`recorder::Recorder`]; [`bindings`]
//! puts the same calls on the other side of the WebAssembly boundary.
//!
//! **Invariant**: nothing here knows the browser. Times, random bits and URLs come in
//! as arguments, bytes go out.

#![cfg_attr(all(feature = "standalone", target_arch = "wasm32"), no_std)]

extern crate alloc;

pub mod attributes;
pub mod bindings;
pub mod clock;
pub mod context;
pub mod ids;
pub mod outbox;
pub mod pace;
pub mod propagation;
pub mod recorder;
pub mod sampling;
pub mod spans;
#[cfg(all(feature = "standalone", target_arch = "wasm32"))]
mod standalone;
pub mod text;
mod trusted_utf8;
pub mod url;

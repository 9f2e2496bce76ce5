//! Throughline's viewer: opens distributed traces and shows them, wholly in the browser.
//!
//! ```text
//! bytes → [worker] import → image ─transfer→ Dataset → state → scene (DisplayList) → paint → <canvas>
//!                                                        ↑  └→ ui (words in the DOM)
//!                                          Command ──────┘ pointer, key, URL, host page
//! ```
//!
//! **Invariant:** one state, changed by [`state::Command`]s only; what is drawn is a value before it is paint; no span
//! leaves the browser.

pub mod browser;
pub mod diagnostics;
pub mod dom;
pub mod host;
pub mod load;
pub mod paint;
pub mod problem;
pub mod protocol;
pub mod scene;
pub mod state;
pub mod ui;
pub mod worker;

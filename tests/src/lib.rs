//! What the tests of the whole share: reading inputs, writing stores down, making and wrapping inputs.
//!
//! **Invariant:** no test is in here, and nothing that the products use.

pub mod browser;
pub mod dump;
pub mod echo;
pub mod files;
pub mod forge;
pub mod places;
pub mod read;
pub mod server;
pub mod sizes;
pub mod source;
pub mod synth;
pub mod wrap;

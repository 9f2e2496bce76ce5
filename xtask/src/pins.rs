//! The versions of every tool that is not a crate of the workspace.
//!
//! **Invariant**: this is the only place that names them, except for two that have to be
//! repeated: the toolchain (`rust-toolchain.toml`) and the crate `wasm-bindgen` (root
//! `Cargo.toml`), which must be the same version as its command-line tool.

/// Bundles the viewer. 0.22 wants a newer compiler than ours.
pub const TRUNK: &str = "0.21.14";
/// Writes the JavaScript glue of a wasm module.
pub const WASM_BINDGEN: &str = "0.2.130";
/// Has `wasm-opt`. Version 108, which Debian ships, breaks modules with reference types.
pub const BINARYEN: &str = "132.0.0";
/// Minifies the glue and the script tag's hooks.
pub const ESBUILD: &str = "0.28.2";
/// WebDriver for Firefox.
pub const GECKODRIVER: &str = "0.36.0";
/// Holds the rules of `.deny.toml`.
pub const CARGO_DENY: &str = "0.20.2";
/// The target that the browser runs.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

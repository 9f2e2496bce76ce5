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
/// Makes the script tag smaller still.
pub const TERSER: &str = "5.51.2";
/// WebDriver for Firefox.
pub const GECKODRIVER: &str = "0.36.0";
/// Holds the rules of `.deny.toml`.
pub const CARGO_DENY: &str = "0.20.2";
/// Packs a crate for npm: `rum` must be such a crate.
pub const WASM_PACK: &str = "0.15.1";
/// Bundlers that the package must work in: the beginning of the SHA-256 of `tests/packaging/package-lock.json`.
pub const BUNDLERS: &str = "0574841116bd";
/// Libraries that we are measured beside: the same of `tests/peers/package-lock.json`.
pub const PEERS: &str = "0efe38ce8f4c";
/// A real OpenTelemetry back-end to send to, as a module of Go.
pub const JAEGER: &str = "1.76.0";
/// The OpenTelemetry Collector of `tests/collector`: of the versions that Jaeger is made of, so that most is compiled once.
pub const COLLECTOR: &str = "0.140.0";
/// The target that the browser runs.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

//! The `throughline-shop` program; everything is in the library.
//!
//! **Invariant:** calls the library; nothing is decided here.

use std::process::ExitCode;

fn main() -> ExitCode {
    throughline_shop::cli::main()
}

//! The `throughline-shop` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    throughline_shop::cli::main()
}

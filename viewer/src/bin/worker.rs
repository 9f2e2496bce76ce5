//! The worker's entry: says that it is ready, loads once, and ends with the page's word.
//!
//! **Invariant:** calls the library; nothing is decided here.

fn main() {
    throughline_viewer::worker::start();
}

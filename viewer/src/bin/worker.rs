//! The worker's entry: says that it is ready, loads once, and ends with the page's word.

fn main() {
    throughline_viewer::worker::start();
}

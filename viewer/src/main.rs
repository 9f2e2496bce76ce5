//! Starts the app on the page.
//!
//! **Invariant:** calls the library; nothing is decided here.

fn main() {
    throughline_viewer::ui::app::start();
}

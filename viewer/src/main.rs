//! Starts the app on the page, or the worker where there is no page.
//!
//! **Invariant:** calls the library; nothing is decided here.

fn main() {
    if throughline_viewer::browser::is_worker() {
        throughline_viewer::worker::start();
    } else {
        throughline_viewer::ui::app::start();
    }
}

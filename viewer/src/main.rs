//! Starts the app on the page.

fn main() {
    throughline_viewer::ui::app::start();
}

//! When something was asked for, so that its measure can end when it has been painted.
//!
//! **Invariant:** names as in docs/diagnostics.md; costs nothing when nothing is measured.

use std::cell::Cell;

use crate::{
    browser::{self, timing},
    load,
    state::View,
};

thread_local! {
    static VIEW: Cell<Option<(View, f64)>> = const { Cell::new(None) };
    static FIRST_ROW: Cell<bool> = const { Cell::new(false) };
    static COMMAND: Cell<f64> = const { Cell::new(0.0) };
}

/// A view was switched to.
pub fn view_asked(view: View) {
    VIEW.set(Some((view, browser::now())));
}

/// A load is done: the next painted rows are its first.
pub fn expect_first_row() {
    FIRST_ROW.set(true);
}

/// A view with content has been painted.
pub fn painted(view: View, spans: usize) {
    let now = browser::now();
    if let Some((asked, start)) = VIEW.get()
        && asked == view
    {
        VIEW.set(None);
        timing::measure(
            &format!("throughline.view.{}", view.name()),
            start,
            now,
            spans,
        );
    }
    if FIRST_ROW.replace(false) {
        timing::measure("throughline.first-row", load::started(), now, spans);
    }
}

/// The user is about to cause a command that is measured.
pub fn command_begins() {
    COMMAND.set(browser::now());
}

/// A query ran over so many spans.
pub fn found(spans: usize) {
    timing::measure("throughline.find", COMMAND.get(), browser::now(), spans);
}

//! Real browsers, driven through WebDriver: one of each kind a test program, a tab and a site of its own a test.
//!
//! ```text
//! throughline_tests::in_browsers! { opens_a_file }
//! fn opens_a_file(page: &Page) { … }      // runs as `chromium::opens_a_file` and `firefox::opens_a_file`
//! ```
//!
//! A test fails, too, when the page logged an error, or broke its content security policy; see [`Page::forgive`].
//! Browsers end with the test program, however it ends: see `guard`.
//!
//! **Invariant:** knows WebDriver and the viewer's stable diagnostics, never the viewer's style classes.

mod element;
mod guard;
mod launch;
mod look;
mod page;
mod session;
mod wire;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Mutex, PoisonError},
};

pub use element::Element;
pub use guard::Guard;
pub use look::Row;
pub use page::{PATIENCE, Page};
pub use session::{Key, Session};

use crate::{places, server::Site};

/// The browsers that the site is tested in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chromium, by chromedriver.
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
    /// WebKitGTK, by its own driver, on a screen that nobody sees. Not every system has it.
    WebKit,
}

static CHROMIUM: Mutex<Option<Session>> = Mutex::new(None);
static FIREFOX: Mutex<Option<Session>> = Mutex::new(None);
static WEBKIT: Mutex<Option<Session>> = Mutex::new(None);

/// Runs one test on a new tab, with the built site below a path of a port of its own: nothing that an earlier test
/// left in the browser's storage is seen.
///
/// # Panics
/// When the test does, or the page reported an error. A screenshot and the page's state are then in `target/e2e`.
pub fn run(browser: Browser, test: &str, body: fn(&Page<'_>)) {
    let test = test.split_once("::").map_or(test, |(_, rest)| rest);
    let Some(dist) = places::dist_or_skip(test) else {
        return;
    };
    let slot = match browser {
        Browser::Chromium => &CHROMIUM,
        Browser::Firefox => &FIREFOX,
        Browser::WebKit => &WEBKIT,
    };
    if browser == Browser::WebKit && !launch::webkit_is_there() {
        places::skip(test, "there is no WebKitGTK with its driver, or no Xvfb");
        return;
    }
    // A test that failed leaves a browser that works.
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if slot.as_ref().is_none_or(|session| !session.is_alive()) {
        *slot = Some(Session::start(browser));
    }
    let Some(session) = slot.as_ref() else { return };
    session.new_tab();
    let page = Page::new(session, Site::of(&dist, "/deep/below/"));
    let result = catch_unwind(AssertUnwindSafe(|| {
        body(&page);
        page.assert_clean();
    }));
    if result.is_err() {
        page.leave_traces(test);
    }
    session.close_tabs();
    if let Err(panic) = result {
        resume_unwind(panic);
    }
}

/// Makes a test for each browser out of each function that takes a [`Page`].
#[macro_export]
macro_rules! in_browsers {
    ($($name:ident),+ $(,)?) => {
        mod chromium {
            $crate::tests_in!(Chromium: $($name),+);
        }
        mod firefox {
            $crate::tests_in!(Firefox: $($name),+);
        }
    };
}

/// Makes a test for Chromium alone out of each function: what no other driver can do.
#[macro_export]
macro_rules! in_chromium {
    ($($name:ident),+ $(,)?) => {
        mod only_chromium {
            $crate::tests_in!(Chromium: $($name),+);
        }
    };
}

/// Makes a test for WebKit out of each function, beside those of [`in_browsers`].
#[macro_export]
macro_rules! in_webkit_too {
    ($($name:ident),+ $(,)?) => {
        mod webkit {
            $crate::tests_in!(WebKit: $($name),+);
        }
    };
}

/// The tests of one browser.
#[macro_export]
macro_rules! tests_in {
    ($browser:ident: $($name:ident),+) => {
        $(
            #[test]
            fn $name() {
                $crate::browser::run(
                    $crate::browser::Browser::$browser,
                    concat!(module_path!(), "::", stringify!($name)),
                    super::$name,
                );
            }
        )+
    };
}

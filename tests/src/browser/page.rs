//! One test's tab: the viewer on it, and the server behind it.
//!
//! **Invariant:** waits for what is expected and never for a time; what a wait wanted is said when it was in vain.

use std::{
    cell::RefCell,
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Browser, Element, Key, Session};
use crate::{places, server::Site};

/// How long anything may take on a busy machine; nothing is asserted about time itself.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A tab with the site that it may open.
pub struct Page<'s> {
    /// The browser.
    pub session: &'s Session,
    /// The site, on an origin of its own.
    pub site: Site,
    forgiven: RefCell<Vec<String>>,
}

impl<'s> Page<'s> {
    /// On the session's current tab.
    pub const fn new(session: &'s Session, site: Site) -> Self {
        Self {
            session,
            site,
            forgiven: RefCell::new(Vec::new()),
        }
    }

    /// Which browser it is in.
    pub const fn browser(&self) -> Browser {
        self.session.browser
    }

    /// Opens an address of the site, such as `?sample`, and waits until the viewer runs.
    #[track_caller]
    pub fn open(&self, rest: &str) {
        self.session.go("about:blank");
        self.session.go(&self.site.url(rest));
        self.until("the viewer runs", || self.alive().then_some(()));
    }

    /// Opens `?url=` of bytes that the site serves under a name, and waits until they are shown.
    #[track_caller]
    pub fn open_bytes(&self, name: &str, bytes: &[u8]) -> Value {
        self.site.put(name, bytes.to_vec());
        self.open(&format!("?url=/files/{name}"));
        self.wait_for(&format!("{name} is open"), is_ready)
    }

    /// Loads the page again.
    #[track_caller]
    pub fn reload(&self) {
        self.session.post("/refresh", &json!({}));
        self.until("the viewer runs again", || self.alive().then_some(()));
    }

    fn alive(&self) -> bool {
        self.session.js(
            "return typeof window.throughline?.state === 'function'",
            &[],
        ) == true
    }

    /// `window.throughline.state()`.
    #[track_caller]
    pub fn state(&self) -> Value {
        self.session.js("return window.throughline.state()", &[])
    }

    /// Waits until the state is as wanted; gives it.
    #[track_caller]
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            last = self.session.js("return window.throughline?.state()", &[]);
            if !last.is_null() && wanted(&last) {
                return last;
            }
            sleep(Duration::from_millis(25));
        }
        panic!("waited in vain until {what}; the state is {last:#}")
    }

    /// Waits until there is something.
    #[track_caller]
    pub fn until<T>(&self, what: &str, mut there: impl FnMut() -> Option<T>) -> T {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(found) = there() {
                return found;
            }
            sleep(Duration::from_millis(25));
        }
        panic!("waited in vain until {what}")
    }

    /// Waits for the element of a CSS selector.
    #[track_caller]
    pub fn find(&self, css: &str) -> Element<'s> {
        self.until(&format!("there is {css}"), || {
            Element::find(self.session, "css selector", css).ok()
        })
    }

    /// Whether there is an element of a CSS selector now.
    pub fn has(&self, css: &str) -> bool {
        Element::find(self.session, "css selector", css).is_ok()
    }

    /// Waits for a button (or tab, or link) that can be pressed, by its name: its words, else its
    /// label.
    #[track_caller]
    pub fn button(&self, name: &str) -> Element<'s> {
        let path = format!(
            "//*[self::button or self::a][normalize-space()='{name}' or @aria-label='{name}' and not(normalize-space()='{name}')][not(@disabled)]"
        );
        self.until(&format!("there is a button “{name}”"), || {
            Element::find(self.session, "xpath", &path).ok()
        })
    }

    /// Presses a button by its name.
    #[track_caller]
    pub fn press(&self, name: &str) {
        self.click_when_possible(&format!("button “{name}”"), || self.button(name));
    }

    /// Clicks the element of a CSS selector.
    #[track_caller]
    pub fn click(&self, css: &str) {
        self.click_when_possible(css, || self.find(css));
    }

    /// Between finding and clicking the page may have moved on: then both are tried again.
    #[track_caller]
    fn click_when_possible(&self, what: &str, find: impl Fn() -> Element<'s>) {
        let mut refused = None;
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            match find().try_click() {
                Ok(()) => return,
                Err(reason) => refused = Some(reason),
            }
            sleep(Duration::from_millis(50));
        }
        panic!(
            "{what} cannot be clicked: {}",
            refused.map_or_else(String::new, |reason| reason.to_string())
        )
    }

    /// Presses keys where the focus is.
    #[track_caller]
    pub fn keys(&self, text: &str) {
        self.session.keys(text);
    }

    /// Presses one key.
    #[track_caller]
    pub fn key(&self, key: Key) {
        self.session.keys(&key.code().to_string());
    }

    /// Runs the body of a function in the page.
    #[track_caller]
    pub fn js(&self, body: &str) -> Value {
        self.session.js(body, &[])
    }

    /// Drops files on the page, as a file manager would.
    #[track_caller]
    pub fn drop_files(&self, files: &[(&str, &[u8])], shift: bool) {
        let files: Vec<Value> = files
            .iter()
            .enumerate()
            // Served by number: a file's name may be anything.
            .map(|(at, (name, bytes))| {
                let url = self.site.put(&format!("dropped-{at}"), bytes.to_vec());
                json!([name, url])
            })
            .collect();
        let script = "const transfer = new DataTransfer();
            for (const [name, url] of args[0]) {
                const bytes = await (await fetch(url)).arrayBuffer();
                transfer.items.add(new File([bytes], name));
            }
            const init = { dataTransfer: transfer, bubbles: true, cancelable: true, shiftKey: args[1] };
            document.body.dispatchEvent(new DragEvent('dragover', init));
            document.body.dispatchEvent(new DragEvent('drop', init));";
        self.session.js_async(script, &[json!(files), json!(shift)]);
    }

    /// Chooses files in the system's picker, which the button of this name opens.
    #[track_caller]
    pub fn pick_files(&self, button: &str, paths: &[&Path]) {
        // The picker itself is not the page's: its element is put into the page, where the driver can fill it.
        self.js("HTMLInputElement.prototype.click = function () {
                if (this.type === 'file') { this.id = 'picked'; document.body.append(this); }
            }");
        self.press(button);
        let paths: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        self.find("#picked").type_text(&paths.join("\n"));
        self.js("document.getElementById('picked')?.remove()");
    }

    /// Goes back in the history.
    #[track_caller]
    pub fn back(&self) {
        self.session.post("/back", &json!({}));
    }

    /// Goes forward in the history.
    #[track_caller]
    pub fn forward(&self) {
        self.session.post("/forward", &json!({}));
    }

    /// An error whose message has this in it is part of the test.
    pub fn forgive(&self, part: &str) {
        self.forgiven.borrow_mut().push(part.to_owned());
    }

    pub(super) fn assert_clean(&self) {
        let forgiven = self.forgiven.borrow();
        let mut errors = self.session.errors();
        errors.retain(|error| !forgiven.iter().any(|part| error.contains(part.as_str())));
        assert!(errors.is_empty(), "the page logged errors: {errors:#?}");
        let violations = self.site.violations();
        assert!(
            violations.is_empty(),
            "the page broke its policy: {violations:#?}"
        );
    }

    /// Leaves a screenshot and the state for whoever looks at a failure.
    pub(super) fn leave_traces(&self, test: &str) {
        let folder = places::leavings();
        let name = format!("{:?}-{}", self.browser(), test.replace("::", "-"));
        fs::create_dir_all(&folder).ok();
        if let Some(picture) = self.session.screenshot() {
            use base64::{Engine, engine::general_purpose::STANDARD};
            let bytes = STANDARD.decode(picture).unwrap_or_default();
            fs::write(folder.join(format!("{name}.png")), bytes).ok();
        }
        let state = json!({
            "address": self.session.try_get("/url").unwrap_or_default(),
            "state": self.session.try_post("/execute/sync", &json!({"script": "return window.throughline?.state()", "args": []})).unwrap_or_default(),
            "errors": self.session.errors(),
            "violations": self.site.violations(),
        });
        fs::write(folder.join(format!("{name}.json")), format!("{state:#}\n")).ok();
        eprintln!("{name}: see {}", folder.display());
    }
}

/// Something is open and nothing is loading.
pub fn is_ready(state: &Value) -> bool {
    state["phase"] == "ready"
}

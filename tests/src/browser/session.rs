//! A session of a browser: tabs, navigation, scripts, keys, pointer, log.
//!
//! **Invariant:** one command of WebDriver a method, errors as panics that say what was tried: a test has no use for
//! a browser that does not obey.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{
    Browser, Guard, launch,
    wire::{Refused, Wire},
};

/// Keys that are no characters, as WebDriver writes them.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Key {
    Enter,
    Escape,
    Tab,
    Space,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageDown,
    Shift,
    Control,
}

impl Key {
    /// The character that stands for it.
    pub const fn code(self) -> char {
        match self {
            Self::Enter => '\u{e007}',
            Self::Escape => '\u{e00c}',
            Self::Tab => '\u{e004}',
            Self::Space => ' ',
            Self::Up => '\u{e013}',
            Self::Down => '\u{e015}',
            Self::Left => '\u{e012}',
            Self::Right => '\u{e014}',
            Self::Home => '\u{e011}',
            Self::End => '\u{e010}',
            Self::PageDown => '\u{e00f}',
            Self::Shift => '\u{e008}',
            Self::Control => '\u{e009}',
        }
    }
}

/// A browser under control; ends when dropped.
pub struct Session {
    /// Which one it is.
    pub browser: Browser,
    /// The process of the browser itself.
    pub process: u64,
    wire: Wire,
    path: String,
    home: String,
    output: Arc<Mutex<Vec<String>>>,
    driver: std::process::Child,
    screen: Option<std::process::Child>,
    // Last: what is still there when the session is closed is stopped then.
    _guard: Guard,
}

impl Session {
    /// Starts a browser.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(browser: Browser) -> Self {
        Self::start_with(browser, &[])
    }

    /// Starts a browser with more arguments, which Chromium alone takes.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_with(browser: Browser, more: &[String]) -> Self {
        let mut guard = Guard::new("browser");
        let driver = launch::driver(browser, &mut guard);
        let wire = Wire::new(driver.port);
        let made = wire.post("/session", &launch::capabilities(browser, &guard, more));
        let made = made.unwrap_or_else(|refused| panic!("{browser:?} does not start: {refused}"));
        let process = ["goog:processID", "moz:processID"]
            .iter()
            .find_map(|key| made["capabilities"][key].as_u64())
            .unwrap_or_default();
        if process > 0 {
            guard.watch(process);
        }
        let path = format!(
            "/session/{}",
            made["sessionId"].as_str().unwrap_or_default()
        );
        let limits = json!({"script": 240_000, "pageLoad": 60_000, "implicit": 0});
        wire.post(&format!("{path}/timeouts"), &limits).ok();
        let (width, height) = launch::WINDOW;
        wire.post(
            &format!("{path}/window/rect"),
            &json!({"width": width, "height": height}),
        )
        .ok();
        let home = wire.get(&format!("{path}/window")).unwrap_or_default();
        Self {
            browser,
            process,
            home: home.as_str().unwrap_or_default().to_owned(),
            wire,
            path,
            output: driver.output,
            driver: driver.child,
            screen: driver.screen,
            _guard: guard,
        }
    }

    /// Whether the browser still answers.
    pub fn is_alive(&self) -> bool {
        self.wire
            .get(&format!("{}/window/handles", self.path))
            .is_ok()
    }

    /// Opens a tab and goes there.
    pub fn new_tab(&self) {
        let made = self.post("/window/new", &json!({"type": "tab"}));
        self.post("/window", &json!({"handle": made["handle"]}));
    }

    /// Closes all tabs but the first one, and goes there.
    pub fn close_tabs(&self) {
        let tabs = self.try_get("/window/handles").unwrap_or_default();
        for tab in tabs
            .as_array()
            .into_iter()
            .flatten()
            .filter(|tab| **tab != self.home)
        {
            // A tab that crashed is gone already.
            self.try_post("/window", &json!({"handle": tab})).ok();
            self.wire.delete(&self.at("/window")).ok();
        }
        self.try_post("/window", &json!({"handle": self.home})).ok();
    }

    /// One command with a body.
    ///
    /// # Panics
    /// When the driver refuses.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body)
            .unwrap_or_else(|refused| panic!("{:?}: {path} {body}: {refused}", self.browser))
    }

    /// One command with a body.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn try_post(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        self.wire.post(&self.at(path), body)
    }

    /// One command that only asks.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn try_get(&self, path: &str) -> Result<Value, Refused> {
        self.wire.get(&self.at(path))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.path)
    }

    /// Goes to an address and waits for the page's `load`.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// Runs the body of a function in the page and gives what it returns.
    #[track_caller]
    pub fn js(&self, body: &str, args: &[Value]) -> Value {
        self.post("/execute/sync", &json!({"script": body, "args": args}))
    }

    /// Runs the body of an `async` function in the page and gives what it resolves to.
    #[track_caller]
    pub fn js_async(&self, body: &str, args: &[Value]) -> Value {
        // Neither driver says what a promise was rejected with: the page does.
        let script = format!(
            "const done = arguments[arguments.length - 1]; const args = [...arguments].slice(0, -1); \
             (async (...args) => {{ {body} }})(...args).then((value) => done({{value}}), (error) => done({{error: String(error)}}));"
        );
        let mut answer = self.post("/execute/async", &json!({"script": script, "args": args}));
        let error = &answer["error"];
        assert!(
            error.is_null(),
            "{:?}: a script was rejected: {error}",
            self.browser
        );
        answer["value"].take()
    }

    /// A command of Chromium's own protocol.
    #[track_caller]
    pub fn cdp(&self, command: &str, params: &Value) -> Value {
        self.post(
            "/goog/cdp/execute",
            &json!({"cmd": command, "params": params}),
        )
    }

    /// Presses keys one after the other: characters, and [`Key`]s as their [`Key::code`].
    #[track_caller]
    pub fn keys(&self, text: &str) {
        let strokes = text.chars().flat_map(|key| {
            let key = key.to_string();
            [
                json!({"type": "keyDown", "value": key}),
                json!({"type": "keyUp", "value": key}),
            ]
        });
        let strokes: Vec<Value> = strokes.collect();
        self.actions(&json!({"type": "key", "id": "keys", "actions": strokes}));
    }

    /// Presses a key while another is held.
    #[track_caller]
    pub fn chord(&self, held: Key, key: char) {
        let (held, key) = (held.code().to_string(), key.to_string());
        let stroke = |kind: &str, value: &str| json!({"type": kind, "value": value});
        let strokes = [
            stroke("keyDown", &held),
            stroke("keyDown", &key),
            stroke("keyUp", &key),
            stroke("keyUp", &held),
        ];
        self.actions(&json!({"type": "key", "id": "keys", "actions": strokes}));
    }

    /// Turns the wheel at a point of the page.
    #[track_caller]
    pub fn wheel(&self, x: i64, y: i64, down: i64) {
        let turn = json!({"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": down, "duration": 0, "origin": "viewport"});
        self.actions(&json!({"type": "wheel", "id": "wheel", "actions": [turn]}));
    }

    /// Presses at one point of the page, moves to another one and lets go.
    #[track_caller]
    pub fn drag(&self, from: (i64, i64), to: (i64, i64)) {
        let go = |(x, y): (i64, i64)| json!({"type": "pointerMove", "x": x, "y": y, "duration": 50, "origin": "viewport"});
        let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        let down = json!({"type": "pointerDown", "button": 0});
        let up = json!({"type": "pointerUp", "button": 0});
        let moves = [go(from), down, go(middle), go(to), up];
        self.actions(&json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves}));
    }

    #[track_caller]
    fn actions(&self, source: &Value) {
        self.post("/actions", &json!({"actions": [source]}));
    }

    /// The page as a PNG, in base64.
    pub fn screenshot(&self) -> Option<String> {
        if self.browser == Browser::WebKit {
            // It waits for a frame that no screen shows.
            return None;
        }
        Some(self.try_get("/screenshot").ok()?.as_str()?.to_owned())
    }

    /// Errors that pages have logged or thrown since the last call.
    pub fn errors(&self) -> Vec<String> {
        match self.browser {
            Browser::Chromium => {
                let log = self
                    .try_post("/se/log", &json!({"type": "browser"}))
                    .unwrap_or_default();
                let entries = log.as_array().into_iter().flatten();
                let severe = entries.filter(|entry| entry["level"] == "SEVERE");
                severe
                    .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
                    .collect()
            }
            // Its driver tells nothing of what pages say.
            Browser::WebKit => Vec::new(),
            Browser::Firefox => {
                let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
                // The browser's own scripts write there, too: what has a page's address is a
                // page's, and a panic is always ours.
                let is_error = |line: &String| {
                    line.starts_with("JavaScript error: http") || line.contains("panicked at ")
                };
                output.drain(..).filter(is_error).collect()
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.wire.delete(&self.path).ok();
        self.driver.kill().ok();
        self.driver.wait().ok();
        if let Some(screen) = &mut self.screen {
            screen.kill().ok();
            screen.wait().ok();
        }
    }
}

//! Keys to commands, by the table of [`super::commands`].
//!
//! **Invariant:** no key works while a text field has the focus, but Escape and the way out of it; no key that the
//! browser or a screen reader needs is taken.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{
    commands::{self, Run},
    context::App,
    header, measure,
};
use crate::browser::{self, listen};

/// Listens to the page's keys.
pub fn install(app: App) {
    listen::on(
        &browser::document(),
        "keydown",
        move |event: KeyboardEvent| {
            if event.default_prevented() || event.is_composing() {
                return;
            }
            measure::command_begins();
            let key = Key::of(&event);
            if in_field(&event) && !key.control {
                if key.text == "Escape" {
                    blur(&event);
                }
                return;
            }
            let mut names = key.names().into_iter();
            let run = app.peek(|state| names.find_map(|name| commands::of_key(&name, state)));
            if run.is_some_and(|run| perform(app, run)) {
                event.prevent_default();
            }
        },
    );
}

/// Does what the table says; false when there is nothing to do now.
pub fn perform(app: App, run: Run) -> bool {
    match run {
        Run::Command(command) => match app.peek(command) {
            Some(command) => app.dispatch(command),
            None => return false,
        },
        Run::Find => focus_find(),
        Run::Share => header::share(app),
        Run::Nothing => return false,
    }
    true
}

/// A key as the browser gives it.
#[derive(Debug, Default)]
struct Key {
    text: String,
    code: String,
    shift: bool,
    control: bool,
    alt: bool,
}

impl Key {
    fn of(event: &KeyboardEvent) -> Self {
        Self {
            text: event.key(),
            code: event.code(),
            shift: event.shift_key(),
            control: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
        }
    }

    /// As the table may have it: `a`, `Shift+a`, `Shift+↑`, `Ctrl+k`, `?`; a digit with Shift is another sign on every
    /// keyboard, so it has two names.
    fn names(&self) -> Vec<String> {
        let named = match self.text.as_str() {
            "ArrowUp" => "↑",
            "ArrowDown" => "↓",
            "ArrowLeft" => "←",
            "ArrowRight" => "→",
            "PageUp" => "Page up",
            "PageDown" => "Page down",
            "Escape" => "Esc",
            " " => "Space",
            text => text,
        };
        // No other letters are in the table.
        let lower = named.to_ascii_lowercase();
        let is_sign = named.is_ascii() && named.len() == 1;
        let is_letter = is_sign && named.bytes().all(|sign| sign.is_ascii_alphabetic());
        let (name, shift) = match is_letter {
            true => (&*lower, lower != named),
            // A sign has the Shift in it already.
            false => (named, self.shift && !is_sign),
        };
        let with = |held: bool, name: &'static str| if held { name } else { "" };
        let held = format!(
            "{}{}{}",
            with(self.control, "Ctrl+"),
            with(self.alt, "Alt+"),
            with(shift, "Shift+")
        );
        let digit = self.code.strip_prefix("Digit").filter(|_| self.shift);
        let digit = digit.map(|digit| format!("Shift+{digit}"));
        core::iter::once(format!("{held}{name}"))
            .chain(digit)
            .collect()
    }
}

fn target(event: &KeyboardEvent) -> Option<HtmlElement> {
    event.target()?.dyn_into().ok()
}

/// Whether the key goes to something that uses keys itself.
fn in_field(event: &KeyboardEvent) -> bool {
    let Some(target) = target(event) else {
        return false;
    };
    let tag = target.tag_name();
    let own =
        matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT") || target.is_content_editable();
    let pressed = matches!(event.key().as_str(), "Enter" | " ");
    own || pressed && matches!(tag.as_str(), "BUTTON" | "A" | "SUMMARY")
}

fn blur(event: &KeyboardEvent) {
    if let Some(target) = target(event) {
        target.blur().ok();
    }
}

/// Puts the cursor into find.
pub fn focus_find() {
    if let Some(input) = browser::document().get_element_by_id("find")
        && let Ok(input) = input.dyn_into::<web_sys::HtmlInputElement>()
    {
        input.focus().ok();
        input.select();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_names() {
        let check = |text: &str, code: &str, held: &str, expected: &str| {
            let key = Key {
                text: text.to_owned(),
                code: code.to_owned(),
                shift: held.contains('s'),
                control: held.contains('c'),
                alt: held.contains('a'),
            };
            assert_eq!(key.names().join(" "), expected, "{key:?}");
        };
        check("a", "KeyA", "", "a");
        check("A", "KeyA", "s", "Shift+a");
        check("ArrowUp", "ArrowUp", "", "↑");
        check("ArrowUp", "ArrowUp", "s", "Shift+↑");
        check("?", "Slash", "s", "?");
        check("+", "Equal", "s", "+");
        check("!", "Digit1", "s", "! Shift+1");
        check("/", "Digit7", "s", "/ Shift+7");
        check("1", "Digit1", "", "1");
        check("k", "KeyK", "c", "Ctrl+k");
        check("k", "KeyK", "a", "Alt+k");
        check(" ", "Space", "", "Space");
        check("Escape", "Escape", "", "Esc");
        check("Enter", "Enter", "s", "Shift+Enter");
    }
}

//! Keys to commands. The same table feeds the tooltips and the dialog of keys.
//!
//! **Invariant:** no key works while a text field has the focus, but Escape and the way out of it; no key that the
//! browser or a screen reader needs is taken.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{context::App, measure};
use crate::{
    browser::{self, listen},
    state::{Command, Dialog, Move, Theme, UiState, View},
};

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
            if key.text == "b" && key.control
                || key.text == "/" && !in_field(&event) && !key.control
            {
                event.prevent_default();
                focus_find();
                return;
            }
            if in_field(&event) {
                if key.text == "Escape" {
                    blur(&event);
                }
                return;
            }
            let command = app.peek(|state| command(&key, state));
            if let Some(command) = command {
                event.prevent_default();
                app.dispatch(command);
            }
        },
    );
}

/// A key as the table wants it.
#[derive(Debug, Default)]
struct Key {
    text: String,
    shift: bool,
    control: bool,
    alt: bool,
}

impl Key {
    fn of(event: &KeyboardEvent) -> Self {
        Self {
            text: event.key(),
            shift: event.shift_key(),
            control: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
        }
    }
}

/// What a key does in this state.
fn command(key: &Key, state: &UiState) -> Option<Command> {
    if key.control || key.alt {
        return None;
    }
    match key.text.as_str() {
        "Escape" => return Some(Command::Escape),
        "?" => return Some(Command::ShowDialog(Some(Dialog::Keys))),
        _ if state.dialog.is_some() => return None,
        "t" => {
            return Some(Command::SetTheme(if state.dark() {
                Theme::Light
            } else {
                Theme::Dark
            }));
        }
        _ => {}
    }
    state.dataset.as_ref()?;
    match key.text.as_str() {
        "1" => return Some(Command::ShowView(View::List)),
        "2" => return Some(Command::ShowView(View::Waterfall)),
        "3" => return Some(Command::ShowView(View::Graph)),
        "i" => return Some(Command::ShowDialog(Some(Dialog::Issues))),
        "n" => return Some(Command::NextMatch),
        "N" => return Some(Command::PreviousMatch),
        "e" if state.view == View::Waterfall => return Some(Command::NextError),
        _ => {}
    }
    if state.view != View::Waterfall {
        return None;
    }
    let page = 20;
    Some(match key.text.as_str() {
        "ArrowUp" if key.shift => Command::Zoom {
            anchor: 0.5,
            factor: 0.5,
        },
        "ArrowDown" if key.shift => Command::Zoom {
            anchor: 0.5,
            factor: 2.0,
        },
        "ArrowLeft" if key.shift => Command::Pan(-0.5),
        "ArrowRight" if key.shift => Command::Pan(0.5),
        "ArrowUp" | "b" | "k" => Command::Move(Move::Up),
        "ArrowDown" | "f" | "j" => Command::Move(Move::Down),
        "ArrowLeft" => Command::Move(Move::Left),
        "ArrowRight" => Command::Move(Move::Right),
        "PageUp" | "w" => Command::Move(Move::Rows(-page)),
        "PageDown" | "s" => Command::Move(Move::Rows(page)),
        "Home" => Command::Move(Move::First),
        "End" => Command::Move(Move::Last),
        "a" => Command::Pan(-0.1),
        "d" => Command::Pan(0.1),
        "A" => Command::Pan(-0.5),
        "D" => Command::Pan(0.5),
        "+" | "=" => Command::Zoom {
            anchor: 0.5,
            factor: 0.5,
        },
        "-" | "_" => Command::Zoom {
            anchor: 0.5,
            factor: 2.0,
        },
        "l" => Command::NextSlowest,
        "c" => Command::NextOnPath,
        "C" => Command::ShowCriticalPath(!state.critical_path),
        "0" => Command::ResetRange,
        "z" => Command::ZoomToSelection,
        "]" => Command::CollapseAll,
        "[" => Command::ExpandAll,
        "p" => Command::CollapseLevel,
        "o" => Command::ExpandLevel,
        "Enter" => Command::ShowDetails(!state.details_open),
        " " => Command::Toggle(state.selection?),
        _ => return None,
    })
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
    fn keys_do_nothing_without_a_dataset_but_help_and_theme() {
        let state = UiState::default();
        let does = |text: &str| {
            let key = Key {
                text: text.to_owned(),
                ..Key::default()
            };
            command(&key, &state).is_some()
        };
        let working: Vec<_> = ["Escape", "?", "t", "1", "n", "]", "ArrowDown", "a"]
            .into_iter()
            .filter(|k| does(k))
            .collect();
        assert_eq!(working, ["Escape", "?", "t"]);
    }
}

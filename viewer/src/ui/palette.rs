//! The command palette: everything that can be done now, found by a few letters, with its keys.
//!
//! **Invariant:** shows the table of [`super::commands`]; which entry has the cursor is its own.

use std::time::Duration;

use crate::dom::prelude::*;
use web_sys::{Event, KeyboardEvent, PointerEvent};

use super::{
    commands::{Entry, KEYED, UNKEYED},
    context::use_app,
    keyboard,
    keys::{self, Modal},
};
use crate::state::{Command, Dialog, UiState};

/// The dialog.
#[component]
pub fn Palette() -> impl IntoView {
    let app = use_app();
    let text = RwSignal::new(String::new());
    let active = RwSignal::new(0usize);
    let found = Memo::new(move || app.with(|state| text.with(|text| matching(text, state))));
    let run = move |at: usize| {
        let entry = found.with_untracked(|found| found.get(at).copied());
        let Some(entry) = entry.and_then(entry_of) else {
            return;
        };
        let what = entry.run;
        app.dispatch(Command::ShowDialog(None));
        // The dialog gives the focus back first.
        set_timeout(
            move || {
                keyboard::perform(app, what);
            },
            Duration::from_millis(30),
        );
    };
    let key = move |event: KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        let at = active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => active.set(if at < last { at + 1 } else { 0 }),
            "ArrowUp" => active.set(at.checked_sub(1).unwrap_or(last)),
            "Home" => active.set(0),
            "End" => active.set(last),
            "Enter" => run(at),
            _ => return,
        }
        event.prevent_default();
        show_active();
    };
    let typed = move |event: Event| {
        text.set(event_target_value(&event));
        active.set(0);
    };
    let line = move |at: usize, entry: &'static Entry| {
        view! {
            <li class="palette-row" role="option" id=format!("command-{at}") aria-selected=move || (active.get() == at).to_string()
                on:pointerdown=move |event: PointerEvent| event.prevent_default() on:click=move |_| run(at)>
                <span class="palette-words">{entry.words}</span>
                <span class="palette-group">{entry.group}</span>
                <span class="palette-keys">{keys::caps(entry.keys)}</span>
            </li>
        }
    };
    view! {
        <Modal title="Commands" dialog=Dialog::Palette wide=false>
            <input class="input palette-text" type="text" autofocus=true role="combobox" aria-expanded="true" aria-autocomplete="list"
                aria-controls="commands" aria-activedescendant=move || format!("command-{}", active.get())
                placeholder="What do you want to do?" aria-label="Find a command" autocomplete="off" spellcheck="false" on:input=typed on:keydown=key/>
            <ul id="commands" class="palette-list" role="listbox" aria-label="Commands">
                {move || found.with(|found| found.iter().enumerate().filter_map(|(at, number)| Some(line(at, entry_of(*number)?))).collect_view())}
            </ul>
            {move || found.with(Vec::is_empty).then(|| view! { <p class="hint">"No command has all of these words."</p> })}
        </Modal>
    }
}

/// The entry of a number: those with keys come first.
fn entry_of(number: usize) -> Option<&'static Entry> {
    KEYED.iter().chain(UNKEYED).nth(number)
}

/// The numbers of the entries that can be done and have every word, those whose words begin so first.
fn matching(text: &str, state: &UiState) -> Vec<usize> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let rank = |entry: &Entry| -> Option<usize> {
        let name = format!("{} {}", entry.words, entry.group).to_lowercase();
        words.iter().try_fold(0, |sum, word| {
            let at = name.find(word.as_str())?;
            let begins = at == 0 || !name[..at].ends_with(char::is_alphanumeric);
            Some(sum + usize::from(!begins))
        })
    };
    let mut found: Vec<(usize, usize)> = KEYED
        .iter()
        .chain(UNKEYED)
        .enumerate()
        .filter(|(_, entry)| entry.place.is_below_dialogs(state))
        .filter_map(|(at, entry)| Some((rank(entry)?, at)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, at)| at).collect()
}

/// Brings the entry with the cursor on screen.
fn show_active() {
    request_animation_frame(|| {
        let row = document().query_selector(".palette-row[aria-selected=true]");
        if let Ok(Some(row)) = row {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_words_in_any_order() {
        let state = UiState::default();
        let check = |text: &str, expected: &[&str]| {
            let found = matching(text, &state);
            let words: Vec<&str> = found
                .iter()
                .filter_map(|&at| Some(entry_of(at)?.words))
                .collect();
            assert_eq!(words, expected, "{text}");
        };
        check("dark", &["Light or dark theme"]);
        check("DATA open", &["Open more data"]);
        check("share", &[]);
        check("zzz", &[]);
        // What needs a trace is not offered without one.
        check("error", &[]);
        assert!(!matching("", &state).is_empty());
    }
}

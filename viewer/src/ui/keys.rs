//! All keys, and the frame that dialogs share.
//!
//! **Invariant:** shows the table of [`super::commands`].

mod modal;

use crate::dom::prelude::*;

use super::commands::KEYED;
use crate::state::Dialog;
pub use modal::Modal;

/// The dialog.
#[component]
pub fn Keys() -> impl IntoView {
    let groups = KEYED.chunk_by(|a, b| a.group == b.group).map(|group| {
        let rows = group.iter().map(|entry| view! {
            <div class="keys-row"><dt>{caps(entry.keys)}</dt><dd>{entry.words}</dd></div>
        });
        let name = group[0].group;
        view! { <section class="keys-group"><h3>{name}</h3><dl>{rows.collect_view()}</dl></section> }
    });
    let groups = groups.collect_view();
    view! { <Modal title="Keys" dialog=Dialog::Keys wide=true><div class="keys">{groups}</div></Modal> }
}

/// Keys that do one thing, side by side.
pub(super) fn caps(keys: &'static [&'static str]) -> impl IntoView {
    keys.iter()
        .map(|combination| {
            let parts = pressed_together(combination)
                .into_iter()
                .map(|key| view! { <kbd>{key}</kbd> });
            view! { <span class="keys-combination">{parts.collect_view()}</span> }
        })
        .collect_view()
}

/// `Shift+a` is two keys, `+` is one.
fn pressed_together(combination: &'static str) -> Vec<&'static str> {
    match combination.split_once('+') {
        Some((first, second)) if !first.is_empty() && !second.is_empty() => vec![first, second],
        _ => vec![combination],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_split() {
        let check = |text, expected: &[&str]| assert_eq!(pressed_together(text), expected);
        check("Shift+a", &["Shift", "a"]);
        check("+", &["+"]);
        check("Page up", &["Page up"]);
    }
}

//! All keys, and the frame that dialogs share.
//!
//! **Invariant:** a list of what the keyboard module does; it does nothing itself.

mod modal;

use crate::dom::prelude::*;

use crate::state::Dialog;
pub use modal::Modal;

/// Keys that do one thing, the alternatives side by side; `+` joins what is pressed together.
struct KeyRow(&'static [&'static str], &'static str);

const GROUPS: [(&str, &[KeyRow]); 5] = [
    (
        "Move",
        &[
            KeyRow(&["↑", "b", "k"], "Span above"),
            KeyRow(&["↓", "f", "j"], "Span below"),
            KeyRow(&["←"], "Hide the children, or go to the parent"),
            KeyRow(&["→"], "Show the children, or go to the first"),
            KeyRow(&["w", "Page up"], "A page up"),
            KeyRow(&["s", "Page down"], "A page down"),
            KeyRow(&["Home"], "First span"),
            KeyRow(&["End"], "Last span"),
            KeyRow(&["e"], "Next error"),
            KeyRow(&["l"], "Next slowest, by self time"),
            KeyRow(&["c"], "Next on the critical path"),
            KeyRow(&["Enter"], "Show or hide the details"),
        ],
    ),
    (
        "Time",
        &[
            KeyRow(&["a", "d"], "Earlier, later"),
            KeyRow(&["Shift+a", "Shift+d"], "The same, faster"),
            KeyRow(&["+", "Shift+↑"], "Zoom in"),
            KeyRow(&["-", "Shift+↓"], "Zoom out"),
            KeyRow(&["z"], "Zoom to the selected span"),
            KeyRow(&["0"], "The whole trace"),
        ],
    ),
    (
        "Tree",
        &[
            KeyRow(&["Space"], "Hide or show the children"),
            KeyRow(&["p"], "Hide the deepest level"),
            KeyRow(&["o"], "Show one level more"),
            KeyRow(&["]"], "Collapse all"),
            KeyRow(&["["], "Expand all"),
        ],
    ),
    (
        "Find",
        &[
            KeyRow(&["/", "Ctrl+b"], "Find in the trace"),
            KeyRow(&["n", "Enter"], "Next match"),
            KeyRow(&["Shift+n", "Shift+Enter"], "Previous match"),
            KeyRow(&["Esc"], "Clear, or close what is on top"),
        ],
    ),
    (
        "Views",
        &[
            KeyRow(&["1"], "Traces"),
            KeyRow(&["2"], "Waterfall"),
            KeyRow(&["3"], "Graph"),
            KeyRow(&["Shift+c"], "Critical path on or off"),
            KeyRow(&["i"], "Issues in the data"),
            KeyRow(&["t"], "Light or dark"),
            KeyRow(&["?"], "These keys"),
        ],
    ),
];

/// The dialog.
#[component]
pub fn Keys() -> impl IntoView {
    let groups = GROUPS.map(|(name, rows)| {
        let rows = rows.iter().map(|row| view! {
            <div class="keys-row"><dt>{caps(row.0)}</dt><dd>{row.1}</dd></div>
        });
        view! { <section class="keys-group"><h3>{name}</h3><dl>{rows.collect_view()}</dl></section> }
    });
    view! { <Modal title="Keys" dialog=Dialog::Keys wide=true><div class="keys">{groups.into_iter().collect_view()}</div></Modal> }
}

fn caps(keys: &'static [&'static str]) -> impl IntoView {
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

    #[test]
    fn no_key_does_two_things() {
        let all = GROUPS
            .iter()
            .flat_map(|(_, rows)| rows.iter())
            .flat_map(|row| row.0.iter());
        let mut keys: Vec<&str> = all.copied().filter(|&key| key != "Enter").collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}

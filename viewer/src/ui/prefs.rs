//! What the user chose, as the browser remembers it.
//!
//! **Invariant:** whatever is not there or does not read is as it was by default.

use crate::{
    browser::{fields::Fields, storage},
    state::{Prefs, Theme, TimeMode},
};

const KEY: &str = "prefs";

/// What was chosen on an earlier visit.
pub fn remembered() -> Option<Prefs> {
    let fields = Fields::parse(&storage::read(KEY)?)?;
    let known = Prefs::default();
    let theme = fields.text("theme").and_then(|name| Theme::of_name(&name));
    let time = fields
        .text("time")
        .and_then(|name| TimeMode::of_name(&name));
    Some(Prefs {
        theme: theme.unwrap_or(known.theme),
        time: time.unwrap_or(known.time),
        tree_width: fields.number("tree_width").unwrap_or(known.tree_width),
        side_width: fields.number("side_width").unwrap_or(known.side_width),
        compact: fields.flag("compact").unwrap_or(known.compact),
        badges: fields.flag("badges").unwrap_or(known.badges),
        pinned: fields.texts("pinned"),
        row_columns: fields.text("row_columns").unwrap_or_default(),
        columns: fields.text("columns").unwrap_or_default(),
        event_columns: fields.text("event_columns").unwrap_or_default(),
    })
}

/// Remembers what is chosen now.
pub fn remember(prefs: &Prefs) {
    let fields = Fields::default()
        .with("theme", prefs.theme.name())
        .with("time", prefs.time.name())
        .with("tree_width", prefs.tree_width)
        .with("side_width", prefs.side_width)
        .with("compact", prefs.compact)
        .with("badges", prefs.badges)
        .with("pinned", Fields::of_texts(&prefs.pinned))
        .with("row_columns", &*prefs.row_columns)
        .with("columns", &*prefs.columns)
        .with("event_columns", &*prefs.event_columns);
    storage::write(KEY, &fields.to_json());
}

//! What the user chose and the browser remembers.
//!
//! **Invariant:** plain data; whatever is not remembered is as it is by default.

use super::UiState;

/// So many keys stand first in the details.
const PINNED_MOST: usize = 24;

/// What the user chose and the browser remembers.
#[derive(Clone, Debug, PartialEq)]
pub struct Prefs {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// How points in time are written.
    pub time: TimeMode,
    /// Width of the span names, CSS pixels.
    pub tree_width: f64,
    /// Width of the side panel, CSS pixels.
    pub side_width: f64,
    /// Rows of 20 instead of 26 pixels.
    pub compact: bool,
    /// Rows say what they are by the semantic conventions.
    pub badges: bool,
    /// Keys of attributes that stand first in the details of every span, in this order.
    pub pinned: Vec<String>,
    /// The waterfall's columns, by name.
    pub row_columns: String,
    /// The flat table's columns for spans, by name; empty for those that show without being asked for.
    pub columns: String,
    /// The same for events.
    pub event_columns: String,
}

impl Default for Prefs {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            time: TimeMode::Local,
            tree_width: 430.0,
            side_width: 372.0,
            compact: false,
            badges: false,
            pinned: Vec::new(),
            row_columns: String::new(),
            columns: String::new(),
            event_columns: String::new(),
        }
    }
}

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How points in time are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeMode {
    /// In the browser's time zone.
    #[default]
    Local,
    /// In UTC.
    Utc,
    /// From the start of the trace.
    Relative,
}

impl Theme {
    const ALL: [(Self, &str); 3] = [
        (Self::System, "system"),
        (Self::Light, "light"),
        (Self::Dark, "dark"),
    ];

    /// As it is written down.
    pub fn name(self) -> &'static str {
        named(&Self::ALL, self)
    }

    /// What a name stands for.
    pub fn of_name(name: &str) -> Option<Self> {
        of_name(&Self::ALL, name)
    }
}

impl TimeMode {
    const ALL: [(Self, &str); 3] = [
        (Self::Local, "local"),
        (Self::Utc, "utc"),
        (Self::Relative, "relative"),
    ];

    /// As it is written down.
    pub fn name(self) -> &'static str {
        named(&Self::ALL, self)
    }

    /// What a name stands for.
    pub fn of_name(name: &str) -> Option<Self> {
        of_name(&Self::ALL, name)
    }

    /// The mode after this one, for a button that goes round.
    pub const fn next(self) -> Self {
        match self {
            Self::Local => Self::Utc,
            Self::Utc => Self::Relative,
            Self::Relative => Self::Local,
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Local => "local time",
            Self::Utc => "UTC",
            Self::Relative => "relative to the trace",
        }
    }
}

fn named<T: Copy + PartialEq>(all: &[(T, &'static str)], wanted: T) -> &'static str {
    let found = all.iter().find(|(value, _)| *value == wanted);
    found.map_or("", |(_, name)| name)
}

fn of_name<T: Copy>(all: &[(T, &'static str)], wanted: &str) -> Option<T> {
    let found = all.iter().find(|(_, name)| *name == wanted);
    found.map(|(value, _)| *value)
}

impl UiState {
    /// Pins the key of an attribute, or lets it go.
    pub(super) fn pin(&mut self, key: String) {
        let pinned = &mut self.prefs.pinned;
        match pinned.iter().position(|known| *known == key) {
            Some(at) => {
                pinned.remove(at);
            }
            None => {
                pinned.truncate(PINNED_MOST - 1);
                pinned.push(key);
            }
        }
    }
}

//! Everything that can be done by key or from the command palette: one table for the keyboard, the palette and the list
//! of keys; and what has no key in a table of its own, which the palette alone shows.
//!
//! **Invariant:** names commands, does nothing itself. In one state no key has two meanings.

use throughline_model::analysis::table::Column;

use crate::state::{Command, DETAILS, Dialog, Move, Others, Theme, TimeMode, UiState, View};

/// One thing that can be done.
pub struct Entry {
    /// Under which heading it stands.
    pub group: &'static str,
    /// What it is called.
    pub words: &'static str,
    /// Its keys, as they are shown; `+` joins what is pressed together.
    pub keys: &'static [&'static str],
    /// Where it can be done.
    pub place: Place,
    /// What is done.
    pub run: Run,
}

/// Where something can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere, even over a dialog.
    Everywhere,
    /// Anywhere.
    Page,
    /// Where something is open.
    Data,
    /// In the waterfall.
    Waterfall,
    /// In the field that has the focus: listed only.
    Field,
}

/// What is done.
#[derive(Clone, Copy)]
pub enum Run {
    /// A command, if the state has one for it.
    Command(fn(&UiState) -> Option<Command>),
    /// The cursor goes into the query bar.
    Find,
    /// A link to what is shown is copied.
    Share,
    /// Nothing here: the field does it.
    Nothing,
}

impl Place {
    /// Whether this is the place.
    pub fn is_here(self, state: &UiState) -> bool {
        self == Self::Everywhere || state.dialog.is_none() && self.is_below_dialogs(state)
    }

    /// Whether this will be the place once no dialog is open.
    pub fn is_below_dialogs(self, state: &UiState) -> bool {
        match self {
            Self::Everywhere | Self::Page => true,
            Self::Data => state.dataset.is_some(),
            Self::Waterfall => state.trace_ref().is_some() && state.view == View::Waterfall,
            Self::Field => false,
        }
    }
}

/// What a key does in this state.
pub fn of_key(key: &str, state: &UiState) -> Option<Run> {
    let mut here = KEYED.iter().filter(|entry| entry.place.is_here(state));
    let entry = here.find(|entry| entry.keys.contains(&key))?;
    Some(entry.run)
}

const fn does(run: fn(&UiState) -> Option<Command>) -> Run {
    Run::Command(run)
}

macro_rules! entries {
    ($($group:literal: { $($keys:expr, $words:literal, $place:ident, $run:expr;)* })*) => {
        &[$($(Entry { group: $group, words: $words, keys: &$keys, place: Place::$place, run: $run },)*)*]
    };
}

/// What has keys, in the order in which it is listed.
pub static KEYED: &[Entry] = entries! {
    "Move": {
        ["↑", "b", "k"], "Span above", Waterfall, does(|_| Some(Command::Move(Move::Up)));
        ["↓", "f", "j"], "Span below", Waterfall, does(|_| Some(Command::Move(Move::Down)));
        ["←"], "Hide the children, or go to the parent", Waterfall, does(|_| Some(Command::Move(Move::Left)));
        ["→"], "Show the children, or go to the first", Waterfall, does(|_| Some(Command::Move(Move::Right)));
        ["w", "Page up"], "A page up", Waterfall, does(|_| Some(Command::Move(Move::Rows(-PAGE))));
        ["s", "Page down"], "A page down", Waterfall, does(|_| Some(Command::Move(Move::Rows(PAGE))));
        ["Home"], "First span", Waterfall, does(|_| Some(Command::Move(Move::First)));
        ["End"], "Last span", Waterfall, does(|_| Some(Command::Move(Move::Last)));
        ["e"], "Next error", Waterfall, does(|_| Some(Command::NextError));
        ["Shift+e"], "Previous error", Waterfall, does(|_| Some(Command::PreviousError));
        ["l"], "Next slowest, by self time", Waterfall, does(|_| Some(Command::NextSlowest));
        ["c"], "Next on the critical path", Waterfall, does(|_| Some(Command::NextOnPath));
        ["Enter"], "Show or hide the details", Waterfall, does(|state| Some(Command::ShowDetails(!state.details_open)));
    }
    "Time": {
        ["a"], "Earlier", Waterfall, does(|_| Some(Command::Pan(-0.1)));
        ["d"], "Later", Waterfall, does(|_| Some(Command::Pan(0.1)));
        ["Shift+a", "Shift+←"], "Earlier by half of what shows", Waterfall, does(|_| Some(Command::Pan(-0.5)));
        ["Shift+d", "Shift+→"], "Later by half of what shows", Waterfall, does(|_| Some(Command::Pan(0.5)));
        ["+", "=", "Shift+↑"], "Zoom in", Waterfall, does(|_| Some(Command::Zoom { anchor: 0.5, factor: 0.5 }));
        ["-", "_", "Shift+↓"], "Zoom out", Waterfall, does(|_| Some(Command::Zoom { anchor: 0.5, factor: 2.0 }));
        ["z"], "Zoom to the selected span", Waterfall, does(|_| Some(Command::ZoomToSelection));
        ["0"], "The whole trace", Waterfall, does(|_| Some(Command::ResetRange));
        ["m"], "Measure from the selected span; again: to the selected span", Waterfall, does(|_| Some(Command::MeasureSpan));
    }
    "Tree": {
        ["Space"], "Hide or show the children", Waterfall, does(|state| Some(Command::Toggle(state.selection?)));
        ["p"], "Hide the deepest level", Waterfall, does(|_| Some(Command::CollapseLevel));
        ["o"], "Show one level more", Waterfall, does(|_| Some(Command::ExpandLevel));
        ["Shift+1"], "Show one level", Waterfall, does(|_| Some(Command::CollapseBelow(0)));
        ["Shift+2"], "Show two levels", Waterfall, does(|_| Some(Command::CollapseBelow(1)));
        ["Shift+3"], "Show three levels", Waterfall, does(|_| Some(Command::CollapseBelow(2)));
        ["Shift+4"], "Show four levels", Waterfall, does(|_| Some(Command::CollapseBelow(3)));
        ["Shift+5"], "Show five levels", Waterfall, does(|_| Some(Command::CollapseBelow(4)));
        ["]"], "Collapse all", Waterfall, does(|_| Some(Command::CollapseAll));
        ["["], "Expand all", Waterfall, does(|_| Some(Command::ExpandAll));
        ["v"], "Close or open the selected span’s service", Waterfall, does(|_| Some(Command::CollapseService));
        ["x"], "Close what is not on the critical path", Waterfall, does(|_| Some(Command::CollapseOffPath));
        ["r"], "Focus: show the selected span and what is below it alone", Waterfall, does(|state| Some(Command::Focus(Some(state.selection?))));
        ["Shift+r"], "Leave the focus: show the whole trace again", Waterfall, does(|_| Some(Command::Focus(None)));
    }
    "More or less": {
        [","], "Less detail", Waterfall, does(|state| Some(Command::SetDetail(detail(state).checked_sub(1)?)));
        ["."], "More detail", Waterfall, does(|state| Some(Command::SetDetail(detail(state) + 1)));
        ["g"], "Repeated siblings in one row", Waterfall, does(|state| Some(Command::FoldRepeats(!state.shape.repeats)));
        ["Shift+g"], "Client and server of a call in one row", Waterfall, does(|state| Some(Command::FoldPairs(!state.shape.pairs)));
        ["u"], "Open or close the group or call of the selected row", Waterfall, does(|state| Some(Command::ToggleFold(state.selection?)));
        ["h"], "Hide spans that take less than 1 % of the trace", Waterfall, does(|state| {
            let hides = !state.shape.least.is_empty();
            Some(Command::HideShorter(if hides { String::new() } else { "1%".to_owned() }))
        });
    }
    "Find": {
        ["/", "Ctrl+b"], "Find in the trace", Data, Run::Find;
        ["Ctrl+k"], "All commands", Page, does(|_| Some(Command::ShowDialog(Some(Dialog::Palette))));
        ["n"], "Next match", Data, does(|_| Some(Command::NextMatch));
        ["Shift+n"], "Previous match", Data, does(|_| Some(Command::PreviousMatch));
        ["Enter"], "Next match, in the query bar", Field, Run::Nothing;
        ["Shift+Enter"], "Previous match, in the query bar", Field, Run::Nothing;
        ["Esc"], "Clear, go back, or close what is on top", Everywhere, does(|_| Some(Command::Escape));
    }
    "Views": {
        ["1"], "Traces", Data, does(|_| Some(Command::ShowView(View::List)));
        ["2"], "Waterfall", Data, does(|_| Some(Command::ShowView(View::Waterfall)));
        ["3"], "Graph", Data, does(|_| Some(Command::ShowView(View::Graph)));
        ["4"], "Table", Data, does(|_| Some(Command::ShowView(View::Table)));
        ["Shift+c"], "Critical path on or off", Waterfall, does(|state| Some(Command::ShowCriticalPath(!state.critical_path)));
        ["Shift+p"], "Who has the time on the critical path", Waterfall, does(|_| Some(Command::ShowDialog(Some(Dialog::CriticalPath))));
        ["y"], "Times as given, moved by the clocks’ estimate, or both", Waterfall, does(|state| Some(Command::ShowTimes(state.clocks.times.next())));
        ["q"], "Write a note on the selected span, or see all notes", Data, does(|_| Some(Command::ShowDialog(Some(Dialog::Notes))));
        ["i"], "Issues in the data", Data, does(|_| Some(Command::ShowDialog(Some(Dialog::Issues))));
        ["t"], "Light or dark theme", Page, does(|state| {
            Some(Command::SetTheme(if state.dark() { Theme::Light } else { Theme::Dark }))
        });
        ["?"], "These keys", Everywhere, does(|_| Some(Command::ShowDialog(Some(Dialog::Keys))));
    }
};

/// What is found in the palette alone.
pub static UNKEYED: &[Entry] = entries! {
    "Find": {
        [], "Filter: hide what does not match, but not what is above a match", Data, does(|_| Some(Command::SetOthers(Others::Hidden)));
        [], "Filter: matches alone", Data, does(|_| Some(Command::SetOthers(Others::AllHidden)));
        [], "Dim what does not match", Data, does(|_| Some(Command::SetOthers(Others::Dimmed)));
        [], "Show what does not match as ever", Data, does(|_| Some(Command::SetOthers(Others::Shown)));
    }
    "Views": {
        [], "How far clocks are apart (skew)", Waterfall, does(|_| Some(Command::ShowDialog(Some(Dialog::Clocks))));
        [], "Colour by service", Waterfall, does(|_| Some(Command::ColourBy(None)));
        [], "Colour by span name", Waterfall, does(|_| Some(Command::ColourBy(Some(Column::Name))));
        [], "Colour by kind", Waterfall, does(|_| Some(Command::ColourBy(Some(Column::Kind))));
        [], "Colour by status", Waterfall, does(|_| Some(Command::ColourBy(Some(Column::Status))));
        [], "Columns for duration, self time and spans below, or none", Waterfall, does(|state| {
            let columns = [Column::Duration, Column::SelfTime, Column::Descendants];
            Some(Command::RowColumns(if state.columns.is_empty() { columns.to_vec() } else { Vec::new() }))
        });
        [], "Badges of the semantic conventions on or off", Waterfall, does(|state| Some(Command::ShowBadges(!state.prefs.badges)));
        [], "Write times in local time", Data, does(|_| Some(Command::SetTimeMode(TimeMode::Local)));
        [], "Write times in UTC", Data, does(|_| Some(Command::SetTimeMode(TimeMode::Utc)));
        [], "Write times from the start of the trace", Data, does(|_| Some(Command::SetTimeMode(TimeMode::Relative)));
        [], "Compact or roomy rows", Waterfall, does(|state| Some(Command::SetCompact(!state.prefs.compact)));
        [], "Saved queries", Data, does(|_| Some(Command::ShowDialog(Some(Dialog::Queries))));
        [], "Share: copy a link to what is shown", Data, Run::Share;
        [], "Open more data", Page, does(|_| Some(Command::ShowDialog(Some(Dialog::Open))));
    }
};

/// Rows of a page.
const PAGE: i32 = 20;

/// The position of the slider; whoever chose otherwise steps from everything.
fn detail(state: &UiState) -> usize {
    state.shape.detail().unwrap_or(DETAILS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut keys: Vec<&str> = KEYED
            .iter()
            .filter(|entry| entry.place != Place::Field)
            .flat_map(|entry| entry.keys.iter().copied())
            .collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn without_data_little_can_be_done() {
        let state = UiState::default();
        let keys = KEYED.iter().flat_map(|entry| entry.keys);
        let working: Vec<_> = keys.filter(|key| of_key(key, &state).is_some()).collect();
        assert_eq!(working, [&"Ctrl+k", &"Esc", &"t", &"?"]);
    }

    #[test]
    fn over_a_dialog_only_the_way_out_works() {
        let mut state = UiState::default();
        state.apply(Command::ShowDialog(Some(Dialog::Keys)));
        let keys = KEYED.iter().flat_map(|entry| entry.keys);
        let working: Vec<_> = keys.filter(|key| of_key(key, &state).is_some()).collect();
        assert_eq!(working, [&"Esc", &"?"]);
    }
}

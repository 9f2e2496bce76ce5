//! What can happen to the state, and what the browser has to do about it.
//!
//! **Invariant:** closed lists of plain data; no behaviour.

use std::sync::Arc;

use throughline_model::analysis::table::{Column, Of};

use super::{
    Dataset, DetailsTab, Dialog, Load, Note, Others, Prefs, Problem, Theme, TimeMode, TimeRange,
    Times, UrlState, View,
};

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Command {
    /// Open this.
    Open(OpenRequest),
    /// A load has begun or got further.
    LoadProgress(Load),
    /// A load is done.
    LoadDone(Arc<Dataset>),
    /// A load gave nothing; what was open stays.
    LoadFailed(Problem),
    /// Something could not be done; what was open stays.
    Report(Problem),
    /// Stop the load.
    CancelLoad,
    /// Take the problem off the screen.
    DismissProblem,
    /// Close the dataset and show the start page.
    CloseDataset,
    /// Show a trace.
    OpenTrace(u32),
    /// Show a view.
    ShowView(View),
    /// Select a span, or none.
    Select(Option<u32>),
    /// Select a span and bring it on screen, opening what hides it.
    Reveal(u32),
    /// Find what the selected span is linked with.
    FindLinks,
    /// Move the selection.
    Move(Move),
    /// Hide or show the children of a span.
    Toggle(u32),
    /// Hide or show the children of the selected span.
    SetExpanded(u32, bool),
    /// Hide all children.
    CollapseAll,
    /// Show all children.
    ExpandAll,
    /// Hide the deepest level that shows.
    CollapseLevel,
    /// Show one level more.
    ExpandLevel,
    /// Show so many levels below the top.
    CollapseBelow(u32),
    /// Close or open the spans of the selected span's service.
    CollapseService,
    /// Close what is not on the critical path.
    CollapseOffPath,
    /// Repeated siblings share a row, or do not.
    FoldRepeats(bool),
    /// The client and the server of a call share a row, or do not.
    FoldPairs(bool),
    /// Open what the row of this span stands for, or close it again.
    ToggleFold(u32),
    /// Hide spans that take less than a duration or a share of the trace; empty hides nothing.
    HideShorter(String),
    /// Move the slider from gist (0) to everything.
    SetDetail(usize),
    /// Show this span and what is below it alone; `None` is the whole trace.
    Focus(Option<u32>),
    /// Show times as given, moved by the estimate of how far clocks are apart, or both.
    ShowTimes(Times),
    /// Colour by the values of a column; `None` is the service.
    ColourBy(Option<Column>),
    /// Measure from one point to another, nanoseconds after the trace's start.
    Measure(u64, u64),
    /// Measure from the start of the selected span; then to the end of the one that is selected then.
    MeasureSpan,
    /// Show this time range.
    SetRange(TimeRange),
    /// Show the whole trace.
    ResetRange,
    /// Make the range `factor` times as long; `anchor` (0 = left edge, 1 = right edge) stays where it is.
    Zoom {
        /// What stays where it is.
        anchor: f64,
        /// Above 1 shows more, below 1 less.
        factor: f64,
    },
    /// Move the range by this part of its length; positive is later.
    Pan(f64),
    /// Zoom to the selected span.
    ZoomToSelection,
    /// Find this.
    SetQuery(String),
    /// Find what has this, too.
    AddTerm(String),
    /// Find what has this value of a field, too, or no longer.
    ToggleTerm(String),
    /// Show, hide or dim what does not match.
    SetOthers(Others),
    /// To the next match.
    NextMatch,
    /// To the previous match.
    PreviousMatch,
    /// To the next span with status error.
    NextError,
    /// To the previous span with status error.
    PreviousError,
    /// To the span with the longest self time; then to the one after it.
    NextSlowest,
    /// To the next span on the critical path, which is drawn from then on.
    NextOnPath,
    /// Draw the critical path, or do not.
    ShowCriticalPath(bool),
    /// Order the trace list.
    SortList(ListColumn),
    /// Filter the trace list.
    FilterList(String),
    /// Choose the waterfall's columns.
    RowColumns(Vec<Column>),
    /// Rows say what they are by the semantic conventions, or do not.
    ShowBadges(bool),
    /// Let the attributes of this key stand first in the details, or no longer.
    Pin(String),
    /// Write a note on a span, in place of the one before; without words it goes.
    WriteNote(Note),
    /// What the browser keeps of notes.
    RestoreNotes(Arc<Vec<Note>>),
    /// Fill the flat table with spans or with events.
    TableOf(Of),
    /// Choose the flat table's columns.
    TableColumns(Vec<Column>),
    /// Order the flat table by a column, or turn its order round.
    SortTable(Column),
    /// What is chosen in the dependency graph, in its own words.
    SetGraph(String),
    /// Show a part of the span details.
    ShowTab(DetailsTab),
    /// Show or hide the span details.
    ShowDetails(bool),
    /// Open a dialog, or close the one that is open.
    ShowDialog(Option<Dialog>),
    /// Choose the theme.
    SetTheme(Theme),
    /// The system's theme changed.
    SystemDark(bool),
    /// Choose how points in time are written.
    SetTimeMode(TimeMode),
    /// Width of the span names, CSS pixels.
    SetTreeWidth(f64),
    /// Width of the side panel, CSS pixels.
    SetSideWidth(f64),
    /// Rows of 20 or of 26 pixels.
    SetCompact(bool),
    /// What the browser remembered.
    RestorePrefs(Prefs),
    /// The URL changed, or was there at the start.
    FollowUrl(Box<UrlState>),
    /// Shown inside a host page.
    SetEmbed(bool),
    /// Copy this and say so.
    Copy {
        /// What to copy.
        text: String,
        /// What to call it.
        what: String,
    },
    /// Close what is on top: dialog, problem, details, query.
    Escape,
}

/// Where to move the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To the row before.
    Up,
    /// To the row behind.
    Down,
    /// So many rows on; negative is up.
    Rows(i32),
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// To the parent, or hide the children if they show.
    Left,
    /// Show the children, or go to the first.
    Right,
}

/// What the browser has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Load this.
    Load(OpenRequest),
    /// Stop the load that runs.
    StopLoad,
    /// Put the state into the URL; as a new entry of the history, or in place of the last one.
    WriteUrl {
        /// As a new entry.
        push: bool,
    },
    /// Scroll the waterfall so that this row shows.
    ScrollToRow(usize),
    /// Remember the preferences.
    SavePrefs,
    /// Keep a note, or forget it where it has no words.
    KeepNote(Note),
    /// Copy to the clipboard.
    Copy {
        /// What to copy.
        text: String,
        /// What to call it.
        what: String,
    },
    /// Say this to a screen reader.
    Announce(String),
    /// A view was switched to: measure until it is painted.
    ViewShown(View),
    /// The query ran.
    Found,
}

/// Something to open. Bytes and files themselves stay with the browser, under a number.
#[derive(Clone, Debug, PartialEq)]
pub enum OpenRequest {
    /// The bundled sample.
    Sample,
    /// An address.
    Url(String),
    /// Files, pasted text or bytes of a host page, waiting under this number.
    Local {
        /// The number.
        ticket: u32,
        /// What to call it.
        name: String,
        /// Join what is open instead of replacing it.
        add: bool,
    },
    /// A dataset that the browser keeps from an earlier visit.
    Kept(String),
}

/// Where a dataset came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The bundled sample.
    Sample,
    /// An address.
    Url(String),
    /// Something local; with the key under which the browser keeps it, if it does.
    #[default]
    Local,
    /// Something local that the browser keeps under this key.
    Kept(String),
}

/// The columns of the trace list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListColumn {
    /// Service and name of the root span.
    Root,
    /// How many services.
    Services,
    /// When it began.
    #[default]
    Start,
    /// How long it took.
    Duration,
    /// How many spans.
    Spans,
    /// How many errors.
    Errors,
}

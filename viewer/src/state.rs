//! What the viewer shows, as plain data, and the one way to change it.
//!
//! [`UiState::apply`] takes a [`Command`] and gives [`Effect`]s: what the browser has to do, done by the caller.
//! [`UiState::dataset`], the visible rows and the matches are shared values that are replaced, never changed.
//!
//! **Invariant:** no browser, no drawing, no clock. Everything here runs natively in tests.

mod apply;
mod arrive;
mod bonds;
pub mod clocks;
pub mod colour;
mod command;
pub mod folds;
pub mod list;
mod load;
mod navigate;
pub mod notes;
mod path;
mod prefs;
pub mod rows;
pub mod shape;
pub mod table;
#[cfg(test)]
pub(crate) mod tests;
pub mod url;

use std::{cell::OnceCell, collections::BTreeSet, sync::Arc};

use throughline_model::{
    analysis::{
        critical_path::CriticalPath, occurrences::Occurrences, service_graph::ServiceGraph,
        skew::Skew, table::Column,
    },
    query::QueryError,
    store::{TraceRef, TraceStore},
    time::Nanos,
};

pub use crate::problem::Problem;
pub use bonds::Bond;
pub use clocks::{Clocks, Times};
pub use colour::{Colour, Colours};
pub use command::{Command, Effect, ListColumn, Move, OpenRequest, Origin};
pub use load::{Load, LoadPhase, Outline};
pub use notes::Note;
pub use path::MANY;
pub use prefs::{Prefs, Theme, TimeMode};
pub use rows::Rows;
pub use shape::{DETAILS, Shape};
pub use table::TableState;
pub use url::UrlState;

/// Everything that decides what is on screen.
#[derive(Clone, Debug, Default)]
pub struct UiState {
    /// What is open.
    pub dataset: Option<Dataset>,
    /// The load that runs, if one does.
    pub load: Option<Load>,
    /// What went wrong last, until it is dismissed.
    pub problem: Option<Problem>,
    /// The view that is shown.
    pub view: View,
    /// The open trace.
    pub trace: Option<u32>,
    /// The selected span.
    pub selection: Option<u32>,
    /// Spans whose children are hidden.
    pub collapsed: Arc<BTreeSet<u32>>,
    /// The rows of the waterfall; follows from trace and `collapsed`.
    pub rows: Arc<Rows>,
    /// What of the tree shows.
    pub shape: Shape,
    /// The visible time range; `None` = the whole trace.
    pub range: Option<TimeRange>,
    /// What colours the bars.
    pub colour: Colour,
    /// Whose clock the times are shown by.
    pub clocks: Clocks,
    /// The piece of time that is measured.
    pub measured: Option<Measured>,
    /// Find in trace.
    pub query: Query,
    /// Whether the critical path is drawn.
    pub critical_path: bool,
    /// The open trace's critical path, once somebody asked for it.
    path: OnceCell<Arc<CriticalPath>>,
    /// In which spans each text stands, once that was found ahead.
    texts: OnceCell<Arc<Occurrences>>,
    /// Who calls whom in it, by service and by service and name.
    graphs: [OnceCell<Arc<ServiceGraph>>; 2],
    /// The span that "next slowest" went to last.
    slowest: Option<u32>,
    /// The links of the selected span.
    bonds: bonds::Bonds,
    /// The trace list's order and filter.
    pub list: ListState,
    /// The columns of the waterfall between names and bars.
    pub columns: Arc<Vec<Column>>,
    /// The flat table's rows, columns and order.
    pub table: TableState,
    /// What is chosen in the dependency graph, in its own words.
    pub graph: String,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// The part of the span details that is shown.
    pub details_tab: DetailsTab,
    /// Whether the span details are shown when a span is selected.
    pub details_open: bool,
    /// Notes on spans, of all traces, in the order of their ids.
    pub notes: Arc<Vec<Note>>,
    /// What the user chose and the browser remembers.
    pub prefs: Prefs,
    /// Whether the system asks for dark colours.
    pub system_dark: bool,
    /// Shown inside a host page, without chrome.
    pub embed: bool,
    /// What the URL asked for while nothing was loaded yet.
    pub pending: Option<UrlState>,
}

/// A loaded dataset.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// All its traces.
    pub store: Arc<TraceStore>,
    /// What to call it.
    pub name: String,
    /// Where it came from, so that a reload can open it again.
    pub origin: Origin,
}

impl PartialEq for Dataset {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.store, &other.store)
    }
}

/// The views of a dataset and of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// All traces.
    #[default]
    List,
    /// One trace as rows of bars.
    Waterfall,
    /// One trace as services that call each other.
    Graph,
    /// The spans of one trace, or their events, as a flat table.
    Table,
}

impl View {
    /// The name in URLs, measures and diagnostics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Waterfall => "waterfall",
            Self::Graph => "graph",
            Self::Table => "table",
        }
    }

    /// The view of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::List, Self::Waterfall, Self::Graph, Self::Table]
            .into_iter()
            .find(|view| view.name() == name)
    }
}

/// A range of time inside a trace: nanoseconds after the trace's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// Where it begins.
    pub start: u64,
    /// Where it ends, exclusive; always after `start`.
    pub end: u64,
}

impl TimeRange {
    /// A range of at least one nanosecond.
    pub fn new(start: u64, end: u64) -> Self {
        Self {
            start,
            end: end.max(start.saturating_add(1)),
        }
    }

    /// The whole of a trace.
    pub fn of_trace(trace: TraceRef<'_>) -> Self {
        Self::new(0, trace.duration().0)
    }

    /// How long it is.
    pub fn len(self) -> Nanos {
        Nanos(self.end - self.start)
    }

    /// Never: a range has at least one nanosecond.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// A piece of time that is measured; nanoseconds after the trace's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Where it begins.
    pub from: u64,
    /// Where it ends; `None` while that is not said yet.
    pub to: Option<u64>,
}

/// The query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// What was typed.
    pub text: String,
    /// The spans that match, ascending.
    pub matches: Arc<Vec<u32>>,
    /// Which of them is the current one.
    pub current: Option<usize>,
    /// Why the text is no query; then nothing matches.
    pub error: Option<QueryError>,
    /// Whether it asks for some spans; without, it only colours and groups.
    pub asks: bool,
    /// What it colours and groups by.
    pub by: Option<Column>,
    /// What becomes of the spans that do not match.
    pub others: Others,
    /// Whether it is asked again when it is known where the texts of a large trace are.
    pub waiting: bool,
}

/// What becomes of the spans that do not match a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// They show as ever.
    #[default]
    Shown,
    /// They are hidden, but not what is above a match.
    Hidden,
    /// They are hidden, what is above a match, too.
    AllHidden,
    /// They are faint.
    Dimmed,
}

impl Others {
    /// All, in the order of their numbers in an address.
    pub const ALL: [Self; 4] = [Self::Shown, Self::Hidden, Self::AllHidden, Self::Dimmed];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Shown => "Show",
            Self::Hidden => "Hide, keep above",
            Self::AllHidden => "Hide",
            Self::Dimmed => "Dim",
        }
    }
}

impl Query {
    /// Whether rows are hidden that do not match; where nothing does, hiding everything would help nobody.
    pub fn hides(&self) -> bool {
        matches!(self.others, Others::Hidden | Others::AllHidden) && !self.matches.is_empty()
    }

    /// Whether rows are faint that do not match.
    pub fn dims(&self) -> bool {
        self.others == Others::Dimmed && !self.matches.is_empty()
    }
}

/// The trace list's order and filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListState {
    /// The column that orders it.
    pub column: ListColumn,
    /// From large to small.
    pub descending: bool,
    /// Only traces whose root or services contain this.
    pub filter: String,
}

impl Default for ListState {
    fn default() -> Self {
        Self {
            column: ListColumn::Start,
            descending: true,
            filter: String::new(),
        }
    }
}

/// The dialogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// All keys.
    Keys,
    /// What was wrong with the input.
    Issues,
    /// Open more data.
    Open,
    /// All commands, to be found by a word.
    Palette,
    /// How far clocks are apart.
    Clocks,
    /// Who has the time on the critical path.
    CriticalPath,
    /// Notes on spans.
    Notes,
    /// Queries that are kept by name.
    Queries,
}

/// The parts of the span details.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailsTab {
    /// Attributes of the span.
    #[default]
    Attributes,
    /// Events.
    Events,
    /// Links.
    Links,
    /// Resource and scope.
    Resource,
}

impl UiState {
    /// The open store.
    pub fn store(&self) -> Option<&Arc<TraceStore>> {
        self.dataset.as_ref().map(|dataset| &dataset.store)
    }

    /// The open trace.
    pub fn trace_ref(&self) -> Option<TraceRef<'_>> {
        let (store, trace) = (self.store()?, self.trace?);
        ((trace as usize) < store.trace_count()).then(|| store.trace(trace))
    }

    /// The visible time range, or the whole trace.
    pub fn visible_range(&self) -> Option<TimeRange> {
        let trace = self.trace_ref()?;
        Some(self.range.unwrap_or_else(|| TimeRange::of_trace(trace)))
    }

    /// The colours, unless they are the services'. Every row asks: what finds them is loaded later.
    pub fn colours(&self) -> Option<&Colours> {
        self.colours_by(self.colour.by.as_ref()?)
    }

    /// How far clocks are apart, while bars are moved by it; the same holds.
    pub fn moving_skew(&self) -> Option<&Skew> {
        match self.clocks.times {
            Times::Given => None,
            Times::Moved | Times::Both => self.skew(),
        }
    }

    /// Whether dark colours are in use.
    pub fn dark(&self) -> bool {
        match self.prefs.theme {
            Theme::System => self.system_dark,
            Theme::Light => false,
            Theme::Dark => true,
        }
    }

    /// Height of a row, CSS pixels.
    pub fn row_height(&self) -> f64 {
        if self.prefs.compact { 20.0 } else { 26.0 }
    }
}

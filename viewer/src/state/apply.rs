//! The reducer: one command in, the state changed, effects out.
//!
//! **Invariant:** the only place that changes [`UiState`]; performs nothing and never panics, whatever the order of
//! commands.

use std::{collections::BTreeSet, sync::Arc};

use throughline_model::query::{self, Answer};

use super::{Command, Effect, ListColumn, Others, Query, Rows, UiState, View, rows::Look, table};

/// The room that a column of the waterfall takes, CSS pixels.
const COLUMN_WIDTH: f64 = 92.0;

impl UiState {
    /// Changes the state and says what the browser has to do.
    pub fn apply(&mut self, command: Command) -> Vec<Effect> {
        let write = |push| vec![Effect::WriteUrl { push }];
        match command {
            Command::Open(request) => {
                self.problem = None;
                self.dialog = None;
                vec![Effect::Load(request)]
            }
            Command::LoadProgress(load) => {
                self.load = Some(load);
                Vec::new()
            }
            Command::LoadDone(dataset) => self.load_done(&dataset),
            Command::LoadFailed(problem) => {
                self.load = None;
                let announce = format!("{}. {}", problem.title, problem.detail);
                self.problem = Some(problem);
                vec![Effect::Announce(announce)]
            }
            Command::Report(problem) => {
                let announce = problem.title.clone();
                self.problem = Some(problem);
                vec![Effect::Announce(announce)]
            }
            Command::CancelLoad => {
                self.load = None;
                vec![Effect::StopLoad]
            }
            Command::DismissProblem => {
                self.problem = None;
                Vec::new()
            }
            Command::CloseDataset => {
                self.forget_trace();
                self.dataset = None;
                self.view = View::List;
                self.problem = None;
                write(true)
            }
            Command::OpenTrace(trace) => self.open_trace(trace),
            Command::ShowView(view) => self.show_view(view),
            Command::Select(span) => {
                let known = self
                    .trace_ref()
                    .map(|trace| trace.spans())
                    .unwrap_or_default();
                self.selection = span.filter(|span| known.contains(span));
                write(false)
            }
            Command::Reveal(span) => self.reveal(span),
            Command::FindLinks => {
                self.find_bonds();
                Vec::new()
            }
            Command::Move(to) => self.move_selection(to),
            Command::Toggle(span) => self.set_expanded(span, self.opens(span) != Some(true)),
            Command::SetExpanded(span, expanded) => self.set_expanded(span, expanded),
            Command::CollapseAll => self.collapse_from(0),
            Command::ExpandAll => self.set_collapsed(BTreeSet::new()),
            Command::CollapseLevel => self.collapse_level(),
            Command::ExpandLevel => self.expand_level(),
            Command::CollapseBelow(levels) => {
                let top = self.focus_depth();
                self.collapse_from(top.saturating_add(levels))
            }
            Command::CollapseService => self.collapse_service(),
            Command::CollapseOffPath => self.collapse_off_path(),
            Command::FoldRepeats(on) => self.set_shape(|shape| shape.repeats = on),
            Command::FoldPairs(on) => self.set_shape(|shape| shape.pairs = on),
            Command::ToggleFold(span) => self.toggle_fold(span),
            Command::HideShorter(text) => self.set_least(&text),
            Command::SetDetail(at) => self.set_detail(at),
            Command::Focus(span) => self.set_focus(span),
            Command::ShowTimes(times) => self.show_times(times),
            Command::ColourBy(column) => self.colour_by(column),
            Command::Measure(from, to) => {
                let (from, to) = (from.min(to), from.max(to));
                self.measure(from, Some(to))
            }
            Command::MeasureSpan => self.measure_span(),
            Command::SetRange(range) => self.set_range(range.start, range.end),
            Command::ResetRange => {
                self.range = None;
                write(false)
            }
            Command::Zoom { anchor, factor } => self.zoom(anchor, factor),
            Command::Pan(part) => self.pan(part),
            Command::ZoomToSelection => self.zoom_to_selection(),
            Command::SetQuery(text) => self.set_query(text),
            Command::AddTerm(term) => self.set_query(query::with_term(&self.query.text, &term)),
            Command::ToggleTerm(term) => self.set_query(query::with_value(&self.query.text, &term)),
            Command::SetOthers(others) => self.set_others(others),
            Command::NextMatch => self.step_match(true),
            Command::PreviousMatch => self.step_match(false),
            Command::NextError => self.step_error(true),
            Command::PreviousError => self.step_error(false),
            Command::NextSlowest => self.next_slowest(),
            Command::NextOnPath => self.next_on_path(),
            Command::ShowCriticalPath(shown) => {
                self.critical_path = shown;
                write(false)
            }
            Command::SortList(column) => {
                let same = self.list.column == column;
                // Names from a to z, numbers from large to small.
                let first = column != ListColumn::Root;
                self.list.descending = if same { !self.list.descending } else { first };
                self.list.column = column;
                Vec::new()
            }
            Command::FilterList(filter) => {
                self.list.filter = filter;
                Vec::new()
            }
            Command::RowColumns(columns) => {
                // Columns take room of their own, not the names'.
                let more = columns.len() as f64 - self.columns.len() as f64;
                let width = self.prefs.tree_width + more * COLUMN_WIDTH;
                self.prefs.tree_width = width.clamp(240.0, 2_000.0);
                self.prefs.row_columns = table::names_of(&columns);
                self.columns = Arc::new(columns);
                vec![Effect::SavePrefs, Effect::WriteUrl { push: false }]
            }
            Command::ShowBadges(on) => {
                self.prefs.badges = on;
                vec![Effect::SavePrefs, Effect::WriteUrl { push: false }]
            }
            Command::Pin(key) => {
                self.pin(key);
                vec![Effect::SavePrefs]
            }
            Command::WriteNote(note) => self.write_note(note),
            Command::RestoreNotes(notes) => {
                self.notes = notes;
                Vec::new()
            }
            Command::TableOf(of) => {
                self.table.of = of;
                write(false)
            }
            Command::TableColumns(columns) => {
                self.table.set_columns(columns);
                (self.prefs.columns, self.prefs.event_columns) = self.table.chosen();
                vec![Effect::SavePrefs, Effect::WriteUrl { push: false }]
            }
            Command::SortTable(column) => {
                self.table.sort_by(column);
                write(false)
            }
            Command::SetGraph(text) => {
                self.graph = text;
                write(false)
            }
            Command::ShowTab(tab) => {
                self.details_tab = tab;
                Vec::new()
            }
            Command::ShowDetails(open) => {
                self.details_open = open;
                Vec::new()
            }
            Command::ShowDialog(dialog) => {
                self.dialog = dialog;
                Vec::new()
            }
            Command::SetTheme(theme) => {
                self.prefs.theme = theme;
                vec![Effect::SavePrefs]
            }
            Command::SystemDark(dark) => {
                self.system_dark = dark;
                Vec::new()
            }
            Command::SetTimeMode(mode) => {
                self.prefs.time = mode;
                vec![Effect::SavePrefs]
            }
            Command::SetTreeWidth(width) => {
                self.prefs.tree_width = width.clamp(120.0, 2_000.0);
                vec![Effect::SavePrefs]
            }
            Command::SetSideWidth(width) => {
                self.prefs.side_width = width.clamp(220.0, 1_200.0);
                vec![Effect::SavePrefs]
            }
            Command::SetCompact(compact) => {
                self.prefs.compact = compact;
                vec![Effect::SavePrefs]
            }
            Command::RestorePrefs(prefs) => {
                self.columns = Arc::new(table::columns_of(&prefs.row_columns));
                self.table.choose(&prefs.columns, &prefs.event_columns);
                self.prefs = prefs;
                Vec::new()
            }
            Command::FollowUrl(url) => self.follow_url(*url),
            Command::SetEmbed(embed) => {
                self.embed = embed;
                Vec::new()
            }
            Command::Copy { text, what } => vec![Effect::Copy { text, what }],
            Command::Escape => self.escape(),
        }
    }

    /// Shows a trace from its top, whole, with nothing selected.
    pub(super) fn open_trace(&mut self, trace: u32) -> Vec<Effect> {
        if !self.enter_trace(trace) {
            return Vec::new();
        }
        if self.view == View::List {
            self.view = View::Waterfall;
        }
        vec![
            Effect::WriteUrl { push: true },
            Effect::ViewShown(self.view),
            Effect::ScrollToRow(0),
        ]
    }

    /// Makes a trace the open one; false when there is none of this number.
    pub(super) fn enter_trace(&mut self, trace: u32) -> bool {
        let known = self
            .store()
            .is_some_and(|store| (trace as usize) < store.trace_count());
        if known && self.trace != Some(trace) {
            let (text, others) = (core::mem::take(&mut self.query.text), self.query.others);
            self.forget_trace();
            self.trace = Some(trace);
            self.query.others = others;
            self.run_query(text);
            self.refresh_rows();
        }
        known
    }

    pub(super) fn show_view(&mut self, view: View) -> Vec<Effect> {
        if view != View::List && self.trace.is_none() {
            let only = self
                .store()
                .filter(|store| store.trace_count() > 0)
                .map(|_| 0);
            if !only.is_some_and(|trace| self.enter_trace(trace)) {
                return Vec::new();
            }
        }
        self.view = view;
        vec![Effect::WriteUrl { push: true }, Effect::ViewShown(view)]
    }

    fn set_query(&mut self, text: String) -> Vec<Effect> {
        self.run_query(text);
        if matches!(self.query.others, Others::Hidden | Others::AllHidden) {
            self.refresh_rows();
        }
        let mut effects = vec![Effect::WriteUrl { push: false }];
        if !self.query.waiting {
            effects.insert(0, Effect::Found);
        }
        effects
    }

    fn set_others(&mut self, others: Others) -> Vec<Effect> {
        self.query.others = others;
        self.refresh_rows();
        self.keep_to_selection()
    }

    pub(super) fn run_query(&mut self, text: String) {
        let waiting = self.waits_for_texts(&text);
        let found = match (self.trace_ref(), self.store()) {
            (Some(trace), Some(store)) if !waiting && !text.trim().is_empty() => query::answer(
                self.texts.get().map(Arc::as_ref),
                store,
                trace.spans(),
                &text,
            ),
            _ => Ok(Answer::default()),
        };
        let (answer, error) = match found {
            Ok(answer) => (answer, None),
            Err(error) => (Answer::default(), Some(error)),
        };
        let coloured = self.query.by.take();
        self.query = Query {
            asks: answer.asks || error.is_some(),
            by: answer.by,
            text,
            matches: Arc::new(answer.matches),
            current: None,
            error,
            others: self.query.others,
            waiting,
        };
        if self.query.by != coloured {
            self.recolour();
        }
    }

    pub(super) fn refresh_rows(&mut self) {
        if let Some(rows) = self.matches_alone() {
            self.shape.short = 0;
            self.rows = Arc::new(rows);
            return;
        }
        let rows = match (self.trace_ref(), self.store()) {
            (Some(trace), Some(store)) => {
                let look = Look {
                    collapsed: &self.collapsed,
                    folds: self.folds(),
                    focus: self.shape.focus,
                };
                Rows::of_trace(trace, store.spans(), &look)
            }
            _ => Rows::default(),
        };
        let rows = self.staying(rows);
        self.rows = Arc::new(match self.store() {
            Some(store) if self.shape.focus.is_none() => rows.with_gaps(store.spans()),
            _ => rows,
        });
    }

    fn escape(&mut self) -> Vec<Effect> {
        if self.dialog.take().is_some() || self.problem.take().is_some() {
            return Vec::new();
        }
        if self.load.is_some() {
            return self.apply(Command::CancelLoad);
        }
        if self.measured.take().is_some() {
            return Vec::new();
        }
        if !self.query.text.is_empty() {
            return self.set_query(String::new());
        }
        if self.shape.focus.is_some() {
            return self.set_focus(None);
        }
        self.selection = None;
        vec![Effect::WriteUrl { push: false }]
    }
}

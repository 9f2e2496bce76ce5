//! What of the tree shows: folded repeats and pairs, what is too short, one subtree, and the slider over all of it.
//!
//! docs/waterfall.md has the rules.
//!
//! **Invariant:** what leads to an error is never closed by the slider; an error that is hidden for being short is counted
//! on a row that shows.

mod hide;

use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeSet,
    sync::Arc,
};

use throughline_model::{
    analysis::{
        pairs::Pairs,
        repeats::{self, Repeats},
    },
    query,
    store::{NO_SPAN, StatusCode},
    time::Nanos,
};

use super::{Effect, Others, Rows, TimeRange, UiState, folds::Folds};

const URL: Effect = Effect::WriteUrl { push: false };

/// What of the tree shows.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Repeated siblings share a row.
    pub repeats: bool,
    /// The client and the server of a call share a row.
    pub pairs: bool,
    /// Spans that take less are hidden: a duration (`5ms`) or a share of the trace (`1%`); empty hides nothing.
    pub least: String,
    /// How many spans are hidden for that.
    pub short: usize,
    /// Only this span and what is below it.
    pub focus: Option<u32>,
    /// The visible range before there was a focus.
    before: Option<TimeRange>,
    /// First members and clients of what was opened.
    opened: Arc<BTreeSet<u32>>,
    /// Spans that show however short they are, because somebody went to them.
    asked: Arc<BTreeSet<u32>>,
    /// What failed and is hidden for being short, counted by the row above it.
    inside: hide::Inside,
    counted: RefCell<Option<Counted>>,
    known_repeats: OnceCell<Arc<Repeats>>,
    known_pairs: OnceCell<Arc<Pairs>>,
}

/// How many members of each group match, while rows and matches are these.
#[derive(Clone, Debug)]
struct Counted {
    rows: Arc<Rows>,
    matches: Arc<Vec<u32>>,
    by_group: Arc<Vec<u32>>,
}

/// A position of the slider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What it is called.
    pub name: &'static str,
    /// Repeated siblings share a row.
    pub repeats: bool,
    /// The client and the server of a call share a row.
    pub pairs: bool,
    /// What takes less is hidden.
    pub least: &'static str,
    /// What is not on the critical path is closed.
    pub path: bool,
}

/// The positions of the slider, from least to most.
pub const DETAILS: [Detail; 5] = [
    Detail {
        name: "Gist",
        repeats: true,
        pairs: true,
        least: "2%",
        path: true,
    },
    Detail {
        name: "Outline",
        repeats: true,
        pairs: true,
        least: "1%",
        path: false,
    },
    Detail {
        name: "Calls",
        repeats: true,
        pairs: true,
        least: "",
        path: false,
    },
    Detail {
        name: "Grouped",
        repeats: true,
        pairs: false,
        least: "",
        path: false,
    },
    Detail {
        name: "Everything",
        repeats: false,
        pairs: false,
        least: "",
        path: false,
    },
];

impl Shape {
    /// The position of the slider that hides and folds as much; `None` when it was chosen otherwise.
    pub fn detail(&self) -> Option<usize> {
        DETAILS.iter().position(|detail| {
            (detail.repeats, detail.pairs, detail.least)
                == (self.repeats, self.pairs, self.least.as_str())
        })
    }

    /// For another trace: what was chosen stays, what belongs to spans goes.
    pub(super) fn for_another_trace(&self) -> Self {
        Self {
            repeats: self.repeats,
            pairs: self.pairs,
            least: self.least.clone(),
            ..Self::default()
        }
    }
}

impl UiState {
    /// What shares a row, as chosen.
    pub(super) fn folds(&self) -> Arc<Folds> {
        let (Some(store), Some(trace)) = (self.store(), self.trace) else {
            return Arc::default();
        };
        let shape = &self.shape;
        let known = || Arc::new(Repeats::of_trace(store, trace, repeats::LEAST));
        let repeats = shape
            .repeats
            .then(|| shape.known_repeats.get_or_init(known).clone());
        let known = || Arc::new(Pairs::of_trace(store, trace));
        let pairs = shape
            .pairs
            .then(|| shape.known_pairs.get_or_init(known).clone());
        Arc::new(Folds::new(repeats, pairs, &shape.opened))
    }

    /// Matches alone, each in a row of its own, whatever is closed or folded; `None` where that is not asked for.
    pub(super) fn matches_alone(&self) -> Option<Rows> {
        let alone = self.query.hides() && self.query.others == Others::AllHidden;
        let (store, trace) = (self.store()?, self.trace_ref().filter(|_| alone)?);
        let spans = match self.shape.focus {
            Some(focus) => focus..focus + 1 + store.spans().descendants[focus as usize],
            None => trace.spans(),
        };
        let matches = &self.query.matches;
        let from = matches.partition_point(|&span| span < spans.start);
        let to = matches.partition_point(|&span| span < spans.end);
        let inside = &matches[from..to];
        Some(Rows::of_spans(match (inside, self.shape.focus) {
            ([], Some(focus)) => vec![focus],
            _ => inside.to_vec(),
        }))
    }

    /// The rows that stay, where short ones or others are hidden.
    pub(super) fn staying(&mut self, rows: Rows) -> Rows {
        self.shape.short = 0;
        self.shape.inside = Arc::default();
        if self.shape.least.is_empty() && !self.query.hides() {
            return rows;
        }
        let (rows, short, inside) = hide::staying(self, rows);
        self.shape.short = short;
        self.shape.inside = inside;
        rows
    }

    /// How many spans failed below the row of a span, and are hidden for being short.
    pub fn failed_inside(&self, span: u32) -> u32 {
        let inside = &self.shape.inside;
        let at = inside.binary_search_by_key(&span, |(row, _)| *row);
        at.map_or(0, |at| inside[at].1)
    }

    /// By group of repeated siblings: how many match the query; empty where nothing is folded so.
    pub fn matching_by_group(&self) -> Arc<Vec<u32>> {
        let (rows, matches) = (&self.rows, &self.query.matches);
        if rows.folds().repeats().is_none() || matches.is_empty() {
            return Arc::default();
        }
        let mut counted = self.shape.counted.borrow_mut();
        let known = counted
            .as_ref()
            .filter(|known| Arc::ptr_eq(&known.rows, rows) && Arc::ptr_eq(&known.matches, matches));
        if let Some(known) = known {
            return known.by_group.clone();
        }
        let by_group = Arc::new(rows.folds().count_by_group(matches));
        *counted = Some(Counted {
            rows: rows.clone(),
            matches: matches.clone(),
            by_group: by_group.clone(),
        });
        by_group
    }

    /// Whether a row has a match: its span, a member of its group, or the other side of its call.
    pub fn row_matches(&self, span: u32) -> bool {
        let matches = &self.query.matches;
        !matches.is_empty()
            && (self.rows.folds()).row_matches(span, matches, &self.matching_by_group())
    }

    pub(super) fn set_shape(&mut self, change: impl FnOnce(&mut Shape)) -> Vec<Effect> {
        change(&mut self.shape);
        self.refresh_rows();
        self.keep_to_selection()
    }

    /// After rows changed: the selection stays on screen, in what hides it if need be.
    pub(super) fn keep_to_selection(&mut self) -> Vec<Effect> {
        self.selection_stays_visible();
        let row = self.selection.and_then(|span| self.row_of(span));
        vec![Effect::ScrollToRow(row.unwrap_or(0)), URL]
    }

    pub(super) fn set_detail(&mut self, at: usize) -> Vec<Effect> {
        let Some(detail) = DETAILS.get(at) else {
            return Vec::new();
        };
        self.shape.repeats = detail.repeats;
        self.shape.pairs = detail.pairs;
        self.shape.least = detail.least.to_owned();
        self.shape.opened = Arc::default();
        self.shape.asked = Arc::default();
        self.collapsed = match detail.path {
            true => Arc::new(self.off_path()),
            false => Arc::default(),
        };
        self.refresh_rows();
        let mut effects = self.keep_to_selection();
        let rows = self.rows.len();
        effects.push(Effect::Announce(format!("{}: {rows} rows", detail.name)));
        effects
    }

    pub(super) fn set_least(&mut self, text: &str) -> Vec<Effect> {
        let text = text.trim();
        let whole = self.trace_ref().map_or(Nanos(0), |trace| trace.duration());
        if !text.is_empty() && query::least_time(text, whole).is_none() {
            let words = "Neither a duration, as in 5ms, nor a share of the trace, as in 1%";
            return vec![Effect::Announce(words.to_owned())];
        }
        self.set_shape(|shape| {
            shape.least = text.to_owned();
            shape.asked = Arc::default();
        })
    }

    /// Shows one subtree alone, or the whole trace again.
    pub(super) fn set_focus(&mut self, span: Option<u32>) -> Vec<Effect> {
        let known = self.trace_ref().map(|trace| (trace.spans(), trace.start()));
        let Some((spans, start)) = known else {
            return Vec::new();
        };
        let span = span.filter(|span| spans.contains(span));
        if span == self.shape.focus {
            return Vec::new();
        }
        match (span, self.store().cloned()) {
            (Some(span), Some(store)) => {
                if self.shape.focus.is_none() {
                    self.shape.before = self.range;
                }
                let of = store.span(span);
                let from = of.start().since(start).0;
                let to = of.end().since(start).0.max(from);
                self.shape.focus = Some(span);
                self.set_range(from, to);
                self.selection = Some(span);
            }
            _ => {
                self.range = self.shape.before.take();
                // What was alone is where one looks.
                self.selection = self.selection.or(self.shape.focus);
                self.shape.focus = None;
            }
        }
        self.refresh_rows();
        self.keep_to_selection()
    }

    /// Opens what a row stands for, or closes what one of its spans was opened from.
    pub(super) fn toggle_fold(&mut self, span: u32) -> Vec<Effect> {
        let folds = self.rows.folds();
        let first = |group: u32| {
            let repeats = folds.repeats()?;
            repeats.members(group).first().copied()
        };
        let parent = self.store().map(|store| {
            let parent = store.spans().parent.get(span as usize);
            parent.copied().unwrap_or(NO_SPAN)
        });
        let (what, open) = if let Some(group) = folds.closed_group(span) {
            (first(group), true)
        } else if folds.server_in(span).is_some() {
            (Some(span), true)
        } else if let Some(group) = folds.open_group(span) {
            (first(group), false)
        } else if self.shape.opened.contains(&span) {
            (Some(span), false)
        } else {
            (
                parent.filter(|parent| self.shape.opened.contains(parent)),
                false,
            )
        };
        let Some(what) = what else {
            return Vec::new();
        };
        let opened = Arc::make_mut(&mut self.shape.opened);
        if open {
            opened.insert(what);
        } else {
            opened.remove(&what);
        }
        self.refresh_rows();
        self.selection_stays_visible();
        match self.row_of(what).filter(|_| !open) {
            Some(row) => vec![Effect::ScrollToRow(row)],
            None => Vec::new(),
        }
    }

    /// Makes a span one with a row of its own: opens, widens and empties what hides it.
    pub(super) fn uncover(&mut self, span: u32) {
        let Some(store) = self.store().cloned() else {
            return;
        };
        let folds = self.folds();
        let (collapsed, opened) = (
            Arc::make_mut(&mut self.collapsed),
            Arc::make_mut(&mut self.shape.opened),
        );
        let mut inside = self.shape.focus.is_none_or(|focus| focus == span);
        let mut below = span;
        // The first of a group stands for itself, too.
        opened.extend(folds.stands_in(span).filter(|&first| first != span));
        while let Some(above) = store.span(below).parent() {
            collapsed.remove(&above);
            opened.extend(folds.stands_in(above));
            if below == span && folds.server_in(above) == Some(span) {
                opened.insert(above);
            }
            inside |= self.shape.focus == Some(above);
            below = above;
        }
        if !inside {
            self.shape.focus = None;
            self.range = self.shape.before.take();
        }
        // A filter that hides what is asked for goes.
        if self.query.matches.binary_search(&span).is_err() {
            self.query.others = Others::Shown;
        }
        self.refresh_rows();
        if self.rows.exact_row_of(span).is_none() {
            Arc::make_mut(&mut self.shape.asked).insert(span);
            self.refresh_rows();
        }
    }

    /// Every span with children that is neither on the critical path nor above what is, nor above an error.
    fn off_path(&self) -> BTreeSet<u32> {
        let (Some(store), Some(trace), Some(path)) = (self.store(), self.trace_ref(), self.path())
        else {
            return BTreeSet::new();
        };
        let columns = store.spans();
        let on = path.sections().iter().map(|section| section.span);
        let failed = |span: &u32| columns.status[*span as usize] == StatusCode::Error as u8;
        let folds = Folds::default();
        let mut kept = hide::Kept::none(columns, trace.spans(), &folds);
        on.chain(trace.spans().filter(failed))
            .chain(self.shape.focus)
            .for_each(|span| kept.mark(span));
        let closed = |span: &u32| columns.descendants[*span as usize] > 0 && !kept.has(*span);
        trace.spans().filter(closed).collect()
    }

    pub(super) fn collapse_off_path(&mut self) -> Vec<Effect> {
        let off = self.off_path();
        self.set_collapsed(off)
    }

    /// Closes every span of the selected span's service, or opens them when all are closed.
    pub(super) fn collapse_service(&mut self) -> Vec<Effect> {
        let (Some(store), Some(trace), Some(span)) =
            (self.store().cloned(), self.trace_ref(), self.selection)
        else {
            return vec![Effect::Announce("No span is selected".to_owned())];
        };
        let service = store.service_of(span);
        let same = |span: &u32| {
            store.service_of(*span) == service && store.spans().descendants[*span as usize] > 0
        };
        let all: Vec<u32> = trace.spans().filter(same).collect();
        let mut collapsed = BTreeSet::clone(&self.collapsed);
        if all.iter().all(|span| collapsed.contains(span)) {
            all.iter().for_each(|span| {
                collapsed.remove(span);
            });
        } else {
            collapsed.extend(all);
        }
        self.set_collapsed(collapsed)
    }
}

#[cfg(test)]
mod tests;

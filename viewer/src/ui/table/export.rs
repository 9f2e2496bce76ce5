//! The table as a file, made piece by piece so that the page stays alive.
//!
//! **Invariant:** what was asked for is what is saved, whatever changes meanwhile.

use std::{sync::Arc, time::Duration};

use throughline_model::{
    analysis::table::{Column, Row},
    store::TraceStore,
};

use crate::{
    browser::download,
    dom::prelude::*,
    problem::Problem,
    state::Command,
    ui::{cells, context::App, format, toast},
};

/// Rows of one piece: a few milliseconds.
const PIECE: usize = 4_000;

/// What is being written.
pub(super) struct Export {
    pub app: App,
    pub store: Arc<TraceStore>,
    pub rows: Arc<Vec<Row>>,
    pub columns: Arc<Vec<Column>>,
    pub name: String,
}

impl Export {
    /// Begins; the rest follows by itself.
    pub fn start(self) {
        let parts = vec![cells::csv_head(&self.columns)];
        self.piece(0, parts);
    }

    fn piece(self, from: usize, mut parts: Vec<String>) {
        let to = (from + PIECE).min(self.rows.len());
        let mut text = String::new();
        for row in &self.rows[from..to] {
            cells::csv_line(&self.store, *row, &self.columns, &mut text);
        }
        parts.push(text);
        if to < self.rows.len() {
            if from.is_multiple_of(PIECE * 25) {
                let percent = to * 100 / self.rows.len();
                toast::show(format!("Writing {}: {percent} %", self.name));
            }
            return set_timeout(move || self.piece(to, parts), Duration::ZERO);
        }
        match download::save(&self.name, &parts) {
            Ok(()) => toast::show(format!(
                "{}: {}",
                self.name,
                format::counted(self.rows.len() as u64, "row")
            )),
            Err(reason) => self.app.dispatch(Command::Report(Problem::new(
                format!("{} could not be saved", self.name),
                reason,
                "Choose fewer rows with the query, or fewer columns.",
            ))),
        }
    }
}

//! The table as a file, made piece by piece so that the page stays alive.
//!
//! **Invariant:** what was asked for is what is saved, whatever changes meanwhile.

use std::time::Duration;

use crate::{
    browser::download,
    dom::prelude::*,
    problem::Problem,
    state::Command,
    ui::{context::App, format, toast},
};

/// Lines of one piece: a few milliseconds.
const PIECE: usize = 4_000;

/// Writes the line of a number, with its end.
pub(super) type Line = Box<dyn Fn(usize, &mut String)>;

/// What is being written.
pub(super) struct Export {
    pub app: App,
    pub name: String,
    /// The first line, with its end.
    pub head: String,
    /// How many lines follow.
    pub count: usize,
    pub line: Line,
}

impl Export {
    /// Begins; the rest follows by itself.
    pub fn start(self) {
        let parts = vec![self.head.clone()];
        self.piece(0, parts);
    }

    fn piece(self, from: usize, mut parts: Vec<String>) {
        let to = (from + PIECE).min(self.count);
        let mut text = String::new();
        for at in from..to {
            (self.line)(at, &mut text);
        }
        parts.push(text);
        if to < self.count {
            if from.is_multiple_of(PIECE * 25) {
                let percent = to * 100 / self.count;
                toast::show(format!("Writing {}: {percent} %", self.name));
            }
            return set_timeout(move || self.piece(to, parts), Duration::ZERO);
        }
        match download::save(&self.name, &parts) {
            Ok(()) => toast::show(format!(
                "{}: {}",
                self.name,
                format::counted(self.count as u64, "row")
            )),
            Err(reason) => self.app.dispatch(Command::Report(Problem::new(
                format!("{} could not be saved", self.name),
                reason,
                "Choose fewer rows with the query, or fewer columns.",
            ))),
        }
    }
}

//! What the reader had to forgive.
//!
//! **Invariant:** bounded memory, and no cost while nothing is wrong.

use crate::issues::{IssueKind, IssueLog};

/// How many places are handed on; the log keeps no more of one kind.
const PLACES: usize = 5;

/// Counts of what was forgiven, by kind, with the first places.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    kinds: Vec<Note>,
}

#[derive(Clone, Debug)]
struct Note {
    kind: IssueKind,
    count: u64,
    places: Vec<u64>,
    detail: &'static str,
}

impl Notes {
    /// Counts one problem.
    #[cold]
    pub fn add(&mut self, kind: IssueKind, offset: u64) {
        self.add_with(kind, offset, "");
    }

    /// Counts one problem; the first of a kind keeps its words.
    #[cold]
    pub fn add_with(&mut self, kind: IssueKind, offset: u64, detail: &'static str) {
        let found = self.kinds.iter().position(|note| note.kind == kind);
        let at = found.unwrap_or_else(|| {
            self.kinds.push(Note {
                kind,
                count: 0,
                places: Vec::new(),
                detail,
            });
            self.kinds.len() - 1
        });
        let note = &mut self.kinds[at];
        note.count += 1;
        if note.places.len() < PLACES {
            note.places.push(offset);
        }
    }

    /// True while nothing had to be forgiven.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// How many problems of one kind.
    pub fn count(&self, kind: IssueKind) -> u64 {
        let found = self.kinds.iter().find(|note| note.kind == kind);
        found.map_or(0, |note| note.count)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.kinds.clear();
    }

    /// Hands the counts to the current source of a log and forgets them.
    pub fn drain_into(&mut self, log: &mut IssueLog) {
        for note in self.kinds.drain(..) {
            let known = note.places.len() as u64;
            for offset in note.places {
                log.add_with(note.kind, Some(offset), || note.detail.to_owned());
            }
            log.add_many(note.kind, note.count - known);
        }
    }
}

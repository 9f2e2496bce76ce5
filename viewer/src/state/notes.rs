//! Notes on spans, of any trace, by the ids of trace and span: they are there again whenever the trace is opened.
//!
//! **Invariant:** ascending by ids, one a span, none without words.

use std::sync::Arc;

use throughline_model::{
    ids::{SpanId, TraceId},
    store::SpanRef,
};

use super::{Effect, UiState};

/// Bytes of a note at most.
pub const LONGEST: usize = 4_000;

/// A note on a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// What the span is called, for when it is not there.
    pub about: String,
    /// The words.
    pub text: String,
}

impl Note {
    fn key(&self) -> (u128, u64) {
        (self.trace.0, self.span.0)
    }
}

/// Puts a note in its place, or takes the one away that was there.
pub fn put(notes: &mut Vec<Note>, mut note: Note) {
    let text = note.text.trim();
    note.text = text[..text.floor_char_boundary(LONGEST)].to_owned();
    let place = notes.binary_search_by_key(&note.key(), Note::key);
    match (place, note.text.is_empty()) {
        (Ok(at), true) => {
            notes.remove(at);
        }
        (Ok(at), false) => notes[at] = note,
        (Err(at), false) => notes.insert(at, note),
        (Err(_), true) => {}
    }
}

/// The note on a span of this id.
pub fn find(notes: &[Note], trace: TraceId, span: SpanId) -> Option<&Note> {
    let place = notes.binary_search_by_key(&(trace.0, span.0), Note::key);
    place.ok().and_then(|at| notes.get(at))
}

impl UiState {
    /// The words of the note on a span.
    pub fn note_on(&self, span: SpanRef<'_>) -> Option<&str> {
        if self.notes.is_empty() {
            return None;
        }
        find(&self.notes, span.trace().id(), span.id()).map(|note| &*note.text)
    }

    pub(super) fn write_note(&mut self, note: Note) -> Vec<Effect> {
        put(Arc::make_mut(&mut self.notes), note.clone());
        let words = match note.text.trim().is_empty() {
            true => "Note removed",
            false => "Note written",
        };
        vec![Effect::KeepNote(note), Effect::Announce(words.to_owned())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Command, tests::opened_with};

    fn note(trace: u128, span: u64, text: &str) -> Note {
        Note {
            trace: TraceId(trace),
            span: SpanId(span),
            about: String::new(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_span_has_one_note_at_most() {
        let check = |written: &[(u128, u64, &str)], expected: &[(u128, u64, &str)]| {
            let mut notes = Vec::new();
            for &(trace, span, text) in written {
                put(&mut notes, note(trace, span, text));
            }
            let found = notes
                .iter()
                .map(|note| (note.trace.0, note.span.0, &*note.text));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{written:?}");
            for &(trace, span, text) in expected {
                let found = find(&notes, TraceId(trace), SpanId(span));
                assert_eq!(found.map(|note| &*note.text), Some(text));
            }
            assert_eq!(find(&notes, TraceId(99), SpanId(1)), None);
        };
        check(&[], &[]);
        check(&[(1, 1, "  a\n")], &[(1, 1, "a")]);
        check(&[(1, 1, "a"), (1, 1, "b")], &[(1, 1, "b")]);
        check(&[(1, 1, "a"), (1, 1, " ")], &[]);
        check(&[(1, 1, "")], &[]);
        check(
            &[(2, 1, "c"), (1, 9, "b"), (1, 2, "a"), (1, 9, "d")],
            &[(1, 2, "a"), (1, 9, "d"), (2, 1, "c")],
        );
        let long = "ä".repeat(LONGEST);
        check(&[(1, 1, &long)], &[(1, 1, &"ä".repeat(LONGEST / 2))]);
    }

    #[test]
    fn a_note_is_on_its_span_and_kept() {
        let mut state = opened_with("1 - 0 9 a\n 2 1 1 2 b");
        let store = state.store().cloned().unwrap();
        let written = Note {
            trace: store.trace(0).id(),
            ..note(0, 2, "slow since Monday")
        };
        let effects = state.apply(Command::WriteNote(written.clone()));
        assert_eq!(effects[0], Effect::KeepNote(written));
        let words = |span| state.note_on(store.span(span));
        assert_eq!((words(0), words(1)), (None, Some("slow since Monday")));
    }
}

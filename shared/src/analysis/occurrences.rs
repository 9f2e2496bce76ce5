//! In which spans each text stands as a value: found once, in pieces, so that a search need not look at every value again.
//!
//! A counting sort: how often each text is there, then the spans of each, one behind the other. Four bytes a value and a
//! text: about a third of what the values themselves take.
//!
//! **Invariant:** knows what [`crate::analysis::find`] would find by looking; in however many pieces, it is the same.

use crate::{
    bits::Bits,
    store::{Range, TraceStore, Value, Values},
};

/// Importers cut deeper values; an image could hold any.
const DEEPEST: u32 = 64;

/// The spans of each text of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrences {
    /// Behind the last span of each text, by its handle.
    ends: Vec<u32>,
    spans: Vec<u32>,
    /// Which texts are keys of attributes; whose keys they are is not kept.
    keys: Bits,
}

impl Occurrences {
    /// Of all spans.
    pub fn of_store(store: &TraceStore) -> Self {
        let mut work = OccurrenceWork::new(store);
        while !work.go(u32::MAX) {}
        work.finish()
    }

    /// The spans in which one of `texts` is a value; none if one of them is a key, whose spans are not known.
    pub(crate) fn spans_of(&self, store: &TraceStore, texts: &Bits) -> Option<Bits> {
        if texts.meets(&self.keys) {
            return None;
        }
        let mut spans = Bits::none(store.span_count());
        texts.each(&mut |text| {
            let first = text.checked_sub(1).map_or(0, |before| self.ends[before]);
            for &span in &self.spans[first as usize..self.ends[text] as usize] {
                spans.set(span as usize);
            }
        });
        Some(spans)
    }
}

/// Texts that are being found.
pub struct OccurrenceWork<'s> {
    store: &'s TraceStore,
    /// The next span.
    next: u32,
    /// Whether all texts are counted, and the spans are being put in their places.
    placing: bool,
    found: Occurrences,
}

impl<'s> OccurrenceWork<'s> {
    /// Of all spans of a store.
    pub fn new(store: &'s TraceStore) -> Self {
        let texts = store.strings().len();
        Self {
            store,
            next: 0,
            placing: false,
            found: Occurrences {
                ends: vec![0; texts],
                spans: Vec::new(),
                keys: Bits::none(texts),
            },
        }
    }

    /// Goes on for so many spans; true when all is found.
    pub fn go(&mut self, steps: u32) -> bool {
        let count = self.store.span_count() as u32;
        let end = count.min(self.next.saturating_add(steps));
        for span in self.next..end {
            self.span(span);
        }
        self.next = end;
        if end < count || self.placing {
            return end == count;
        }
        let mut sum = 0;
        for end in &mut self.found.ends {
            (*end, sum) = (sum, sum + *end);
        }
        self.found.spans = vec![0; sum as usize];
        (self.placing, self.next) = (true, 0);
        count == 0
    }

    /// What was found.
    pub fn finish(self) -> Occurrences {
        self.found
    }

    // Not inlined: browsers make a function fast between two calls of it, and a loop in one never.
    #[inline(never)]
    fn span(&mut self, span: u32) {
        let (store, at) = (self.store, span as usize);
        self.values(span, store.spans().attributes[at]);
        for row in Range::from_pair(store.spans().events[at]).rows() {
            self.text(span, store.events().name[row]);
            self.values(span, store.events().attributes[row]);
        }
        for row in Range::from_pair(store.spans().links[at]).rows() {
            self.values(span, store.links().attributes[row]);
        }
    }

    fn values(&mut self, span: u32, rows: [u32; 2]) {
        let table = self.store.attributes();
        for row in Range::from_pair(rows).rows() {
            if !self.placing {
                self.found.keys.set(table.key[row] as usize);
            }
            self.value(span, table, row, 0);
        }
    }

    fn value(&mut self, span: u32, table: &Values, row: usize, depth: u32) {
        match Value::unpack(table.kind[row], table.payload[row]) {
            Value::Str(text) | Value::Bytes(text) => self.text(span, text.0),
            Value::Array(range) | Value::Map(range) if depth < DEEPEST => {
                let nested = self.store.nested();
                for row in range.rows() {
                    self.text(span, nested.key[row]);
                    self.value(span, nested, row, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, span: u32, text: u32) {
        // The end of a text's place is where its next span goes, until the last one is there.
        let end = &mut self.found.ends[text as usize];
        if self.placing {
            self.found.spans[*end as usize] = span;
        }
        *end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::find::Term, store::sample};

    #[test]
    fn it_knows_what_looking_finds() {
        let store = sample::store();
        let known = Occurrences::of_store(&store);
        for text in [
            "cart",
            "shop",
            "exception",
            "error",
            "http",
            "a",
            "e",
            "0",
            "0.5",
            "true",
            "nothing",
            "a=shop",
            "get /cart",
            "server",
            "0000000000000003",
        ] {
            let rows = |known| {
                let term = Term::of(&store, known, text);
                let spans = 0..store.span_count();
                spans
                    .filter(|&span| term.matches(&store, span))
                    .collect::<Vec<_>>()
            };
            assert_eq!(rows(Some(&known)), rows(None), "{text}");
        }
    }

    #[test]
    fn in_pieces_it_is_the_same() {
        let store = sample::store();
        let expected = Occurrences::of_store(&store);
        assert!(!expected.spans.is_empty());
        for steps in 1..4 {
            let mut work = OccurrenceWork::new(&store);
            while !work.go(steps) {}
            assert_eq!(work.finish(), expected, "{steps}");
        }
    }
}

//! In which spans each text, number and key stands: found once, in pieces, so that a search need not look at every attribute again.
//!
//! A counting sort: how often each value is there, then the spans of each, one behind the other. A key that many spans have is a
//! bitmap instead. At most four bytes a key, a value and a text.
//!
//! **Invariant:** knows what [`crate::analysis::find`] would find by looking; in however many pieces, it is the same.

use hashbrown::HashTable;

use crate::{
    bits::Bits,
    store::{Range, TraceStore, Value, Values},
    strings::mix,
};

/// Importers cut deeper values; an image could hold any.
const DEEPEST: u32 = 64;
/// More different numbers would have to be looked at one by one, as if nothing was known.
const NUMBERS_MAX: usize = 1 << 20;
/// A list of spans takes this many times as much as a bit for each.
const SPARSE: usize = 32;

/// Instead of a bitmap's place.
const LISTED: u32 = u32::MAX;

/// The kind of a value and what it is, as a store holds them.
type Packed = (u8, u64);

/// The spans of each text, number and key of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrences {
    /// Behind the last span of each value: of the texts by their handles, then of the numbers.
    ends: Vec<u32>,
    spans: Vec<u32>,
    /// The numbers and truths; `None` if there are too many.
    numbers: Option<Vec<Packed>>,
    /// By its handle, which bitmap a key has, counted from one; 0 for what is no key, [`LISTED`] for one that few spans have.
    keys: Vec<u32>,
    /// The spans of keys that many have.
    bitmaps: Vec<Bits>,
}

impl Occurrences {
    /// Of all spans.
    pub fn of_store(store: &TraceStore) -> Self {
        let mut work = OccurrenceWork::new(store);
        while !work.go(u32::MAX) {}
        work.finish()
    }

    /// The spans in which one of `texts` is a name, a value or a key.
    pub(crate) fn spans_of(&self, store: &TraceStore, texts: &Bits) -> Bits {
        let mut spans = Bits::none(store.span_count());
        texts.each(&mut |text| {
            self.bitmap(text, &mut spans);
            self.list(text, &mut spans);
        });
        spans
    }

    /// Every span in which one of `texts` is a key, and perhaps some where it is something else.
    pub(crate) fn spans_with_key(&self, store: &TraceStore, texts: &Bits) -> Bits {
        let mut spans = Bits::none(store.span_count());
        texts.each(&mut |text| match self.keys[text] {
            0 => {}
            LISTED => self.list(text, &mut spans),
            _ => self.bitmap(text, &mut spans),
        });
        spans
    }

    /// The same, and those with a number or truth that `fits`; `None` if these are not known.
    pub(crate) fn spans_of_any(
        &self,
        store: &TraceStore,
        texts: &Bits,
        fits: &dyn Fn(Value) -> bool,
    ) -> Option<Bits> {
        let numbers = self.numbers.as_ref()?;
        let mut spans = self.spans_of(store, texts);
        for (at, number) in numbers.iter().enumerate() {
            if fits(Value::unpack(number.0, number.1)) {
                self.list(self.keys.len() + at, &mut spans);
            }
        }
        Some(spans)
    }

    fn bitmap(&self, key: usize, spans: &mut Bits) {
        let place = self.keys[key].checked_sub(1);
        if let Some(bitmap) = place.and_then(|place| self.bitmaps.get(place as usize)) {
            spans.add(bitmap);
        }
    }

    fn list(&self, value: usize, spans: &mut Bits) {
        let first = value.checked_sub(1).map_or(0, |before| self.ends[before]);
        for &span in &self.spans[first as usize..self.ends[value] as usize] {
            spans.set(span as usize);
        }
    }
}

/// Values that are being found.
pub struct OccurrenceWork<'s> {
    store: &'s TraceStore,
    /// The next span.
    next: u32,
    /// Whether all is counted, and the spans are being put in their places.
    placing: bool,
    /// Where each number stands among them.
    places: HashTable<u32>,
    /// How often each number is there.
    counts: Vec<u32>,
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
            places: HashTable::new(),
            counts: Vec::new(),
            found: Occurrences {
                ends: vec![0; texts],
                spans: Vec::new(),
                numbers: Some(Vec::new()),
                keys: vec![0; texts],
                bitmaps: Vec::new(),
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
        self.make_room();
        count == 0
    }

    /// What was found.
    pub fn finish(self) -> Occurrences {
        self.found
    }

    /// Turns what was counted into places.
    fn make_room(&mut self) {
        let spans = self.store.span_count();
        let Occurrences {
            ends,
            keys,
            bitmaps,
            ..
        } = &mut self.found;
        for (key, end) in keys.iter_mut().zip(&mut *ends) {
            if *key as usize > spans / SPARSE {
                bitmaps.push(Bits::none(spans));
                *key = bitmaps.len() as u32;
            } else if *key > 0 {
                *end += *key;
                *key = LISTED;
            }
        }
        ends.append(&mut self.counts);
        let mut sum = 0;
        for end in ends {
            (*end, sum) = (sum, sum + *end);
        }
        self.found.spans = vec![0; sum as usize];
        (self.placing, self.next) = (true, 0);
    }

    // Not inlined: browsers make a function fast between two calls of it, and a loop in one never.
    #[inline(never)]
    fn span(&mut self, span: u32) {
        let (store, at) = (self.store, span as usize);
        let spans = store.spans();
        self.place(span, spans.name[at] as usize);
        if spans.status_message[at] != 0 {
            self.place(span, spans.status_message[at] as usize);
        }
        self.values(span, spans.attributes[at]);
        for row in Range::from_pair(spans.events[at]).rows() {
            self.place(span, store.events().name[row] as usize);
            self.values(span, store.events().attributes[row]);
        }
        for row in Range::from_pair(spans.links[at]).rows() {
            self.values(span, store.links().attributes[row]);
        }
    }

    fn values(&mut self, span: u32, rows: [u32; 2]) {
        let table = self.store.attributes();
        for row in Range::from_pair(rows).rows() {
            self.key(span, table.key[row] as usize);
            self.value(span, table, row, 0);
        }
    }

    fn value(&mut self, span: u32, table: &Values, row: usize, depth: u32) {
        match Value::unpack(table.kind[row], table.payload[row]) {
            Value::Str(text) | Value::Bytes(text) => self.place(span, text.at()),
            Value::Bool(_) | Value::Int(_) | Value::Double(_) => {
                self.number(span, (table.kind[row], table.payload[row]));
            }
            Value::Array(range) | Value::Map(range) if depth < DEEPEST => {
                let nested = self.store.nested();
                for row in range.rows() {
                    self.key(span, nested.key[row] as usize);
                    self.value(span, nested, row, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn key(&mut self, span: u32, key: usize) {
        match &mut self.found.keys[key] {
            count if !self.placing => *count += 1,
            &mut LISTED => self.place(span, key),
            bitmap => self.found.bitmaps[*bitmap as usize - 1].set(span as usize),
        }
    }

    fn number(&mut self, span: u32, number: Packed) {
        let Some(numbers) = &mut self.found.numbers else {
            return;
        };
        let hash = hash(&number);
        let known = self.places.find(hash, |&at| numbers[at as usize] == number);
        match known.copied() {
            Some(at) if self.placing => self.place(span, self.found.keys.len() + at as usize),
            Some(at) => self.counts[at as usize] += 1,
            None if numbers.len() == NUMBERS_MAX => {
                self.found.numbers = None;
                (self.places, self.counts) = (HashTable::new(), Vec::new());
            }
            None => {
                let at = numbers.len() as u32;
                numbers.push(number);
                self.counts.push(1);
                self.places
                    .insert_unique(hash, at, |&at| self::hash(&numbers[at as usize]));
            }
        }
    }

    fn place(&mut self, span: u32, value: usize) {
        // The end of a value's place is where its next span goes, until the last one is there.
        let end = &mut self.found.ends[value];
        if self.placing {
            self.found.spans[*end as usize] = span;
        }
        *end += 1;
    }
}

fn hash((kind, payload): &Packed) -> u64 {
    mix(mix(u64::from(*kind), *payload), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::find::Term, store::sample};

    #[test]
    fn it_knows_what_looking_finds() {
        let store = sample::store();
        let known = Occurrences::of_store(&store);
        assert!(!known.bitmaps.is_empty());
        let without_numbers = Occurrences {
            numbers: None,
            ..known.clone()
        };
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
            "=",
            "d=0",
            "c=-9",
            "a=",
        ] {
            let rows = |known| {
                let term = Term::of(&store, known, text);
                let spans = 0..store.span_count();
                spans
                    .filter(|&span| term.matches(&store, span))
                    .collect::<Vec<_>>()
            };
            assert_eq!(rows(Some(&known)), rows(None), "{text}");
            assert_eq!(rows(Some(&without_numbers)), rows(None), "{text}");
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

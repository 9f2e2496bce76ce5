//! Find in trace: which spans contain a text.
//!
//! Terms are separated by spaces and must all match; `"two words"` is one term; `key=value` needs a key that contains
//! the one and a value that contains the other. Upper and lower case are the same. A term matches the service, the
//! span name, the kind, the status and its message, keys and values of span, event, link, scope and resource attributes,
//! event names, and the span id (from four digits on).
//!
//! Every distinct string is looked at once, however many spans use it: a million spans share a few thousand strings.
//!
//! **Invariant:** linear in strings and rows; a hostile query or text cannot make it slower.

use super::occurrences::Occurrences;
use crate::{
    bits::Bits,
    ids::TraceId,
    store::{Range, SpanKind, StatusCode, TraceStore, Value, ValueKind, Values},
    strings::Strings,
};

/// The rows of `spans` that match `query`, ascending; none for a query without terms.
pub fn find(store: &TraceStore, spans: core::ops::Range<u32>, query: &str) -> Vec<u32> {
    let terms: Vec<Term> = terms(query)
        .into_iter()
        .map(|term| Term::new(store, None, &term))
        .collect();
    if terms.is_empty() {
        return Vec::new();
    }
    spans
        .filter(|&span| terms.iter().all(|term| term.matches(store, span as usize)))
        .collect()
}

/// Splits a query into lower-case terms; a quote that is not closed runs to the end.
fn terms(query: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut term = String::new();
    let mut quoted = false;
    for c in query.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => terms.push(core::mem::take(&mut term)),
            c => term.extend(c.to_lowercase()),
        }
    }
    terms.push(term);
    terms.retain(|term| !term.is_empty());
    terms
}

/// One term, with everything that can be decided ahead of the spans.
pub(crate) struct Term {
    text: String,
    /// Whether a number can contain it.
    is_number: bool,
    /// Whether every resource has it, and so every span.
    everywhere: bool,
    /// The spans that have it in their name, message, values, events or links, if that is known ahead.
    spans: Option<Bits>,
    /// Of the others, if that is known: those that have its key, and perhaps its value there.
    perhaps: Bits,
    /// Which strings contain the whole term.
    strings: Bits,
    /// For `key=value`: which strings contain the key, which contain the value, and the value.
    pair: Option<(Bits, Bits, String)>,
    resources: Vec<bool>,
    scopes: Vec<bool>,
    kinds: [bool; 6],
    statuses: [bool; 3],
    /// What may be a part of an id, from four hex digits on: their value and how many.
    id: Option<(u128, u32)>,
}

impl Term {
    /// The term of a text in any case.
    pub(crate) fn of(store: &TraceStore, known: Option<&Occurrences>, text: &str) -> Self {
        let lower: String = text.chars().flat_map(char::to_lowercase).collect();
        Self::new(store, known, &lower)
    }

    /// With `known`, values need not be looked at.
    fn new(store: &TraceStore, known: Option<&Occurrences>, text: &str) -> Self {
        let strings = store.strings();
        let pair = text
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .map(|(key, value)| {
                let keys = containing(strings, key);
                (keys, containing(strings, value), value.to_owned())
            })
            .filter(|(keys, ..)| !keys.is_empty());
        let mut term = Self {
            strings: containing(strings, text),
            pair,
            everywhere: false,
            resources: Vec::new(),
            scopes: Vec::new(),
            kinds: core::array::from_fn(|at| {
                SpanKind::from_number(at as u64).is_some_and(|kind| at > 0 && kind.name() == text)
            }),
            statuses: core::array::from_fn(|at| {
                StatusCode::from_number(at as u64)
                    .is_some_and(|status| at > 0 && status.name() == text)
            }),
            id: (4..=32)
                .contains(&text.len())
                .then(|| TraceId::from_hex(text.as_bytes()))
                .flatten()
                .map(|id| (id.0, text.len() as u32)),
            is_number: digits(text),
            spans: None,
            perhaps: Bits::none(0),
            text: text.to_owned(),
        };
        let (resources, scopes) = (store.resources(), store.scopes());
        term.resources = (0..resources.service.len())
            .map(|at| term.in_values(store, store.attributes(), resources.attributes[at]))
            .collect();
        term.scopes = (0..scopes.name.len())
            .map(|at| {
                term.strings.has(scopes.name[at] as usize)
                    || term.in_values(store, store.attributes(), scopes.attributes[at])
            })
            .collect();
        term.everywhere = term.resources.iter().all(|has| *has);
        if !term.everywhere {
            term.look_up(store, known);
        }
        term
    }

    fn look_up(&mut self, store: &TraceStore, known: Option<&Occurrences>) {
        // Others can be in what is no text.
        let texts_alone = !self.is_number && !["true", "false"].contains(&&*self.text);
        if texts_alone && self.pair.is_none() && self.strings.is_empty() {
            self.spans = Some(Bits::none(0));
            return;
        }
        let Some(known) = known else { return };
        let fits = |value| value_contains(value, &self.strings, &self.text);
        self.spans = match texts_alone {
            true => Some(known.spans_of(store, &self.strings)),
            false => known.spans_of_any(store, &self.strings, &fits),
        };
        if let Some((keys, ..)) = &self.pair {
            self.perhaps = known.spans_with_key(store, keys);
        }
    }

    /// Which of some spans contain it; the first of them is the store's span `first`.
    pub(crate) fn among(&self, store: &TraceStore, first: usize, spans: &Bits) -> Bits {
        if self.everywhere {
            return spans.clone();
        }
        let mut left = spans.clone();
        if let Some(known) = &self.spans {
            left = left.without(&known.part(first, spans.len()));
        }
        let elsewhere = [&self.resources, &self.scopes];
        if self.spans.is_none()
            || !self.perhaps.is_empty()
            || self.id.is_some()
            || elsewhere.iter().any(|list| list.contains(&true))
            || self.kinds.contains(&true)
            || self.statuses.contains(&true)
        {
            left = left.those(&mut |at| !self.matches(store, first + at));
        }
        spans.without(&left)
    }

    /// Whether a span contains it.
    pub(crate) fn matches(&self, store: &TraceStore, span: usize) -> bool {
        let spans = store.spans();
        self.everywhere
            || self.resources[spans.resource[span] as usize]
            || self.kinds[spans.kind[span] as usize % 6]
            || self.statuses[spans.status[span] as usize % 3]
            || self.scopes[spans.scope[span] as usize]
            || match &self.spans {
                Some(known) => known.has(span) || self.perhaps.has(span) && self.look(store, span),
                None => self.look(store, span),
            }
            || self.id.is_some()
                && (self.in_link_ids(store, spans.links[span])
                    || self.in_span_id(spans.span_id[span]))
    }

    fn in_events(&self, store: &TraceStore, pair: [u32; 2]) -> bool {
        let events = store.events();
        Range::from_pair(pair).rows().any(|row| {
            self.strings.has(events.name[row] as usize)
                || self.in_values(store, store.attributes(), events.attributes[row])
        })
    }

    fn look(&self, store: &TraceStore, span: usize) -> bool {
        let spans = store.spans();
        self.strings.has(spans.name[span] as usize)
            || self.strings.has(spans.status_message[span] as usize)
            || self.in_values(store, store.attributes(), spans.attributes[span])
            || self.in_events(store, spans.events[span])
            || Range::from_pair(spans.links[span])
                .rows()
                .any(|row| self.in_values(store, store.attributes(), store.links().attributes[row]))
    }

    fn in_link_ids(&self, store: &TraceStore, pair: [u32; 2]) -> bool {
        let links = store.links();
        Range::from_pair(pair)
            .rows()
            .any(|row| self.in_trace_id(links.trace_id[row]) || self.in_span_id(links.span_id[row]))
    }

    fn in_trace_id(&self, id: u128) -> bool {
        self.id.is_some_and(|(wanted, length)| {
            let mask = u128::MAX >> (128 - 4 * length);
            (0..=32 - length).any(|at| id >> (4 * at) & mask == wanted)
        })
    }

    /// In 64 bits: shifts of twice as many are calls in WebAssembly.
    fn in_span_id(&self, id: u64) -> bool {
        self.id.is_some_and(|(wanted, length)| {
            let wanted = wanted as u64;
            length <= 16 && {
                let mask = u64::MAX >> (64 - 4 * length);
                (0..=16 - length).any(|at| id >> (4 * at) & mask == wanted)
            }
        })
    }

    /// Most values are texts, and most terms are none that a number could contain: these are told in one pass over the columns.
    fn in_values(&self, store: &TraceStore, table: &Values, pair: [u32; 2]) -> bool {
        const TEXT: u8 = ValueKind::Str as u8;
        const NUMBERS: [u8; 2] = [ValueKind::Int as u8, ValueKind::Double as u8];
        let rows = Range::from_pair(pair).rows();
        let columns = (
            table.key.get(rows.clone()),
            table.kind.get(rows.clone()),
            table.payload.get(rows.clone()),
        );
        let (Some(keys), Some(kinds), Some(payloads)) = columns else {
            return false;
        };
        let plain = self.pair.is_none();
        for (((&key, &kind), &payload), row) in keys.iter().zip(kinds).zip(payloads).zip(rows) {
            let found = if plain && kind == TEXT {
                self.strings.has(key as usize) || self.strings.has(payload as u32 as usize)
            } else if plain && !self.is_number && NUMBERS.contains(&kind) {
                self.strings.has(key as usize)
            } else {
                self.in_value(store, table, row, 0)
            };
            if found {
                return true;
            }
        }
        false
    }

    #[inline(never)]
    fn in_value(&self, store: &TraceStore, table: &Values, row: usize, depth: u32) -> bool {
        let key = table.key[row];
        let value = Value::unpack(table.kind[row], table.payload[row]);
        if self.strings.has(key as usize) || value_contains(value, &self.strings, &self.text) {
            return true;
        }
        if let Some((keys, values, text)) = &self.pair
            && keys.has(key as usize)
            && (text.is_empty() || value_contains(value, values, text))
        {
            return true;
        }
        match value {
            // The importers cut deeper values; an image could hold any.
            Value::Array(range) | Value::Map(range) if depth < 64 => range
                .rows()
                .any(|row| self.in_value(store, store.nested(), row, depth + 1)),
            _ => false,
        }
    }
}

fn value_contains(value: Value, strings: &Bits, text: &str) -> bool {
    match value {
        Value::Str(idx) | Value::Bytes(idx) => strings.has(idx.0 as usize),
        Value::Bool(value) => (if value { "true" } else { "false" }) == text,
        Value::Int(value) => digits(text) && int_contains(value, text.as_bytes()),
        Value::Double(value) => digits(text) && value.to_string().contains(text),
        _ => false,
    }
}

/// As if the number were a text, which it need not become.
fn int_contains(value: i64, text: &[u8]) -> bool {
    let mut digits = [0u8; 20];
    let mut first = digits.len();
    let mut left = value.unsigned_abs();
    loop {
        first -= 1;
        digits[first] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if value < 0 {
        first -= 1;
        digits[first] = b'-';
    }
    digits[first..]
        .windows(text.len().max(1))
        .any(|part| part == text)
}

/// Formatting a number costs more than all other checks: only for a text that a number can contain.
fn digits(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.' | b'e'))
}

/// The strings that contain `needle`, which is in lower case; none for an empty one.
pub(crate) fn containing(strings: &Strings, needle: &str) -> Bits {
    let mut bits = Bits::none(strings.len());
    // A long one would make places that nearly fit costly.
    if needle.is_ascii() && (1..=64).contains(&needle.len()) {
        each_holder(strings, needle.as_bytes(), &mut |at| {
            bits.set(at);
        });
    } else if !needle.is_empty() {
        let mut lower = String::new();
        for (idx, text) in strings.iter() {
            // No other letter becomes lower case in ASCII's.
            if (needle.is_ascii() || !text.is_ascii()) && contains(text, needle, &mut lower) {
                bits.set(idx.at());
            }
        }
    }
    bits
}

/// Calls back with the handle of every string that contains `needle`, which is ASCII and lower case.
///
/// One pass over the arena, eight places at a time: where the first and the last byte fit, all are compared.
fn each_holder(strings: &Strings, needle: &[u8], found: &mut dyn FnMut(usize)) {
    let (arena, ends) = (strings.arena().as_bytes(), strings.ends());
    let reach = needle.len() - 1;
    let (first, last) = (Wanted::new(needle[0]), Wanted::new(needle[reach]));
    let mut handle = 0;
    // Where to look on: the next place, or behind the string that has it.
    let mut place = |at: usize| {
        if !arena[at..at + reach + 1].eq_ignore_ascii_case(needle) {
            return at + 1;
        }
        handle = holder(ends, handle, at);
        let end = ends[handle] as usize;
        // What begins in one string and ends in the next is in neither.
        if at + reach >= end {
            return at + 1;
        }
        found(handle);
        end
    };
    let tails = arena.get(reach..).unwrap_or_default();
    let words = arena
        .as_chunks::<8>()
        .0
        .iter()
        .zip(tails.as_chunks::<8>().0);
    let mut next = 0;
    for (from, (head, tail)) in (0..).step_by(8).zip(words) {
        let differs = first.differs(*head) | last.differs(*tail);
        // A bit for each byte that is zero; above such a one there can be a bit too many.
        let mut fits = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        while fits != 0 {
            let at = from + (fits.trailing_zeros() / 8) as usize;
            if at >= next {
                next = place(at);
            }
            fits &= fits - 1;
        }
    }
    let from = tails.len() / 8 * 8;
    next = next.max(from);
    while next < tails.len() {
        next = place(next);
    }
}

/// One in each byte of a word.
const ONES: u64 = u64::MAX / 255;

/// A byte that is looked for in eight places at once.
#[derive(Clone, Copy)]
struct Wanted {
    byte: u64,
    /// Letters differ in this bit alone from their capitals.
    case: u64,
}

impl Wanted {
    fn new(byte: u8) -> Self {
        Self {
            byte: ONES * u64::from(byte),
            case: ONES * if byte.is_ascii_lowercase() { 0x20 } else { 0 },
        }
    }

    /// Zero in each byte that is it.
    fn differs(self, places: [u8; 8]) -> u64 {
        (u64::from_le_bytes(places) | self.case) ^ self.byte
    }
}

/// The first string from `handle` on that ends behind a place: most often a near one.
fn holder(ends: &[u32], mut handle: usize, at: usize) -> usize {
    let before = |end: &u32| *end as usize <= at;
    let mut step = 1;
    while ends.get(handle + step).is_some_and(before) {
        handle += step;
        step *= 2;
    }
    let far = ends.len().min(handle + step + 1);
    handle + ends[handle..far].partition_point(before)
}

/// `needle` is lower case already; `lower` is memory to reuse.
fn contains(text: &str, needle: &str, lower: &mut String) -> bool {
    if text.len() < needle.len() && text.is_ascii() {
        return false;
    }
    lower.clear();
    if text.is_ascii() {
        lower.push_str(text);
        lower.make_ascii_lowercase();
    } else {
        lower.extend(text.chars().flat_map(char::to_lowercase));
    }
    lower.contains(needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        store::sample,
        strings::{Interner, mix},
    };

    fn check(query: &str, expected: &[u32]) {
        let store = sample::store();
        assert_eq!(
            find(&store, 0..store.span_count() as u32, query),
            expected,
            "{query}"
        );
    }

    #[test]
    fn terms_match_everywhere_and_all_must() {
        check("", &[]);
        check("   ", &[]);
        check("cart", &[0, 1, 2, 3, 4]);
        check("CART", &[0, 1, 2, 3, 4]);
        check("cart nothing", &[]);
        check("\"get /cart\"", &[0, 1, 2, 3, 4]);
        check("\"cart get\"", &[]);
        check("exception", &[0, 1, 2, 3, 4]);
        check("error", &[0, 1, 2, 3, 4]);
        check("server", &[]);
        check("a=shop", &[0, 1, 2, 3, 4]);
        check("b=shop", &[]);
        check("d=0.5", &[0, 1, 2, 3, 4]);
        check("c=-9223372036854775808", &[0, 1, 2, 3, 4]);
        check("0000000000000003", &[2]);
        check("http", &[0, 1, 2, 3, 4]);
    }

    #[test]
    fn only_the_given_spans_are_searched() {
        let store = sample::store();
        assert_eq!(find(&store, 1..3, "cart"), [1, 2]);
    }

    /// Strings of few letters, so that most places nearly fit, against looking at each string.
    #[test]
    fn holders_are_found_wherever_the_words_end() {
        let mut interner = Interner::default();
        let mut seed = 7u64;
        for _ in 0..400 {
            seed = mix(seed, 1);
            let letters =
                (0..seed % 23).map(|at| ['a', 'B', 'b', '`', 'é'][(seed >> at) as usize % 5]);
            interner.intern(&letters.collect::<String>());
        }
        let strings = interner.finish();
        for needle in [
            "a",
            "b",
            "ab",
            "aab",
            "`b",
            "b`a",
            "abababab",
            "bbbbaaaab",
            "é",
            "éa",
        ] {
            let found = containing(&strings, needle);
            for (idx, text) in strings.iter() {
                let expected = text.to_lowercase().contains(needle);
                assert_eq!(found.has(idx.at()), expected, "{needle} in {text}");
            }
        }
    }

    #[test]
    fn queries_split_into_terms() {
        let check = |query: &str, expected: &[&str]| assert_eq!(terms(query), expected, "{query}");
        check("A b", &["a", "b"]);
        check("\"A b\" c", &["a b", "c"]);
        check("open \"to the end", &["open", "to the end"]);
        check("http.route=\"/a b\"", &["http.route=/a b"]);
        check("ÄÖ\u{202e}", &["äö\u{202e}"]);
    }
}

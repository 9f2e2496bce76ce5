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
    /// The spans that have it in a value, event or link, if that is known ahead.
    spans: Option<Bits>,
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
        let pair = text
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .map(|(key, value)| {
                let strings = store.strings();
                (
                    containing(strings, key),
                    containing(strings, value),
                    value.to_owned(),
                )
            });
        let mut term = Self {
            strings: containing(store.strings(), text),
            pair,
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
            text: text.to_owned(),
        };
        // Others can be in what is no text.
        if term.pair.is_none() && !term.is_number && !["true", "false"].contains(&text) {
            term.spans = match term.strings.is_empty() {
                true => Some(Bits::none(0)),
                false => known.and_then(|known| known.spans_of(store, &term.strings)),
            };
        }
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
        term
    }

    /// Whether a span contains it.
    pub(crate) fn matches(&self, store: &TraceStore, span: usize) -> bool {
        let spans = store.spans();
        self.strings.has(spans.name[span] as usize)
            || self.resources[spans.resource[span] as usize]
            || self.kinds[spans.kind[span] as usize % 6]
            || self.statuses[spans.status[span] as usize % 3]
            || self.strings.has(spans.status_message[span] as usize)
            || self.scopes[spans.scope[span] as usize]
            || self.in_own_values(store, span)
            || self.in_link_ids(store, spans.links[span])
            || self.in_id(u128::from(spans.span_id[span]), 16)
    }

    fn in_events(&self, store: &TraceStore, pair: [u32; 2]) -> bool {
        let events = store.events();
        Range::from_pair(pair).rows().any(|row| {
            self.strings.has(events.name[row] as usize)
                || self.in_values(store, store.attributes(), events.attributes[row])
        })
    }

    fn in_own_values(&self, store: &TraceStore, span: usize) -> bool {
        if let Some(known) = &self.spans {
            return known.has(span);
        }
        let spans = store.spans();
        self.in_values(store, store.attributes(), spans.attributes[span])
            || self.in_events(store, spans.events[span])
            || Range::from_pair(spans.links[span])
                .rows()
                .any(|row| self.in_values(store, store.attributes(), store.links().attributes[row]))
    }

    fn in_link_ids(&self, store: &TraceStore, pair: [u32; 2]) -> bool {
        let links = store.links();
        self.id.is_some()
            && Range::from_pair(pair).rows().any(|row| {
                self.in_id(links.trace_id[row], 32)
                    || self.in_id(u128::from(links.span_id[row]), 16)
            })
    }

    /// Whether an id of so many hex digits contains the term's.
    fn in_id(&self, id: u128, digits: u32) -> bool {
        let Some((wanted, length)) = self.id.filter(|(_, length)| *length <= digits) else {
            return false;
        };
        let mask = u128::MAX >> (128 - 4 * length);
        (0..=digits - length).any(|at| id >> (4 * at) & mask == wanted)
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
        each_place(strings, needle.as_bytes(), &mut |at| {
            bits.set(at);
        });
    } else if !needle.is_empty() {
        let mut lower = String::new();
        for (idx, text) in strings.iter() {
            if contains(text, needle, &mut lower) {
                bits.set(idx.at());
            }
        }
    }
    bits
}

/// Calls back with the handle of every string that contains `needle`, which is ASCII and lower case.
///
/// One pass over the arena, thirty-two places at a time: where the first and the last byte fit, all are compared.
fn each_place(strings: &Strings, needle: &[u8], found: &mut dyn FnMut(usize)) {
    const STEP: usize = 32;
    let (arena, ends) = (strings.arena().as_bytes(), strings.ends());
    let reach = needle.len() - 1;
    let (first, last) = (needle[0], needle[reach]);
    // Letters differ in this bit alone from their capitals.
    let case = |byte: u8| if byte.is_ascii_lowercase() { 0x20 } else { 0 };
    let (first_case, last_case) = (case(first), case(last));
    let mut handle = 0;
    let mut place = |at: usize| {
        if !arena[at..at + reach + 1].eq_ignore_ascii_case(needle) {
            return;
        }
        handle += ends[handle..].partition_point(|&end| end as usize <= at);
        // What begins in one string and ends in the next is in neither.
        if at + reach < ends[handle] as usize {
            found(handle);
        }
    };
    let places = arena.len().saturating_sub(reach);
    let mut from = 0;
    while from + STEP <= places {
        let heads = &arena[from..from + STEP];
        let tails = &arena[from + reach..from + reach + STEP];
        let mut fits = [0u8; STEP];
        for ((fit, head), tail) in fits.iter_mut().zip(heads).zip(tails) {
            *fit = u8::from(head | first_case == first) & u8::from(tail | last_case == last);
        }
        if fits != [0; STEP] {
            for (at, fit) in fits.iter().enumerate() {
                if *fit != 0 {
                    place(from + at);
                }
            }
        }
        from += STEP;
    }
    for at in from..places {
        place(at);
    }
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
    use crate::store::sample;

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

//! The different values of a column, and who has which: what colours, legends and counts need.
//!
//! The most frequent values have numbers, from 0; of equally frequent ones the one that comes first. The others are one.
//!
//! **Invariant:** linear in spans and attributes; at most `LOOKED_AT` different values are told apart.

use std::collections::HashMap;

use super::table::{Cell, Column, Row, cell};
use crate::{
    order::rows_by_key,
    store::{TraceStore, ValueRef},
};

/// So many different values are told apart; whoever has more shows no pattern by them.
const LOOKED_AT: usize = 20_000;

/// The number of what has a value that is none of the frequent ones.
pub const OTHER: u8 = 254;
/// The number of what has no value.
pub const MISSING: u8 = 255;

/// The values of a column over the spans of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    first: u32,
    numbers: Vec<u8>,
    /// By number: a span that has the value, and how many have it.
    pub frequent: Vec<(u32, u32)>,
    /// How many have another value.
    pub others: u32,
    /// How many have none.
    pub missing: u32,
}

impl Values {
    /// The values of a trace's spans; the `most` frequent ones get numbers, below [`OTHER`].
    #[inline(never)]
    pub fn of_trace(store: &TraceStore, trace: u32, column: &Column, most: usize) -> Self {
        let spans = store.trace(trace).spans();
        // Equal values are one, whoever has them: by their text, or by their bits.
        let mut known: HashMap<(u8, u64, &str), u32> = HashMap::new();
        let mut found: Vec<(u32, u32)> = Vec::new();
        let mut which = Vec::with_capacity(spans.len());
        const NONE: u32 = u32::MAX;
        const MANY: u32 = u32::MAX - 1;
        for span in spans.clone() {
            let row = Row { span, event: None };
            let Some(key) = key(cell(store, row, column)) else {
                which.push(NONE);
                continue;
            };
            let full = known.len() >= LOOKED_AT;
            let number = match known.get(&key) {
                Some(&number) => number,
                None if full => MANY,
                None => {
                    let number = found.len() as u32;
                    known.insert(key, number);
                    found.push((span, 0));
                    number
                }
            };
            if let Some((_, count)) = found.get_mut(number as usize) {
                *count += 1;
            }
            which.push(number);
        }
        let order = rows_by_key(found.len(), |at| core::cmp::Reverse(found[at as usize].1));
        let most = most.min(usize::from(OTHER));
        let mut ranks = vec![OTHER; found.len()];
        for (rank, &at) in order.iter().take(most).enumerate() {
            ranks[at as usize] = rank as u8;
        }
        let numbers: Vec<u8> = which
            .into_iter()
            .map(|number| match number {
                NONE => MISSING,
                number => ranks.get(number as usize).copied().unwrap_or(OTHER),
            })
            .collect();
        let count = |wanted: u8| numbers.iter().filter(|&&number| number == wanted).count() as u32;
        Self {
            first: spans.start,
            frequent: order
                .iter()
                .take(most)
                .map(|&at| found[at as usize])
                .collect(),
            others: count(OTHER),
            missing: count(MISSING),
            numbers,
        }
    }

    /// The number of a span's value.
    pub fn of(&self, span: u32) -> u8 {
        let at = span.checked_sub(self.first);
        let number = at.and_then(|at| self.numbers.get(at as usize));
        number.copied().unwrap_or(MISSING)
    }
}

/// What tells a value from others; `None` for no value.
pub(super) fn key(cell: Cell<'_>) -> Option<(u8, u64, &str)> {
    Some(match cell {
        Cell::Missing | Cell::Value(ValueRef::Empty) => return None,
        Cell::Text(text) | Cell::Value(ValueRef::Str(text) | ValueRef::Bytes(text)) => (0, 0, text),
        Cell::Time(time) => (1, time.0, ""),
        Cell::Length(length) => (1, length.0, ""),
        Cell::NoLength(why) => (7, 0, why),
        Cell::Count(count) => (1, count, ""),
        Cell::Id(id) => (1, id.0, ""),
        Cell::Value(ValueRef::Int(number)) => (2, number as u64, ""),
        Cell::Value(ValueRef::Bool(is)) => (3, u64::from(is), ""),
        Cell::Value(ValueRef::Double(number)) => (4, number.to_bits(), ""),
        // Lists differ in more than can be compared at a glance.
        Cell::Value(ValueRef::Array(_)) => (5, 0, ""),
        Cell::Value(ValueRef::Map(_)) => (6, 0, ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    #[test]
    fn the_most_frequent_value_is_the_first() {
        let store =
            sample::draw("1 - 1 99 a x\n 2 1 2 5 b y\n 3 1 3 6 b z\n 4 1 4 7 c y\n 5 1 5 8 d y!");
        let check = |column: &str, most: usize, expected: &[u8], frequent: &[(u32, u32)]| {
            let column = Column::of_name(column).unwrap();
            let values = Values::of_trace(&store, 0, &column, most);
            let numbers: Vec<u8> = (0..5).map(|span| values.of(span)).collect();
            assert_eq!((&*numbers, &*values.frequent), (expected, frequent));
            let counted: u32 = frequent.iter().map(|(_, count)| count).sum();
            assert_eq!(counted + values.others + values.missing, 5);
        };
        check(
            "service",
            9,
            &[1, 0, 0, 2, 3],
            &[(1, 2), (0, 1), (3, 1), (4, 1)],
        );
        check("service", 1, &[OTHER, 0, 0, OTHER, OTHER], &[(1, 2)]);
        check("name", 9, &[1, 0, 2, 0, 0], &[(1, 3), (0, 1), (2, 1)]);
        check("status", 9, &[0, 0, 0, 0, 1], &[(0, 4), (4, 1)]);
        check("http.route", 9, &[MISSING; 5], &[]);
        check("duration", 9, &[1, 0, 0, 0, 0], &[(1, 4), (0, 1)]);
    }

    #[test]
    fn spans_elsewhere_have_no_value() {
        let store = sample::draw("1 - 1 99 a x");
        let values = Values::of_trace(&store, 0, &Column::Name, 9);
        assert_eq!((values.of(0), values.of(1)), (0, MISSING));
    }
}

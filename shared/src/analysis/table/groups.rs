//! The rows of a table put together by the value of a column, with what they have in common as numbers.
//!
//! **Invariant:** linear in rows; at most `LOOKED_AT` different values are told apart, the rest is one group.

use hashbrown::HashMap;

use super::{Attribute, Column, Row, cell, event, level};
use crate::{
    analysis::{self_time::self_time, values::key},
    store::{StatusCode, TraceStore, Value},
    time::Nanos,
};

/// So many different values are told apart.
const LOOKED_AT: usize = 20_000;

/// Rows with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The first of them.
    pub row: Row,
    /// It holds all values that come after the first twenty thousand different ones.
    pub rest: bool,
    /// How many rows.
    pub count: u32,
    /// How many of them are failed spans, or events and logs that are errors.
    pub errors: u32,
    /// The durations of their spans together.
    pub sum: Nanos,
    /// Their self times together.
    pub self_time: Nanos,
    /// The shortest duration.
    pub shortest: Nanos,
    /// The duration in their middle; of two the shorter one.
    pub median: Nanos,
    /// The longest duration.
    pub longest: Nanos,
}

/// What groups are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Their value, as rows are ordered by it.
    Value,
    /// How many rows.
    Count,
    /// How many errors.
    Errors,
    /// Durations together.
    Sum,
    /// Self times together.
    SelfTime,
    /// The shortest.
    Shortest,
    /// Durations together by how many rows.
    Mean,
    /// Their middle.
    Median,
    /// The longest.
    Longest,
}

impl Measure {
    /// Whether it is in nanoseconds.
    pub const fn is_length(self) -> bool {
        !matches!(self, Self::Value | Self::Count | Self::Errors)
    }
}

impl Group {
    /// What it has of a measure, durations in nanoseconds; 0 for the value, which is no number.
    pub fn number(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Value => 0,
            Measure::Count => u64::from(self.count),
            Measure::Errors => u64::from(self.errors),
            Measure::Sum => self.sum.0,
            Measure::SelfTime => self.self_time.0,
            Measure::Shortest => self.shortest.0,
            Measure::Mean => self.sum.0 / u64::from(self.count).max(1),
            Measure::Median => self.median.0,
            Measure::Longest => self.longest.0,
        }
    }
}

/// The groups in the order of their first rows.
#[inline(never)]
pub fn groups(store: &TraceStore, rows: &[Row], column: &Column) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<Key<'_>, u32> = HashMap::new();
    let mut rest = None;
    let mut which = Vec::with_capacity(rows.len());
    let key_of = keys(store, column);
    for row in rows {
        let key = key_of(*row);
        let full = known.len() >= LOOKED_AT;
        let next = groups.len() as u32;
        let group = match known.get(&key) {
            Some(&group) => group,
            None if full => *rest.get_or_insert(next),
            None => *known.entry(key).or_insert(next),
        };
        if group == next {
            groups.push(Group {
                row: *row,
                rest: full,
                count: 0,
                errors: 0,
                sum: Nanos(0),
                self_time: Nanos(0),
                shortest: Nanos(u64::MAX),
                median: Nanos(0),
                longest: Nanos(0),
            });
        }
        let one = &mut groups[group as usize];
        let length = store.span(row.span).duration();
        one.count += 1;
        one.errors += u32::from(is_error(store, *row));
        one.sum = Nanos(one.sum.0.saturating_add(length.0));
        let own = self_time(store, row.span);
        one.self_time = Nanos(one.self_time.0.saturating_add(own.0));
        one.shortest = one.shortest.min(length);
        one.longest = one.longest.max(length);
        which.push(group);
    }
    medians(store, rows, &which, &mut groups);
    groups
}

/// The numbers of the groups in the order of a measure; equal ones stay in theirs.
pub fn order(
    store: &TraceStore,
    groups: &[Group],
    column: &Column,
    (measure, descending): (Measure, bool),
) -> Vec<u32> {
    if measure == Measure::Value {
        let rows: Vec<Row> = groups.iter().map(|group| group.row).collect();
        return super::order(store, &rows, column, descending);
    }
    let keys = groups.iter().map(|group| group.number(measure));
    let keys = keys.zip(0..).collect();
    super::radix::sorted(keys, descending).collect()
}

/// What tells a row's value from others.
type Key<'s> = Option<(u8, u64, &'s str)>;

fn keys<'s>(store: &'s TraceStore, column: &'s Column) -> Box<dyn Fn(Row) -> Key<'s> + 's> {
    let Column::Attribute(name) = column else {
        return Box::new(move |row| key(cell(store, row, column)));
    };
    let attribute = Attribute::of(store, name);
    Box::new(move |row| {
        // One text has one handle, and a run of values stands for a list.
        match attribute.as_ref()?.value(store, row)? {
            Value::Empty => None,
            Value::Str(text) | Value::Bytes(text) => Some((0, u64::from(text.0), "")),
            Value::Array(_) => Some((5, 0, "")),
            Value::Map(_) => Some((6, 0, "")),
            value => {
                let (kind, bits) = value.pack();
                Some((kind, bits, ""))
            }
        }
    })
}

fn is_error(store: &TraceStore, row: Row) -> bool {
    match row.event {
        Some(_) => {
            let rank = event(store, row).and_then(level::rank);
            rank.is_some_and(|rank| rank >= level::ERROR)
        }
        None => store.spans().status[row.span as usize] == StatusCode::Error as u8,
    }
}

/// All durations stand in one list, those of a group together.
fn medians(store: &TraceStore, rows: &[Row], which: &[u32], groups: &mut [Group]) {
    let mut next = Vec::with_capacity(groups.len());
    let mut end = 0;
    for group in groups.iter() {
        next.push(end);
        end += group.count as usize;
    }
    let mut lengths = vec![Nanos(0); rows.len()];
    for (row, &group) in rows.iter().zip(which) {
        let at = &mut next[group as usize];
        lengths[*at] = store.span(row.span).duration();
        *at += 1;
    }
    for (group, &end) in groups.iter_mut().zip(&next) {
        let own = &mut lengths[end - group.count as usize..end];
        let middle = own.len().saturating_sub(1) / 2;
        group.median = *own.select_nth_unstable(middle).1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analysis::table::{Of, rows},
        store::sample,
    };

    fn store() -> TraceStore {
        sample::draw(
            "1 - 1 101 web a\n 2 1 2 12 db q!\n 3 1 3 33 db q\n 4 1 4 24 db w\n 5 1 5 5 pay p!",
        )
    }

    #[test]
    fn groups_say_what_their_rows_have() {
        let store = store();
        let check = |column: &str, expected: &[&str]| {
            let column = Column::of_name(column).unwrap();
            let groups = groups(&store, &rows(&store, Of::Spans, 0..5), &column);
            let seen = groups.iter().map(|it| {
                let name = store.span(it.row.span).name();
                format!(
                    "{name} {}/{} {} {} {}",
                    it.count, it.errors, it.sum.0, it.median.0, it.longest.0
                )
            });
            assert_eq!(seen.collect::<Vec<_>>(), expected, "{column:?}");
        };
        check(
            "service",
            &["a 1/0 100 100 100", "q 3/1 60 20 30", "p 1/1 0 0 0"],
        );
        check(
            "name",
            &[
                "a 1/0 100 100 100",
                "q 2/1 40 10 30",
                "w 1/0 20 20 20",
                "p 1/1 0 0 0",
            ],
        );
        check("http.route", &["a 5/2 160 20 100"]);
        check("event.name", &["a 5/2 160 20 100"]);
        check(
            "service.name",
            &["a 1/0 100 100 100", "q 3/1 60 20 30", "p 1/1 0 0 0"],
        );
    }

    #[test]
    fn groups_are_ordered_by_every_measure() {
        let store = store();
        let column = Column::Service;
        let groups = groups(&store, &rows(&store, Of::Spans, 0..5), &column);
        let check = |measure, descending, expected: &[u32]| {
            let order = order(&store, &groups, &column, (measure, descending));
            assert_eq!(order, expected, "{measure:?}");
        };
        check(Measure::Value, false, &[1, 2, 0]);
        check(Measure::Count, true, &[1, 0, 2]);
        check(Measure::Errors, true, &[1, 2, 0]);
        check(Measure::Sum, true, &[0, 1, 2]);
        check(Measure::Median, false, &[2, 1, 0]);
        check(Measure::Longest, false, &[2, 1, 0]);
    }

    #[test]
    fn groups_are_those_of_a_naive_oracle() {
        let mut random = sample::numbers(77);
        for _ in 0..40 {
            let count = 1 + random(60);
            let lines: String = (1..=count)
                .map(|id| {
                    let (start, length) = (1 + random(50), random(90));
                    let error = if random(3) == 0 { "!" } else { "" };
                    format!(
                        "{id} - {start} {} s{} n{error}\n",
                        start + length,
                        random(6)
                    )
                })
                .collect();
            let store = sample::draw(&lines);
            let all = rows(&store, Of::Spans, 0..count as u32);
            for group in groups(&store, &all, &Column::Service) {
                let service = store.service_of(group.row.span);
                let mut own: Vec<u32> = (0..count as u32).collect();
                own.retain(|&span| store.service_of(span) == service);
                let mut lengths: Vec<u64> = own
                    .iter()
                    .map(|&span| store.span(span).duration().0)
                    .collect();
                lengths.sort_unstable();
                let errors = own
                    .iter()
                    .filter(|&&span| store.span(span).status() == StatusCode::Error);
                assert_eq!(group.row.span, own[0]);
                assert_eq!(group.errors as usize, errors.count());
                assert_eq!(
                    (
                        group.count as usize,
                        group.sum.0,
                        group.median.0,
                        Some(&group.longest.0)
                    ),
                    (
                        own.len(),
                        lengths.iter().sum(),
                        lengths[(lengths.len() - 1) / 2],
                        lengths.last()
                    ),
                );
            }
        }
    }
}

//! Groups drawn by hand, broken times, and random trees against an oracle that compares every span with every other.

use std::collections::BTreeMap;

use super::*;
use crate::store::sample;

/// Every group as `first member: count errors min/median/max total`.
fn check(lines: &str, expected: &[&str]) {
    let store = sample::draw(lines);
    let repeats = Repeats::of_trace(&store, 0, 2);
    let words: Vec<String> = (0..repeats.len() as u32)
        .map(|group| {
            let facts = repeats.facts(group);
            format!(
                "{}: {} {} {}/{}/{} {} at {}–{}",
                repeats.members(group)[0],
                facts.count,
                facts.errors,
                facts.min.0,
                facts.median.0,
                facts.max.0,
                facts.total.0,
                facts.start.0,
                facts.end.0
            )
        })
        .collect();
    assert_eq!(words, expected, "{lines}");
}

#[test]
fn siblings_of_one_service_name_and_kind_are_a_group() {
    check("1 - 1 9 a x", &[]);
    check("1 - 1 9 a x\n 2 1 2 3 a q\n 3 1 4 5 a r", &[]);
    check(
        "1 - 1 99 a x\n 2 1 2 5 a q\n 3 1 10 11 a q!\n 4 1 20 30 a q\n 5 1 31 32 b q",
        &["1: 3 1 1/3/10 14 at 2–30"],
    );
    // The same below another parent is another group; what is between stays where it is.
    check(
        "1 - 1 99 a x\n 2 1 2 5 a q\n 3 2 2 3 a in\n 4 1 6 7 a r\n 5 1 10 11 a q\n 6 5 10 11 a in\n 7 1 12 13 a r",
        &["1: 2 0 1/1/3 4 at 2–11", "3: 2 0 1/1/1 2 at 6–13"],
    );
}

#[test]
fn roots_are_siblings_where_they_name_the_same_parent() {
    check(
        "1 - 1 9 a q\n 2 - 2 9 a q\n 3 77 3 9 a q\n 4 77 4 9 a q\n 5 78 5 9 a q",
        &["0: 2 0 7/7/8 15 at 1–9", "2: 2 0 5/5/6 11 at 3–9"],
    );
}

#[test]
fn broken_times_count_as_nothing() {
    check(
        "1 - 1 99 a x\n 2 1 50 40 a q\n 3 1 60 60 a q",
        &["1: 2 0 0/0/0 0 at 50–60"],
    );
    check(
        "1 - 1 18446744073709551615 a x\n 2 1 1 18446744073709551615 a q\n 3 1 2 18446744073709551615 a q",
        &[
            "1: 2 0 18446744073709551613/18446744073709551613/18446744073709551614 18446744073709551615 at 1–18446744073709551615",
        ],
    );
}

#[test]
fn too_few_are_no_group() {
    let store = sample::draw("1 - 1 99 a x\n 2 1 2 5 a q\n 3 1 10 11 a q");
    assert_eq!(Repeats::of_trace(&store, 0, LEAST).len(), 0);
    assert_eq!(Repeats::of_trace(&store, 0, 0).len(), 1);
}

#[test]
fn running_counts_what_overlaps() {
    let store = sample::draw(
        "1 - 1 99 a x\n 2 1 10 20 a q\n 3 1 20 30 a q\n 4 1 25 25 a q\n 5 1 15 40 a q",
    );
    let repeats = Repeats::of_trace(&store, 0, LEAST);
    for from in 5..45 {
        for to in from + 1..46 {
            let naive = (1..5u32)
                .filter(|&span| {
                    let span = store.span(span);
                    let (start, end) = (span.start().0, span.end().0);
                    start < to && (end > from || start == end && end == from)
                })
                .count();
            assert_eq!(repeats.running(&store, 0, from, to), naive, "{from}..{to}");
        }
    }
}

#[test]
fn random_trees_agree_with_the_oracle() {
    for seed in 1..200u64 {
        let mut next = sample::numbers(seed * 7_919);
        let lines: Vec<String> = (1..=next(60) + 1)
            .map(|id| {
                let parent = next(id + 2);
                let start = next(500) + 1;
                let end = start + next(40);
                let (service, name) = (next(2), next(3));
                let kind = ["client", "server", "n"][next(3) as usize];
                let error = if next(5) == 0 { "!" } else { "" };
                format!("{id} {parent} {start} {end} s{service} {kind}.{name}{error}")
            })
            .collect();
        let store = sample::draw(&lines.join("\n"));
        let repeats = Repeats::of_trace(&store, 0, LEAST);
        let mut expected: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for span in store.trace(0).spans() {
            let row = store.span(span);
            let siblings = (
                row.parent(),
                row.parent().is_none().then_some(row.parent_id()),
            );
            let thing = (row.service_name(), row.name(), row.kind() as u8);
            expected.entry((siblings, thing)).or_default().push(span);
        }
        let mut expected: Vec<Vec<u32>> = expected
            .into_values()
            .filter(|members| members.len() >= LEAST as usize)
            .collect();
        expected.sort();
        let found: Vec<Vec<u32>> = (0..repeats.len() as u32)
            .map(|group| repeats.members(group).to_vec())
            .collect();
        assert_eq!(found, expected, "seed {seed}");
        for (group, members) in (0..).zip(&found) {
            assert!(
                members
                    .iter()
                    .all(|&span| repeats.group_of(span) == Some(group))
            );
            let mut lengths: Vec<u64> = members
                .iter()
                .map(|&span| store.span(span).duration().0)
                .collect();
            lengths.sort_unstable();
            let facts = repeats.facts(group);
            assert_eq!(
                (facts.min.0, facts.median.0, facts.max.0),
                (
                    lengths[0],
                    lengths[(lengths.len() - 1) / 2],
                    lengths[lengths.len() - 1]
                ),
                "seed {seed}"
            );
            let failed = repeats.members(group).iter().copied();
            let failed: Vec<u32> = failed
                .filter(|&span| store.span(span).status() == StatusCode::Error)
                .collect();
            assert_eq!(repeats.failed(group), failed, "seed {seed}");
        }
        let grouped: usize = found.iter().map(Vec::len).sum();
        let with_group = store
            .trace(0)
            .spans()
            .filter(|&span| repeats.group_of(span).is_some());
        assert_eq!(with_group.count(), grouped, "seed {seed}");
    }
}

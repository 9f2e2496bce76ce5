//! Trees from spans: hand-drawn fixtures. Column-aligned: span, parent, start, end, service, name.

use super::{SpanMarks, sample::draw};
use crate::issues::IssueKind;

/// The tree as text: two spaces a level, then service and name, then what is marked.
fn tree(lines: &str) -> String {
    let store = draw(lines);
    let rows = (0..store.span_count() as u32).map(|row| {
        let span = store.span(row);
        let marks = [
            (SpanMarks::ORPHAN, " orphan"),
            (SpanMarks::CYCLE_CUT, " cut"),
            (SpanMarks::DUPLICATE_ID, " duplicate"),
            (SpanMarks::NEGATIVE, " negative"),
        ];
        let marks: String = marks
            .iter()
            .filter(|(mark, _)| span.marks().has(*mark))
            .map(|(_, text)| *text)
            .collect();
        let indent = "  ".repeat(span.depth() as usize);
        format!("{indent}{} {}{marks}\n", span.service_name(), span.name())
    });
    rows.collect()
}

fn check(lines: &str, expected: &str) {
    let expected: String = expected
        .lines()
        .skip(1)
        .map(|line| line.strip_prefix("        ").unwrap_or(""))
        .fold(String::new(), |mut all, line| {
            if !line.trim().is_empty() {
                all.push_str(line);
                all.push('\n');
            }
            all
        });
    assert_eq!(tree(lines), expected, "{lines}");
}

#[test]
fn roots_of_one_missing_parent_stand_together() {
    check(
        "1 7  0 10 a one
         2 9  5 10 b two
         3 -  6 10 c root
         4 7  7 10 a three
         5 9  8 10 b four
         6 8  9 10 d five",
        "
        a one orphan
        a three orphan
        b two orphan
        b four orphan
        c root
        d five orphan
        ",
    );
}

#[test]
fn children_follow_their_parent_by_start() {
    check(
        "4 1 50 90 auth    verify
         3 2 25 30 cart    late
         1 -  0 99 gateway GET
         2 1 10 40 shop    checkout
         5 2 20 22 cart    early",
        "
        gateway GET
          shop checkout
            cart early
            cart late
          auth verify
        ",
    );
}

#[test]
fn equal_starts_keep_their_order() {
    check(
        "1 - 0 9 a root
         2 1 5 6 a second
         3 1 5 7 a third
         4 1 1 2 a first",
        "
        a root
          a first
          a second
          a third
        ",
    );
}

#[test]
fn orphans_are_roots_and_marked() {
    check(
        "2 7 10 20 shop lost
         3 2 11 12 shop below
         1 -  5 30 shop root",
        "
        shop root
        shop lost orphan
          shop below
        ",
    );
}

#[test]
fn circles_are_cut_at_the_earliest_span() {
    check(
        "1 3 30 40 a one
         2 1 10 40 a two
         3 2 20 40 a three
         4 3 21 22 a tail
         5 5  9 10 b self",
        "
        b self
        a two cut
          a three
            a tail
            a one
        ",
    );
    let store = draw("1 2 3 4 a one\n2 1 3 4 a two\n5 5 9 10 b self");
    assert_eq!(store.issues().count(IssueKind::ParentCycle), 1);
    assert_eq!(store.issues().count(IssueKind::SelfParent), 1);
}

#[test]
fn a_shared_id_is_client_then_server() {
    check(
        "2 1 12 30 back  server.get
         2 1 10 40 front client.get
         1 -  0 50 front root
         3 2 15 20 back  query
         4 2 11 12 front retry",
        "
        front root
          front client.get
            front retry
            back server.get
              back query
        ",
    );
}

#[test]
fn duplicates_are_kept_and_marked() {
    check(
        "1 -  0 50 a root
         2 1 10 20 a first
         2 1 30 40 a second
         3 2 31 32 a child",
        "
        a root
          a first
            a child
          a second duplicate
        ",
    );
    let store = draw("1 - 0 5 a root\n2 1 1 2 a first\n2 1 3 4 a second");
    assert_eq!(store.issues().count(IssueKind::DuplicateSpanId), 1);
}

#[test]
fn bounds_ignore_missing_starts() {
    let store = draw("1 - 100 200 a root\n2 1 0 300 a late\n3 1 180 150 a backwards");
    let trace = store.trace(0);
    assert_eq!(
        (trace.start().0, trace.end().0, trace.root().name()),
        (100, 200, "root")
    );
    assert!(store.span(1).marks().has(SpanMarks::NO_START));
    assert_eq!(store.issues().count(IssueKind::NegativeDuration), 1);
    let zeros = draw("1 - 0 0 a root\n2 1 0 7 a child");
    assert_eq!((zeros.trace(0).start().0, zeros.trace(0).end().0), (0, 7));
}

#[test]
fn deep_and_wide_traces_are_ordinary() {
    let deep: String = (1..=100_000)
        .map(|n| format!("{n} {} {n} {} s x\n", n - 1, n + 1))
        .collect();
    let store = draw(&deep);
    assert_eq!(store.span(99_999).depth(), 99_999);
    assert_eq!(store.span(0).descendants(), 99_999);
    let wide: String = (2..=50_000)
        .rev()
        .map(|n| format!("{n} 1 {n} {} s x\n", n + 1))
        .collect();
    let store = draw(&format!("{wide}1 - 1 99999 s root"));
    assert_eq!(store.span(0).children().count(), 49_999);
    assert!(store.spans().start.is_sorted());
}

#[test]
fn equal_resources_are_one_row() {
    let store = draw("1 - 0 9 a x\n2 1 1 2 b x\n3 1 3 4 a x\n4 1 5 6 b x");
    assert_eq!(
        (store.resources().service.len(), store.scopes().name.len()),
        (2, 1)
    );
    assert_eq!(
        (store.service_count(), store.trace(0).service_count()),
        (2, 2)
    );
}

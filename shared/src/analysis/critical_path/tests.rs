//! Small traces whose path is drawn by hand, shapes that break a naive walk, and random trees against an oracle.

mod oracle;

use std::fmt::Write;

use super::*;
use crate::{
    ids::{SpanId, TraceId},
    store::{
        Value,
        builder::{LinkRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        sample,
    },
};

/// A time of zero is a time that is not given: drawings begin here.
const BASE: u64 = 1_000;

/// The sections of the only trace as `name start–end`.
fn path(store: &TraceStore, base: u64) -> String {
    let path = CriticalPath::of_trace(store, 0);
    let words = path.sections().iter().map(|section| {
        let (start, end) = (section.start.0 - base, section.end.0 - base);
        format!("{} {start}–{end}", store.span(section.span).name())
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Draws with all times after [`BASE`].
fn draw(lines: &str) -> TraceStore {
    let mut moved = String::new();
    for line in lines.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = |word: &str| BASE + word.parse::<u64>().unwrap();
        let (start, end) = (at(words[2]), at(words[3]));
        let (span, parent, service, name) = (words[0], words[1], words[4], words[5]);
        writeln!(moved, "{span} {parent} {start} {end} {service} {name}").unwrap();
    }
    sample::draw(&moved)
}

fn check(lines: &str, expected: &str) {
    assert_eq!(path(&draw(lines), BASE), expected, "{lines}");
}

#[test]
fn the_last_finishing_child_has_the_time() {
    check("1 - 10 30 s p", "p 10–30");
    check("1 - 10 30 s p\n 2 1 12 28 s a", "p 10–12, a 12–28, p 28–30");
    check("1 - 10 30 s p\n 2 1 10 30 s a", "a 10–30");
    check(
        "1 - 10 30 s p\n 2 1 11 15 s a\n 3 1 18 25 s b",
        "p 10–11, a 11–15, p 15–18, b 18–25, p 25–30",
    );
    // b overlaps c, which finished last: not waited for.
    check(
        "1 - 0 30 s p\n 2 1 2 9 s a\n 3 1 6 15 s b\n 4 1 11 22 s c",
        "p 0–2, a 2–9, p 9–11, c 11–22, p 22–30",
    );
    // The grandchild counts inside of its parent's time only.
    check(
        "1 - 0 30 s p\n 2 1 5 20 s a\n 3 2 8 12 s x\n 4 1 22 24 s b",
        "p 0–5, a 5–8, x 8–12, a 12–20, p 20–22, b 22–24, p 24–30",
    );
    // Ends together: the longer one.
    check(
        "1 - 0 30 s p\n 2 1 20 30 s a\n 3 1 5 30 s b",
        "p 0–5, b 5–30",
    );
}

/// A fault of a well-known walk: `end < start` instead of `end <= start` loses b, here with the numbers it was seen with.
#[test]
fn touching_siblings_all_count() {
    check(
        "1 - 1000 1100 s A\n 2 1 1010 1040 s B\n 3 1 1040 1090 s C",
        "A 1000–1010, B 1010–1040, C 1040–1090, A 1090–1100",
    );
    check(
        "1 - 0 9 s p\n 2 1 0 3 s a\n 3 1 3 6 s b\n 4 1 6 9 s c",
        "a 0–3, b 3–6, c 6–9",
    );
    check(
        "1 - 0 9 s p\n 2 1 0 3 s a\n 3 1 3 3 s zero\n 4 1 3 9 s c",
        "a 0–3, c 3–9",
    );
}

#[test]
fn nobody_waits_for_what_is_asynchronous() {
    // Inside its producer as well: cut off, and a root span runs at that time.
    check(
        "1 - 0 30 s p\n 2 1 10 20 s producer\n 3 2 12 18 s consumer",
        "p 0–10, producer 10–20, p 20–30",
    );
    // What goes on after all roots has the rest; the wait in the queue is nobody's.
    check(
        "1 - 0 10 s p\n 2 1 4 6 s producer\n 3 2 5 40 s consumer\n 4 3 20 30 s db",
        "p 0–4, producer 4–6, p 6–10, consumer 10–20, db 20–30, consumer 30–40",
    );
    check(
        "1 - 0 10 s producer\n 2 1 25 40 s consumer",
        "producer 0–10, consumer 25–40",
    );
    // Outlives a parent that is no producer: cut off. Ends with it: waited for.
    check(
        "1 - 0 10 s server\n 2 1 2 11 s consumer",
        "server 0–10, consumer 10–11",
    );
    check(
        "1 - 0 10 s server\n 2 1 2 10 s consumer",
        "server 0–2, consumer 2–10",
    );
    // Clocks differ: clipped. More than half of it later: cut off.
    check("1 - 0 10 s p\n 2 1 2 12 s a", "p 0–2, a 2–10");
    check("1 - 5 10 s p\n 2 1 2 8 s a", "a 5–8, p 8–10");
    check("1 - 0 10 s p\n 2 1 8 40 s a", "p 0–10, a 10–40");
    check(
        "1 - 0 10 s p\n 2 1 20 40 s a\n 3 2 25 30 s x",
        "p 0–10, a 20–25, x 25–30, a 30–40",
    );
}

#[test]
fn what_follows_from_its_parent_is_not_waited_for() {
    let check = |kind: &str, expected: &str| {
        let mut b = StoreBuilder::new();
        let resource = b.resource(ResourceRecord::default());
        let scope = b.scope(ScopeRecord::default());
        for (id, parent, start, end) in [(1, 0, 100, 150), (2, 1, 110, 120)] {
            let links = b.link_mark();
            if parent != 0 {
                let list = b.open_list();
                let key = b.intern("opentracing.ref_type");
                let value = Value::Str(b.intern(kind));
                b.push_value(key, value);
                let attributes = b.close_attributes(list);
                b.push_link(LinkRecord {
                    trace_id: TraceId(1),
                    span_id: SpanId(parent),
                    attributes,
                    ..LinkRecord::default()
                });
            }
            let record = SpanRecord {
                trace_id: TraceId(1),
                span_id: SpanId(id),
                parent_span_id: SpanId(parent),
                name: b.intern(["a", "b"][id as usize - 1]),
                start: UnixNanos(start),
                end: UnixNanos(end),
                links: b.links_since(links),
                ..SpanRecord::new(resource, scope)
            };
            b.push_span(record);
        }
        assert_eq!(path(&b.finish(), 0), expected, "{kind}");
    };
    check("child_of", "a 100–110, b 110–120, a 120–150");
    check("follows_from", "a 100–150");
}

#[test]
fn roots_and_orphans_share_the_time() {
    check("1 - 0 10 s a\n 2 - 20 30 s b", "a 0–10, b 20–30");
    check("1 - 0 10 s a\n 2 - 10 30 s b", "a 0–10, b 10–30");
    check("1 - 0 100 s a\n 2 77 40 60 s orphan", "a 0–100");
    check(
        "1 - 0 100 s a\n 2 77 90 110 s orphan",
        "a 0–90, orphan 90–110",
    );
    // Clipped where the next one has the time, and its children with it.
    check(
        "1 - 0 50 s a\n 2 1 10 45 s x\n 3 - 30 80 s b",
        "a 0–10, x 10–30, b 30–80",
    );
    // Two cut off, a root between them: each has what is left.
    check(
        "1 - 0 10 s p\n 2 1 5 200 s consumer.d\n 3 - 50 100 s b\n 4 1 6 40 s consumer.e",
        "p 0–10, consumer.e 10–40, b 50–100, consumer.d 100–200",
    );
}

#[test]
fn odd_times_have_no_time() {
    let check = |lines: &str, expected: &str| {
        assert_eq!(path(&sample::draw(lines), 0), expected, "{lines}")
    };
    check("1 - 10 10 s p", "");
    check("1 - 0 0 s p", "");
    check("1 - 30 10 s negative", "");
    check("1 - 10 0 s unfinished", "");
    // Their children count as those of the span above.
    check(
        "1 - 10 30 s p\n 2 1 25 12 s negative\n 3 2 14 20 s x\n 4 3 15 16 s y",
        "p 10–14, x 14–15, y 15–16, x 16–20, p 20–30",
    );
    check("1 - 9 0 s unfinished\n 2 1 14 20 s x", "x 14–20");
    check(
        "1 - 5 18446744073709551615 s p\n 2 1 7 9 s a",
        "p 5–7, a 7–9, p 9–18446744073709551615",
    );
    let empty = CriticalPath::default();
    assert_eq!((empty.total(), empty.next_span(None)), (Nanos(0), None));
    assert_eq!((empty.own(3), empty.window(3)), (&[][..], None));
}

/// p 0–5, a 5–8, x 8–12, a 12–20, p 20–22, b 22–24, p 24–30.
const TREE: &str = "1 - 0 30 web p\n 2 1 5 20 shop a\n 3 2 8 12 db x\n 4 1 22 24 shop a\n 5 1 21 23 shop c\n 6 1 4 6 db never";

#[test]
fn a_span_knows_its_part() {
    let store = draw(TREE);
    let path = CriticalPath::of_trace(&store, 0);
    let row = |name: &str, start: u64| {
        let mut rows = 0..store.span_count() as u32;
        rows.find(|&row| {
            store.span(row).name() == name && store.span(row).start().0 == BASE + start
        })
        .unwrap()
    };
    let check = |span: u32, own: usize, time: u64, window: Option<(u64, u64)>| {
        assert_eq!(path.own(span).len(), own);
        assert_eq!(path.time_of(span), Nanos(time));
        let of = path
            .window(span)
            .map(|(start, end)| (start.0 - BASE, end.0 - BASE));
        assert_eq!(of, window);
    };
    check(row("p", 0), 3, 5 + 2 + 6, Some((0, 30)));
    check(row("a", 5), 2, 3 + 8, Some((5, 20)));
    check(row("x", 8), 1, 4, Some((8, 12)));
    check(row("a", 22), 1, 2, Some((22, 24)));
    check(row("c", 21), 0, 0, None);
    check(row("never", 4), 0, 0, None);
    assert_eq!(path.total(), Nanos(30));
    let mut round = vec![path.next_span(None).unwrap()];
    while round.len() < 5 {
        round.push(path.next_span(round.last().copied()).unwrap());
    }
    let all = [row("p", 0), row("a", 5), row("x", 8), row("a", 22)];
    assert_eq!(round[..4], all);
    assert_eq!(round[4], all[0], "round again");
}

#[test]
fn services_and_names_share_the_whole() {
    let store = draw(TREE);
    let path = CriticalPath::of_trace(&store, 0);
    let said = |sums: Vec<PathTime>| -> Vec<_> {
        let line = |sum: &PathTime| {
            let name = sum.name.map_or("", |name| store.str(name)).to_owned();
            let (service, most) = (store.service_name(sum.service), sum.most_time.0);
            (service.to_owned(), name, sum.time.0, sum.spans, most)
        };
        sums.iter().map(line).collect()
    };
    let line = |service: &str, name: &str, time, spans, most| {
        (service.to_owned(), name.to_owned(), time, spans, most)
    };
    let services = [
        line("web", "", 13, 1, 13),
        line("shop", "", 13, 2, 11),
        line("db", "", 4, 1, 4),
    ];
    assert_eq!(said(path.by_service(&store)), services);
    let names = [
        line("web", "p", 13, 1, 13),
        line("shop", "a", 13, 2, 11),
        line("db", "x", 4, 1, 4),
    ];
    assert_eq!(said(path.by_name(&store)), names);
    assert_eq!(CriticalPath::default().by_name(&store), []);
}

/// Builds many spans at once: `(parent, start, end)`.
fn many(spans: impl Iterator<Item = (usize, u64, u64)>) -> TraceStore {
    let mut lines = String::new();
    for (at, (parent, start, end)) in spans.enumerate() {
        writeln!(lines, "{} {parent} {start} {end} s n", at + 1).unwrap();
    }
    sample::draw(&lines)
}

/// Steps are counted, not timed: each span is offered once and taken once.
fn steps(store: &TraceStore) -> usize {
    let mut work = PathWork::new(store, 0);
    while !work.go(u32::MAX) {}
    work.walk.map_or(0, |walk| walk.steps)
}

/// The other fault of that walk: with 3,000 siblings its recursion ended, at 50,000 its square.
#[test]
fn any_number_of_siblings_is_linear() {
    for count in [3_001, 1_000_000] {
        let root = (0, 1, 2 * count as u64 + 1);
        let touching = (0..count as u64).map(|at| (1, 1 + 2 * at, 3 + 2 * at));
        let store = many(core::iter::once(root).chain(touching));
        let path = CriticalPath::of_trace(&store, 0);
        assert_eq!(path.sections().len(), count);
        assert_eq!((path.total().0, path.own(0).len()), (2 * count as u64, 0));
        assert_eq!(path.window(0), Some((UnixNanos(1), UnixNanos(root.2))));
        assert!(steps(&store) <= 2 * count, "{}", steps(&store));
        let apart = (0..count as u64).map(|at| (1, 2 + 2 * at, 3 + 2 * at));
        let store = many(core::iter::once((0, 1, root.2 + 1)).chain(apart));
        let path = CriticalPath::of_trace(&store, 0);
        assert_eq!(path.sections().len(), 2 * count + 1);
        assert_eq!(path.own(0).len(), count + 1);
        assert!(steps(&store) <= 2 * count);
    }
}

#[test]
fn any_depth_is_linear() {
    const DEPTH: u64 = 100_000;
    let chain = (0..DEPTH).map(|at| (at as usize, 1 + at, 3 * DEPTH - at));
    let store = many(chain);
    let path = CriticalPath::of_trace(&store, 0);
    assert_eq!(path.sections().len(), 2 * DEPTH as usize - 1);
    assert_eq!(path.total(), store.trace(0).duration());
    assert!(steps(&store) <= 2 * DEPTH as usize);
    // Without times all the way down: only the innermost has one.
    let untimed = (0..DEPTH).map(|at| (at as usize, 9, if at + 1 == DEPTH { 20 } else { 0 }));
    let path = CriticalPath::of_trace(&many(untimed), 0);
    assert_eq!((path.sections().len(), path.total()), (1, Nanos(11)));
}

#[test]
fn many_roots_and_many_cut_off_are_linear() {
    const COUNT: u64 = 50_000;
    // A long one that is cut off runs through the gaps of all roots: it has the time after the last only.
    let first = [(0, 1, 10), (1, 5, 20 * COUNT)];
    let roots = (1..COUNT).map(|at| (0, 10 * at + 5, 10 * at + 9));
    let store = many(first.into_iter().chain(roots));
    let path = CriticalPath::of_trace(&store, 0);
    assert_eq!(path.sections().len(), COUNT as usize + 1);
    assert!(steps(&store) <= 2 * COUNT as usize);
}

#[test]
fn random_trees_agree_with_the_oracle() {
    for seed in 1..=6_000 {
        let store = oracle::tree(seed);
        for trace in 0..store.trace_count() as u32 {
            let path = CriticalPath::of_trace(&store, trace);
            let expected = oracle::path(&store, trace);
            let found: Vec<_> = path
                .sections()
                .iter()
                .map(|section| (section.span, section.start.0, section.end.0))
                .collect();
            assert_eq!(found, expected, "seed {seed}");
            oracle::hold(&store, &path, seed);
            let mut work = PathWork::new(&store, trace);
            while !work.go(1 + seed % 5) {}
            assert_eq!(work.finish(), path, "seed {seed}");
        }
    }
}

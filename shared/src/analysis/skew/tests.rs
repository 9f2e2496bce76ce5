//! Clocks set wrong on purpose: drawn by hand, and at random with every call checked after the estimate.

use super::*;
use crate::store::sample;

/// Offset, slack and how many of how many agree, by service; hosts are services here.
fn check(lines: &str, expected: &[&str]) {
    let store = sample::draw(lines);
    let skew = Skew::of_trace(&store, 0);
    let words: Vec<String> = skew
        .clocks()
        .iter()
        .map(|clock| {
            let name = store.resource(clock.resource).service_name();
            let Clock {
                offset,
                slack,
                agree,
                calls,
                ..
            } = clock;
            format!("{name} {offset:+} ±{} {agree}/{calls}", slack.0)
        })
        .collect();
    assert_eq!(words, expected, "{lines}");
}

#[test]
fn what_fits_is_left_alone() {
    check("1 - 10 90 a x", &["a +0 ±0 0/0"]);
    check(
        "1 - 10 90 a client.x\n 2 1 20 80 b server.x",
        &["a +0 ±0 0/0", "b +0 ±0 1/1"],
    );
    check(
        "1 - 10 90 a client.x\n 2 1 10 90 b server.x",
        &["a +0 ±0 0/0", "b +0 ±0 1/1"],
    );
}

#[test]
fn a_server_outside_of_its_client_is_moved_into_its_middle() {
    // 60 long in 80: ten are left on each side.
    check(
        "1 - 1010 1090 a client.x\n 2 1 20 80 b server.x",
        &["a +0 ±0 0/0", "b +1000 ±10 1/1"],
    );
    // The root's clock is right, even where the server is asked first.
    check(
        "1 - 1010 1090 b server.x\n 2 1 1020 1080 b client.y\n 3 2 2030 2070 a server.y",
        &["b +0 ±0 0/0", "a -1000 ±10 1/1"],
    );
    // From clock to clock.
    check(
        "1 - 1000 1100 a client.x\n 2 1 2010 2090 b server.x\n 3 2 2020 2080 b client.y\n 4 3 530 570 c server.y",
        &["a +0 ±0 0/0", "b -1000 ±10 1/1", "c +500 ±10 1/1"],
    );
}

#[test]
fn most_calls_decide_and_the_others_are_counted() {
    check(
        "1 - 1000 9000 a root
         2 1 1010 1090 a client.x\n 3 2 20 80 b server.x
         4 1 2010 2090 a client.x\n 5 4 1015 1085 b server.x
         6 1 3010 3090 a client.x\n 7 6 3020 3080 b server.x",
        &["a +0 ±0 0/0", "b +1000 ±5 2/3"],
    );
}

#[test]
fn what_cannot_be_compared_says_nothing() {
    // Longer than its client, without times, asynchronous, or the same host.
    check(
        "1 - 1010 1090 a client.x\n 2 1 20 280 b server.x",
        &["a +0 ±0 0/0", "b +0 ±0 0/0"],
    );
    check(
        "1 - 1010 1090 a client.x\n 2 1 20 0 b server.x",
        &["a +0 ±0 0/0", "b +0 ±0 0/0"],
    );
    check(
        "1 - 1010 1090 a producer.x\n 2 1 20 80 b consumer.x",
        &["a +0 ±0 0/0", "b +0 ±0 0/0"],
    );
    check(
        "1 - 1010 1090 a client.x\n 2 1 20 80 a server.x",
        &["a +0 ±0 0/0"],
    );
}

#[test]
fn most_agree_as_trying_every_place_does() {
    let mut next = sample::numbers(0x1234_5678_9abc_def1);
    for _ in 0..2_000 {
        let ranges: Vec<Range> = (0..next(9) + 1)
            .map(|_| {
                let low = next(40) as i64 - 20;
                (low, low + next(12) as i64)
            })
            .collect();
        let holds = |at: i64| {
            ranges
                .iter()
                .filter(|(low, high)| (*low..=*high).contains(&at))
                .count()
        };
        let best = (-30..40).map(holds).max();
        let ((low, high), agree) = most_agree(&ranges);
        assert_eq!(Some(agree), best, "{ranges:?}");
        assert!(
            (low..=high).all(|at| holds(at) == agree),
            "{ranges:?} {low}–{high}"
        );
    }
}

#[test]
fn after_the_estimate_every_call_fits() {
    let mut next = sample::numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..300 {
        let hosts = next(5) + 2;
        let wrong: Vec<u64> = (0..hosts).map(|_| 10_000_000 + next(5_000_000)).collect();
        // Each call is inside of the one above it, seen by its own clock.
        let mut calls = vec![(0u64, 1_000_000u64, 0u64)];
        let mut lines = vec![format!("1 - {} {} h0 root", wrong[0], wrong[0] + 1_000_000)];
        for at in 1..=next(40) + 1 {
            let (start, end, host) = calls[next(calls.len() as u64) as usize];
            if end - start < 1_000 {
                continue;
            }
            let parent = calls
                .iter()
                .position(|call| *call == (start, end, host))
                .unwrap();
            let quarter = (end - start) / 4;
            let client = (start + 1 + next(quarter), end - 1 - next(quarter));
            let inside = (client.1 - client.0) / 4;
            let server = (client.0 + next(inside), client.1 - next(inside));
            let to = next(hosts);
            let (own, other) = (wrong[host as usize], wrong[to as usize]);
            lines.push(format!(
                "{} {} {} {} h{host} client.c",
                at * 2,
                parent * 2 + 1,
                client.0 + own,
                client.1 + own
            ));
            lines.push(format!(
                "{} {} {} {} h{to} server.s",
                calls.len() * 2 + 1,
                at * 2,
                server.0 + other,
                server.1 + other
            ));
            calls.push((server.0, server.1, to));
            if calls.len() as u64 != at + 1 {
                break;
            }
        }
        let store = sample::draw(&lines.join("\n"));
        let skew = Skew::of_trace(&store, 0);
        let moved = |span: u32| {
            let row = store.span(span);
            let offset = skew.offset_of(row.resource().idx());
            (row.start().0 as i64 + offset, row.end().0 as i64 + offset)
        };
        // Only pairs that were compared directly: what follows from them may be wrong by their slack.
        for span in store.trace(0).spans() {
            let (server, Some(client)) = (store.span(span), store.span(span).parent()) else {
                continue;
            };
            let clock = |span: u32| skew.of_resource[store.span(span).resource().idx() as usize];
            let (a, b) = (clock(client), clock(span));
            let direct =
                skew.clocks()[a as usize].by == Some(b) || skew.clocks()[b as usize].by == Some(a);
            if server.kind() != SpanKind::Server || a == b || !direct {
                continue;
            }
            let (outer, inner) = (moved(client), moved(span));
            assert!(
                outer.0 <= inner.0 && inner.1 <= outer.1,
                "{inner:?} not in {outer:?}\n{}",
                lines.join("\n")
            );
        }
    }
}

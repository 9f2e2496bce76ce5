//! Rows, trees, folds, queries and links of hostile and ordinary values.

use super::*;
use crate::ui::details::sample::{self, Sample};

fn draw(groups: &[Group]) -> Vec<String> {
    let rows = |group: &Group| {
        group
            .rows
            .iter()
            .map(|row| row.key.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    groups
        .iter()
        .map(|group| format!("{}: {}", group.name, rows(group)))
        .collect()
}

#[test]
fn keys_are_grouped_by_their_first_part() {
    let check = |keys: &[&'static str], limit: usize, expected: &[&str]| {
        let attributes: Vec<_> = keys.iter().map(|key| (*key, Sample::Int(1))).collect();
        let store = sample::attributes(&attributes);
        assert_eq!(
            draw(&groups(store.span(0).attributes(), limit)),
            expected,
            "{keys:?}"
        );
    };
    check(&[], 9, &[]);
    check(&["a"], 9, &[": a"]);
    check(
        &["http.route", "db.system", "http.method"],
        9,
        &["http: http.route http.method", "other: db.system"],
    );
    check(
        &["x", "rpc.a", "rpc.b", "y.z"],
        9,
        &["rpc: rpc.a rpc.b", "other: x y.z"],
    );
    check(&["rpc.a", "rpc.b", "rpc.c"], 2, &["rpc: rpc.a rpc.b"]);
    check(&[".a", ".b"], 9, &[": .a .b"]);
    check(
        &["a\u{202e}.x", "a\u{202e}.y"],
        9,
        &["a‹U+202E›: a‹U+202E›.x a‹U+202E›.y"],
    );
    check(&["same.key", "same.key"], 9, &["same: same.key same.key"]);
}

#[test]
fn filters_look_at_keys_and_values() {
    let attributes = [
        ("http.route", Sample::Str("/Cart")),
        ("http.code", Sample::Int(200)),
        ("x", Sample::Array(vec![Sample::Int(200)])),
    ];
    let store = sample::attributes(&attributes);
    let check = |filter: &str, limit: usize, expected: &[&str]| {
        assert_eq!(
            draw(&filtered(store.span(0).attributes(), filter, limit)),
            expected,
            "{filter}"
        );
    };
    check("", 9, &["http: http.route http.code", "other: x"]);
    check("cart", 9, &[": http.route"]);
    check("HTTP 200", 9, &[": http.code"]);
    check("http", 1, &[": http.route"]);
    check("nothing", 9, &[]);
    assert_eq!(
        summary(store.span(0).attributes()),
        "http.route=/Cart http.code=200 x=1 item"
    );
}

#[test]
fn values_show_their_type() {
    let check = |value: Sample, expected: Shown| {
        let store = sample::attributes(&[("key", value)]);
        let groups = groups(store.span(0).attributes(), 9);
        assert_eq!(groups[0].rows[0].value, expected);
    };
    let line = |text: &str, tone| Shown::Line {
        text: text.into(),
        tone,
    };
    let text = |total, long, json| Shown::Text {
        total,
        long,
        stack: false,
        json,
    };
    check(Sample::Str("EUR"), line("EUR", Tone::Text));
    check(Sample::Str(""), line("empty text", Tone::Faint));
    check(
        Sample::Int(i64::MAX),
        line("9223372036854775807", Tone::Plain),
    );
    check(Sample::Double(1.0), line("1.0", Tone::Plain));
    check(Sample::Double(f64::NEG_INFINITY), line("-inf", Tone::Plain));
    check(Sample::Bool(false), line("false", Tone::Plain));
    check(Sample::Empty, line("no value", Tone::Faint));
    check(
        Sample::Bytes("3q2+7w=="),
        line("4 B: 3q2+7w==", Tone::Plain),
    );
    check(Sample::Array(vec![]), line("empty list", Tone::Faint));
    check(Sample::Str("two\nlines"), text(9, false, false));
    check(Sample::Str("1\n2\n3\n4\n5"), text(9, true, false));
    check(
        Sample::Text("x".repeat(64)),
        line(&"x".repeat(64), Tone::Text),
    );
    check(Sample::Text("x".repeat(65)), text(65, false, false));
    check(
        Sample::Text("x".repeat(10_000_000)),
        text(10_000_000, true, false),
    );
    check(
        Sample::Text(format!("{{\"a\":\"{}\"}}", "b".repeat(80))),
        text(88, false, true),
    );
}

#[test]
fn stack_traces_keep_their_lines() {
    let store = sample::attributes(&[("exception.stacktrace", Sample::Str("a\n  at b"))]);
    let groups = groups(store.span(0).attributes(), 9);
    assert_eq!(
        groups[0].rows[0].value,
        Shown::Text {
            total: 8,
            long: false,
            stack: true,
            json: false
        }
    );
}

#[test]
fn lists_become_trees() {
    let value = Sample::Map(vec![
        (
            "user",
            Sample::Map(vec![
                ("id", Sample::Int(7)),
                ("tags", Sample::Array(vec![Sample::Str("a"), Sample::Empty])),
            ]),
        ),
        ("ok", Sample::Bool(true)),
    ]);
    let store = sample::attributes(&[("key", value)]);
    let check = |limit: usize, expected: &[&str], more: bool| {
        let value = store.span(0).attributes().get("key").unwrap();
        let (lines, seen_more) = tree(value, limit);
        let drawn: Vec<String> = lines
            .iter()
            .map(|line| format!("{}{} {}", "-".repeat(line.depth), line.label, line.text))
            .collect();
        assert_eq!(
            (
                drawn
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .as_slice(),
                seen_more
            ),
            (expected, more)
        );
    };
    check(
        9,
        &[
            "user 2 keys",
            "-id 7",
            "-tags 2 items",
            "--0 a",
            "--1 no value",
            "ok true",
        ],
        false,
    );
    check(
        6,
        &[
            "user 2 keys",
            "-id 7",
            "-tags 2 items",
            "--0 a",
            "--1 no value",
            "ok true",
        ],
        false,
    );
    check(2, &["user 2 keys", "-id 7"], true);
}

#[test]
fn long_texts_fold() {
    let check = |text: &str, expected: &str| assert_eq!(folded(text), expected);
    check("short", "short");
    check("1\n2\n3\n4", "1\n2\n3\n4");
    check("1\n2\n3\n4\n5", "1\n2\n3\n4…");
    check("1\n2\n\n\n5", "1\n2…");
    check(&"x".repeat(900), &format!("{}…", "x".repeat(FOLDED_BYTES)));
    check("bell\u{7}", "bell‹BEL›");
}

#[test]
fn pages_hold_every_character_once() {
    // The é straddles the edge of the first page.
    let text = format!("{}é{}", "x".repeat(PAGE_BYTES - 1), "y".repeat(PAGE_BYTES));
    let all: Vec<String> = (0..pages(text.len())).map(|at| page(&text, at)).collect();
    assert_eq!(
        all.iter().map(String::len).collect::<Vec<_>>(),
        [PAGE_BYTES - 1, PAGE_BYTES + 1, 1]
    );
    assert_eq!(all.concat(), text);
    assert_eq!(
        (
            page(&text, 9).as_str(),
            page("", 0).as_str(),
            page("abc", usize::MAX).as_str()
        ),
        ("", "", "")
    );
    assert_eq!(
        (pages(0), pages(1), pages(PAGE_BYTES), pages(PAGE_BYTES + 1)),
        (0, 1, 1, 2)
    );
}

#[test]
fn base64_lengths() {
    let check = |text: &str, expected: usize| assert_eq!(byte_length(text), expected, "{text}");
    check("", 0);
    check("3q2+7w==", 4);
    check("AAAA", 3);
    check("AAA=", 2);
    check("====", 0);
}

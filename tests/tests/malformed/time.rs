//! Times that are absent, out of range, out of order or not numbers.

use super::{check, node, request};

#[test]
fn times_of_every_kind() {
    let check = |start: &str, end: &str, expected: (u64, u64), issues: &str| {
        let json = request([format!(
            r#""spanId":"0000000000000001","startTimeUnixNano":{start},"endTimeUnixNano":{end}"#
        )]);
        let store = check(&format!("{start} {end}"), json, 1, issues);
        assert_eq!(
            (store.span(0).start().0, store.span(0).end().0),
            expected,
            "{start} {end}"
        );
    };
    check(
        "1700000000000000009",
        "1700000000000000001",
        (1_700_000_000_000_000_009, 1_700_000_000_000_000_001),
        "negative_duration 1",
    );
    check("5", "null", (5, 5), "missing_end 1");
    check("5", "0", (5, 5), "missing_end 1");
    check("0", "5", (0, 5), "missing_start 1");
    check("null", r#""""#, (0, 0), "missing_end 1, missing_start 1");
    check("5", "5", (5, 5), "");
    check(
        r#""18446744073709551615""#,
        "18446744073709551615",
        (u64::MAX, u64::MAX),
        "",
    );
    check(
        "18446744073709551616",
        "5",
        (0, 5),
        "bad_number 1, missing_start 1",
    );
    check("-5", "5", (0, 5), "bad_number 1, missing_start 1");
    check(
        "1697982593201336001",
        "1.697982593201336e18",
        (1_697_982_593_201_336_001, 1_697_982_593_201_336_000),
        "negative_duration 1",
    );
    check(
        "NaN",
        "5",
        (0, 5),
        "bad_number 1, lenient_json 1, missing_start 1",
    );
    check(
        r#""2023-11-14""#,
        "5",
        (0, 5),
        "bad_number 1, missing_start 1",
    );
    check("{}", "5", (0, 5), "missing_start 1, wrong_type 1");
}

#[test]
fn a_start_of_zero_does_not_stretch_the_trace() {
    let json = request([
        node(1, 0),
        r#""spanId":"0000000000000002","parentSpanId":"0000000000000001","startTimeUnixNano":"0","endTimeUnixNano":"0""#.to_owned(),
    ]);
    let store = check("zero start", json, 2, "missing_end 1, missing_start 1");
    assert_eq!(store.trace(0).start().0, 1_700_000_000_000_000_001);
}

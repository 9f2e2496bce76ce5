//! The cases of the test suite of the W3C Trace Context specification, one test each and
//! under the suite's names, against the propagator alone. The suite itself drives a
//! service: see `examples/trace_context_service.rs`.

use throughline_rum::ids::IdSource;
use throughline_rum::propagation::{Format, Remote, answer, extract};

const TRACE: &str = "12345678901234567890123456789012";
const VALID: &str = "00-12345678901234567890123456789012-1234567890123456-00";

/// What a service passes on for a request with these headers.
fn continued(headers: &[(&str, &str)], seed: u64) -> Remote {
    answer(
        extract(headers, &[Format::W3c]),
        &mut IdSource::new([seed, 1]),
    )
}

/// The trace id and the tracestate that go out, after the checks that every case makes.
fn pass_on(headers: &[(&str, &str)]) -> (String, String) {
    let span = continued(headers, 7);
    let written = Format::W3c.inject(&span.context, &span.state);
    let value = |name: &str| {
        let mut named = written.iter().filter(|(each, _)| each == name);
        let value = named.next().map(|(_, value)| value.clone());
        assert!(named.next().is_none(), "{name} is written once");
        value.unwrap_or_default()
    };
    let (parent, state) = (value("traceparent"), value("tracestate"));
    let parts: Vec<_> = parent.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    assert_eq!(
        (parts[0], &lengths[..]),
        ("00", &[2, 32, 16, 2][..]),
        "{parent}"
    );
    let hex = |part: &&str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    assert!(parts.iter().all(hex), "{parent}");
    assert!(
        parts[1] != "0".repeat(32) && parts[2] != "0".repeat(16),
        "{parent}"
    );
    assert_ne!(
        parts[2], "1234567890123456",
        "every span has an id of its own"
    );
    (parts[1].to_owned(), state)
}

/// Whether a request with this `traceparent` has its trace continued.
#[track_caller]
fn parent(value: &str, expected: bool) {
    named(&[("traceparent", value)], expected);
}

#[track_caller]
fn named(headers: &[(&str, &str)], expected: bool) {
    assert_eq!(pass_on(headers).0 == TRACE, expected, "{headers:?}");
}

/// What becomes of these `tracestate` headers beside a valid `traceparent`.
#[track_caller]
fn state(values: &[&str], expected: &str) {
    let mut headers = vec![("traceparent", VALID)];
    headers.extend(values.iter().map(|value| ("tracestate", *value)));
    assert_eq!(
        pass_on(&headers),
        (TRACE.to_owned(), expected.to_owned()),
        "{values:?}"
    );
}

#[test]
fn both_traceparent_and_tracestate_missing() {
    named(&[], false);
}

#[test]
fn traceparent_included_tracestate_missing() {
    parent(
        "00-12345678901234567890123456789012-1234567890123456-01",
        true,
    );
}

#[test]
fn traceparent_duplicated() {
    let other = "00-12345678901234567890123456789011-1234567890123456-01";
    let (trace, _) = pass_on(&[("traceparent", other), ("traceparent", VALID)]);
    assert!(trace != TRACE && trace != other[3..35], "{trace}");
}

#[test]
fn traceparent_header_name() {
    named(&[("trace-parent", VALID)], false);
    named(&[("trace.parent", VALID)], false);
}

#[test]
fn traceparent_header_name_valid_casing() {
    for name in ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"] {
        named(&[(name, VALID)], true);
    }
}

#[test]
fn traceparent_version_0x00() {
    parent(&format!("{VALID}."), false);
    parent(&format!("{VALID}-what-the-future-will-be-like"), false);
}

#[test]
fn traceparent_version_0xcc() {
    let future = VALID.replacen("00", "cc", 1);
    parent(&future, true);
    parent(&format!("{future}-what-the-future-will-be-like"), true);
    parent(&format!("{future}.what-the-future-will-be-like"), false);
}

#[test]
fn traceparent_version_0xff() {
    parent(&VALID.replacen("00", "ff", 1), false);
}

#[test]
fn traceparent_version_illegal_characters() {
    parent(&VALID.replacen("00", ".0", 1), false);
    parent(&VALID.replacen("00", "0.", 1), false);
}

#[test]
fn traceparent_version_too_long() {
    parent(&VALID.replacen("00", "000", 1), false);
    parent(&VALID.replacen("00", "0000", 1), false);
}

#[test]
fn traceparent_version_too_short() {
    parent(&VALID.replacen("00", "0", 1), false);
}

#[test]
fn traceparent_trace_id_all_zero() {
    let zero = "0".repeat(32);
    let (trace, _) = pass_on(&[("traceparent", &VALID.replace(TRACE, &zero))]);
    assert!(trace != zero && trace != TRACE);
}

#[test]
fn traceparent_trace_id_illegal_characters() {
    parent(
        &VALID.replace(TRACE, ".2345678901234567890123456789012"),
        false,
    );
    parent(
        &VALID.replace(TRACE, "1234567890123456789012345678901."),
        false,
    );
}

#[test]
fn traceparent_trace_id_too_long() {
    let long = VALID.replace(TRACE, "123456789012345678901234567890123");
    let (trace, _) = pass_on(&[("traceparent", &long)]);
    assert!(trace != long[3..35] && trace != long[4..36], "{trace}");
}

#[test]
fn traceparent_trace_id_too_short() {
    parent(&VALID.replace(TRACE, &TRACE[1..]), false);
}

#[test]
fn traceparent_parent_id_all_zero() {
    parent(
        "00-12345678901234567890123456789012-0000000000000000-01",
        false,
    );
}

#[test]
fn traceparent_parent_id_illegal_characters() {
    parent(
        "00-12345678901234567890123456789012-.234567890123456-01",
        false,
    );
    parent(
        "00-12345678901234567890123456789012-123456789012345.-01",
        false,
    );
}

#[test]
fn traceparent_parent_id_too_long() {
    parent(
        "00-12345678901234567890123456789012-12345678901234567-01",
        false,
    );
}

#[test]
fn traceparent_parent_id_too_short() {
    parent(
        "00-12345678901234567890123456789012-123456789012345-01",
        false,
    );
}

#[test]
fn traceparent_trace_flags_illegal_characters() {
    parent(
        "00-12345678901234567890123456789012-1234567890123456-.0",
        false,
    );
    parent(
        "00-12345678901234567890123456789012-1234567890123456-0.",
        false,
    );
}

#[test]
fn traceparent_trace_flags_too_long() {
    parent(
        "00-12345678901234567890123456789012-1234567890123456-001",
        false,
    );
}

#[test]
fn traceparent_trace_flags_too_short() {
    parent(
        "00-12345678901234567890123456789012-1234567890123456-1",
        false,
    );
}

#[test]
fn traceparent_ows_handling() {
    for value in [
        format!(" {VALID}"),
        format!("\t{VALID}"),
        format!("{VALID} "),
        format!("{VALID}\t"),
        format!("\t {VALID} \t"),
    ] {
        parent(&value, true);
    }
}

#[test]
fn tracestate_included_traceparent_missing() {
    for value in ["foo=1", "foo=1,bar=2"] {
        let (trace, state) = pass_on(&[("tracestate", value)]);
        assert!(trace != TRACE && state.is_empty(), "{state}");
    }
}

#[test]
fn tracestate_included_traceparent_included() {
    state(&["foo=1,bar=2"], "foo=1,bar=2");
}

#[test]
fn tracestate_header_name() {
    for name in ["trace-state", "trace.state"] {
        let (trace, state) = pass_on(&[("traceparent", VALID), (name, "foo=1")]);
        assert_eq!((&*trace, &*state), (TRACE, ""));
    }
}

#[test]
fn tracestate_header_name_valid_casing() {
    for name in ["TraceState", "TrAcEsTaTe", "TRACESTATE"] {
        let (_, state) = pass_on(&[("traceparent", VALID), (name, "foo=1")]);
        assert_eq!(state, "foo=1");
    }
}

#[test]
fn tracestate_empty_header() {
    state(&[""], "");
    state(&["foo=1", ""], "foo=1");
    state(&["", "foo=1"], "foo=1");
}

#[test]
fn tracestate_multiple_headers_different_keys() {
    state(
        &["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],
        "foo=1,bar=2,rojo=1,congo=2,baz=3",
    );
}

#[test]
fn tracestate_duplicated_keys() {
    state(&["foo=1,foo=1"], "foo=1");
    state(&["foo=1,foo=2"], "foo=1");
    state(&["foo=1", "foo=1"], "foo=1");
    state(&["foo=1", "foo=2"], "foo=1");
}

#[test]
fn tracestate_all_allowed_characters() {
    let all = |ranges: &[(u8, u8)]| -> String {
        let bytes = ranges.iter().flat_map(|&(from, to)| from..=to);
        bytes.map(char::from).collect()
    };
    let key = format!("{}0123456789_-*/", all(&[(b'a', b'z')]));
    let value = all(&[(0x20, 0x2b), (0x2d, 0x3c), (0x3e, 0x7e)]);
    for key in [key.clone(), format!("{key}@a-z0-9_-*/")] {
        let member = format!("{key}={value}");
        state(&[&member], &member);
    }
}

#[test]
fn tracestate_ows_handling() {
    state(&["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3");
    state(&["foo=1\t \t,\t \tbar=2,\t \tbaz=3"], "foo=1,bar=2,baz=3");
    for value in [" foo=1", "\tfoo=1", "foo=1 ", "foo=1\t", "\t foo=1 \t"] {
        state(&[value], "foo=1");
    }
}

#[test]
fn tracestate_key_illegal_characters() {
    for value in ["foo =1", "FOO=1", "foo.bar=1"] {
        state(&[value], "");
    }
}

#[test]
fn tracestate_key_illegal_vendor_format() {
    state(&["foo@=1,bar=2"], "foo@=1,bar=2");
    state(&["@foo=1,bar=2"], "");
    state(&["foo@@bar=1,bar=2"], "foo@@bar=1,bar=2");
    state(&["foo@bar@baz=1,bar=2"], "foo@bar@baz=1,bar=2");
}

#[test]
fn tracestate_member_count_limit() {
    let members = |from: usize, to: usize| -> Vec<String> {
        (from..=to).map(|i| format!("bar{i:02}={i:02}")).collect()
    };
    let all = members(1, 32).join(",");
    let pieces: Vec<_> = [(1, 10), (11, 20), (21, 30), (31, 32)]
        .map(|(from, to)| members(from, to).join(","))
        .to_vec();
    let pieces: Vec<_> = pieces.iter().map(String::as_str).collect();
    state(&pieces, &all);
    state(&[&all, "bar33=33"], "");
}

#[test]
fn tracestate_key_length_limit() {
    let (z, t) = ("z".repeat(256), "t".repeat(241));
    // Long enough that only one of the two fits into what may be sent; the short one stays.
    state(&[&format!("foo=1,{z}=1")], &format!("foo=1,{z}=1"));
    state(&[&format!("foo=1,{z}z=1")], "");
    for key in [
        format!("{t}@{}", "v".repeat(14)),
        format!("{t}t@v"),
        format!("t@{}", "v".repeat(15)),
    ] {
        let both = format!("foo=1,{key}=1");
        state(&[&both], &both);
    }
}

#[test]
fn tracestate_value_illegal_characters() {
    state(&["foo=bar=baz"], "");
    state(&["foo=,bar=3"], "");
}

/// Three calls of one request: one trace, three spans.
#[track_caller]
fn three_calls(headers: &[(&str, &str)], trace: Option<&str>) {
    let mut ids = IdSource::new([3, 4]);
    let here = answer(extract(headers, &[Format::W3c]), &mut ids);
    let calls: Vec<_> = (0..3)
        .map(|_| answer(Some(here.clone()), &mut ids).context.traceparent())
        .collect();
    let expected = here.context.traceparent();
    assert!(
        calls.iter().all(|call| call[3..35] == expected[3..35]),
        "{calls:?}"
    );
    assert_eq!(expected[3..35] == *TRACE, trace.is_some());
    let mut spans: Vec<_> = calls.iter().map(|call| &call[36..52]).collect();
    spans.sort_unstable();
    spans.dedup();
    assert_eq!(spans.len(), 3, "{calls:?}");
}

#[test]
fn multiple_requests_with_valid_traceparent() {
    three_calls(&[("traceparent", VALID)], Some(TRACE));
}

#[test]
fn multiple_requests_without_traceparent() {
    three_calls(&[], None);
}

#[test]
fn multiple_requests_with_illegal_traceparent() {
    let zero = VALID.replace(TRACE, &"0".repeat(32));
    three_calls(&[("traceparent", &zero)], None);
}

#[test]
fn propagates_random_flag() {
    let check = |flags: &str, expected: &str| {
        let value = format!("{}{flags}", &VALID[..53]);
        let span = continued(&[("traceparent", &value)], 9);
        let written = span.context.traceparent();
        assert_eq!((&written[3..35], &written[53..]), (TRACE, expected));
    };
    check("02", "02");
    check("03", "03");
    check("01", "01");
    check("fe", "02");
}

//! Text: encodings, escapes, types that are not what they should be.

use throughline_tests::{read, wrap};

use super::{SERVICE, check, graph, node, request, span};

#[test]
fn strings_of_every_kind() {
    let check = |name: &str, expected: &str, issues: &str| {
        let mut json = request([node(1, 0).replace(r#""name":"n""#, r#""name":"@""#)]).into_bytes();
        let at = json
            .iter()
            .position(|&byte| byte == b'@')
            .unwrap_or_default();
        json.splice(at..=at, name.bytes());
        let store = check(name, json, 1, issues);
        assert_eq!(store.span(0).name(), expected);
    };
    check(r"\ud83e", "\u{fffd}", "lone_surrogate 1");
    check(r"a\udd14b", "a\u{fffd}b", "lone_surrogate 1");
    check(r"\ud83e\udd14", "🤔", "");
    check(r"\u0000", "\0", "");
    check("tab\there", "tab\there", "lenient_json 1");
    check("line\nbreak", "line\nbreak", "lenient_json 1");
    check(r"\x41", "x41", "lenient_json 1");
    check(
        r"<img src=x onerror=alert(1)>",
        "<img src=x onerror=alert(1)>",
        "",
    );
    check("\u{202e}evil", "\u{202e}evil", "");
    let long = "x".repeat(1 << 20);
    check(&long, &long, "");

    let invalid = request([node(1, 0)]).replace(r#""name":"n""#, r#""name":"@""#);
    let invalid: Vec<u8> = invalid
        .bytes()
        .flat_map(|byte| {
            if byte == b'@' {
                vec![b'a', 0xff, 0xfe]
            } else {
                vec![byte]
            }
        })
        .collect();
    let (store, _) = read::read(&invalid);
    assert_eq!(read::issues(&store), [("bad_utf8".to_owned(), 1)]);
    assert_eq!(store.span(0).name(), "a\u{fffd}\u{fffd}");
}

#[test]
fn encodings_of_every_kind() {
    let one = graph(&[(1, 0)]);
    let two = graph(&[(2, 1)]);
    check("byte order mark", format!("\u{feff}{one}"), 1, "");
    check(
        "UTF-16, little-endian",
        wrap::utf16_le(&one),
        1,
        "lenient_json 1",
    );
    let big: Vec<u8> = [0xfe, 0xff]
        .into_iter()
        .chain(one.encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    check("UTF-16, big-endian", big, 1, "lenient_json 1");
    check("line ends of Windows", format!("{one}\r\n{two}\r\n"), 2, "");
    check(
        "record separators",
        format!("\u{1e}{one}\n\u{1e}{two}\n"),
        2,
        "",
    );
    check("nothing between", format!("{one}{two}"), 2, "");
    check(
        "a comma too many",
        one.replace("}]}]}", "},]}]}"),
        1,
        "lenient_json 1",
    );
    check(
        "pretty and plain",
        format!("{}\n{two}", one.replace(',', " ,\n ")),
        2,
        "",
    );
    check("empty lines", format!("\n\n{one}\n\n\n{two}\n"), 2, "");
    check(
        "a bad line in the middle",
        format!("{one}\n{{\"resourceSpans\": oops}}\n{two}\n"),
        2,
        "syntax_error 1",
    );
    check(
        "the last line cut",
        format!("{one}\n{}", &two[..two.len() - 30]),
        2,
        "missing_end 1, truncated 1",
    );
    check(
        "zeros behind",
        format!("{one}\0\0\0\0"),
        1,
        "syntax_error 1",
    );
}

#[test]
fn wrong_types_are_read_or_skipped() {
    let check = |fields: &str, issues: &str| check(fields, span(fields), 1, issues);
    check(
        r#""attributes":null,"events":null,"links":null,"status":null"#,
        "",
    );
    check(r#""attributes":7"#, "wrong_type 1");
    check(r#""attributes":[7,null,"x"]"#, "wrong_type 2");
    check(r#""events":{"a":1},"links":"none""#, "wrong_type 2");
    check(r#""status":{"code":"2"}"#, "");
    check(r#""status":{"code":"STATUS_CODE_ODD"}"#, "unknown_enum 1");
    check(r#""kind":"SPAN_KIND_INVALID_TYPE""#, "unknown_enum 1");
    check(r#""kind":99"#, "unknown_enum 1");
    check(r#""droppedAttributesCount":-1"#, "bad_number 1");
    check(r#""flags":4294967296"#, "bad_number 1");
    check(r#""unknownField":{"deep":[1,{"x":[]}]}"#, "");
    check(r#""__proto__":{"x":1},"constructor":2"#, "");
}

#[test]
fn values_of_every_kind() {
    let check = |value: &str, issues: &str| {
        let json = span(&format!(r#""attributes":[{{"key":"k","value":{value}}}]"#));
        let store = check(value, json, 1, issues);
        assert_eq!(store.span(0).attributes().len(), 1, "{value}");
    };
    check(r#"{"intValue":"9223372036854775807"}"#, "");
    check(r#"{"intValue":9007199254740993}"#, "");
    check(r#"{"intValue":"many"}"#, "bad_number 1");
    check(r#"{"doubleValue":"NaN"}"#, "");
    check(r#"{"doubleValue":-Infinity}"#, "lenient_json 1");
    check(r#"{"boolValue":"true"}"#, "");
    check(r#"{"arrayValue":{}}"#, "");
    check(r#"{"kvlistValue":{"values":null}}"#, "");
    check("{}", "");
    check("null", "");
}

#[test]
fn keys_that_come_twice_do_no_harm() {
    for json in [
        span(r#""name":"a","name":"b""#),
        span(
            r#""attributes":[],"attributes":[{"key":"k","value":{"intValue":1,"stringValue":"x"}}]"#,
        ),
        graph(&[(1, 0)]).replace(
            r#""resource":"#,
            &format!(r#""resource":{SERVICE},"resource":"#),
        ),
    ] {
        let (store, result) = read::read(json.as_bytes());
        assert!(result.is_ok(), "{result:?}");
        assert_eq!(
            (store.span_count(), store.span(0).service_name()),
            (1, "cart")
        );
    }
}

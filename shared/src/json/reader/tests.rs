//! The reader on small literals: what it gives, what it notes, where it fails.

use super::*;

/// Reads any value back as compact text, to see what the reader saw.
fn dump(r: &mut Reader<'_>, out: &mut String) -> Result<()> {
    match r.peek() {
        Kind::Object => {
            r.begin_object()?;
            out.push('{');
            while let Some(key) = r.next_key()? {
                out.push_str(&key.text(&mut r.notes));
                out.push(':');
                dump(r, out)?;
                out.push(';');
            }
            out.push('}');
        }
        Kind::Array => {
            r.begin_array()?;
            out.push('[');
            while r.next_element()? {
                dump(r, out)?;
                out.push(';');
            }
            out.push(']');
        }
        Kind::String => out.push_str(&r.string()?),
        Kind::Number => out.push_str(&String::from_utf8_lossy(r.number()?.bytes)),
        Kind::Bool => out.push_str(if r.literal_bool()? { "yes" } else { "no" }),
        Kind::Null => out.push_str(if r.null()? { "null" } else { "?" }),
        Kind::End | Kind::Other(_) => return Err(r.error("a value")),
    }
    Ok(())
}

fn read(text: &[u8]) -> (String, Notes) {
    let mut r = Reader::new(text);
    let mut out = String::new();
    while r.next_top_value() {
        if let Err(error) = dump(&mut r, &mut out) {
            out.push_str(&format!("!{error}"));
            break;
        }
        out.push('|');
    }
    (out, r.notes)
}

#[test]
fn values_are_read_in_order() {
    let check = |text: &str, expected: &str| {
        let (seen, notes) = read(text.as_bytes());
        assert_eq!(seen, expected, "{text}");
        assert!(notes.is_empty(), "{text}");
    };
    check("", "");
    check(" \r\n\t", "");
    check("\u{feff}{}", "{}|");
    check("{}{}\n[]", "{}|{}|[]|");
    check("\u{1e}{}\n\u{1e}[1]\n", "{}|[1;]|");
    check(
        r#"{"a":[1,-2.5e3,true,false,null,"x\ty"],"b":{}}"#,
        "{a:[1;-2.5e3;yes;no;null;x\ty;];b:{};}|",
    );
    check("{ \"a\" : 1 , \"b\"\n:\n2 }", "{a:1;b:2;}|");
    check(r#"{"\u0061":""}"#, "{a:;}|");
}

#[test]
fn broken_rules_are_noted() {
    let check = |text: &[u8], expected: &str, kind: IssueKind, count: u64| {
        let (seen, notes) = read(text);
        assert_eq!(seen, expected);
        assert_eq!(notes.count(kind), count, "{expected}");
    };
    use IssueKind::{BadUtf8, LenientJson, LoneSurrogate};
    check(b"[1,]", "[1;]|", LenientJson, 1);
    check(b"{\"a\":1,,}", "{a:1;}|", LenientJson, 1);
    check(b"[{}\n{}]", "[{};{};]|", LenientJson, 1);
    check(b"[,1]", "[1;]|", LenientJson, 1);
    check(
        b"[NaN,-Infinity,Infinity]",
        "[NaN;-Infinity;Infinity;]|",
        LenientJson,
        3,
    );
    check(b"[\"a\tb\nc\"]", "[a\tb\nc;]|", LenientJson, 2);
    check(b"{},{},", "{}|{}|", LenientJson, 2);
    check(b"[\"\xff\"]", "[\u{fffd};]|", BadUtf8, 1);
    check(br#"["\ud83e"]"#, "[\u{fffd};]|", LoneSurrogate, 1);
}

#[test]
fn errors_name_the_place() {
    let check = |text: &str, expected: &str| {
        let (seen, _) = read(text.as_bytes());
        let error = seen.split_once('!').map(|(_, error)| error);
        assert_eq!(error, Some(expected), "{text}");
    };
    check(
        "[1",
        "expected ',' or ']' at byte 2, found the end of the input",
    );
    check(
        "[1,",
        "expected a value at byte 3, found the end of the input",
    );
    check("[1 2]", "expected ',' or ']' at byte 3, found '2'");
    check("{\"a\" 1}", "expected ':' at byte 5, found '1'");
    check("{a:1}", "expected a key at byte 1, found 'a'");
    check(
        "{\"a\":1",
        "expected ',' or '}' at byte 6, found the end of the input",
    );
    check(
        "[\"abc",
        "expected the end of a string at byte 5, found the end of the input",
    );
    check("[}", "expected a value at byte 1, found '}'");
    check("[-]", "expected a number at byte 1, found '-'");
    check("[nul]", "expected null at byte 1, found 'n'");
    check("\u{1}", "expected a value at byte 0, found byte 0x01");
}

#[test]
fn typed_reads_forgive_wrong_types() {
    let check = |text: &str, expected: &str, issues: u64| {
        let mut r = Reader::new(text.as_bytes());
        let mut out = Vec::new();
        r.begin_array().unwrap();
        while r.next_element().unwrap() {
            let mark = r.mark();
            let number = r.u64().unwrap();
            r.rewind(mark);
            let signed = r.i64().unwrap();
            r.rewind(mark);
            let truth = r.bool().unwrap();
            r.rewind(mark);
            let words = r.text().unwrap();
            out.push(format!("{number:?} {signed:?} {truth:?} {words:?}"));
        }
        assert_eq!(out.join(", "), expected, "{text}");
        let noted = r.notes.count(IssueKind::WrongType) + r.notes.count(IssueKind::BadNumber);
        assert_eq!(noted, issues, "{text}");
    };
    check("[null]", "None None None None", 0);
    check("[7]", "Some(7) Some(7) Some(true) None", 2);
    check(r#"["7"]"#, r#"Some(7) Some(7) None Some("7")"#, 1);
    check(r#"[" -7 "]"#, r#"None Some(-7) None Some(" -7 ")"#, 2);
    check(r#"["true"]"#, r#"None None Some(true) Some("true")"#, 2);
    check("[{\"a\":[1]}]", "None None None None", 4);
    check(r#"[""]"#, r#"None None None Some("")"#, 1);
}

#[test]
fn lists_and_maps_forgive_wrong_types() {
    let mut r = Reader::new(b"[null, 3, [1], {}]");
    assert_eq!(r.begin_list(), Ok(true));
    for expected in [false, false, true] {
        assert_eq!(r.next_element(), Ok(true));
        assert_eq!(r.begin_list(), Ok(expected));
    }
    assert_eq!(r.next_element(), Ok(true));
    assert_eq!(r.u64(), Ok(Some(1)));
    assert_eq!(r.next_element(), Ok(false));
    assert_eq!(r.next_element(), Ok(true));
    assert_eq!(r.begin_map(), Ok(true));
    assert_eq!(r.next_key(), Ok(None));
    assert_eq!(r.next_element(), Ok(false));
    assert_eq!(r.notes.count(IssueKind::WrongType), 1);
}

#[test]
fn skipping_needs_no_stack() {
    let mut deep = "[".repeat(1_000_000);
    let mut r = Reader::new(deep.as_bytes());
    assert_eq!(r.skip_value().map_err(|error| error.offset), Err(1_000_000));
    deep.push_str(&"]".repeat(1_000_000));
    deep.push('7');
    let mut r = Reader::new(deep.as_bytes());
    assert_eq!(r.skip_value(), Ok(()));
    assert_eq!(r.u64(), Ok(Some(7)));
}

#[test]
fn raw_values_and_offsets_count_from_the_base() {
    let mut r = Reader::with_base(br#"{"a": [1, "]"] }"#, 100);
    assert_eq!(r.begin_object(), Ok(()));
    assert!(r.next_key().unwrap().is_some_and(|key| key.offset == 102));
    assert_eq!(r.raw_value(), Ok(br#"[1, "]"]"#.as_slice()));
    assert_eq!(r.offset(), 114);
    assert_eq!(r.next_key(), Ok(None));
    assert_eq!(r.peek(), Kind::End);
}

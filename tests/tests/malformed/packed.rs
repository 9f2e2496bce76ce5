//! Containers: compression that is broken, nested or a bomb, and files that hold no traces.

use throughline_model::{
    import::{self, Input, Limits, Silent},
    store::builder::StoreBuilder,
};
use throughline_tests::{read, wrap};

use super::{check, check_error, graph};

#[test]
fn things_that_are_no_traces_are_named() {
    check_error("nothing", "", "empty");
    check_error("white space", " \n\t ", "empty");
    check_error("zeros", vec![0; 4096], "empty");
    check_error("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG");
    check_error("a page", "<!DOCTYPE html><html></html>", "HTML");
    check_error("text", "hello, this is no trace", "text");
    check_error("a number", "42", "");
    check_error(
        "another JSON",
        r#"{"name":"package","version":"1.0.0"}"#,
        "JSON",
    );
    check_error("logs", r#"{"resourceLogs":[{"scopeLogs":[]}]}"#, "logs");
    check_error(
        "metrics",
        r#"{"resourceMetrics":[{"scopeMetrics":[]}]}"#,
        "metrics",
    );
    check_error("no spans", r#"{"resourceSpans":[]}"#, "no spans");
    check_error(
        "no Jaeger spans",
        r#"{"data":[],"total":0,"errors":null}"#,
        "no spans",
    );
    check_error("an empty list", "[]", "no spans");
    check_error(
        "a Jaeger error",
        r#"{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}"#,
        "",
    );
    check_error("an archive", wrap::zip(&[]).unwrap_or_default(), "");
    check_error(
        "noise",
        (0..4096u32)
            .map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8)
            .collect::<Vec<_>>(),
        "",
    );
}

#[test]
fn compression_is_bounded_and_forgiving() {
    let json = graph(&[(1, 0)]);
    let other = graph(&[(2, 1)]);
    let gzip = |text: &str| wrap::gzip(text.as_bytes()).unwrap_or_default();
    check(
        "several members",
        [gzip(&json), gzip(&other)].concat(),
        2,
        "",
    );
    check(
        "several frames",
        [wrap::zstd(json.as_bytes()), wrap::zstd(other.as_bytes())].concat(),
        2,
        "",
    );
    check(
        "members end inside a line",
        [gzip(&json[..40]), gzip(&json[40..])].concat(),
        1,
        "",
    );
    let whole = gzip(&json);
    check("no trailer", &whole[..whole.len() - 8], 1, "truncated 1");
    let mut flipped = whole.clone();
    if let Some(crc) = flipped.len().checked_sub(8) {
        flipped[crc] ^= 1;
    }
    check("a wrong checksum", flipped, 1, "corrupt 1");
    check(
        "noise behind",
        [whole.as_slice(), b"garbage"].concat(),
        1,
        "corrupt 1",
    );
    let mut onion = json.clone().into_bytes();
    for _ in 0..50 {
        onion = wrap::gzip(&onion).unwrap_or_default();
    }
    check_error("fifty layers", onion, "");
    let names = [
        ("../../etc/passwd", json.as_bytes()),
        ("/absolute", other.as_bytes()),
        ("notes.txt", b"hello".as_slice()),
    ];
    let store = check(
        "an archive with odd names",
        wrap::zip(&names).unwrap_or_default(),
        2,
        "other_signal 1",
    );
    assert_eq!(store.trace_count(), 1);
}

#[test]
fn bombs_are_stopped() {
    let limits = Limits {
        decompressed: 1 << 20,
        ratio: 100,
        ratio_free: 1 << 16,
        ..Limits::default()
    };
    let zeros = vec![b' '; 32 << 20];
    let spaced = format!("{}{}", graph(&[(1, 0)]), " ".repeat(32 << 20));
    let bombs = [
        wrap::gzip(&zeros).unwrap_or_default(),
        wrap::zstd(&zeros),
        wrap::zip(&[("zeros", &zeros)]).unwrap_or_default(),
        wrap::gzip(&wrap::gzip(&zeros).unwrap_or_default()).unwrap_or_default(),
        wrap::gzip(spaced.as_bytes()).unwrap_or_default(),
    ];
    for (at, bytes) in bombs.into_iter().enumerate() {
        let mut builder = StoreBuilder::new();
        let name = "bomb".to_owned();
        let result = import::import_with(&mut builder, Input { name, bytes }, &mut Silent, limits);
        let store = builder.finish();
        assert_eq!(
            result.is_ok(),
            store.span_count() > 0,
            "bomb {at}: {result:?}"
        );
        let said = result
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        let told = said.contains("more than")
            || read::issues(&store)
                .iter()
                .any(|(kind, _)| kind == "too_large");
        assert!(told, "bomb {at}: {said:?} {:?}", read::issues(&store));
    }
}

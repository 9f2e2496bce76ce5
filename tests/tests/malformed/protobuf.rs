//! Protobuf: broken framing, unknown fields, deep values.

use throughline_model::wire::Writer;
use throughline_tests::forge;

use super::check;

#[test]
fn protobuf_of_every_kind() {
    let whole = forge::otlp_proto();
    let spans = 7;
    check("whole", &whole, spans, "");
    check(
        "twice",
        [whole.as_slice(), &whole].concat(),
        spans * 2,
        "duplicate_span_id 7",
    );
    let mut length = whole.clone();
    // The length of the last message of all, which is one of the mailer's.
    length.truncate(whole.len() - 20);
    check("cut", &length, spans, "truncated 1");
    check(
        "noise behind",
        [whole.as_slice(), &[0xff; 11]].concat(),
        spans,
        "syntax_error 1",
    );
    check(
        "a field that does not exist",
        [whole.as_slice(), &[0xfa, 0x7f, 2, 1, 2]].concat(),
        spans,
        "",
    );
    check(
        "a group",
        [whole.as_slice(), &[0x13, 0x08, 1, 0x14]].concat(),
        spans,
        "",
    );
    check(
        "an endless group",
        [whole.as_slice(), &[0x13, 0x08, 1]].concat(),
        spans,
        "truncated 1",
    );
    check(
        "a length beyond the end",
        [whole.as_slice(), &[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat(),
        spans,
        "truncated 1",
    );

    let mut deep = Vec::new();
    for _ in 0..5_000 {
        let mut out = Writer::new();
        out.message(1, |out| out.bytes_present(5, &deep));
        deep = out.into_bytes();
    }
    check(
        "a deep value",
        body(|out| {
            out.message(9, |out| {
                out.string(1, "k");
                out.message(2, |out| out.bytes_present(5, &deep));
            });
        }),
        1,
        "missing_service_name 1, too_deep 1",
    );
    check(
        "bytes that are no text",
        body(|out| out.bytes(5, b"a\xff")),
        1,
        "bad_utf8 1, missing_service_name 1",
    );
    check(
        "ids of a wrong length",
        body(|out| out.bytes(4, &[1; 3])),
        1,
        "bad_id 1, missing_service_name 1",
    );
    let many = body(|out| {
        for at in 0..1_000_000u64 {
            out.message(9, |out| {
                out.string(1, "k");
                out.message(2, |out| out.uint64(3, at));
            });
        }
    });
    check("a million attributes", many, 1, "missing_service_name 1");
}

/// One span of a service without a name, with further fields.
fn body(fields: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    out.message(1, |out| {
        out.message(2, |out| {
            out.message(2, |out| {
                out.bytes(1, &[7; 16]);
                out.bytes(2, &[9; 8]);
                out.fixed64(7, 1);
                out.fixed64(8, 2);
                fields(out);
            });
        });
    });
    out.into_bytes()
}

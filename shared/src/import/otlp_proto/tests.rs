//! Messages written field by field, whole and broken.

use crate::{
    import::{Limits, Signal, Silent, session::Session},
    issues::IssueKind,
    store::{TraceStore, ValueList, ValueRef, builder::StoreBuilder},
    wire::{WireError, Writer},
};

struct Read {
    store: TraceStore,
    signal: Option<Signal>,
    result: Result<(), WireError>,
}

fn import(bytes: &[u8]) -> Read {
    let mut builder = StoreBuilder::new();
    let mut observer = Silent;
    let mut session = Session::new(&mut builder, &mut observer, Limits::default());
    let result = super::read(&mut session, bytes, 0);
    let signal = session.signal();
    Read {
        store: builder.finish(),
        signal,
        result,
    }
}

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    write(&mut out);
    out.into_bytes()
}

fn attribute(out: &mut Writer, field: u32, key: &str, value: impl FnOnce(&mut Writer)) {
    out.message(field, |out| {
        out.string(1, key);
        out.message(2, value);
    });
}

/// A request with one span of service `cart`, which `fields` writes behind its ids.
fn request(fields: impl FnOnce(&mut Writer)) -> Vec<u8> {
    written(|out| {
        out.message(1, |out| {
            out.message(2, |out| {
                out.message(1, |out| {
                    out.string(1, "lib");
                    out.string(2, "1.0");
                    attribute(out, 3, "a", |out| out.bool(2, true));
                    out.uint64(4, 2);
                });
                out.message(2, |out| {
                    out.bytes(1, &[7; 16]);
                    out.bytes(2, &[9; 8]);
                    fields(out);
                });
                out.string(3, "scope schema");
            });
            // Behind its spans, which is as legal as before them.
            out.message(1, |out| {
                attribute(out, 1, "service.name", |out| out.string(1, "cart"));
                out.uint64(2, 3);
            });
            out.string(3, "resource schema");
        });
    })
}

fn times(out: &mut Writer) {
    out.fixed64(7, 1_700_000_000_000_000_001);
    out.fixed64(8, 1_700_000_000_000_000_007);
}

fn values(list: ValueList<'_>) -> String {
    let value = |value: ValueRef<'_>| match value {
        ValueRef::Array(list) => format!("[{}]", values(list)),
        ValueRef::Map(list) => format!("{{{}}}", values(list)),
        other => format!("{other:?}"),
    };
    let all: Vec<String> = list
        .iter()
        .map(|(key, it)| format!("{key}={}", value(it)))
        .collect();
    all.join(" ")
}

#[test]
fn all_fields_arrive() {
    let bytes = request(|out| {
        out.string(3, "k=v");
        out.bytes(4, &[8; 8]);
        out.string(5, "GET /");
        out.uint64(6, 2);
        times(out);
        attribute(out, 9, "n", |out| out.uint64(3, -5i64 as u64));
        out.uint64(10, 1);
        out.message(11, |out| {
            out.fixed64(1, 1_700_000_000_000_000_003);
            out.string(2, "retry");
            attribute(out, 3, "why", |out| out.string(1, "slow"));
            out.uint64(4, 4);
        });
        // Attributes may go on behind events.
        attribute(out, 9, "m", |out| out.string(1, "x"));
        out.uint64(12, 5);
        out.message(13, |out| {
            out.bytes(1, &[1; 16]);
            out.bytes(2, &[2; 8]);
            out.string(3, "l=1");
            attribute(out, 4, "rel", |out| out.double(4, 0.5));
            out.uint64(5, 6);
            out.fixed32(6, 0x101);
        });
        out.uint64(14, 7);
        out.message(15, |out| {
            out.string(2, "no route");
            out.uint64(3, 2);
        });
        out.fixed32(16, 0x301);
    });
    let read = import(&bytes);
    assert_eq!(read.result, Ok(()));
    let span = read.store.span(0);
    assert_eq!(
        span.trace().id().0,
        0x0707_0707_0707_0707_0707_0707_0707_0707
    );
    assert_eq!(
        (span.id().0, span.parent_id().0),
        (0x0909_0909_0909_0909, 0x0808_0808_0808_0808)
    );
    assert_eq!(
        (
            span.name(),
            span.kind().name(),
            span.trace_state(),
            span.flags()
        ),
        ("GET /", "server", "k=v", 0x301)
    );
    assert_eq!(
        (span.start().0, span.duration().0),
        (1_700_000_000_000_000_001, 6)
    );
    assert_eq!(
        (span.status().name(), span.status_message()),
        ("error", "no route")
    );
    assert_eq!(
        (values(span.attributes()).as_str(), span.dropped()),
        (r#"n=Int(-5) m=Str("x")"#, [1, 5, 7])
    );
    let event = span.events().next().unwrap();
    assert_eq!(
        (event.time().0, event.name(), event.dropped()),
        (1_700_000_000_000_000_003, "retry", 4)
    );
    assert_eq!(values(event.attributes()), r#"why=Str("slow")"#);
    let link = span.links().next().unwrap();
    assert_eq!(
        (
            link.span_id().0,
            link.trace_state(),
            link.flags(),
            link.dropped()
        ),
        (0x0202_0202_0202_0202, "l=1", 0x101, 6)
    );
    assert_eq!(values(link.attributes()), "rel=Double(0.5)");
    assert_eq!(
        (
            span.scope().name(),
            span.scope().version(),
            span.scope().dropped()
        ),
        ("lib", "1.0", 2)
    );
    assert_eq!(
        (
            values(span.scope().attributes()).as_str(),
            span.scope().schema_url()
        ),
        ("a=Bool(true)", "scope schema")
    );
    let resource = span.resource();
    assert_eq!(
        (
            resource.service_name(),
            resource.dropped(),
            resource.schema_url()
        ),
        ("cart", 3, "resource schema")
    );
}

#[test]
fn values_keep_their_types() {
    let check = |write: &dyn Fn(&mut Writer), expected: &str| {
        let bytes = request(|out| {
            times(out);
            attribute(out, 9, "k", write);
        });
        assert_eq!(
            values(import(&bytes).store.span(0).attributes()),
            format!("k={expected}")
        );
    };
    check(&|_| {}, "Empty");
    check(&|out| out.bytes_present(1, b""), r#"Str("")"#);
    check(&|out| out.uint64_present(2, 0), "Bool(false)");
    check(
        &|out| out.uint64(3, i64::MAX as u64),
        "Int(9223372036854775807)",
    );
    check(
        &|out| out.uint64(3, i64::MIN as u64),
        "Int(-9223372036854775808)",
    );
    check(&|out| out.double(4, -0.0), "Double(-0.0)");
    check(
        &|out| out.bytes(7, &[0, 0, 0x30, 0x39]),
        r#"Bytes("AAAwOQ==")"#,
    );
    check(&|out| out.message(5, |_| {}), "[]");
    check(
        &|out| {
            out.message(5, |out| {
                out.message(1, |out| out.uint64(3, 1));
                out.message(1, |out| {
                    out.message(6, |out| attribute(out, 1, "a", |out| out.bool(2, true)));
                });
            });
        },
        "[=Int(1) ={a=Bool(true)}]",
    );
}

#[test]
fn what_is_wrong_is_an_issue_and_the_rest_stays() {
    let check = |fields: &dyn Fn(&mut Writer), kind: IssueKind| {
        let bytes = request(|out| {
            times(out);
            fields(out);
            out.string(5, "kept");
        });
        let read = import(&bytes);
        assert_eq!(read.result, Ok(()));
        assert_eq!(read.store.span(0).name(), "kept", "{kind:?}");
        assert_eq!(read.store.issues().count(kind), 1, "{kind:?}");
        assert_eq!(
            read.store.issues().total() - read.store.issues().count(IssueKind::MissingParent),
            1,
            "{kind:?}"
        );
    };
    check(&|out| out.uint64(6, 9), IssueKind::UnknownEnum);
    check(
        &|out| out.message(15, |out| out.uint64(3, 9)),
        IssueKind::UnknownEnum,
    );
    check(&|out| out.bytes(4, &[1; 5]), IssueKind::BadId);
    check(&|out| out.bytes(3, b"a\xff"), IssueKind::BadUtf8);
    check(&|out| out.uint64(16, 3), IssueKind::WrongType);
    check(&|out| out.uint64(10, u64::MAX), IssueKind::BadNumber);
    check(
        &|out| attribute(out, 9, "deep", |out| deep(out, 40)),
        IssueKind::TooDeep,
    );
    // An event whose name claims more bytes than the event has.
    check(&|out| out.bytes(11, &[0x12, 9, b'x']), IssueKind::Corrupt);
    check(&|out| out.bytes(11, &[0x0e]), IssueKind::SyntaxError);
}

fn deep(out: &mut Writer, levels: u32) {
    if levels > 0 {
        out.message(5, |out| out.message(1, |out| deep(out, levels - 1)));
    }
}

#[test]
fn unknown_fields_groups_and_old_names_are_legal() {
    let bytes = request(|out| {
        times(out);
        out.uint64(999, 5);
        out.string(1000, "later");
        // A group of field 99 with a field inside.
        out.varint(99 << 3 | 3);
        out.uint64(1, 7);
        out.varint(99 << 3 | 4);
        out.message(15, |out| out.uint64(1, 2));
    });
    let read = import(&bytes);
    assert!(read.store.issues().is_empty());
    assert_eq!(read.store.span(0).status().name(), "error");
    let legacy = written(|out| {
        out.message(1, |out| {
            out.message(1000, |out| {
                out.message(2, |out| {
                    out.bytes(1, &[7; 16]);
                    out.bytes(2, &[9; 8]);
                    times(out);
                });
            });
        });
    });
    assert_eq!(import(&legacy).store.span_count(), 1);
    let hex = request(|out| {
        times(out);
        out.bytes(4, b"00000000000000ff");
    });
    assert_eq!(import(&hex).store.span(0).parent_id().0, 0xff);
}

#[test]
fn a_body_cut_anywhere_gives_what_stands_before_the_cut() {
    let bytes = request(|out| {
        times(out);
        out.string(5, "name");
        attribute(out, 9, "k", |out| out.string(1, "v"));
    });
    let whole = import(&bytes).store.span_count();
    for end in 1..bytes.len() {
        let read = import(&bytes[..end]);
        let truncated = read.store.issues().count(IssueKind::Truncated);
        assert!(read.store.span_count() <= whole);
        assert!(truncated <= 1, "{end}");
        assert_eq!(read.result.is_err(), read.store.span_count() == 0, "{end}");
    }
    let cut = import(&bytes[..bytes.len() - 60]).store;
    assert_eq!(
        (cut.span_count(), cut.span(0).id().0),
        (1, 0x0909_0909_0909_0909)
    );
}

#[test]
fn an_empty_body_is_a_valid_request() {
    let read = import(&[]);
    assert_eq!(
        (
            read.result,
            read.store.span_count(),
            read.store.issues().total()
        ),
        (Ok(()), 0, 0)
    );
}

#[test]
fn other_signals_are_told_apart() {
    let body = |record: &dyn Fn(&mut Writer)| {
        written(|out| {
            out.message(1, |out| {
                out.message(1, |out| {
                    attribute(out, 1, "service.name", |out| out.string(1, "cart"));
                });
                out.message(2, |out| out.message(2, record));
            });
        })
    };
    let check = |record: &dyn Fn(&mut Writer), expected: Option<Signal>| {
        let bytes = body(record);
        assert!(super::looks_like(&bytes), "{expected:?}");
        assert!(!super::looks_like_zipkin(&bytes), "{expected:?}");
        let read = import(&bytes);
        assert_eq!((read.signal, read.result), (expected, Ok(())));
        assert_eq!(read.store.span_count(), usize::from(expected.is_none()));
    };
    let span = |out: &mut Writer| {
        out.bytes(1, &[7; 16]);
        out.bytes(2, &[9; 8]);
    };
    check(
        &|out| {
            span(out);
            times(out);
        },
        None,
    );
    check(&span, None);
    check(
        &|out| {
            out.fixed64(1, 5);
            out.uint64(2, 9);
        },
        Some(Signal::Logs),
    );
    check(
        &|out| {
            out.string(1, "http.requests");
            out.message(7, |out| out.uint64(2, 1));
        },
        Some(Signal::Metrics),
    );
    check(
        &|out| {
            out.string(1, "http.server.dura");
            out.string(2, "duration");
            out.message(9, |_| {});
        },
        Some(Signal::Metrics),
    );
    check(
        &|out| {
            out.message(1, |out| out.uint64(1, 3));
            out.fixed64(3, 5);
        },
        Some(Signal::Profiles),
    );
}

#[test]
fn logs_become_entries_of_their_spans() {
    let logs = |out: &mut Writer| {
        out.message(1, |out| {
            out.message(1, |out| {
                attribute(out, 1, "host.name", |out| out.string(1, "b"))
            });
            out.message(2, |out| {
                out.message(1, |out| out.string(1, "com.Cart"));
                out.message(2, |out| {
                    out.fixed64(1, 1_700_000_000_000_000_003);
                    out.uint64(2, 17);
                    out.string(3, "E");
                    out.message(5, |out| out.string(1, "no stock"));
                    attribute(out, 6, "sku", |out| out.uint64(3, 7));
                    out.uint64(7, 2);
                    out.fixed64(11, 1_700_000_000_000_000_004);
                    out.bytes(9, &[7; 16]);
                    out.bytes(10, &[9; 8]);
                    out.string(12, "stock");
                });
                out.message(2, |out| {
                    out.fixed64(11, 1_700_000_000_000_000_002);
                    out.bytes(9, &[7; 16]);
                    out.bytes(10, &[9; 8]);
                });
                out.message(2, |out| out.fixed64(1, 4));
            });
        });
    };
    let logs = written(logs);
    let spans = request(times);
    let check = |bytes: &[u8]| {
        let read = import(bytes);
        assert_eq!(read.result, Ok(()));
        assert_eq!(read.store.issues().count(IssueKind::LogWithoutSpan), 1);
        let seen: Vec<String> = read
            .store
            .span(0)
            .events()
            .map(|event| {
                let attributes = values(event.attributes());
                format!(
                    "{} {:?} {} {attributes}",
                    event.time().0 % 10,
                    event.log(),
                    event.name()
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                r#"2 Some(0)  resource.host.name=Str("b") otel.scope.name=Str("com.Cart")"#,
                r#"3 Some(17) stock resource.host.name=Str("b") observed_time_unix_nano=Int(1700000000000000004) severity_text=Str("E") body=Str("no stock") sku=Int(7) otel.scope.name=Str("com.Cart")"#,
            ]
        );
    };
    let both = [spans.as_slice(), &logs].concat();
    check(&both);
    check(&[logs.as_slice(), &spans].concat());
    // Cut anywhere, nothing of it panics and no record comes out halved.
    for end in 0..both.len() {
        let store = import(&both[..end]).store;
        assert!(
            store
                .events()
                .attributes
                .iter()
                .all(|[_, len]| [2, 6].contains(len))
        );
    }
}

#[test]
fn sniffing_is_strict() {
    let check = |bytes: &[u8], otlp: bool, zipkin: bool| {
        assert_eq!(
            (super::looks_like(bytes), super::looks_like_zipkin(bytes)),
            (otlp, zipkin),
            "{bytes:02x?}"
        );
    };
    let whole = request(times);
    check(&whole, true, false);
    check(&[whole.as_slice(), whole.as_slice()].concat(), true, false);
    check(&whole[..whole.len() / 2], true, false);
    check(b"", false, false);
    check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", false, false);
    check(b"\n\n\n\n", false, false);
    check(
        b"\nhello world, this is a text that begins with an empty line",
        false,
        false,
    );
    check(b"{\"resourceSpans\":[]}", false, false);
    check(&[0; 64], false, false);
    check(&[0x0a; 64], false, false);
    let zipkin = written(|out| {
        out.message(1, |out| {
            out.bytes(1, &[7; 8]);
            out.bytes(3, &[9; 8]);
            out.uint64(4, 1);
            out.string(5, "get");
            out.fixed64(6, 77);
        });
    });
    check(&zipkin, false, true);
}

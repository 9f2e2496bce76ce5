//! Inputs that arrive in steps of any length give what they give as a whole.

use super::*;
use crate::{
    import::{
        Input, Silent, import,
        tests::{self, zstd},
    },
    issues::IssueLog,
    store::{TraceStore, sample},
    wire::Writer,
};

/// So many resources with three spans each; every name is another.
fn json(resources: u64, lines: bool) -> Vec<u8> {
    let resource = |at: u64| {
        let spans: Vec<String> = (1..4)
            .map(|id| {
                format!(
                    r#"{{"traceId":"{:032x}","spanId":"{:016x}","name":"op \"{at}\" {{","startTimeUnixNano":"{at}000","endTimeUnixNano":"{at}900"}}"#,
                    at % 5 + 1,
                    at * 4 + id
                )
            })
            .collect();
        format!(
            r#"{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"s{}"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}"#,
            at % 3,
            spans.join(",")
        )
    };
    let all: Vec<String> = (1..=resources).map(resource).collect();
    if lines {
        let line = |one: &String| format!("{{\"resourceSpans\":[{one}]}}\n");
        return all.iter().map(line).collect::<String>().into_bytes();
    }
    format!("{{\"resourceSpans\":[{}]}}", all.join(",\n")).into_bytes()
}

fn proto(resources: u64) -> Vec<u8> {
    let mut out = Writer::new();
    for at in 1..=resources {
        out.message(1, |out| {
            out.message(1, |out| {
                out.message(1, |out| {
                    out.string(1, "service.name");
                    out.message(2, |out| out.string(1, &format!("s{}", at % 3)));
                });
            });
            out.message(2, |out| {
                for id in 1..4 {
                    out.message(2, |out| {
                        out.bytes(1, &[at as u8 % 5 + 1; 16]);
                        out.bytes(2, &(at * 4 + id).to_be_bytes());
                        out.string(5, &format!("op {at}"));
                        out.fixed64(7, at * 1_000);
                        out.fixed64(8, at * 1_000 + 900);
                    });
                }
            });
        });
    }
    out.into_bytes()
}

/// Messages of five resources each, behind lengths that `length` writes; every seventh is empty.
fn framed(resources: u64, length: fn(usize) -> Vec<u8>, packed: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let message = packed(&proto(5));
    let mut out = Vec::new();
    for at in 0..resources / 5 {
        let message = if at % 7 == 6 { &[] } else { message.as_slice() };
        out.extend(length(message.len()));
        out.extend_from_slice(message);
    }
    out
}

fn four_bytes(length: usize) -> Vec<u8> {
    (length as u32).to_be_bytes().to_vec()
}

fn grpc(length: usize) -> Vec<u8> {
    [&[0], four_bytes(length).as_slice()].concat()
}

fn varint(length: usize) -> Vec<u8> {
    let mut out = Writer::new();
    out.varint(length as u64);
    out.into_bytes()
}

/// With a name, so that its header has a part of any length.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = tests::gzip(bytes);
    out[3] = 8;
    out.splice(10..10, *b"trace.json\0");
    out
}

type Seen = (TraceStore, String);

fn seen(mut builder: StoreBuilder, read: &Result<Imported, ImportError>) -> Seen {
    let mut said: Vec<String> = builder
        .issues
        .iter()
        .map(|issue| format!("{:?}×{}", issue.kind, issue.count))
        .collect();
    said.sort();
    said.push(match read {
        // What breaks off may be one value or several.
        Ok(imported) if !said.is_empty() => {
            format!("{} {}", imported.format.id(), imported.spans)
        }
        Ok(imported) => format!("{imported:?}"),
        Err(error) => format!("error {error}"),
    });
    builder.issues = IssueLog::default();
    (builder.finish(), said.join(" "))
}

fn whole(bytes: &[u8]) -> Seen {
    let mut builder = StoreBuilder::new();
    let input = Input {
        name: "f".to_owned(),
        bytes: bytes.to_vec(),
    };
    let read = import(&mut builder, input, &mut Silent);
    seen(builder, &read)
}

/// In steps of random lengths; `None` for what can be read only as a whole.
fn arriving(bytes: &[u8], random: &mut impl FnMut(u64) -> u64) -> Option<Seen> {
    let mut builder = StoreBuilder::new();
    let mut silent = Silent;
    // A block of zstd is large; in a browser six megabytes are there at first.
    let first = (bytes.len() / 2).clamp(2_000.min(bytes.len()), 70_000);
    let first = first + random((bytes.len() - first) as u64 / 2 + 1) as usize;
    let begun = bytes[..first].to_vec();
    let total = random(2) * bytes.len() as u64;
    let stream = Stream::begin(&mut builder, &mut silent, "f", total, begun).ok()?;
    let mut stream = stream.with_pieces_of(1 + random(3_000) as usize);
    let mut at = first;
    let longest = [3, 90, 5_000][random(3) as usize];
    while at < bytes.len() {
        let length = (1 + random(longest) as usize).min(bytes.len() - at);
        let next = &bytes[at..at + length];
        stream
            .push(length, |room| room.copy_from_slice(next))
            .unwrap();
        at += length;
    }
    let read = stream.finish();
    Some(seen(builder, &read))
}

/// As a whole and in pieces; true when it can be had in pieces.
fn same(name: &str, bytes: &[u8]) -> bool {
    let (store, said) = whole(bytes);
    let mut random = sample::numbers(bytes.len() as u64 * 2 + 1);
    let mut pieces = 0;
    for _ in 0..6 {
        if let Some((arrived, told)) = arriving(bytes, &mut random) {
            pieces += 1;
            assert_eq!(told, said, "{name}");
            assert_eq!(arrived.spans(), store.spans(), "{name}");
            assert_eq!(arrived.traces(), store.traces(), "{name}");
            assert_eq!(arrived.attributes(), store.attributes(), "{name}");
            assert_eq!(arrived.strings(), store.strings(), "{name}");
        }
    }
    pieces == 6
}

fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a list", json(900, false)),
        ("lines", json(900, true)),
        ("protobuf", proto(5_000)),
        ("four bytes", framed(1_500, four_bytes, <[u8]>::to_vec)),
        ("four bytes, zstd", framed(1_500, four_bytes, zstd)),
        ("gRPC", framed(1_500, grpc, <[u8]>::to_vec)),
        ("gRPC, gzip", framed(1_500, grpc, gzip)),
        ("varint", framed(1_500, varint, <[u8]>::to_vec)),
    ]
}

#[test]
fn every_format_in_every_dress_is_the_same_in_pieces() {
    for (name, plain) in inputs() {
        let (first, second) = plain.split_at(plain.len() / 3);
        let skipped = [&[0x53, 0x2a, 0x4d, 0x18, 200, 0, 0, 0], &[7; 200][..]].concat();
        for (dress, bytes) in [
            ("plain", plain.clone()),
            ("gzip", gzip(&plain)),
            ("two members", [gzip(first), gzip(second)].concat()),
            ("gzip, padded", [gzip(&plain), vec![0; 700]].concat()),
            ("gzip, rubbish", [gzip(&plain), vec![9; 70]].concat()),
            ("zstd", zstd(&plain)),
            (
                "two frames",
                [zstd(first), skipped.clone(), zstd(second)].concat(),
            ),
            (
                "a frame to skip first",
                [skipped.clone(), zstd(&plain)].concat(),
            ),
            ("zstd, rubbish", [zstd(&plain), vec![9; 70]].concat()),
        ] {
            assert!(same(&format!("{name}, {dress}"), &bytes), "{name}, {dress}");
        }
    }
}

#[test]
fn what_breaks_off_is_the_same_in_pieces() {
    let mut random = sample::numbers(4711);
    let mut in_pieces = 0;
    for (name, plain) in inputs() {
        for (dress, bytes) in [
            ("plain", plain.clone()),
            ("gzip", gzip(&plain)),
            ("zstd", zstd(&plain)),
        ] {
            for _ in 0..12 {
                let cut = random(bytes.len() as u64) as usize;
                let pieces = same(&format!("{name}, {dress} cut at {cut}"), &bytes[..cut]);
                in_pieces += u32::from(pieces);
            }
        }
    }
    assert!(in_pieces > 40, "{in_pieces}");
}

/// A zstd frame of raw blocks with a window of 2 to the power of `log`.
fn windowed(bytes: &[u8], log: u8) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3];
    let mut blocks = bytes.chunks(100_000).peekable();
    while let Some(block) = blocks.next() {
        let header = (block.len() as u32) << 3 | u32::from(blocks.peek().is_none());
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(block);
    }
    out
}

#[test]
fn windows_up_to_a_gigabyte_are_read_in_pieces() {
    let plain = json(900, false);
    for log in [20, 27, 28, 30] {
        assert!(same("a large window", &windowed(&plain, log)), "{log}");
    }
    let (_, said) = whole(&windowed(&plain, 30));
    assert!(said.contains("spans: 2700"), "{said}");
    let larger = windowed(&plain, 31);
    assert!(same("too large a window", &larger));
    let (store, said) = whole(&larger);
    assert_eq!(store.span_count(), 0);
    assert!(
        said.contains("no room for its window of 2147483648 bytes (at most 1073741824)"),
        "{said}"
    );
}

#[test]
fn what_is_unfolded_is_never_held_as_a_whole() {
    let plain = json(40_000, false);
    let messages = framed(50_000, four_bytes, <[u8]>::to_vec);
    for (name, bytes, spans) in [
        ("gzip", gzip(&plain), 120_000),
        ("zstd", zstd(&plain), 120_000),
        ("a large window", windowed(&plain, 24), 120_000),
        ("messages", messages, 8_572 * 15),
    ] {
        let (mut builder, mut silent) = (StoreBuilder::new(), Silent);
        let (first, rest) = bytes.split_at(100_000);
        let begun = Stream::begin(&mut builder, &mut silent, "f", 0, first.to_vec());
        let mut stream = begun.unwrap_or_else(|_| panic!("{name} cannot be read in pieces"));
        let mut most = 0;
        for chunk in rest.chunks(50_000) {
            stream
                .push(chunk.len(), |room| room.copy_from_slice(chunk))
                .unwrap();
            most = most.max(stream.held());
        }
        assert!(most < 5 << 20, "{name}: {most} of {}", plain.len());
        assert_eq!(stream.finish().unwrap().spans, spans, "{name}");
    }
    assert!(plain.len() > 20 << 20);
}

#[test]
fn what_unfolds_to_too_much_is_refused() {
    let lines = b"{\"resourceSpans\":[]}\n".repeat(200_000);
    let bytes = gzip(&lines);
    let (mut builder, mut silent) = (StoreBuilder::new(), Silent);
    let begun = Stream::begin(&mut builder, &mut silent, "f", 0, bytes[..1_000].to_vec());
    let mut stream = begun.unwrap_or_else(|_| panic!("it cannot be read in pieces"));
    stream.session.limits.ratio = 20;
    stream.session.limits.ratio_free = 100_000;
    for chunk in bytes[1_000..].chunks(500) {
        stream
            .push(chunk.len(), |room| room.copy_from_slice(chunk))
            .unwrap();
    }
    assert!(stream.held() < 6 << 20);
    let error = stream.finish().unwrap_err();
    assert!(matches!(error, ImportError::TooLarge { .. }), "{error}");
}

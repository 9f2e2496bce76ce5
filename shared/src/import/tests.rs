//! The whole way from bytes to spans: containers, several values, limits, and what is said when nothing comes out.

use miniz_oxide::deflate::compress_to_vec;
use ruzstd::encoding::{CompressionLevel, compress_to_vec as zstd_compress};

use super::{
    Container, Format, ImportError, Input, Limits, Observer, Silent, Stage, import, import_with,
};
use crate::{
    issues::IssueKind,
    store::builder::{Outline, StoreBuilder},
};

/// A request with `count` spans of trace `trace`.
fn request(trace: u32, count: u32) -> String {
    let spans: Vec<String> = (1..=count)
        .map(|span| {
            format!(
                r#"{{"traceId":"{trace:032x}","spanId":"{span:016x}","name":"get","startTimeUnixNano":"1760000000000000000","endTimeUnixNano":"1760000000000000005"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"cart"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    )
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    out.extend(compress_to_vec(bytes, 6));
    out.extend(crate::import::crc::hash(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd_compress(bytes, CompressionLevel::Fastest)
}

fn framed(messages: &[&[u8]]) -> Vec<u8> {
    let frame = |message: &&[u8]| [&(message.len() as u32).to_be_bytes(), *message].concat();
    messages.iter().flat_map(frame).collect()
}

/// An archive of deflated (or stored) files; without its directory when `cut`.
fn zip(files: &[(&str, &[u8])], stored: bool, cut: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let data = if stored {
            bytes.to_vec()
        } else {
            compress_to_vec(bytes, 6)
        };
        let method: u16 = if stored { 0 } else { 8 };
        let local = out.len() as u32;
        let mut facts = Vec::new();
        facts.extend([20, 0, 0, 0]);
        facts.extend(method.to_le_bytes());
        facts.extend([0; 4]);
        facts.extend(crate::import::crc::hash(bytes).to_le_bytes());
        facts.extend((data.len() as u32).to_le_bytes());
        facts.extend((bytes.len() as u32).to_le_bytes());
        facts.extend((name.len() as u16).to_le_bytes());
        facts.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&facts);
        out.extend(name.as_bytes());
        out.extend(&data);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&facts);
        directory.extend([0; 10]);
        directory.extend(local.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    if !cut {
        let at = out.len() as u32;
        out.extend(&directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend([files.len() as u8, 0, files.len() as u8, 0]);
        out.extend((directory.len() as u32).to_le_bytes());
        out.extend(at.to_le_bytes());
        out.extend([0, 0]);
    }
    out
}

fn issues(builder: &StoreBuilder) -> String {
    let all: Vec<String> = builder
        .issues
        .iter()
        .map(|issue| format!("{:?}×{}", issue.kind, issue.count))
        .collect();
    all.join(" ")
}

fn input(bytes: &[u8]) -> Input {
    Input {
        name: "f".to_owned(),
        bytes: bytes.to_vec(),
    }
}

/// Spans, containers and issues; or the error.
fn check(bytes: &[u8], expected: &str) {
    let mut builder = StoreBuilder::new();
    let seen = match import(&mut builder, input(bytes), &mut Silent) {
        Ok(imported) => {
            assert_eq!(imported.spans, builder.span_count() as u64);
            assert_eq!(imported.bytes, bytes.len() as u64);
            let containers: Vec<&str> = imported.container.iter().map(|it| it.name()).collect();
            format!(
                "{} {} [{}] {}",
                imported.format.id(),
                imported.spans,
                containers.join(" "),
                issues(&builder)
            )
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(seen.trim_end(), expected);
}

#[test]
fn containers_are_opened() {
    let json = request(1, 2);
    let json = json.as_bytes();
    check(json, "otlp-json 2 []");
    check(&gzip(json), "otlp-json 2 [gzip]");
    check(&zstd(json), "otlp-json 2 [zstd]");
    check(&zstd(&gzip(json)), "otlp-json 2 [zstd gzip]");
    check(&zip(&[("a.json", json)], false, false), "otlp-json 2 [zip]");
    check(&zip(&[("a.json", json)], true, false), "otlp-json 2 [zip]");
    check(
        &zip(&[("a.json", &gzip(json))], true, false),
        "otlp-json 2 [zip gzip]",
    );
    check(&framed(&[json]), "otlp-json 2 [length-framed]");
    check(&framed(&[&zstd(json)]), "otlp-json 2 [length-framed zstd]");
    check(&gzip(&framed(&[json])), "otlp-json 2 [gzip length-framed]");
}

#[test]
fn several_members_frames_and_files_are_one_dataset() {
    let (first, second) = (request(1, 2), request(2, 3));
    let halves = first.as_bytes().split_at(100);
    check(
        &[gzip(halves.0), gzip(halves.1)].concat(),
        "otlp-json 2 [gzip]",
    );
    check(
        &[zstd(halves.0), zstd(halves.1)].concat(),
        "otlp-json 2 [zstd]",
    );
    let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc".as_slice();
    check(
        &[skippable, &zstd(first.as_bytes())].concat(),
        "otlp-json 2 [zstd]",
    );
    check(
        &framed(&[first.as_bytes(), second.as_bytes()]),
        "otlp-json 5 [length-framed]",
    );
    check(
        &zip(
            &[
                ("../a", first.as_bytes()),
                ("/etc/b", second.as_bytes()),
                ("c/", b""),
            ],
            false,
            false,
        ),
        "otlp-json 5 [zip]",
    );
    check(
        &zip(
            &[("readme.txt", b"hello there"), ("b", second.as_bytes())],
            false,
            false,
        ),
        "otlp-json 3 [zip] OtherSignal×1",
    );
}

#[test]
fn values_may_follow_each_other_in_every_way() {
    let (first, second) = (request(1, 1), request(2, 1));
    for glue in ["", "\n", "\r\n", "\n\n", "\n\u{1e}", "\n\u{feff}"] {
        check(
            format!("{first}{glue}{second}{glue}").as_bytes(),
            "otlp-json 2 [values]",
        );
    }
    check(
        format!("{first},\n{second}").as_bytes(),
        "otlp-json 2 [values] LenientJson×1",
    );
    check(format!("[{first},{second}]").as_bytes(), "otlp-json 2 []");
    check(format!("\u{feff}{first}").as_bytes(), "otlp-json 1 []");
    check(
        format!("{{\"resourceLogs\":[{{}}]}}\n{first}\n{{\"a\":1}}\n").as_bytes(),
        "otlp-json 1 [values] OtherSignal×1",
    );
    check(
        format!("{first}\n{{broken\n{second}\n").as_bytes(),
        "otlp-json 2 [values] SyntaxError×1",
    );
    check(
        format!("started\n{first}\nstopped\n{second}").as_bytes(),
        "otlp-json 2 [values] SyntaxError×2",
    );
    // A line that was cut when its writer died, and the next writer's line behind it.
    let cut = request(3, 2);
    let cut = &cut[..cut.len() - 60];
    check(
        format!("{cut}\n{second}").as_bytes(),
        "otlp-json 2 [values] LenientJson×1 BadNumber×1 SyntaxError×1",
    );
}

#[test]
fn utf_16_is_converted() {
    let json = request(1, 1);
    for big_endian in [false, true] {
        let text = format!("\u{feff}{json}");
        let units = text.encode_utf16();
        let bytes: Vec<u8> = units
            .flat_map(|unit| {
                if big_endian {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect();
        check(&bytes, "otlp-json 1 [utf-16] LenientJson×1");
    }
}

#[test]
fn damage_keeps_what_came_before() {
    let json: String = (1..200).map(|trace| request(trace, 1) + "\n").collect();
    let run = |bytes: &[u8], kind: IssueKind| {
        let mut builder = StoreBuilder::new();
        let imported = import(&mut builder, input(bytes), &mut Silent);
        assert!(
            imported.is_ok_and(|imported| imported.spans > 10),
            "{kind:?}"
        );
        assert!(builder.issues.count(kind) > 0, "{kind:?}");
    };
    let packed = gzip(json.as_bytes());
    run(&packed[..packed.len() * 3 / 4], IssueKind::Truncated);
    run(&packed[..packed.len() - 3], IssueKind::Truncated);
    let mut wrong = packed.clone();
    let at = wrong.len() - 6;
    wrong[at] ^= 1;
    run(&wrong, IssueKind::Corrupt);
    run(&[packed, b"rubbish".to_vec()].concat(), IssueKind::Corrupt);
    run(
        &zip(&[("a", json.as_bytes())], false, true),
        IssueKind::Truncated,
    );
    let archive = zip(
        &[("a", json.as_bytes()), ("b", json.as_bytes())],
        false,
        false,
    );
    run(&archive[..archive.len() * 2 / 3], IssueKind::Truncated);
    let lines = framed(&[json.as_bytes(), json.as_bytes()]);
    run(&lines[..lines.len() - 100], IssueKind::Truncated);
    run(&json.as_bytes()[..json.len() - 100], IssueKind::Truncated);
}

#[test]
fn every_truncation_ends_well() {
    let json = request(1, 3);
    let files = [
        json.clone().into_bytes(),
        gzip(json.as_bytes()),
        zstd(json.as_bytes()),
        zip(&[("a", json.as_bytes())], false, false),
        framed(&[json.as_bytes(), &zstd(json.as_bytes())]),
    ];
    for bytes in files {
        for end in 0..bytes.len() {
            let mut builder = StoreBuilder::new();
            let imported = import(&mut builder, input(&bytes[..end]), &mut Silent);
            match imported {
                Ok(imported) => assert_eq!(imported.spans, builder.span_count() as u64),
                Err(error) => assert!(error.to_string().starts_with("f"), "{error}"),
            }
            assert!(builder.finish().span_count() <= 6);
        }
    }
}

#[test]
fn every_flipped_byte_ends_well() {
    let json = request(1, 3);
    for bytes in [
        json.clone().into_bytes(),
        gzip(json.as_bytes()),
        zip(&[("a", json.as_bytes())], false, false),
    ] {
        for at in 0..bytes.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                let mut builder = StoreBuilder::new();
                let imported = import(&mut builder, input(&bytes), &mut Silent);
                assert_eq!(imported.is_ok(), builder.span_count() > 0);
            }
        }
    }
}

#[test]
fn bombs_are_refused() {
    let limits = Limits {
        decompressed: 1 << 20,
        ratio: 100,
        ratio_free: 1 << 16,
        depth: 2,
        files: 3,
    };
    let run = |bytes: &[u8]| {
        let mut builder = StoreBuilder::new();
        import_with(&mut builder, input(bytes), &mut Silent, limits)
    };
    let zeros = vec![b' '; 1 << 19];
    let large = |container| move |error: &ImportError| matches!(error, ImportError::TooLarge { container: it, .. } if *it == container);
    assert!(run(&gzip(&zeros)).is_err_and(|error| large(Container::Gzip)(&error)));
    assert!(run(&zstd(&zeros)).is_err_and(|error| large(Container::Zstd)(&error)));
    assert!(
        run(&zip(&[("a", &zeros)], false, false)).is_err_and(|error| large(Container::Zip)(&error))
    );
    let json = request(1, 1);
    let nested = gzip(&gzip(&gzip(json.as_bytes())));
    assert_eq!(
        run(&nested).map_err(|error| error.to_string()),
        Err("f: more than 2 containers inside each other".to_owned())
    );
    let files = [("a", json.as_bytes()); 5];
    assert!(run(&zip(&files, true, false)).is_ok_and(|imported| imported.spans == 3));
    // A window of 2 GiB is refused before it is allocated.
    let window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00];
    let refused = run(&window).map_err(|error| error.to_string());
    assert!(refused.is_err_and(|error| error.contains("window of 2147483648 bytes")));
}

#[test]
fn many_small_parts_cost_no_more_than_their_size() {
    let json = request(1, 1);
    // Each of these once cost time in proportion to the whole file.
    check(
        &gzip(b"").repeat(20_000),
        "f is empty: 0 bytes with nothing in them",
    );
    check(
        &[gzip(json.as_bytes()), gzip(b"").repeat(20_000)].concat(),
        "otlp-json 1 [gzip]",
    );
    check(
        &[zstd(json.as_bytes()), zstd(b"").repeat(20_000)].concat(),
        "otlp-json 1 [zstd]",
    );
    let run = |line: &str| {
        let text = format!("{json}\n{}", format!("{line}\n").repeat(50_000));
        let mut builder = StoreBuilder::new();
        let imported = import(&mut builder, input(text.as_bytes()), &mut Silent);
        assert!(imported.is_ok_and(|imported| imported.spans == 1), "{line}");
    };
    run("{\"a\":[");
    run("[[[[[[");
    run("{\"resourceSpans\":[");
    run("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"a\":{");
    run("{\"traceId\":\"1\",\"id\":\"2\",\"tags\":{");
    run("{\"traceID\":\"1\",\"spans\":[{\"operationName\":\"a\",\"spanID\":[");
    run("{\"a");
    run("x");
}

#[test]
fn what_is_no_trace_is_named() {
    check(b"", "f is empty: 0 bytes with nothing in them");
    check(
        b"\0\0\0\0\0\0\0\0",
        "f is empty: 8 bytes with nothing in them",
    );
    check(b"{}", "f holds no spans");
    check(b"[]", "f holds no spans");
    check(
        br#"{"resourceSpans":[]}"#,
        "f holds no spans: it is OTLP JSON, but empty",
    );
    check(
        br#"{"resourceLogs":[{}]}"#,
        "f holds no spans: it is OTLP logs",
    );
    check(
        br#"{"resourceMetrics":[{}]}"#,
        "f holds no spans: it is OTLP metrics",
    );
    check(
        br#"{"a":1}"#,
        "f is JSON, but of no trace format known here: expected resourceSpans, a Jaeger trace or Zipkin spans at byte 0",
    );
    check(
        b"{\"resourceSpans\":[\n{\"scopeSpans\": oops}]}",
        "f, read as OTLP JSON, breaks at byte 34 (line 2): expected a value, found 'o'",
    );
    check(
        b"{\"a\" 1}",
        "f, read as JSON, breaks at byte 5 (line 1): expected ':', found '1'",
    );
    check(
        br#"{"traceEvents":[]}"#,
        "f looks like a Chrome trace (from byte 0 on); Throughline reads OTLP, Jaeger and Zipkin",
    );
    check(
        br#"{"Traces":[{"Id":"1-5","Segments":[]}]}"#,
        "f looks like AWS X-Ray (from byte 0 on); Throughline reads OTLP, Jaeger and Zipkin",
    );
    check(
        br#"[[{"trace_id":1,"span_id":2,"resource":"x","service":"y"}]]"#,
        "f looks like Datadog (from byte 0 on); Throughline reads OTLP, Jaeger and Zipkin",
    );
    check(
        b"just words",
        "f is plain text, not trace data (recognised at byte 0)",
    );
    check(
        &gzip(b"%PDF-1.7"),
        "f is a PDF document, not trace data (recognised at byte 0)",
    );
    check(
        b"\x1f\x8b\x08\0",
        "f: the gzip data breaks at byte 4: the gzip data ends too early",
    );
    check(
        &zip(&[], false, false),
        "f: the zip data breaks at byte 22: expected files, found none",
    );
    check(
        &zip(&[("a.txt", b"just words")], false, false),
        "f/a.txt is plain text, not trace data (recognised at byte 0)",
    );
}

#[test]
fn every_error_has_a_hint() {
    let mut builder = StoreBuilder::new();
    for bytes in [
        b"".as_slice(),
        b"{",
        b"words",
        b"{\"traceEvents\":[]}",
        b"\x1f\x8b\x08",
        b"\x81\x82",
    ] {
        let error = import(&mut builder, input(bytes), &mut Silent).unwrap_err();
        assert!(error.hint().ends_with('.'), "{error}");
    }
}

#[test]
fn a_file_of_an_archive_never_stands_in_memory_as_a_whole() {
    let lines = format!("{}\n", request(1, 50)).repeat(300);
    let limits = Limits {
        decompressed: 2 << 20,
        ..Limits::default()
    };
    assert!(lines.len() as u64 > limits.decompressed);
    let run = |bytes: &[u8]| {
        let mut builder = StoreBuilder::new();
        let read = import_with(&mut builder, input(bytes), &mut Silent, limits);
        read.map(|imported| (imported.spans, imported.container))
    };
    let files = [("a.jsonl", lines.as_bytes()), ("b.jsonl", lines.as_bytes())];
    for (stored, cut) in [(false, false), (true, false), (false, true)] {
        let read = run(&zip(&files, stored, cut));
        assert_eq!(read, Ok((30_000, vec![Container::Zip, Container::Values])));
    }
    let whole = run(&gzip(lines.repeat(2).as_bytes()));
    assert!(matches!(whole, Err(ImportError::TooLarge { .. })));
    // All of them together have a limit too.
    let many = [files, files, files].concat();
    let read = run(&zip(&many, false, false));
    assert!(matches!(read, Err(ImportError::TooLarge { .. })));
}

#[test]
fn sources_say_what_they_were() {
    let mut builder = StoreBuilder::new();
    let json = request(1, 2);
    let archive = zip(
        &[("a.json", json.as_bytes()), ("b.txt", b"words")],
        false,
        false,
    );
    for bytes in [json.as_bytes(), b"words", &archive] {
        _ = import(&mut builder, input(bytes), &mut Silent);
    }
    let store = builder.finish();
    let seen: Vec<String> = store
        .sources()
        .iter()
        .map(|it| {
            format!(
                "{} {:?} {:?} {}",
                it.name, it.format, it.container, it.spans
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "f \"OTLP JSON\" [] 2",
            "f \"\" [] 0",
            "f \"\" [\"zip\"] 0",
            "f/a.json \"OTLP JSON\" [\"zip\"] 2",
            "f/b.txt \"\" [\"zip\"] 0"
        ]
    );
}

#[test]
fn progress_and_stages_are_told() {
    #[derive(Default)]
    struct Log {
        stages: Vec<Stage>,
        progress: Vec<(u64, u64, u64)>,
    }
    impl Observer for Log {
        fn stage(&mut self, stage: Stage) {
            self.stages.push(stage);
        }
        fn progress(&mut self, done: u64, total: u64, outline: &Outline) {
            self.progress.push((done, total, outline.spans));
        }
    }
    let json = request(1, 20_000);
    let mut log = Log::default();
    let mut builder = StoreBuilder::new();
    let imported = import(&mut builder, input(&gzip(json.as_bytes())), &mut log).unwrap();
    assert_eq!(
        (imported.format, imported.spans),
        (Format::OtlpJson, 20_000)
    );
    assert_eq!(
        log.stages,
        [Stage::Sniff, Stage::Decompress, Stage::Sniff, Stage::Parse]
    );
    assert!(log.progress.len() >= 3);
    assert!(log.progress.is_sorted());
    assert_eq!(
        log.progress.last(),
        Some(&(json.len() as u64, json.len() as u64, 20_000))
    );
}

//! Inputs that break off, at many places: as a whole and while they arrive, plain and compressed. Every span that was
//! whole before the cut is there, of the one that was cut there may be a part, and the cut is one problem.

use std::io::Read;

use flate2::read::DeflateDecoder;
use throughline_model::{store::TraceStore, wire::Writer};
use throughline_tests::{dump, read, wrap};

/// A file, and where each of its spans ends.
struct File {
    format: &'static str,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Places at which something whole ends: a cut there is none.
    whole_at: Vec<usize>,
}

const SPANS: u64 = 24;
const TRACE: &str = "5b8efff798038103d269b633813fc60c";
const PROCESSES_LAST: &str = "Jaeger, processes last";
const START: u64 = 1_700_000_000_000_000_000;

/// Writes spans, noting where they end.
#[derive(Default)]
struct Pen {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    whole_at: Vec<usize>,
}

impl Pen {
    fn put(&mut self, text: impl AsRef<[u8]>) {
        self.bytes.extend_from_slice(text.as_ref());
    }

    fn span(&mut self, text: impl AsRef<[u8]>) {
        self.put(text);
        self.ends.push(self.bytes.len());
    }

    /// Appends parts that were written elsewhere.
    fn part(&mut self, bytes: &[u8], ends: &[usize]) {
        let start = self.bytes.len();
        self.put(bytes);
        self.ends.extend(ends.iter().map(|end| start + end));
    }

    fn is_whole(&mut self) {
        self.whole_at.push(self.bytes.len());
    }

    fn file(mut self, format: &'static str) -> File {
        self.is_whole();
        let Self {
            bytes,
            ends,
            whole_at,
        } = self;
        File {
            format,
            bytes,
            ends,
            whole_at,
        }
    }
}

/// Spans from `first` on with commas between.
fn list(pen: &mut Pen, ids: impl Iterator<Item = u64>, span: fn(u64) -> String) {
    for (at, id) in ids.enumerate() {
        if at > 0 {
            pen.put(", ");
        }
        pen.span(span(id));
    }
}

fn otlp(id: u64) -> String {
    format!(
        r#"{{"traceId":"{TRACE}","spanId":"{id:016x}","name":"op \"{id}\" {{[","startTimeUnixNano":"{}","endTimeUnixNano":"{}",
        "attributes":[{{"key":"text","value":{{"stringValue":"ä, \\ and }}]"}}}},{{"key":"n","value":{{"intValue":"{id}"}}}}],
        "events":[{{"timeUnixNano":"{}","name":"e"}}],"status":{{"code":1}}}}"#,
        START + id,
        START + id + 9,
        START + id + 1,
    )
}

const RESOURCE: &str =
    r#""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]}"#;

fn otlp_resource(pen: &mut Pen, ids: impl Iterator<Item = u64>) {
    pen.put(format!(r#"{{{RESOURCE},"scopeSpans":[{{"spans":["#));
    list(pen, ids, otlp);
    pen.put("]}]}");
}

fn otlp_document(opening: &str, closing: &str, each: u64, format: &'static str) -> File {
    let mut pen = Pen::default();
    pen.put(opening);
    for first in (1..=SPANS).step_by(each as usize) {
        pen.put(if first > 1 { ",\n" } else { "" });
        otlp_resource(&mut pen, first..first + each);
    }
    pen.put(closing);
    pen.file(format)
}

fn otlp_lines() -> File {
    let mut pen = Pen::default();
    for id in 1..=SPANS {
        pen.is_whole();
        pen.put(r#"{"resourceSpans":["#);
        otlp_resource(&mut pen, id..=id);
        pen.put("]}");
        pen.is_whole();
        pen.put("\n");
    }
    pen.file("OTLP lines")
}

fn jaeger(id: u64) -> String {
    format!(
        r#"{{"traceID":"{TRACE}","spanID":"{id:016x}","operationName":"op","references":[],"startTime":{},"duration":9,
        "tags":[{{"key":"text","type":"string","value":"\\ and }}]"}}],"logs":[],"processID":"p1"}}"#,
        START / 1_000 + id,
    )
}

fn jaeger_document(processes_first: bool, format: &'static str) -> File {
    let processes = r#""processes":{"p1":{"serviceName":"cart","tags":[]}}"#;
    let mut pen = Pen::default();
    pen.put(r#"{"data":["#);
    for first in (1..=SPANS).step_by(6) {
        pen.put(if first > 1 { "," } else { "" });
        pen.put(format!(r#"{{"traceID":"{TRACE}","#));
        if processes_first {
            pen.put(format!("{processes},"));
        }
        pen.put(r#""spans":["#);
        list(&mut pen, first..first + 6, jaeger);
        pen.put("]");
        if !processes_first {
            pen.put(format!(",{processes}"));
        }
        pen.put("}");
    }
    pen.put(r#"],"total":0}"#);
    pen.file(format)
}

fn zipkin_v2(id: u64) -> String {
    format!(
        r#"{{"traceId":"{TRACE}","id":"{id:016x}","name":"op","timestamp":{},"duration":9,"kind":"CLIENT",
        "localEndpoint":{{"serviceName":"cart"}},"tags":{{"text":"\\ and }}]"}}}}"#,
        START / 1_000 + id,
    )
}

fn zipkin_v1(id: u64) -> String {
    let time = START / 1_000 + id;
    format!(
        r#"{{"traceId":"{TRACE}","id":"{id:016x}","name":"op","timestamp":{time},"duration":9,
        "annotations":[{{"timestamp":{time},"value":"cs","endpoint":{{"serviceName":"cart"}}}}],
        "binaryAnnotations":[{{"key":"text","value":"\\ and }}]","endpoint":{{"serviceName":"cart"}}}}]}}"#,
    )
}

fn array(span: fn(u64) -> String, format: &'static str) -> File {
    let mut pen = Pen::default();
    pen.put("[");
    list(&mut pen, 1..=SPANS, span);
    pen.put("]");
    pen.file(format)
}

/// A field that is a message.
fn message(number: u32, content: &[u8], ends: &[usize]) -> (Vec<u8>, Vec<usize>) {
    let mut out = Writer::new();
    out.bytes_present(number, content);
    let bytes = out.into_bytes();
    let head = bytes.len() - content.len();
    (bytes, ends.iter().map(|end| head + end).collect())
}

fn proto_span(id: u64) -> Vec<u8> {
    let mut out = Writer::new();
    out.bytes(
        1,
        &0x5b8e_fff7_9803_8103_d269_b633_813f_c60c_u128.to_be_bytes(),
    );
    out.bytes(2, &id.to_be_bytes());
    out.string(5, "op");
    out.fixed64(7, START + id);
    out.fixed64(8, START + id + 9);
    out.message(9, |out| {
        out.string(1, "text");
        out.message(2, |out| out.string(1, &"x".repeat(300)));
    });
    out.into_bytes()
}

/// A request of one resource with some spans.
fn proto_request(ids: impl Iterator<Item = u64>) -> (Vec<u8>, Vec<usize>) {
    let mut scope = Pen::default();
    for id in ids {
        let span = proto_span(id);
        let (bytes, ends) = message(2, &span, &[span.len()]);
        scope.part(&bytes, &ends);
    }
    let mut resource = Pen::default();
    let mut named = Writer::new();
    named.message(1, |out| {
        out.message(1, |out| {
            out.string(1, "service.name");
            out.message(2, |out| out.string(1, "cart"));
        });
    });
    resource.put(named.into_bytes());
    let (bytes, ends) = message(2, &scope.bytes, &scope.ends);
    resource.part(&bytes, &ends);
    message(1, &resource.bytes, &resource.ends)
}

/// Requests behind what `head` makes of their lengths.
fn proto(head: fn(&[u8]) -> Vec<u8>, format: &'static str) -> File {
    let mut pen = Pen::default();
    for first in (1..=SPANS).step_by(4) {
        let (bytes, ends) = proto_request(first..first + 4);
        let framed = head(&bytes);
        let before = framed.len() - bytes.len();
        pen.is_whole();
        pen.part(
            &framed,
            &ends.iter().map(|end| before + end).collect::<Vec<_>>(),
        );
    }
    pen.file(format)
}

fn framed_json() -> File {
    let mut pen = Pen::default();
    for first in (1..=SPANS).step_by(4) {
        pen.is_whole();
        let mut one = Pen::default();
        one.put(r#"{"resourceSpans":["#);
        otlp_resource(&mut one, first..first + 4);
        one.put("]}");
        let framed = wrap::length_framed(&one.bytes);
        let ends: Vec<usize> = one.ends.iter().map(|end| 4 + end).collect();
        pen.part(&framed, &ends);
    }
    pen.file("JSON behind lengths")
}

fn files() -> Vec<File> {
    vec![
        otlp_document(r#"{"resourceSpans":["#, "]}", SPANS, "OTLP JSON"),
        otlp_document(
            r#"{"resourceSpans":["#,
            "]}",
            2,
            "OTLP JSON, many resources",
        ),
        otlp_document(r#"{"batches":["#, "]}", 3, "Tempo"),
        otlp_document(r#"{"trace":{"resourceSpans":["#, "]}}", 3, "Tempo v2"),
        otlp_lines(),
        jaeger_document(true, "Jaeger"),
        jaeger_document(false, PROCESSES_LAST),
        array(zipkin_v2, "Zipkin"),
        array(zipkin_v1, "Zipkin v1"),
        proto(<[u8]>::to_vec, "protobuf"),
        proto(wrap::length_framed, "protobuf behind four bytes"),
        proto(wrap::grpc, "gRPC"),
        proto(wrap::delimited, "delimited protobuf"),
        framed_json(),
    ]
}

/// Checks what came of a file of which the first `readable` bytes could be had. `is_cut` says that it was longer.
fn check(file: &File, readable: usize, is_cut: bool, store: &TraceStore, what: &str) {
    let whole = file.ends.iter().filter(|end| **end <= readable).count() as u64;
    let mut kept: Vec<u64> = (0..store.span_count() as u32)
        .map(|row| store.span(row).id().0)
        .collect();
    kept.sort_unstable();
    let part = kept.len() as u64 > whole;
    let expected: Vec<u64> = (1..=whole + u64::from(part)).collect();
    assert_eq!(kept, expected, "{what}: {whole} were whole");
    for row in 0..store.span_count() as u32 {
        let span = store.span(row);
        let id = span.id().0;
        let is_whole = span.start().0 > START && span.end() > span.start();
        assert!(is_whole || id > whole, "{what}: span {id}");
    }
    let issues = read::issues(store);
    let cuts: u64 = issues
        .iter()
        .filter(|(kind, _)| kind == "truncated")
        .map(|(_, count)| count)
        .sum();
    assert_eq!(cuts, u64::from(is_cut), "{what}: {issues:?}");
    for (kind, count) in issues {
        let of_the_part = matches!(
            kind.as_str(),
            "missing_start"
                | "missing_end"
                | "missing_service_name"
                | "empty_span_id"
                | "empty_trace_id"
        );
        // Who made the spans of the last trace stood behind them.
        let of_the_last_trace = kind == "missing_service_name" && file.format == PROCESSES_LAST;
        assert!(
            kind == "truncated" || count == 1 && (part && of_the_part || of_the_last_trace),
            "{what}: {kind} {count}"
        );
    }
}

/// Reads the first `cut` bytes as a whole and in steps.
fn check_cut(file: &File, dress: &str, bytes: &[u8], cut: usize, readable: usize, is_cut: bool) {
    let bytes = &bytes[..cut];
    let what = format!("{}, {dress}, cut at {cut}", file.format);
    let (store, read) = read::read(bytes);
    let any = file.ends.first().is_some_and(|end| *end <= readable);
    assert!(read.is_ok() || !any, "{what}: {read:?}");
    if read.is_err() {
        assert_eq!(store.span_count(), 0, "{what}");
        return;
    }
    check(file, readable, is_cut, &store, &what);
    for step in [29, 3_000] {
        let what = format!("{what}, by {step}");
        if let Some((arrived, read)) = read::read_arriving(bytes, step) {
            assert!(read.is_ok(), "{what}: {read:?}");
            check(file, readable, is_cut, &arrived, &what);
            assert_eq!(dump::dump(&arrived), dump::dump(&store), "{what}");
        }
    }
}

#[test]
fn a_cut_costs_what_it_cuts() {
    for file in files() {
        for cut in (1..=file.bytes.len()).step_by(97) {
            let is_cut = !file.whole_at.contains(&cut);
            check_cut(&file, "plain", &file.bytes, cut, cut, is_cut);
        }
        let length = file.bytes.len();
        check_cut(&file, "plain", &file.bytes, length, length, false);
    }
}

#[test]
fn a_cut_in_gzip_costs_what_it_cuts() {
    for file in files() {
        let packed = wrap::gzip(&file.bytes).expect("gzip");
        for cut in (1..packed.len()).step_by(31) {
            let mut readable = Vec::new();
            let body = packed.get(10..cut).unwrap_or_default();
            // An error says that it was cut; what came before it is there.
            let _ = DeflateDecoder::new(body).read_to_end(&mut readable);
            check_cut(&file, "gzip", &packed, cut, readable.len(), true);
        }
    }
}

#[test]
fn a_cut_in_an_archive_costs_what_it_cuts() {
    for file in files() {
        let packed = wrap::zip(&[("a", &file.bytes)]).expect("an archive");
        let [name, extra] = [26, 28].map(|at| usize::from(packed[at]));
        let start = 30 + name + extra;
        for cut in (1..packed.len()).step_by(37) {
            let mut readable = Vec::new();
            let body = packed.get(start..cut).unwrap_or_default();
            let _ = DeflateDecoder::new(body).read_to_end(&mut readable);
            check_cut(&file, "zip", &packed, cut, readable.len(), true);
        }
    }
}

#[test]
fn a_cut_in_zstd_costs_what_it_cuts() {
    const BLOCK: usize = 400;
    for file in files() {
        // A window of 8 MiB, as of high levels: all of it is still looked back at where it is cut.
        let (packed, ends) = raw_zstd(&file.bytes, 13, BLOCK);
        for cut in (8..packed.len()).step_by(211) {
            let blocks = ends.iter().filter(|end| **end <= cut).count();
            let readable = (blocks * BLOCK).min(file.bytes.len());
            check_cut(&file, "zstd", &packed, cut, readable, true);
        }
    }
}

#[test]
fn a_cut_in_compressed_blocks_keeps_the_blocks_before_it() {
    // The encoder's blocks are of 128 KiB.
    const BLOCK: usize = 128 << 10;
    let mut pen = Pen::default();
    for id in 1..=3_000 {
        pen.put(r#"{"resourceSpans":["#);
        otlp_resource(&mut pen, id..=id);
        pen.put("]}\n");
    }
    let file = pen.file("many lines");
    let packed = wrap::zstd(&file.bytes);
    for cut in (packed.len() / 9..packed.len()).step_by(packed.len() / 9) {
        let (store, _) = read::read(&packed[..cut]);
        let blocks = whole_blocks(&packed[..cut]);
        let whole = file.ends.iter().filter(|end| **end <= blocks * BLOCK);
        let whole = whole.count();
        assert!(
            (whole..=whole + 1).contains(&store.span_count()) && (blocks == 0 || whole > 0),
            "{cut}: {} of {whole}",
            store.span_count()
        );
        assert_eq!(
            read::issues(&store)
                .iter()
                .filter(|(kind, _)| kind == "truncated")
                .count(),
            usize::from(whole > 0)
        );
    }
}

/// A frame of raw blocks with a window of 2 to the power of 10 and `log`; and where each block ends.
fn raw_zstd(bytes: &[u8], log: u8, block: usize) -> (Vec<u8>, Vec<usize>) {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0, log << 3];
    let mut ends = Vec::new();
    let mut blocks = bytes.chunks(block).peekable();
    while let Some(block) = blocks.next() {
        let header = (block.len() as u32) << 3 | u32::from(blocks.peek().is_none());
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.extend_from_slice(block);
        ends.push(out.len());
    }
    (out, ends)
}

/// How many blocks are whole of a frame that the encoder made: no checksum, no dictionary, and its size.
fn whole_blocks(frame: &[u8]) -> usize {
    let descriptor = frame.get(4).copied().unwrap_or_default();
    let single = descriptor >> 5 & 1;
    let size = match (descriptor >> 6, single) {
        (0, single) => usize::from(single),
        (1, _) => 2,
        (2, _) => 4,
        _ => 8,
    };
    let mut at = 4 + 1 + usize::from(1 - single) + size;
    let mut blocks = 0;
    while let Some(&[a, b, c]) = frame.get(at..).and_then(|rest| rest.first_chunk::<3>()) {
        let header = u32::from_le_bytes([a, b, c, 0]);
        let length = if header >> 1 & 3 == 1 { 1 } else { header >> 3 };
        at += 3 + length as usize;
        blocks += usize::from(at <= frame.len());
    }
    blocks
}

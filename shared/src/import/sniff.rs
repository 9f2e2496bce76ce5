//! What bytes look like, and what they are when they are no traces.
//!
//! **Invariant:** looks at the first kilobytes only. A verdict never depends on a name.

use super::{
    ImportError, foreign,
    frames::{self, Framing},
    otlp_proto, utf16,
};

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    Gzip,
    Zstd,
    Zip,
    Utf16,
    Json,
    Proto,
    Framed(Framing),
    Other,
}

/// How many bytes decide whether something is text.
const LOOKED_AT: usize = 1024;

/// What the bytes look like.
pub(super) fn looks(bytes: &[u8]) -> Looks {
    match looks_plain(bytes) {
        Looks::Other => {}
        looks => return looks,
    }
    if let Some(framing) = frames::sniff(bytes) {
        return Looks::Framed(framing);
    }
    // Lines of another kind before the first value are passed over.
    if is_text(bytes)
        && foreign::text(bytes).is_none()
        && bytes.windows(3).any(|window| window == b"\n{\"")
    {
        return Looks::Json;
    }
    Looks::Other
}

/// As [`looks`], but not framed.
pub(super) fn looks_plain(bytes: &[u8]) -> Looks {
    match bytes {
        [0x1f, 0x8b, 8, ..] => return Looks::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Looks::Zstd,
        // A skippable frame may come first.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => return Looks::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Looks::Zip,
        bytes if utf16::is_utf16(bytes) => return Looks::Utf16,
        _ => {}
    }
    let start = content(bytes);
    let json = matches!(start.first(), Some(b'{' | b'['));
    if json && is_text(bytes) {
        return Looks::Json;
    }
    if otlp_proto::looks_like(bytes) {
        return Looks::Proto;
    }
    if json
        && matches!(
            content(start.get(1..).unwrap_or_default()).first(),
            Some(b'"' | b'{' | b'[')
        )
    {
        return Looks::Json;
    }
    Looks::Other
}

/// The error for bytes that nothing here reads: what they are instead.
#[inline(never)]
pub(super) fn explain(name: &str, bytes: &[u8]) -> ImportError {
    let name = name.to_owned();
    if bytes
        .iter()
        .all(|byte| matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n'))
    {
        return ImportError::Empty {
            name,
            bytes: bytes.len() as u64,
        };
    }
    let offset = (bytes.len() - content(bytes).len()) as u64;
    if let Some(what) = binary(bytes) {
        return ImportError::NotTraces {
            name,
            what,
            offset: 0,
        };
    }
    if otlp_proto::looks_like_zipkin(bytes) {
        let what = "Zipkin protobuf";
        return ImportError::Unsupported { name, what, offset };
    }
    if let Some(what) = foreign::binary(bytes).or_else(|| foreign::text(bytes)) {
        return ImportError::Unsupported { name, what, offset };
    }
    if is_text(bytes) && is_utf8(bytes) {
        return ImportError::NotTraces {
            name,
            what: text(bytes),
            offset,
        };
    }
    let begins: Vec<String> = bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    ImportError::Unknown {
        name,
        begins: format!("the bytes {}", begins.join(" ")),
    }
}

/// What follows a byte order mark, white space and record separators.
pub(super) fn content(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1e));
    start
        .and_then(|start| bytes.get(start..))
        .unwrap_or_default()
}

/// True when there are no control characters but those of text.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    head.iter()
        .all(|byte| !matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c | 0x1d | 0x1f | 0x7f))
}

/// True when the first bytes are UTF-8, a character cut at their end aside.
fn is_utf8(bytes: &[u8]) -> bool {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    core::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn binary(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: &[(&[u8], &str)] = &[
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"BM", "a bitmap image"),
        (b"II*\0", "a TIFF image"),
        (b"%PDF", "a PDF document"),
        (b"\x7fELF", "an ELF program"),
        (b"MZ", "a Windows program"),
        (b"\xcf\xfa\xed\xfe", "a macOS program"),
        (b"\xca\xfe\xba\xbe", "a Java class or macOS program"),
        (b"\0asm", "a WebAssembly module"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"PAR1", "a Parquet file"),
        (b"Obj\x01", "an Avro file"),
        (b"ARROW1", "an Arrow file"),
        (b"BZh", "a bzip2 archive (unpack it first)"),
        (b"\xfd7zXZ\0", "an xz archive (unpack it first)"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive (unpack it first)"),
        (b"Rar!", "a RAR archive (unpack it first)"),
        (b"\x04\x22\x4d\x18", "an lz4 file (unpack it first)"),
        (b"\xff\x06\0\0sNaPpY", "a snappy file (unpack it first)"),
        (b"RIFF", "a media file"),
        (b"ID3", "a media file"),
        (b"OggS", "a media file"),
        (b"\0\0\0\x18ftyp", "a media file"),
        (b"\0\0\0\x20ftyp", "a media file"),
    ];
    if bytes.get(257..262) == Some(b"ustar") {
        return Some("a tar archive (unpack it first)");
    }
    let known = KINDS.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    // Two letters alone may begin any text.
    (known.0.len() > 2 || !is_text(bytes)).then_some(known.1)
}

fn text(bytes: &[u8]) -> &'static str {
    let start = content(bytes);
    let head = start.get(..LOOKED_AT).unwrap_or(start).to_ascii_lowercase();
    let has = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
    if head.starts_with(b"<!doctype html")
        || head.starts_with(b"<html")
        || (head.starts_with(b"<") && has(b"<body"))
    {
        return "an HTML page (a log-in or error page, perhaps)";
    }
    if head.starts_with(b"<") {
        return "XML";
    }
    let mut lines = start.split(|&byte| byte == b'\n').take(3);
    let commas = |line: &[u8], separator| line.iter().filter(|&&byte| byte == separator).count();
    for separator in [b',', b';', b'\t'] {
        let mut counts = lines.clone().map(|line| commas(line, separator));
        if let (Some(first), Some(second)) = (counts.next(), counts.next())
            && first >= 1
            && first == second
        {
            return "CSV text";
        }
    }
    if lines.next().is_some_and(|line| {
        line.starts_with(b"---") || line.ends_with(b":") || line.ends_with(b":\r")
    }) {
        return "YAML";
    }
    "plain text"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_known_by_its_content() {
        let check = |bytes: &[u8], expected: Looks| assert_eq!(looks(bytes), expected, "{bytes:?}");
        check(b"{}", Looks::Json);
        check(b"\xef\xbb\xbf \r\n[1]", Looks::Json);
        check(b"\x1e{\"a\":1}\n", Looks::Json);
        check(b"{\"a\":\"\x01\"}", Looks::Json);
        check(b"2026-11-20 started\n{\"resourceSpans\":[]}\n", Looks::Json);
        check(b"\x1f\x8b\x08\0", Looks::Gzip);
        check(b"\x28\xb5\x2f\xfd", Looks::Zstd);
        check(b"PK\x03\x04", Looks::Zip);
        check(b"\xff\xfe{\0}\0", Looks::Utf16);
        check(b"\xfe\xff\0{\0}", Looks::Utf16);
        check(b"{\0\"\0a\0", Looks::Utf16);
        check(b"\0\0\0\x02{}", Looks::Framed(Framing::Length));
        check(b"\0\0\0\x02{}\0\0\0\x02{}", Looks::Framed(Framing::Length));
        check(b"", Looks::Other);
        check(b"hello", Looks::Other);
    }

    #[test]
    fn everything_else_is_named() {
        let check = |bytes: &[u8], expected: &str| {
            assert_eq!(explain("f", bytes).to_string(), expected);
        };
        check(b"", "f is empty: 0 bytes with nothing in them");
        check(b" \n\0", "f is empty: 3 bytes with nothing in them");
        check(
            b"\x89PNG\r\n\x1a\n\0\0",
            "f is a PNG image, not trace data (recognised at byte 0)",
        );
        check(
            b"%PDF-1.7",
            "f is a PDF document, not trace data (recognised at byte 0)",
        );
        check(
            b"\x7fELF\x02\x01",
            "f is an ELF program, not trace data (recognised at byte 0)",
        );
        check(
            b"\n<!DOCTYPE html><html>",
            "f is an HTML page (a log-in or error page, perhaps), not trace data (recognised at byte 1)",
        );
        check(
            b"a,b\n1,2\n",
            "f is CSV text, not trace data (recognised at byte 0)",
        );
        check(
            b"BMW is a make of car",
            "f is plain text, not trace data (recognised at byte 0)",
        );
        check(
            b"\x81\x82\x83",
            "f is neither JSON nor OTLP protobuf nor a known container: it begins with the bytes 81 82 83",
        );
    }
}

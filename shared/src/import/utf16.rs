//! UTF-16 text, as PowerShell's `>` writes it, to UTF-8.
//!
//! **Invariant:** every input gives text; half surrogates become U+FFFD.

use super::session::Session;
use crate::issues::IssueKind;

/// True when the bytes are UTF-16: by their byte order mark, or by a zero beside an opening bracket.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xff, 0xfe, ..]
            | [0xfe, 0xff, ..]
            | [
                b'{' | b'[',
                0,
                b'"' | b'{' | b'[' | b'\r' | b'\n' | b' ' | b'\t',
                0,
                ..
            ]
    ) && bytes.len() >= 4
}

/// The text as UTF-8.
pub(super) fn to_utf8(session: &mut Session<'_>, bytes: &[u8]) -> Vec<u8> {
    let big_endian = bytes.starts_with(&[0xfe, 0xff]);
    let issues = &mut session.builder.issues;
    issues.add_with(IssueKind::LenientJson, Some(0), || {
        "the text is UTF-16, not UTF-8".to_owned()
    });
    if !bytes.len().is_multiple_of(2) {
        issues.add(IssueKind::Truncated, Some(bytes.len() as u64));
    }
    let units = bytes.chunks_exact(2).map(|pair| match *pair {
        [first, second] if big_endian => u16::from_be_bytes([first, second]),
        [first, second] => u16::from_le_bytes([first, second]),
        _ => 0,
    });
    let mut out = Vec::with_capacity(bytes.len() / 2 + bytes.len() / 16);
    let mut broken = 0;
    for letter in char::decode_utf16(units) {
        let letter = letter.unwrap_or_else(|_| {
            broken += 1;
            char::REPLACEMENT_CHARACTER
        });
        if letter != '\u{feff}' {
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    issues.add_many(IssueKind::LoneSurrogate, broken);
    out
}

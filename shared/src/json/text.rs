//! Strings: from the bytes between the quotes to text.
//!
//! **Invariant:** every input gives some text; what had to be replaced is noted.

use std::borrow::Cow;

use super::Notes;
use crate::issues::IssueKind;

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// A string as it stands in the input, its escapes untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    /// The bytes between the quotes. Not checked to be UTF-8.
    pub bytes: &'a [u8],
    /// True when there is a backslash among them.
    pub escaped: bool,
    /// Where the first of them stands.
    pub offset: u64,
}

impl<'a> Raw<'a> {
    /// The bytes that are meant. Not checked to be UTF-8.
    #[inline]
    pub fn unescape(self, notes: &mut Notes) -> Cow<'a, [u8]> {
        if self.escaped {
            Cow::Owned(unescape(self, notes))
        } else {
            Cow::Borrowed(self.bytes)
        }
    }

    /// The text that is meant; bad bytes become U+FFFD.
    #[inline]
    pub fn text(self, notes: &mut Notes) -> Cow<'a, str> {
        match self.unescape(notes) {
            Cow::Borrowed(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(error) => {
                    notes.add(IssueKind::BadUtf8, self.offset + error.valid_up_to() as u64);
                    String::from_utf8_lossy(bytes)
                }
            },
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| {
                notes.add(IssueKind::BadUtf8, self.offset);
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            })),
        }
    }
}

#[cold]
fn unescape(raw: Raw<'_>, notes: &mut Notes) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.bytes.len());
    let mut rest = raw.bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let offset = raw.offset + (raw.bytes.len() - rest.len() + at) as u64;
        let Some(&letter) = escape.get(1) else {
            return out;
        };
        rest = escape.get(2..).unwrap_or_default();
        match letter {
            b'"' | b'\\' | b'/' => out.push(letter),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => rest = unicode_escape(rest, offset, &mut out, notes),
            _ => {
                notes.add_with(
                    IssueKind::LenientJson,
                    offset,
                    "an escape that JSON does not have",
                );
                out.push(letter);
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Reads what follows `\u`, the second half of a pair included; gives what is left.
fn unicode_escape<'a>(
    rest: &'a [u8],
    offset: u64,
    out: &mut Vec<u8>,
    notes: &mut Notes,
) -> &'a [u8] {
    let Some((unit, after)) = four_hex(rest) else {
        notes.add_with(
            IssueKind::LenientJson,
            offset,
            "\\u without four hex digits",
        );
        out.extend_from_slice(REPLACEMENT);
        return rest;
    };
    let (code, after) = match unit {
        0xd800..=0xdbff => {
            let low = after.strip_prefix(b"\\u").and_then(four_hex);
            match low {
                Some((low @ 0xdc00..=0xdfff, after)) => {
                    (0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), after)
                }
                _ => (unit, after),
            }
        }
        _ => (unit, after),
    };
    match char::from_u32(code) {
        Some(letter) => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            notes.add(IssueKind::LoneSurrogate, offset);
            out.extend_from_slice(REPLACEMENT);
        }
    }
    after
}

fn four_hex(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_first_chunk::<4>()?;
    let mut value = 0;
    for &digit in digits {
        value = value << 4 | (digit as char).to_digit(16)?;
    }
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_text() {
        let check = |bytes: &[u8], expected: &str, issue: Option<IssueKind>| {
            let mut notes = Notes::default();
            let raw = Raw {
                bytes,
                escaped: bytes.contains(&b'\\'),
                offset: 0,
            };
            assert_eq!(raw.text(&mut notes), expected);
            assert_eq!(notes.is_empty(), issue.is_none(), "{expected}");
            assert!(
                issue.is_none_or(|kind| notes.count(kind) == 1),
                "{expected}"
            );
        };
        check(b"plain", "plain", None);
        check(
            br#"a\"b\\c\/d\b\f\n\r\t"#,
            "a\"b\\c/d\u{8}\u{c}\n\r\t",
            None,
        );
        check(br"\u00e9\ud83d\ude00!", "é😀!", None);
        check(br"\u0000", "\0", None);
        check(br"x\ud83ey", "x\u{fffd}y", Some(IssueKind::LoneSurrogate));
        check(br"\ude00", "\u{fffd}", Some(IssueKind::LoneSurrogate));
        check(
            br"\ud83d\u0041",
            "\u{fffd}A",
            Some(IssueKind::LoneSurrogate),
        );
        check(br"\u12", "\u{fffd}12", Some(IssueKind::LenientJson));
        check(br"\q", "q", Some(IssueKind::LenientJson));
        check(b"a\xffb", "a\u{fffd}b", Some(IssueKind::BadUtf8));
        check(b"\\n\xff", "\n\u{fffd}", Some(IssueKind::BadUtf8));
    }
}

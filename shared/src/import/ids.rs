//! Ids as the world writes them: hex, base64, and what broken exporters made of either.
//!
//! ```text
//! 5b8efff798038103d269b633813fc60c                  hex, 32 digits (a span: 16)
//! W47/95gDgQPSabYzgT/GDA==                          base64 of the 16 bytes (a span: 8, 12 letters)
//! NWI4ZWZmZjc5ODAzODEwM2QyNjliNjMzODEzZmM2MGM=      base64 of the hex text, 44 letters (a span: 24)
//! e5bf1e7dfdfbf7cd37f3cd77776…                      hex of what base64 made of the hex text, 48 digits (a span: 24)
//! ```
//!
//! Sixteen hex digits are valid base64 too; hex always wins.
//!
//! **Invariant:** every text gives an id, and the same text the same id; knows no format.

use crate::{
    ids::{SpanId, TraceId},
    issues::IssueKind,
};

/// A trace id from text; the issue says what had to be assumed.
#[inline]
pub(super) fn trace_id(text: &[u8]) -> (TraceId, Option<IssueKind>) {
    if let Some(id) = TraceId::from_hex(text) {
        return (id, None);
    }
    match odd_id(text, 16) {
        Some(OddId::Number(id)) => (TraceId(id), None),
        Some(OddId::Opaque(id)) => (TraceId(id), Some(IssueKind::OpaqueId)),
        None => (TraceId::INVALID, None),
    }
}

/// A span id from text; the issue says what had to be assumed.
#[inline]
pub(super) fn span_id(text: &[u8]) -> (SpanId, Option<IssueKind>) {
    if let Some(id) = SpanId::from_hex(text) {
        return (id, None);
    }
    match odd_id(text, 8) {
        Some(OddId::Number(id)) => (SpanId(id as u64), None),
        Some(OddId::Opaque(id)) => (SpanId(id as u64), Some(IssueKind::OpaqueId)),
        None => (SpanId::INVALID, None),
    }
}

enum OddId {
    Number(u128),
    Opaque(u128),
}

/// An id of `size` bytes that is not plain hex; `None` when the text is empty.
#[cold]
fn odd_id(text: &[u8], size: usize) -> Option<OddId> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return None;
    }
    let number = prefixed_or_dashed(text, size)
        .or_else(|| from_base64(text, size))
        .or_else(|| from_mangled(text, size));
    Some(match number {
        Some(id) => OddId::Number(id),
        None => OddId::Opaque(number_of_text(text)),
    })
}

/// `0x…` and the dashes of a UUID.
fn prefixed_or_dashed(text: &[u8], size: usize) -> Option<u128> {
    let digits = text
        .strip_prefix(b"0x")
        .or(text.strip_prefix(b"0X"))
        .unwrap_or(text);
    let digits: Vec<u8> = digits
        .iter()
        .copied()
        .filter(|&byte| byte != b'-')
        .collect();
    hex(&digits, size)
}

/// Base64 of the bytes, or of their hex text.
fn from_base64(text: &[u8], size: usize) -> Option<u128> {
    let bytes = decode_base64(text)?;
    // A 64-bit tracer's trace id has 8 bytes.
    if bytes.len() == size || (bytes.len() == 8 && text.ends_with(b"=")) {
        return Some(bytes.iter().fold(0, |id, &byte| id << 8 | u128::from(byte)));
    }
    (bytes.len() == size * 2).then(|| hex(&bytes, size))?
}

/// Hex text that was taken for base64, decoded, and written as hex again: three quarters of its length in bytes.
fn from_mangled(text: &[u8], size: usize) -> Option<u128> {
    if text.len() != size * 3 {
        return None;
    }
    let bytes: Option<Vec<u8>> = text
        .chunks(2)
        .map(|pair| hex(pair, 1).map(|byte| byte as u8))
        .collect();
    hex(encode_base64(&bytes?).as_bytes(), size)
}

fn hex(text: &[u8], size: usize) -> Option<u128> {
    if text.len() > size * 2 {
        return None;
    }
    TraceId::from_hex(text).map(|id| id.0)
}

/// A number that stands for a text, never zero (FNV-1a).
fn number_of_text(text: &[u8]) -> u128 {
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    for &byte in text {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
    }
    if hash as u64 == 0 { hash | 1 } else { hash }
}

/// Bytes from standard or URL-safe base64, padded or not; `None` when the text is neither.
pub(super) fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let end = text
        .iter()
        .rposition(|&byte| byte != b'=')
        .map_or(0, |at| at + 1);
    let (letters, padding) = text.split_at(end);
    if padding.len() > 2
        || letters.len() % 4 == 1
        || (!padding.is_empty() && !text.len().is_multiple_of(4))
    {
        return None;
    }
    let mut out = Vec::with_capacity(letters.len() / 4 * 3 + 2);
    for group in letters.chunks(4) {
        let mut bits = 0u32;
        for &letter in group {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * (4 - group.len());
        out.extend(bits.to_be_bytes().get(1..group.len())?);
    }
    Some(out)
}

/// Standard base64 with padding.
pub(super) fn encode_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| {
            bits << 8 | u32::from(group.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() {
                letter as char
            } else {
                '='
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_ids_of_every_dress() {
        let check = |text: &str, expected: u128| {
            assert_eq!(
                trace_id(text.as_bytes()),
                (TraceId(expected), None),
                "{text}"
            );
        };
        let id = 0x5b8e_fff7_9803_8103_d269_b633_813f_c60c;
        check("5b8efff798038103d269b633813fc60c", id);
        check("5B8EFFF798038103D269B633813FC60C", id);
        check("0x5b8efff798038103d269b633813fc60c", id);
        check("5b8efff7-9803-8103-d269-b633813fc60c", id);
        check("W47/95gDgQPSabYzgT/GDA==", id);
        check("W47_95gDgQPSabYzgT_GDA", id);
        check("NWI4ZWZmZjc5ODAzODEwM2QyNjliNjMzODEzZmM2MGM=", id);
        check("0mm2M4E/xgw=", 0xd269_b633_813f_c60c);
        check("d269b633813fc60c", 0xd269_b633_813f_c60c);
        check("", 0);
        check("00000000000000000000000000000000", 0);
    }

    #[test]
    fn ids_mangled_by_a_base64_decoder_are_restored() {
        let mangle = |hex: &str| -> String {
            let bytes = decode_base64(hex.as_bytes()).unwrap_or_default();
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let trace = mangle("5b8efff798038103d269b633813fc60c");
        assert_eq!(trace.len(), 48);
        let id = TraceId(0x5b8e_fff7_9803_8103_d269_b633_813f_c60c);
        assert_eq!(trace_id(trace.as_bytes()), (id, None));
        let span = mangle("eee19b7ec3c1b174");
        assert_eq!(span.len(), 24);
        assert_eq!(
            span_id(span.as_bytes()),
            (SpanId(0xeee1_9b7e_c3c1_b174), None)
        );
    }

    #[test]
    fn span_ids_of_every_dress() {
        let check = |text: &str, expected: u64| {
            assert_eq!(span_id(text.as_bytes()), (SpanId(expected), None), "{text}");
        };
        check("eee19b7ec3c1b174", 0xeee1_9b7e_c3c1_b174);
        check("7uGbfsPBsXQ=", 0xeee1_9b7e_c3c1_b174);
        check("ZWVlMTliN2VjM2MxYjE3NA==", 0xeee1_9b7e_c3c1_b174);
        check("1", 1);
        check("", 0);
    }

    #[test]
    fn any_other_text_stands_for_a_number() {
        let (first, issue) = trace_id(b"zzz");
        assert!(first.is_valid());
        assert_eq!(issue, Some(IssueKind::OpaqueId));
        assert_eq!(trace_id(b"zzz"), (first, issue));
        assert_ne!(trace_id(b"zzy").0, first);
        assert_eq!(span_id(b"xyz").1, Some(IssueKind::OpaqueId));
        assert_eq!(span_id("é".as_bytes()).1, Some(IssueKind::OpaqueId));
    }

    #[test]
    fn base64_round_trips() {
        for length in 0..20u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            assert_eq!(decode_base64(encode_base64(&bytes).as_bytes()), Some(bytes));
        }
        for bad in ["a", "ab=", "a===", "a*cd", "abcde==="] {
            assert_eq!(decode_base64(bad.as_bytes()), None, "{bad}");
        }
    }
}

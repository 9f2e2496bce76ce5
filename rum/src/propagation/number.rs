//! Hex and decimal digits of ids, as foreign formats write them.
//!
//! **Invariant**: no id is made up: text that is not wholly digits is no number.

use alloc::string::String;

use throughline_model::ids::{SpanId, TraceId};

/// A trace id of 1 to 32 hex digits: formats of 64-bit tracers leave zeros out.
pub fn trace_id(text: &str) -> Option<TraceId> {
    TraceId::from_hex(text.as_bytes())
}

/// A span id of 1 to 16 hex digits.
pub fn span_id(text: &str) -> Option<SpanId> {
    SpanId::from_hex(text.as_bytes())
}

/// Exactly `digits` hex digits.
pub fn exactly(text: &str, digits: usize) -> Option<u64> {
    let all = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// A number in decimal digits, nothing else.
pub fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Appends a number in decimal.
pub fn push_decimal(text: &mut String, number: u64) {
    if number > 9 {
        push_decimal(text, number / 10);
    }
    text.push((b'0' + (number % 10) as u8) as char);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for number in [0, 9, 10, 4_611_686_018, u64::MAX] {
            let mut text = String::new();
            push_decimal(&mut text, number);
            assert_eq!(text, number.to_string());
            assert_eq!(decimal(&text), Some(number));
        }
        for text in ["", "-1", "+1", "1.0", "18446744073709551616", "a"] {
            assert_eq!(decimal(text), None, "{text:?}");
        }
    }

    #[test]
    fn hex_of_a_given_length() {
        assert_eq!(exactly("00ff", 4), Some(255));
        for text in ["0ff", "000ff", "00g0", "+0ff", ""] {
            assert_eq!(exactly(text, 4), None, "{text:?}");
        }
    }
}

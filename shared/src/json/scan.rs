//! Finding the byte that matters, eight bytes at a time.
//!
//! ```text
//! word      "  :  {  "  k  e  y  \      (little-endian: the first byte is the lowest)
//! matches   1  0  0  1  0  0  0  1      top bit of each byte that is `"`, `\` or a control character
//! ```
//!
//! The subtraction trick can set bits above the first match by mistake, never below it; only the lowest is used.
//!
//! **Invariant:** pure arithmetic on bytes.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The first index at or after `at` whose byte is `"`, `\` or a control character; the length if there is none.
#[inline]
pub fn string_special(bytes: &[u8], mut at: usize) -> usize {
    let mut rest = bytes.get(at..).unwrap_or_default();
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (LOW * b'"' as u64);
        let slash = word ^ (LOW * b'\\' as u64);
        let found = (quote.wrapping_sub(LOW) & !quote
            | slash.wrapping_sub(LOW) & !slash
            | word.wrapping_sub(LOW * 0x20) & !word)
            & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
        rest = tail;
    }
    at + rest
        .iter()
        .position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20)
        .unwrap_or(rest.len())
}

/// True when the arrays are equal. Eight bytes at a time, because a call to `memcmp` costs more than it saves in wasm.
#[inline(always)]
pub fn same<const N: usize>(left: &[u8; N], right: &[u8; N]) -> bool {
    let (left_words, left_rest) = left.as_chunks::<8>();
    let (right_words, right_rest) = right.as_chunks::<8>();
    let mut different = 0;
    for (left, right) in left_words.iter().zip(right_words) {
        different |= u64::from_le_bytes(*left) ^ u64::from_le_bytes(*right);
    }
    if let (Some(left), Some(right)) = (left.last_chunk::<8>(), right.last_chunk::<8>()) {
        // The last eight bytes overlap those before them; that is cheaper than one at a time.
        different |= u64::from_le_bytes(*left) ^ u64::from_le_bytes(*right);
    } else {
        for (left, right) in left_rest.iter().zip(right_rest) {
            different |= u64::from(left ^ right);
        }
    }
    different == 0
}

/// The first index at or after `at` whose byte opens or closes something or begins a string; the length if none does.
#[inline]
pub fn structure(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
        .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specials_are_found_at_every_place() {
        for length in 0..40 {
            let plain = vec![b'\xa2'; length];
            assert_eq!(string_special(&plain, 0), length);
            for at in 0..length {
                for special in [b'"', b'\\', b'\n', 0, 0x1f] {
                    let mut bytes = plain.clone();
                    bytes[at] = special;
                    assert_eq!(string_special(&bytes, 0), at);
                    assert_eq!(string_special(&bytes, at + 1), length);
                }
                let mut bytes = vec![b' '; length];
                bytes[at] = b']';
                assert_eq!(structure(&bytes, 0), at);
            }
        }
    }
}

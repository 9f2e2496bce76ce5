//! Taking what is expected next without looking at it twice.
//!
//! **Invariant:** takes all of it or does not move.

use super::Reader;
use crate::json::{Expected, scan};

impl<'a> Reader<'a> {
    /// Passes over exactly these bytes if they are next; for shapes that are expected more often than not. The bytes
    /// must leave the reader between tokens, not inside a string.
    #[inline(always)]
    pub fn take<const N: usize>(&mut self, literal: &[u8; N]) -> bool {
        let next = self.rest().first_chunk::<N>();
        let same = next.is_some_and(|next| scan::same(next, literal));
        if same {
            self.pos += N;
            self.fresh = false;
        }
        same
    }

    /// Passes over a key that is expected, with its comma and colon, if it is next and nothing else stands between.
    #[inline(always)]
    pub fn take_key(&mut self, key: &Expected) -> bool {
        let rest = self.rest();
        let skip = match (rest.first(), self.fresh) {
            (Some(b','), false) => 1,
            (Some(b'"'), true) => 0,
            _ => return false,
        };
        let Some(next) = rest.get(skip..).and_then(|rest| rest.first_chunk()) else {
            return false;
        };
        let same = key.matches(next);
        if same {
            self.pos += skip + key.len();
            self.fresh = false;
        }
        same
    }

    /// Passes over a whole number as most are written: one to eighteen digits, and then at once the end of the value.
    /// For anything else the reader does not move.
    #[inline(never)]
    pub fn take_digits(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for (count, &byte) in self.rest().iter().take(19).enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                value = value * 10 + u64::from(digit);
            } else {
                let ended = count > 0 && matches!(byte, b',' | b'}' | b']');
                self.pos += if ended { count } else { 0 };
                return ended.then_some(value);
            }
        }
        None
    }

    /// What is left of a string of which the opening quote has been passed, if nothing in it needs a second look. The
    /// reader then stands behind the closing quote; otherwise it has not moved.
    #[inline(always)]
    pub fn take_plain(&mut self) -> Option<&'a [u8]> {
        let end = scan::string_special(self.bytes, self.pos);
        if self.bytes.get(end) != Some(&b'"') {
            return None;
        }
        let text = self.bytes.get(self.pos..end)?;
        self.pos = end + 1;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_digits_are_taken_and_nothing_else() {
        let check = |text: &str, expected: Option<u64>| {
            let mut r = Reader::new(text.as_bytes());
            assert_eq!(r.take_digits(), expected, "{text}");
            let stands = text.len() - if expected.is_some() { 1 } else { text.len() };
            assert_eq!(r.offset(), stands as u64, "{text}");
        };
        check("0,", Some(0));
        check("17}", Some(17));
        check("999999999999999999]", Some(999_999_999_999_999_999));
        check("1000000000000000000]", None);
        check("17", None);
        check("17 ,", None);
        check("1.5,", None);
        check("1e3,", None);
        check("-1,", None);
        check(",", None);
        check("\"1\",", None);
        check("", None);
    }
}

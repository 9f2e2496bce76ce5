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

//! Interned strings: one arena of UTF-8, one `u32` handle per distinct string.
//!
//! ```text
//! arena  GET /cart|checkout|…        ends  0, 9, 17, …
//!        └ handle 1 ┘└ handle 2 ┘          handle h is arena[ends[h-1]..ends[h]]
//! ```
//!
//! **Invariant:** knows nothing of what the strings mean. A handle is good for the [`Strings`] that gave it only.

use hashbrown::HashTable;

/// A handle to an interned string. Zero is the empty string in every arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StrIdx(pub u32);

impl StrIdx {
    /// The empty string.
    pub const EMPTY: Self = Self(0);

    /// True for the empty string.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// This handle as an index.
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}

/// An arena of strings, read by handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strings {
    pub(crate) arena: String,
    pub(crate) ends: Vec<u32>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            arena: String::new(),
            ends: vec![0],
        }
    }
}

impl Strings {
    /// The string of a handle; empty when the handle belongs to another arena.
    pub fn get(&self, idx: StrIdx) -> &str {
        let at = idx.at();
        let start = if at == 0 {
            0
        } else {
            self.ends.get(at - 1).copied().unwrap_or(0)
        };
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.arena.get(start as usize..end as usize).unwrap_or("")
    }

    /// As [`Self::get`], without looking for character boundaries.
    #[inline]
    fn get_bytes(&self, idx: StrIdx) -> &[u8] {
        let at = idx.at();
        let start = if at == 0 {
            0
        } else {
            self.ends.get(at - 1).copied().unwrap_or(0)
        };
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.arena
            .as_bytes()
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// How many strings there are, the empty one included; handles run from 0 to this, exclusive.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when only the empty string is there.
    pub fn is_empty(&self) -> bool {
        self.ends.len() <= 1
    }

    /// All strings in the order of their handles.
    pub fn iter(&self) -> impl Iterator<Item = (StrIdx, &str)> {
        (0..self.ends.len() as u32).map(|at| (StrIdx(at), self.get(StrIdx(at))))
    }

    /// The whole arena: every string one after the other, for scans that want no boundaries.
    pub fn arena(&self) -> &str {
        &self.arena
    }

    /// The end offset in the arena of each string.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }
}

/// The growing side of an arena: finds a string's handle, or adds it.
#[derive(Debug, Default)]
pub struct Interner {
    strings: Strings,
    table: HashTable<u32>,
}

impl Interner {
    /// The handle of `text`, added if new. An arena that is full (4 GiB) gives the empty string.
    #[inline(never)]
    pub fn intern(&mut self, text: &str) -> StrIdx {
        let hash = hash(text.as_bytes());
        match self.find(hash, text.as_bytes()) {
            Some(found) => found,
            None => self.add(hash, text),
        }
    }

    /// The handle of the text that `bytes` are; `None` when they are not UTF-8. Only a string that is new is checked.
    #[inline(never)]
    pub fn intern_bytes(&mut self, bytes: &[u8]) -> Option<StrIdx> {
        let hash = hash(bytes);
        match self.find(hash, bytes) {
            Some(found) => Some(found),
            None => Some(self.add(hash, core::str::from_utf8(bytes).ok()?)),
        }
    }

    #[inline]
    fn find(&self, hash: u64, bytes: &[u8]) -> Option<StrIdx> {
        if bytes.is_empty() {
            return Some(StrIdx::EMPTY);
        }
        let known = |&at: &u32| same(self.strings.get_bytes(StrIdx(at)), bytes);
        self.table.find(hash, known).map(|&found| StrIdx(found))
    }

    #[inline(never)]
    fn add(&mut self, hash: u64, text: &str) -> StrIdx {
        let Self { strings, table } = self;
        let Ok(end) = u32::try_from(strings.arena.len() + text.len()) else {
            return StrIdx::EMPTY;
        };
        let idx = strings.ends.len() as u32;
        strings.arena.push_str(text);
        strings.ends.push(end);
        table.insert_unique(hash, idx, |&at| self::hash(strings.get_bytes(StrIdx(at))));
        StrIdx(idx)
    }

    /// The string of a handle.
    pub fn get(&self, idx: StrIdx) -> &str {
        self.strings.get(idx)
    }

    /// Makes room for a quarter more where less than `bytes` is left; growth by doubling wastes half of a large arena.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        let Strings { arena, ends } = &mut self.strings;
        if arena.capacity() - arena.len() < bytes.min(arena.len() / 8) {
            arena.reserve_exact(arena.len() / 4);
        }
        if ends.capacity() - ends.len() < (bytes / 4).min(ends.len() / 8) {
            ends.reserve_exact(ends.len() / 4);
        }
    }

    /// True when the string of a handle is these bytes.
    #[inline]
    pub fn is(&self, idx: StrIdx, bytes: &[u8]) -> bool {
        same(self.strings.get_bytes(idx), bytes)
    }

    /// The bytes in use, the look-up table left out.
    pub fn bytes(&self) -> usize {
        self.strings.arena.len() + self.strings.ends.len() * 4
    }

    /// Ends interning and drops the look-up table.
    pub fn finish(mut self) -> Strings {
        self.strings.arena.shrink_to_fit();
        self.strings.ends.shrink_to_fit();
        self.strings
    }
}

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes one more word into a hash. With a product of 64 bits: one of 128 bits, which most hashes need, is a call in wasm.
#[inline(always)]
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word).wrapping_mul(MULTIPLIER);
    product ^ product >> 32
}

#[inline(never)]
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = mix(MULTIPLIER, bytes.len() as u64);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let rest = match bytes.last_chunk::<8>() {
        // The last eight bytes overlap those before them; that is cheaper than one at a time.
        Some(last) if !rest.is_empty() => u64::from_le_bytes(*last),
        Some(_) => return mix(hash, 0),
        None => rest
            .iter()
            .fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    mix(mix(hash, rest), 0)
}

/// Equality by words: strings are short, and a call to `memcmp` goes byte by byte in wasm.
#[inline]
fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let (left_words, left_rest) = left.as_chunks::<8>();
    let (right_words, right_rest) = right.as_chunks::<8>();
    let words = left_words
        .iter()
        .zip(right_words)
        .all(|(left, right)| left == right);
    words
        && match (left.last_chunk::<8>(), right.last_chunk::<8>()) {
            // The last eight bytes overlap those before them; that is cheaper than one at a time.
            (Some(left), Some(right)) => left == right,
            _ => left_rest
                .iter()
                .zip(right_rest)
                .all(|(left, right)| left == right),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_share_a_handle() {
        let mut interner = Interner::default();
        let first = interner.intern("GET /cart");
        assert_eq!(interner.intern("checkout"), StrIdx(2));
        assert_eq!(interner.intern("GET /cart"), first);
        assert_eq!(interner.intern(""), StrIdx::EMPTY);
        assert_eq!(interner.intern_bytes(b"GET /cart"), Some(first));
        assert_eq!(interner.intern_bytes(b""), Some(StrIdx::EMPTY));
        assert_eq!(interner.intern_bytes(b"\xff"), None);
        let strings = interner.finish();
        assert_eq!(
            strings.iter().map(|(_, text)| text).collect::<Vec<_>>(),
            ["", "GET /cart", "checkout"]
        );
        assert_eq!(strings.get(StrIdx(99)), "");
    }

    #[test]
    fn equality_holds_at_every_length() {
        for length in 0..40 {
            let left = vec![b'a'; length];
            assert!(same(&left, &left));
            assert!(!same(&left, &vec![b'a'; length + 1]));
            for at in 0..length {
                let mut right = left.clone();
                right[at] = b'b';
                assert!(!same(&left, &right), "{length} {at}");
            }
        }
    }

    #[test]
    fn many_strings_survive_growth() {
        let mut interner = Interner::default();
        let handles: Vec<_> = (0..10_000)
            .map(|n| interner.intern(&format!("s{n}")))
            .collect();
        for (n, handle) in handles.iter().enumerate() {
            assert_eq!(interner.get(*handle), format!("s{n}"));
        }
    }
}

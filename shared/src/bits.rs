//! One bit a span, or a string handle: a set of rows.
//!
//! **Invariant:** bits behind the last row are clear.

/// A set of the rows `0..len`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(crate) fn none(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(64)],
            len,
        }
    }

    pub(crate) fn all(len: usize) -> Self {
        let mut bits = Self::none(len);
        bits.negate();
        bits
    }

    /// Those that `test` says.
    pub(crate) fn of(len: usize, test: &mut dyn FnMut(usize) -> bool) -> Self {
        let mut bits = Self::none(len);
        for (word, first) in bits.words.iter_mut().zip((0..len).step_by(64)) {
            for at in first..len.min(first + 64) {
                *word |= u64::from(test(at)) << (at - first);
            }
        }
        bits
    }

    /// Those of them that `test` says.
    pub(crate) fn those(&self, test: &mut dyn FnMut(usize) -> bool) -> Self {
        let mut bits = self.clone();
        for (at, word) in bits.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !test(at * 64 + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
        bits
    }

    /// A part of them: the one at `first` becomes the one at 0.
    pub(crate) fn part(&self, first: usize, len: usize) -> Self {
        let word = |at: usize| self.words.get(at).copied().unwrap_or(0);
        let (skipped, shift) = (first / 64, first % 64);
        let mut bits = Self::none(len);
        for (at, part) in (skipped..).zip(&mut bits.words) {
            // In two steps: a shift by a whole word is none.
            *part = word(at) >> shift | word(at + 1) << 1 << (63 - shift);
        }
        bits.cut();
        bits
    }

    /// Those of them that are not in `other`.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut bits = self.clone();
        for (word, other) in bits.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
        bits
    }

    pub(crate) fn has(&self, at: usize) -> bool {
        self.words
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(crate) fn set(&mut self, at: usize) {
        if let Some(word) = self.words.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(crate) fn negate(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.cut();
    }

    /// Clears what is behind the last row.
    fn cut(&mut self) {
        if let Some(last) = self.words.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }

    pub(crate) fn keep(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// How many rows it is of.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Ascending.
    pub(crate) fn each(&self, found: &mut dyn FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                found(at * 64 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_what_stands_there() {
        let bits = Bits::of(200, &mut |at| at % 3 == 0 || at % 7 == 0);
        for first in [0, 1, 2, 62, 63, 64, 65, 128, 130, 199, 200] {
            for len in [0, 1, 5, 63, 64, 65, 130, 200] {
                let expected = Bits::of(len, &mut |at| bits.has(first + at));
                assert_eq!(bits.part(first, len), expected, "{len} from {first}");
            }
        }
    }

    #[test]
    fn some_of_them_and_the_others_are_all() {
        let bits = Bits::of(150, &mut |at| at % 2 == 0);
        let some = bits.those(&mut |at| at % 3 == 0);
        let others = bits.without(&some);
        for at in 0..150 {
            assert_eq!(some.has(at), at % 6 == 0, "{at}");
            assert_eq!(others.has(at), at % 2 == 0 && at % 3 != 0, "{at}");
        }
    }
}

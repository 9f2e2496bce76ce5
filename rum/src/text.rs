//! Searches for single ASCII bytes in text. The standard library's patterns do the same
//! for any character and any string, in several kilobytes.
//!
//! **Invariant**: every byte searched for is ASCII, so that each place found is the
//! start of a character.

/// Where the first such byte is.
pub fn find(text: &str, byte: u8) -> Option<usize> {
    text.bytes().position(|each| each == byte)
}

/// What stands before and after the first such byte; all and nothing without one.
pub fn cut(text: &str, byte: u8) -> (&str, &str) {
    cut_at(text, find(text, byte))
}

/// What stands before and after the ASCII byte at a place; all and nothing without one.
pub fn cut_at(text: &str, at: Option<usize>) -> (&str, &str) {
    let at = at.unwrap_or(text.len());
    (
        text.get(..at).unwrap_or_default(),
        text.get(at + 1..).unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_the_first_byte() {
        assert_eq!(cut("a=b=c", b'='), ("a", "b=c"));
        assert_eq!(cut("é", b'='), ("é", ""));
        assert_eq!(cut("=", b'='), ("", ""));
        assert_eq!(cut("", b'='), ("", ""));
        assert_eq!(cut("é\0ü", 0), ("é", "ü"));
    }
}

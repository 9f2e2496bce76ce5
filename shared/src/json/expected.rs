//! Keys that a format is expected to have next.
//!
//! Exporters write the fields of an object in the same order each time. Comparing with the one that came next the last
//! time costs a few words; finding the end of an unknown key and looking it up costs ten times that.
//!
//! **Invariant:** a comparison and nothing else; it never changes what is read, only how fast.

/// How long an expected key can be, quotes and colon included.
const BYTES: usize = 32;
const WORDS: usize = BYTES / 8;

/// A key in quotes with its colon, ready to be compared eight bytes at a time.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    words: [u64; WORDS],
    masks: [u64; WORDS],
    len: usize,
}

impl Expected {
    /// From the key's name.
    ///
    /// # Panics
    /// When the name is longer than 29 bytes; made for constants, where that fails to compile.
    pub const fn new(name: &str) -> Self {
        let name = name.as_bytes();
        assert!(
            name.len() + 3 <= BYTES,
            "the key is too long to be expected"
        );
        let mut text = [0; BYTES];
        text[0] = b'"';
        let mut at = 0;
        while at < name.len() {
            text[at + 1] = name[at];
            at += 1;
        }
        text[at + 1] = b'"';
        text[at + 2] = b':';
        let len = at + 3;
        let (mut words, mut masks) = ([0; WORDS], [0; WORDS]);
        let mut at = 0;
        while at < len {
            words[at / 8] |= (text[at] as u64) << (at % 8 * 8);
            masks[at / 8] |= 0xff << (at % 8 * 8);
            at += 1;
        }
        Self { words, masks, len }
    }

    /// True when a key is this one.
    pub(super) fn is(&self, key: &[u8]) -> bool {
        if key.len() + 3 != self.len {
            return false;
        }
        let mut text = [0; BYTES];
        let quoted = [b"\"", key, b"\":"].into_iter().flatten();
        for (to, &from) in text.iter_mut().zip(quoted) {
            *to = from;
        }
        self.matches(&text)
    }

    /// How many bytes of the input it covers.
    #[inline(always)]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub(super) fn matches(&self, next: &[u8; BYTES]) -> bool {
        let mut different = 0;
        let chunks = next.as_chunks::<8>().0;
        for ((chunk, word), mask) in chunks.iter().zip(&self.words).zip(&self.masks) {
            different |= u64::from_le_bytes(*chunk) & mask ^ word;
        }
        different == 0
    }
}

#[cfg(test)]
mod tests {
    use crate::json::{Expected, Reader};

    #[test]
    fn an_expected_key_is_taken_or_left_alone() {
        let check = |text: &str, key: &str, expected: bool| {
            let padded = format!("{text}{}", " ".repeat(40));
            let mut r = Reader::new(padded.as_bytes());
            r.begin_object().unwrap();
            let before = r.offset();
            assert_eq!(r.take_key(&Expected::new(key)), expected, "{text}");
            assert_eq!(r.offset() > before, expected, "{text}");
        };
        check(r#"{"name":1"#, "name", true);
        check(r#"{"name" :1"#, "name", false);
        check(r#"{"names":1"#, "name", false);
        check(r#"{ "name":1"#, "name", false);
        check(r#"{,"name":1"#, "name", false);
        check(
            r#"{"droppedAttributesCount":1"#,
            "droppedAttributesCount",
            true,
        );
    }

    #[test]
    fn a_comma_is_part_of_every_key_but_the_first() {
        let text = format!(r#"{{"a":"b","c":7}}{}"#, " ".repeat(40));
        let mut r = Reader::new(text.as_bytes());
        r.begin_object().unwrap();
        assert!(r.take_key(&Expected::new("a")));
        assert_eq!(r.string().unwrap(), "b");
        assert!(!r.take_key(&Expected::new("a")));
        assert!(r.take_key(&Expected::new("c")));
        assert_eq!(r.u64(), Ok(Some(7)));
        assert!(!r.take_key(&Expected::new("c")));
        assert_eq!(r.next_key(), Ok(None));
    }
}

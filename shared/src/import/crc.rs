//! The checksum of gzip and zip: CRC-32 with the polynomial of IEEE 802.3.
//!
//! A library would bring tables of 16 KiB, which no compression makes smaller and every visitor would load; these are
//! computed when there is something large to check.
//!
//! **Invariant:** a function of the bytes and nothing else.

const POLYNOMIAL: u32 = 0xedb8_8320;

/// Less than this is not worth the tables.
const SMALL: usize = 1 << 14;

/// What four bits become.
const NIBBLES: [u32; 16] = {
    let mut table = [0; 16];
    let mut at = 0;
    while at < 16 {
        let mut crc = at as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = crc >> 1 ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
};

/// The checksum of all bytes.
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.add(bytes);
    crc.value()
}

/// A checksum of what comes piece by piece.
pub(super) struct Crc {
    crc: u32,
    tables: Option<Box<Tables>>,
}

impl Crc {
    pub fn new() -> Self {
        Self {
            crc: !0,
            tables: None,
        }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        if bytes.len() < SMALL && self.tables.is_none() {
            self.crc = rest(self.crc, bytes);
            return;
        }
        let tables = self.tables.get_or_insert_with(|| Box::new(tables()));
        // In pieces: a browser exchanges a function for its optimised form only where it is called.
        self.crc = bytes
            .chunks(SMALL)
            .fold(self.crc, |crc, bytes| piece(tables, crc, bytes));
    }

    pub fn value(&self) -> u32 {
        !self.crc
    }
}

fn rest(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, &byte| {
        let crc = crc ^ u32::from(byte);
        let crc = crc >> 4 ^ NIBBLES[crc as usize & 15];
        crc >> 4 ^ NIBBLES[crc as usize & 15]
    })
}

type Tables = [[u32; 256]; 8];

/// What a byte becomes when 0 to 7 more follow it.
fn tables() -> Tables {
    let mut tables = [[0; 256]; 8];
    for byte in 0..256 {
        let mut crc = rest(byte as u32, &[0]);
        for table in &mut tables {
            table[byte] = crc;
            crc = rest(crc, &[0]);
        }
    }
    tables
}

#[inline(never)]
fn piece(tables: &Tables, crc: u32, bytes: &[u8]) -> u32 {
    let (words, last) = bytes.as_chunks::<8>();
    let crc = words.iter().fold(crc, |crc, word| {
        let word = u64::from_le_bytes(*word) ^ u64::from(crc);
        let bytes = word.to_le_bytes().into_iter().rev();
        tables
            .iter()
            .zip(bytes)
            .fold(0, |crc, (table, byte)| crc ^ table[byte as usize])
    });
    rest(crc, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_known_ones() {
        assert_eq!(hash(b""), 0);
        assert_eq!(hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(
            hash(b"The quick brown fox jumps over the lazy dog"),
            0x414f_a339
        );
    }

    #[test]
    fn size_makes_no_difference() {
        let bytes: Vec<u8> = (0..3 * SMALL as u32 + 13)
            .map(|at| (at.wrapping_mul(0x9e37_79b1) >> 24) as u8)
            .collect();
        for length in [
            SMALL - 1,
            SMALL,
            SMALL + 1,
            SMALL + 7,
            2 * SMALL + 8,
            bytes.len(),
        ] {
            assert_eq!(
                hash(&bytes[..length]),
                !rest(!0, &bytes[..length]),
                "{length}"
            );
        }
    }
}

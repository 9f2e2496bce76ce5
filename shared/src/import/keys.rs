//! Attribute keys come again and again: a small cache from their bytes to their handle.
//!
//! **Invariant:** a wrong guess costs a comparison, never a wrong handle.

use crate::strings::StrIdx;

const SLOTS: usize = 256;

/// One slot a key, found by its length and last bytes.
#[derive(Debug)]
pub(super) struct KeyCache {
    slots: [StrIdx; SLOTS],
}

impl Default for KeyCache {
    fn default() -> Self {
        Self {
            slots: [StrIdx::EMPTY; SLOTS],
        }
    }
}

impl KeyCache {
    /// The slot where this key is if it is known.
    #[inline]
    pub fn slot(&mut self, key: &[u8]) -> &mut StrIdx {
        let tail = match key.last_chunk::<4>() {
            Some(tail) => u32::from_le_bytes(*tail),
            None => key
                .iter()
                .fold(0, |tail, &byte| tail << 8 | u32::from(byte)),
        };
        let mixed = (tail ^ (key.len() as u32) << 5).wrapping_mul(0x9e37_79b1);
        &mut self.slots[(mixed >> 24) as usize]
    }
}

//! Addresses, as far as two of them are compared. What may be said of one, and what a name made
//! of it looks like, the page's side has seen to: see `js/url.js`.
//!
//! **Invariant**: keeps no address.

/// A number for a URL, for comparing: FNV-1a.
pub fn hash(url: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    url.bytes().fold(0x811c_9dc5, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_urls_have_equal_hashes() {
        let one = hash("https://a.example/?x=1");
        assert_eq!(one, hash("https://a.example/?x=1"));
        assert_ne!(one, hash("https://a.example/?x=2"));
    }
}

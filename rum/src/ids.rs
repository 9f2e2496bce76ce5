//! Where ids and other random choices come from.
//!
//! The browser gives one seed at the start. From there on every id is made here: no
//! call back into the page, and in tests the same ids every time. Ids need to be
//! unique, not secret.
//!
//! **Invariant**: the only source of randomness in the crate.

use throughline_model::ids::{SpanId, TraceId};

/// The generator xoshiro256++ by Blackman and Vigna.
#[derive(Debug, Clone)]
pub struct IdSource {
    state: [u64; 4],
}

impl IdSource {
    /// A source without a seed; it must not be asked for anything.
    pub const UNSEEDED: Self = Self { state: [0; 4] };

    /// A source that continues 128 random bits.
    pub fn new(seed: [u64; 2]) -> Self {
        let mut source = Self::UNSEEDED;
        // SplitMix64 spreads the seed over the state, as the authors advise.
        let mut mixer = seed[0];
        for word in &mut source.state {
            mixer = mixer.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = mixer;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *word = z ^ (z >> 31);
            mixer ^= seed[1];
        }
        // The one bad state is all zero.
        source.state[0] |= 1;
        source
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A valid trace id.
    pub fn trace_id(&mut self) -> TraceId {
        TraceId(u128::from(self.bits()) << 64 | u128::from(self.non_zero()))
    }

    /// A valid trace id that begins with a time, seconds since 1970, as X-Ray wants it.
    pub fn dated(&mut self, seconds: u32) -> TraceId {
        let id = self.trace_id();
        TraceId(id.0 << 32 >> 32 | u128::from(seconds) << 96)
    }

    /// A valid span id.
    pub fn span_id(&mut self) -> SpanId {
        SpanId(self.non_zero())
    }

    fn non_zero(&mut self) -> u64 {
        loop {
            match self.bits() {
                0 => {}
                bits => return bits,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_valid_and_differ() {
        for seed in [[0, 0], [1, 0], [0, 1], [u64::MAX, u64::MAX]] {
            let mut source = IdSource::new(seed);
            let traces: HashSet<_> = (0..1000).map(|_| source.trace_id()).collect();
            let spans: HashSet<_> = (0..1000).map(|_| source.span_id()).collect();
            assert_eq!((traces.len(), spans.len()), (1000, 1000), "{seed:?}");
            assert!(traces.iter().all(|id| id.is_valid()));
        }
    }

    /// Both halves of the seed matter: two pages that share one half do not share ids.
    #[test]
    fn each_half_of_the_seed_matters() {
        let first = |seed| IdSource::new(seed).trace_id();
        assert_ne!(first([7, 1]), first([7, 2]));
        assert_ne!(first([1, 7]), first([2, 7]));
        assert_eq!(first([7, 7]), first([7, 7]));
    }

    #[test]
    fn dated_ids_begin_with_the_time() {
        let id = IdSource::new([1, 2]).dated(0x6560_f2a1);
        assert_eq!(id.0 >> 96, 0x6560_f2a1);
        assert_eq!(id.low(), IdSource::new([1, 2]).trace_id().low());
    }

    /// About half of the bits of an id are set, in every position.
    #[test]
    fn bits_are_balanced() {
        let mut source = IdSource::new([3, 4]);
        let mut counts = [0u32; 64];
        for _ in 0..4096 {
            let bits = source.bits();
            for (i, count) in counts.iter_mut().enumerate() {
                *count += u32::from(bits >> i & 1 == 1);
            }
        }
        assert!(counts.iter().all(|count| (1850..2250).contains(count)));
    }
}

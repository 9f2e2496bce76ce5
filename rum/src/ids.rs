//! Where ids and other random choices come from.
//!
//! The browser gives one seed at the start. From there on every id is made here: no
//! call back into the page, and in tests the same ids every time. Ids need to be
//! unique, not secret.
//!
//! **Invariant**: the only source of randomness in the crate.

use throughline_model::ids::{SpanId, TraceId};
use throughline_model::time::UnixNanos;

/// The generator xoroshiro128++ by Blackman and Vigna.
#[derive(Debug, Clone)]
pub struct IdSource {
    state: [u64; 2],
}

impl IdSource {
    /// A source without a seed; it must not be asked for anything.
    pub const UNSEEDED: Self = Self { state: [0; 2] };

    /// A source that continues 128 random bits.
    pub fn new(seed: [u64; 2]) -> Self {
        // The one bad state is all zero.
        Self {
            state: [seed[0] | 1, seed[1]],
        }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, mut b] = self.state;
        let result = a.wrapping_add(b).rotate_left(17).wrapping_add(a);
        b ^= a;
        self.state = [a.rotate_left(49) ^ b ^ b << 21, b.rotate_left(28)];
        result
    }

    /// A valid trace id.
    pub fn trace_id(&mut self) -> TraceId {
        TraceId(u128::from(self.bits()) << 64 | u128::from(self.non_zero()))
    }

    /// A trace id that begins with a time in place of its first 32 bits, as X-Ray wants it.
    pub fn dated(id: TraceId, time: UnixNanos) -> TraceId {
        let seconds = time.0 / 1_000_000_000;
        TraceId(id.0 << 32 >> 32 | u128::from(seconds as u32) << 96)
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
        for seed in [[0, 0], [2, 0], [0, 1], [u64::MAX, u64::MAX]] {
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
        assert_ne!(first([1, 7]), first([3, 7]));
        assert_eq!(first([7, 7]), first([7, 7]));
    }

    #[test]
    fn dated_ids_begin_with_the_time() {
        let time = UnixNanos(0x6560_f2a1 * 1_000_000_000 + 17);
        let id = IdSource::dated(IdSource::new([1, 2]).trace_id(), time);
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

//! Which traces are recorded.
//!
//! The decision follows from 56 random bits, `R`, that are compared with a threshold, `T`, as
//! OpenTelemetry's consistent probability sampling has it: everybody who knows both comes to
//! the same decision. `R` is the visit's, so that whole visits are in the sample or out of it,
//! and `tracestate` says so (`rv`); where the page has given none it is the low bits of the
//! trace id.
//!
//! **Invariant**: the same bits and ratio always give the same decision.

use alloc::string::String;

use throughline_model::ids::TraceId;

use crate::context::push_hex;

/// How many random bits decide.
const BITS: u32 = 56;

/// Keeps a fixed share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampler {
    /// Below this nothing is recorded.
    threshold: u64,
    /// The visit's random bits.
    visit: Option<u64>,
}

impl Sampler {
    /// Keeps every trace.
    pub const ALL: Self = Self {
        threshold: 0,
        visit: None,
    };

    /// From a ratio, 0 (none) to 1 (all), and the visit's random bits. Whatever is no number
    /// keeps all.
    pub fn new(ratio: f64, visit: Option<u64>) -> Self {
        const ALL: f64 = (1u64 << BITS) as f64;
        // Casts stop at the bounds and make not-a-number zero.
        Self {
            threshold: ((1.0 - ratio) * ALL) as u64,
            visit,
        }
    }

    /// Whether the trace is recorded.
    pub fn keeps(self, trace_id: TraceId) -> bool {
        let own = trace_id.low() & ((1 << BITS) - 1);
        self.visit.unwrap_or(own) >= self.threshold
    }

    /// What `tracestate` says of a trace of the visit's: `ot=th:…;rv:…`, without the threshold
    /// where it is not recorded. Nothing where the trace id says all there is to say.
    pub fn trace_state(self, sampled: bool) -> Option<String> {
        let visit = self.visit?;
        let mut text = String::new();
        text.push_str("ot=");
        if sampled {
            text.push_str("th:");
            push_fraction(&mut text, self.threshold);
            while text.len() > 7 && text.as_bytes().last() == Some(&b'0') {
                text.pop();
            }
            text.push_str(";");
        }
        text.push_str("rv:");
        push_fraction(&mut text, visit);
        Some(text)
    }
}

/// 56 bits as 14 hex digits.
fn push_fraction(text: &mut String, bits: u64) {
    push_hex(text, bits << 8);
    text.truncate(text.len() - 2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSource;

    #[test]
    fn ratios_keep_their_share() {
        let check = |ratio: f64, expected: std::ops::RangeInclusive<usize>| {
            let mut ids = IdSource::new([1, 2]);
            let alone = Sampler::new(ratio, None);
            let kept = (0..10_000).filter(|_| alone.keeps(ids.trace_id())).count();
            assert!(expected.contains(&kept), "{ratio}: {kept}");
            let visits = (0..10_000).filter(|_| {
                let visit = Sampler::new(ratio, Some(ids.bits() >> 8));
                let whole = visit.keeps(ids.trace_id());
                assert_eq!(whole, visit.keeps(ids.trace_id()));
                whole
            });
            let kept = visits.count();
            assert!(expected.contains(&kept), "{ratio}: {kept} visits");
        };
        check(1.0, 10_000..=10_000);
        check(2.0, 10_000..=10_000);
        check(f64::NAN, 10_000..=10_000);
        check(0.0, 0..=0);
        check(-1.0, 0..=0);
        check(0.5, 4_800..=5_200);
        check(0.01, 60..=140);
    }

    #[test]
    fn trace_state_names_threshold_and_bits() {
        let check = |ratio: f64, visit: u64, expected: &str| {
            let sampler = Sampler::new(ratio, Some(visit));
            let sampled = sampler.keeps(TraceId(1));
            assert_eq!(sampler.trace_state(sampled).as_deref(), Some(expected));
        };
        check(1.0, 0, "ot=th:0;rv:00000000000000");
        check(0.5, 1 << 55, "ot=th:8;rv:80000000000000");
        check(0.5, (1 << 55) - 1, "ot=rv:7fffffffffffff");
        check(0.25, (1 << 56) - 1, "ot=th:c;rv:ffffffffffffff");
        check(
            0.1,
            0xf0_0000_0000_0010,
            "ot=th:e6666666666668;rv:f0000000000010",
        );
        check(0.0, (1 << 56) - 1, "ot=rv:ffffffffffffff");
        assert_eq!(Sampler::new(0.5, None).trace_state(true), None);
    }
}

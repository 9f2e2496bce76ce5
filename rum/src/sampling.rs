//! Which traces are recorded.
//!
//! The decision follows from the trace id alone: its low 56 bits are compared with a
//! threshold, as OpenTelemetry's consistent probability sampling has it, so that
//! everybody who knows the id and the ratio comes to the same decision.
//!
//! **Invariant**: the same id and ratio always give the same decision.

use throughline_model::ids::TraceId;

/// Keeps a fixed share of all traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampler {
    /// Traces whose low 56 bits are below this are not recorded.
    threshold: u64,
}

impl Sampler {
    /// Keeps every trace.
    pub const ALL: Self = Self { threshold: 0 };

    /// From a ratio, 0 (none) to 1 (all). Whatever is no number keeps all.
    pub fn new(ratio: f64) -> Self {
        const ALL: f64 = (1u64 << 56) as f64;
        // Casts stop at the bounds and make not-a-number zero.
        Self {
            threshold: ((1.0 - ratio) * ALL) as u64,
        }
    }

    /// Whether the trace is recorded.
    pub fn keeps(self, trace_id: TraceId) -> bool {
        trace_id.low() & ((1 << 56) - 1) >= self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSource;

    #[test]
    fn ratios_keep_their_share() {
        let check = |ratio: f64, expected: std::ops::RangeInclusive<usize>| {
            let sampler = Sampler::new(ratio);
            let mut ids = IdSource::new([1, 2]);
            let kept = (0..10_000)
                .filter(|_| sampler.keeps(ids.trace_id()))
                .count();
            assert!(expected.contains(&kept), "{ratio}: {kept}");
        };
        check(1.0, 10_000..=10_000);
        check(2.0, 10_000..=10_000);
        check(f64::NAN, 10_000..=10_000);
        check(0.0, 0..=0);
        check(-1.0, 0..=0);
        check(0.5, 4_800..=5_200);
        check(0.01, 60..=140);
    }
}

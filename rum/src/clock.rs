//! From the page's clock to time in nanoseconds.
//!
//! The browser counts fractional milliseconds from the page's time origin, which it
//! gives as fractional milliseconds since the Unix epoch. A sum of the two as floats
//! would lose everything below a quarter of a microsecond, so both become integers
//! first.
//!
//! **Invariant**: reads no clock; every time comes in as an argument.

use throughline_model::time::{Nanos, UnixNanos};

/// The page's clock: one reading of the wall clock, and monotonic time since then.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: UnixNanos,
}

impl Clock {
    /// A clock whose zero is not known.
    pub const UNSET: Self = Self {
        origin: UnixNanos(0),
    };

    /// A clock whose zero is `origin_ms`, the page's `performance.timeOrigin`.
    pub fn new(origin_ms: f64) -> Self {
        Self {
            origin: UnixNanos(nanos_from_ms(origin_ms)),
        }
    }

    /// The time origin itself.
    pub fn origin(self) -> UnixNanos {
        self.origin
    }

    /// The time of `ms`, milliseconds since the time origin. Negative times and
    /// not-a-number are the origin itself.
    pub fn at(self, ms: f64) -> UnixNanos {
        self.origin.plus(Nanos(nanos_from_ms(ms)))
    }
}

/// Whole and fractional milliseconds are converted apart: their product as one float
/// would be rounded to 256 ns for today's times since the epoch.
fn nanos_from_ms(ms: f64) -> u64 {
    // A cast stops at the bounds and makes not-a-number zero; five centuries are enough.
    let whole = (ms as u64).min(16_000_000_000_000);
    let fraction = ms - whole as f64;
    whole * 1_000_000 + (fraction * 1e6) as u32 as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_time_becomes_nanoseconds() {
        let check = |origin_ms: f64, ms: f64, expected: u64| {
            assert_eq!(Clock::new(origin_ms).at(ms), UnixNanos(expected));
        };
        check(0.0, 1.5, 1_500_000);
        check(
            1_760_000_000_000.5,
            12.25,
            1_760_000_000_000_500_000 + 12_250_000,
        );
        // The last digit of the float is kept, not rounded to 256 ns.
        check(1_760_000_000_000.0, 0.005, 1_760_000_000_000_005_000);
        check(5.0, -1.0, 5_000_000);
        check(5.0, f64::NAN, 5_000_000);
        check(
            0.0,
            f64::INFINITY,
            16_000_000_000_000_000_000 + u64::from(u32::MAX),
        );
    }
}

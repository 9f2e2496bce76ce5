//! Points in time and lengths of time, in whole nanoseconds from end to end.
//!
//! **Invariant:** reads no clock and knows no time zone; a float never carries a point in time.

use core::fmt;

/// A point in time: nanoseconds since the Unix epoch. Zero means "not given".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixNanos(pub u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(pub u64);

impl UnixNanos {
    /// From microseconds since the epoch; stops at the largest value instead of wrapping.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// From milliseconds since the epoch; stops at the largest value instead of wrapping.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// The time from `earlier` to `self`, zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Nanos {
        Nanos(self.0.saturating_sub(earlier.0))
    }

    /// This point moved later; stops at the largest value.
    pub const fn plus(self, length: Nanos) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Nanos {
    /// From microseconds; stops at the largest value.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// From milliseconds; stops at the largest value.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }
}

/// Three significant digits and the unit that suits: `604 ms`, `1.84 s`, `12.4 µs`, `2 min 5 s`, `3 d 4 h`.
impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SECOND: u64 = 1_000_000_000;
        let nanos = self.0;
        match nanos {
            0..1_000 => write!(f, "{nanos} ns"),
            // The bounds are where three digits would round up into the next unit.
            1_000..999_500 => three_digits(f, nanos, 1_000, "µs"),
            999_500..999_500_000 => three_digits(f, nanos, 1_000_000, "ms"),
            999_500_000..59_950_000_000 => three_digits(f, nanos, SECOND, "s"),
            _ => {
                let seconds = nanos / SECOND + u64::from(nanos % SECOND >= SECOND / 2);
                match seconds {
                    0..3_600 => two_units(f, seconds, 60, "min", 1, "s"),
                    3_600..86_400 => two_units(f, (seconds + 30) / 60 * 60, 3_600, "h", 60, "min"),
                    _ => two_units(
                        f,
                        (seconds + 1_800) / 3_600 * 3_600,
                        86_400,
                        "d",
                        3_600,
                        "h",
                    ),
                }
            }
        }
    }
}

fn three_digits(f: &mut fmt::Formatter<'_>, nanos: u64, unit: u64, name: &str) -> fmt::Result {
    let value = nanos as f64 / unit as f64;
    // 9.995 and 99.95 are where one digit fewer keeps three in all.
    if value < 9.995 {
        write!(f, "{value:.2} {name}")
    } else if value < 99.95 {
        write!(f, "{value:.1} {name}")
    } else {
        write!(f, "{value:.0} {name}")
    }
}

fn two_units(
    f: &mut fmt::Formatter<'_>,
    seconds: u64,
    large: u64,
    large_name: &str,
    small: u64,
    small_name: &str,
) -> fmt::Result {
    let (whole, rest) = (seconds / large, seconds % large / small);
    // Days can be many: a narrow space between thousands, and no line breaks there.
    match whole {
        0..1_000 => write!(f, "{whole} {large_name}")?,
        _ => write!(
            f,
            "{}\u{202f}{:03} {large_name}",
            whole / 1_000,
            whole % 1_000
        )?,
    }
    match rest {
        0 => Ok(()),
        _ => write!(f, " {rest} {small_name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_print_three_digits_and_a_unit() {
        let check = |nanos: u64, expected: &str| assert_eq!(Nanos(nanos).to_string(), expected);
        check(0, "0 ns");
        check(999, "999 ns");
        check(1_000, "1.00 µs");
        check(12_400, "12.4 µs");
        check(999_499, "999 µs");
        check(999_500, "1.00 ms");
        check(604_123_456, "604 ms");
        check(9_994_999, "9.99 ms");
        check(9_996_000, "10.0 ms");
        check(99_960_000, "100 ms");
        check(1_840_000_000, "1.84 s");
        check(59_900_000_000, "59.9 s");
        check(60_000_000_000, "1 min");
        check(125_000_000_000, "2 min 5 s");
        check(3_600_000_000_000, "1 h");
        check(100_000_000_000_000, "1 d 4 h");
        check(u64::MAX, "213\u{202f}504 d");
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(UnixNanos::from_micros(u64::MAX).0, u64::MAX);
        assert_eq!(UnixNanos(5).since(UnixNanos(9)), Nanos(0));
        assert_eq!(UnixNanos(u64::MAX).plus(Nanos(1)).0, u64::MAX);
        assert_eq!(UnixNanos::from_millis(3), UnixNanos(3_000_000));
    }
}

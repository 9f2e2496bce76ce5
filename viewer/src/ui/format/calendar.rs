//! Days and hours of a point in time, in the proleptic Gregorian calendar.
//!
//! **Invariant:** integers only; right for every point that 64 bits of nanoseconds can name, and for zones of either
//! sign.

use throughline_model::time::UnixNanos;

/// English names of the months, January first.
pub(super) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A point in time as a wall clock shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub year: i64,
    /// 0 to 11.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    /// Of the second.
    pub nanos: u64,
    /// Days since 1970-01-01.
    pub day_number: i64,
}

impl Clock {
    /// The clock at `at`, `zone_minutes` east of Greenwich.
    pub(super) fn new(at: UnixNanos, zone_minutes: i64) -> Self {
        let seconds = (at.0 / 1_000_000_000) as i64 + zone_minutes * 60;
        let day_number = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400);
        // Years that begin in March have their leap day at the end: then months and days follow from divisions. An era
        // is 400 years, after which the calendar repeats. 719,468 days lie between 0000-03-01 and 1970-01-01.
        let since_era_zero = day_number + 719_468;
        let era = since_era_zero.div_euclid(146_097);
        let of_era = since_era_zero.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = (from_march + 2) % 12;
        Self {
            year: era * 400 + year_of_era + i64::from(month < 2),
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
            hour: of_day / 3_600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            nanos: at.0 % 1_000_000_000,
            day_number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_right() {
        let check = |seconds: u64, zone: i64, expected: (i64, i64, i64, i64, i64, i64)| {
            let clock = Clock::new(UnixNanos(seconds * 1_000_000_000), zone);
            let seen = (
                clock.year,
                clock.month + 1,
                clock.day,
                clock.hour,
                clock.minute,
                clock.second,
            );
            assert_eq!(seen, expected, "{seconds} s, zone {zone}");
        };
        check(0, 0, (1970, 1, 1, 0, 0, 0));
        check(0, -300, (1969, 12, 31, 19, 0, 0));
        check(951_782_399, 0, (2000, 2, 28, 23, 59, 59));
        check(951_782_400, 0, (2000, 2, 29, 0, 0, 0));
        check(951_868_800, 0, (2000, 3, 1, 0, 0, 0));
        check(1_709_164_800, 0, (2024, 2, 29, 0, 0, 0));
        check(1_735_689_599, 0, (2024, 12, 31, 23, 59, 59));
        check(1_735_689_599, 60, (2025, 1, 1, 0, 59, 59));
        check(1_795_269_727, 330, (2026, 11, 21, 19, 32, 7));
        check(4_107_542_400, 0, (2100, 3, 1, 0, 0, 0));
        check(18_446_744_073, 0, (2554, 7, 21, 23, 34, 33));
    }
}

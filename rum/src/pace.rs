//! How many spans a page may record in a given time: a limit a second, and a share of traces
//! that follows the traffic towards a number of spans a minute.
//!
//! Both decide about new traces alone. A trace that has begun is recorded to its end, so that
//! no span lacks its parent.
//!
//! **Invariant**: reads no clock and draws no random numbers; the share is a threshold for the
//! same comparison as in [`crate::sampling`].

use throughline_model::ids::TraceId;
use throughline_model::time::{Nanos, UnixNanos};

/// How long spans are counted before the share is set anew.
const WINDOW: Nanos = Nanos::from_millis(10_000);

/// A minute, in nanoseconds.
const MINUTE: f64 = 60e9;

/// A second, in nanoseconds; a span costs as many tokens.
const SECOND: u64 = 1_000_000_000;

/// The two limits, and what has been used of them. Zero stands for no limit.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    per_second: u64,
    per_minute: u64,
    /// What may still be recorded of a second's worth.
    tokens: u64,
    filled: UnixNanos,
    /// Spans since the window began: all that there were, and those recorded.
    begun: u64,
    recorded: u64,
    window: UnixNanos,
    threshold: u64,
}

impl Pace {
    /// No limit.
    pub const NONE: Self = Self {
        per_second: 0,
        per_minute: 0,
        tokens: 0,
        filled: UnixNanos(0),
        begun: 0,
        recorded: 0,
        window: UnixNanos(0),
        threshold: 0,
    };

    /// At most so many spans a second, and about so many a minute; zero is no limit.
    pub fn new(per_second: u64, per_minute: u64, now: UnixNanos) -> Self {
        let per_second = per_second.min(1_000_000);
        Self {
            per_second,
            per_minute,
            tokens: per_second * SECOND,
            filled: now,
            window: now,
            ..Self::NONE
        }
    }

    /// Whether a trace that begins now may be recorded.
    pub fn allows(&mut self, trace_id: TraceId, now: UnixNanos) -> bool {
        self.has_room(now) && trace_id.low() << 8 >> 8 >= self.threshold
    }

    /// Below this 56-bit number the random bits of a new trace mean that it is not recorded.
    pub fn threshold(&self) -> u64 {
        self.threshold
    }

    /// Whether the share of traces follows the traffic.
    pub fn is_adaptive(&self) -> bool {
        self.per_minute > 0
    }

    /// Whether a trace that begins now may be recorded as far as the limit goes.
    pub fn has_room(&mut self, now: UnixNanos) -> bool {
        let elapsed = now.since(self.filled).0.min(SECOND);
        self.filled = self.filled.max(now);
        let full = self.per_second * SECOND;
        self.tokens = (self.tokens + elapsed * self.per_second).min(full);
        self.per_second == 0 || self.tokens >= SECOND
    }

    /// A span has begun.
    pub fn count(&mut self, recorded: bool, now: UnixNanos) {
        self.begun += 1;
        if recorded {
            self.recorded += 1;
            self.tokens = self.tokens.saturating_sub(SECOND);
        }
        let elapsed = now.since(self.window);
        // Not only when its time has come: a storm is not to use up many minutes' worth.
        let early = self.recorded > self.per_minute / 2;
        if self.per_minute == 0 || (elapsed < WINDOW && !early) {
            return;
        }
        const ALL: f64 = (1u64 << 56) as f64;
        let rate = self.begun as f64 * MINUTE / elapsed.0.max(SECOND / 10) as f64;
        let share = (self.per_minute as f64 / rate).min(1.0);
        self.threshold = ((1.0 - share) * ALL) as u64;
        self.window = now;
        self.begun = 0;
        self.recorded = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSource;

    /// How many of `per_second` traces of one span each are recorded a minute, over ten minutes.
    fn recorded(mut pace: Pace, per_second: u64) -> Vec<u64> {
        let mut ids = IdSource::new([1, 2]);
        (0..10)
            .map(|minute| {
                let mut kept = 0;
                for span in 0..60 * per_second {
                    let now = UnixNanos(minute * 60 * SECOND + span * SECOND / per_second);
                    let keep = pace.has_room(now) && ids.bits() >> 8 >= pace.threshold();
                    pace.count(keep, now);
                    kept += u64::from(keep);
                }
                kept
            })
            .collect()
    }

    #[test]
    fn a_limit_a_second_holds() {
        let check = |limit: u64, per_second: u64, expected: u64| {
            let minutes = recorded(Pace::new(limit, 0, UnixNanos(0)), per_second);
            // What was saved up before the start comes on top, once.
            assert!(minutes[0].abs_diff(expected) <= limit, "{minutes:?}");
            assert!(minutes[5].abs_diff(expected) <= 1, "{minutes:?}");
        };
        check(0, 100, 6_000);
        check(10, 5, 300);
        check(10, 100, 600);
        check(1, 1_000, 60);
        check(u64::MAX, 100, 6_000);
    }

    #[test]
    fn the_share_follows_the_traffic() {
        let check = |target: u64, per_second: u64, expected: u64| {
            let minutes = recorded(Pace::new(0, target, UnixNanos(0)), per_second);
            let late: u64 = minutes[1..].iter().sum::<u64>() / 9;
            assert!(late.abs_diff(expected) <= expected / 8, "{minutes:?}");
            assert!(minutes[0] <= expected.max(target) * 2, "{minutes:?}");
        };
        check(600, 1, 60);
        check(600, 100, 600);
        check(60, 1_000, 60);
        check(6_000, 50, 3_000);
    }

    #[test]
    fn it_recovers_from_a_storm() {
        let mut pace = Pace::new(0, 600, UnixNanos(0));
        for span in 0..10_000 {
            pace.count(span % 10 == 0, UnixNanos(span * SECOND / 10_000));
        }
        assert!(pace.threshold() > 0);
        for second in 1..40 {
            pace.count(true, UnixNanos(second * SECOND));
        }
        assert_eq!(pace.threshold(), 0);
        // A clock that goes back does no harm.
        assert!(pace.has_room(UnixNanos(0)));
    }
}

//! Waiting that stands in for work this demo does not have: a remote database's round trip, a
//! third party's computation. The span that waits says so in `app.simulated_wait_ms`.
//!
//! **Invariant:** the only module that sleeps on purpose; real work is never dressed up by it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};

use crate::semconv;

/// Waits about `ms` milliseconds and marks the current span with it.
pub async fn work(ms: u64) {
    let wait = jittered(ms, clock_noise());
    Context::current().span().set_attribute(KeyValue::new(
        semconv::APP_SIMULATED_WAIT,
        i64::try_from(wait.as_millis()).unwrap_or(i64::MAX),
    ));
    tokio::time::sleep(wait).await;
}

/// Waits about `ms` milliseconds, in a process that has no telemetry.
pub async fn unseen(ms: u64) {
    tokio::time::sleep(jittered(ms, clock_noise())).await;
}

/// `ms` milliseconds, up to 2 % less or more: real systems never take the same time twice.
fn jittered(ms: u64, noise: u32) -> Duration {
    let micros = ms * 1000;
    let spread = micros / 25;
    Duration::from_micros(micros - spread / 2 + u64::from(noise) % (spread + 1))
}

fn clock_noise() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.subsec_nanos())
        .wrapping_mul(2_654_435_761)
        >> 8
}

#[cfg(test)]
mod tests {
    use super::jittered;
    use std::time::Duration;

    #[test]
    fn jitter_stays_within_two_percent() {
        for noise in [0, 1, 999, 12_345_678, u32::MAX] {
            let wait = jittered(600, noise);
            assert!(wait >= Duration::from_millis(588), "{wait:?}");
            assert!(wait <= Duration::from_millis(612), "{wait:?}");
        }
        assert_eq!(jittered(0, 77), Duration::ZERO);
    }
}

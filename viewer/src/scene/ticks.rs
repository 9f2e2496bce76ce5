//! Where the marks of the time axis stand and what they say.
//!
//! **Invariant:** whole nanoseconds; a label is exact, never a rounded float.

use crate::state::TimeRange;

/// One mark of the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Nanoseconds after the trace's start.
    pub at: u64,
    /// CSS pixels from the left edge.
    pub x: f32,
    /// What it says.
    pub label: String,
}

/// The axis over a plot: from range to pixels and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// What is visible.
    pub range: TimeRange,
    /// Width of the plot, CSS pixels.
    pub width: f32,
    /// Air on both sides, CSS pixels.
    pub pad: f32,
}

impl Axis {
    /// The x of a point in time, nanoseconds after the trace's start. May be far outside.
    pub fn px_from_time(&self, at: u64) -> f32 {
        let inner = f64::from(self.width - 2.0 * self.pad).max(1.0);
        // The difference is taken in whole numbers: floats have no nanoseconds after some days.
        let offset = if at >= self.range.start {
            (at - self.range.start) as f64
        } else {
            -((self.range.start - at) as f64)
        };
        let x = f64::from(self.pad) + offset / self.range.len().0 as f64 * inner;
        x.clamp(-1e6, 1e6) as f32
    }

    /// The point in time at an x, clipped to the range.
    pub fn time_from_px(&self, x: f32) -> u64 {
        self.range.start + (self.part_from_px(x) * self.range.len().0 as f64).round() as u64
    }

    /// Where an x is in the range: 0 = left end, 1 = right end.
    pub fn part_from_px(&self, x: f32) -> f64 {
        let inner = f64::from(self.width - 2.0 * self.pad).max(1.0);
        (f64::from(x - self.pad) / inner).clamp(0.0, 1.0)
    }

    /// The ticks, at least `gap` pixels apart.
    pub fn ticks(&self, gap: f32) -> Vec<Tick> {
        let inner = (self.width - 2.0 * self.pad).max(1.0);
        let wanted = (inner / gap).max(1.0);
        let step = step(self.range.len().0 as f64 / f64::from(wanted));
        let first = self.range.start.div_ceil(step).saturating_mul(step);
        let ats = core::iter::successors(Some(first), |&at| at.checked_add(step));
        let ats = ats.take_while(|&at| at <= self.range.end).take(200);
        ats.map(|at| Tick {
            at,
            x: self.px_from_time(at),
            label: label(at, step),
        })
        .collect()
    }
}

const US: u64 = 1_000;
const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;
const MIN: u64 = 60 * S;
const H: u64 = 60 * MIN;
const D: u64 = 24 * H;

/// The smallest round step that is not below `least` nanoseconds.
fn step(least: f64) -> u64 {
    let decades = (0..10).flat_map(|power| [1, 2, 5].map(|digit| digit * 10u64.pow(power)));
    let clock = [
        10 * S,
        15 * S,
        30 * S,
        MIN,
        2 * MIN,
        5 * MIN,
        10 * MIN,
        15 * MIN,
        30 * MIN,
    ];
    let long = [
        H,
        2 * H,
        3 * H,
        6 * H,
        12 * H,
        D,
        2 * D,
        7 * D,
        14 * D,
        28 * D,
        91 * D,
    ];
    // Five hundred years is the longest that a u64 of nanoseconds holds.
    let years = [1, 2, 5, 10, 20, 50, 100, 200, 500].map(|years| years * 365 * D);
    let all = decades
        .take_while(|&step| step < 10 * S)
        .chain(clock)
        .chain(long)
        .chain(years);
    let mut last = 1;
    for step in all {
        last = step.max(last);
        if last as f64 >= least {
            return last;
        }
    }
    last
}

/// A point in time with as many digits as the step needs: `1.5 s`, `250 ms`, `1.000002 s`, `2 min 30 s`.
fn label(at: u64, step: u64) -> String {
    if at == 0 {
        return "0".to_owned();
    }
    if at >= MIN && step >= S {
        let units = [(D, "d"), (H, "h"), (MIN, "min"), (S, "s")];
        let mut rest = at;
        let mut parts = Vec::new();
        for (unit, name) in units {
            if rest / unit > 0 {
                parts.push(format!("{} {name}", rest / unit));
            }
            rest %= unit;
        }
        return parts.join(" ");
    }
    let (unit, name) = match at {
        0..US => (1, "ns"),
        US..MS => (US, "µs"),
        MS..S => (MS, "ms"),
        _ => (S, "s"),
    };
    let (whole, rest) = (at / unit, at % unit);
    if rest == 0 {
        return format!("{whole} {name}");
    }
    let digits = unit.ilog10() as usize;
    let fraction = format!("{rest:0digits$}");
    format!("{whole}.{} {name}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(start: u64, end: u64, width: f32) -> String {
        let axis = Axis {
            range: TimeRange::new(start, end),
            width,
            pad: 0.0,
        };
        let ticks = axis.ticks(90.0);
        ticks
            .iter()
            .map(|tick| format!("{}@{:.0}", tick.label, tick.x))
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn ticks_are_round_and_apart() {
        let check =
            |start, end, width, expected: &str| assert_eq!(labels(start, end, width), expected);
        check(
            0,
            3_210 * MS,
            600.0,
            "0@0, 500 ms@93, 1 s@187, 1.5 s@280, 2 s@374, 2.5 s@467, 3 s@561",
        );
        check(0, 1, 300.0, "0@0, 1 ns@300");
        check(
            1_000_000_000,
            1_000_000_010,
            300.0,
            "1 s@0, 1.000000005 s@150, 1.00000001 s@300",
        );
        check(0, 7 * D, 400.0, "0@0, 2 d@114, 4 d@229, 6 d@343");
        check(100 * S, 200 * S, 300.0, "2 min@60, 3 min@240");
        check(0, u64::MAX / 2, 200.0, "0@0, 73000 d@137");
    }

    #[test]
    fn pixels_and_times_are_inverse() {
        let axis = Axis {
            range: TimeRange::new(1_000_000_000_000_000_000, 1_000_000_000_000_000_100),
            width: 120.0,
            pad: 10.0,
        };
        for at in [0u64, 1, 50, 99, 100] {
            let at = 1_000_000_000_000_000_000 + at;
            assert_eq!(axis.time_from_px(axis.px_from_time(at)), at);
        }
        assert_eq!(axis.px_from_time(0), -1e6);
        assert_eq!(
            (axis.part_from_px(-5.0), axis.part_from_px(500.0)),
            (0.0, 1.0)
        );
    }
}

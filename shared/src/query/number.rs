//! Numbers with units, compared exactly.
//!
//! **Invariant:** a bound is a whole number of the smallest unit; rounding is in the sense of the comparison, so that
//! `> 1.5` and `< 1.5` never both miss or both hit.

use super::Op;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Anything.
    None,
    /// Nanoseconds.
    Time,
    /// Bytes.
    Bytes,
    /// Hundredths of the trace's time.
    Percent,
}

/// A decimal number, `digits` times ten to the minus `decimals`, times `scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    digits: i128,
    decimals: u32,
    scale: u64,
    pub(super) unit: Unit,
}

const UNITS: [(&str, u64, Unit); 21] = [
    ("", 1, Unit::None),
    ("ns", 1, Unit::Time),
    ("us", 1_000, Unit::Time),
    ("µs", 1_000, Unit::Time),
    ("μs", 1_000, Unit::Time),
    ("ms", 1_000_000, Unit::Time),
    ("s", 1_000_000_000, Unit::Time),
    ("m", 60_000_000_000, Unit::Time),
    ("min", 60_000_000_000, Unit::Time),
    ("h", 3_600_000_000_000, Unit::Time),
    ("d", 86_400_000_000_000, Unit::Time),
    ("%", 1, Unit::Percent),
    ("B", 1, Unit::Bytes),
    ("kB", 1_000, Unit::Bytes),
    ("KB", 1_000, Unit::Bytes),
    ("MB", 1_000_000, Unit::Bytes),
    ("GB", 1_000_000_000, Unit::Bytes),
    ("KiB", 1 << 10, Unit::Bytes),
    ("MiB", 1 << 20, Unit::Bytes),
    ("GiB", 1 << 30, Unit::Bytes),
    ("TiB", 1 << 40, Unit::Bytes),
];

/// The least whole nanoseconds that a time or a share of `whole` asks for.
pub(super) fn least_time(text: &str, whole: u64) -> Option<u64> {
    let number = Number::parse(text)?;
    let is_time = matches!(number.unit, Unit::Time | Unit::Percent);
    let least = number.bounds(Op::GreaterEqual, whole).low;
    is_time.then(|| least.clamp(0, i128::from(u64::MAX)) as u64)
}

impl Number {
    /// Reads `-12.5ms`; at most 19 digits, at most 9 of them decimals.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
            .count();
        let (number, unit) = rest.split_at(length);
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || number.ends_with('.') || whole.len() + part.len() > 19 {
            return None;
        }
        if part.len() > 9 || part.contains('.') {
            return None;
        }
        let mut digits = 0i128;
        for byte in whole.bytes().chain(part.bytes()) {
            digits = digits * 10 + i128::from(byte - b'0');
        }
        let (_, scale, unit) = UNITS.into_iter().find(|(name, _, _)| *name == unit)?;
        Some(Self {
            digits: if negative { -digits } else { digits },
            decimals: part.len() as u32,
            scale,
            unit,
        })
    }

    /// The numbers that compare so; a percentage is of `whole`.
    pub(super) fn bounds(self, op: Op, whole: u64) -> Bounds {
        let (factor, divisor) = match self.unit {
            Unit::Percent => (i128::from(whole), 100),
            _ => (i128::from(self.scale), 1),
        };
        let number = self.digits.saturating_mul(factor);
        let divisor = 10i128.pow(self.decimals) * divisor;
        let (floor, exact) = (number.div_euclid(divisor), number.rem_euclid(divisor) == 0);
        let ceil = if exact { floor } else { floor + 1 };
        let (low, high) = match op {
            Op::Greater => (floor + 1, i128::MAX),
            Op::GreaterEqual => (ceil, i128::MAX),
            Op::Less => (i128::MIN, ceil - 1),
            Op::LessEqual => (i128::MIN, floor),
            _ if exact => (floor, floor),
            _ => (0, -1),
        };
        Bounds {
            low,
            high,
            op,
            double: number as f64 / divisor as f64,
        }
    }

    /// Whether it is within bounds; its own percentage is never.
    pub(super) fn is_in(self, bounds: &Bounds) -> bool {
        let divisor = 10i128.pow(self.decimals);
        let number = self.digits * i128::from(self.scale);
        if number.rem_euclid(divisor) == 0 {
            bounds.whole(number.div_euclid(divisor))
        } else {
            bounds.double(number as f64 / divisor as f64)
        }
    }
}

/// Which numbers pass.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    low: i128,
    high: i128,
    op: Op,
    double: f64,
}

impl Bounds {
    #[inline]
    pub(super) fn whole(&self, value: i128) -> bool {
        self.low <= value && value <= self.high
    }

    pub(super) fn double(&self, value: f64) -> bool {
        match self.op {
            Op::Greater => value > self.double,
            Op::GreaterEqual => value >= self.double,
            Op::Less => value < self.double,
            Op::LessEqual => value <= self.double,
            _ => value == self.double,
        }
    }
}

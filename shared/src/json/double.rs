//! From decimal digits to the nearest double.
//!
//! The standard library's reader is faster for long numbers and brings a table of ten incompressible kilobytes. Numbers
//! in traces are short: most are exact by one multiplication (Clinger, "How to read floating point numbers
//! accurately", 1990), and the rest can afford a long division.
//!
//! **Invariant:** always the nearest double, ties to even: the same bits as `str::parse`, which the tests compare.

/// More digits than these cannot change the result but by being there.
const DIGITS: usize = 800;
/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The nearest double of `[+-]digits[.digits][(e|E)[+-]digits]`, with digits on at least one side of the point.
pub fn nearest(text: &[u8]) -> Option<f64> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let decimal = Decimal::read(rest)?;
    let value = decimal.nearest();
    Some(if negative { -value } else { value })
}

/// `0.d1d2d3… × 10^point`, without leading zeros.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    fn read(text: &[u8]) -> Option<Self> {
        let (mut digits, mut point) = (Vec::new(), 0i64);
        let (mut any, mut after_point, mut cut) = (false, false, false);
        let mut rest = text;
        while let [byte, tail @ ..] = rest {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    let digit = byte - b'0';
                    let leading = digit == 0 && digits.is_empty();
                    point +=
                        i64::from(!leading && !after_point) - i64::from(leading && after_point);
                    if digits.len() < DIGITS && !leading {
                        digits.push(digit);
                    } else {
                        cut |= digit != 0;
                    }
                }
                b'.' if !after_point => after_point = true,
                b'e' | b'E' => {
                    point = point.saturating_add(exponent(tail)?);
                    break;
                }
                _ => return None,
            }
            rest = tail;
        }
        if cut {
            // What was cut is not zero: more than a tie, however little.
            digits.push(1);
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        any.then_some(Self { digits, point })
    }

    fn nearest(&self) -> f64 {
        // The largest double has 309 digits, half of the smallest begins at the 324th after the point.
        if self.digits.is_empty() || self.point < -324 {
            return 0.0;
        }
        if self.point > 310 {
            return f64::INFINITY;
        }
        let exponent = self.point - self.digits.len() as i64;
        if self.digits.len() <= 15 {
            let whole = self
                .digits
                .iter()
                .fold(0u64, |sum, digit| sum * 10 + u64::from(*digit));
            let power = POWERS.get(exponent.unsigned_abs() as usize);
            if let Some(power) = power {
                // Both are exact, so that the one rounding is the right one.
                return if exponent < 0 {
                    whole as f64 / power
                } else {
                    whole as f64 * power
                };
            }
        }
        let mut over = Big::default();
        let mut under = Big(vec![1]);
        for &digit in &self.digits {
            over.multiply_add(10, u32::from(digit));
        }
        let scaled = if exponent < 0 { &mut under } else { &mut over };
        for _ in 0..exponent.unsigned_abs() {
            scaled.multiply_add(10, 0);
        }
        quotient(over, under)
    }
}

/// Digits with a sign, clamped: far beyond what makes a difference it does not matter how far.
fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut value = 0i64;
    for byte in digits {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        value = (value * 10 + digit).min(1 << 40);
    }
    (!digits.is_empty()).then_some(if negative { -value } else { value })
}

/// `over / under`, rounded once.
fn quotient(mut over: Big, mut under: Big) -> f64 {
    // So shifted, the whole part of the quotient has 54 or 55 bits: one more than a double, at least.
    let shift = 54 - (over.bits() as i64 - under.bits() as i64);
    // A double below 2^-1022 has fewer bits: its last is worth 2^-1074, and one more is needed to round.
    let shift = shift.min(1075);
    let shifted = if shift > 0 { &mut over } else { &mut under };
    shifted.shift_left(shift.unsigned_abs() as usize);
    let mut whole = 0u64;
    for bit in (0..56).rev() {
        let part = under.shifted_left(bit);
        whole <<= 1;
        if over.is_at_least(&part) {
            over.subtract(&part);
            whole |= 1;
        }
    }
    let rest = !over.is_zero();
    let bits = 64 - i64::from(whole.leading_zeros());
    // Bits of the quotient below the last one of the double.
    let below = (bits - 53).max(shift - 1074).max(0);
    let half = 1u64
        .checked_shl(below as u32 - u32::from(below > 0))
        .unwrap_or(0);
    let low = whole & (1u64 << below).wrapping_sub(1);
    let mut kept = whole >> below;
    let up = below > 0 && (low > half || (low == half && (rest || kept & 1 == 1)));
    kept += u64::from(up);
    // At most 53 bits and a power of two: exact, or beyond the largest double.
    scale(kept, below - shift)
}

/// `kept × 2^power`, where the result is a double or too large for one.
fn scale(kept: u64, power: i64) -> f64 {
    if kept == 0 {
        return 0.0;
    }
    let top = 63 - i64::from(kept.leading_zeros());
    let exponent = top + power;
    if exponent > 1023 {
        return f64::INFINITY;
    }
    if exponent < -1022 {
        // Subnormal: counted in units of 2^-1074.
        return f64::from_bits(kept << (power + 1074));
    }
    let fraction = (kept << (52 - top.min(52))) & ((1 << 52) - 1);
    f64::from_bits((((exponent + 1023) as u64) << 52) | fraction)
}

/// A whole number of any length, its lowest 32 bits first, without zeros at the end.
#[derive(Clone, Debug, Default, PartialEq)]
struct Big(Vec<u32>);

impl Big {
    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn bits(&self) -> usize {
        let last = self.0.last().map_or(32, |last| last.leading_zeros());
        self.0.len() * 32 - if self.0.is_empty() { 0 } else { last as usize }
    }

    fn multiply_add(&mut self, by: u32, add: u32) {
        let mut carry = u64::from(add);
        for limb in &mut self.0 {
            let product = u64::from(*limb) * u64::from(by) + carry;
            *limb = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn shift_left(&mut self, by: usize) {
        if self.is_zero() {
            return;
        }
        let (limbs, bits) = (by / 32, by % 32);
        for _ in 0..bits {
            self.multiply_add(2, 0);
        }
        self.0.splice(0..0, core::iter::repeat_n(0, limbs));
    }

    fn shifted_left(&self, by: usize) -> Self {
        let mut shifted = self.clone();
        shifted.shift_left(by);
        shifted
    }

    fn is_at_least(&self, other: &Self) -> bool {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length
            .then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
            .is_ge()
    }

    /// Takes away what is not larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (at, limb) in self.0.iter_mut().enumerate() {
            let part = other.0.get(at).copied().unwrap_or(0);
            let (less, first) = limb.overflowing_sub(part);
            let (less, second) = less.overflowing_sub(u32::from(borrow));
            *limb = less;
            borrow = first || second;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let expected: Option<f64> = text.parse().ok();
        let bits = |value: Option<f64>| value.map(f64::to_bits);
        assert_eq!(bits(nearest(text.as_bytes())), bits(expected), "{text}");
    }

    #[test]
    fn numbers_of_every_kind() {
        for text in [
            "0",
            "-0",
            "0.0",
            "1",
            "-1",
            "+1",
            "1.",
            ".5",
            "0.1",
            "0.3",
            "1e0",
            "1E+2",
            "1e-2",
            "007",
            "123456789012345678",
            "9007199254740993",
            "9007199254740992.5",
            "1e22",
            "1e23",
            "8.5e23",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e309",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "2.225073858507201e-308",
            "5e-324",
            "4.9e-324",
            "2.5e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1e-324",
            "1e-400",
            "1e400",
            "0e999999999999999999999",
            "1e999999999999999999999",
            "1e-999999999999999999999",
            "6631236846766476e-316",
            "3237883913302901289588352412501532174863037669423108059901297049552301970670676565786835742587799557860615776559838283435514391084153169252689190564396459577394618038928365305143463955100356696665629202017331344031730044369360205258345803431471660032699580731300954848363975548690010751530018881758184174569652173110473696022749934638425380623369774736560008997404060967498028389191878963968575439222206416981462690113342524002724385941651051293552601421155333430225237291523843322331326138431477823591142408800030775170625915670728657003151953664260769822494937951845801530895238439819708403389937873241463484205608000027270531106827387907791444918534771598750162812548862768493201518991668028251730299953143924168545708663913273994694463908672332766055250557570",
            "",
            "-",
            "+",
            ".",
            "e5",
            "1e",
            "1e+",
            "1.2.3",
            "1x",
            "--1",
            "1e1.5",
            " 1",
            "1_000",
        ] {
            check(text);
        }
        // What the standard library also reads as numbers is the caller's to decide.
        for text in ["inf", "nan", "infinity"] {
            assert_eq!(nearest(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn long_numbers_are_cut_right() {
        // Exactly half way between two doubles, then a digit far behind that decides.
        let tie = "9007199254740993";
        check(&format!("{tie}.{}", "0".repeat(2_000)));
        check(&format!("{tie}.{}1", "0".repeat(2_000)));
        check(&format!("{}{tie}", "0".repeat(2_000)));
        check(&format!("0.{}{tie}", "0".repeat(300)));
        check(&format!("{tie}{}", "0".repeat(290)));
        check(&format!("{}e-1000", "7".repeat(1_200)));
    }

    #[test]
    fn made_up_numbers() {
        // A small generator of its own: the same numbers in every run.
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..20_000 {
            let value = f64::from_bits(next());
            if value.is_finite() {
                check(&format!("{value:e}"));
                check(&format!("{value:.30e}"));
            }
            let digits = next() >> (next() % 60);
            let exponent = next() % 700;
            check(&format!("{digits}e-{exponent}"));
            check(&format!("{digits}.{}e{}", next(), exponent % 320));
        }
    }
}

//! Numbers, exactly as they were written.
//!
//! **Invariant:** no integer ever passes through a float unless it was written as one.

/// The text of a number: JSON's syntax, or `NaN`, `Infinity`, `-Infinity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    /// The bytes of the number; ASCII when a reader made it.
    pub bytes: &'a [u8],
}

impl<'a> Number<'a> {
    /// A number from text that a string holds, spaces around it ignored; `None` when it is no number.
    pub fn from_text(text: &'a [u8]) -> Option<Self> {
        let number = Self {
            bytes: text.trim_ascii(),
        };
        let plausible = number.bytes.iter().any(u8::is_ascii_digit) || is_special(number.bytes);
        (plausible && number.f64().is_some()).then_some(number)
    }

    /// True when it is written with digits alone, a sign aside.
    pub fn is_integer(self) -> bool {
        let digits = self.bytes.strip_prefix(b"-").unwrap_or(self.bytes);
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    }

    /// The exact value if it is a whole number in range; `1.5e3` and `7.0` count as whole.
    pub fn u64(self) -> Option<u64> {
        digits_u64(self.bytes).or_else(|| u64::try_from(self.i128()?).ok())
    }

    /// The exact value if it is a whole number in range; `1.5e3` and `7.0` count as whole.
    pub fn i64(self) -> Option<i64> {
        match digits_u64(self.bytes) {
            Some(value) => i64::try_from(value).ok(),
            None => i64::try_from(self.i128()?).ok(),
        }
    }

    /// The nearest double.
    pub fn f64(self) -> Option<f64> {
        match self.bytes {
            b"NaN" => Some(f64::NAN),
            b"Infinity" | b"+Infinity" => Some(f64::INFINITY),
            b"-Infinity" => Some(f64::NEG_INFINITY),
            bytes => super::double::nearest(bytes),
        }
    }

    fn i128(self) -> Option<i128> {
        if self.is_integer() || self.bytes.starts_with(b"+") {
            return core::str::from_utf8(self.bytes).ok()?.parse().ok();
        }
        self.decimal()
    }

    /// A whole number that is written with a fraction or an exponent, without passing through a float.
    fn decimal(self) -> Option<i128> {
        let text = core::str::from_utf8(self.bytes).ok()?;
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let exponent: i32 = exponent.parse().ok()?;
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        if digits == 0 {
            return Some(0);
        }
        let zeros = i64::from(exponent) - fraction.len() as i64;
        let scale = 10i128.checked_pow(u32::try_from(zeros.abs()).ok()?)?;
        if zeros >= 0 {
            digits.checked_mul(scale)
        } else {
            (digits % scale == 0).then_some(digits / scale)
        }
    }
}

fn is_special(bytes: &[u8]) -> bool {
    matches!(bytes, b"NaN" | b"Infinity" | b"+Infinity" | b"-Infinity")
}

/// One to nineteen digits, or twenty that fit.
#[inline(never)]
pub fn digits_u64(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() || bytes.len() > 20 {
        return None;
    }
    let mut value = 0u64;
    let mut rest = bytes;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        value = value
            .checked_mul(100_000_000)?
            .checked_add(eight_digits(*chunk)?)?;
        rest = tail;
    }
    for &byte in rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    Some(value)
}

/// Exactly nineteen digits; they always fit.
#[inline]
pub fn nineteen_digits(digits: &[u8; 19]) -> Option<u64> {
    let (first, rest) = digits.split_first_chunk::<8>()?;
    let (second, last) = rest.split_first_chunk::<8>()?;
    let mut value = eight_digits(*first)? * 100_000_000 + eight_digits(*second)?;
    for &byte in last {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// Eight digits in three multiplications: pairs, then fours, then all.
#[inline]
fn eight_digits(chunk: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(chunk);
    let digits = word.wrapping_sub(0x3030_3030_3030_3030);
    let above = digits.wrapping_add(0x7676_7676_7676_7676);
    if (digits | above) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact() {
        let check = |text: &str, expected: (Option<u64>, Option<i64>)| {
            let number = Number {
                bytes: text.as_bytes(),
            };
            assert_eq!((number.u64(), number.i64()), expected, "{text}");
        };
        check("0", (Some(0), Some(0)));
        check("-0", (Some(0), Some(0)));
        check("12345678", (Some(12_345_678), Some(12_345_678)));
        check(
            "1697982593201336001",
            (
                Some(1_697_982_593_201_336_001),
                Some(1_697_982_593_201_336_001),
            ),
        );
        check("9223372036854775808", (Some(1 << 63), None));
        check("-9223372036854775808", (None, Some(i64::MIN)));
        check("18446744073709551615", (Some(u64::MAX), None));
        check("18446744073709551616", (None, None));
        check("1.5e3", (Some(1500), Some(1500)));
        check("7.0", (Some(7), Some(7)));
        check("7.5", (None, None));
        check("1e30", (None, None));
        check(
            "1.697982593201336001e18",
            (
                Some(1_697_982_593_201_336_001),
                Some(1_697_982_593_201_336_001),
            ),
        );
        check(
            "1700000000000000001.0",
            (
                Some(1_700_000_000_000_000_001),
                Some(1_700_000_000_000_000_001),
            ),
        );
        check("-12.50E1", (None, Some(-125)));
        check("1200e-2", (Some(12), Some(12)));
        check("0e999999", (Some(0), Some(0)));
        check("1e999999999999", (None, None));
        check("NaN", (None, None));
        check("1234567a", (None, None));
        check("/2345678", (None, None));
        check(":2345678", (None, None));
        check("", (None, None));
    }

    #[test]
    fn nineteen_digits_are_read_at_once() {
        assert_eq!(
            nineteen_digits(b"9999999999999999999"),
            Some(9_999_999_999_999_999_999)
        );
        assert_eq!(
            nineteen_digits(b"1697982593201336001"),
            Some(1_697_982_593_201_336_001)
        );
        assert_eq!(nineteen_digits(b"169798259320133600."), None);
        assert_eq!(nineteen_digits(b"1697982593a01336001"), None);
    }

    #[test]
    fn numbers_in_strings_need_digits() {
        let check = |text: &str, expected: Option<f64>| {
            let number = Number::from_text(text.as_bytes());
            assert_eq!(number.and_then(Number::f64), expected, "{text}");
        };
        check(" 42 ", Some(42.0));
        check("-1.5e2", Some(-150.0));
        check("-Infinity", Some(f64::NEG_INFINITY));
        check("inf", None);
        check("0x10", None);
        check("", None);
        check("1 2", None);
    }
}

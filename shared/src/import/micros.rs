//! Microseconds in JSON, as whole numbers, numbers with a fraction, or text, to nanoseconds.
//!
//! **Invariant:** what is written in digits is exact; a float is used for exponents only.

use crate::{
    issues::IssueKind,
    json::{Kind, Number, Reader, Result},
    time::UnixNanos,
};

/// A point in time; 0 when there is none or it cannot be read.
pub(super) fn time(reader: &mut Reader<'_>) -> Result<UnixNanos> {
    if let Some(nanos) = reader
        .take_digits()
        .and_then(|whole| whole.checked_mul(1_000))
    {
        return Ok(UnixNanos(nanos));
    }
    let offset = reader.offset();
    let nanos = nanos(reader)?.unwrap_or_default();
    Ok(UnixNanos(u64::try_from(nanos).unwrap_or_else(|_| {
        reader.notes.add(IssueKind::BadNumber, offset);
        if nanos < 0 { 0 } else { u64::MAX }
    })))
}

/// A length of time in nanoseconds, which may be negative; `None` for null and, noted, for what cannot be read.
#[inline(never)]
pub(super) fn nanos(reader: &mut Reader<'_>) -> Result<Option<i128>> {
    if let Some(whole) = reader.take_digits() {
        return Ok(Some(i128::from(whole) * 1_000));
    }
    let kind = reader.peek();
    let offset = reader.offset();
    let number = match kind {
        Kind::Number => Some(reader.number()?),
        Kind::String => {
            let raw = reader.raw_string()?;
            if raw.bytes.is_empty() {
                return Ok(None);
            }
            Number::from_text(raw.bytes)
        }
        _ => {
            reader.skip_wrong_type()?;
            return Ok(None);
        }
    };
    let nanos = number.and_then(from_number);
    if nanos.is_none() {
        reader.notes.add(IssueKind::BadNumber, offset);
    }
    Ok(nanos)
}

/// Where a span ends that starts at `start` and lasts `duration`, in the builder's terms: 0 = not known.
pub(super) fn end(start: UnixNanos, duration: Option<i128>) -> UnixNanos {
    let Some(duration) = duration else {
        return UnixNanos(0);
    };
    let end = i128::from(start.0).saturating_add(duration);
    let end = u64::try_from(end.max(0)).unwrap_or(u64::MAX);
    // An end of 0 would mean that none was given; only a negative duration can come to that.
    UnixNanos(if duration < 0 { end.max(1) } else { end })
}

#[inline(never)]
fn from_number(number: Number<'_>) -> Option<i128> {
    if let Some(whole) = number.u64().filter(|_| number.is_integer()) {
        return Some(i128::from(whole) * 1_000);
    }
    let text = core::str::from_utf8(number.bytes).ok()?;
    let (negative, digits) = text
        .strip_prefix('-')
        .map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let nanos = if plain(whole) && plain(fraction) && whole.len() < 30 && !whole.is_empty() {
        let mut thousandths = [b'0'; 3];
        for (to, from) in thousandths.iter_mut().zip(fraction.bytes()) {
            *to = from;
        }
        let thousandths: i128 = core::str::from_utf8(&thousandths).ok()?.parse().ok()?;
        whole.parse::<i128>().ok()? * 1_000 + thousandths
    } else {
        let value = number.f64()?.abs() * 1_000.0;
        if !value.is_finite() {
            return None;
        }
        value as i128
    };
    Some(if negative { -nanos } else { nanos })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_exact() {
        let check = |json: &str, expected: Option<i128>, bad: u64| {
            let mut reader = Reader::new(json.as_bytes());
            assert_eq!(nanos(&mut reader), Ok(expected), "{json}");
            assert_eq!(reader.notes.count(IssueKind::BadNumber), bad, "{json}");
        };
        check("1695212296547684", Some(1_695_212_296_547_684_000), 0);
        check("\"1695212296547684\"", Some(1_695_212_296_547_684_000), 0);
        check(
            "1695212296547684.123456",
            Some(1_695_212_296_547_684_123),
            0,
        );
        check("0.5", Some(500), 0);
        check("-3", Some(-3_000), 0);
        check("-0.001", Some(-1), 0);
        check("1.5e3", Some(1_500_000), 0);
        check(
            "18446744073709551615",
            Some(18_446_744_073_709_551_615_000),
            0,
        );
        check("99999999999999999999999999999999999999", Some(i128::MAX), 0);
        check("null", None, 0);
        check("\"\"", None, 0);
        check("\"soon\"", None, 1);
        check("NaN", None, 1);
    }

    #[test]
    fn ends_keep_what_was_given() {
        let check = |start: u64, duration: Option<i128>, expected: u64| {
            assert_eq!(end(UnixNanos(start), duration), UnixNanos(expected));
        };
        check(10, Some(5), 15);
        check(10, Some(-3), 7);
        check(10, Some(-30), 1);
        check(10, None, 0);
        check(0, Some(7), 7);
        check(u64::MAX, Some(5), u64::MAX);
    }
}

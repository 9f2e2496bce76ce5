//! Numbers, lengths of time, points in time and foreign text, as a person reads them.
//!
//! Three significant digits and a unit that suits; everything exact is one call away, for a tooltip or the clipboard.
//!
//! **Invariant:** pure but for two questions that only a browser can answer, and that have a plain answer natively: the
//! time zone and the sign between groups of digits.

mod calendar;
mod foreign;

use throughline_model::time::{Nanos, UnixNanos};

use crate::state::TimeMode;
use calendar::{Clock, MONTHS};

pub use foreign::{clip, visible, visible_line};

/// A length of time: `604 ms`.
pub fn duration(length: Nanos) -> String {
    length.to_string()
}

/// A length of time to the nanosecond: `604 123 456 ns`.
pub fn exact_duration(length: Nanos) -> String {
    format!("{} ns", count(length.0))
}

/// A number of things, its digits in groups of three.
pub fn count(number: u64) -> String {
    group(number, separator())
}

/// A number of things with their name: `1 span`, `31 spans`. The plural is the name with an s.
pub fn counted(number: u64, name: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {name}{plural}", count(number))
}

/// A size: `12.3 kB`, in steps of 1,000.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if size < 1_000 {
        return format!("{size} B");
    }
    let mut value = size as f64 / 1_000.0;
    let mut unit = 0;
    // From 999.5 on, three digits would round up into the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let digits = if value < 9.995 {
        2
    } else {
        usize::from(value < 99.95)
    };
    format!("{value:.digits$} {}", UNITS[unit])
}

/// A part of a whole: `57 %`. Never rounded to nothing or to all of it.
pub fn percent(part: Nanos, whole: Nanos) -> String {
    if part.0 == 0 || whole.0 == 0 {
        return "0 %".to_owned();
    }
    let value = part.0 as f64 / whole.0 as f64 * 100.0;
    if value < 0.1 {
        "< 0.1 %".to_owned()
    } else if value < 9.95 {
        format!("{value:.1} %")
    } else if value < 99.5 || part.0 >= whole.0 {
        format!("{value:.0} %")
    } else {
        "> 99 %".to_owned()
    }
}

/// How far a point is from another: `+12.4 ms`, `−3.00 µs`.
pub fn offset(at: UnixNanos, from: UnixNanos) -> String {
    let (sign, length) = if at < from {
        ('−', from.since(at))
    } else {
        ('+', at.since(from))
    };
    format!("{sign}{length}")
}

/// A length with its sign: `+12.4 ms`, `−3.00 µs`.
pub fn signed(nanos: i64) -> String {
    let sign = if nanos < 0 { '−' } else { '+' };
    format!("{sign}{}", Nanos(nanos.unsigned_abs()))
}

/// From one time to another, nanoseconds after the same point, with as many digits as tell them apart: `200 ms – 350 ms`,
/// `200.000120 ms – 200.000480 ms`.
pub fn between(from: u64, to: u64) -> String {
    const UNITS: [(u64, usize, &str); 4] = [
        (1_000_000_000, 9, "s"),
        (1_000_000, 6, "ms"),
        (1_000, 3, "µs"),
        (1, 0, "ns"),
    ];
    let length = to.saturating_sub(from);
    if length >= to / 50 {
        return format!("{} – {}", Nanos(from), Nanos(to));
    }
    let (unit, most, name) = *UNITS.iter().find(|unit| unit.0 <= to).unwrap_or(&UNITS[3]);
    // A hundredth of what lies between is told.
    let enough = |digits: &usize| unit / 10u64.pow(*digits as u32) <= (length / 100).max(1);
    let digits = (0..=most).find(enough).unwrap_or(most);
    let words = |at: u64| {
        let part = at % unit / 10u64.pow((most - digits) as u32);
        match digits {
            0 => format!("{} {name}", count(at / unit)),
            _ => format!("{}.{part:0digits$} {name}", count(at / unit)),
        }
    };
    format!("{} – {}", words(from), words(to))
}

/// Text from the data for one line, hidden characters made visible, very long text cut.
pub fn visible_text(text: &str) -> String {
    const SHOWN_BYTES: usize = 400;
    let (head, cut) = clip(text, SHOWN_BYTES);
    format!("{}{}", visible_line(head), if cut { "…" } else { "" })
}

/// A point in time to the millisecond: `14:02:07.318`, or its distance from the start of the trace.
pub fn point(at: UnixNanos, mode: TimeMode, trace_start: UnixNanos) -> String {
    if at.0 == 0 {
        return "not given".to_owned();
    }
    if mode == TimeMode::Relative {
        return offset(at, trace_start);
    }
    let Clock {
        hour,
        minute,
        second,
        nanos,
        ..
    } = clock(at, mode);
    format!("{hour:02}:{minute:02}:{second:02}.{:03}", nanos / 1_000_000)
}

/// The day of a point in time: `today`, `yesterday`, `21 Nov 2026`. Empty when it was not given.
pub fn day(at: UnixNanos, mode: TimeMode) -> String {
    if at.0 == 0 {
        return String::new();
    }
    let clock = clock(at, mode);
    match now().map(|now| self::clock(now, mode).day_number - clock.day_number) {
        Some(0) => "today".to_owned(),
        Some(1) => "yesterday".to_owned(),
        _ => format!(
            "{} {} {}",
            clock.day,
            MONTHS[clock.month as usize % 12],
            clock.year
        ),
    }
}

/// Day and time, the day left out when it is today: for tables.
pub fn moment(at: UnixNanos, mode: TimeMode, first: UnixNanos) -> String {
    let time = point(at, mode, first);
    if at.0 == 0 || mode == TimeMode::Relative {
        return time;
    }
    let day = day(at, mode);
    if day == "today" {
        time
    } else {
        format!("{day} {time}")
    }
}

/// A point in time to the nanosecond, with its zone: `2026-11-21 14:02:07.318123456 +01:00`.
pub fn exact_point(at: UnixNanos, mode: TimeMode) -> String {
    let zone = zone_minutes(at, mode);
    let suffix = match zone {
        0 => "UTC".to_owned(),
        _ => {
            let sign = if zone < 0 { '−' } else { '+' };
            format!("{sign}{:02}:{:02}", zone.abs() / 60, zone.abs() % 60)
        }
    };
    format!("{} {suffix}", stamp(at, zone, ' '))
}

/// A point in time to the nanosecond for machines, in UTC: `2026-11-21T13:02:07.318123456Z`.
pub fn rfc3339(at: UnixNanos) -> String {
    format!("{}Z", stamp(at, 0, 'T'))
}

fn stamp(at: UnixNanos, zone_minutes: i64, between: char) -> String {
    let Clock {
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanos,
        ..
    } = Clock::new(at, zone_minutes);
    let month = month + 1;
    format!("{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}.{nanos:09}")
}

fn clock(at: UnixNanos, mode: TimeMode) -> Clock {
    Clock::new(at, zone_minutes(at, mode))
}

/// Minutes east of Greenwich at that moment.
fn zone_minutes(at: UnixNanos, mode: TimeMode) -> i64 {
    if mode == TimeMode::Utc {
        0
    } else {
        local_zone_minutes(at)
    }
}

#[cfg(target_arch = "wasm32")]
fn local_zone_minutes(at: UnixNanos) -> i64 {
    let date = js_sys::Date::new(&((at.0 / 1_000_000) as f64).into());
    let west = date.get_timezone_offset();
    if west.is_finite() { -(west as i64) } else { 0 }
}

#[cfg(not(target_arch = "wasm32"))]
fn local_zone_minutes(_: UnixNanos) -> i64 {
    0
}

#[cfg(target_arch = "wasm32")]
fn now() -> Option<UnixNanos> {
    Some(UnixNanos::from_millis(js_sys::Date::now() as u64))
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> Option<UnixNanos> {
    None
}

/// What the user's locale puts between groups of digits. A point would read as the decimal point that durations have:
/// a thin space stands in for it.
fn separator() -> char {
    #[cfg(target_arch = "wasm32")]
    {
        thread_local!(static SEPARATOR: char = locale_separator().unwrap_or(THIN_SPACE));
        SEPARATOR.with(|separator| *separator)
    }
    #[cfg(not(target_arch = "wasm32"))]
    THIN_SPACE
}

/// Narrow, and no line breaks there.
const THIN_SPACE: char = '\u{202f}';

#[cfg(target_arch = "wasm32")]
fn locale_separator() -> Option<char> {
    use wasm_bindgen::JsValue;

    let format =
        js_sys::Intl::NumberFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).format();
    let sample = format
        .call1(&JsValue::UNDEFINED, &JsValue::from_f64(1_234_567.0))
        .ok()?
        .as_string()?;
    sample
        .chars()
        .find(|c| !c.is_numeric())
        .filter(|&c| c != '.')
}

fn group(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        let check = |number: u64, expected: &str| assert_eq!(group(number, ','), expected);
        check(0, "0");
        check(999, "999");
        check(4_317, "4,317");
        check(12_345, "12,345");
        check(1_000_000, "1,000,000");
        check(u64::MAX, "18,446,744,073,709,551,615");
        assert_eq!(counted(1, "span"), "1 span");
        assert_eq!(counted(0, "span"), "0 spans");
        assert_eq!(
            exact_duration(Nanos(604_123_456)),
            "604\u{202f}123\u{202f}456 ns"
        );
    }

    #[test]
    fn sizes_have_three_digits() {
        let check = |size: u64, expected: &str| assert_eq!(bytes(size), expected);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1.00 kB");
        check(12_345, "12.3 kB");
        check(999_499, "999 kB");
        check(999_500, "1.00 MB");
        check(2_147_483_648, "2.15 GB");
        check(u64::MAX, "18446744 TB");
    }

    #[test]
    fn parts_are_neither_nothing_nor_all() {
        let check = |part: u64, whole: u64, expected: &str| {
            assert_eq!(
                percent(Nanos(part), Nanos(whole)),
                expected,
                "{part} of {whole}"
            );
        };
        check(0, 100, "0 %");
        check(5, 0, "0 %");
        check(1, 1_000_000, "< 0.1 %");
        check(4, 100, "4.0 %");
        check(57, 100, "57 %");
        check(999, 1_000, "> 99 %");
        check(1_000, 1_000, "100 %");
        check(3_000, 1_000, "300 %");
    }

    #[test]
    fn what_lies_close_together_is_told_apart() {
        let check = |from: u64, to: u64, expected: &str| assert_eq!(between(from, to), expected);
        check(0, 3_210_000_000, "0 ns – 3.21 s");
        check(200_000_000, 350_000_000, "200 ms – 350 ms");
        check(200_000_120, 200_000_480, "200.000120 ms – 200.000480 ms");
        check(200_000_120, 200_000_121, "200.000120 ms – 200.000121 ms");
        check(1_840_000_000, 1_850_000_000, "1.8400 s – 1.8500 s");
        check(
            7_200_000_000_000,
            7_201_000_000_000,
            "7\u{202f}200.00 s – 7\u{202f}201.00 s",
        );
        check(900, 905, "900 ns – 905 ns");
        check(5, 5, "5 ns – 5 ns");
        check(
            u64::MAX - 1,
            u64::MAX,
            "18\u{202f}446\u{202f}744\u{202f}073.709551614 s – 18\u{202f}446\u{202f}744\u{202f}073.709551615 s",
        );
    }

    #[test]
    fn points_follow_the_mode() {
        let at = UnixNanos(1_795_269_727_318_123_456);
        let check = |mode, expected: &str| {
            assert_eq!(point(at, mode, UnixNanos(at.0 - 12_400_000)), expected);
        };
        check(TimeMode::Utc, "14:02:07.318");
        check(TimeMode::Local, "14:02:07.318");
        check(TimeMode::Relative, "+12.4 ms");
        assert_eq!(point(UnixNanos(0), TimeMode::Utc, at), "not given");
        assert_eq!(offset(UnixNanos(5), UnixNanos(9)), "−4 ns");
        assert_eq!(day(at, TimeMode::Utc), "21 Nov 2026");
        assert_eq!(moment(at, TimeMode::Utc, at), "21 Nov 2026 14:02:07.318");
        assert_eq!(moment(at, TimeMode::Relative, at), "+0 ns");
        assert_eq!(
            exact_point(at, TimeMode::Utc),
            "2026-11-21 14:02:07.318123456 UTC"
        );
        assert_eq!(rfc3339(at), "2026-11-21T14:02:07.318123456Z");
    }
}

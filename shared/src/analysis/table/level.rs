//! How grave an event or a log is: exceptions are errors, others are what they say of themselves.
//!
//! **Invariant:** the words are the data's; only their order is ours.

use crate::store::{EventRef, ValueRef};

/// Where events say how grave they are, the conventions' own key first.
const KEYS: [&str; 6] = [
    "log.severity",
    "severity_text",
    "severity",
    "log.level",
    "level",
    "otel.event.severity",
];

/// Words of levels by their beginnings, in the order of the log data model; an error is worth 17 there.
const WORDS: [(&str, u64); 12] = [
    ("trace", 1),
    ("verb", 3),
    ("debug", 5),
    ("info", 9),
    ("notice", 10),
    ("warn", 13),
    ("err", 17),
    ("exception", 17),
    ("crit", 19),
    ("fatal", 21),
    ("alert", 22),
    ("emerg", 23),
];

/// What four severities each are called by the log data model.
const NAMES: [&str; 6] = ["trace", "debug", "info", "warn", "error", "fatal"];

/// From this severity on it is an error.
pub const ERROR: u64 = 17;

/// The level of an event, if it has one.
pub fn of(event: EventRef<'_>) -> Option<&str> {
    let attributes = event.attributes();
    let said = KEYS.iter().find_map(|key| match attributes.get(key) {
        Some(ValueRef::Str(level)) if !level.is_empty() => Some(level),
        _ => None,
    });
    let exception = || event.name() == "exception" || attributes.get("exception.type").is_some();
    said.or_else(|| exception().then_some("error")).or_else(|| {
        NAMES
            .get(usize::from(event.log()?.checked_sub(1)?) / 4)
            .copied()
    })
}

/// How grave an event is: by its number where it is a log that has one, else by its word.
pub fn rank(event: EventRef<'_>) -> Option<u64> {
    let level = of(event)?;
    let number = event.log().filter(|&number| number > 0);
    Some(number.map_or_else(|| severity(level), u64::from))
}

/// How grave a level is, from 1 to 24; 0 for a word that is not known.
pub fn severity(level: &str) -> u64 {
    let begins = |word: &str| {
        let head = level.get(..word.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    let known = WORDS.iter().find(|(word, _)| begins(word));
    known.map_or(0, |(_, severity)| *severity)
}

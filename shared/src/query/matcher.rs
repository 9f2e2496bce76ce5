//! One comparison, made ready: every distinct string and number is decided once.
//!
//! **Invariant:** decides for equality where the operator is its negation; who asks turns it round.

use regex_lite::{Regex, RegexBuilder};

use super::{
    Literal, Op,
    number::{Bounds, Number, Unit},
};
use crate::{
    store::{TraceStore, Value},
    strings::{StrIdx, Strings},
};

/// The longest pattern, bytes.
const PATTERN_MAX: usize = 1_000;
/// The largest compiled pattern, bytes.
const PROGRAM_MAX: usize = 64 << 10;
/// So much of a text is matched against a pattern, bytes.
const TEXT_MAX: usize = 16 << 10;
/// How many numbers' answers are remembered.
const REMEMBERED: usize = 1_024;

/// Compiles a pattern, or says in words why not.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > PATTERN_MAX {
        return Err(format!("this one is longer than {PATTERN_MAX} bytes"));
    }
    RegexBuilder::new(pattern)
        .size_limit(PROGRAM_MAX)
        .nest_limit(50)
        .build()
        .map_err(|reason| reason.to_string())
}

/// The handle of a text, if any string is it.
pub(super) fn handle_of(strings: &Strings, text: &str) -> Option<u32> {
    let (arena, ends) = (strings.arena().as_bytes(), strings.ends());
    let mut start = 0;
    for (handle, &end) in ends.iter().enumerate() {
        if end as usize - start == text.len() && &arena[start..end as usize] == text.as_bytes() {
            return Some(handle as u32);
        }
        start = end as usize;
    }
    None
}

/// A comparison with a value.
pub(super) struct Matcher<'s> {
    store: &'s TraceStore,
    /// The string that is equal.
    equal: Option<u32>,
    /// The boolean that is equal.
    truth: Option<bool>,
    bounds: Option<(Bounds, Unit)>,
    regex: Option<Regex>,
    /// By string: 0 = not asked yet, 1 = no, 2 = yes.
    strings: Vec<u8>,
    /// By the low bits of a whole number: the last one that was asked for, and its answer.
    numbers: Vec<Option<(i64, bool)>>,
}

impl<'s> Matcher<'s> {
    pub(super) fn new(store: &'s TraceStore, op: Op, literal: &Literal, whole: u64) -> Self {
        let equality = matches!(op, Op::Equal | Op::NotEqual);
        let number = Number::parse(&literal.text).filter(|_| !literal.quoted);
        let bounds = match op {
            Op::Matches | Op::MatchesNot => None,
            _ => number.map(|number| (number.bounds(op, whole), number.unit)),
        };
        let regex = match op {
            Op::Matches | Op::MatchesNot => regex(&literal.text).ok(),
            _ => None,
        };
        let by_string = bounds.is_some() || regex.is_some();
        Self {
            equal: equality
                .then(|| handle_of(store.strings(), &literal.text))
                .flatten(),
            truth: match literal.text.as_str() {
                "true" if equality && !literal.quoted => Some(true),
                "false" if equality && !literal.quoted => Some(false),
                _ => None,
            },
            numbers: vec![None; if regex.is_some() { REMEMBERED } else { 0 }],
            strings: vec![0; if by_string { store.strings().len() } else { 0 }],
            bounds,
            regex,
            store,
        }
    }

    /// Whether an interned string passes.
    pub(super) fn handle(&mut self, handle: u32) -> bool {
        if self.equal == Some(handle) {
            return true;
        }
        let Some(known) = self.strings.get_mut(handle as usize) else {
            return false;
        };
        if *known == 0 {
            let text = self.store.str(StrIdx(handle));
            let passes = match (&self.regex, &self.bounds) {
                (Some(regex), _) => regex.is_match(&text[..text.floor_char_boundary(TEXT_MAX)]),
                (_, Some((bounds, unit))) => Number::parse(text)
                    .filter(|number| number.unit == *unit || number.unit == Unit::None)
                    .is_some_and(|number| number.is_in(bounds)),
                _ => false,
            };
            *known = 1 + u8::from(passes);
        }
        *known == 2
    }

    /// Whether a whole number passes.
    pub(super) fn whole(&mut self, value: u64) -> bool {
        matches!(&self.bounds, Some((bounds, _)) if bounds.whole(i128::from(value)))
    }

    /// Whether an attribute's value passes; of a list, whether one of it does.
    pub(super) fn value(&mut self, value: Value) -> bool {
        match value {
            Value::Str(idx) | Value::Bytes(idx) => self.handle(idx.0),
            Value::Bool(value) => match &self.regex {
                Some(regex) => regex.is_match(if value { "true" } else { "false" }),
                None => self.truth == Some(value),
            },
            Value::Int(value) => match &self.regex {
                Some(regex) => {
                    let slot = &mut self.numbers[value as usize % REMEMBERED];
                    match *slot {
                        Some((known, passes)) if known == value => passes,
                        _ => {
                            let passes = regex.is_match(&value.to_string());
                            *slot = Some((value, passes));
                            passes
                        }
                    }
                }
                None => {
                    matches!(&self.bounds, Some((bounds, _)) if bounds.whole(i128::from(value)))
                }
            },
            Value::Double(value) => match (&self.regex, &self.bounds) {
                (Some(regex), _) => regex.is_match(&value.to_string()),
                (_, Some((bounds, _))) => bounds.double(value),
                _ => false,
            },
            Value::Array(range) => {
                let nested = self.store.nested();
                range.rows().any(|row| {
                    match Value::unpack(nested.kind[row], nested.payload[row]) {
                        // A list in a list is no value to compare.
                        Value::Array(_) | Value::Map(_) => false,
                        value => self.value(value),
                    }
                })
            }
            Value::Map(_) | Value::Empty => false,
        }
    }
}

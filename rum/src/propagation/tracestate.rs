//! `tracestate`: what each tracer along the way has to say, in its own words.
//!
//! **Invariant**: a list with one member that is not valid, or with more than 32, is not
//! kept at all; a list that is kept keeps its members' order and words.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::trimmed;

/// How many members a list may have.
const MAX_MEMBERS: usize = 32;

/// How long a list may get when we send it; others must accept that much.
const MAX_LENGTH: usize = 512;

/// Members longer than this go first when a list is too long.
const LONG_MEMBER: usize = 128;

/// Longest key and longest value.
const MAX_PART: usize = 256;

/// A list of keys and values, the tracer that wrote last at the front.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceState {
    members: Vec<(String, String)>,
}

impl TraceState {
    /// From the values of all `tracestate` headers, in their order. `None` when any
    /// member is not valid or there are too many.
    pub fn parse<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut members: Vec<(String, String)> = Vec::new();
        for member in headers.flat_map(|value| value.split(',')) {
            let member = trimmed(member);
            if member.is_empty() {
                continue;
            }
            let (key, value) = member.split_once('=')?;
            if !is_key(key) || !is_value(value) || members.len() == MAX_MEMBERS {
                return None;
            }
            // Keys must differ. Of two the first counts: it was written later.
            if !members.iter().any(|(known, _)| known == key) {
                members.push((key.to_string(), value.to_string()));
            }
        }
        Some(Self { members })
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let member = self.members.iter().find(|(known, _)| known == key)?;
        Some(&member.1)
    }

    /// Sets a key, which moves to the front. What is not valid changes nothing.
    pub fn set(&mut self, key: &str, value: &str) {
        if !is_key(key) || !is_value(value) {
            return;
        }
        self.members.retain(|(known, _)| known != key);
        self.members.truncate(MAX_MEMBERS - 1);
        self.members.insert(0, (key.to_string(), value.to_string()));
    }

    /// The header's value; empty for a list without members. A list that is too long to
    /// be sure of loses its long members first, then its last.
    pub fn value(&self) -> String {
        let mut members: Vec<String> = self
            .members
            .iter()
            .map(|(key, value)| [key, "=", value].concat())
            .collect();
        let length = |members: &[String]| {
            let commas = members.len().saturating_sub(1);
            members.iter().map(String::len).sum::<usize>() + commas
        };
        while length(&members) > MAX_LENGTH {
            let long = members
                .iter()
                .rposition(|member| member.len() > LONG_MEMBER);
            let Some(at) = long.or(members.len().checked_sub(1)) else {
                break;
            };
            members.remove(at);
        }
        members.join(",")
    }
}

fn is_key(key: &str) -> bool {
    let starts = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let follows = |byte: u8| starts(byte) || b"_-*/@".contains(&byte);
    let mut bytes = key.bytes();
    bytes.next().is_some_and(starts) && bytes.all(follows) && key.len() <= MAX_PART
}

fn is_value(value: &str) -> bool {
    let printable = |byte: u8| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    let ends_well = value.bytes().next_back().is_some_and(|last| last != b' ');
    ends_well && value.bytes().all(printable) && value.len() <= MAX_PART
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        TraceState::parse([text].into_iter()).map(|state| state.value())
    }

    #[test]
    fn our_member_moves_to_the_front() {
        let check = |text: &str, key: &str, value: &str, expected: &str| {
            let mut state = TraceState::parse([text].into_iter()).expect("a list");
            state.set(key, value);
            assert_eq!(state.value(), expected);
        };
        check("", "ot", "th:8", "ot=th:8");
        check("a=1,b=2", "ot", "th:8", "ot=th:8,a=1,b=2");
        check("a=1,ot=th:0,b=2", "ot", "th:8", "ot=th:8,a=1,b=2");
        check("a=1", "OT", "x", "a=1");
        check("a=1", "ot", "a,b", "a=1");
        let full: Vec<_> = (0..32).map(|i| format!("k{i}=v")).collect();
        let expected = format!("ot=x,{}", full[..31].join(","));
        check(&full.join(","), "ot", "x", &expected);
    }

    #[test]
    fn keys_are_found() {
        let state = TraceState::parse(["ot=th:8;rv:1,b=2"].into_iter()).expect("a list");
        assert_eq!((state.get("ot"), state.get("c")), (Some("th:8;rv:1"), None));
    }

    #[test]
    fn long_lists_are_shortened() {
        let long = format!("long={}", "x".repeat(200));
        let short: Vec<_> = (0..20)
            .map(|i| format!("key{i:02}={}", "v".repeat(20)))
            .collect();
        let text = format!("first=1,{long},{}", short.join(","));
        let value = parse(&text).expect("a list");
        assert!(value.len() <= MAX_LENGTH, "{}", value.len());
        assert!(value.starts_with("first=1,key00="), "{value}");
        // Nothing more than needed is given up.
        assert!(value.len() + 27 > MAX_LENGTH, "{value}");
        assert_eq!(parse(&long), Some(long));
    }
}

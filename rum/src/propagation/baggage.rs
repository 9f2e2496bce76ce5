//! W3C Baggage: the site's own words, carried along with a trace.
//!
//! **Invariant**: holds only what the site has put in. Baggage travels to everybody that
//! the requests reach, so nothing of ours is ever added.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Headers, trimmed, values};

/// What everybody has to pass on; more than this is left out, whole members at a time.
const MAX_MEMBERS: usize = 64;
const MAX_LENGTH: usize = 8_192;

/// Keys and values, and the properties that stand behind a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baggage {
    members: Vec<Member>,
}

/// One member of a [`Baggage`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    key: String,
    /// Decoded.
    value: String,
    /// As they were written, with their semicolon.
    properties: String,
}

impl Baggage {
    /// From the headers of a request. Members that are not valid are left out.
    pub fn extract(headers: Headers<'_>) -> Self {
        let mut baggage = Self::default();
        for member in values(headers, "baggage").flat_map(|value| value.split(',')) {
            let (pair, properties) = match member.split_once(';') {
                Some((pair, properties)) => (pair, properties),
                None => (member, ""),
            };
            let Some((key, value)) = pair.split_once('=') else {
                continue;
            };
            let (key, value) = (trimmed(key), trimmed(value));
            let valid = !key.is_empty() && key.bytes().all(is_token) && value.bytes().all(is_octet);
            if valid
                && properties
                    .bytes()
                    .all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
            {
                baggage.members.push(Member {
                    key: key.to_string(),
                    value: decoded(value),
                    properties: properties_of(properties),
                });
            }
        }
        baggage
    }

    /// Sets a key to a value of any characters. A key that headers cannot carry is not set.
    pub fn set(&mut self, key: &str, value: &str) {
        if key.is_empty() || !key.bytes().all(is_token) {
            return;
        }
        self.members.retain(|member| member.key != key);
        self.members.push(Member {
            key: key.to_string(),
            value: value.to_string(),
            properties: String::new(),
        });
    }

    /// The value of a key, the first of several.
    pub fn get(&self, key: &str) -> Option<&str> {
        let member = self.members.iter().find(|member| member.key == key)?;
        Some(&member.value)
    }

    /// The header's value, empty if there is nothing to say.
    pub fn value(&self) -> String {
        let mut text = String::new();
        for member in self.members.iter().take(MAX_MEMBERS) {
            let mut one = member.key.clone();
            one.push('=');
            push_encoded(&mut one, &member.value);
            one.push_str(&member.properties);
            let comma = usize::from(!text.is_empty());
            if text.len() + comma + one.len() > MAX_LENGTH {
                continue;
            }
            if comma > 0 {
                text.push(',');
            }
            text.push_str(&one);
        }
        text
    }
}

/// Whether a byte may stand in a header's name, or in a key.
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether a byte may stand in an encoded value.
fn is_octet(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~')
}

fn push_encoded(text: &mut String, value: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if is_octet(byte) && byte != b'%' {
            text.push(byte as char);
            continue;
        }
        text.push('%');
        for digit in [byte >> 4, byte & 15] {
            text.push(
                DIGITS
                    .get(usize::from(digit))
                    .map_or('0', |digit| *digit as char),
            );
        }
    }
}

/// What is no valid UTF-8 once decoded becomes the replacement character.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| core::str::from_utf8(after.get(..2)?).ok())
            .flatten()
            .and_then(|digits| super::number::exactly(digits, 2));
        match escaped {
            Some(byte) => {
                bytes.push(byte as u8);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Each property without the white space around it.
fn properties_of(text: &str) -> String {
    let mut properties = String::new();
    for property in text.split(';').map(trimmed) {
        if !property.is_empty() {
            properties.push(';');
            properties.push_str(property);
        }
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_valid_is_passed_on() {
        let check = |headers: &[&str], expected: &str| {
            let headers: Vec<_> = headers.iter().map(|value| ("Baggage", *value)).collect();
            assert_eq!(Baggage::extract(&headers).value(), expected, "{headers:?}");
        };
        check(&[], "");
        check(&["a=1"], "a=1");
        check(&[" a \t=\t 1 , b = 2 ; p ; q = 3 "], "a=1,b=2;p;q = 3");
        check(&["a=1", "b=2"], "a=1,b=2");
        check(&["a=b=c"], "a=b=c");
        check(&["a=%C3%A9%20%2C"], "a=%C3%A9%20%2C");
        check(&["a=%FF"], "a=%EF%BF%BD");
        check(&["a=100%"], "a=100%25");
        check(&["a", "=1", "ä=1", "a b=1", "a=\"1\"", "ok=1"], "ok=1");
        check(&["a=1,a=2"], "a=1,a=2");
    }

    #[test]
    fn values_of_any_characters() {
        let mut baggage = Baggage::default();
        baggage.set("user", "größe, \"x\";\\ 100%");
        baggage.set("bad key", "1");
        let text = baggage.value();
        assert_eq!(text, "user=gr%C3%B6%C3%9Fe%2C%20%22x%22%3B%5C%20100%25");
        let read = Baggage::extract(&[("baggage", &text)]);
        assert_eq!(read.get("user"), Some("größe, \"x\";\\ 100%"));
        baggage.set("user", "2");
        assert_eq!(baggage.value(), "user=2");
    }

    #[test]
    fn whole_members_beyond_the_limits_are_left_out() {
        let mut baggage = Baggage::default();
        for i in 0..70 {
            baggage.set(&format!("k{i}"), "v");
        }
        assert_eq!(baggage.value().split(',').count(), MAX_MEMBERS);
        let mut baggage = Baggage::default();
        baggage.set("a", "1");
        baggage.set("long", &"x".repeat(9_000));
        baggage.set("b", "2");
        assert_eq!(baggage.value(), "a=1,b=2");
    }
}

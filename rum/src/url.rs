//! What may be said about a URL.
//!
//! The browser has resolved it; credentials and the fragment do not come here.
//!
//! **Invariant**: nothing that is kept of a URL holds the value of a query key that is
//! known to carry secrets.

use alloc::string::String;
use alloc::vec::Vec;

use crate::text::{cut, cut_at, find};

/// Query keys that carry secrets, when they stand alone.
const SECRET_KEYS: [&str; 6] = ["sig", "key", "pwd", "jwt", "code", "state"];

/// Parts of query keys that carry secrets: together they cover the keys that the
/// semantic conventions redact, and the usual names of tokens and passwords.
const SECRET_PARTS: [&str; 9] = [
    "token",
    "secret",
    "passw",
    "signature",
    "credential",
    "auth",
    "session",
    "apikey",
    "accesskey",
];

/// A number for a URL, for comparing: FNV-1a.
pub fn hash(url: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    url.bytes().fold(0x811c_9dc5, step)
}

/// The whole URL, without what is secret: what `url.full` is to hold.
pub fn redacted(url: &str) -> String {
    let (path, mut rest) = cut(url, b'?');
    let mut text = String::new();
    text.push_str(path);
    let mut separator = "?";
    while !rest.is_empty() {
        text.push_str(separator);
        separator = "&";
        let (pair, after) = cut(rest, b'&');
        rest = after;
        let (key, value) = cut(pair, b'=');
        text.push_str(key);
        if key.len() < pair.len() {
            text.push_str("=");
            text.push_str(if is_secret(key) { "REDACTED" } else { value });
        }
    }
    text
}

/// A name with a path in it, such as `GET /cart/17`: the path with `{id}` for every segment
/// that looks like an identifier, so that names stay few. A name without a path stays as
/// it is.
pub fn template(name: &str) -> String {
    let mut text = String::new();
    let mut rest = name;
    loop {
        let slash = find(rest, b'/');
        let (segment, after) = cut_at(rest, slash);
        text.push_str(if is_identifier(segment) {
            "{id}"
        } else {
            segment
        });
        if slash.is_none() {
            return text;
        }
        text.push_str("/");
        rest = after;
    }
}

fn is_secret(key: &str) -> bool {
    let mut plain = Vec::new();
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() {
            plain.push(byte.to_ascii_lowercase());
        }
    }
    let is = |key: &&str| plain == key.as_bytes();
    let contains = |part: &&str| {
        let mut starts = 0..plain.len();
        starts.any(|at| {
            plain
                .get(at..)
                .is_some_and(|rest| rest.starts_with(part.as_bytes()))
        })
    };
    SECRET_KEYS.iter().any(is) || SECRET_PARTS.iter().any(contains)
}

/// Whether a path segment names a thing rather than a kind of thing: a number, a
/// UUID or hash, a long text with digits in it, or an e-mail address.
fn is_identifier(segment: &str) -> bool {
    let mut digits = 0;
    let mut hex = true;
    let mut percent_before = 0;
    for (i, byte) in segment.bytes().enumerate() {
        digits += usize::from(byte.is_ascii_digit());
        hex &= byte.is_ascii_hexdigit() || byte == b'-';
        // `@`, or its percent encoding.
        if byte == b'%' {
            percent_before = i + 1;
        }
        let encoded_at = byte == b'0' && i > 1 && percent_before == i - 1;
        if byte == b'@' || (encoded_at && segment.as_bytes().get(i - 1) == Some(&b'4')) {
            return true;
        }
    }
    let len = segment.len();
    digits > 0 && (digits == len || (hex && len >= 8) || (digits > 2 && len >= 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_redacted() {
        let check = |url: &str, expected: &str| assert_eq!(redacted(url), expected);
        check("https://a.example/", "https://a.example/");
        check("https://a.example/b?c=d&e=f", "https://a.example/b?c=d&e=f");
        check(
            "https://a.example/?q=1&X-Amz-Signature=s&x-amz-credential=c&X-Amz-Security-Token=t",
            "https://a.example/?q=1&X-Amz-Signature=REDACTED&x-amz-credential=REDACTED\
             &X-Amz-Security-Token=REDACTED",
        );
        check(
            "https://a.example/?X-Goog-Signature=1&Signature=2&x%2Damz=3",
            "https://a.example/?X-Goog-Signature=REDACTED&Signature=REDACTED&x%2Damz=3",
        );
        check(
            "https://a.example/?sig=1&AWSAccessKeyId=2&api_key=3&access_token=4&keyword=5&key=6",
            "https://a.example/?sig=REDACTED&AWSAccessKeyId=REDACTED&api_key=REDACTED\
             &access_token=REDACTED&keyword=5&key=REDACTED",
        );
        check("https://a.example/?&=&token", "https://a.example/?&=&token");
    }

    #[test]
    fn identifiers_leave_the_name() {
        let check = |name: &str, expected: &str| assert_eq!(template(name), expected);
        check("GET", "GET");
        check("GET /", "GET /");
        check("POST /api/checkout", "POST /api/checkout");
        check("GET /cart/17/items", "GET /cart/{id}/items");
        check("GET /u/0af7651916cd43dd8448eb211c80319c", "GET /u/{id}");
        check(
            "GET /u/123e4567-e89b-12d3-a456-426614174000/x",
            "GET /u/{id}/x",
        );
        check("GET /u/jane%40example.org", "GET /u/{id}");
        check("GET /s/q8Zk31mPp0LlWx72Bn4c", "GET /s/{id}");
        check(
            "page view /v1/rates-a/facade",
            "page view /v1/rates-a/facade",
        );
        check("GET /api/v2/oauth2", "GET /api/v2/oauth2");
    }

    #[test]
    fn equal_urls_have_equal_hashes() {
        let one = hash("https://a.example/?x=1");
        assert_eq!(one, hash("https://a.example/?x=1"));
        assert_ne!(one, hash("https://a.example/?x=2"));
    }
}

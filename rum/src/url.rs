//! What may be said about a URL.
//!
//! The browser has resolved the URL and taken it apart; what comes here are the parts
//! of its `URL` object. Credentials and the fragment are not among them.
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

/// The parts of an absolute `http` or `https` URL, as a `URL` object has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    /// Scheme, host and port; no port when it is the scheme's own.
    pub origin: &'a str,
    /// The host alone.
    pub hostname: &'a str,
    /// The port alone, empty when it is the scheme's own.
    pub port: &'a str,
    /// The path, with its first slash.
    pub pathname: &'a str,
    /// The query with its question mark, or nothing.
    pub search: &'a str,
}

impl<'a> Url<'a> {
    /// From the parts in the order of the fields, with a NUL between any two. `None`
    /// for other schemes.
    pub fn from_parts(parts: &'a str) -> Option<Self> {
        let (origin, rest) = cut(parts, 0);
        let (hostname, rest) = cut(rest, 0);
        let (port, rest) = cut(rest, 0);
        let (pathname, search) = cut(rest, 0);
        origin.starts_with("http").then_some(Self {
            origin,
            hostname,
            port,
            pathname,
            search,
        })
    }

    /// The port as a number, the scheme's own if there is none.
    pub fn port_number(&self) -> u16 {
        let mut number = 0u16;
        for digit in self.port.bytes() {
            number = number.wrapping_mul(10).wrapping_add(u16::from(digit & 15));
        }
        match number {
            0 if self.origin.starts_with("https") => 443,
            0 => 80,
            number => number,
        }
    }

    /// The whole URL, without what is secret: what `url.full` is to hold.
    pub fn redacted(&self) -> String {
        let mut text = String::new();
        text.push_str(self.origin);
        text.push_str(self.pathname);
        let mut rest = self.search.get(1..).unwrap_or_default();
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

    /// The path with `{id}` for every segment that looks like an identifier, so that
    /// span names stay few. Appended to `text`.
    pub fn push_path_template(&self, text: &mut String) {
        let mut rest = self.pathname.get(1..).unwrap_or_default();
        loop {
            let slash = find(rest, b'/');
            let (segment, after) = cut_at(rest, slash);
            text.push_str("/");
            text.push_str(if is_identifier(segment) {
                "{id}"
            } else {
                segment
            });
            if slash.is_none() {
                return;
            }
            rest = after;
        }
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

/// A URL for tests, taken apart as a browser would.
#[cfg(test)]
pub fn parts_of(url: &str) -> String {
    let (url, _) = cut(url, b'#');
    let (scheme, rest) = url.split_once("://").unwrap();
    let path = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(path);
    let (path, search) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    let path = if path.is_empty() { "/" } else { path };
    [&format!("{scheme}://{authority}"), host, port, path, search].join("\0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: PartialEq + std::fmt::Debug>(url: &str, of: impl Fn(Url<'_>) -> T, expected: T) {
        assert_eq!(
            Url::from_parts(&parts_of(url)).map(of),
            Some(expected),
            "{url}"
        );
    }

    #[test]
    fn ports() {
        let port = |url: Url<'_>| url.port_number();
        check("https://a.example/x", port, 443);
        check("http://a.example", port, 80);
        check("http://a.example:8080/", port, 8080);
        check("http://[::1]/", port, 80);
        check("http://[::1]:65535/", port, 65535);
    }

    #[test]
    fn other_schemes_are_not_ours() {
        for parts in ["null\0\0\0x\0", "ws://a\0a\0\0/\0", "", "blob:http://a\0a"] {
            assert_eq!(Url::from_parts(parts), None, "{parts}");
        }
    }

    #[test]
    fn secrets_are_redacted() {
        let check = |url: &str, expected: &str| {
            check(url, |url| url.redacted(), expected.to_owned());
        };
        check("https://a.example", "https://a.example/");
        check(
            "https://a.example/b?c=d&e=f#g",
            "https://a.example/b?c=d&e=f",
        );
        check(
            "https://a.example/?q=1&X-Amz-Signature=s&x-amz-credential=c&X-Amz-Security-Token=t",
            "https://a.example/?q=1&X-Amz-Signature=REDACTED&x-amz-credential=REDACTED\
             &X-Amz-Security-Token=REDACTED",
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
        let check = |path: &str, expected: &str| {
            let template = |url: Url<'_>| {
                let mut text = String::new();
                url.push_path_template(&mut text);
                text
            };
            check(
                &format!("https://a.example{path}"),
                template,
                expected.to_owned(),
            );
        };
        check("", "/");
        check("/api/checkout", "/api/checkout");
        check("/cart/17/items", "/cart/{id}/items");
        check("/u/0af7651916cd43dd8448eb211c80319c", "/u/{id}");
        check("/u/123e4567-e89b-12d3-a456-426614174000/x", "/u/{id}/x");
        check("/u/jane%40example.org", "/u/{id}");
        check("/s/q8Zk31mPp0LlWx72Bn4c", "/s/{id}");
        check("/v1/rates-a/facade", "/v1/rates-a/facade");
        check("/api/v2/oauth2", "/api/v2/oauth2");
    }
}

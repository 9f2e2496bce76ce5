//! Which requests may carry a trace header.
//!
//! A header that a server does not expect turns a simple cross-origin request into
//! one with a preflight, which may fail. So the page's own origin gets it, others
//! only when the site has named them.
//!
//! **Invariant**: decides by origin alone, and never opens what it was not told to.

use alloc::string::String;

use crate::text::cut_at;
use crate::url::Url;

/// The origins that get trace headers: the page's own and those that the site has
/// named, with separators between them.
#[derive(Debug, Clone)]
pub struct Targets {
    origins: String,
}

impl Targets {
    /// No origin at all.
    pub const fn none() -> Self {
        Self {
            origins: String::new(),
        }
    }

    /// Adds origins as `URL.origin` writes them, separated by spaces or commas.
    pub fn allow(&mut self, origins: &str) {
        self.origins.push_str(origins);
        self.origins.push_str(" ");
    }

    /// Whether a request to `url` may carry a trace header.
    pub fn allows(&self, url: &Url<'_>) -> bool {
        let mut rest = &*self.origins;
        while !rest.is_empty() {
            let separates = |byte: u8| byte.is_ascii_whitespace() || byte == b',';
            let (origin, after) = cut_at(rest, rest.bytes().position(separates));
            if url.origin == origin {
                return true;
            }
            rest = after;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::url::parts_of;

    #[test]
    fn own_origin_and_named_ones_only() {
        let mut targets = Targets::none();
        targets.allow("http://shop.example:8080");
        targets.allow(" https://api.example, https://pay.example:8443\n");
        let check = |url: &str, expected: bool| {
            let parts = parts_of(url);
            let url = Url::from_parts(&parts).unwrap();
            assert_eq!(targets.allows(&url), expected, "{url:?}");
        };
        check("http://shop.example:8080/api?x=1", true);
        check("http://shop.example/api", false);
        check("https://api.example/v1", true);
        check("http://api.example/v1", false);
        check("https://pay.example:8443/", true);
        check("https://pay.example/", false);
        check("https://api.example.evil/", false);
        check("https://b.api.example/", false);
        check("https://evil.example/https://api.example", false);
    }

    #[test]
    fn an_opaque_origin_allows_nothing_by_itself() {
        let mut targets = Targets::none();
        targets.allow("null");
        targets.allow("");
        let parts = parts_of("https://a.example/");
        assert!(!targets.allows(&Url::from_parts(&parts).unwrap()));
    }
}

//! Where a value leads: to the spans that have it too, or to a page of the web.
//!
//! **Invariant:** pure; an address becomes a link only when everybody reads it the same way.

use throughline_model::store::ValueRef;

use super::{json, values::FOLDED_BYTES};
use crate::ui::format::clip;

/// The query that finds spans with this key and value.
pub fn query(key: &str, value: ValueRef<'_>) -> String {
    let value = match value {
        ValueRef::Array(_) | ValueRef::Map(_) | ValueRef::Empty | ValueRef::Bytes(_) => {
            String::new()
        }
        ValueRef::Str(text) => {
            // A quote would end the term, a line break cannot be typed: what is before finds the span as well.
            let line = text
                .split(['"', '\n', '\r'])
                .find(|part| !part.trim().is_empty())
                .unwrap_or("");
            clip(line.trim(), FOLDED_BYTES).0.to_owned()
        }
        ValueRef::Double(value) if value.is_finite() => value.to_string(),
        ValueRef::Double(_) => String::new(),
        value => json::plain(value),
    };
    let key = key.split('"').next().unwrap_or(key);
    let term = format!("{key}={value}");
    if term.contains(char::is_whitespace) {
        format!("\"{term}\"")
    } else {
        term
    }
}

/// An address that may be opened: where it leads and the host to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink {
    /// The address.
    pub href: String,
    /// The host that it leads to.
    pub host: String,
}

/// The address that a value is, if it is one of the web and hides nothing.
pub fn web_link(text: &str) -> Option<WebLink> {
    const LENGTH_MAX: usize = 2_048;
    // Printable ASCII without a backslash: nothing that browsers and people read differently.
    let honest = text.len() <= LENGTH_MAX
        && text
            .bytes()
            .all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\\');
    let (scheme, rest) = text.split_once("://")?;
    if !honest || !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    let host = rest
        .split(['/', '?', '#'])
        .next()
        .filter(|host| !host.is_empty() && !host.contains('@'))?;
    Some(WebLink {
        href: text.to_owned(),
        host: host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::sample::{self, Sample};

    #[test]
    fn queries_find_their_value() {
        let check = |key: &'static str, value: Sample, expected: &str| {
            let store = sample::attributes(&[(key, value)]);
            let (key, value) = store.span(0).attributes().iter().next().unwrap();
            let query = query(key, value);
            assert_eq!(query, expected);
            let found = throughline_model::analysis::find::find(&store, 0..1, &query);
            assert_eq!(found, [0], "{query}");
        };
        check(
            "http.route",
            Sample::Str("/cart/{id}"),
            "http.route=/cart/{id}",
        );
        check(
            "db.statement",
            Sample::Str("SELECT 1"),
            "\"db.statement=SELECT 1\"",
        );
        check("q", Sample::Str("say \"hi\""), "q=say");
        check("q", Sample::Str("\"hi\" there"), "q=hi");
        check("q", Sample::Str("first line\nsecond"), "\"q=first line\"");
        check("q", Sample::Str(""), "q=");
        check("n", Sample::Int(-5), "n=-5");
        check("d", Sample::Double(0.5), "d=0.5");
        check("d", Sample::Double(2.0), "d=2");
        check("d", Sample::Double(f64::NAN), "d=");
        check("b", Sample::Bool(true), "b=true");
        check("list", Sample::Array(vec![Sample::Int(1)]), "list=");
        check("two words", Sample::Int(1), "\"two words=1\"");
    }

    #[test]
    fn only_honest_web_addresses_are_links() {
        let check = |text: &str, host: Option<&str>| {
            assert_eq!(
                web_link(text).map(|link| link.host).as_deref(),
                host,
                "{text}"
            );
        };
        check("https://shop.example/cart?id=7#top", Some("shop.example"));
        check("HTTP://127.0.0.1:8080", Some("127.0.0.1:8080"));
        check("javascript:alert(1)", None);
        check("javascript://shop.example/%0aalert(1)", None);
        check("data:text/html,<script>", None);
        check("//shop.example", None);
        check("/cart", None);
        check("https://", None);
        check("https:///cart", None);
        check("https://bank.example@evil.example/", None);
        check("https://bank.example\\@evil.example/", None);
        check("https://a b", None);
        check("https://bаnk.example", None);
        check("https://x.example/\u{202e}", None);
        check("see https://x.example", None);
        check(&format!("https://x.example/{}", "a".repeat(3_000)), None);
    }
}

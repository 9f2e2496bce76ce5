//! Where a value leads: to the spans that have it too, or to a page of the web.
//!
//! **Invariant:** pure; an address becomes a link only when everybody reads it the same way.

use throughline_model::{
    query::{self, Holder, Literal, Op},
    store::ValueRef,
};

use super::values::Owner;

/// The longest text that is asked for as a whole, bytes.
const TEXT_MAX: usize = 1_000;

/// The term that finds spans with this key and value, or with this key where no value can be asked for.
pub fn term(owner: Owner, key: &str, value: ValueRef<'_>) -> String {
    let holder = match owner {
        Owner::Span => Holder::Any,
        Owner::Event(_) => Holder::Event,
        Owner::Link(_) => Holder::Link,
        Owner::Resource => Holder::Resource,
        Owner::Scope => Holder::Scope,
    };
    let (text, quoted) = match value {
        ValueRef::Str(text) if text.len() <= TEXT_MAX => (text.to_owned(), true),
        ValueRef::Int(value) => (value.to_string(), false),
        ValueRef::Bool(value) => (value.to_string(), false),
        // A query's numbers have nineteen digits at most, nine of them decimals.
        ValueRef::Double(value) if (value * 1e9).fract() == 0.0 && value.abs() < 1e9 => {
            (value.to_string(), false)
        }
        _ => return query::term_exists(holder, key),
    };
    query::term(holder, key, Op::Equal, Literal { text, quoted })
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
            let term = term(Owner::Span, key, value);
            assert_eq!(term, expected);
            assert_eq!(query::run(&store, 0..1, &term), Ok(vec![0]), "{term}");
        };
        check(
            "http.route",
            Sample::Str("/cart/{id}"),
            "http.route = \"/cart/{id}\"",
        );
        check("q", Sample::Str("say \"hi\""), "q = \"say \\\"hi\\\"\"");
        check("q", Sample::Str("one\ntwo"), "q = \"one\\ntwo\"");
        check("q", Sample::Str(""), "q = \"\"");
        check("q", Sample::Text("a".repeat(2_000)), "q exists");
        check("n", Sample::Int(i64::MIN), "n = -9223372036854775808");
        check("d", Sample::Double(0.5), "d = 0.5");
        check("d", Sample::Double(2.0), "d = 2");
        check("d", Sample::Double(0.1 + 0.2), "d exists");
        check("d", Sample::Double(1e300), "d exists");
        check("d", Sample::Double(f64::NAN), "d exists");
        check("b", Sample::Bool(true), "b = true");
        check("list", Sample::Array(vec![Sample::Int(1)]), "list exists");
        check("two words", Sample::Int(1), ".\"two words\" = 1");
        check("name", Sample::Int(1), ".name = 1");
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

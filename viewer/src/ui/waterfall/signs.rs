//! What a span is by the semantic conventions, in a word or two beside its name: `GET 200`, `SELECT orders`, `cold start`.
//!
//! **Invariant:** says in short what the details say at length; nothing is guessed from names.

use throughline_model::store::{SpanRef, StatusCode};

use super::row::Badge;
use crate::ui::{
    details::convention::says,
    format::{clip, visible_line},
};

/// Bytes of a word that are shown.
const SHOWN: usize = 32;

/// What is said of each section: its words side by side, and another one where it has none of them.
const SIGNS: [(&str, &[&str], &str, &str); 6] = [
    ("HTTP", &["method", "status"], "", "HTTP: method and status"),
    ("RPC", &["system", "status"], "", "RPC: system and status"),
    (
        "Database",
        &["operation", "collection"],
        "system",
        "Database: operation and collection",
    ),
    (
        "Messages",
        &["operation", "destination"],
        "system",
        "Messages: operation and destination",
    ),
    (
        "Object storage",
        &["bucket", "key"],
        "",
        "Object storage: bucket and key",
    ),
    (
        "Generative model",
        &["model"],
        "operation",
        "Generative model",
    ),
];

/// What is recognised, in the order of the details.
fn of(span: SpanRef<'_>) -> Vec<Badge> {
    let word = |title: &str, label: &str| {
        let text = says(span, title, label)?;
        Some(visible_line(clip(&text, SHOWN).0).into_owned())
    };
    // A failed span has its status as the error.
    let failed = span.status() == StatusCode::Error;
    let sign = |(title, labels, other, about): &(&str, &[&str], &str, &'static str)| {
        let labels = labels.iter().filter(|label| !failed || **label != "status");
        let words: Vec<String> = labels.filter_map(|label| word(title, label)).collect();
        let text = match words.is_empty() {
            true => word(title, other)?,
            false => words.join(" "),
        };
        Some((text, (*about).into()))
    };
    let mut signs: Vec<Badge> = SIGNS.iter().filter_map(sign).collect();
    if word("Function", "cold start").is_some_and(|cold| cold == "yes" || cold == "true") {
        signs.push((
            "cold start".to_owned(),
            "The function had to be started first".into(),
        ));
    }
    let tokens = [("tokens in", "in"), ("tokens out", "out")];
    let tokens = tokens.iter().filter_map(|(label, way)| {
        let count = word("Generative model", label)?;
        Some(format!("{count} {way}"))
    });
    let tokens: Vec<String> = tokens.collect();
    if !tokens.is_empty() {
        signs.push((
            format!("{} tokens", tokens.join(" / ")),
            "Tokens that the model read and wrote".into(),
        ));
    }
    signs
}

/// What is recognised and not said yet: `→ postgresql` says that it is `postgresql`.
pub(super) fn beside(span: SpanRef<'_>, said: &[Badge]) -> Vec<Badge> {
    let told = |sign: &str| {
        said.iter().any(|(text, _)| {
            let words: Vec<&str> = text.split_whitespace().collect();
            sign.split_whitespace().all(|word| words.contains(&word))
        })
    };
    let mut signs = of(span);
    signs.retain(|(text, _)| !told(text));
    signs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::convention::tests::span;

    #[test]
    fn nothing_is_said_twice() {
        let check = |attributes: &[(&str, &str)], said: &str, expected: &[&str]| {
            let store = span(attributes);
            let said = [(said.to_owned(), "".into())];
            let signs = beside(store.span(0), &said);
            let words: Vec<&str> = signs.iter().map(|(text, _)| &**text).collect();
            assert_eq!(words, expected, "{said:?}");
        };
        let database = [("db.system", "postgresql")];
        check(&database, "→ postgresql", &[]);
        check(&database, "→ postgresql shop", &[]);
        check(&database, "parent missing", &["postgresql"]);
        let read = [("db.system", "postgresql"), ("db.operation", "SELECT")];
        check(&read, "→ postgresql", &["SELECT"]);
    }

    #[test]
    fn conventions_are_told_in_a_word() {
        let check = |attributes: &[(&str, &str)], expected: &[&str]| {
            let store = span(attributes);
            let signs = of(store.span(0));
            let words: Vec<&str> = signs.iter().map(|(text, _)| &**text).collect();
            assert_eq!(words, expected, "{attributes:?}");
        };
        check(&[], &[]);
        check(&[("http.route", "/a")], &[]);
        check(
            &[
                ("http.request.method", "GET"),
                ("http.response.status_code", "200"),
            ],
            &["GET 200"],
        );
        check(
            &[("http.method", "GET"), ("http.status_code", "200")],
            &["GET 200"],
        );
        check(&[("db.system", "redis")], &["redis"]);
        check(
            &[
                ("db.system.name", "postgresql"),
                ("db.operation.name", "SELECT"),
                ("db.collection.name", "orders"),
            ],
            &["SELECT orders"],
        );
        check(
            &[
                ("messaging.system", "kafka"),
                ("messaging.operation", "process"),
                ("messaging.destination.name", "orders"),
            ],
            &["process orders"],
        );
        check(
            &[("rpc.system", "grpc"), ("rpc.grpc.status_code", "14")],
            &["grpc 14 UNAVAILABLE"],
        );
        check(
            &[("faas.coldstart", "true"), ("http.method", "PUT")],
            &["PUT", "cold start"],
        );
        check(&[("faas.coldstart", "false")], &[]);
        check(
            &[
                ("gen_ai.request.model", "m-1"),
                ("gen_ai.usage.input_tokens", "1200"),
                ("gen_ai.usage.output_tokens", "7"),
            ],
            &["m-1", "1\u{202f}200 in / 7 out tokens"],
        );
        check(&[("aws.s3.bucket", "photos")], &["photos"]);
        check(&[("http.method", &"X".repeat(99))], &[&"X".repeat(32)]);
    }
}

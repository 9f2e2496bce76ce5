//! Queries against small stores that are drawn by hand, errors, spellings, completion.

use super::*;
use crate::store::{TraceStore, sample};

fn shop() -> TraceStore {
    sample::draw(
        "1 - 1000 2000 web      server.checkout
         2 1 1100 1500 web      client.cart
         3 2 1150 1450 cart     server.cart!
         4 3 1200 1300 db       SELECT
         5 1 1500 1500 web      render
         6 1 1600 1900 pay      server.pay
         7 6 1700 1725 db       UPDATE!
         8 99 1800 1810 mail    send",
    )
}

fn check(query: &str, expected: &[u32]) {
    let store = shop();
    let found = run(&store, 0..8, query);
    assert_eq!(found.as_deref(), Ok(expected), "{query}");
}

#[test]
fn intrinsics() {
    check("", &[]);
    check("  ", &[]);
    check("{ }", &[0, 1, 2, 3, 4, 5, 6, 7]);
    check("name = render", &[4]);
    check("name = \"render\"", &[4]);
    check("name != render", &[0, 1, 2, 3, 5, 6, 7]);
    check("name =~ \"^server\"", &[0, 2, 5]);
    check("name !~ `a|e`", &[3, 6]);
    check("service = db", &[3, 6]);
    check("service = DB", &[]);
    check("kind = server", &[0, 2, 5]);
    check("kind = SERVER", &[0, 2, 5]);
    check("kind =~ er", &[0, 2, 3, 4, 5, 6, 7]);
    check("status=error", &[2, 6]);
    check("status != error", &[0, 1, 3, 4, 5, 7]);
    check("status exists", &[2, 6]);
    check("status.message exists", &[]);
    check("status.message != x", &[0, 1, 2, 3, 4, 5, 6, 7]);
    check("depth = 0", &[0, 7]);
    check("depth >= 2", &[2, 3, 6]);
    check("children > 1", &[0]);
    check("descendants = 1", &[2, 5]);
    check("id = 4", &[3]);
    check("id = 0000000000000004", &[3]);
    check("id != 4", &[0, 1, 2, 4, 5, 6, 7]);
    check("parent_id = 1", &[1, 4, 5]);
    check("parent_id exists", &[1, 2, 3, 4, 5, 6, 7]);
    check("events = 0", &[0, 1, 2, 3, 4, 5, 6, 7]);
    check("links exists", &[]);
}

#[test]
fn times_have_units_and_shares() {
    check("duration > 300ns", &[0, 1]);
    check("duration >= 300ns", &[0, 1, 2, 5]);
    check("duration >= 0.3us", &[0, 1, 2, 5]);
    check("duration < 0.0251us", &[4, 6, 7]);
    check("duration = 25ns", &[6]);
    check("duration != 25ns", &[0, 1, 2, 3, 4, 5, 7]);
    check("duration = 0", &[4]);
    check("duration > 30%", &[0, 1]);
    check("duration >= 30%", &[0, 1, 2, 5]);
    check("duration <= 2.5%", &[4, 6, 7]);
    check("self >= 275ns", &[0, 5]);
    check("start = 0", &[0]);
    check("start > 75%", &[7]);
    check("start > 60%", &[6, 7]);
    check("end <= 45%", &[2, 3]);
}

#[test]
fn words_and_phrases() {
    check("cart", &[1, 2]);
    check("cart server", &[2]);
    check("\"server.cart\"", &[2]);
    check("server cart OR update", &[2, 6]);
    check("server (cart OR pay)", &[2, 5]);
    check("NOT server", &[1, 3, 4, 6, 7]);
    check("!server", &[1, 3, 4, 6, 7]);
    check("service.name exists", &[0, 1, 2, 3, 4, 5, 6, 7]);
    check("\"service.name=db\"", &[3, 6]);
    check("0000000000000004", &[3]);
    check("0004", &[3]);
}

#[test]
fn structure() {
    check("root", &[0, 7]);
    check("\"root\"", &[]);
    check("root AND parent_id exists", &[7]);
    check("parent.kind = server", &[1, 3, 4, 5, 6]);
    check("parent.service = web kind = server", &[2, 5]);
    check("child.status = error", &[1, 5]);
    check("ancestor.status = error", &[3]);
    check("descendant.status = error", &[0, 1, 5]);
    check("parent.parent.name = client.cart", &[3]);
    check("root.name = send", &[7]);
    check("root.service = web AND service = db", &[3, 6]);
    check("descendant.(service = db AND status = error)", &[0, 5]);
    check("NOT descendant.service = db NOT service = db", &[4, 7]);
    check("parent.(NOT kind = server)", &[2]);
    check("parent.kind != server", &[2]);
}

#[test]
fn traceql_spelling() {
    check("{ kind = server && status = error }", &[2]);
    check(
        "{ .service.name = \"db\" || resource.service.name = `pay` }",
        &[3, 5, 6],
    );
    check("{ span:duration >= 300ns && !(name =~ \"cart\") }", &[0, 5]);
    check("{ .service.name != nil }", &[0, 1, 2, 3, 4, 5, 6, 7]);
    check("{ .service.name = nil }", &[]);
    check("{ span.service.name = nil }", &[0, 1, 2, 3, 4, 5, 6, 7]);
    check("{ span:childCount == 3 }", &[0]);
}

fn check_values(query: &str, expected: bool) {
    let store = sample::store();
    let rows: &[u32] = if expected { &[0, 1, 2] } else { &[] };
    assert_eq!(run(&store, 0..3, query).as_deref(), Ok(rows), "{query}");
}

#[test]
fn attributes() {
    check_values("a = shop", true);
    check_values("a = sho", false);
    check_values("a = \"shop\"", true);
    check_values(".a = shop", true);
    check_values("span.a = shop", true);
    check_values("event.a = shop", true);
    check_values("link.a = shop", true);
    check_values("scope.a = shop", false);
    check_values("resource.a exists", false);
    check_values("resource.service.name = shop", true);
    check_values("service.name = shop", true);
    check_values("span.service.name = shop", false);
    check_values("span.\"a\" =~ `^s.*p$`", true);
    check_values("a !~ o", false);
    check_values("zzz != shop", false);
    check_values("b = true", true);
    check_values("b = false", false);
    check_values("b != false", true);
    check_values("b =~ tr", true);
    check_values("c = -9223372036854775808", true);
    check_values("c < -9223372036854775807", true);
    check_values("c < -9223372036854775808", false);
    check_values("c =~ 75808$", true);
    check_values("d = 0.5", true);
    check_values("d > 0.49999", true);
    check_values("d < 0.5", false);
    check_values("d =~ `^0\\.5$`", true);
    check_values("f exists", true);
    check_values("f = x", false);
    check_values("f != x", true);
    check_values("g exists", true);
    check_values("g = 5", false);
    check_values("event.name = exception", true);
    check_values("event.name != exception", false);
    check_values("link.span_id = 9", true);
    check_values("link.trace_id = 00000000000000000000000000000002", true);
    check_values("scope.name = http", true);
    check_values("scope.name = https", false);
    check_values("events = 1 links = 1", true);
}

#[test]
fn errors_say_what_and_where() {
    let check = |query: &str, at: Range<usize>, expected: &str| {
        let found = parse(query);
        let error = QueryError {
            at,
            expected: expected.to_owned(),
        };
        assert_eq!(found, Err(error), "{query}");
    };
    check("status =", 8..8, "a value behind `=`");
    check("a = AND b", 4..7, "a value behind `=`");
    check(
        "a = b AND",
        9..9,
        "a word, a phrase in quotes, or a field with a comparison",
    );
    check(
        "OR a",
        0..2,
        "a word, a phrase in quotes, or a field with a comparison",
    );
    check("= 5", 0..1, "a field before the comparison");
    check("\"\"", 0..2, "a text between the quotes");
    check(
        "\"a\" = 5",
        4..5,
        "a field before it: a field's name stands without quotes, or as `.\"name\"`",
    );
    check("(a", 2..2, "`)`");
    check(
        "a)",
        1..2,
        "a term: this bracket closes nothing; a bracket to search for stands in quotes",
    );
    check("{ a", 3..3, "`}`");
    check(
        "{ a } && { b }",
        6..14,
        "nothing more: braces stand around a whole query",
    );
    check(
        "a {b}",
        2..3,
        "no brace here: braces stand around a whole query",
    );
    check("duration > 5", 11..12, "a unit, as in `5ms`");
    check(
        "duration > fast",
        11..15,
        "a time such as `250ms`, `1.5s` or `2.5%`",
    );
    check(
        "duration > 1MiB",
        11..15,
        "a time such as `250ms`, `1.5s` or `2.5%`",
    );
    check("depth > 5ms", 8..11, "a number");
    check(
        "kind = service",
        7..14,
        "one of unspecified, internal, server, client, producer, consumer",
    );
    check(
        "status > ok",
        9..11,
        "`=`, `!=`, `=~` or `!~` here: only numbers have an order",
    );
    check("x > y", 4..5, "a number such as `500`, `250ms` or `1MiB`");
    check(
        "x > 5%",
        4..6,
        "a number: `%` is a share of the trace's time, for duration, self, start and end",
    );
    check("id = xyz", 5..8, "an id of up to 16 hex digits");
    check(
        "depth =~ 5",
        9..10,
        "`=`, `!=` or an order here: only texts match a regular expression",
    );
    check("span. = 5", 0..5, "a field's name behind the dot");
    check(
        "span.\"a b\"",
        10..10,
        "a comparison, such as `= 5`, or `exists`",
    );
    check(
        "x = f(a",
        4..7,
        "quotes around a value whose bracket is not closed",
    );
    check("ä = 1 = 2", 7..8, "a field before the comparison");
    check(
        &"(".repeat(1_000),
        32..33,
        "no more than 32 brackets in each other",
    );
    check(
        &"!".repeat(1_000),
        32..33,
        "no more than 32 brackets in each other",
    );
    check(&"a ".repeat(1_000), 128..129, "no more than 64 terms");
    for (query, words) in [
        ("name =~ \"(\"", "a regular expression: "),
        ("name =~ \"a{1000}{1000}\"", "a regular expression: "),
        (
            &format!("name =~ {}", "a".repeat(1_001)),
            "a regular expression: this one is longer than 1000 bytes",
        ),
        (
            &format!("{}name = x", "parent.".repeat(100)),
            "no more than 32 brackets",
        ),
    ] {
        let error = parse(query).unwrap_err();
        assert!(error.expected.starts_with(words), "{query}: {error}");
        assert!(query.get(error.at).is_some());
    }
}

#[test]
fn queries_print_as_they_mean() {
    let check = |query: &str, expected: &str| {
        let expr = parse(query).unwrap().unwrap();
        assert_eq!(expr.to_string(), expected, "{query}");
        assert_eq!(parse(expected), Ok(Some(expr)), "{query}");
    };
    check("a b", "a AND b");
    check("a && b || !c", "(a AND b) OR NOT c");
    check("((a b) (c d))", "a AND b AND c AND d");
    check("a (b OR c)", "a AND (b OR c)");
    check("{a=1}", "a = 1");
    check("{}", "{ }");
    check(
        "{ .x = nil && span.y != nil }",
        "NOT x exists AND span.y exists",
    );
    check(".name = x", ".name = x");
    check(".parent.x = x", ".parent.x = x");
    check("parent.x = x", "parent.x = x");
    check("scope.\"name\" = x", "scope.\"name\" = x");
    check(".\"two words\" exists", ".\"two words\" exists");
    check("`two words`", "\"two words\"");
    check("\"exists\"", "exists");
    check("a \"exists\"", "a AND exists");
    check("\"root\" root \"NOT\"", "\"root\" AND root AND \"NOT\"");
    check("parent.(a OR b)", "parent.(a OR b)");
    check("parent.parent.x=1", "parent.parent.x = 1");
    check("parent.(child.x=1)", "parent.child.x = 1");
    check("route = /cart/{id}", "route = /cart/{id}");
    check("/cart/{id}", "\"/cart/{id}\"");
    check("x = \"a\\\"b\\\\c\\d\"", "x = \"a\\\"b\\\\c\\\\d\"");
    check("duration>=1.5s", "duration >= 1.5s");
    check("span:statusMessage=~x", "status.message =~ x");
}

#[test]
fn a_stage_says_what_colours_and_groups() {
    let check = |query: &str, filter: Option<&str>, by: &str| {
        let found = parse_query(query).unwrap();
        let printed = found.filter.as_ref().map(ToString::to_string);
        assert_eq!(printed.as_deref(), filter, "{query}");
        assert_eq!(
            found.by.map(|column| column.name()).as_deref(),
            Some(by),
            "{query}"
        );
    };
    check("| by(service)", None, "service");
    check(
        "{ } | by(resource.service.name)",
        Some("{ }"),
        "service.name",
    );
    check("{status=error}|by(name)", Some("status = error"), "name");
    check(
        "a b OR c  |  by ( http.route ) ",
        Some("(a AND b) OR c"),
        "http.route",
    );
    check("a | by(.name)", Some("a"), ".name");
    check("a | by(span.\"two words\")", Some("a"), "two words");
    check("a | by(event.name)", Some("a"), "event.name");
    check("name = \"|\" | by(span:kind)", Some("name = \"|\""), "kind");
    check("name =~ `a|b` | by(kind)", Some("name =~ \"a|b\""), "kind");
    // Within a word it is part of it.
    assert_eq!(parse("a|b"), Ok(Some(Expr::Text("a|b".into()))));

    let wrong = |query: &str, at: Range<usize>, expected: &str| {
        let error = parse_query(query).unwrap_err();
        assert!(
            error.at == at && error.expected.starts_with(expected),
            "{query}: {error:?}"
        );
    };
    wrong("a |", 3..3, "`by(field)`");
    wrong("a | count()", 4..11, "`by(field)`");
    wrong("a | by()", 7..8, "`service`");
    wrong("a | by(parent.name)", 7..18, "`service`");
    wrong("a | by(link.x)", 7..13, "`service`");
    wrong("a | by(children)", 7..15, "`service`");
    wrong("a | by(name", 11..11, "`)`");
    wrong("a | by(name) | by(kind)", 13..23, "nothing more");
    wrong("(a | by(name))", 3..4, "`)`");

    let found = run(&shop(), 0..8, "status = error | by(service)");
    assert_eq!(found, Ok(vec![2, 6]));
    assert_eq!(run(&shop(), 0..8, "| by(service)"), Ok(vec![]));
    let add = |text: &str, expected: &str| assert_eq!(with_term(text, "b = 1"), expected);
    add("a | by(name)", "a b = 1 | by(name)");
    add("| by(name)", "b = 1 | by(name)");
    add("{ a } | by(name)", "a b = 1 | by(name)");
    add("b = 1 | by(name)", "b = 1 | by(name)");
    let rest = |text: &str, expected: &str| assert_eq!(filter_of(text), expected);
    rest("a | by(name)", "a");
    rest("a | by(", "a | by(");
    rest("a b", "a b");
    rest("| by(name)", "");
}

/// As `offered`, with the cursor at the end.
fn offered_behind(query: &str) -> Vec<String> {
    let list = complete(&shop(), 0, query, query.len());
    list.iter()
        .map(|one| format!("{}{}", &query[..one.at.start], one.text))
        .collect()
}

#[test]
fn completion_offers_stages_and_their_fields() {
    assert_eq!(offered_behind("a |"), ["a |by("]);
    assert_eq!(offered_behind("a | b"), ["a | by("]);
    assert_eq!(offered_behind("a | by(serv")[0], "a | by(service ");
    assert_eq!(offered_behind("| by( serv")[0], "| by( service ");
    assert!(offered_behind("| by(").len() > 10);
    assert!(offered_behind("| by(name )").is_empty());
}

fn offered(query: &str) -> Vec<(String, u64)> {
    let (text, store) = (query.replace('|', ""), shop());
    let cursor = query.find('|').unwrap_or(query.len());
    let list = complete(&store, 0, &text, cursor);
    let taken = |one: &Suggestion| {
        let mut text = text.clone();
        text.replace_range(one.at.clone(), &one.text);
        (text, one.count)
    };
    list.iter().map(taken).collect()
}

#[test]
fn completion_offers_what_is_there() {
    let check = |query: &str, expected: &[(&str, u64)]| {
        let offered = offered(query);
        let first: Vec<(&str, u64)> = offered
            .iter()
            .take(expected.len())
            .map(|(text, count)| (text.as_str(), *count))
            .collect();
        assert_eq!(first, expected, "{query}");
    };
    check("serv", &[("service ", 8), ("resource.service.name ", 8)]);
    check("cart AND dura", &[("cart AND duration ", 8)]);
    check("parent.nam", &[("parent.name ", 8)]);
    check("par|", &[("parent_id ", 8), ("parent.", 0)]);
    check(
        "service ",
        &[("service = ", 0), ("service != ", 0), ("service =~ ", 0)],
    );
    check("duration ", &[("duration > ", 0)]);
    check(
        "service = ",
        &[
            ("service = \"web\" ", 3),
            ("service = \"db\" ", 2),
            ("service = \"cart\" ", 1),
        ],
    );
    check("service = d", &[("service = \"db\" ", 2)]);
    check("service = \"d", &[("service = \"db\" ", 2)]);
    check("service =d| cart", &[("service =\"db\"  cart", 2)]);
    check(
        "status = ",
        &[
            ("status = unset ", 6),
            ("status = error ", 2),
            ("status = ok ", 0),
        ],
    );
    check(
        "resource.service.name = w",
        &[("resource.service.name = \"web\" ", 3)],
    );
    assert_eq!(offered("\"serv"), []);
    assert_eq!(offered("zzz = "), []);
    assert!(offered("").len() > 10);
    assert!(offered("\u{1f600} = x \u{1f600}").is_empty());
}

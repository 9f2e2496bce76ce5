//! Values of one field that are chosen one by one: each is one more that may be, and chosen again it goes.
//!
//! ```text
//! timeout  + kind = client    timeout kind = client
//!          + kind = server    timeout (kind = client OR kind = server)
//!          + kind = client    timeout kind = server
//! ```
//!
//! **Invariant:** what else is asked stays asked.

use super::{Check, Expr, Field, Op, parse, parse_query, with_term};

/// The query with one value more, or without it where it asks for it already. `term` says that a field has a value, or
/// has none. A text that is no query becomes the term.
#[inline(never)]
pub fn with_value(text: &str, term: &str) -> String {
    let (filter, stage) = split(text);
    let Some((mut all, at)) = find(filter, term) else {
        return with_term(text, term);
    };
    let mut values = match all.remove(at) {
        Expr::Or(values) => values,
        one => vec![one],
    };
    match (
        values.iter().position(|value| asks(value, term)),
        parse(term),
    ) {
        (Some(known), _) => drop(values.remove(known)),
        (None, Ok(Some(new))) => values.push(new),
        (None, _) => {}
    }
    match values.len() {
        0 => {}
        1 => all.extend(values.pop()),
        _ => all.push(Expr::Or(values)),
    }
    let alone = all.len() == 1;
    let words = all.iter().map(|expr| match expr {
        Expr::Or(_) if !alone => format!("({expr})"),
        _ => expr.to_string(),
    });
    let mut words: Vec<String> = words.collect();
    words.extend((!stage.is_empty()).then(|| stage.to_owned()));
    words.join(" ")
}

/// Whether a query asks for a value: [`with_value`] would take it away.
pub fn has_value(text: &str, term: &str) -> bool {
    find(split(text).0, term).is_some_and(|(all, at)| match &all[at] {
        Expr::Or(values) => values.iter().any(|value| asks(value, term)),
        one => asks(one, term),
    })
}

/// The filter, and what stands behind it.
fn split(text: &str) -> (&str, &str) {
    match parse_query(text) {
        Ok(query) if query.by.is_some() => text.split_at_checked(query.end).unwrap_or((text, "")),
        _ => (text, ""),
    }
}

/// All that must match, and which of it says what values the term's field may have.
fn find(filter: &str, term: &str) -> Option<(Vec<Expr>, usize)> {
    let (old, new) = (parse(filter).ok()??, parse(term).ok()??);
    let field = field_of(&new)?;
    let all = match old {
        Expr::And(list) => list,
        one => vec![one],
    };
    let same = |value: &Expr| field_of(value) == Some(field);
    let at = all.iter().position(|expr| match expr {
        Expr::Or(values) => values.iter().all(same),
        one => same(one),
    })?;
    Some((all, at))
}

/// The field that has one value, or none.
fn field_of(value: &Expr) -> Option<&Field> {
    match value {
        Expr::Test(field, Check::Is(Op::Equal, _)) => Some(field),
        Expr::Not(inner) => match &**inner {
            Expr::Test(field, Check::Exists) => Some(field),
            _ => None,
        },
        _ => None,
    }
}

/// Whether both ask for the same; a text means the same with quotes and without.
fn asks(value: &Expr, term: &str) -> bool {
    match (value, parse(term)) {
        (
            Expr::Test(one, Check::Is(Op::Equal, a)),
            Ok(Some(Expr::Test(other, Check::Is(_, b)))),
        ) => *one == other && a.text == b.text,
        (value, Ok(Some(term))) => *value == term,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_chosen_one_by_one() {
        let check = |text: &str, terms: &[&str], expected: &str| {
            let mut now = text.to_owned();
            for term in terms {
                let had = has_value(&now, term);
                now = with_value(&now, term);
                assert_eq!(has_value(&now, term), !had, "{now}");
            }
            assert_eq!(now, expected, "{text:?} {terms:?}");
            assert!(parse_query(&now).is_ok(), "{now}");
        };
        let (client, server) = ("kind = \"client\"", "kind = \"server\"");
        check("", &[client], client);
        check("", &[client, client], "");
        check(
            "",
            &[client, server],
            "kind = \"client\" OR kind = \"server\"",
        );
        check("", &[client, server, client], server);
        check("", &[client, server, server, client], "");
        check(
            "timeout b",
            &[client, server],
            "timeout b (kind = \"client\" OR kind = \"server\")",
        );
        check("timeout", &[client, server, client, server], "timeout");
        // What is written otherwise is the same value.
        check("kind = client", &[client], "");
        check(
            "kind = client status = error",
            &[server],
            "status = error (kind = client OR kind = \"server\")",
        );
        // Another comparison of the field stays.
        check(
            "kind != server",
            &[client],
            "kind != server kind = \"client\"",
        );
        check(
            "a OR b",
            &[client, server],
            "(a OR b) (kind = \"client\" OR kind = \"server\")",
        );
        check("| by(kind)", &[client], "kind = \"client\" | by(kind)");
        check("| by(kind)", &[client, client], "| by(kind)");
        check(
            "b | by(kind)",
            &[client, server],
            "b (kind = \"client\" OR kind = \"server\") | by(kind)",
        );
        let (route, none) = ("http.route = \"/a b\"", "NOT http.route exists");
        check(
            "",
            &[route, none],
            "http.route = \"/a b\" OR NOT http.route exists",
        );
        check("", &[route, none, route], none);
        check("kind = (", &[client], client);
    }
}

//! What each part of a query's text is, for whoever shows it in colours.
//!
//! **Invariant:** every text has parts, also one that is no query; together they are the text, in its order.

use core::ops::Range;

use super::lexer::{self, Kind};

/// What a part of a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A word, a phrase, a value, an operator, or what stands between them.
    Plain,
    /// The name of a field, or a relation before a bracket.
    Field,
    /// What joins terms: `AND`, `OR`, `NOT`, brackets, the bar and the `by` behind it.
    Joint,
}

/// The parts of a text; neighbours differ.
pub fn roles(text: &str) -> Vec<(Range<usize>, Role)> {
    let mut parts: Vec<(Range<usize>, Role)> = Vec::new();
    let mut add = |end: usize, role| match parts.last_mut() {
        Some((range, last)) if *last == role => range.end = end,
        last => {
            let start = last.map_or(0, |(range, _)| range.end);
            if start < end {
                parts.push((start..end, role));
            }
        }
    };
    let mut at = 0;
    let mut piped = false;
    loop {
        let token = lexer::token(text, at);
        add(token.range.start, Role::Plain);
        at = token.range.end;
        let role = match &token.kind {
            Kind::End => break,
            Kind::Word(word, _) if piped && word.starts_with("by") => {
                // `by(field)` is one word to the lexer.
                let inner = lexer::by(text, token.range.start).filter(|inner| *inner < at);
                if let Some(inner) = inner {
                    let close = text[..at].ends_with(')');
                    add(inner, Role::Joint);
                    add(at - usize::from(close), Role::Field);
                }
                Role::Joint
            }
            Kind::Word(..) if is_field(text, at) || piped => Role::Field,
            Kind::Word(..) | Kind::Phrase(_) => Role::Plain,
            Kind::Compare(_) => {
                let start = lexer::skip(text, at);
                at = match lexer::phrase(text, start) {
                    Some((_, end)) => end,
                    None => lexer::bare_value(text, start).end,
                };
                Role::Plain
            }
            kind => {
                piped |= *kind == Kind::Pipe;
                Role::Joint
            }
        };
        add(at, role);
    }
    parts
}

/// Whether what ends here is followed by a comparison, `exists`, or a bracket without a space between.
fn is_field(text: &str, end: usize) -> bool {
    let next = lexer::token(text, end);
    match &next.kind {
        Kind::Compare(_) => true,
        Kind::Open => next.range.start == end,
        Kind::Word(word, None) => word == "exists",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields as `<field>`, joints as `[joint]`.
    fn check(text: &str, expected: &str) {
        let shown = roles(text).into_iter().map(|(range, role)| {
            let part = &text[range];
            match role {
                Role::Plain => part.to_owned(),
                Role::Field => format!("<{part}>"),
                Role::Joint => format!("[{part}]"),
            }
        });
        assert_eq!(shown.collect::<String>(), expected);
    }

    #[test]
    fn fields_and_joints_stand_out() {
        check("", "");
        check("  ", "  ");
        check("timeout", "timeout");
        check(
            "service = pricing AND duration > 500ms",
            "<service> = pricing [AND] <duration> > 500ms",
        );
        check("a=b c", "<a>=b c");
        check(
            "NOT (status = error OR retry exists)",
            "[NOT] [(]<status> = error [OR] <retry> exists[)]",
        );
        check("child.(a b) root", "<child.>[(]a b[)] root");
        check("span.\"my key\" >= 2.5%", "<span.\"my key\"> >= 2.5%");
        check("name =~ \"a AND b\" x", "<name> =~ \"a AND b\" x");
        check(
            "{ .a != nil && kind = client }",
            "[{] <.a> != nil [&&] <kind> = client [}]",
        );
        check(
            "status = error | by(name)",
            "<status> = error [|] [by(]<name>[)]",
        );
        check("| by( http.route )", "[|] [by(] <http.route> [)]");
    }

    #[test]
    fn what_is_no_query_has_parts_too() {
        check("service = ", "<service> = ");
        check("= = \"", "= = \"");
        check(")) AND é\u{202e} |", "[))] [AND] é\u{202e} [|]");
        check("| by(", "[|] [by(]");
    }
}

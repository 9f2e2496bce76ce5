//! SQL laid out for reading: a line for every clause, conditions indented.
//!
//! **Invariant:** pure. White space changes and nothing else: what is in quotes or a comment stays as it is.

/// Longer statements stay as they are, bytes.
const LONGEST: usize = 20_000;

/// Words that begin a line, the longer spellings first; and how far it is indented.
const CLAUSES: [(&[&str], usize); 30] = [
    (&["LEFT", "OUTER", "JOIN"], 0),
    (&["RIGHT", "OUTER", "JOIN"], 0),
    (&["FULL", "OUTER", "JOIN"], 0),
    (&["INSERT", "INTO"], 0),
    (&["DELETE", "FROM"], 0),
    (&["GROUP", "BY"], 0),
    (&["ORDER", "BY"], 0),
    (&["LEFT", "JOIN"], 0),
    (&["RIGHT", "JOIN"], 0),
    (&["FULL", "JOIN"], 0),
    (&["INNER", "JOIN"], 0),
    (&["CROSS", "JOIN"], 0),
    (&["UNION", "ALL"], 0),
    (&["ON", "CONFLICT"], 0),
    (&["FOR", "UPDATE"], 0),
    (&["JOIN"], 0),
    (&["SELECT"], 0),
    (&["UPDATE"], 0),
    (&["FROM"], 0),
    (&["WHERE"], 0),
    (&["HAVING"], 0),
    (&["LIMIT"], 0),
    (&["OFFSET"], 0),
    (&["VALUES"], 0),
    (&["SET"], 0),
    (&["RETURNING"], 0),
    (&["UNION"], 0),
    (&["WITH"], 0),
    (&["AND"], 2),
    (&["OR"], 2),
];

/// The statement with its clauses on lines of their own; `None` when it is no such statement, or too long.
pub fn laid_out(text: &str) -> Option<String> {
    let tokens = tokens(text);
    let first = tokens.first()?.to_ascii_uppercase();
    let statement = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&&*first);
    if !statement || text.len() > LONGEST {
        return None;
    }
    let mut out = String::with_capacity(text.len() * 2);
    // Inside of brackets and after BETWEEN a line goes on.
    let (mut depth, mut between) = (0usize, false);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let clause = CLAUSES.iter().find(|(words, _)| {
            depth == 0
                && words
                    .iter()
                    .zip(tokens.get(at..).unwrap_or_default())
                    .count()
                    == words.len()
                && words
                    .iter()
                    .zip(&tokens[at..])
                    .all(|(word, token)| token.eq_ignore_ascii_case(word))
        });
        let clause = clause.filter(|(words, _)| !(between && words[0] == "AND"));
        between = match token.to_ascii_uppercase().as_str() {
            "BETWEEN" => true,
            "AND" => false,
            _ => between,
        };
        let words = clause.map_or(1, |(words, _)| words.len());
        match clause {
            Some((_, indent)) if !out.is_empty() => {
                out.push('\n');
                out.extend(core::iter::repeat_n(' ', *indent));
            }
            _ => {
                let tight = out.is_empty()
                    || out.ends_with(['(', '.', '\n'])
                    || matches!(*token, "," | ")" | ";" | ".")
                    || *token == "(" && !out.ends_with(' ') && !ends_with_word_before_list(&out);
                if !tight {
                    out.push(' ');
                }
            }
        }
        for (number, token) in tokens[at..at + words].iter().enumerate() {
            if number > 0 {
                out.push(' ');
            }
            out.push_str(token);
            match *token {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                token if token.starts_with("--") => out.push('\n'),
                _ => {}
            }
        }
        at += words;
    }
    Some(out)
}

/// `IN (…)` and `VALUES (…)` have a space, `count(…)` has none.
fn ends_with_word_before_list(out: &str) -> bool {
    let last = out.rsplit([' ', '\n']).next().unwrap_or_default();
    [
        "IN", "VALUES", "AND", "OR", "NOT", "EXISTS", "WHERE", "FROM", "ON", "AS", "=", "USING",
        ",",
    ]
    .iter()
    .any(|word| last.eq_ignore_ascii_case(word))
        || last.ends_with(',')
}

/// Words, signs, quoted texts and comments; white space is left out.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '(' | ')' | ',' | ';' => 1,
            _ => {
                let ends = |c: char| c.is_whitespace() || "(),;'\"`".contains(c);
                rest.find(ends).unwrap_or(rest.len()).max(first.len_utf8())
            }
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(token.trim_end());
        rest = behind.trim_start();
    }
    tokens
}

/// Up to the quote that closes it; a doubled one does not.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(at) = text[from..].find(quote) {
        let end = from + at + 1;
        if !text[end..].starts_with(quote) {
            return end;
        }
        from = end + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(laid_out(text).as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn clauses_have_lines() {
        check(
            "select a, b from t where x = 1 and y = 'a and b' order by a limit 5",
            "select a, b\nfrom t\nwhere x = 1\n  and y = 'a and b'\norder by a\nlimit 5",
        );
        check(
            "SELECT count(*) FROM a LEFT JOIN b ON a.id = b.id WHERE b.x IN (SELECT y FROM z WHERE q = 1) AND c BETWEEN 1 AND 2",
            "SELECT count(*)\nFROM a\nLEFT JOIN b ON a.id = b.id\nWHERE b.x IN (SELECT y FROM z WHERE q = 1)\n  AND c BETWEEN 1 AND 2",
        );
        check(
            "INSERT INTO t(a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING",
            "INSERT INTO t(a, b)\nVALUES ($1, $2)\nON CONFLICT(a) DO NOTHING",
        );
        check("DELETE FROM t", "DELETE FROM t");
    }

    #[test]
    fn what_is_no_statement_is_left_alone() {
        for text in ["", "GET user:7", "db.users.find({})", "selected"] {
            assert_eq!(laid_out(text), None, "{text}");
        }
    }

    #[test]
    fn only_white_space_changes() {
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        for text in [
            "SELECT 'it''s (' , \"a,b\" FROM t -- from here\nWHERE /* and */ x=1",
            "select (((",
            "select ))) from 'open",
            "SELECT\u{a0}ü FROM été WHERE a=ß AND(b)",
            "with a as (select 1) select * from a;select 2",
        ] {
            let laid = laid_out(text).unwrap_or_default();
            assert_eq!(bare(&laid), bare(text), "{text}");
        }
    }
}

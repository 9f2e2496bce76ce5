//! Paths in Rust source.
//!
//! ```text
//! use a::{b, c::{self, d}};      a::b  a::c::self  a::c::d
//! let x = a::b::c(y);            a::b::c
//! ```
//!
//! **Invariant:** gives too many paths rather than too few.

/// A piece of source that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Path,
    /// Any other single character.
    Mark(char),
}

/// All paths of at least two parts outside of tests, with the line of each, and all imports.
pub fn paths(source: &str) -> Vec<(usize, Vec<String>)> {
    let tokens = without_tests(&tokens(source));
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((line, token)) = tokens.get(at) {
        match token {
            Token::Word(word) if word == "use" => {
                let end = (at..tokens.len())
                    .find(|&end| is_mark(&tokens, end, ';'))
                    .unwrap_or(tokens.len());
                let mut cursor = at + 1;
                use_tree(&tokens[..end], &mut cursor, &[], &mut found);
                at = end + 1;
            }
            Token::Word(word) => {
                let mut path = vec![word.clone()];
                let mut next = at + 1;
                while let (Some((_, Token::Path)), Some((_, Token::Word(word)))) =
                    (tokens.get(next), tokens.get(next + 1))
                {
                    path.push(word.clone());
                    next += 2;
                }
                if path.len() > 1 {
                    found.push((*line, path));
                }
                at = next;
            }
            _ => at += 1,
        }
    }
    found
}

/// Reads one branch of a `use` and what is in its braces.
fn use_tree(
    tokens: &[(usize, Token)],
    at: &mut usize,
    prefix: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) {
    let mut path = prefix.to_vec();
    let line = tokens.get(*at).map_or(0, |(line, _)| *line);
    while let Some((_, token)) = tokens.get(*at) {
        match token {
            Token::Word(word) if word == "as" => *at += 2,
            Token::Word(word) => {
                path.push(word.clone());
                *at += 1;
            }
            Token::Path => *at += 1,
            Token::Mark('{') => {
                *at += 1;
                while !is_mark(tokens, *at, '}') && *at < tokens.len() {
                    use_tree(tokens, at, &path, found);
                    if is_mark(tokens, *at, ',') {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            Token::Mark('*') => *at += 1,
            Token::Mark(_) => break,
        }
    }
    if !path.is_empty() {
        found.push((line, path));
    }
}

fn is_mark(tokens: &[(usize, Token)], at: usize, mark: char) -> bool {
    matches!(tokens.get(at), Some((_, Token::Mark(found))) if *found == mark)
}

/// Leaves out each item behind `#[cfg(test)]` or `#[test]`.
fn without_tests(tokens: &[(usize, Token)]) -> Vec<(usize, Token)> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let word = |ahead: usize| match tokens.get(at + ahead) {
            Some((_, Token::Word(word))) => word.as_str(),
            _ => "",
        };
        let of_test = is_mark(tokens, at, '#')
            && is_mark(tokens, at + 1, '[')
            && word(2) == "cfg"
            && word(4) == "test";
        if !of_test {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        // To the end of the item: its braces, or a semicolon before any.
        let mut depth = 0;
        while at < tokens.len() {
            match &tokens[at].1 {
                Token::Mark('{') => depth += 1,
                Token::Mark('}') => depth -= 1,
                _ => {}
            }
            let ends = depth == 0 && (is_mark(tokens, at, '}') || is_mark(tokens, at, ';'));
            at += 1;
            if ends {
                break;
            }
        }
    }
    kept
}

fn tokens(source: &str) -> Vec<(usize, Token)> {
    let letters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied().unwrap_or(' ');
        let end = match letter {
            '/' if next == '/' => until(&letters, at, |at| letters[at] == '\n'),
            '/' if next == '*' => {
                until(&letters, at + 2, |at| {
                    letters[at - 1] == '*' && letters[at] == '/'
                }) + 1
            }
            '"' => string_end(&letters, at + 1),
            'r' | 'b' | 'c' if string_start(&letters, at).is_some() => raw_end(&letters, at),
            // A character, not a lifetime.
            '\'' if next == '\\' => until(&letters, at + 3, |at| letters[at] == '\'') + 1,
            '\'' if letters.get(at + 2) == Some(&'\'') => at + 3,
            _ if is_word(letter) => {
                let end = until(&letters, at, |at| !is_word(letters[at]));
                tokens.push((line, Token::Word(letters[at..end].iter().collect())));
                end
            }
            ':' if next == ':' => {
                tokens.push((line, Token::Path));
                at + 2
            }
            _ => {
                if !letter.is_whitespace() {
                    tokens.push((line, Token::Mark(letter)));
                }
                at + 1
            }
        };
        let end = end.clamp(at + 1, letters.len());
        line += letters[at..end]
            .iter()
            .filter(|&&letter| letter == '\n')
            .count();
        at = end;
    }
    tokens
}

fn until(letters: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..letters.len())
        .find(|&at| stop(at))
        .unwrap_or(letters.len())
}

fn string_end(letters: &[char], mut at: usize) -> usize {
    while let Some(&letter) = letters.get(at) {
        match letter {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// Where the quotation mark of `b"`, `r"`, `r#"`, `br##"` … stands, and how many `#` are before it.
fn string_start(letters: &[char], at: usize) -> Option<(usize, usize)> {
    if at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_') {
        return None;
    }
    let marks = until(letters, at, |at| !matches!(letters[at], 'r' | 'b' | 'c'));
    let quote = until(letters, marks, |at| letters[at] != '#');
    (marks - at <= 2 && letters.get(quote) == Some(&'"')).then_some((quote, quote - marks))
}

fn raw_end(letters: &[char], at: usize) -> usize {
    let Some((quote, hashes)) = string_start(letters, at) else {
        return at + 1;
    };
    let is_raw = letters[at..quote].contains(&'r');
    if !is_raw {
        return string_end(letters, quote + 1);
    }
    let closes = |end: usize| {
        letters[end] == '"'
            && letters[end + 1..]
                .iter()
                .take_while(|&&letter| letter == '#')
                .count()
                >= hashes
    };
    until(letters, quote + 1, closes) + 1 + hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found() {
        let check = |source: &str, expected: &[&str]| {
            let found: Vec<String> = paths(source)
                .into_iter()
                .map(|(_, path)| path.join("::"))
                .collect();
            assert_eq!(found, expected, "{source}");
        };
        check("use a::b;", &["a::b"]);
        check(
            "pub(crate) use a::{b, c::{self, d as e}, f::*};",
            &["a::b", "a::c::self", "a::c::d", "a::f"],
        );
        check("let x: a::B<c::D> = e::f(g);", &["a::B", "c::D", "e::f"]);
        check(
            "// use a::b;\n/* c::d */ \"e::f\" r#\"g::\"h\"# b\"i::j\" 'k' '\\'' l::m",
            &["l::m"],
        );
        check("fn a<'b>(c: &'b d::E) {}", &["d::E"]);
        check("#[cfg(test)] mod tests { use a::b; } use c::d;", &["c::d"]);
        check("#[cfg(test)] mod tests; use c::d;", &["c::d"]);
        check("use alone;", &["alone"]);
    }
}

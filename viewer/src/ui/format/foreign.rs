//! Text from the data, made safe to look at: what cannot be seen, or turns the reading direction, is spelled out.
//!
//! ```text
//! "\0"              ‹NUL›        control characters by their names
//! "\u{202e}txt.exe" ‹U+202E›…    direction overrides, zero-width characters, tags by their numbers
//! ```
//!
//! **Invariant:** for the eye only. What is copied or searched is always the text as it came.

use std::{borrow::Cow, fmt::Write as _};

/// Text of several lines: line breaks and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    spell(text, true)
}

/// Text for one line, such as a name: a line break shows as `‹LF›`.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    spell(text, false)
}

/// At most `max` bytes of a text, cut at a character; and whether something was cut off.
pub fn clip(text: &str, max: usize) -> (&str, bool) {
    if text.len() <= max {
        return (text, false);
    }
    (
        text.get(..text.floor_char_boundary(max)).unwrap_or(""),
        true,
    )
}

fn spell(text: &str, lines: bool) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut out: Option<String> = None;
    let mut before = None;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let after = rest.peek().map(|&(_, c)| c);
        let kept = match c {
            '\n' | '\t' => lines,
            '\r' => lines && after == Some('\n'),
            // They join letters of many scripts, and emoji: only elsewhere are they odd.
            '\u{200c}' | '\u{200d}' => before.is_some_and(joins) && after.is_some_and(joins),
            c => !is_hidden(c),
        };
        match (kept, &mut out) {
            (true, None) => {}
            (true, Some(out)) => out.push(c),
            (false, _) => {
                let out = out.get_or_insert_with(|| text.get(..at).unwrap_or("").to_owned());
                push_mark(c, out);
            }
        }
        before = Some(c);
    }
    out.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Characters without an own shape that change what is read.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters that a joiner belongs between: not Latin, Greek or Cyrillic.
fn joins(c: char) -> bool {
    c >= '\u{600}' && !is_hidden(c)
}

/// Few fonts have the pictures of control characters: their names are legible everywhere.
const CONTROL_NAMES: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR",
    "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC",
    "FS", "GS", "RS", "US",
];

fn push_mark(c: char, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match CONTROL_NAMES.get(c as usize) {
        Some(name) => write!(out, "‹{name}›"),
        None => write!(out, "‹U+{:04X}›", c as u32),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_show() {
        let check = |text: &str, expected: &str| assert_eq!(visible(text), expected, "{text:?}");
        check("", "");
        check("GET /cart", "GET /cart");
        check("line\n\ttab\r\nend", "line\n\ttab\r\nend");
        check("a\rb", "a‹CR›b");
        check("nul\0esc\u{1b}[31m", "nul‹NUL›esc‹ESC›[31m");
        check("\u{7f}\u{85}", "‹U+007F›‹U+0085›");
        check("photo\u{202e}gpj.exe", "photo‹U+202E›gpj.exe");
        check("pay\u{200b}pal\u{feff}", "pay‹U+200B›pal‹U+FEFF›");
        check("a\u{e0041}", "a‹U+E0041›");
        check("a\u{2028}b", "a‹U+2028›b");
    }

    #[test]
    fn scripts_and_emoji_stay_whole() {
        let check = |text: &str| {
            assert!(
                matches!(visible(text), Cow::Borrowed(same) if same == text),
                "{text:?}"
            );
        };
        check("Grüße, Привет, 你好, שלום, مرحبا");
        check("👩\u{200d}💻 done");
        check("می\u{200c}خواهم");
        check("क्\u{200d}ष");
    }

    #[test]
    fn joiners_elsewhere_show() {
        assert_eq!(visible("pay\u{200d}pal"), "pay‹U+200D›pal");
        assert_eq!(visible("\u{200c}"), "‹U+200C›");
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(
            visible_line("GET\n/cart\t\r\n"),
            "GET‹LF›/cart‹TAB›‹CR›‹LF›"
        );
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let check = |text: &str, max: usize, expected: (&str, bool)| {
            assert_eq!(clip(text, max), expected, "{text}");
        };
        check("abc", 3, ("abc", false));
        check("abc", 2, ("ab", true));
        check("aé", 2, ("a", true));
        check("é", 0, ("", true));
    }
}

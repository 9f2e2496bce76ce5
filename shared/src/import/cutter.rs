//! Where a stream of JSON can be cut: behind which byte everything so far is whole.
//!
//! ```text
//! {"resourceSpans":[ {…} , {…} , {…          Opening → List: cut behind the last whole element
//! … ] , "total": 3 }                         Tail: nothing is cut before the value's end
//! {…}⏎ {…}⏎ {…                               Values: cut behind the last whole value
//! ```
//!
//! Strings and brackets are all that is looked at. What stands before the first element goes in front of each piece again,
//! so it may hold names and openings only.
//!
//! **Invariant:** no byte is looked at twice. Brackets that do not pair up only mean that nothing is cut any more.

use crate::json::scan;

/// Lists whose elements need nothing of what stands beside the list: OTLP's resource spans and Jaeger's traces.
const LISTS: [&[u8]; 5] = [
    b"\"resourceSpans\"",
    b"\"resource_spans\"",
    b"\"ResourceSpans\"",
    b"\"batches\"",
    b"\"data\"",
];

/// More than this before the first element is no mere opening.
const OPENING_MAX: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opening,
    List,
    Tail,
    Values,
}

/// Looks for places to cut in a buffer that grows behind and shrinks in front.
#[derive(Debug)]
pub(super) struct Cutter {
    state: State,
    /// How far the buffer has been looked at.
    at: usize,
    depth: usize,
    in_string: bool,
    /// The brackets of the opening.
    opening: Vec<u8>,
    prefix: usize,
    cut: Option<Cut>,
}

/// A place to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Everything before it is whole.
    pub at: usize,
    /// How many values at the top end before it. With none, a piece needs [`Cutter::closing`].
    pub values: usize,
}

impl Cutter {
    pub fn new() -> Self {
        Self {
            state: State::Opening,
            at: 0,
            depth: 0,
            in_string: false,
            opening: Vec::new(),
            prefix: 0,
            cut: None,
        }
    }

    /// How many bytes at the front of the buffer belong in front of each piece.
    pub fn prefix(&self) -> usize {
        self.prefix
    }

    /// What closes a piece that ends behind an element.
    pub fn closing(&self) -> impl Iterator<Item = u8> {
        let opening = self.opening.iter().rev();
        opening.map(|open| if *open == b'{' { b'}' } else { b']' })
    }

    /// Looks at what is new in the buffer. Gives the last place to cut, if there is one.
    pub fn look(&mut self, buffer: &[u8]) -> Option<Cut> {
        while self.at < buffer.len() {
            if self.in_string {
                self.pass_string(buffer);
                continue;
            }
            self.at = scan::structure(buffer, self.at) + 1;
            match buffer.get(self.at - 1) {
                None => self.at = buffer.len(),
                Some(b'"') => self.in_string = true,
                Some(&open @ (b'{' | b'[')) => self.open(open, buffer),
                Some(_) => self.close(),
            }
        }
        self.cut
    }

    /// The bytes of the cut, but for the prefix where it stays, are gone from the buffer.
    pub fn taken(&mut self, cut: Cut) {
        if cut.values > 0 {
            self.opening.clear();
            self.prefix = 0;
        }
        self.at -= cut.at - self.prefix;
        self.cut = None;
    }

    fn pass_string(&mut self, buffer: &[u8]) {
        let at = scan::string_special(buffer, self.at);
        self.at = match buffer.get(at) {
            None => at,
            // What is escaped may be a quote; it may still be on its way.
            Some(b'\\') => at + 2,
            Some(byte) => {
                self.in_string = *byte != b'"';
                at + 1
            }
        };
    }

    fn open(&mut self, bracket: u8, buffer: &[u8]) {
        self.depth += 1;
        if self.state != State::Opening {
            return;
        }
        self.opening.push(bracket);
        if self.at > OPENING_MAX {
            self.state = State::Tail;
        } else if bracket == b'[' {
            let is_list = stands_alone(&buffer[..self.at - 1]);
            self.state = if is_list { State::List } else { State::Tail };
            self.prefix = if is_list { self.at } else { 0 };
        }
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        let whole = match self.state {
            State::Values => self.depth == 0,
            State::List if self.depth >= self.opening.len() => self.depth == self.opening.len(),
            _ => {
                // An opening that closes is none, and what follows the list is nothing to be cut.
                self.state = if self.depth == 0 {
                    State::Values
                } else {
                    State::Tail
                };
                self.depth == 0
            }
        };
        if whole {
            let before = self.cut.map_or(0, |cut| cut.values);
            let values = before + usize::from(self.depth == 0);
            self.cut = Some(Cut {
                at: self.at,
                values,
            });
        }
    }
}

/// Whether a list behind these bytes is one of [`LISTS`], or has no name.
fn stands_alone(before: &[u8]) -> bool {
    match before.trim_ascii_end() {
        [name @ .., b':'] => LISTS
            .iter()
            .any(|list| name.trim_ascii_end().ends_with(list)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `text` byte by byte and takes every piece as soon as it can be had.
    fn pieces(text: &str) -> Vec<String> {
        let (mut cutter, mut buffer, mut pieces) = (Cutter::new(), Vec::new(), Vec::new());
        for &byte in text.as_bytes() {
            buffer.push(byte);
            let Some(cut) = cutter.look(&buffer) else {
                continue;
            };
            let mut piece = buffer[..cut.at].to_vec();
            if cut.values == 0 {
                piece.extend(cutter.closing());
            }
            let keep = if cut.values == 0 { cutter.prefix() } else { 0 };
            buffer.drain(keep..cut.at);
            cutter.taken(cut);
            pieces.push(String::from_utf8(piece).unwrap());
        }
        pieces.push(String::from_utf8(buffer).unwrap());
        pieces
    }

    #[test]
    fn pieces_are_whole() {
        let check = |text: &str, expected: &[&str]| assert_eq!(pieces(text), expected, "{text}");
        check("", &[""]);
        check("[]", &["[]", ""]);
        check("[{},{}]", &["[{}]", "[,{}]", "[]", ""]);
        check(
            r#"{"data":[{"b":[1]},2]}"#,
            &[r#"{"data":[{"b":[1]}]}"#, r#"{"data":[,2]}"#, ""],
        );
        check(
            r#"{"data":[{}],"c":[{}]}"#,
            &[r#"{"data":[{}]}"#, r#"{"data":[],"c":[{}]}"#, ""],
        );
        // A list that needs what stands beside it, an object in front: held whole.
        check(
            r#"{"spans":[{},{}],"p":1}"#,
            &[r#"{"spans":[{},{}],"p":1}"#, ""],
        );
        check(r#"{"o":{},"a":[{},{}]}"#, &[r#"{"o":{},"a":[{},{}]}"#, ""]);
        check(
            "{\"a\":1}\n{\"a\":[{},{}]}\n[",
            &["{\"a\":1}", "\n{\"a\":[{},{}]}", "\n["],
        );
        // Brackets in strings, escapes.
        check(r#"["a]",{"\"}":"\\"},"#, &[r#"["a]",{"\"}":"\\"}]"#, "[,"]);
        // What does not pair up.
        check("]]{}", &["]", "]", "{}", ""]);
        check("[{},}{", &["[{}]", "[,}", "{"]);
    }
}

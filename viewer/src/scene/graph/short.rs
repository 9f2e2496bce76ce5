//! Names cut to the room they have, so that what tells one from another stays: `team2-…orders`, `…cart_prod`.
//!
//! ```text
//! team2-service-orders   as it is, where there is room
//! team2-…orders          without what others begin with, too, but for its first word
//! …orders                without all of that
//! or…rs                  what is left, without its middle
//! ```
//!
//! What many names end with (`_prod`, `-service`) goes the same way.
//!
//! **Invariant:** pure; linear in the letters of all names; a name that has room is never cut.

use std::collections::HashMap;

use super::words::{fits, room_for};

/// So many names that begin or end alike are many.
const MANY: usize = 3;
/// So many beginnings or ends of a name are looked at.
const WORDS: usize = 12;

/// A name, and shorter ways to write it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Label {
    /// The name, then others, each shorter than the one before.
    forms: Vec<String>,
    /// What is cut in the middle where none of them has room.
    core: String,
}

impl Label {
    /// The longest form that has room; else as much of both ends as has.
    pub fn fitted(&self, size: f32, room: f32) -> String {
        let form = self.forms.iter().find(|form| fits(form, size, room));
        form.cloned()
            .unwrap_or_else(|| without_middle(&self.core, size, room))
    }
}

/// The labels of names that are seen together.
pub(super) fn labels(names: &[String]) -> Vec<Label> {
    let mut begin: HashMap<&str, usize> = HashMap::new();
    let mut end: HashMap<&str, usize> = HashMap::new();
    for name in names {
        for at in begins(name).take(WORDS) {
            *begin.entry(&name[..at]).or_default() += 1;
        }
        for at in ends(name).take(WORDS) {
            *end.entry(&name[at..]).or_default() += 1;
        }
    }
    let nearly_all = (names.len() * 3).div_ceil(5).max(MANY);
    let some = names.len().div_ceil(8).max(MANY);
    let label = |name: &String| {
        let shared = |most: usize| {
            let long = begins(name)
                .take(WORDS)
                .take_while(|&at| begin[&name[..at]] >= most);
            long.last().unwrap_or(0)
        };
        let (base, deep) = (shared(nearly_all), shared(MANY));
        // The end goes only where what stays is still one name's alone.
        let alone = |at: usize| {
            let next = begins(name).take(WORDS).find(|&next| next > at);
            next.is_some_and(|next| begin[&name[..next]] == 1)
        };
        let tail = ends(name)
            .take(WORDS)
            .take_while(|&at| at > deep && end[&name[at..]] >= some && alone(at));
        let tail = tail.last().unwrap_or(name.len());
        // The first word that not nearly all have; else their first, which tells where they belong.
        let lead = if base < deep { base } else { 0 };
        let word = begins(name).find(|&at| at > lead).unwrap_or(0);
        let (own, core) = (&name[deep..], &name[deep..tail]);
        let mut forms = vec![name.clone()];
        let mut add = |form: String| {
            if form.chars().count() < forms.last().map_or(0, |last| last.chars().count()) {
                forms.push(form);
            }
        };
        if tail < name.len() {
            add(format!("{}…", &name[..tail]));
        }
        if lead > 0 {
            add(format!("…{}", &name[lead..]));
        }
        if word > 0 && word < deep {
            add(format!("{}…{own}", &name[lead..word]));
        }
        if deep > 0 {
            add(format!("…{own}"));
        }
        if deep > 0 && tail < name.len() {
            add(format!("…{core}…"));
        }
        Label {
            forms,
            core: core.to_owned(),
        }
    };
    names.iter().map(label).collect()
}

fn is_between(letter: char) -> bool {
    matches!(letter, '-' | '_' | '.' | '/' | ':' | ' ')
}

/// Where the second, third, … word of a name begins.
fn begins(name: &str) -> impl Iterator<Item = usize> {
    let mut letters = name.char_indices().peekable();
    core::iter::from_fn(move || {
        loop {
            let (_, letter) = letters.next()?;
            let &(next, after) = letters.peek()?;
            if is_between(letter) && !is_between(after) {
                return Some(next);
            }
        }
    })
}

/// Where the last, last but one, … word of a name ends, from the end.
fn ends(name: &str) -> impl Iterator<Item = usize> {
    let mut letters = name.char_indices().rev().peekable();
    core::iter::from_fn(move || {
        loop {
            let (at, letter) = letters.next()?;
            let &(_, before) = letters.peek()?;
            if is_between(letter) && !is_between(before) {
                return Some(at);
            }
        }
    })
}

/// As much of both ends as has room, with `…` between, even if all had: what was cut before says so. Nothing when not even a
/// letter has room.
fn without_middle(text: &str, size: f32, room: f32) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut left = room - room_for("…", size);
    let (mut head, mut tail) = (0, 0);
    while head + tail + 1 < letters.len() {
        // The end first: names of things say there what they are.
        let next = if tail <= head {
            letters[letters.len() - 1 - tail]
        } else {
            letters[head]
        };
        left -= room_for(next.encode_utf8(&mut [0; 4]), size);
        if left < 0.0 {
            break;
        }
        if tail <= head {
            tail += 1;
        } else {
            head += 1;
        }
    }
    if head + tail == 0 {
        return String::new();
    }
    let (head, tail) = (&letters[..head], &letters[letters.len() - tail..]);
    let (head, tail): (String, String) = (head.iter().collect(), tail.iter().collect());
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All forms of the first of some names.
    fn check(names: &[&str], expected: &[&str]) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let labels = labels(&names);
        assert_eq!(labels[0].forms, expected);
    }

    #[test]
    fn what_others_have_too_goes_first() {
        check(&["cart"], &["cart"]);
        check(&["", "", ""], &[""]);
        check(&["a-b", "a-c"], &["a-b"]);
        check(
            &[
                "team2-service-orders",
                "team2-service-cart",
                "team2-service-tax",
                "team1-service-a",
                "team1-service-b",
                "gw",
            ],
            &["team2-service-orders", "team2-…orders", "…orders"],
        );
        check(
            &[
                "acme.cart.v1.Get",
                "acme.cart.v1.Put",
                "acme.cart.v1.List",
                "acme.tax.v1.Get",
                "acme.user.Find",
                "acme.auth.Check",
            ],
            &["acme.cart.v1.Get", "…cart.v1.Get", "cart.…Get", "…Get"],
        );
        check(
            &[
                "postgresql cart_prod",
                "postgresql tax_prod",
                "postgresql auth_prod",
                "web",
                "api",
                "gw",
                "tax",
            ],
            &[
                "postgresql cart_prod",
                "postgresql cart…",
                "…cart_prod",
                "…cart…",
            ],
        );
        check(
            &["a-b-orders", "a-b-cart", "a-b-tax"],
            &["a-b-orders", "a-…orders", "…orders"],
        );
        // What this one ends with tells it from another.
        check(
            &[
                "team1-service-008",
                "team2-service-008",
                "team3-service-008",
                "team1-service-009",
            ],
            &["team1-service-008"],
        );
        check(
            &["payment-service", "cart-service", "tax-service"],
            &["payment-service", "payment…"],
        );
    }

    #[test]
    fn both_ends_stay_where_nothing_has_room() {
        let label = &labels(&["recommendation".to_owned()])[0];
        let check = |room: f32, expected: &str| assert_eq!(label.fitted(10.0, room), expected);
        check(200.0, "recommendation");
        check(50.0, "reco…tion");
        check(3.0, "");
        assert_eq!(Label::default().fitted(10.0, 50.0), "");
    }

    #[test]
    fn labels_that_are_seen_together_stay_different() {
        let names: Vec<String> = (0..300)
            .map(|at| format!("team{}-service-{:03}", at % 4, at / 4))
            .collect();
        let mut texts: Vec<String> = labels(&names)
            .iter()
            .map(|label| label.fitted(11.0, 78.0))
            .collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!((texts.len(), texts[0].as_str()), (300, "team0-…000"));
    }
}

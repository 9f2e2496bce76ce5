//! What may be meant by a query that is right and finds nothing.
//!
//! **Invariant:** changes nothing about what matches; says only what is so.

use super::{Expr, Field, Intrinsic, KnownFields, matcher::handle_of, parse};
use crate::store::TraceStore;

/// Names further apart than this are no slips.
const SLIPS: usize = 2;

/// Why a query may find nothing, in a sentence; `None` where nothing is known. Code in it stands in backticks.
pub fn hint(store: &TraceStore, known: Option<&KnownFields>, text: &str) -> Option<String> {
    let expr = parse(text).ok()??;
    let mut found = None;
    expr.each_leaf(&mut |leaf, alone| {
        found = found.take().or_else(|| match leaf {
            Expr::Text(word) if !alone => joint(word),
            Expr::Test(Field::Attribute(_, key), _) => missing(store, known, key),
            _ => None,
        });
    });
    found
}

/// A word that joins nothing as it is written.
fn joint(word: &str) -> Option<String> {
    let joints = ["and", "or", "not"];
    let joint = joints.into_iter().find(|joint| *joint == word)?;
    Some(format!(
        "`{joint}` is a word to find here; between terms it is written `{}`",
        joint.to_uppercase()
    ))
}

/// A key that nothing has.
fn missing(store: &TraceStore, known: Option<&KnownFields>, key: &str) -> Option<String> {
    if handle_of(store.strings(), key).is_some() {
        return None;
    }
    let own = Intrinsic::ALL.iter().map(|(name, _)| *name);
    let keys = known.iter().flat_map(|known| known.fields.iter());
    let keys = keys.filter_map(|(field, _)| match field {
        Field::Attribute(_, key) => Some(key.as_str()),
        Field::Own(_) => None,
    });
    let near = own
        .chain(keys)
        .map(|name| (distance(key, name), name))
        .min_by_key(|(slips, _)| *slips)
        .filter(|(slips, name)| *slips <= SLIPS && *slips < name.len());
    Some(match near {
        Some((_, name)) => format!("Nothing here has `{key}`. Is `{name}` meant?"),
        None => format!("Nothing here has `{key}`"),
    })
}

/// How many letters have to be put in, taken out, changed, or changed with their neighbour; no more than one above
/// [`SLIPS`] is told.
fn distance(left: &str, right: &str) -> usize {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len().abs_diff(right.len()) > SLIPS {
        return SLIPS + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (at, a) in left.iter().enumerate() {
        let mut row = vec![at + 1];
        for (to, b) in right.iter().enumerate() {
            let mut least = (last[to] + usize::from(a != b)).min(last[to + 1].min(row[to]) + 1);
            if at > 0 && to > 0 && *a == right[to - 1] && left[at - 1] == *b {
                least = least.min(before[to - 1] + 1);
            }
            row.push(least);
        }
        before = core::mem::replace(&mut last, row);
    }
    last.last().map_or(0, |slips| (*slips).min(SLIPS + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    #[test]
    fn what_finds_nothing_may_be_meant_otherwise() {
        let store = sample::store();
        let known = KnownFields::of_trace(&store, 0);
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                hint(&store, Some(&known), text).as_deref(),
                expected,
                "{text}"
            );
        };
        check("", None);
        check("nothing", None);
        check("status = error", None);
        check("status = ", None);
        check("or", None);
        check(
            "statsu = error",
            Some("Nothing here has `statsu`. Is `status` meant?"),
        );
        check(
            "a = 1 AND NOT parent.durtion > 1s",
            Some("Nothing here has `durtion`. Is `duration` meant?"),
        );
        check("no.such.key exists", Some("Nothing here has `no.such.key`"));
        check(
            "status = error or kind = client",
            Some("`or` is a word to find here; between terms it is written `OR`"),
        );
    }

    #[test]
    fn slips_are_counted() {
        let check = |left: &str, right: &str, expected: usize| {
            assert_eq!(distance(left, right), expected, "{left} {right}");
            assert_eq!(distance(right, left), expected, "{right} {left}");
        };
        check("", "", 0);
        check("status", "status", 0);
        check("statsu", "status", 1);
        check("stats", "status", 1);
        check("stotas", "status", 2);
        check("kind", "self", 3);
        check("", "id", 2);
        check("x", "duration", 3);
    }
}

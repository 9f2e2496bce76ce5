//! Names in the tables: what has no room goes from their middle.
//!
//! **Invariant:** both pieces together are the name.

use crate::dom::prelude::*;

/// A name as two pieces, of which the first gives way where there is no room for both: names that begin alike differ at the
/// end. Screen readers have it in one.
pub(super) fn name(name: &str) -> Markup {
    let (head, tail) = ends(name);
    if tail.is_empty() {
        return view! { <span class="graph-head" dir="auto">{head.to_owned()}</span> }.into_any();
    }
    let (name, head, tail) = (name.to_owned(), head.to_owned(), tail.to_owned());
    view! {
        <span class="visually-hidden">{name}</span>
        <span class="graph-words" aria-hidden="true"><span class="graph-head">{head}</span><span class="graph-tail">{tail}</span></span>
    }
    .into_any()
}

/// So many letters of a name stay at its end.
const TAIL: usize = 12;

/// The two pieces; the second is empty where the name is short.
fn ends(name: &str) -> (&str, &str) {
    let letters = name.chars().count();
    if letters < TAIL + 6 {
        return (name, "");
    }
    let cut = name.char_indices().nth(letters - TAIL);
    name.split_at(cut.map_or(name.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_have_an_end() {
        let check = |name: &str, expected: (&str, &str)| assert_eq!(ends(name), expected);
        check("", ("", ""));
        check("checkout-service", ("checkout-service", ""));
        check(
            "postgresql recommendation_prod",
            ("postgresql recomme", "ndation_prod"),
        );
        check("ééééééééééééééééééé", ("ééééééé", "éééééééééééé"));
    }
}

//! The text of the query bar in colours, and what is wrong with it underlined: painted over the field, whose own letters are
//! clear then.
//!
//! **Invariant:** has the field's letters at the field's places.

use core::ops::Range;

use crate::dom::prelude::*;
use throughline_model::query::{QueryError, Role, roles};
use web_sys::{HtmlElement, HtmlInputElement};

use crate::browser::{frame, later};

/// Whether what is missing stands at the end: somebody is still typing.
pub fn is_unfinished(text: &str, error: Option<&QueryError>) -> bool {
    error.is_some_and(|error| error.at.start >= text.trim_end().len())
}

/// A sentence in which code stands in backticks.
pub fn words(sentence: &str) -> Markup {
    let parts = sentence.split('`').enumerate().map(|(at, part)| {
        let part = part.to_owned();
        match at % 2 {
            0 => part.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        }
    });
    view! { <div class="find-error">{parts.collect_view()}</div> }.into_any()
}

/// The text over the field.
#[derive(Clone, Copy)]
pub struct Painted {
    input: NodeRef<HtmlInputElement>,
    element: NodeRef<HtmlElement>,
    /// What stands in the field, before anybody has looked at it.
    text: RwSignal<String>,
}

impl Painted {
    /// Over this field.
    pub fn over(input: NodeRef<HtmlInputElement>) -> Self {
        Self {
            input,
            element: NodeRef::new(),
            text: RwSignal::new(String::new()),
        }
    }

    /// The field has this text now.
    pub fn set(self, text: String) {
        let is_empty = text.is_empty();
        self.text.set(text);
        // To ask how far a field is scrolled has the page laid out at once.
        if !is_empty {
            frame::request("query", move || self.follow());
        }
    }

    /// Whether the field's own letters are to be clear. The query language is in the later part; who types has it soon.
    pub fn is_there(self) -> bool {
        !self.text.with(String::is_empty) && later::is_here()
    }

    /// Shows the part of the text that the field does.
    pub fn follow(self) {
        if let (Some(input), Some(element)) =
            (self.input.get_untracked(), self.element.get_untracked())
        {
            element.set_scroll_left(input.scroll_left());
        }
    }

    /// The painted text; `error` is that of `of`, which may be an older text.
    pub fn view(self, of: Memo<String>, error: Memo<Option<QueryError>>) -> impl IntoView {
        let shown = move || {
            let text = self.text.get();
            let fault = error.get().filter(|_| of.with(|of| *of == text));
            let parts = match self.is_there() {
                true => parts(&text, fault.map(|error| error.at)),
                false => Vec::new(),
            };
            let part = |(part, class)| view! { <span class=class>{part}</span> };
            parts.into_iter().map(part).collect_view()
        };
        view! { <div class="find-painted" aria-hidden="true" node_ref=self.element>{shown}</div> }
    }
}

/// The parts of a text with their classes: what is at fault is a part of its own, and has a place even where it is empty.
fn parts(text: &str, fault: Option<Range<usize>>) -> Vec<(String, &'static str)> {
    let fault = fault.filter(|fault| text.get(fault.clone()).is_some());
    let end = text.len();
    let (from, to) = fault.as_ref().map_or((end, end), |at| (at.start, at.end));
    let within = |from: usize, to: usize| {
        let parts = roles(text).into_iter().filter_map(move |(range, role)| {
            let part = range.start.max(from)..range.end.min(to);
            let class = match role {
                Role::Plain => "",
                Role::Field => "find-field",
                Role::Joint => "find-joint",
            };
            Some((text.get(part).filter(|part| !part.is_empty())?, class))
        });
        parts.map(|(part, class)| (part.to_owned(), class))
    };
    let place = fault.map(|at| match at.is_empty() {
        true => " ".to_owned(),
        false => text[at].to_owned(),
    });
    let place = place.map(|place| (place, "find-fault"));
    within(0, from)
        .chain(place)
        .chain(within(to, end))
        .collect()
}

#[cfg(test)]
mod tests {
    use throughline_model::query::parse_query;

    use super::*;

    #[test]
    fn what_is_at_fault_is_a_part_of_its_own() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let error = parse_query(text).err();
            let parts = parts(text, error.map(|error| error.at));
            let parts: Vec<_> = parts
                .iter()
                .map(|(part, class)| (part.as_str(), *class))
                .collect();
            assert_eq!(parts, expected, "{text}");
        };
        check("", &[]);
        check("cart", &[("cart", "")]);
        check(
            "status = error AND x",
            &[
                ("status", "find-field"),
                (" = error ", ""),
                ("AND", "find-joint"),
                (" x", ""),
            ],
        );
        check(
            "status = ",
            &[("status", "find-field"), (" = ", ""), (" ", "find-fault")],
        );
        check(
            "duration > x AND y",
            &[
                ("duration", "find-field"),
                (" > ", ""),
                ("x", "find-fault"),
                (" ", ""),
                ("AND", "find-joint"),
                (" y", ""),
            ],
        );
    }

    #[test]
    fn who_is_still_typing_has_no_fault() {
        let check = |text: &str, expected: bool| {
            let error = parse_query(text).err();
            assert_eq!(is_unfinished(text, error.as_ref()), expected, "{text}");
        };
        check("status", false);
        check("status =", true);
        check("status = ", true);
        check("(a b", true);
        check("a AND", true);
        check("duration > x", false);
        check("a) b", false);
    }
}

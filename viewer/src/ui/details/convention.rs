//! What the attributes mean where they follow the semantic conventions, current or former: HTTP, RPC, databases,
//! messages, functions, generative models, object storage, the mesh and Kubernetes, each as a section to be read.
//!
//! **Invariant:** says again what the attributes below say, in order and in words; a key that is not known is left to them.

mod keys;

use throughline_model::store::{SpanRef, ValueRef};

use super::{json, sql};
use crate::{
    dom::prelude::*,
    ui::format::{self, clip, visible, visible_line},
};
use keys::{Form, Line, SECTIONS};

/// One section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// Labels and values.
    pub lines: Vec<(&'static str, String)>,
    /// A statement, laid out.
    pub statement: Option<String>,
}

/// Bytes of a value that are shown; all of it is with the attributes.
const SHOWN: usize = 200;

/// What a section's line says of a span: `says(span, "HTTP", "method")`.
pub fn says(span: SpanRef<'_>, title: &str, label: &str) -> Option<String> {
    let (_, lines) = SECTIONS.iter().find(|(known, _)| *known == title)?;
    let Line(_, form, keys) = lines.iter().find(|Line(known, ..)| *known == label)?;
    written(value(span, keys)?, *form)
}

/// The value of the first of the keys that the span has, else its resource.
fn value<'a>(span: SpanRef<'a>, keys: &[&str]) -> Option<ValueRef<'a>> {
    let (own, resource) = (span.attributes(), span.resource().attributes());
    let found = keys.iter().find_map(|key| own.get(key));
    found.or_else(|| keys.iter().find_map(|key| resource.get(key)))
}

/// The sections of a span; its resource says what it does not.
pub fn sections(span: SpanRef<'_>) -> Vec<Section> {
    let of = |(title, lines): &(&'static str, &[Line])| {
        let mut section = Section {
            title,
            ..Section::default()
        };
        for Line(label, form, keys) in *lines {
            match (value(span, keys), form) {
                (Some(value), Form::Statement) => {
                    let text = json::plain(value);
                    section.statement =
                        sql::laid_out(&text).map(|text| visible(&text).into_owned());
                }
                (Some(value), form) => {
                    section
                        .lines
                        .extend(written(value, *form).map(|text| (*label, text)));
                }
                (None, _) => {}
            }
        }
        section
    };
    let mut sections: Vec<Section> = SECTIONS.iter().map(of).collect();
    sections.retain(|section| !section.lines.is_empty() || section.statement.is_some());
    sections
}

fn written(value: ValueRef<'_>, form: Form) -> Option<String> {
    let number = match value {
        ValueRef::Int(number) => u64::try_from(number).ok(),
        ValueRef::Str(text) => text.parse().ok(),
        _ => None,
    };
    let plain = || {
        let text = json::plain(value);
        let (head, cut) = clip(&text, SHOWN);
        format!("{}{}", visible_line(head), if cut { "…" } else { "" })
    };
    Some(match (form, number) {
        (Form::Count, Some(number)) => format::count(number),
        (Form::Bytes, Some(number)) => format::bytes(number),
        (Form::Yes, _) => match value {
            ValueRef::Bool(false) => return None,
            ValueRef::Bool(true) => "yes".to_owned(),
            _ => plain(),
        },
        _ => plain(),
    })
    .filter(|text| !text.is_empty())
}

/// Above the attributes: what they mean.
#[component]
pub(super) fn Conventions(place: super::Place) -> impl IntoView {
    let sections = place.with_value(|selected| sections(selected.store().span(selected.span)));
    let view = |section: Section| {
        let lines = section
            .lines
            .into_iter()
            .map(|(label, value)| view! { <div><dt>{label}</dt><dd dir="auto">{value}</dd></div> });
        view! {
            <section class="meaning" aria-label=section.title>
                <h3>{section.title}</h3>
                <dl>{lines.collect_view()}</dl>
                {section.statement.map(|text| view! { <pre class="meaning-statement" tabindex="0">{text}</pre> })}
            </section>
        }
    };
    sections.into_iter().map(view).collect_view()
}

#[cfg(test)]
pub mod tests;

//! What the attributes mean where they follow the semantic conventions, current or former: HTTP, RPC, databases,
//! messages, functions, generative models, object storage, the mesh and Kubernetes, each as a section to be read.
//!
//! **Invariant:** says again what the attributes below say, in order and in words; a key that is not known is left to them.

mod forms;
mod keys;

use throughline_model::store::{SpanRef, ValueList, ValueRef};

use super::{json, sql};
use crate::{
    dom::prelude::*,
    ui::format::{clip, visible},
};
pub(super) use forms::reason;
use keys::{ASKED_MODEL, Form, Line, SECTIONS};

/// One section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// What is said, in order.
    pub lines: Vec<Said>,
    /// A statement, laid out where it is SQL.
    pub statement: Option<String>,
}

/// A label and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is.
    pub label: &'static str,
    /// The value.
    pub text: String,
    /// Whether this is an error for the side that the span is of.
    pub wrong: bool,
}

/// Bytes of a statement that is not laid out; all of it is with the attributes.
const STATEMENT: usize = 2_000;

/// So many attributes of a span are looked through: every key is looked for in them.
const READ: usize = 5_000;

/// What a section's line says of a span: `says(span, "HTTP", "method")`.
pub fn says(span: SpanRef<'_>, title: &str, label: &str) -> Option<String> {
    let (_, lines) = SECTIONS.iter().find(|(known, _)| *known == title)?;
    let line = lines.iter().find(|Line(known, ..)| *known == label)?;
    Some(said(span, line)?.text)
}

/// The first of the keys that the span has, else its resource; with its value.
fn value<'a>(
    span: SpanRef<'a>,
    keys: &'static [&'static str],
) -> Option<(&'static str, ValueRef<'a>)> {
    let of = |list: ValueList<'a>| {
        keys.iter().find_map(|key| {
            let (_, value) = list.iter().take(READ).find(|(known, _)| known == key)?;
            Some((*key, value))
        })
    };
    of(span.attributes()).or_else(|| of(span.resource().attributes()))
}

fn said(span: SpanRef<'_>, &Line(label, form, keys): &Line) -> Option<Said> {
    let (key, value) = value(span, keys)?;
    let (text, wrong) = forms::written(span, key, value, form)?;
    Some(Said {
        label: forms::label(span.kind(), label, form),
        text,
        wrong,
    })
}

/// The sections of a span; its resource says what it does not.
pub fn sections(span: SpanRef<'_>) -> Vec<Section> {
    let of = |(title, lines): &(&'static str, &[Line])| {
        let mut section = Section {
            title,
            ..Section::default()
        };
        for line in *lines {
            let Line(_, form, keys) = line;
            if *form == Form::Statement {
                section.statement = value(span, keys).and_then(|(_, value)| statement(value));
            } else {
                section.lines.extend(said(span, line));
            }
        }
        let answered = section.lines.iter().find(|said| said.label == "model");
        let answered = answered.map(|said| said.text.clone());
        let same = |said: &Said| said.label == ASKED_MODEL && Some(&said.text) == answered.as_ref();
        section.lines.retain(|said| !same(said));
        section
    };
    let mut sections: Vec<Section> = SECTIONS.iter().map(of).collect();
    sections.retain(|section| !section.lines.is_empty() || section.statement.is_some());
    sections
}

/// SQL with a line for every clause; anything else as it came.
fn statement(value: ValueRef<'_>) -> Option<String> {
    let text = json::plain(value);
    if let Some(text) = sql::laid_out(&text) {
        return Some(visible(&text).into_owned());
    }
    let (head, cut) = clip(text.trim(), STATEMENT);
    let end = if cut { "…" } else { "" };
    (!head.is_empty()).then(|| format!("{}{end}", visible(head)))
}

/// Above the attributes: what they mean.
#[component]
pub(super) fn Conventions(place: super::Place) -> impl IntoView {
    let sections = place.with_value(|selected| sections(selected.store().span(selected.span)));
    let view = |section: Section| {
        let lines = section
            .lines
            .into_iter()
            .map(|said| view! { <div><dt>{said.label}</dt><dd dir="auto" class:wrong=said.wrong>{said.text}</dd></div> });
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

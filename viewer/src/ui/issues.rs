//! What was wrong with the input: by file, counted, with the first places.
//!
//! **Invariant:** every issue of the dataset is here, the ones that belong to no file too; nothing is rated or hidden.

pub(super) mod places;

use std::fmt::Write as _;

use crate::dom::prelude::*;
use throughline_model::{
    issues::{Issue, IssueKind},
    order::rows_by_key,
    store::{Source, TraceStore},
};

use super::{
    context::{App, use_app},
    format,
    keys::Modal,
};
use crate::state::{Command, Dialog};

const ALL_FILES: &str = "All files together";

/// A file with its issues; without a file, those that only show when all files are put together.
struct Part {
    source: Option<Source>,
    issues: Vec<Issue>,
}

/// Files in the order in which they were opened, those without issues left out; issues by how often they occur.
fn parts(store: &TraceStore) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut places = std::collections::HashMap::new();
    let several = store.sources().len() > 1;
    let file_of = |issue: &Issue| (!several || !is_of_dataset(issue.kind)).then_some(issue.source);
    let issues: Vec<&Issue> = store.issues().iter().collect();
    let order = rows_by_key(issues.len(), |at| {
        let issue = issues[at as usize];
        (
            file_of(issue).is_none(),
            issue.source,
            std::cmp::Reverse(issue.count),
        )
    });
    for issue in order.into_iter().map(|at| issues[at as usize]) {
        let place = *places.entry(file_of(issue)).or_insert_with(|| {
            let source = file_of(issue)
                .and_then(|source| store.sources().get(source as usize))
                .cloned();
            parts.push(Part {
                source,
                issues: Vec::new(),
            });
            parts.len() - 1
        });
        if let Some(part) = parts.get_mut(place) {
            part.issues.push(issue.clone());
        }
    }
    parts
}

/// Kinds that are about spans of one trace, which may come from several files.
fn is_of_dataset(kind: IssueKind) -> bool {
    use IssueKind::{DuplicateSpanId, MissingParent, MixedTraceIdWidth, ParentCycle, SelfParent};
    matches!(
        kind,
        DuplicateSpanId | MissingParent | MixedTraceIdWidth | ParentCycle | SelfParent
    )
}

/// `OTLP JSON in gzip · 12.3 kB · 31 spans`.
fn source_words(source: &Source) -> String {
    let format = if source.format.is_empty() {
        "format not recognised"
    } else {
        &source.format
    };
    let mut around: Vec<&str> = source.container.iter().map(String::as_str).collect();
    // The outermost is first in the list, and last when it is said.
    around.reverse();
    let around = around
        .iter()
        .fold(String::new(), |words, container| words + " in " + container);
    let size = format::bytes(source.bytes);
    format!(
        "{}{around} · {size} · {}",
        format::visible_text(format),
        format::counted(source.spans, "span")
    )
}

/// `byte 12, 96 and 7 more`; empty when no place is known.
fn places_words(issue: &Issue) -> String {
    let Some((first, rest)) = issue.offsets.split_first() else {
        return String::new();
    };
    let mut words = format!("at byte {}", format::count(*first));
    for offset in rest {
        // Writing to a string cannot fail.
        let _ = write!(words, ", {}", format::count(*offset));
    }
    let more = issue.count.saturating_sub(issue.offsets.len() as u64);
    if more > 0 {
        let _ = write!(words, " and {} more", format::count(more));
    }
    words
}

/// All of it as text, for a report to whoever made the file.
fn as_text(store: &TraceStore) -> String {
    let mut text = String::new();
    for part in parts(store) {
        let _ = match &part.source {
            Some(source) => writeln!(text, "{}: {}", source.name, source_words(source)),
            None => writeln!(text, "{ALL_FILES}"),
        };
        for issue in &part.issues {
            let _ = write!(text, "  {} × {}", issue.count, issue.kind.sentence());
            for words in [places_words(issue), issue.detail.clone()] {
                if !words.is_empty() {
                    let _ = write!(text, "; {words}");
                }
            }
            text.push('\n');
        }
    }
    text
}

/// The dialog.
#[component]
pub fn Issues() -> impl IntoView {
    let app = use_app();
    let dataset = app.select(|state| state.dataset.clone());
    let content = move || {
        dataset.with(|dataset| {
            let store = &dataset.as_ref()?.store;
            if store.issues().is_empty() {
                return Some(view! { <p class="issues-none">"Nothing was wrong with the input."</p> }.into_any());
            }
            let total = store.issues().total();
            let spans = store.span_count() as u64;
            let summary = format!("{}; {} could be read and are open. Whatever was replaced, cut or left out for that is listed here.",
                format::counted(total, "issue"), format::counted(spans, "span"));
            let text = as_text(store);
            Some(view! {
                <div class="issues-top">
                    <p class="hint">{summary}</p>
                    <button class="button" on:click=move |_| app.dispatch(Command::Copy { text: text.clone(), what: "Issues".into() })>"Copy as text"</button>
                </div>
                {parts(store).into_iter().map(|part| part_view(app, store, part)).collect_view()}
            }.into_any())
        })
    };
    view! { <Modal title="Issues in the data" dialog=Dialog::Issues wide=true>{content}</Modal> }
}

fn part_view(app: App, store: &TraceStore, part: Part) -> Markup {
    let selection = app.peek(|state| state.selection);
    let (name, words) = match &part.source {
        Some(source) => (format::visible_text(&source.name), source_words(source)),
        None => (
            ALL_FILES.to_owned(),
            "A trace can be spread over files: these belong to none of them alone.".to_owned(),
        ),
    };
    let head = view! { <header class="issues-source"><h3 dir="auto">{name}</h3><p class="hint">{words}</p></header> };
    let rows = part.issues.into_iter().map(|issue| {
        let places = places_words(&issue);
        let detail = format::visible_text(&issue.detail);
        let way = places::find(store, issue.kind, selection).map(|found| view! {
            <button class="button issues-way" on:click=move |_| { app.dispatch(Command::ShowDialog(None)); places::go(app, found); }>{found.words()}</button>
        });
        view! {
            <li class="issues-row">
                <span class="issues-count">{format::count(issue.count)}</span>
                <div class="issues-words">
                    <p>{issue.kind.sentence()}</p>
                    {(!detail.is_empty()).then(|| view! { <p class="issues-detail" dir="auto">{detail}</p> })}
                    {(!places.is_empty()).then(|| view! { <p class="issues-places">{places}</p> })}
                </div>
                {way}
            </li>
        }
    });
    view! { <section class="issues-part">{head}<ul class="issues-list">{rows.collect_view()}</ul></section> }.into_any()
}

#[cfg(test)]
mod tests {
    use throughline_model::store::builder::StoreBuilder;

    use super::*;

    fn store() -> TraceStore {
        let mut b = StoreBuilder::new();
        let file = |name: &str, container: &[&str]| Source {
            name: name.into(),
            format: "OTLP JSON".into(),
            container: container.iter().map(|&word| word.to_owned()).collect(),
            bytes: 12_345,
            spans: 1,
        };
        b.begin_source(file("clean.json", &[]));
        b.begin_source(file("a.zip", &["zip", "gzip"]));
        b.issues.add(IssueKind::BadUtf8, Some(7));
        for offset in 0..7 {
            b.issues
                .add_with(IssueKind::BadNumber, Some(offset * 1_000), || {
                    "\"x\" is no number".into()
                });
        }
        b.begin_source(file("c.json", &[]));
        b.issues.add(IssueKind::MissingEnd, None);
        b.issues.add_many(IssueKind::SelfParent, 2);
        b.finish()
    }

    #[test]
    fn issues_stand_by_their_file_the_frequent_ones_first() {
        let expected = "a.zip: OTLP JSON in gzip in zip · 12.3 kB · 1 span\n  \
            7 × Number does not fit its field; at byte 0, 1\u{202f}000, 2\u{202f}000, 3\u{202f}000, 4\u{202f}000 and 2 more; \"x\" is no number\n  \
            1 × Text is not valid UTF-8; bad bytes replaced; at byte 7\n\
            c.json: OTLP JSON · 12.3 kB · 1 span\n  \
            1 × Span has no end time\n\
            All files together\n  \
            2 × Span names itself as its parent\n";
        assert_eq!(as_text(&store()), expected);
    }

    #[test]
    fn an_unknown_format_is_said() {
        let source = Source {
            name: "x".into(),
            ..Source::default()
        };
        assert_eq!(
            source_words(&source),
            "format not recognised · 0 B · 0 spans"
        );
    }
}

//! Above the details of a span whose row stands for more: what the group took, or the other side of the call.
//!
//! **Invariant:** says what the row says; the details below are those of one span.

use crate::dom::prelude::*;
use throughline_model::time::Nanos;

use crate::{
    state::{Command, UiState},
    ui::{context::use_app, format},
};

/// What a row of several spans is, as label and value, and what the button does.
#[derive(Clone, PartialEq)]
struct Fold {
    title: String,
    facts: Vec<(&'static str, String)>,
    span: u32,
    opens: &'static str,
}

/// The box, where the row stands for more than its span.
#[component]
pub(super) fn FoldBox() -> impl IntoView {
    let app = use_app();
    let fold = app.select(of_selection);
    view! {
        {move || fold.get().map(|fold| {
            let span = fold.span;
            let facts = fold.facts.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
            view! {
                <section class="fold-box" aria-label="This row">
                    <h3>{fold.title}</h3>
                    <dl class="fold-facts">{facts.collect_view()}</dl>
                    <button class="link" title="u" on:click=move |_| app.dispatch(Command::ToggleFold(span))>{fold.opens}</button>
                </section>
            }
        })}
    }
}

fn of_selection(state: &UiState) -> Option<Fold> {
    let (store, span) = (state.store()?, state.selection?);
    let folds = state.rows.folds();
    if let Some((_, facts)) = folds.group_row(span) {
        let mut list = vec![
            ("shortest", facts.min.to_string()),
            ("median", facts.median.to_string()),
            ("longest", facts.max.to_string()),
            ("together", facts.total.to_string()),
        ];
        if facts.errors > 0 {
            list.push(("failed", format::count(u64::from(facts.errors))));
        }
        return Some(Fold {
            title: format!(
                "{} in one row; the first of them is below",
                format::counted(u64::from(facts.count), "span")
            ),
            facts: list,
            span,
            opens: "Show each",
        });
    }
    let server = store.span(folds.server_in(span)?);
    let client = store.span(span);
    let way = |from: u64, to: u64| Nanos(to.saturating_sub(from)).to_string();
    Some(Fold {
        title: format!(
            "A call to {}; the client is below",
            format::visible_line(server.service_name())
        ),
        facts: vec![
            ("way there", way(client.start().0, server.start().0)),
            ("server", server.duration().to_string()),
            ("way back", way(server.end().0, client.end().0)),
        ],
        span,
        opens: "Show both",
    })
}

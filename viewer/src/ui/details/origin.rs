//! Where a span comes from: its ids, its resource, its scope.
//!
//! **Invariant:** everything that the data gave is here, also what is rarely looked at: schemas, flags, dropped counts.

use crate::dom::prelude::*;

use super::{Place, facts, links::Plain, rows::Values, values::Owner};
use crate::ui::format;

#[component]
pub(super) fn Origin(place: Place) -> impl IntoView {
    let read = place.with_value(|selected| {
        let span = selected.store().span(selected.span);
        let (resource, scope) = (span.resource(), span.scope());
        let dropped = |number: u32| {
            (number > 0).then(|| {
                format!(
                    "{} dropped before the export",
                    format::counted(u64::from(number), "attribute")
                )
            })
        };
        Read {
            ids: vec![
                ("trace id", span.trace().id().to_string()),
                ("span id", span.id().to_string()),
                (
                    "parent id",
                    if span.parent_id().is_valid() {
                        span.parent_id().to_string()
                    } else {
                        "none".to_owned()
                    },
                ),
                ("trace state", format::visible_text(span.trace_state())),
                (
                    "flags",
                    if span.flags() == 0 {
                        String::new()
                    } else {
                        facts::flags_words(span.flags())
                    },
                ),
                ("status", span.status().name().to_owned()),
            ],
            resource_schema: format::visible_text(resource.schema_url()),
            resource_dropped: dropped(resource.dropped()),
            scope: vec![
                ("name", format::visible_text(scope.name())),
                ("version", format::visible_text(scope.version())),
                ("schema", format::visible_text(scope.schema_url())),
            ],
            scope_attributes: scope.attributes().len(),
            scope_dropped: dropped(scope.dropped()),
        }
    });
    let no_scope = read.scope.iter().all(|(_, text)| text.is_empty()) && read.scope_attributes == 0;
    view! {
        <section class="details-part" aria-label="Resource">
            <h3 class="details-part-name">"Resource"</h3>
            <Values place=place owner=Owner::Resource what="resource attributes"/>
            {plain(vec![("schema", read.resource_schema)])}
            {read.resource_dropped.map(|text| view! { <p class="details-none">{text}</p> })}
        </section>
        <section class="details-part" aria-label="Scope">
            <h3 class="details-part-name">"Scope"</h3>
            {plain(read.scope)}
            {no_scope.then(|| view! { <p class="details-none">"The data names no instrumentation scope."</p> })}
            {(read.scope_attributes > 0).then(|| view! { <Values place=place owner=Owner::Scope what="scope attributes"/> })}
            {read.scope_dropped.map(|text| view! { <p class="details-none">{text}</p> })}
        </section>
        <section class="details-part" aria-label="Ids">
            <h3 class="details-part-name">"Ids"</h3>
            {plain(read.ids)}
        </section>
    }
}

struct Read {
    ids: Vec<(&'static str, String)>,
    resource_schema: String,
    resource_dropped: Option<String>,
    scope: Vec<(&'static str, String)>,
    scope_attributes: usize,
    scope_dropped: Option<String>,
}

/// Rows with a text; those without are left out.
fn plain(rows: Vec<(&'static str, String)>) -> Markup {
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect();
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows
        .into_iter()
        .map(|(label, text)| view! { <Plain label=label text=text/> })
        .collect_view();
    view! { <dl class="details-rows">{rows}</dl> }.into_any()
}

//! The attributes that are pinned: first in the details of every span, whether it has them or not.
//!
//! **Invariant:** says what the attributes below say; a key is the span's own, else its resource's.

use throughline_model::store::TraceStore;

use super::{
    Place,
    rows::{broken_at_dots, find},
    values::{Owner, line},
};
use crate::{
    dom::prelude::*,
    state::Command,
    ui::{context::use_app, format},
};

/// Who has a key, and where among the owner's attributes.
fn owner_of(store: &TraceStore, span: u32, key: &str) -> Option<(Owner, usize)> {
    [Owner::Span, Owner::Resource]
        .into_iter()
        .find_map(|owner| {
            let mut list = owner.list(store, span)?.iter();
            let at = list.position(|(known, _)| known == key)?;
            Some((owner, at))
        })
}

/// The pinned attributes.
#[component]
pub(super) fn Pinned(place: Place) -> impl IntoView {
    let app = use_app();
    let keys = app.select(|state| state.prefs.pinned.clone());
    let row = move |key: &String| {
        let found = place.with_value(|selected| {
            let store = selected.store();
            let (owner, at) = owner_of(store, selected.span, key)?;
            let (_, value) = owner.row(store, selected.span, at)?;
            Some((owner, at, line(value).0))
        });
        let value = match found {
            Some((owner, at, text)) => view! {
                <button class="details-find" title="Find this value" dir="auto" on:click=move |_| find(app, place, owner, at)>{text}</button>
            }
            .into_any(),
            None => view! { <span class="details-none">"not set"</span> }.into_any(),
        };
        let (own, name) = (key.clone(), format::visible_line(key).into_owned());
        let words = format!("Unpin {name}");
        view! {
            <div class="details-row">
                <dt class="details-key" title=name.clone()>{broken_at_dots(&name)}</dt>
                <dd class="details-value">{value}<span class="details-actions">
                    <button class="details-tool" title=words.clone() aria-label=words on:click=move |_| app.dispatch(Command::Pin(own.clone()))>"×"</button>
                </span></dd>
            </div>
        }
    };
    view! {
        <section class="details-pinned" aria-label="Pinned attributes">
            <dl class="details-rows">{move || keys.with(|keys| keys.iter().map(row).collect_view())}</dl>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::convention::tests::span;

    #[test]
    fn a_key_is_the_spans_own_or_its_resources() {
        let store = span(&[
            ("a", "1"),
            ("b", "2"),
            ("resource.b", "3"),
            ("resource.c", "4"),
        ]);
        let check = |key: &str, expected: Option<(Owner, usize)>| {
            assert_eq!(owner_of(&store, 0, key), expected, "{key}");
        };
        check("a", Some((Owner::Span, 0)));
        check("b", Some((Owner::Span, 1)));
        check("c", Some((Owner::Resource, 1)));
        check("d", None);
    }
}

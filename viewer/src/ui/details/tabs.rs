//! The tabs of the span details, moved through with the arrow keys.
//!
//! **Invariant:** one tab stop; the arrow keys stay here and do not reach the page.

use crate::dom::prelude::*;
use web_sys::KeyboardEvent;

use super::Place;
use crate::{
    state::{Command, DetailsTab},
    ui::{context::use_app, format},
};

const TABS: [DetailsTab; 4] = [
    DetailsTab::Attributes,
    DetailsTab::Events,
    DetailsTab::Links,
    DetailsTab::Resource,
];

/// The DOM id of a tab.
pub(super) const fn tab_id(tab: DetailsTab) -> &'static str {
    match tab {
        DetailsTab::Attributes => "details-tab-attributes",
        DetailsTab::Events => "details-tab-events",
        DetailsTab::Links => "details-tab-links",
        DetailsTab::Resource => "details-tab-resource",
    }
}

fn words(tab: DetailsTab, [events, links]: [usize; 2]) -> String {
    let with = |name: &str, number: usize| match number {
        0 => name.to_owned(),
        number => format!("{name} {}", format::count(number as u64)),
    };
    match tab {
        DetailsTab::Attributes => "Attributes".to_owned(),
        DetailsTab::Events => with("Events", events),
        DetailsTab::Links => with("Links", links),
        DetailsTab::Resource => "Resource".to_owned(),
    }
}

/// The tab that a key leads to.
fn target(key: &str, at: usize) -> Option<usize> {
    let last = TABS.len() - 1;
    match key {
        "ArrowLeft" => Some(at.checked_sub(1).unwrap_or(last)),
        "ArrowRight" => Some(if at == last { 0 } else { at + 1 }),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

#[component]
pub(super) fn Tabs(place: Place) -> impl IntoView {
    let app = use_app();
    let current = app.select(|state| state.details_tab);
    let counts = place.with_value(|selected| {
        let span = selected.store().span(selected.span);
        [span.events().len(), span.links().len()]
    });
    let buttons = TABS.map(|_| NodeRef::<web_sys::HtmlElement>::new());
    let key = move |event: KeyboardEvent| {
        let at = TABS
            .iter()
            .position(|tab| *tab == current.get_untracked())
            .unwrap_or(0);
        let Some(to) = target(&event.key(), at) else {
            return;
        };
        event.prevent_default();
        event.stop_propagation();
        if let (Some(tab), Some(button)) = (TABS.get(to), buttons.get(to)) {
            app.dispatch(Command::ShowTab(*tab));
            if let Some(button) = button.get_untracked() {
                // A button that cannot take the focus keeps working with the pointer.
                button.focus().ok();
            }
        }
    };
    view! {
        <div class="details-tabs" role="tablist" aria-label="Parts of the span" on:keydown=key>
            {TABS.into_iter().zip(buttons).map(|(tab, button)| {
                let selected = move || current.get() == tab;
                view! {
                    <button class="tab" role="tab" id=tab_id(tab) node_ref=button aria-controls="details-panel"
                        aria-selected=move || selected().to_string() tabindex=move || if selected() { "0" } else { "-1" }
                        on:click=move |_| app.dispatch(Command::ShowTab(tab))>{words(tab, counts)}</button>
                }
            }).collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_round() {
        let check = |key: &str, at: usize, expected: Option<usize>| {
            assert_eq!(target(key, at), expected, "{key} {at}");
        };
        check("ArrowRight", 0, Some(1));
        check("ArrowRight", 3, Some(0));
        check("ArrowLeft", 0, Some(3));
        check("Home", 2, Some(0));
        check("End", 1, Some(3));
        check("ArrowDown", 1, None);
    }

    #[test]
    fn counts_are_named_when_there_are_any() {
        assert_eq!(
            TABS.map(|tab| words(tab, [2, 0])),
            ["Attributes", "Events 2", "Links", "Resource"]
        );
    }
}

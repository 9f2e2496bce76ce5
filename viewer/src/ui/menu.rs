//! A button with a panel below it, which closes on Escape, on a press elsewhere and when the focus leaves it.
//!
//! **Invariant:** knows no content.

use crate::dom::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent, Node};

use super::context::use_app;

/// The button and its panel.
#[component]
pub fn Menu(
    /// What the button says.
    words: &'static str,
    /// What it says to a pointer that rests on it.
    title: &'static str,
    /// What the panel is called.
    label: &'static str,
    /// The panel's id.
    id: &'static str,
    /// What is in the panel.
    content: Box<dyn Fn() -> Markup>,
) -> impl IntoView {
    let app = use_app();
    let open = RwSignal::new(false);
    let place = NodeRef::<HtmlElement>::new();
    let left = move |event: FocusEvent| {
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Node>().ok());
        let inside = place
            .get_untracked()
            .is_some_and(|place| place.contains(to.as_ref()));
        if to.is_some() && !inside {
            open.set(false);
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            open.set(false);
            let button = place
                .get_untracked()
                .and_then(|place| place.query_selector("button").ok().flatten());
            if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
                button.focus().ok();
            }
        }
    };
    // Panels are in the part of the program that comes later.
    let toggle = move |_| match open.get_untracked() {
        true => open.set(false),
        false => app.when_whole(move || open.set(true)),
    };
    view! {
        <div class="menu" node_ref=place on:keydown=key on:focusout=left>
            <button class="link menu-open" aria-haspopup="true" aria-expanded=move || open.get().to_string() aria-controls=id
                title=title on:click=toggle>{words}</button>
            <Show when=move || open.get()>
                <div class="menu-out" on:click=move |_| open.set(false)></div>
                <div class="menu-panel" id=id role="group" aria-label=label>{content()}</div>
            </Show>
        </div>
    }
}

//! Elements of the page, made by hand and kept up to date by signals: what `view!` becomes.
//!
//! Leptos gives every piece of markup a type of its own, and every type its own code. Here all of it is one [`Markup`], and
//! what changes is a boxed closure in an effect: a fraction of the bytes, measured in docs/decisions. Signals, memos,
//! effects, owners and contexts are Leptos' own.
//!
//! **Invariant:** knows elements and signals, nothing of traces. Data becomes text and attributes, never markup.

mod each;
pub mod signals;
mod value;
mod view;

use leptos::{
    prelude::{Owner, untrack},
    reactive::owner::on_cleanup,
};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, Node};

pub use each::each;
use signals::NodeRef;
pub use value::{Slot, Value};
pub use view::{Children, CollectView, IntoView, Markup, show, text};

/// What a module of views imports.
pub mod prelude {
    pub use leptos::prelude::{
        Callable, Callback, document, event_target_value, expect_context, on_cleanup,
        provide_context, request_animation_frame, set_timeout, untrack, window,
    };
    pub use throughline_markup::{component, view};

    pub use super::{
        Children, CollectView, IntoView, Markup,
        signals::{Effect, Memo, NodeRef, RwSignal, StoredValue},
    };
}

/// Shows a view at the end of the page's body, as long as the page lives.
pub fn mount(root: fn() -> Markup) {
    // Only a second call is an error, and changes nothing.
    any_spawner::Executor::init_wasm_bindgen().ok();
    let owner = Owner::new();
    if let Some(body) = crate::browser::document().body() {
        owner.with(|| root().put(&body, None));
    }
    std::mem::forget(owner);
}

/// Makes a part of the page without being followed: what it reads while it is made does not make it anew.
pub fn untracked(make: impl FnOnce() -> Markup) -> Markup {
    let mut make = Some(make);
    untracked_dyn(&mut || make.take().map_or(Markup::Nothing, |make| make()))
}

fn untracked_dyn(make: &mut dyn FnMut() -> Markup) -> Markup {
    untrack(make)
}

/// An element with what never changes about it.
pub fn element(tag: &'static str, svg: bool, fixed: &[(&'static str, &'static str)]) -> Element {
    let document = crate::browser::document();
    let made = match svg {
        true => document.create_element_ns(Some("http://www.w3.org/2000/svg"), tag),
        false => document.create_element(tag),
    };
    // Refused only for a name that no element can have; names are in our own source.
    let element: Element = made.unwrap_or_else(|_| JsValue::UNDEFINED.unchecked_into());
    for (name, value) in fixed {
        element.set_attribute(name, value).ok();
    }
    element
}

/// Puts a view at the end of an element.
pub fn add(parent: &Element, view: Markup) {
    view.put(parent, None);
}

/// Fills a reference with the element.
pub fn refer<E: JsCast + 'static>(element: &Element, reference: NodeRef<E>) {
    reference.load(element);
}

/// Calls the handler for every such event at the element, until the part of the page that it belongs to is gone.
pub fn on<E: JsCast>(element: &Element, event: &'static str, mut handler: impl FnMut(E) + 'static) {
    listen(
        element,
        event,
        Box::new(move |event: Event| handler(event.unchecked_into())),
    );
}

fn listen(element: &Element, event: &'static str, handler: Box<dyn FnMut(Event)>) {
    let closure = Closure::wrap(handler);
    let function = closure.as_ref().unchecked_ref();
    element
        .add_event_listener_with_callback(event, function)
        .ok();
    let kept = SendWrapper::new((element.clone(), closure));
    on_cleanup(move || {
        let (element, closure) = kept.take();
        let function = closure.as_ref().unchecked_ref();
        element
            .remove_event_listener_with_callback(event, function)
            .ok();
        // The event that led here may still be running it: JavaScript frees it when nobody can call it any more.
        closure.into_js_value();
    });
}

/// Removes what stands between two nodes of the same parent.
fn clear_between(start: &Node, end: &Node) {
    while let Some(next) = start.next_sibling() {
        if next.is_same_node(Some(end)) {
            return;
        }
        match next.parent_node() {
            Some(parent) => parent.remove_child(&next).ok(),
            None => return,
        };
    }
}

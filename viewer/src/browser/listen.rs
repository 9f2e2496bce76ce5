//! Event listeners of the window and document, for as long as the page lives.
//!
//! **Invariant:** what is listened to here is never taken off: the app lives as long as its page.

use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::EventTarget;

/// Calls `handler` for every event of this name.
pub fn on<E: FromWasmAbi + 'static>(
    target: &EventTarget,
    name: &str,
    handler: impl FnMut(E) + 'static,
) {
    let closure = Closure::<dyn FnMut(E)>::new(handler);
    target
        .add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
        .ok();
    closure.forget();
}

/// Calls `handler` when a media query begins or ceases to hold.
pub fn on_media(query: &str, mut handler: impl FnMut(bool) + 'static) {
    if let Ok(Some(list)) = super::window().match_media(query) {
        let target = list.clone();
        on(&list, "change", move |_: web_sys::Event| {
            handler(target.matches())
        });
    }
}

//! The browser's side of things: small wrappers, one concern a file, that turn `JsValue` errors into values.
//!
//! **Invariant:** knows no store, no state and no policy; whatever the browser refuses is an `Option` or an `Err`, never
//! a panic.

pub mod clipboard;
pub mod download;
pub mod failure;
pub mod fields;
pub mod files;
pub mod frame;
pub mod history;
pub mod kept;
pub mod later;
pub mod listen;
pub mod pieces;
pub mod resize;
pub mod storage;
pub mod timing;

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{Document, HtmlElement, Window};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT: String;
}

/// Where the script has come from that runs this, on the page and in the worker.
pub fn script() -> String {
    SCRIPT.with(Clone::clone)
}

/// The window. There is always one where a component runs.
pub fn window() -> Window {
    leptos::prelude::window()
}

/// Whether this runs in a worker, where there is no page.
pub fn is_worker() -> bool {
    web_sys::window().is_none()
}

/// The document.
pub fn document() -> Document {
    leptos::prelude::document()
}

/// The `<html>` element.
pub fn root() -> Option<HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

/// Milliseconds since the page began, monotonic.
pub fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

/// A custom property of the stylesheet, trimmed; empty when there is none.
pub fn css_token(name: &str) -> String {
    let style = root().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let value = style.and_then(|style| style.get_property_value(name).ok());
    value.unwrap_or_default().trim().to_owned()
}

/// Sets the theme for the stylesheet.
pub fn set_theme(dark: bool) {
    if let Some(root) = root() {
        root.set_attribute("data-theme", if dark { "dark" } else { "light" })
            .ok();
    }
}

/// Whether the system asks for dark colours.
pub fn system_dark() -> bool {
    media("(prefers-color-scheme: dark)")
}

/// Whether a media query holds.
pub fn media(query: &str) -> bool {
    window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}

/// Device pixels a CSS pixel.
pub fn pixel_ratio() -> f64 {
    window().device_pixel_ratio()
}

/// What a thrown value says.
pub fn message_of(value: &JsValue) -> String {
    let error = value.dyn_ref::<js_sys::Error>();
    error
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}

/// Says something to screen readers, through the page's live region.
pub fn announce(text: &str) {
    if let Some(region) = document().get_element_by_id("announcer") {
        region.set_text_content(Some(text));
    }
}

//! Saving a file: the browser asks where, or puts it where it puts downloads.
//!
//! **Invariant:** the bytes are made here and go nowhere but to disk.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlElement, Url};

/// Saves texts, one behind the other, as one file.
///
/// # Errors
/// What the browser said.
pub fn save(name: &str, parts: &[String]) -> Result<(), String> {
    let parts: Array = parts.iter().map(|part| JsValue::from_str(part)).collect();
    let message = |error: JsValue| super::message_of(&error);
    let blob = Blob::new_with_str_sequence(&parts).map_err(message)?;
    let address = Url::create_object_url_with_blob(&blob).map_err(message)?;
    let link = super::document().create_element("a").map_err(message)?;
    link.set_attribute("href", &address).map_err(message)?;
    link.set_attribute("download", name).map_err(message)?;
    if let Some(link) = link.dyn_ref::<HtmlElement>() {
        link.click();
    }
    // The download has begun: it holds the bytes itself.
    Url::revoke_object_url(&address).map_err(message)
}

//! Copying. An insecure context has no clipboard: then the caller says so.
//!
//! **Invariant:** only writes; pasting comes as an event that the user causes.

use wasm_bindgen_futures::JsFuture;

/// Copies text.
///
/// # Errors
/// What the browser said, or that it has no clipboard here.
pub async fn copy(text: &str) -> Result<(), String> {
    let navigator = super::window().navigator();
    let has = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| clipboard.is_object());
    if !has {
        return Err(
            "this page has no access to the clipboard (it needs https or localhost)".to_owned(),
        );
    }
    let written = JsFuture::from(navigator.clipboard().write_text(text)).await;
    written
        .map(|_| ())
        .map_err(|error| super::message_of(&error))
}

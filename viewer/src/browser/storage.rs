//! A few remembered values. A browser may refuse storage (sandbox, private mode): then nothing is remembered.
//!
//! **Invariant:** never fails; keys are prefixed with the product's name.

use super::window;

fn store() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// A remembered value.
pub fn read(key: &str) -> Option<String> {
    store()?
        .get_item(&format!("throughline.{key}"))
        .ok()
        .flatten()
}

/// Remembers a value; false where the browser does not.
pub fn write(key: &str, value: &str) -> bool {
    store().is_some_and(|store| store.set_item(&format!("throughline.{key}"), value).is_ok())
}

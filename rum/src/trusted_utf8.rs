//! The one place with `unsafe`: text from the page is taken for UTF-8 as it is.
//!
//! To check it would cost more code than all of URL redaction. The glue that
//! wasm-bindgen generates for `&str` arguments trusts the page in the same way.
//!
//! **Invariant**: the only caller is [`crate::bindings`], whose input is written by
//! `js/core.js` with a `TextEncoder`.

#![allow(unsafe_code)]

/// The text that a `TextEncoder` has written.
pub fn text(written_by_text_encoder: &[u8]) -> &str {
    // SAFETY: a TextEncoder writes nothing but well-formed UTF-8, and this is as much of the
    // buffer as it says that it has written.
    unsafe { core::str::from_utf8_unchecked(written_by_text_encoder) }
}

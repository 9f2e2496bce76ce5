//! The last resort: when the app itself breaks, the page says so instead of standing still.
//!
//! **Invariant:** plain DOM, no framework: nothing of the app can be relied on any more.

use std::panic;

/// From now on a panic shows an overlay with what to do.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        web_sys::console::error_1(&text.as_str().into());
        show(&text);
    }));
}

fn show(text: &str) {
    let document = super::document();
    // The first one is the cause; what follows it says nothing new.
    if document.get_element_by_id("failure").is_some() {
        return;
    }
    let part = |tag: &str, content: &str| {
        let element = document.create_element(tag).ok();
        if let Some(element) = &element {
            element.set_text_content(Some(content));
        }
        element
    };
    let Some(overlay) = part("div", "") else {
        return;
    };
    overlay.set_id("failure");
    overlay.set_attribute("role", "alert").ok();
    let parts = [
        part("h1", "Something in this page broke"),
        part(
            "p",
            "The file is untouched. Reload the page; if it happens again, please report the words below.",
        ),
        part("pre", text),
    ];
    for element in parts.into_iter().flatten() {
        overlay.append_child(&element).ok();
    }
    if let Some(body) = document.body() {
        body.append_child(&overlay).ok();
    }
}

//! The address bar.
//!
//! **Invariant:** text in, text out; what it means is the state's business.

use super::window;

/// The query, with its `?`.
pub fn query() -> String {
    window().location().search().unwrap_or_default()
}

/// The fragment, with its `#`. Read from the whole address: some browsers decode it otherwise.
pub fn fragment() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split_once('#')
        .map(|(_, fragment)| fragment.to_owned())
        .unwrap_or_default()
}

/// Puts a fragment into the address, as a new entry or in place of the current one. An empty one is removed.
pub fn write_fragment(fragment: &str, push: bool) {
    if fragment == self::fragment() {
        return;
    }
    let location = window().location();
    let path = format!(
        "{}{}{}{fragment}",
        location.pathname().unwrap_or_default(),
        query(),
        if fragment.is_empty() { "" } else { "#" }
    );
    let Ok(history) = window().history() else {
        return;
    };
    let null = wasm_bindgen::JsValue::NULL;
    // A sandboxed or file page may refuse: the state is then not in the address, nothing else.
    if push {
        history.push_state_with_url(&null, "", Some(&path)).ok();
    } else {
        history.replace_state_with_url(&null, "", Some(&path)).ok();
    }
}

/// A parameter of the query.
pub fn parameter(name: &str) -> Option<String> {
    web_sys::UrlSearchParams::new_with_str(&query())
        .ok()?
        .get(name)
}

/// An address against this page's; `None` when it is none.
pub fn absolute(url: &str) -> Option<web_sys::Url> {
    let base = window().location().href().ok()?;
    web_sys::Url::new_with_base(url, &base).ok()
}

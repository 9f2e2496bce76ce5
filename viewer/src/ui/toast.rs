//! A short word at the bottom, for things that went well. What went wrong is never a toast: it stays until dismissed.
//!
//! **Invariant:** no state of the app; the text is announced elsewhere.

use std::time::Duration;

use crate::dom::prelude::*;

thread_local! {
    static TEXT: RwSignal<Option<String>> = RwSignal::for_ever(None);
}

/// Shows a text for two seconds.
pub fn show(text: String) {
    let signal = TEXT.with(Clone::clone);
    signal.set(Some(text.clone()));
    set_timeout(
        move || {
            if signal.get_untracked() == Some(text) {
                signal.set(None);
            }
        },
        Duration::from_secs(2),
    );
}

/// Where the word appears.
#[component]
pub fn Toast() -> impl IntoView {
    let text = TEXT.with(Clone::clone);
    view! { <Show when=move || text.get().is_some()><div class="toast" aria-hidden="true">{move || text.get()}</div></Show> }
}

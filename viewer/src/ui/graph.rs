//! The service dependency view.
use leptos::prelude::*;

/// The view.
#[component]
pub fn GraphView() -> impl IntoView {
    view! { <div class="graph"></div> }
}

//! A bar between two panes: dragged, or moved with the arrow keys.
//!
//! **Invariant:** tells a width; what it is the width of is the caller's business.

use crate::dom::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

/// Which pane the width belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one on the left.
    Left,
    /// The one on the right.
    Right,
}

/// How far one press of an arrow key moves it, CSS pixels.
const STEP: f64 = 16.0;

/// The bar.
#[component]
pub fn Splitter(
    /// Which pane has the width.
    side: Side,
    /// The width now.
    width: Memo<f64>,
    /// What it is called.
    label: &'static str,
    /// Gets the new width.
    on_width: Callback<f64>,
) -> impl IntoView {
    let bar = NodeRef::<web_sys::HtmlElement>::new();
    let drag = RwSignal::new(None::<(f64, f64)>);
    let grown = move |by: f64| if side == Side::Left { by } else { -by };
    let down = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(bar) = bar.get_untracked() {
            bar.set_pointer_capture(event.pointer_id()).ok();
        }
        drag.set(Some((f64::from(event.client_x()), width.get_untracked())));
    };
    let moved = move |event: PointerEvent| {
        if let Some((from, before)) = drag.get_untracked() {
            on_width.run(before + grown(f64::from(event.client_x()) - from));
        }
    };
    let key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" => -STEP,
            "ArrowRight" => STEP,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        on_width.run(width.get_untracked() + grown(by));
    };
    view! {
        <div node_ref=bar class="splitter" class:dragging=move || drag.get().is_some() role="separator" tabindex="0"
            aria-orientation="vertical" aria-label=label aria-valuenow=move || width.get().round().to_string()
            on:pointerdown=down on:pointermove=moved
            on:pointerup=move |_| drag.set(None) on:pointercancel=move |_| drag.set(None) on:keydown=key></div>
    }
}

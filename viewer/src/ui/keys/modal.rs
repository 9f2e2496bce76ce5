//! The frame of every dialog: a native modal `<dialog>`, so that the browser itself keeps the focus inside, makes the
//! page behind inert and closes on Escape.
//!
//! **Invariant:** knows no content; closing is a command, and the focus goes back to where it was.

use crate::dom::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    state::{Command, Dialog},
    ui::context::use_app,
};

/// A dialog with a title and a button to close it.
#[component]
pub fn Modal(
    /// What it says on top.
    title: &'static str,
    /// Which dialog it is; its title is announced by it.
    dialog: Dialog,
    /// Wide enough for tables, and for reading: the arrow keys scroll it at once.
    wide: bool,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let app = use_app();
    let frame = NodeRef::<web_sys::HtmlDialogElement>::new();
    let close = move || app.dispatch(Command::ShowDialog(None));
    let before = document()
        .active_element()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    Effect::new(move |_| {
        if let Some(frame) = frame.get().filter(|frame| !frame.open()) {
            // Refused only for a dialog that is open already, or not in the page.
            frame.show_modal().ok();
        }
    });
    let before = StoredValue::new(before);
    on_cleanup(move || {
        if let Some(Some(element)) = before.try_get_value() {
            // After the dialog is gone: until then everything outside of it is inert.
            request_animation_frame(move || {
                element.focus().ok();
            });
        }
    });
    let id = match dialog {
        Dialog::Keys => "dialog-keys",
        Dialog::Issues => "dialog-issues",
        Dialog::Open => "dialog-open",
        Dialog::Clocks => "dialog-clocks",
        Dialog::CriticalPath => "dialog-path",
        Dialog::Palette => "dialog-palette",
        Dialog::Notes => "dialog-notes",
        Dialog::Queries => "dialog-queries",
    };
    // The dialog's own box is its backdrop's edge: a click there hits no content.
    let outside = move |event: web_sys::MouseEvent| {
        if event.target().is_some() && event.target() == event.current_target() {
            close();
        }
    };
    view! {
        <dialog class="modal" class:wide=wide node_ref=frame aria-labelledby=id on:click=outside
            on:cancel=move |event: web_sys::Event| { event.prevent_default(); close(); } on:close=move |_| close()>
            <div class="modal-card">
                <header class="modal-head">
                    <h2 id=id>{title}</h2>
                    <button class="details-tool" title="Close (Esc)" aria-label="Close" on:click=move |_| close()>
                        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m4 4 8 8M12 4l-8 8"/></svg>
                    </button>
                </header>
                <div class="modal-body" tabindex="0" autofocus=wide>{children()}</div>
            </div>
        </dialog>
    }
}

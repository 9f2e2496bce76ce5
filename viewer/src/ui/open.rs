//! Ways in: drop, paste, the file picker, an address.
//!
//! **Invariant:** hands blobs and addresses on; reads nothing.

use crate::dom::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, Element, Event};

use super::{
    context::{App, use_app},
    start::Start,
};
use crate::{
    browser::{self, files, kept, listen},
    load,
    problem::Problem,
    state::{Command, Dialog, OpenRequest},
};

thread_local! {
    static DRAGGED: RwSignal<bool> = RwSignal::for_ever(false);
}

/// Listens to drops and pastes anywhere on the page.
pub fn install(app: App) {
    let document = browser::document();
    let dragged = DRAGGED.with(Clone::clone);
    listen::on(&document, "dragover", move |event: DragEvent| {
        let files = event
            .data_transfer()
            .is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0));
        if files {
            event.prevent_default();
            dragged.set(true);
        }
    });
    listen::on(&document, "dragleave", move |event: DragEvent| {
        // Only when the pointer leaves the page: between elements there is a related target.
        if event.related_target().is_none() {
            dragged.set(false);
        }
    });
    listen::on(&document, "drop", move |event: DragEvent| {
        dragged.set(false);
        if let Some(transfer) = event.data_transfer() {
            event.prevent_default();
            dropped(app, &transfer, event.shift_key());
        }
    });
    listen::on(&document, "paste", move |event: ClipboardEvent| {
        paste(app, &event)
    });
}

fn dropped(app: App, transfer: &web_sys::DataTransfer, add: bool) {
    let (blobs, folders) = files::from_drop(transfer);
    if blobs.is_empty() && !folders.is_empty() {
        app.dispatch(Command::LoadFailed(Problem::new(
            format!("{} is a folder", folders.join(", ")),
            "A folder cannot be read as a trace.",
            "Drop the files in it: several at once become one dataset.",
        )));
        return;
    }
    if blobs.is_empty()
        && let Ok(text) = transfer.get_data("text/plain")
        && !text.is_empty()
    {
        open_text(app, &text);
        return;
    }
    load::open_blobs(app, blobs, add);
}

fn paste(app: App, event: &ClipboardEvent) {
    let in_field = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA"));
    let Some(transfer) = event.clipboard_data().filter(|_| !in_field) else {
        return;
    };
    event.prevent_default();
    let list = transfer
        .files()
        .map(|list| files::from_list(&list))
        .unwrap_or_default();
    if !list.is_empty() {
        load::open_blobs(app, list, false);
    } else if let Ok(text) = transfer.get_data("text/plain") {
        open_text(app, &text);
    }
}

/// Text that is one address is opened as such, anything else as data.
fn open_text(app: App, text: &str) {
    let trimmed = text.trim();
    let address = trimmed.starts_with("http://") || trimmed.starts_with("https://");
    if address && !trimmed.contains(char::is_whitespace) {
        app.dispatch(Command::Open(OpenRequest::Url(trimmed.to_owned())));
    } else if trimmed.is_empty() {
        app.dispatch(Command::Report(Problem::new(
            "Nothing was pasted",
            "The clipboard has no text and no file.",
            "Copy a trace first.",
        )));
    } else {
        load::open_value(app, "Pasted text", &text.into());
    }
}

/// Says where to drop, while something is dragged over the page.
#[component]
pub fn DropZone() -> impl IntoView {
    let dragged = DRAGGED.with(Clone::clone);
    view! {
        <Show when=move || dragged.get()>
            <div class="drop-zone" aria-hidden="true"><div class="drop-card">
                <strong>"Drop to open"</strong>
                <span>"OTLP, Jaeger or Zipkin, also as gzip, zstd or zip. With Shift: add to what is open."</span>
            </div></div>
        </Show>
    }
}

/// The start page, with what the browser can do.
#[component]
pub fn StartPage() -> impl IntoView {
    let app = use_app();
    let recent = RwSignal::new(kept::recent());
    view! {
        <Start
            recent=recent
            on_files=Callback::new(move |()| files::pick(move |blobs| load::open_blobs(app, blobs, false)))
            on_paste=Callback::new(move |text: String| { load::open_value(app, "Pasted text", &text.into()); })
        />
    }
}

/// Opens more while something is open.
#[component]
pub fn OpenDialog() -> impl IntoView {
    let app = use_app();
    let address = NodeRef::<web_sys::HtmlInputElement>::new();
    let close = move || app.dispatch(Command::ShowDialog(None));
    let pick = move |add: bool| {
        close();
        files::pick(move |blobs| load::open_blobs(app, blobs, add));
    };
    let go = move |event: Event| {
        event.prevent_default();
        let url = address
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        if !url.trim().is_empty() {
            app.dispatch(Command::Open(OpenRequest::Url(url.trim().to_owned())));
        }
    };
    view! {
        <super::keys::Modal title="Open" dialog=Dialog::Open wide=false>
            <div class="open-choices">
                <button class="button" on:click=move |_| pick(false)>"Open files…"</button>
                <button class="button" on:click=move |_| pick(true)>"Add files to what is open…"</button>
                <button class="button" on:click=move |_| app.dispatch(Command::Open(OpenRequest::Sample))>"Open the sample"</button>
                <button class="button" on:click=move |_| { close(); app.dispatch(Command::CloseDataset); }>"Close this dataset"</button>
            </div>
            <form class="open-url" on:submit=go>
                <label for="open-url">"Address of a trace"</label>
                <div class="open-url-row">
                    <input id="open-url" class="input" node_ref=address type="url" placeholder="https://…/trace.json" autocomplete="off" spellcheck="false"/>
                    <button class="button primary" type="submit">"Open"</button>
                </div>
            </form>
            <p class="hint">"Files can also be dropped anywhere on the page, and text pasted."</p>
        </super::keys::Modal>
    }
}

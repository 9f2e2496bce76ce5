//! The start page: what can be opened here, and how.
//!
//! **Invariant:** opens nothing itself: a click is a command or a callback.

use crate::dom::prelude::*;
use throughline_model::time::UnixNanos;
use web_sys::{ClipboardEvent, Event};

use super::{context::use_app, format};
use crate::{
    browser::kept::Recent,
    state::{Command, OpenRequest, TimeMode},
};

/// What is shown while nothing is open.
#[component]
pub fn Start(
    /// Datasets of earlier visits, the latest first.
    recent: RwSignal<Vec<Recent>>,
    /// Asks for files.
    on_files: Callback<()>,
    /// Text that was pasted here.
    on_paste: Callback<String>,
) -> impl IntoView {
    let app = use_app();
    let pasting = RwSignal::new(false);
    let sample = move |_| app.dispatch(Command::Open(OpenRequest::Sample));
    view! {
        <section class="start" aria-labelledby="start-title">
            <div class="start-drop">
                <Outline/>
                <h1 id="start-title" class="start-title">"Drop traces here"</h1>
                <p class="start-lead">"OpenTelemetry, Jaeger or Zipkin: one file or many, which become one dataset."</p>
                <div class="start-buttons">
                    <button class="button primary" on:click=move |_| on_files.run(())>"Open files…"</button>
                    <button class="button" aria-expanded=move || pasting.get().to_string() on:click=move |_| pasting.update(|open| *open = !*open)>"Paste"</button>
                    <button class="button" on:click=sample>"Try the sample"</button>
                </div>
                <Show when=move || pasting.get()><Paste on_paste=on_paste/></Show>
                <Address/>
            </div>
            <RecentList recent=recent/>
            <p class="start-formats">
                "Reads OTLP JSON and protobuf, JSON lines, Tempo, Jaeger JSON, Zipkin v1 and v2 JSON, plain or in gzip, zstd or zip. The content decides, not the name."
            </p>
            <p class="start-note">
                <svg viewBox="0 0 16 16" aria-hidden="true"><rect x="3" y="7" width="10" height="6.5" rx="1.5"/><path d="M5.2 7V5.2a2.8 2.8 0 0 1 5.6 0V7"/></svg>
                "Nothing leaves your browser: files are read on this page, by this page."
            </p>
        </section>
    }
}

/// A trace in outline: what is about to be seen.
#[component]
fn Outline() -> impl IntoView {
    const BARS: [(u32, u32, u32); 6] = [
        (0, 120, 0),
        (8, 104, 1),
        (16, 34, 2),
        (52, 40, 3),
        (60, 26, 3),
        (94, 16, 4),
    ];
    view! {
        <svg class="start-outline" viewBox="0 0 120 46" aria-hidden="true">
            {BARS.into_iter().enumerate().map(|(row, (x, width, service))| view! {
                <rect class=format!("s{service}") x=x.to_string() y=(row * 8).to_string() width=width.to_string() height="5" rx="1.5"/>
            }).collect_view()}
        </svg>
    }
}

#[component]
fn Paste(on_paste: Callback<String>) -> impl IntoView {
    let field = NodeRef::<web_sys::HtmlTextAreaElement>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.focus().ok();
        }
    });
    // Taken from the clipboard directly: a hundred megabytes in a text field would freeze the page.
    let pasted = move |event: ClipboardEvent| {
        let text = event
            .clipboard_data()
            .and_then(|data| data.get_data("text/plain").ok())
            .unwrap_or_default();
        if !text.trim().is_empty() {
            event.prevent_default();
            on_paste.run(text);
        }
    };
    let open = move |event: Event| {
        event.prevent_default();
        let text = field
            .get_untracked()
            .map(|field| field.value())
            .unwrap_or_default();
        if !text.trim().is_empty() {
            on_paste.run(text);
        }
    };
    view! {
        <form class="start-paste" on:submit=open>
            <label for="start-paste">"Paste the text of a trace: it opens at once"</label>
            <textarea id="start-paste" class="input" node_ref=field rows="4" spellcheck="false" placeholder="{ \"resourceSpans\": [ …" on:paste=pasted></textarea>
            <button class="button" type="submit">"Open the text"</button>
        </form>
    }
}

#[component]
fn Address() -> impl IntoView {
    let app = use_app();
    let field = NodeRef::<web_sys::HtmlInputElement>::new();
    let open = move |event: Event| {
        event.prevent_default();
        let url = field
            .get_untracked()
            .map(|field| field.value())
            .unwrap_or_default();
        if !url.trim().is_empty() {
            app.dispatch(Command::Open(OpenRequest::Url(url.trim().to_owned())));
        }
    };
    view! {
        <form class="start-address" on:submit=open>
            <label for="start-address">"Or the address of a trace"</label>
            <div class="start-address-row">
                <input id="start-address" class="input" node_ref=field type="text" inputmode="url" autocomplete="off" spellcheck="false"
                    placeholder="https://jaeger.example/api/traces/5b8e…"/>
                <button class="button" type="submit">"Open URL"</button>
            </div>
        </form>
    }
}

#[component]
fn RecentList(recent: RwSignal<Vec<Recent>>) -> impl IntoView {
    let app = use_app();
    let item = move |entry: &Recent| {
        let key = entry.key.clone();
        let opened = UnixNanos::from_millis(entry.opened.max(0.0) as u64);
        let facts = format!(
            "{}, {}",
            format::counted(entry.traces, "trace"),
            format::counted(entry.spans, "span")
        );
        view! {
            <li>
                <button class="start-recent-item" on:click=move |_| app.dispatch(Command::Open(OpenRequest::Kept(key.clone())))>
                    <span class="start-recent-name" dir="auto">{format::visible_text(&entry.name)}</span>
                    <span class="start-recent-facts">{facts}</span>
                    <span class="start-recent-day">{format::day(opened, TimeMode::Local)}</span>
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || recent.with(|recent| !recent.is_empty())>
            <section class="start-recent" aria-labelledby="start-recent">
                <h2 id="start-recent">"Recent"</h2>
                <ul>{move || recent.with(|recent| recent.iter().map(item).collect_view())}</ul>
            </section>
        </Show>
    }
}

//! The host page: a first, small `postMessage` protocol for an embedded viewer.
//!
//! The host sends `{throughline: 1, type: "load", data, name}` with `data` a string, an `ArrayBuffer` or a `Blob`, or
//! `{throughline: 1, type: "load", url}`. It hears `ready`, `loaded` (traces, spans) and `error` (title, detail, hint).
//!
//! **Invariant:** listens to its parent or opener only, and only from this page's own origin, an origin that the site
//! names in `<meta name="throughline-origins">`, or the one that the embedding address names in `?origin=`. Answers to
//! exactly that origin.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Window};

use crate::{
    browser::{self, fields::Fields, history, listen},
    load,
    state::{Command, OpenRequest},
    ui::context::App,
};

const VERSION: f64 = 1.0;

/// Listens, and says `ready`.
pub fn install(app: App) {
    let Some(host) = host() else { return };
    let allowed = allowed_origins();
    for origin in &allowed {
        tell(
            &host,
            origin,
            "ready",
            &[("version", env!("CARGO_PKG_VERSION").into())],
        );
    }
    let listened = allowed.clone();
    let source = host.clone();
    listen::on(&browser::window(), "message", move |event: MessageEvent| {
        let from_host = event
            .source()
            .is_some_and(|sender| sender.loose_eq(source.as_ref()));
        if from_host && listened.contains(&event.origin()) {
            receive(app, &event.data());
        }
    });
    leptos::prelude::Effect::new(move |before: Option<Told>| {
        let now = app.with(|state| Told {
            dataset: state
                .dataset
                .as_ref()
                .map(|dataset| (dataset.store.trace_count(), dataset.store.span_count())),
            problem: state.problem.clone(),
        });
        if let Some(before) = before {
            for origin in &allowed {
                now.tell(&before, &host, origin);
            }
        }
        now
    });
}

/// What the host has been told.
#[derive(PartialEq)]
struct Told {
    dataset: Option<(usize, usize)>,
    problem: Option<crate::problem::Problem>,
}

impl Told {
    fn tell(&self, before: &Self, host: &Window, origin: &str) {
        if let Some((traces, spans)) = self.dataset
            && self.dataset != before.dataset
        {
            let (traces, spans) = ((traces as f64).into(), (spans as f64).into());
            tell(
                host,
                origin,
                "loaded",
                &[("traces", traces), ("spans", spans)],
            );
        }
        if let Some(problem) = &self.problem
            && self.problem != before.problem
        {
            let text = |text: &str| JsValue::from_str(text);
            let facts = [
                ("title", text(&problem.title)),
                ("detail", text(&problem.detail)),
                ("hint", text(&problem.hint)),
            ];
            tell(host, origin, "error", &facts);
        }
    }
}

fn host() -> Option<Window> {
    let window = browser::window();
    let parent = window
        .parent()
        .ok()
        .flatten()
        .filter(|parent| parent != &window);
    parent.or_else(|| window.opener().ok()?.dyn_into().ok())
}

fn allowed_origins() -> Vec<String> {
    let own = browser::window().location().origin().ok();
    let meta = browser::document()
        .query_selector("meta[name=throughline-origins]")
        .ok()
        .flatten();
    let named = meta
        .and_then(|meta| meta.get_attribute("content"))
        .unwrap_or_default();
    let given = history::parameter("origin").unwrap_or_default();
    let mut origins: Vec<String> = own.into_iter().collect();
    for origin in named.split_whitespace().chain(given.split_whitespace()) {
        // Only a whole origin: a path or a pattern would never equal `event.origin`.
        let known = web_sys::Url::new(origin).map(|url| url.origin());
        if let Ok(origin) = known
            && !origins.contains(&origin)
        {
            origins.push(origin);
        }
    }
    origins.retain(|origin| origin != "null");
    origins
}

fn tell(host: &Window, origin: &str, kind: &str, facts: &[(&str, JsValue)]) {
    let mut message = Fields::default()
        .with("throughline", VERSION)
        .with("type", kind);
    for (key, value) in facts {
        message = message.with(key, value.clone());
    }
    // Only the host with this origin gets it; for any other the browser drops it.
    host.post_message(&message.into(), origin).ok();
}

fn receive(app: App, data: &JsValue) {
    let fields = Fields::of(data.clone());
    if !data.is_object()
        || fields.number("throughline") != Some(VERSION)
        || fields.text("type").as_deref() != Some("load")
    {
        return;
    }
    if let Some(url) = fields.text("url") {
        app.dispatch(Command::Open(OpenRequest::Url(url)));
        return;
    }
    let name = fields
        .text("name")
        .unwrap_or_else(|| "From the host page".to_owned());
    let opened = load::open_value(app, &name, &fields.value("data"));
    if !opened {
        app.dispatch(Command::LoadFailed(crate::problem::Problem::new(
            "The host page sent nothing that can be opened",
            "`data` has to be a string, an ArrayBuffer or a Blob.",
            "See the embedding guide.",
        )));
    }
}

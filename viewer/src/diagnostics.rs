//! `window.throughline.state()`: a plain JSON snapshot for tests, benches and hosts. Its fields are stable, see
//! docs/diagnostics.md.
//!
//! **Invariant:** reads the state, changes nothing; the browser's part is one function put on the window.

use throughline_model::ids::SpanId;
use wasm_bindgen::{JsValue, closure::Closure};

use crate::{
    browser::{self, fields::Fields},
    state::{UiState, View},
    ui::context::App,
};

/// Puts `window.throughline` there.
pub fn install(app: App) {
    let state = Closure::<dyn Fn() -> JsValue>::new(move || app.peek(snapshot).into());
    let object = Fields::default()
        .with("state", state.as_ref().clone())
        .with("version", VERSION);
    js_sys::Reflect::set(&browser::window(), &"throughline".into(), &object.into()).ok();
    state.forget();
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn snapshot(state: &UiState) -> Fields {
    let phase = if state.load.is_some() {
        "loading"
    } else if state.dataset.is_some() {
        "ready"
    } else if state.problem.is_some() {
        "error"
    } else {
        "idle"
    };
    let error = state.problem.as_ref().map(|problem| {
        Fields::default()
            .with("title", &*problem.title)
            .with("detail", &*problem.detail)
            .with("hint", &*problem.hint)
    });
    let loading = state.load.as_ref().map(|load| {
        Fields::default()
            .with("name", &*load.name)
            .with("phase", load.phase.name())
            .with("bytes", load.bytes as f64)
            .with("total", load.total as f64)
            .with("spans", load.outline.spans as f64)
    });
    let dataset = state.dataset.as_ref().map(|dataset| {
        Fields::default()
            .with("name", &*dataset.name)
            .with("traces", dataset.store.trace_count() as f64)
            .with("spans", dataset.store.span_count() as f64)
            .with("services", dataset.store.service_count() as f64)
            .with("issues", dataset.store.issues().total() as f64)
    });
    let trace = state.trace_ref().filter(|_| state.view != View::List);
    let base = trace.map_or(0, |trace| trace.start().0);
    let shown = state.visible_range().filter(|_| trace.is_some());
    let range = shown.map(|range| {
        // Nanoseconds since 1970 do not fit into a JavaScript number.
        Fields::default()
            .with("start", base.saturating_add(range.start).to_string())
            .with("end", base.saturating_add(range.end).to_string())
    });
    let selection = state
        .selection
        .zip(state.store())
        .map(|(span, store)| SpanId(store.spans().span_id[span as usize]).to_string());
    let query = Fields::default()
        .with("text", &*state.query.text)
        .with("matches", state.query.matches.len() as f64)
        .with("current", or_null(state.query.current.map(|at| at as f64)))
        .with(
            "error",
            or_null(state.query.error.as_ref().map(|error| error.to_string())),
        )
        .with("waiting", state.query.waiting)
        .with("filter", state.query.hides())
        .with("dims", state.query.dims());
    Fields::default()
        .with("version", VERSION)
        .with("phase", phase)
        .with("error", or_null(error))
        .with("loading", or_null(loading))
        .with("dataset", or_null(dataset))
        .with("trace", or_null(trace.map(|trace| trace.id().to_string())))
        .with("view", state.view.name())
        .with("selection", or_null(selection))
        .with("query", query)
        .with("range", or_null(range))
        .with("critical_path", state.critical_path)
        .with("rows", state.rows.len() as f64)
        .with("shape", shape(state))
        .with("theme", if state.dark() { "dark" } else { "light" })
        .with("embed", state.embed)
}

fn shape(state: &UiState) -> Fields {
    let focus = state.shape.focus.zip(state.store());
    let focus = focus.map(|(span, store)| SpanId(store.spans().span_id[span as usize]).to_string());
    let detail = state.shape.detail();
    Fields::default()
        .with("detail", or_null(detail.map(|at| at as f64)))
        .with("repeats", state.shape.repeats)
        .with("pairs", state.shape.pairs)
        .with("least", &*state.shape.least)
        .with("short", state.shape.short as f64)
        .with("focus", or_null(focus))
}

fn or_null(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::NULL, Into::into)
}

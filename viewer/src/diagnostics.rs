//! `window.throughline.state()`: a plain JSON snapshot for tests, benches and hosts. Its fields are stable, see
//! docs/diagnostics.md.
//!
//! **Invariant:** reads the state, changes nothing; the browser's part is one function put on the window.

use serde_json::{Value, json};
use throughline_model::ids::SpanId;
use wasm_bindgen::{JsValue, closure::Closure};

use crate::{
    browser,
    state::{UiState, View},
    ui::context::App,
};

/// Puts `window.throughline` there.
pub fn install(app: App) {
    let state = Closure::<dyn Fn() -> JsValue>::new(move || {
        let text = app.peek(|state| snapshot(state).to_string());
        js_sys::JSON::parse(&text).unwrap_or(JsValue::NULL)
    });
    let object = js_sys::Object::new();
    js_sys::Reflect::set(&object, &"state".into(), state.as_ref()).ok();
    js_sys::Reflect::set(
        &object,
        &"version".into(),
        &env!("CARGO_PKG_VERSION").into(),
    )
    .ok();
    js_sys::Reflect::set(&browser::window(), &"throughline".into(), &object).ok();
    state.forget();
}

/// The state as JSON.
pub fn snapshot(state: &UiState) -> Value {
    let phase = if state.load.is_some() {
        "loading"
    } else if state.dataset.is_some() {
        "ready"
    } else if state.problem.is_some() {
        "error"
    } else {
        "idle"
    };
    let dataset = state.dataset.as_ref().map(|dataset| {
        json!({
            "name": dataset.name,
            "traces": dataset.store.trace_count(),
            "spans": dataset.store.span_count(),
            "services": dataset.store.service_count(),
            "issues": dataset.store.issues().total(),
        })
    });
    let trace = state.trace_ref().filter(|_| state.view != View::List);
    let base = trace.map_or(0, |trace| trace.start().0);
    let range = state
        .visible_range()
        .filter(|_| trace.is_some())
        .map(|range| {
            json!({
                "start": base.saturating_add(range.start).to_string(),
                "end": base.saturating_add(range.end).to_string(),
            })
        });
    let selection = state
        .selection
        .zip(state.store())
        .map(|(span, store)| SpanId(store.spans().span_id[span as usize]));
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "phase": phase,
        "error": state.problem.as_ref().map(|p| json!({"title": p.title, "detail": p.detail, "hint": p.hint})),
        "loading": state.load.as_ref().map(|load| json!({
            "name": load.name, "phase": load.phase.name(), "bytes": load.bytes, "total": load.total, "spans": load.spans,
        })),
        "dataset": dataset,
        "trace": trace.map(|trace| trace.id().to_string()),
        "view": state.view.name(),
        "selection": selection.map(|id| id.to_string()),
        "query": {
            "text": state.query.text,
            "matches": state.query.matches.len(),
            "current": state.query.current,
        },
        "range": range,
        "rows": state.rows.len(),
        "theme": if state.dark() { "dark" } else { "light" },
        "embed": state.embed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_viewer_says_so() {
        let expected = json!({
            "version": env!("CARGO_PKG_VERSION"), "phase": "idle", "error": null, "loading": null, "dataset": null,
            "trace": null, "view": "list", "selection": null, "query": {"text": "", "matches": 0, "current": null},
            "range": null, "rows": 0, "theme": "light", "embed": false,
        });
        assert_eq!(snapshot(&UiState::default()), expected);
    }
}

//! User Timing: the measures that tests, benches and hosts read. Their names are stable, see docs/diagnostics.md.
//!
//! **Invariant:** measures only; nothing waits for it.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::JsCast;

/// A measure from `start` to `end`, milliseconds of the page's clock, with the span count.
pub fn measure(name: &str, start: f64, end: f64, spans: usize) {
    let Some(performance) = super::window().performance() else {
        return;
    };
    let (detail, options) = (Object::new(), Object::new());
    Reflect::set(&detail, &"spans".into(), &(spans as f64).into()).ok();
    for (key, value) in [("start", start.max(0.0)), ("end", end.max(start))] {
        Reflect::set(&options, &key.into(), &value.into()).ok();
    }
    Reflect::set(&options, &"detail".into(), &detail).ok();
    // The form with options is newer than the typed binding.
    let call = Reflect::get(&performance, &"measure".into())
        .ok()
        .and_then(|call| call.dyn_into::<Function>().ok());
    if let Some(call) = call {
        call.call2(&performance, &name.into(), &options).ok();
    }
}

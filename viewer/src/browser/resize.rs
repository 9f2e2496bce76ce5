//! The size of an element, as it changes.
//!
//! **Invariant:** tells sizes; the observer lives as long as the value that [`observe`] gives.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};

/// Ends observing when it is dropped.
pub struct Observed {
    observer: ResizeObserver,
    _on_change: Closure<dyn FnMut()>,
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls `changed` with width and height in CSS pixels, now and whenever they change.
pub fn observe(element: &Element, mut changed: impl FnMut(f64, f64) + 'static) -> Option<Observed> {
    let target = element.clone();
    let on_change = Closure::<dyn FnMut()>::new(move || {
        changed(
            f64::from(target.client_width()),
            f64::from(target.client_height()),
        );
    });
    let observer = ResizeObserver::new(on_change.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(Observed {
        observer,
        _on_change: on_change,
    })
}

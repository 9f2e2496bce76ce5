//! One `requestAnimationFrame` for the whole app: whoever has to paint says so, and all paint in the same frame.
//!
//! **Invariant:** knows no scene; a painter that asks twice before the frame paints once.

use std::{cell::RefCell, collections::BTreeMap};

use wasm_bindgen::{JsCast, closure::Closure};

type Painter = Box<dyn FnOnce()>;

thread_local! {
    static WAITING: RefCell<BTreeMap<&'static str, Painter>> = const { RefCell::new(BTreeMap::new()) };
    static ON_FRAME: Closure<dyn FnMut()> = Closure::new(run);
}

/// Runs `painter` in the next frame; a later one of the same name replaces it.
pub fn request(name: &'static str, painter: impl FnOnce() + 'static) {
    let first = WAITING.with_borrow_mut(|waiting| {
        let first = waiting.is_empty();
        waiting.insert(name, Box::new(painter));
        first
    });
    if first {
        ON_FRAME.with(|on_frame| {
            super::window()
                .request_animation_frame(on_frame.as_ref().unchecked_ref())
                .ok();
        });
    }
}

fn run() {
    let painters = WAITING.take();
    for painter in painters.into_values() {
        painter();
    }
}

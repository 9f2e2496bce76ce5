//! Long work on the page in short pieces, so that it answers between them.
//!
//! **Invariant:** a piece is a part of a frame; nothing is done for what is not wanted any more.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::fields::Fields;

/// How long a piece is, milliseconds, and what stands between two.
#[derive(Clone, Copy)]
pub struct Pace {
    piece: f64,
    between: Between,
}

#[derive(Clone, Copy)]
enum Between {
    /// Whatever waits to be done.
    Others,
    /// All that the page has to do, but no more than so many milliseconds: a browser may never call a page idle.
    Everything(i32),
}

impl Pace {
    /// Somebody waits for it.
    pub const AWAITED: Self = Self {
        piece: 24.0,
        between: Between::Others,
    };
    /// Nobody has asked for it yet: everything else comes first, and a frame has room for a piece beside what it paints.
    pub const AHEAD: Self = Self {
        piece: 6.0,
        between: Between::Everything(8),
    };

    /// Waits for as long as is between two pieces.
    pub async fn pause(self) {
        let promise = Promise::new(&mut |resolve, _| {
            let window = super::window();
            let wait = match self.between {
                Between::Others => 0,
                Between::Everything(wait) => {
                    let idle = Reflect::get(&window, &"requestIdleCallback".into());
                    let idle = idle.ok().and_then(|idle| idle.dyn_into::<Function>().ok());
                    let options: JsValue =
                        Fields::default().with("timeout", f64::from(wait)).into();
                    if idle.is_some_and(|idle| idle.call2(&window, &resolve, &options).is_ok()) {
                        return;
                    }
                    wait
                }
            };
            window
                .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, wait)
                .ok();
        });
        JsFuture::from(promise).await.ok();
    }
}

/// Has `go` do some work again and again until it says that all is done; false when that is not wanted any more.
pub async fn in_pieces(
    pace: &dyn Fn() -> Pace,
    go: &mut dyn FnMut() -> bool,
    wanted: &dyn Fn() -> bool,
) -> bool {
    while wanted() {
        let pace = pace();
        let end = super::now() + pace.piece;
        while super::now() < end {
            if go() {
                return true;
            }
        }
        pace.pause().await;
    }
    false
}

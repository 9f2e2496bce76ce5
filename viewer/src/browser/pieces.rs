//! Long work on the page in short pieces, so that it answers between them.
//!
//! **Invariant:** a piece is a part of a frame; nothing is done for what is not wanted any more.

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

/// How long a piece is and what stands between two, milliseconds.
#[derive(Clone, Copy)]
pub struct Pace {
    piece: f64,
    between: i32,
}

impl Pace {
    /// Somebody waits for it.
    pub const AWAITED: Self = Self {
        piece: 24.0,
        between: 0,
    };
    /// Nobody has asked for it yet: everything else comes first.
    pub const AHEAD: Self = Self {
        piece: 8.0,
        between: 12,
    };

    /// Waits for as long as is between two pieces.
    pub async fn pause(self) {
        let promise = Promise::new(&mut |resolve, _| {
            super::window()
                .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, self.between)
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

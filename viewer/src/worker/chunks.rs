//! The pieces of a source as a browser gives them, to their end or until nothing comes any more.
//!
//! **Invariant:** a source that breaks off ends there, and says why afterwards: what has come is of use all the same.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

use super::{message, scope};

/// How often it is looked whether something has come. A machine that slept is not taken for a source that does.
const TICK_MS: i32 = 5_000;
/// So many looks in vain are enough.
const TICKS: u32 = 6;

/// What comes, piece by piece.
pub(super) struct Chunks {
    reader: ReadableStreamDefaultReader,
    waiting: Rc<RefCell<Waiting>>,
    /// The timer that looks, and what it calls.
    watch: Option<(i32, Closure<dyn FnMut()>)>,
}

#[derive(Default)]
struct Waiting {
    /// Looks in vain since the last piece.
    ticks: u32,
    broken: Option<String>,
}

impl Chunks {
    /// `may_stall`: it comes from somewhere that may stop to send without a word.
    pub fn of(stream: &ReadableStream, may_stall: bool) -> Self {
        let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
        let waiting = Rc::new(RefCell::new(Waiting::default()));
        Self {
            watch: may_stall.then(|| watch(reader.clone(), waiting.clone())),
            reader,
            waiting,
        }
    }

    /// The next piece; `None` at the end, or where it breaks off.
    pub async fn next(&self) -> Option<Uint8Array> {
        self.waiting.borrow_mut().ticks = 0;
        let piece = match JsFuture::from(self.reader.read()).await {
            Ok(piece) => piece,
            Err(error) => {
                self.waiting.borrow_mut().broken = Some(message(&error));
                return None;
            }
        };
        if Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return None;
        }
        let value = Reflect::get(&piece, &"value".into()).ok()?;
        Some(value.unchecked_into())
    }

    /// Why it broke off, if it did.
    pub fn broken(&self) -> Option<String> {
        self.waiting.borrow().broken.clone()
    }

    /// Nothing more is wanted.
    pub fn cancel(&self) {
        drop(self.reader.cancel());
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        if let Some((timer, _)) = self.watch {
            scope().clear_interval_with_handle(timer);
        }
    }
}

/// Ends a source of which nothing has come for a while. The timer runs only when nothing else does.
fn watch(
    reader: ReadableStreamDefaultReader,
    waiting: Rc<RefCell<Waiting>>,
) -> (i32, Closure<dyn FnMut()>) {
    let look = Closure::<dyn FnMut()>::new(move || {
        let mut waiting = waiting.borrow_mut();
        waiting.ticks += 1;
        if waiting.ticks == TICKS {
            let seconds = TICKS * TICK_MS as u32 / 1_000;
            waiting.broken = Some(format!("Nothing has come for {seconds} seconds."));
            drop(reader.cancel());
        }
    });
    let call: &Function = look.as_ref().unchecked_ref();
    let timer = scope().set_interval_with_callback_and_timeout_and_arguments_0(call, TICK_MS);
    (timer.unwrap_or_default(), look)
}

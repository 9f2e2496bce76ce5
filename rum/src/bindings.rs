//! The calls that cross from the page into WebAssembly.
//!
//! All arguments and results are numbers. Text crosses in two buffers: the page calls
//! [`reserve`], writes UTF-8 there, and makes its call; a call that gives text or
//! bytes returns their length, and [`output`] says where they are. That takes a tenth
//! of the glue that strings as arguments take. Where a call takes several texts, NULs
//! stand between them.
//!
//! Times are the page's milliseconds, as `performance.now()` gives them. The first
//! call is [`start`].
//!
//! **Invariant**: no policy; each function hands its arguments to one of the
//! recorder's methods.

use alloc::vec::Vec;

use spin::Mutex;
use throughline_model::time::UnixNanos;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::clock::Clock;
use crate::context;
use crate::outbox::REASONS;
use crate::recorder::Recorder;
use crate::requests::Outcome;
use crate::text::cut;
use crate::trusted_utf8;
use crate::url::Url;

/// The page's recorder and the buffers. A page has one thread, so the lock is always
/// free.
static PAGE: Mutex<Page> = Mutex::new(Page {
    input: Vec::new(),
    output: Vec::new(),
    recorder: Recorder::new(),
});

struct Page {
    input: Vec<u8>,
    output: Vec<u8>,
    recorder: Recorder,
}

/// Makes the input `len` bytes long, and says where it is.
#[wasm_bindgen]
pub fn reserve(len: usize) -> usize {
    PAGE.try_lock().map_or(0, |mut page| {
        page.input.clear();
        page.input.resize(len, 0);
        page.input.as_mut_ptr() as usize
    })
}

/// Where the output of the last call that gave any is.
#[wasm_bindgen]
pub fn output() -> usize {
    PAGE.try_lock()
        .map_or(0, |page| page.output.as_ptr() as usize)
}

/// Starts recording. Input: names and values of options in turn, an empty name, and the
/// page's URL in parts.
/// `origin_ms` is the page's `performance.timeOrigin`, `ratio` the
/// share of traces to record, the last four numbers are random.
#[wasm_bindgen]
pub fn start(origin_ms: f64, ratio: f64, a: u32, b: u32, c: u32, d: u32) {
    with_text(0.0, |recorder, _, input| {
        let mut rest = input;
        loop {
            let (name, after) = cut(rest, 0);
            rest = after;
            if name.is_empty() {
                break;
            }
            let (value, after) = cut(rest, 0);
            rest = after;
            recorder.set(name, value);
        }
        let join = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let seed = [join(a, b), join(c, d)];
        recorder.start(Clock::new(origin_ms), ratio, seed, rest);
    });
}

/// Output: the id of the latest interaction's trace.
#[wasm_bindgen]
pub fn trace_id() -> usize {
    give(0.0, |recorder, _| {
        context::hex_of(recorder.recent().trace_id).into_bytes()
    })
}

/// See [`Recorder::click_started`]; `at` is the event's own time. Input: the kind of
/// element, then the label.
#[wasm_bindgen]
pub fn click_started(at: f64, now: f64) {
    with_text(now, |recorder, now, input| {
        let (element, label) = cut(input, 0);
        let at = recorder.clock().at(at).min(now);
        recorder.click_started(at, now, label, element);
    });
}

/// See [`Recorder::click_handled`].
#[wasm_bindgen]
pub fn click_handled(now: f64) {
    with(now, |recorder, now| recorder.click_handled(now));
}

/// See [`Recorder::request_started`]. Input: the method, a `traceparent` that is
/// set already, and the URL in parts.
#[wasm_bindgen]
pub fn request_started(now: f64) -> u32 {
    with_text(now, |recorder, now, input| {
        let (method, rest) = cut(input, 0);
        let (existing, url) = cut(rest, 0);
        match Url::from_parts(url) {
            Some(url) => recorder.request_started(now, method, &url, existing),
            None => 0,
        }
    })
}

/// Output: the header that a request is to carry, empty if none.
#[wasm_bindgen]
pub fn traceparent(handle: u32) -> usize {
    give(0.0, |recorder, _| {
        let text = recorder.take_traceparent(handle).unwrap_or_default();
        text.into_bytes()
    })
}

/// See [`Recorder::request_settled`]. Input: the name of the error, empty for a
/// response.
#[wasm_bindgen]
pub fn request_settled(handle: u32, now: f64, status: u16) {
    with_text(now, |recorder, now, name| {
        let outcome = if name.is_empty() {
            Outcome::Response { status }
        } else {
            Outcome::Error { name }
        };
        recorder.request_settled(handle, now, outcome);
    });
}

/// See [`Recorder::page_mark`]. Input: the mark's name.
#[wasm_bindgen]
pub fn page_mark(ms: f64) {
    with_text(0.0, |recorder, _, input| recorder.page_mark(input, ms));
}

/// See [`Recorder::page_ended`].
#[wasm_bindgen]
pub fn page_ended(now: f64) {
    with(now, |recorder, now| recorder.page_ended(now));
}

/// See [`Recorder::leave`].
#[wasm_bindgen]
pub fn leave(now: f64, finally: bool) {
    with(now, |recorder, now| recorder.leave(now, finally));
}

/// See [`Recorder::flush`].
#[wasm_bindgen]
pub fn flush(now: f64) {
    with(now, |recorder, now| recorder.flush(now));
}

/// See [`Recorder::wake`]: milliseconds until there is more to do, negative if
/// nothing is foreseen.
#[wasm_bindgen]
pub fn wake(now: f64) -> f64 {
    with(now, |recorder, now| {
        let delay = recorder.wake(now);
        delay.map_or(-1.0, |delay| delay.0 as f64 / 1e6)
    })
}

/// See [`Recorder::take_batch`]. Output: the batch, empty if there is none now.
#[wasm_bindgen]
pub fn take_batch(now: f64, urgent: bool) -> usize {
    give(now, |recorder, now| {
        recorder.take_batch(now, urgent).unwrap_or_default()
    })
}

/// The id of the batch that [`take_batch`] gave last.
#[wasm_bindgen]
pub fn last_batch() -> u32 {
    with(0.0, |recorder, _| recorder.last_batch())
}

/// See [`Recorder::batch_settled`].
#[wasm_bindgen]
pub fn batch_settled(id: u32, status: u16, now: f64) {
    with(now, |recorder, now| recorder.batch_settled(id, status, now));
}

/// Output: what became of the spans, as little-endian 64-bit floats: those started,
/// exported, queued, open, and those lost by [`crate::outbox::Reason`].
#[wasm_bindgen]
pub fn stats() -> usize {
    give(0.0, |recorder, _| {
        let counts = recorder.counts();
        let mut bytes = Vec::new();
        for index in 0..4 + REASONS {
            let number = match index {
                0 => counts.started,
                1 => counts.exported,
                2 => recorder.queued() as u64,
                3 => recorder.open() as u64,
                _ => counts.dropped.get(index - 4).copied().unwrap_or_default(),
            };
            bytes.extend_from_slice(&(number as f64).to_le_bytes());
        }
        bytes
    })
}

fn with<T: Default>(now: f64, act: impl FnOnce(&mut Recorder, UnixNanos) -> T) -> T {
    with_text(now, |recorder, now, _| act(recorder, now))
}

fn with_text<T: Default>(now: f64, act: impl FnOnce(&mut Recorder, UnixNanos, &str) -> T) -> T {
    if let Some(mut page) = PAGE.try_lock() {
        let page = &mut *page;
        let now = page.recorder.clock().at(now);
        return act(&mut page.recorder, now, trusted_utf8::text(&page.input));
    }
    T::default()
}

fn give(now: f64, act: impl FnOnce(&mut Recorder, UnixNanos) -> Vec<u8>) -> usize {
    set_output(with(now, act))
}

fn set_output(bytes: Vec<u8>) -> usize {
    let len = bytes.len();
    if let Some(mut page) = PAGE.try_lock() {
        page.output = bytes;
    }
    len
}

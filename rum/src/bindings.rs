//! The one call that crosses from the page into WebAssembly.
//!
//! All arguments and results are numbers. Text crosses in two buffers: the page calls
//! [`reserve`] whenever it needs more room than it has, writes UTF-8 there, and makes its call
//! with the length; a call that gives text or bytes
//! returns their length, and [`output`] says where they are. Where a call takes several
//! texts, NULs stand between them. That takes a tenth of the glue that strings as arguments
//! take, and one function for everything a third less code than one for each: every one
//! would begin with the same lines. What each number stands for is in `js/core.js`, too.
//!
//! Times are the page's milliseconds, as `performance.now()` gives them.
//!
//! **Invariant**: no policy; each call hands its arguments to one of the recorder's methods.

use alloc::vec::Vec;

use spin::Mutex;
use throughline_model::time::Nanos;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::attributes;
use crate::clock::Clock;
use crate::outbox::Urgency;
use crate::recorder::{FULL, Recorder};
use crate::spans::Kind;
use crate::text::cut;
use crate::trusted_utf8;

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

/// Does one thing. `time` is when, in the calls that need to know, `length` how long the input is.
///
/// ```text
///  #  what                           a        b        time   input      gives
///  0  Recorder::seed                 32 bits  32 bits  52 bits
///  1  Recorder::start                ratio             origin options
///  2  Recorder::open                 kind     always   start  text       handle
///  3  Recorder::describe             handle                   pairs
///  4  Recorder::settle               handle   failed   end    pairs
///  5  Recorder::traceparent          handle                              length
///  6  Recorder::matching                               start  URL        handle
///  7  Recorder::timed                handle            end    pairs
///  8  Recorder::leave                finally           now
///  9  Recorder::flush                                  now
/// 10  Recorder::wake                                   now               ms, infinite for never
/// 11  Recorder::take_batch           urgency  logs     now               length, 0 for none
/// 12  Recorder::last_batch           logs                                id
/// 13  Recorder::batch_settled        id       logs     now    status, rejected, wait in µs, count
///                                                                        count
/// 14  Counts of spans or of logs; beyond them, how many of both wait, or how many spans run
///                                    which    logs                       number
/// 15  Recorder::turn                                   now
/// 16  Recorder::log                  severity          when   text
/// 17  Recorder::hold                 logs              now               ms
/// 18  Recorder::headers              handle   own                        length
/// ```
#[wasm_bindgen]
pub fn call(what: u32, a: f64, b: f64, time: f64, length: usize) -> f64 {
    let Some(mut page) = PAGE.try_lock() else {
        return 0.0;
    };
    let page = &mut *page;
    let recorder = &mut page.recorder;
    let input = trusted_utf8::text(page.input.get(..length).unwrap_or_default());
    let at = recorder.clock().at(time);
    let number = a as u32;
    let mut give = |bytes: Vec<u8>| {
        page.output = bytes;
        page.output.len() as u32
    };
    let result = match what {
        0 => {
            recorder.seed([(a as u64) << 32 | b as u64, time as u64]);
            0
        }
        1 => {
            recorder.start(Clock::new(time), a, input);
            0
        }
        2 => recorder.open(kind(number), at, input, b > 0.0),
        3 => {
            recorder.describe(number, input);
            0
        }
        4 => {
            recorder.describe(number, input);
            recorder.settle(number, at, b > 0.0);
            0
        }
        5 => give(recorder.traceparent(number).into_bytes()),
        6 => recorder.matching(at, input),
        7 => {
            recorder.describe(number, input);
            recorder.timed(number, at);
            0
        }
        8 => {
            recorder.leave(at, number > 0);
            0
        }
        9 => {
            recorder.flush(at);
            0
        }
        10 => {
            return match recorder.wake(at) {
                Some(delay) => delay.0 as f64 / 1e6,
                None => f64::INFINITY,
            };
        }
        11 => {
            let urgency = match number {
                0 => Urgency::None,
                1 => Urgency::Leaving,
                _ => Urgency::Keeping,
            };
            let batch = recorder.take_batch(b > 0.0, at, urgency);
            give(batch.unwrap_or_default())
        }
        12 => recorder.last_batch(number > 0),
        13 => {
            let mut numbers = [0; 4];
            let mut rest = input;
            for number in &mut numbers {
                let (text, after) = cut(rest, 0);
                *number = attributes::number(text);
                rest = after;
            }
            let [status, rejected, wait, count] = numbers;
            let (rejected, count) = (rejected as usize, count as usize);
            let wait = Nanos::from_micros(wait);
            recorder.batch_settled(b > 0.0, number, status as u16, rejected, wait, count, at) as u32
        }
        14 => {
            let of = if b > 0.0 {
                recorder.log_counts()
            } else {
                recorder.counts()
            };
            return match of.get(number as usize) {
                Some(count) => *count as f64,
                None if b > 0.0 => recorder.open_count() as f64,
                None => recorder.queued() as f64,
            };
        }
        15 => {
            recorder.turn(at);
            0
        }
        17 => return recorder.hold(number > 0, at).0 as f64 / 1e6,
        18 if FULL => give(recorder.headers(number, b > 0.0).into_bytes()),
        _ => {
            recorder.log(at, number as u8, input);
            0
        }
    };
    f64::from(result)
}

fn kind(number: u32) -> Kind {
    match number {
        1 => Kind::Request,
        2 => Kind::Click,
        3 => Kind::Idle,
        4 => Kind::Page,
        5 => Kind::Resource,
        _ => Kind::Plain,
    }
}

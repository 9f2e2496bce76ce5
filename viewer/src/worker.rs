//! The worker: takes blobs or an address, gives one flat image. One worker a load, because WebAssembly's memory never
//! shrinks: ending the worker returns it.
//!
//! **Invariant:** protocol, browser, importers; no framework, no state. Everything that can go wrong becomes a
//! [`Problem`] for a person.

mod chunks;
mod fetch;
mod read;

use std::cell::Cell;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use throughline_model::{
    image::{self, ImageSource},
    import::{self, Input, Limits, Observer, Silent, Stage},
    store::{
        TraceStore,
        builder::{Outline, StoreBuilder},
    },
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::{
    problem::Problem,
    protocol::{FromWorker, Load},
};

/// Waits for the page's message.
pub fn start() {
    let scope = scope();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let parts: Array = event.data().unchecked_into();
        spawn_local(async move {
            if let Err(problem) = run(&parts).await {
                post(&FromWorker::Failed(problem), None);
            }
        });
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&FromWorker::Ready, None);
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn now() -> f64 {
    scope()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

fn post(message: &FromWorker, image: Option<&ArrayBuffer>) {
    let parts = Array::of1(&message.write());
    let transfer = Array::new();
    if let Some(image) = image {
        parts.push(image);
        transfer.push(image);
    }
    scope().post_message_with_transfer(&parts, &transfer).ok();
}

fn progress(phase: &str, bytes: u64, total: u64, outline: &Outline) {
    post(
        &FromWorker::Progress {
            phase: phase.to_owned(),
            bytes,
            total,
            spans: outline.spans,
            services: outline.services,
            errors: outline.errors,
            start: outline.start.map_or(0, |start| start.0),
            end: outline.end.0,
        },
        None,
    );
}

async fn run(parts: &Array) -> Result<(), Problem> {
    let Load { names, url, join } = Load::read(parts.get(0));
    let mut builder = StoreBuilder::new();
    if join {
        let buffer: ArrayBuffer = parts.get(parts.length() - 1).unchecked_into();
        // An image that does not read was not written by this build; then the new files open alone.
        if let Ok(store) = image::read(&JsImage(Uint8Array::new(&buffer))) {
            builder.append(&store);
        }
    }
    let mut told = Told::default();
    let mut problems = Vec::new();
    let mut import_ms = 0.0;
    let mut opened = 0;
    let mut logs_alone = Vec::new();
    let count = if url.is_some() { 1 } else { names.len() };
    for at in 0..count {
        let source = match &url {
            Some(url) => fetch::fetch(url).await,
            None => {
                let blob: Blob = parts.get(at as u32 + 1).unchecked_into();
                read::blob(names.get(at).map_or("", String::as_str), &blob)
            }
        };
        let logs = builder.log_count();
        let read = match source {
            Ok(source) => read::import(&mut builder, &mut told, source).await,
            Err(problem) => Err(problem),
        };
        match read {
            Ok(read) => {
                import_ms += read.ms;
                opened += 1;
                problems.extend(read.broken);
            }
            // Their spans are in another file, or have been there before.
            Err(problem) if builder.log_count() > logs => logs_alone.push(problem),
            Err(problem) => problems.push(problem),
        }
    }
    if opened == 0 && (logs_alone.is_empty() || builder.span_count() == 0) {
        problems.append(&mut logs_alone);
        return Err(one_of(problems));
    }
    progress("arranging", 0, 0, builder.outline());
    let started = now();
    let store = builder.finish();
    let image = to_buffer(&store);
    import_ms += now() - started;
    post(
        &FromWorker::Done {
            import_ms,
            problems,
        },
        Some(&image),
    );
    Ok(())
}

/// Imports the beginning of an input twice in vain, while the rest is on its way: a browser runs WebAssembly slowly until it
/// has seen which functions are worth to be made fast, and that is over when all bytes are there.
///
/// Once a worker, however many inputs it has; and of a compressed one no more than would be read of a plain one.
fn warm_up(beginning: &[u8]) {
    thread_local! {
        static WARM: Cell<bool> = const { Cell::new(false) };
    }
    if WARM.replace(true) {
        return;
    }
    let limits = Limits {
        decompressed: beginning.len() as u64,
        ..Limits::default()
    };
    // Twice the same takes less memory than once as much.
    for _ in 0..2 {
        let mut builder = StoreBuilder::new();
        let input = Input {
            name: String::new(),
            bytes: beginning.to_vec(),
        };
        // It ends in the middle of something; what of it cannot be read is no news.
        if import::import_with(&mut builder, input, &mut Silent, limits).is_ok() {
            drop(builder.finish());
        }
    }
}

/// What to say when nothing could be opened.
fn one_of(mut problems: Vec<Problem>) -> Problem {
    match problems.len() {
        0 => Problem::new(
            "There was nothing to open",
            "",
            "Choose a file with traces.",
        ),
        1 => problems.remove(0),
        count => {
            let details: Vec<String> = problems
                .iter()
                .map(|p| format!("{}: {}", p.title, p.detail))
                .collect();
            let hint = problems.remove(0).hint;
            Problem::new(
                format!("None of the {count} files could be opened"),
                details.join("\n"),
                hint,
            )
        }
    }
}

/// Copies the columns one by one: the image never stands in WebAssembly's memory beside them.
fn to_buffer(store: &TraceStore) -> ArrayBuffer {
    let sections = image::sections(store);
    let buffer = ArrayBuffer::new(sections.len as u32);
    for (offset, bytes) in sections.iter() {
        Uint8Array::new_with_byte_offset_and_length(&buffer, offset as u32, bytes.len() as u32)
            .copy_from(bytes);
    }
    buffer
}

/// An image in the browser's memory.
pub struct JsImage(pub Uint8Array);

impl ImageSource for JsImage {
    fn len(&self) -> u64 {
        u64::from(self.0.length())
    }

    fn copy_to(&self, offset: u64, target: &mut [u8]) {
        let start = offset as u32;
        self.0
            .subarray(start, start + target.len() as u32)
            .copy_to(target);
    }
}

/// Tells the page how far the import is, a few times a second.
#[derive(Default)]
struct Told {
    phase: &'static str,
    last: f64,
}

impl Told {
    fn arrived(&mut self, bytes: u64, total: u64) {
        self.phase = "reading";
        self.progress(bytes, total, &Outline::default());
    }
}

impl Observer for Told {
    fn stage(&mut self, stage: Stage) {
        self.phase = match stage {
            Stage::Decompress => "decompressing",
            Stage::Arrange => "arranging",
            Stage::Sniff | Stage::Parse => "parsing",
        };
    }

    fn progress(&mut self, done: u64, total: u64, outline: &Outline) {
        let now = now();
        if now - self.last > 50.0 {
            self.last = now;
            progress(self.phase, done, total, outline);
        }
    }
}

/// A thrown value as a string.
fn message(value: &JsValue) -> String {
    crate::browser::message_of(value)
}

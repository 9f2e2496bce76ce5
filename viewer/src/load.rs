//! Loads: one worker each, from request to dataset.
//!
//! **Invariant:** at most one load runs; what an older one still says is ignored. What was open stays until a load is
//! done, and stays if it fails.

use std::{cell::RefCell, sync::Arc};

use js_sys::{Array, ArrayBuffer, Uint8Array};
use throughline_model::{
    image::{self, ImageError, Reading},
    store::TraceStore,
    time::UnixNanos,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::{
    browser::{
        self, files, history, kept,
        pieces::{Pace, in_pieces},
        timing,
    },
    protocol::{self, FromWorker},
    state::{Command, Dataset, Load, LoadPhase, OpenRequest, Origin, Outline, Problem},
    ui::context::App,
    worker::JsImage,
};

/// What the worker begins with, beside the page.
const WORKER: &str = "worker.js";
/// The bundled sample, beside the page.
const SAMPLE: &str = "samples/checkout.json";

struct Running {
    worker: Option<Worker>,
    on_message: Option<Closure<dyn FnMut(MessageEvent)>>,
    on_error: Option<Closure<dyn FnMut(web_sys::Event)>>,
    number: u32,
}

thread_local! {
    static RUNNING: RefCell<Running> = const {
        RefCell::new(Running { worker: None, on_message: None, on_error: None, number: 0 })
    };
    static STARTED: RefCell<f64> = const { RefCell::new(0.0) };
}

/// What a load needs to know until its end.
#[derive(Clone)]
struct Job {
    name: String,
    origin: Origin,
    number: u32,
    started: f64,
    phase: (LoadPhase, f64),
}

/// When the last load was asked for, milliseconds of the page's clock: first-row is measured from here.
pub fn started() -> f64 {
    STARTED.with_borrow(|started| *started)
}

/// Stops the load that runs; nothing more of it arrives.
pub fn stop() {
    RUNNING.with_borrow_mut(|running| {
        if let Some(worker) = running.worker.take() {
            worker.terminate();
        }
        running.number += 1;
    });
}

/// Begins a load; one that runs is stopped.
pub fn start(app: App, request: OpenRequest) {
    stop();
    let started = browser::now();
    STARTED.with_borrow_mut(|last| *last = started);
    let number = RUNNING.with_borrow(|running| running.number);
    let mut job = Job {
        name: String::new(),
        origin: Origin::Local,
        number,
        started,
        phase: (LoadPhase::Connecting, started),
    };
    match request {
        OpenRequest::Sample => {
            job.name = "Sample: a checkout in the shop".to_owned();
            job.origin = Origin::Sample;
            let url = history::absolute(SAMPLE).map(|url| url.href());
            send(app, job, Vec::new(), url, false);
        }
        OpenRequest::Url(url) => {
            let absolute = history::absolute(&url).filter(|url| {
                matches!(
                    url.protocol().as_str(),
                    "http:" | "https:" | "data:" | "blob:"
                )
            });
            let Some(absolute) = absolute else {
                let hint = "An address begins with https:// or http://, or is a path on this site.";
                app.dispatch(Command::LoadFailed(Problem::new(
                    format!("{url} is not an address to open"),
                    "",
                    hint,
                )));
                return;
            };
            job.name = short_name(&url);
            job.origin = Origin::Url(url);
            send(app, job, Vec::new(), Some(absolute.href()), false);
        }
        OpenRequest::Local { ticket, name, add } => {
            let blobs = files::take(ticket);
            job.name = name;
            job.origin = kept::new_key().map_or(Origin::Local, Origin::Kept);
            send(app, job, blobs, None, add);
        }
        OpenRequest::Kept(key) => {
            let known = kept::recent().into_iter().find(|entry| entry.key == key);
            job.name = known.map_or_else(|| "Kept dataset".to_owned(), |entry| entry.name);
            job.origin = Origin::Kept(key.clone());
            app.dispatch(Command::LoadProgress(Load {
                name: job.name.clone(),
                ..Load::default()
            }));
            spawn_local(async move {
                let image = kept::read(&key).await;
                restored(app, &job, image).await;
            });
        }
    }
}

fn is_current(job: &Job) -> bool {
    RUNNING.with_borrow(|running| running.number == job.number)
}

/// What to call what is behind an address: the file's name, or the host of an API that ends with an id.
fn short_name(url: &str) -> String {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or(url)
        .trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    let is_id = last.len() >= 16 && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    let host = path
        .split_once("://")
        .and_then(|(_, rest)| rest.split('/').next());
    match host {
        Some(host) if is_id || last.is_empty() => host.to_owned(),
        _ if last.is_empty() => url.to_owned(),
        _ => last.to_owned(),
    }
}

async fn restored(app: App, job: &Job, bytes: Option<Uint8Array>) {
    let store = match bytes {
        Some(bytes) => read(job, bytes).await.and_then(Result::ok),
        None => None,
    };
    if !is_current(job) {
        return;
    }
    match store {
        Some(store) => done(app, job, store, None),
        None => app.dispatch(Command::LoadFailed(Problem::new(
            format!("{} is no longer kept", job.name),
            "The browser has dropped it, or it was kept by another version.",
            "Open the file again.",
        ))),
    }
}

/// The dataset of an image; `None` when another load has begun meanwhile.
async fn read(job: &Job, image: Uint8Array) -> Option<Result<TraceStore, ImageError>> {
    let image = JsImage(image);
    let mut reading = match Reading::begin(&image) {
        Ok(reading) => reading,
        Err(error) => return Some(Err(error)),
    };
    let mut problem = None;
    let mut go = || {
        reading.go().unwrap_or_else(|error| {
            problem = Some(error);
            true
        })
    };
    if !in_pieces(&|| Pace::AWAITED, &mut go, &|| is_current(job)).await {
        return None;
    }
    Some(problem.map_or_else(|| Ok(reading.finish()), Err))
}

fn send(app: App, job: Job, blobs: Vec<files::Waiting>, url: Option<String>, add: bool) {
    app.dispatch(Command::LoadProgress(Load {
        name: job.name.clone(),
        ..Load::default()
    }));
    let parts = Array::new();
    let joined = add
        .then(|| app.peek(|state| state.store().cloned()))
        .flatten();
    let message = protocol::Load {
        names: blobs.iter().map(|blob| blob.name.clone()).collect(),
        url,
        join: joined.is_some(),
    };
    parts.push(&message.write());
    for waiting in blobs {
        parts.push(&waiting.blob);
    }
    if let Some(store) = joined {
        parts.push(&Uint8Array::from(image::write(&store).as_slice()).buffer());
    }
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let started = Worker::new_with_options(WORKER, &options).and_then(|worker| {
        let itself = Array::of2(&browser::script().into(), &wasm_bindgen::module());
        worker.post_message(&itself)?;
        Ok(worker)
    });
    let Ok(worker) = started else {
        app.dispatch(Command::LoadFailed(no_worker(
            "the browser refused to start it",
        )));
        return;
    };
    listen(app, &worker, job, parts);
}

fn no_worker(reason: &str) -> Problem {
    Problem::new(
        "The part that reads files could not start",
        format!("The worker did not start: {reason}."),
        "Reload the page. If it stays so, the site may be incomplete, or its content security policy forbids workers.",
    )
}

fn listen(app: App, worker: &Worker, mut job: Job, parts: Array) {
    let target = worker.clone();
    let number = job.number;
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if !is_current(&job) {
            return;
        }
        let answer: Array = event.data().unchecked_into();
        match FromWorker::read(answer.get(0)) {
            Some(FromWorker::Ready) => {
                target.post_message(&parts).ok();
            }
            None => {
                stop();
                app.dispatch(Command::LoadFailed(no_worker("it is of another build")));
            }
            Some(FromWorker::Progress {
                phase,
                bytes,
                total,
                spans,
                services,
                errors,
                start,
                end,
            }) => {
                let outline = Outline {
                    spans,
                    services,
                    errors,
                    start: UnixNanos(start),
                    end: UnixNanos(end),
                };
                let load = progress(&mut job, &phase, bytes, total, outline);
                app.dispatch(Command::LoadProgress(load));
            }
            Some(FromWorker::Done {
                import_ms,
                problems,
            }) => {
                end_worker();
                let buffer: ArrayBuffer = answer.get(1).unchecked_into();
                let job = job.clone();
                spawn_local(async move {
                    arrived(app, &job, &buffer, import_ms, problems).await;
                });
            }
            Some(FromWorker::Failed(problem)) => {
                end_worker();
                app.dispatch(Command::LoadFailed(problem));
            }
        }
    });
    let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
        let current = RUNNING.with_borrow(|running| running.number == number);
        if current {
            stop();
            let reason = js_sys::Reflect::get(&event, &"message".into())
                .ok()
                .and_then(|text| text.as_string());
            app.dispatch(Command::LoadFailed(failed(&reason.unwrap_or_default())));
        }
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    RUNNING.with_borrow_mut(|running| {
        running.worker = Some(worker.clone());
        running.on_message = Some(on_message);
        running.on_error = Some(on_error);
    });
}

/// A worker that dies while it reads has most likely run out of memory.
fn failed(reason: &str) -> Problem {
    if reason.is_empty() {
        return no_worker("no reason given");
    }
    Problem::new(
        "Reading stopped",
        format!("The worker ended: {reason}."),
        "The file may be too large for this browser. Split it, or export fewer traces.",
    )
}

fn end_worker() {
    RUNNING.with_borrow_mut(|running| {
        if let Some(worker) = running.worker.take() {
            worker.terminate();
        }
    });
}

fn progress(job: &mut Job, phase: &str, bytes: u64, total: u64, outline: Outline) -> Load {
    let phases = [
        LoadPhase::Connecting,
        LoadPhase::Reading,
        LoadPhase::Decompressing,
        LoadPhase::Parsing,
        LoadPhase::Arranging,
    ];
    let phase = phases
        .into_iter()
        .find(|known| known.name() == phase)
        .unwrap_or_default();
    let now = browser::now();
    if phase != job.phase.0 {
        job.phase = (phase, now);
    }
    let seconds = (now - job.phase.1) / 1_000.0;
    let speed = if seconds > 0.05 {
        (bytes as f64 / seconds) as u64
    } else {
        0
    };
    Load {
        name: job.name.clone(),
        phase,
        bytes,
        total,
        outline,
        speed,
    }
}

async fn arrived(
    app: App,
    job: &Job,
    buffer: &ArrayBuffer,
    import_ms: f64,
    problems: Vec<Problem>,
) {
    let from = browser::now() - import_ms;
    let store = match read(job, Uint8Array::new(buffer)).await {
        Some(Ok(store)) => store,
        Some(Err(error)) => {
            let problem = Problem::new(
                "The worker's answer does not read",
                error.to_string(),
                "Reload the page.",
            );
            app.dispatch(Command::LoadFailed(problem));
            return;
        }
        None => return,
    };
    timing::measure(
        "throughline.import",
        from,
        browser::now(),
        store.span_count(),
    );
    done(app, job, store, Some(buffer));
    for problem in problems {
        app.dispatch(Command::Report(problem));
    }
}

fn done(app: App, job: &Job, store: TraceStore, buffer: Option<&ArrayBuffer>) {
    let (spans, traces) = (store.span_count(), store.trace_count());
    timing::measure("throughline.load", job.started, browser::now(), spans);
    let mut origin = job.origin.clone();
    if let (Origin::Kept(key), Some(buffer)) = (&job.origin, buffer) {
        if u64::from(buffer.byte_length()) > kept::LARGEST {
            origin = Origin::Local;
        } else {
            let entry = kept::Recent {
                key: key.clone(),
                name: job.name.clone(),
                spans: spans as u64,
                traces: traces as u64,
                opened: js_sys::Date::now(),
            };
            let buffer = buffer.clone();
            spawn_local(async move {
                // A browser that keeps nothing loses the reload, not the dataset.
                kept::keep(entry, &buffer).await.ok();
            });
        }
    }
    let dataset = Dataset {
        store: Arc::new(store),
        name: job.name.clone(),
        origin,
    };
    app.dispatch(Command::LoadDone(Arc::new(dataset)));
}

/// Opens what was picked, dropped or pasted.
pub fn open_blobs(app: App, blobs: Vec<files::Waiting>, add: bool) {
    let name = match blobs.as_slice() {
        [] => return,
        [one] => one.name.clone(),
        [first, rest @ ..] => format!("{} and {} more", first.name, rest.len()),
    };
    let ticket = files::keep(blobs);
    app.dispatch(Command::Open(OpenRequest::Local { ticket, name, add }));
}

/// Opens text or bytes that a host page or a paste brought.
pub fn open_value(app: App, name: &str, value: &JsValue) -> bool {
    let waiting = files::from_value(name, value);
    let known = waiting.is_some();
    if let Some(waiting) = waiting {
        open_blobs(app, vec![waiting], false);
    }
    known
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn addresses_have_short_names() {
        let check = |url: &str, expected: &str| assert_eq!(short_name(url), expected);
        check("https://a.test/x/trace.json?y=1#z", "trace.json");
        check(
            "http://a.test:16686/api/traces/5b8efff798038103d269b633813fc60c",
            "a.test:16686",
        );
        check("https://a.test/", "a.test");
        check("trace.json", "trace.json");
    }
}

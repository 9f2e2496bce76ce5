//! Work on a large trace in small pieces, while the page does nothing else: its critical path, where its texts are, and who
//! calls whom are found ahead, so that whoever asks for them later need not wait.
//!
//! **Invariant:** no piece is longer than a part of a frame; another trace ends it; who asks before it is done is not kept
//! waiting by it.

use std::sync::Arc;

use js_sys::Promise;
use throughline_model::{
    analysis::{
        critical_path::PathWork,
        occurrences::OccurrenceWork,
        service_graph::{By, GraphWork},
    },
    store::TraceStore,
};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::context::App;
use crate::browser;

/// Fewer spans are done at once.
pub const MANY: usize = 250_000;
/// How long a piece is, milliseconds.
const PIECE: f64 = 8.0;
/// Between two pieces, milliseconds: everything else comes first.
const BETWEEN: i32 = 12;
/// So much is done between two looks at the clock.
pub(super) const STEPS: u32 = 2_000;

/// Begins to find what will be asked of a trace that has just been opened.
pub fn begin(app: App, store: Arc<TraceStore>, trace: u32) {
    spawn_local(async move {
        find_path(app, &store, trace).await;
        find_texts(app, &store, trace).await;
        for by in [By::Service, By::Name] {
            find_graph(app, &store, trace, by).await;
        }
    });
}

async fn find_path(app: App, store: &Arc<TraceStore>, trace: u32) {
    let mut work = PathWork::new(store, trace);
    let wanted = || app.peek(|state| state.lacks_path(store, trace));
    if in_pieces(&mut || work.go(STEPS), &wanted).await {
        let path = work.finish();
        app.peek(|state| state.keep_path(path));
    }
}

async fn find_texts(app: App, store: &Arc<TraceStore>, trace: u32) {
    let mut work = OccurrenceWork::new(store);
    let wanted = || app.peek(|state| state.lacks_texts(store, trace));
    if in_pieces(&mut || work.go(STEPS), &wanted).await {
        let texts = work.finish();
        app.peek(|state| state.keep_texts(texts));
    }
}

async fn find_graph(app: App, store: &Arc<TraceStore>, trace: u32, by: By) {
    pause().await;
    let wanted = || app.peek(|state| state.lacks_graph(store, trace, by));
    if !wanted() {
        return;
    }
    let mut work = GraphWork::new(store, trace, by);
    if in_pieces(&mut || work.go(STEPS), &wanted).await {
        pause().await;
        let graph = Arc::new(work.finish());
        app.peek(|state| state.keep_graph(by, graph));
    }
}

/// Has `go` do some work again and again until it says that all is done; false when that is not wanted any more.
pub(super) async fn in_pieces(go: &mut dyn FnMut() -> bool, wanted: &dyn Fn() -> bool) -> bool {
    loop {
        pause().await;
        if !wanted() {
            return false;
        }
        let end = browser::now() + PIECE;
        while browser::now() < end {
            if go() {
                return true;
            }
        }
    }
}

async fn pause() {
    let promise = Promise::new(&mut |resolve, _| {
        browser::window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, BETWEEN)
            .ok();
    });
    JsFuture::from(promise).await.ok();
}

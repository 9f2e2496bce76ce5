//! Work on a large trace in small pieces, while the page does nothing else: its critical path, where its texts are, and who
//! calls whom are found ahead, so that whoever asks for them later need not wait.
//!
//! **Invariant:** no piece is longer than a part of a frame; another trace ends it; who asks before it is done is not kept
//! waiting by it.

use std::sync::Arc;

use throughline_model::{
    analysis::{
        critical_path::PathWork,
        occurrences::OccurrenceWork,
        service_graph::{By, GraphWork},
    },
    store::TraceStore,
};
use wasm_bindgen_futures::spawn_local;

use super::context::App;
use crate::{
    browser::pieces::{Pace, in_pieces},
    state::Command,
};

/// So much is done between two looks at the clock.
pub(super) const STEPS: u32 = 2_000;

/// Begins to find what will be asked of a trace that has just been opened.
pub fn begin(app: App, store: Arc<TraceStore>, trace: u32) {
    spawn_local(async move {
        // A query that came with the address waits for the texts.
        if !app.peek(|state| state.query.waiting) {
            find_path(app, &store, trace).await;
        }
        find_texts(app, &store, trace).await;
        find_path(app, &store, trace).await;
        for by in [By::Service, By::Name] {
            find_graph(app, &store, trace, by).await;
        }
    });
}

async fn find_path(app: App, store: &Arc<TraceStore>, trace: u32) {
    Pace::AHEAD.pause().await;
    let wanted = || app.peek(|state| state.lacks_path(store, trace));
    if !wanted() {
        return;
    }
    let mut work = PathWork::new(store, trace);
    if in_pieces(&|| Pace::AHEAD, &mut || work.go(STEPS), &wanted).await {
        let path = work.finish();
        app.peek(|state| state.keep_path(path));
    }
}

async fn find_texts(app: App, store: &Arc<TraceStore>, trace: u32) {
    Pace::AHEAD.pause().await;
    let mut work = OccurrenceWork::new(store);
    let wanted = || app.peek(|state| state.lacks_texts(store, trace));
    let pace = || {
        app.peek(|state| match state.query.waiting {
            true => Pace::AWAITED,
            false => Pace::AHEAD,
        })
    };
    if in_pieces(&pace, &mut || work.go(STEPS), &wanted).await {
        let texts = work.finish();
        let waiting = app.peek(|state| {
            state.keep_texts(texts);
            state.query.waiting.then(|| state.query.text.clone())
        });
        if let Some(text) = waiting {
            app.dispatch(Command::SetQuery(text));
        }
    }
}

async fn find_graph(app: App, store: &Arc<TraceStore>, trace: u32, by: By) {
    Pace::AHEAD.pause().await;
    let wanted = || app.peek(|state| state.lacks_graph(store, trace, by));
    if !wanted() {
        return;
    }
    let mut work = GraphWork::new(store, trace, by);
    if in_pieces(&|| Pace::AHEAD, &mut || work.go(STEPS), &wanted).await {
        Pace::AHEAD.pause().await;
        let graph = Arc::new(work.finish());
        app.peek(|state| state.keep_graph(by, graph));
    }
}

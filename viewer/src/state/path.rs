//! The open trace's critical path: computed when somebody asks for it first, walked by a key.
//!
//! **Invariant:** computed once for a trace at most.

use std::sync::Arc;

use throughline_model::{analysis::critical_path::CriticalPath, store::TraceStore};

use super::{Effect, UiState};

impl UiState {
    /// The critical path of the open trace, computed when it is asked for first.
    pub fn path(&self) -> Option<&CriticalPath> {
        let (store, trace) = (self.store()?, self.trace_ref()?);
        let path = || Arc::new(CriticalPath::of_trace(store, trace.idx()));
        Some(self.path.get_or_init(path))
    }

    /// Whether this trace is open and its critical path not known.
    pub fn lacks_path(&self, store: &Arc<TraceStore>, trace: u32) -> bool {
        let same = self
            .dataset
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(&known.store, store));
        same && self.trace == Some(trace) && self.path.get().is_none()
    }

    /// Keeps a critical path of the open trace that was found ahead.
    pub fn keep_path(&self, path: CriticalPath) {
        // Whoever asked meanwhile has the same.
        self.path.set(Arc::new(path)).ok();
    }

    /// The critical path while it is to be drawn.
    pub fn drawn_path(&self) -> Option<&CriticalPath> {
        self.critical_path.then(|| self.path()).flatten()
    }

    pub(super) fn next_on_path(&mut self) -> Vec<Effect> {
        let next = self.path().and_then(|path| {
            let span = path.next_span(self.selection)?;
            Some((span, path.time_of(span)))
        });
        let Some((span, time)) = next else {
            return vec![Effect::Announce("No span has a duration".to_owned())];
        };
        self.critical_path = true;
        let mut effects = self.reveal(span);
        effects.push(Effect::Announce(format!("On the critical path: {time}")));
        effects
    }
}

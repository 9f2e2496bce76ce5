//! What is computed once for the open trace, when somebody asks for it first or ahead: its critical path, walked by a key, and
//! who calls whom; and, ahead only, where its texts are.
//!
//! **Invariant:** computed once for a trace at most.

use std::sync::Arc;

use throughline_model::{
    analysis::{
        critical_path::CriticalPath,
        occurrences::Occurrences,
        service_graph::{By, ServiceGraph},
    },
    query,
    store::{TraceRef, TraceStore},
};

use super::{Effect, UiState};

/// In a trace of so many spans, what will be asked of it is found ahead, in pieces; of a smaller one, when it is asked for.
pub const MANY: usize = 250_000;

impl UiState {
    /// The critical path of the open trace, computed when it is asked for first.
    pub fn path(&self) -> Option<&CriticalPath> {
        let (store, trace) = (self.store()?, self.trace_ref()?);
        let path = || Arc::new(CriticalPath::of_trace(store, trace.idx()));
        Some(self.path.get_or_init(path))
    }

    /// Whether this trace is open.
    fn is_open(&self, store: &Arc<TraceStore>, trace: u32) -> bool {
        let dataset = self.dataset.as_ref();
        let same = dataset.is_some_and(|known| Arc::ptr_eq(&known.store, store));
        same && self.trace == Some(trace)
    }

    /// Whether this trace is open and its critical path not known.
    pub fn lacks_path(&self, store: &Arc<TraceStore>, trace: u32) -> bool {
        self.is_open(store, trace) && self.path.get().is_none()
    }

    /// Whether this trace is open and it is not known where its texts are.
    pub fn lacks_texts(&self, store: &Arc<TraceStore>, trace: u32) -> bool {
        self.is_open(store, trace) && self.texts.get().is_none()
    }

    /// Whether a query is better put off until it is known where the texts are, which is being found.
    pub(super) fn waits_for_texts(&self, text: &str) -> bool {
        let large = |trace: TraceRef<'_>| trace.span_count() >= MANY;
        // A text alone needs the query language, which is not there at once.
        !text.trim().is_empty()
            && self.texts.get().is_none()
            && self.trace_ref().is_some_and(large)
            && query::looks_for_text(text)
    }

    /// Keeps where the texts of the open dataset are, found ahead: queries are faster from now on.
    pub fn keep_texts(&self, texts: Occurrences) {
        self.texts.set(Arc::new(texts)).ok();
    }

    /// Keeps a critical path of the open trace that was found ahead.
    pub fn keep_path(&self, path: CriticalPath) {
        // Whoever asked meanwhile has the same.
        self.path.set(Arc::new(path)).ok();
    }

    /// Who calls whom in the open trace, if that is known.
    pub fn graph_by(&self, by: By) -> Option<&Arc<ServiceGraph>> {
        self.graphs[by as usize].get()
    }

    /// Whether this trace is open and it is not known who calls whom.
    pub fn lacks_graph(&self, store: &Arc<TraceStore>, trace: u32, by: By) -> bool {
        self.is_open(store, trace) && self.graph_by(by).is_none()
    }

    /// Keeps who calls whom in the open trace.
    pub fn keep_graph(&self, by: By, graph: Arc<ServiceGraph>) {
        self.graphs[by as usize].set(graph).ok();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Command, Others, tests::opened_with};

    #[test]
    fn a_text_is_looked_for_in_a_large_trace_when_its_texts_are_known() {
        let lines = (2..=MANY).map(|id| format!("\n{id} 1 1 2 {}", ["shop", "db"][id % 2]));
        let mut state = opened_with(&format!("1 - 0 9 web{}", lines.collect::<String>()));
        state.apply(Command::SetOthers(Others::Hidden));
        let mut check = |query: &str, waiting: bool, matches: usize, rows: usize| {
            let effects = state.apply(Command::SetQuery(query.to_owned()));
            assert_eq!(state.query.waiting, waiting, "{query}");
            assert_eq!(effects.contains(&Effect::Found), !waiting, "{query}");
            assert_eq!(state.query.matches.len(), matches, "{query}");
            assert_eq!(state.rows.spans().len(), rows, "{query}");
            state.store().cloned().unwrap()
        };
        check("depth = 0", false, 1, 1);
        check("shop | by(name)", true, 0, MANY);
        check("not (root or db)", true, 0, MANY);
        check("shop and status = ", false, 0, MANY);
        let store = check("shop", true, 0, MANY);
        state.keep_texts(Occurrences::of_store(&store));
        state.apply(Command::SetQuery(state.query.text.clone()));
        assert!(!state.query.waiting);
        let shops = store.span_count() / 2;
        assert_eq!(state.query.matches.len(), shops);
        assert_eq!(state.rows.spans().len(), shops + 1);
    }
}

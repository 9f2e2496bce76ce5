//! What comes from outside: a dataset that was loaded, an address that is followed.
//!
//! **Invariant:** what an address names and the data lacks is left alone.

use std::sync::Arc;

use throughline_model::analysis::table::Column;

use super::{
    Clocks, Colour, Dataset, Effect, Load, Origin, Query, UiState, UrlState, View, table,
    url::RELATIVE_MAX,
};

impl UiState {
    pub(super) fn load_done(&mut self, dataset: &Dataset) -> Vec<Effect> {
        let Load { name, .. } = self.load.take().unwrap_or_default();
        let store = &dataset.store;
        let summary = format!(
            "{} opened: {} traces, {} spans",
            if name.is_empty() {
                &dataset.name
            } else {
                &name
            },
            store.trace_count(),
            store.span_count()
        );
        self.problem = None;
        self.forget_trace();
        self.list.filter.clear();
        self.details_open = true;
        self.dataset = Some(dataset.clone());
        let wanted = self.pending.take();
        if let Some(url) = wanted {
            let mut effects = self.follow_url(url);
            effects.push(Effect::Announce(summary));
            return effects;
        }
        let mut effects = vec![Effect::Announce(summary)];
        if store.trace_count() == 1 {
            effects.extend(self.open_trace(0));
        } else {
            effects.extend(self.show_view(View::List));
        }
        effects
    }

    pub(super) fn forget_trace(&mut self) {
        self.trace = None;
        self.selection = None;
        self.range = None;
        self.query = Query::default();
        self.path.take();
        self.texts.take();
        self.graphs = Default::default();
        self.graph.clear();
        self.slowest = None;
        self.bonds = Default::default();
        self.measured = None;
        self.colour = Colour::by(self.colour.chosen.take());
        self.clocks = Clocks::by(self.clocks.times);
        self.shape = self.shape.for_another_trace();
        self.collapsed = Arc::default();
        self.rows = Arc::default();
    }

    /// Goes where a URL says; what it names and the data lacks is left alone.
    pub(super) fn follow_url(&mut self, url: UrlState) -> Vec<Effect> {
        let Some(dataset) = &self.dataset else {
            let request = url.source.clone();
            self.pending = Some(url);
            return request.map(Effect::Load).into_iter().collect();
        };
        if let Some(request) = &url.source
            && !dataset.origin.is(request)
        {
            let request = request.clone();
            self.pending = Some(url);
            return vec![Effect::Load(request)];
        }
        let store = dataset.store.clone();
        let named = url.trace.and_then(|id| store.find_trace(id));
        let trace = named.or_else(|| (store.trace_count() == 1).then_some(0));
        let Some(trace) = trace else {
            self.forget_trace();
            self.view = View::List;
            return vec![Effect::ViewShown(View::List)];
        };
        self.enter_trace(trace);
        self.view = url.view.unwrap_or(View::Waterfall);
        self.query.others = url.others;
        self.run_query(url.query.unwrap_or_default());
        self.critical_path = url.critical_path;
        self.table.follow(&url.table);
        self.graph = url.graph.unwrap_or_default();
        if let Some(columns) = &url.row_columns {
            self.columns = Arc::new(table::columns_of(columns));
        }
        self.clocks.times = url.times;
        self.prefs.badges |= url.badges;
        let by = url.colour.as_deref().and_then(Column::of_name);
        if by != self.colour.chosen {
            self.colour.chosen = by.filter(|column| *column != Column::Service);
            self.recolour();
        }
        let spans = store.trace(trace).spans();
        let by_id = |id| spans.clone().find(|&span| store.span(span).id() == id);
        let focus = url.focus.and_then(by_id);
        match url.detail {
            Some(detail) => {
                self.set_detail(detail);
            }
            None => {
                self.shape.repeats = url.repeats;
                self.shape.pairs = url.pairs;
                self.set_least(url.least.as_deref().unwrap_or_default());
            }
        }
        self.shape.focus = focus;
        self.refresh_rows();
        self.range = None;
        if let Some(range) = url.range.filter(|range| range.end <= RELATIVE_MAX) {
            self.set_range(range.start, range.end);
        }
        self.selection = None;
        let mut effects = vec![
            Effect::WriteUrl { push: false },
            Effect::ViewShown(self.view),
        ];
        match url.span.and_then(by_id) {
            Some(span) => effects.extend(self.reveal(span)),
            None => effects.push(Effect::ScrollToRow(0)),
        }
        effects
    }
}

impl Origin {
    /// Whether a request would open what came from here.
    fn is(&self, request: &super::OpenRequest) -> bool {
        use super::OpenRequest;
        match (self, request) {
            (Self::Sample, OpenRequest::Sample) => true,
            (Self::Url(own), OpenRequest::Url(url)) => own == url,
            (Self::Kept(own), OpenRequest::Kept(key)) => own == key,
            _ => false,
        }
    }
}

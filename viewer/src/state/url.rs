//! The state that matters, as the fragment of the URL: `#v=1&trace=…&view=graph&span=…&t=0-5000&cp=1&q=error`.
//!
//! The version says how to read the rest; older ones are upgraded step by step. A token never goes in here: only what
//! was asked for by address.
//!
//! **Invariant:** text to values and back; any text gives something, unknown keys are passed over.

use throughline_model::ids::{SpanId, TraceId};

use super::{
    DETAILS, OpenRequest, Origin, Others, TimeRange, Times, UiState, View,
    table::{self, TableUrl},
};

/// The version that is written.
pub const VERSION: u32 = 1;
/// The largest relative time that is believed.
pub const RELATIVE_MAX: u64 = u64::MAX / 2;

/// What a URL says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UrlState {
    /// What to open.
    pub source: Option<OpenRequest>,
    /// Which trace.
    pub trace: Option<TraceId>,
    /// Which view.
    pub view: Option<View>,
    /// Which span is selected.
    pub span: Option<SpanId>,
    /// What to find.
    pub query: Option<String>,
    /// What becomes of the spans that do not match.
    pub others: Others,
    /// Which time range.
    pub range: Option<TimeRange>,
    /// Whether the critical path is drawn.
    pub critical_path: bool,
    /// Which span is shown alone with what is below it.
    pub focus: Option<SpanId>,
    /// The position of the slider.
    pub detail: Option<usize>,
    /// Repeated siblings share a row.
    pub repeats: bool,
    /// Client and server share a row.
    pub pairs: bool,
    /// What takes less is hidden.
    pub least: Option<String>,
    /// Rows say what they are by the semantic conventions.
    pub badges: bool,
    /// The waterfall's columns.
    pub row_columns: Option<String>,
    /// Whose clock the times are shown by.
    pub times: Times,
    /// The column that colours the bars; none is the service.
    pub colour: Option<String>,
    /// What the flat table shows.
    pub table: TableUrl,
    /// What is chosen in the dependency graph.
    pub graph: Option<String>,
}

impl UrlState {
    /// Reads the query (`?…`) and the fragment (`#…`), each with or without its first character. The fragment wins.
    pub fn parse(query: &str, fragment: &str) -> Self {
        let mut state = Self::default();
        let query = query.strip_prefix('?').unwrap_or(query);
        let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
        for (key, value) in pairs(query) {
            match key.as_str() {
                "url" | "sample" => state.set(&key, value),
                _ => {}
            }
        }
        for (key, value) in pairs(fragment) {
            state.set(&key, value);
        }
        state
    }

    fn set(&mut self, key: &str, value: String) {
        match key {
            "url" if !value.is_empty() => self.source = Some(OpenRequest::Url(value)),
            "sample" => self.source = Some(OpenRequest::Sample),
            "kept" if !value.is_empty() => self.source = Some(OpenRequest::Kept(value)),
            "trace" => self.trace = TraceId::from_hex(value.as_bytes()),
            "view" => self.view = View::from_name(&value),
            "span" => self.span = SpanId::from_hex(value.as_bytes()),
            "q" => self.query = Some(value),
            "f" => {
                let number = value.parse().ok();
                let others = number.and_then(|at: usize| Others::ALL.get(at));
                self.others = others.copied().unwrap_or_default();
            }
            "t" => self.range = parse_range(&value),
            "cp" => self.critical_path = value == "1",
            "r" => self.focus = SpanId::from_hex(value.as_bytes()),
            "d" => self.detail = value.parse().ok().filter(|at| *at < DETAILS.len()),
            "fold" => {
                self.repeats = value.split(',').any(|one| one == "repeats");
                self.pairs = value.split(',').any(|one| one == "pairs");
            }
            "badges" => self.badges = value == "1",
            "rowcols" if !value.is_empty() => self.row_columns = Some(value),
            "clock" => self.times = Times::of_name(&value).unwrap_or_default(),
            "colour" if !value.is_empty() => self.colour = Some(value),
            "of" => self.table.events = value == "events",
            "cols" if !value.is_empty() => self.table.columns = Some(value),
            "sort" if !value.is_empty() => self.table.sort = Some(value),
            "graph" if !value.is_empty() => self.graph = Some(value),
            "min" if !value.is_empty() => self.least = Some(value),
            _ => {}
        }
    }

    /// What the state says; `in_query` leaves out a source that the query (`?url=`) already names.
    pub fn of(state: &UiState, in_query: Option<&OpenRequest>) -> Self {
        let Some(dataset) = &state.dataset else {
            return Self::default();
        };
        let source = match &dataset.origin {
            Origin::Sample => Some(OpenRequest::Sample),
            Origin::Url(url) => Some(OpenRequest::Url(url.clone())),
            Origin::Kept(key) => Some(OpenRequest::Kept(key.clone())),
            Origin::Local => None,
        };
        let trace = state.trace_ref().filter(|_| state.view != View::List);
        let id = |span: u32| dataset.store.span(span).id();
        // Everything is what shows without being asked for.
        let detail = state.shape.detail();
        let own = trace.is_some() && detail.is_none();
        let whole = DETAILS.len() - 1;
        Self {
            focus: state.shape.focus.filter(|_| trace.is_some()).map(id),
            detail: detail.filter(|at| *at < whole && trace.is_some()),
            repeats: own && state.shape.repeats,
            pairs: own && state.shape.pairs,
            least: Some(state.shape.least.clone()).filter(|text| own && !text.is_empty()),
            badges: state.prefs.badges && state.view == View::Waterfall,
            row_columns: Some(table::names_of(&state.columns))
                .filter(|names| !names.is_empty() && state.view == View::Waterfall),
            times: state.clocks.times,
            colour: state
                .colour
                .chosen
                .as_ref()
                .filter(|_| trace.is_some())
                .map(|column| column.name()),
            table: match state.view {
                View::Table => state.table.to_url(),
                _ => TableUrl::default(),
            },
            graph: Some(state.graph.clone())
                .filter(|text| !text.is_empty() && state.view == View::Graph),
            source: source.filter(|source| in_query != Some(source)),
            trace: trace.map(|trace| trace.id()),
            view: Some(state.view),
            span: state.selection.filter(|_| trace.is_some()).map(id),
            query: Some(state.query.text.clone())
                .filter(|text| !text.is_empty() && trace.is_some()),
            others: match trace {
                Some(_) => state.query.others,
                None => Others::Shown,
            },
            range: state.range.filter(|_| trace.is_some()),
            critical_path: state.critical_path && trace.is_some(),
        }
    }

    /// Whether it asks for more than every span in its own colour.
    pub fn shapes(&self) -> bool {
        let folds = self.detail.is_some() || self.repeats || self.pairs || self.least.is_some();
        let looks = self.colour.is_some() || self.row_columns.is_some() || self.badges;
        folds || looks || self.times != Times::Given || self.view == Some(View::Table)
    }

    /// As a fragment without `#`; empty when there is nothing to say.
    pub fn to_fragment(&self) -> String {
        let mut text = String::new();
        let mut push = |key: &str, value: &str| {
            text.push('&');
            text.push_str(key);
            if !value.is_empty() {
                text.push('=');
                encode(value, &mut text);
            }
        };
        match &self.source {
            Some(OpenRequest::Url(url)) => push("url", url),
            Some(OpenRequest::Sample) => push("sample", ""),
            Some(OpenRequest::Kept(key)) => push("kept", key),
            Some(OpenRequest::Local { .. }) | None => {}
        }
        if let Some(trace) = self.trace {
            push("trace", &trace.to_string());
        }
        if let Some(view) = self.view {
            push("view", view.name());
        }
        if let Some(span) = self.span {
            push("span", &span.to_string());
        }
        if let Some(range) = self.range {
            push("t", &format!("{}-{}", range.start, range.end));
        }
        if self.critical_path {
            push("cp", "1");
        }
        if let Some(focus) = self.focus {
            push("r", &focus.to_string());
        }
        if let Some(detail) = self.detail {
            push("d", &detail.to_string());
        }
        let folds = [(self.repeats, "repeats"), (self.pairs, "pairs")];
        let folds: Vec<&str> = folds
            .into_iter()
            .filter_map(|(on, name)| on.then_some(name))
            .collect();
        if !folds.is_empty() {
            push("fold", &folds.join(","));
        }
        if let Some(least) = &self.least {
            push("min", least);
        }
        if self.badges {
            push("badges", "1");
        }
        if let Some(columns) = &self.row_columns {
            push("rowcols", columns);
        }
        if self.times != Times::Given {
            push("clock", self.times.name());
        }
        if let Some(colour) = &self.colour {
            push("colour", colour);
        }
        if self.table.events {
            push("of", "events");
        }
        if let Some(columns) = &self.table.columns {
            push("cols", columns);
        }
        if let Some(sort) = &self.table.sort {
            push("sort", sort);
        }
        if let Some(graph) = &self.graph {
            push("graph", graph);
        }
        if let Some(query) = &self.query {
            push("q", query);
        }
        let others = Others::ALL.iter().position(|&one| one == self.others);
        if let Some(at) = others.filter(|&at| at > 0) {
            push("f", &at.to_string());
        }
        if text.is_empty() {
            text
        } else {
            format!("v={VERSION}{text}")
        }
    }
}

fn parse_range(text: &str) -> Option<TimeRange> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (start.parse().ok()?, end.parse().ok()?);
    (start < end).then(|| TimeRange::new(start, end))
}

fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    })
}

fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b':'
            | b'/'
            | b',' => {
                out.push(byte as char);
            }
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    out.push(
                        char::from_digit(u32::from(digit), 16)
                            .unwrap_or('0')
                            .to_ascii_uppercase(),
                    );
                }
            }
        }
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok());
        match escaped {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_round_trip() {
        let state = UrlState {
            source: Some(OpenRequest::Url("https://x.test/a b?c=d&e=ü#f".into())),
            trace: Some(TraceId(0xab)),
            view: Some(View::Graph),
            span: Some(SpanId(7)),
            query: Some("status=500 & more+less".into()),
            others: Others::Dimmed,
            range: Some(TimeRange::new(5, 77)),
            critical_path: true,
            focus: Some(SpanId(9)),
            detail: Some(2),
            repeats: true,
            pairs: true,
            least: Some("2.5%".into()),
            badges: true,
            row_columns: Some("http.route".into()),
            times: Times::Both,
            colour: Some("http.route".into()),
            table: TableUrl {
                events: true,
                columns: Some("name,a b,%2C".into()),
                sort: Some("-start".into()),
            },
            graph: Some("by:name,node:a b%2Cc".into()),
        };
        let fragment = state.to_fragment();
        assert!(
            fragment.starts_with("v=1&url=https://x.test/a%20b%3Fc%3Dd%26e%3D%C3%BC%23f&trace="),
            "{fragment}"
        );
        assert_eq!(UrlState::parse("", &fragment), state);
    }

    #[test]
    fn any_text_gives_something() {
        let check = |query: &str, fragment: &str, expected: UrlState| {
            assert_eq!(
                UrlState::parse(query, fragment),
                expected,
                "{query} {fragment}"
            );
        };
        let source = |url: &str| UrlState {
            source: Some(OpenRequest::Url(url.into())),
            ..UrlState::default()
        };
        check("", "", UrlState::default());
        check("?url=a.json", "", source("a.json"));
        check("?url=a.json", "#url=b.json", source("b.json"));
        check("?trace=1&embed=1", "", UrlState::default());
        check(
            "",
            "#%zz&=&&t=9-3&t=x&view=pie&trace=zz&span=&cp=yes",
            UrlState::default(),
        );
        check("?url=%E4%B8", "", source("\u{fffd}"));
        check(
            "?sample",
            "#v=99",
            UrlState {
                source: Some(OpenRequest::Sample),
                ..UrlState::default()
            },
        );
    }
}

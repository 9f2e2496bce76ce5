//! The page view: the root span of everything that loads the page, and its phases.
//!
//! The browser side reports the navigation's timing by the names that the platform
//! gives it; which of them become spans and events is decided here. The page view
//! ends at the first of: the load event, the page being hidden or left.
//!
//! **Invariant**: phases lie inside the page view, are never negative, and a phase
//! that did not happen makes no span.

use alloc::string::String;
use alloc::vec::Vec;

use throughline_model::ids::SpanId;
use throughline_model::otlp::{Kind, SpanEncoder};
use throughline_model::time::UnixNanos;

use crate::clock::Clock;
use crate::context::Context;
use crate::url::Url;

/// The points in time that are kept, by the names that the platform gives them in
/// `PerformanceNavigationTiming` and in paint timing.
const MARKS: [&str; 15] = [
    "activationStart",
    "redirectStart",
    "redirectEnd",
    "domainLookupStart",
    "domainLookupEnd",
    "connectStart",
    "connectEnd",
    "requestStart",
    "responseStart",
    "responseEnd",
    "domInteractive",
    "domContentLoadedEventEnd",
    "loadEventEnd",
    "first-paint",
    "first-contentful-paint",
];

const ACTIVATION_START: usize = 0;
const LOAD_EVENT_END: usize = 12;

/// Those of them that become events of the page view.
const EVENTS: [usize; 4] = [13, 14, 10, 11];

/// The phases of a navigation: span name, and the marks where they start and end.
const PHASES: [(&str, usize, usize); 7] = [
    ("redirect", 1, 2),
    ("DNS lookup", 3, 4),
    ("connect", 5, 6),
    ("request", 7, 8),
    ("response", 8, 9),
    ("DOM", 9, 11),
    ("load", 11, LOAD_EVENT_END),
];

/// How many spans a page view can give: itself and its phases.
pub const MAX_SPANS: usize = PHASES.len() + 1;

/// The page view, from the start of the navigation until it has been recorded.
#[derive(Debug)]
pub struct PageView {
    /// What its children refer to.
    pub context: Context,
    /// When it was recorded; children come in for a little longer.
    pub ended: Option<UnixNanos>,
    /// Milliseconds since the time origin. Zero stands for "has not happened" in the
    /// platform's own timing, too.
    marks: [f64; MARKS.len()],
}

impl PageView {
    /// A page view that has just begun.
    pub const fn new(context: Context) -> Self {
        Self {
            context,
            ended: None,
            marks: [0.0; MARKS.len()],
        }
    }

    /// Notes one timing by the platform's name for it. Unknown names are ignored.
    pub fn mark(&mut self, name: &str, ms: f64) {
        for (mark, each) in self.marks.iter_mut().zip(MARKS) {
            if each == name {
                *mark = ms;
            }
        }
    }

    /// One of the [`MAX_SPANS`] spans, encoded, if there is such a one: the page view
    /// itself first, with its own id, then its phases, with `id`. The page view ends
    /// with the load event, or `now` if that has not happened.
    pub fn span(
        &self,
        index: usize,
        clock: Clock,
        now: UnixNanos,
        url: Option<&Url<'_>>,
        id: SpanId,
    ) -> Option<Vec<u8>> {
        let start = clock.at(self.ms(ACTIVATION_START));
        let end = self.time(clock, LOAD_EVENT_END).unwrap_or(now).max(start);
        let Some(phase) = index.checked_sub(1) else {
            return Some(self.root(clock, start, end, url));
        };
        let (name, from, to) = *PHASES.get(phase)?;
        let from = self.time(clock, from)?.max(start).min(end);
        let to = self.time(clock, to)?.max(start).min(end);
        if from >= to {
            return None;
        }
        let parent = self.context.span_id;
        let kind = Kind::Internal;
        let span = SpanEncoder::new(self.context.trace_id, id, parent, name, kind, from);
        Some(span.finish(to))
    }

    fn root(
        &self,
        clock: Clock,
        start: UnixNanos,
        end: UnixNanos,
        url: Option<&Url<'_>>,
    ) -> Vec<u8> {
        let mut name = String::new();
        name.push_str("page view");
        if let Some(url) = url {
            name.push_str(" ");
            url.push_path_template(&mut name);
        }
        let mut span = SpanEncoder::new(
            self.context.trace_id,
            self.context.span_id,
            SpanId::INVALID,
            &name,
            Kind::Internal,
            start,
        );
        if let Some(url) = url {
            span.string("url.full", &url.redacted());
        }
        if self.ms(ACTIVATION_START) > 0.0 {
            span.bool("navigation.prerendered", true);
        }
        for event in EVENTS {
            if let (Some(time), Some(name)) = (self.time(clock, event), MARKS.get(event)) {
                span.event(time.max(start).min(end), name);
            }
        }
        span.finish(end)
    }

    fn ms(&self, mark: usize) -> f64 {
        self.marks.get(mark).copied().unwrap_or_default()
    }

    fn time(&self, clock: Clock, mark: usize) -> Option<UnixNanos> {
        (self.ms(mark) > 0.0).then(|| clock.at(self.ms(mark)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoded;
    use crate::ids::IdSource;
    use crate::url::parts_of;

    /// The spans as `name start-end` in milliseconds, events as `@time name`.
    fn check(marks: &[(&str, f64)], now: f64, expected: &[&str]) {
        let mut ids = IdSource::new([1, 1]);
        let clock = Clock::new(0.0);
        let mut page = PageView::new(Context {
            trace_id: ids.trace_id(),
            span_id: ids.span_id(),
            sampled: true,
        });
        for (name, ms) in marks {
            page.mark(name, *ms);
        }
        let mut lines = Vec::new();
        for index in 0..MAX_SPANS {
            let (now, id) = (clock.at(now), ids.span_id());
            let parts = parts_of("https://a.example/b/1?token=x");
            let url = Url::from_parts(&parts);
            let Some(bytes) = page.span(index, clock, now, url.as_ref(), id) else {
                continue;
            };
            let span = decoded::span(&bytes);
            lines.push(span.timing());
            for event in &span.events {
                let ms = event.time_unix_nano / 1_000_000;
                lines.push(format!("@{ms} {}", event.name));
            }
            let root = page.context.span_id.to_bytes().to_vec();
            let (own, parent) = if index == 0 {
                (root, vec![])
            } else {
                (id.to_bytes().to_vec(), root)
            };
            assert_eq!((&span.span_id, &span.parent_span_id), (&own, &parent));
        }
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_whole_navigation() {
        check(
            &[
                ("redirectStart", 0.0),
                ("redirectEnd", 0.0),
                ("domainLookupStart", 2.0),
                ("domainLookupEnd", 2.0),
                ("connectStart", 2.0),
                ("connectEnd", 4.0),
                ("requestStart", 4.0),
                ("responseStart", 20.0),
                ("responseEnd", 22.0),
                ("domInteractive", 60.0),
                ("domContentLoadedEventEnd", 70.0),
                ("loadEventEnd", 90.0),
                ("first-paint", 50.0),
                ("first-contentful-paint", 55.0),
                ("transferSize", 1234.0),
            ],
            100.0,
            &[
                "page view /b/{id} 0-90",
                "@50 first-paint",
                "@55 first-contentful-paint",
                "@60 domInteractive",
                "@70 domContentLoadedEventEnd",
                "connect 2-4",
                "request 4-20",
                "response 20-22",
                "DOM 22-70",
                "load 70-90",
            ],
        );
    }

    #[test]
    fn left_before_load() {
        check(
            &[("requestStart", 4.0), ("responseStart", 20.0)],
            30.0,
            &["page view /b/{id} 0-30", "request 4-20"],
        );
        check(&[], 30.0, &["page view /b/{id} 0-30"]);
    }

    #[test]
    fn a_prerendered_page_starts_when_it_is_shown() {
        check(
            &[
                ("activationStart", 500.0),
                ("requestStart", 4.0),
                ("responseStart", 20.0),
                ("responseEnd", 600.0),
                ("loadEventEnd", 700.0),
            ],
            800.0,
            &["page view /b/{id} 500-700", "response 500-600"],
        );
        // Loaded before it was shown.
        check(
            &[("activationStart", 500.0), ("loadEventEnd", 90.0)],
            800.0,
            &["page view /b/{id} 500-500"],
        );
    }

    #[test]
    fn bad_timing_makes_no_negative_spans() {
        check(
            &[
                ("requestStart", 40.0),
                ("responseStart", 20.0),
                ("responseEnd", f64::NAN),
                ("connectStart", -5.0),
                ("connectEnd", 5.0),
                ("loadEventEnd", 30.0),
            ],
            30.0,
            &["page view /b/{id} 0-30"],
        );
    }
}

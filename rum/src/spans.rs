//! Spans that are not complete yet: page view, requests, clicks, and what the page itself
//! measures.
//!
//! A browser does not say which click a request comes from once a handler has awaited
//! something. So a click *adopts*: everything while its handlers run, and then what starts
//! within a short quiet window after the last thing that is known to be its own: the end of
//! the handlers, or the start or end of an adopted request. Work that comes later, such as a
//! poll every few seconds, is not the click's.
//!
//! A request that has settled waits a moment for its timing, which the browser reports
//! apart, and is complete without it when none comes.
//!
//! **Invariant**: every span except those that the page measures itself ends by itself, and
//! at most [`MAX_OPEN`] are open. Only the latest click adopts.

use alloc::vec::Vec;

use throughline_model::otlp::SpanEncoder;
use throughline_model::time::{Nanos, UnixNanos};

use crate::context::Context;

/// How many spans may be open. More are not recorded.
pub const MAX_OPEN: usize = 1024;

/// Whether there are clicks at all: see the feature.
const CLICKS: bool = cfg!(feature = "full") || cfg!(not(target_arch = "wasm32"));

/// How long after its last activity a click goes on adopting.
pub const QUIET: Nanos = Nanos::from_millis(250);

/// How long after its start a click stops adopting in any case.
const MAX_ADOPT: Nanos = Nanos::from_millis(10_000);

/// How long after its start a click ends in any case.
const MAX_CLICK: Nanos = Nanos::from_millis(30_000);

/// The end of time.
pub const NEVER: UnixNanos = UnixNanos(u64::MAX);

/// How much earlier than a request its timing may begin: browsers round it.
const ROUNDING: Nanos = Nanos::from_millis(2);

/// Names one open span. Zero names none.
pub type Handle = u32;

/// What a span is, as far as that decides when it is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The page measures it and says when it ends.
    Plain,
    /// A request: waits for its timing.
    Request,
    /// A click: ends when it has caused nothing for a while.
    Click,
    /// A click that is a span only if it causes a request.
    Idle,
    /// The page view.
    Page,
    /// Something that the page loads: it is followed only as part of the loading.
    Resource,
}

impl Kind {
    /// Whether it is a click of either kind.
    pub fn is_click(self) -> bool {
        CLICKS && matches!(self, Self::Click | Self::Idle)
    }
}

/// One span that is not complete.
#[derive(Debug)]
pub struct Span {
    /// What names it.
    pub handle: Handle,
    /// What it is.
    pub kind: Kind,
    /// Its own place.
    pub context: Context,
    /// When it started.
    pub start: UnixNanos,
    /// The span so far.
    pub encoder: SpanEncoder,
    /// The hash of its URL.
    pub url: u32,
    /// The click that has adopted it.
    pub cause: Handle,
    /// Adopted requests that have not settled.
    pub pending: u32,
    /// Whether it went wrong.
    pub failed: bool,
    /// When it settled; of a click, the end of the last thing that is its own. Zero before.
    pub settled: UnixNanos,
    /// When its last byte came, zero until that is known.
    pub end: UnixNanos,
}

impl Span {
    /// When it is complete; [`NEVER`] if that cannot be foreseen.
    pub fn deadline(&self) -> UnixNanos {
        if self.kind.is_click() {
            let at_most = self.start.plus(MAX_CLICK);
            return if self.waits() {
                at_most
            } else {
                self.settled.plus(QUIET).min(at_most)
            };
        }
        let timed = self.end.0 > 0 || self.kind != Kind::Request;
        match self.settled.0 {
            0 => NEVER,
            _ if timed => self.settled,
            _ => self.settled.plus(QUIET),
        }
    }

    /// Whether something of it still runs.
    pub fn waits(&self) -> bool {
        self.settled.0 == 0 || self.pending > 0
    }
}

/// Which spans are taken for complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Those whose time has come.
    InTime,
    /// Those, too, that merely wait for their timing, or might still adopt something.
    Impatient,
}

/// All spans that are not complete.
#[derive(Debug)]
pub struct Spans {
    /// In the order of their handles.
    open: Vec<Span>,
    last: Handle,
    click: Handle,
}

impl Spans {
    /// None yet.
    pub const fn new() -> Self {
        Self {
            open: Vec::new(),
            last: 0,
            click: 0,
        }
    }

    /// Whether one more may be recorded.
    pub fn has_room(&self) -> bool {
        self.open.len() < MAX_OPEN
    }

    /// Keeps a span until it is complete. Its handle is given here.
    pub fn insert(&mut self, mut span: Span) -> Handle {
        self.last = self.last.wrapping_add(1);
        span.handle = self.last;
        if span.kind.is_click() {
            self.click = self.last;
        }
        self.open.push(span);
        self.last
    }

    /// The span of a handle, if it is not complete.
    pub fn get(&mut self, handle: Handle) -> Option<&mut Span> {
        let at = self.open.binary_search_by_key(&handle, |span| span.handle);
        self.open.get_mut(at.ok()?)
    }

    /// All of them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Span> {
        self.open.iter_mut()
    }

    /// Takes out any span that is complete by now.
    pub fn take_complete(&mut self, now: UnixNanos, how: Ending) -> Option<Span> {
        let complete = |span: &Span| {
            let impatient = how == Ending::Impatient && !span.waits();
            impatient || span.deadline() <= now
        };
        // From the end: when many are, none has to move up.
        let at = self.open.iter().rposition(complete)?;
        Some(self.open.remove(at))
    }

    /// When the next span is complete; at the end of time if that cannot be foreseen.
    pub fn next_deadline(&self) -> UnixNanos {
        let mut next = NEVER;
        for span in &self.open {
            next = next.min(span.deadline());
        }
        next
    }

    /// Something starts that a click may have caused: that click.
    pub fn adopt(&mut self, now: UnixNanos) -> Option<&Span> {
        if !CLICKS {
            return None;
        }
        let click = self.get(self.click)?;
        let quiet = now > click.settled.plus(QUIET) || now > click.start.plus(MAX_ADOPT);
        if click.settled.0 > 0 && quiet {
            return None;
        }
        click.kind = Kind::Click;
        click.pending += 1;
        if click.settled.0 > 0 {
            click.settled = now;
        }
        Some(click)
    }

    /// Something that the click with this handle has adopted has settled.
    pub fn release(&mut self, click: Handle, now: UnixNanos) {
        if !CLICKS || click == 0 {
            return;
        }
        if let Some(click) = self.get(click) {
            click.pending = click.pending.saturating_sub(1);
            if click.settled.0 > 0 {
                click.settled = click.settled.max(now);
            }
        }
    }

    /// The request that a timing belongs to, by its start and the hash of its URL: of all
    /// that wait for one, that which started nearest to it.
    pub fn matching(&self, start: UnixNanos, url: u32) -> Option<&Span> {
        let start = start.plus(ROUNDING);
        let fits = |span: &&Span| {
            span.kind == Kind::Request && span.url == url && span.end.0 == 0 && span.start <= start
        };
        let distance = |span: &&Span| start.0.abs_diff(span.start.plus(ROUNDING).0);
        self.open.iter().filter(fits).min_by_key(distance)
    }

    /// How many are open that will be spans whatever comes, besides the page view.
    pub fn count(&self) -> usize {
        let counts =
            |span: &&Span| span.settled.0 == 0 && !matches!(span.kind, Kind::Idle | Kind::Page);
        self.open.iter().filter(counts).count()
    }
}

#[cfg(test)]
mod tests {
    use throughline_model::ids::{SpanId, TraceId};
    use throughline_model::otlp;

    use super::*;

    fn ms(ms: u64) -> UnixNanos {
        UnixNanos::from_millis(ms)
    }

    fn span(kind: Kind, start: u64) -> Span {
        let context = Context {
            trace_id: TraceId(1),
            span_id: SpanId(2),
            flags: 1,
        };
        let (trace, id) = (context.trace_id, context.span_id);
        let internal = otlp::Kind::Internal;
        Span {
            handle: 0,
            kind,
            context,
            start: ms(start),
            encoder: SpanEncoder::new(trace, id, SpanId(0), "", internal, ms(start)),
            url: 7,
            cause: 0,
            pending: 0,
            failed: false,
            settled: UnixNanos(0),
            end: UnixNanos(0),
        }
    }

    /// The start, in milliseconds, of the request that a timing of `at` belongs to.
    #[test]
    fn timing_goes_to_the_nearest_request() {
        let check = |starts: &[u64], at: u64, expected: Option<u64>| {
            let mut spans = Spans::new();
            spans.insert(span(Kind::Plain, at));
            for start in starts {
                spans.insert(span(Kind::Request, *start));
            }
            let found = spans.matching(ms(at), 7).map(|span| span.start);
            assert_eq!(found, expected.map(ms), "{starts:?} {at}");
            assert!(spans.matching(ms(at), 8).is_none());
        };
        check(&[10, 50], 11, Some(10));
        check(&[10, 50], 49, Some(50));
        check(&[10, 50], 80, Some(50));
        check(&[10], 9, Some(10));
        check(&[10], 7, None);
        check(&[], 7, None);
    }

    #[test]
    fn timing_is_given_once() {
        let mut spans = Spans::new();
        let first = spans.insert(span(Kind::Request, 10));
        let second = spans.insert(span(Kind::Request, 12));
        assert_eq!(
            spans.matching(ms(10), 7).map(|span| span.handle),
            Some(first)
        );
        spans.get(first).unwrap().end = ms(20);
        assert_eq!(spans.matching(ms(9), 7).map(|span| span.handle), None);
        assert_eq!(
            spans.matching(ms(11), 7).map(|span| span.handle),
            Some(second)
        );
    }

    #[test]
    fn only_the_latest_click_adopts_and_not_for_long() {
        let mut spans = Spans::new();
        let first = spans.insert(span(Kind::Click, 0));
        let second = spans.insert(span(Kind::Idle, 100));
        let adopter = |spans: &mut Spans, at| spans.adopt(ms(at)).map(|click| click.handle);
        // While handlers run, however long that takes.
        assert_eq!(adopter(&mut spans, 900), Some(second));
        spans.get(second).unwrap().settled = ms(901);
        spans.release(second, ms(3_300));
        assert_eq!(spans.next_deadline(), ms(3_550));
        assert_eq!(adopter(&mut spans, 3_551), None);
        assert_eq!(spans.get(second).unwrap().kind, Kind::Click);
        // The first one's handlers never end: it is closed in the end.
        let ended = |spans: &mut Spans, at| {
            spans
                .take_complete(ms(at), Ending::InTime)
                .map(|span| span.handle)
        };
        assert_eq!(ended(&mut spans, 3_549), None);
        assert_eq!(ended(&mut spans, 3_550), Some(second));
        assert_eq!(ended(&mut spans, 29_999), None);
        assert_eq!(ended(&mut spans, 30_000), Some(first));
        // Too late, and no harm.
        spans.release(first, ms(50_000));
    }

    #[test]
    fn a_click_adopts_what_follows_its_own_requests() {
        let mut spans = Spans::new();
        let click = spans.insert(span(Kind::Click, 0));
        spans.get(click).unwrap().settled = ms(10);
        assert!(spans.adopt(ms(260)).is_some());
        spans.release(click, ms(1_000));
        assert!(spans.adopt(ms(1_250)).is_some());
        // Neither a poll while a request is under way, nor one after it.
        assert!(spans.adopt(ms(1_501)).is_none());
        spans.release(click, ms(2_000));
        assert!(spans.adopt(ms(2_251)).is_none());
        // Nor a long time after the click.
        spans.get(click).unwrap().settled = ms(9_990);
        assert!(spans.adopt(ms(10_000)).is_some());
        assert!(spans.adopt(ms(10_001)).is_none());
    }

    #[test]
    fn requests_wait_for_their_timing() {
        let mut spans = Spans::new();
        let handle = spans.insert(span(Kind::Request, 0));
        assert_eq!((spans.next_deadline(), spans.count()), (NEVER, 1));
        spans.get(handle).unwrap().settled = ms(10);
        assert_eq!((spans.next_deadline(), spans.count()), (ms(260), 0));
        assert!(spans.take_complete(ms(10), Ending::InTime).is_none());
        spans.get(handle).unwrap().end = ms(10);
        assert!(spans.take_complete(ms(10), Ending::InTime).is_some());
        let handle = spans.insert(span(Kind::Request, 0));
        spans.get(handle).unwrap().settled = ms(10);
        assert!(spans.take_complete(ms(10), Ending::Impatient).is_some());
    }

    #[test]
    fn a_span_is_found_by_its_handle_whatever_has_ended() {
        let check = |ended: &[Handle]| {
            let mut spans = Spans::new();
            let handles: Vec<Handle> = (1..=9)
                .map(|at| spans.insert(span(Kind::Plain, at)))
                .collect();
            for handle in ended {
                spans.get(*handle).unwrap().settled = ms(20);
            }
            while let Some(span) = spans.take_complete(ms(20), Ending::InTime) {
                assert!(ended.contains(&span.handle));
            }
            for handle in handles {
                let found = spans.get(handle).map(|span| span.handle);
                let expected = (!ended.contains(&handle)).then_some(handle);
                assert_eq!(found, expected, "{ended:?}");
            }
            assert!(spans.get(0).is_none() && spans.get(10).is_none());
        };
        check(&[]);
        check(&[1]);
        check(&[9]);
        check(&[5, 2, 8]);
        check(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn the_number_of_open_spans_is_bounded() {
        let mut spans = Spans::new();
        while spans.has_room() {
            spans.insert(span(Kind::Plain, 0));
        }
        assert_eq!(spans.count(), MAX_OPEN);
    }
}

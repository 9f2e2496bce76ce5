//! The whole of the library's policy behind one value: what happens in the page goes
//! in as calls with the time at which it happened, what is to be sent comes out.
//!
//! **Invariant**: no clock, no browser and no randomness of its own, so that a page's
//! life can be played through in a test.

use alloc::string::String;
use alloc::vec::Vec;

use throughline_model::ids::SpanId;
use throughline_model::otlp::{self, Frame, SpanEncoder};
use throughline_model::time::{Nanos, UnixNanos};

use crate::attributes;
use crate::clock::Clock;
use crate::context::Context;
use crate::ids::IdSource;
use crate::outbox::{Counts, Outbox, Reason, STARTED, Urgency};
use crate::pace::Pace;
use crate::sampling::Sampler;
use crate::spans::{Ending, Handle, Kind, NEVER, QUIET, Span, Spans};
use crate::text::cut;
use crate::url;

mod headers;
mod start;

/// Whether there is what few pages need: see the feature.
pub const FULL: bool = cfg!(feature = "full") || cfg!(not(target_arch = "wasm32"));

/// What takes as long as this is worth more than the rest when not all can be sent.
const SLOW: Nanos = Nanos::from_millis(1_000);

/// Everything that is known about the page that it runs in.
#[derive(Debug)]
pub struct Recorder {
    clock: Clock,
    ids: IdSource,
    sampler: Sampler,
    pace: Pace,
    /// Spans that went wrong are recorded whatever the sample.
    keeps_failed: bool,
    /// In which formats servers are told, apart by spaces; empty for W3C alone.
    formats: String,
    /// Whether trace ids begin with the time, as X-Ray wants it.
    dated: bool,
    /// The value of the header `baggage`.
    baggage: String,
    /// What the flags of new traces hold besides *sampled*.
    new_flags: u8,
    /// What the spans say of the page and the browser.
    frame: Frame,
    /// The page view's place, and the server's span that it continues.
    page: Context,
    server: Context,
    /// When the page view ended, zero before; children come in for a little longer.
    page_ended: UnixNanos,
    spans: Spans,
    outbox: Outbox,
    /// Log records, which go to an address of their own.
    logs: Outbox,
    /// The trace of the latest interaction, before the first the page view's.
    recent: Context,
    /// How many bytes a batch holds besides its spans.
    overhead: usize,
}

impl Recorder {
    /// A recorder that has not started. It is there from the beginning, in place,
    /// because to build it and move it costs more code than to fill it in.
    pub const fn new() -> Self {
        Self {
            clock: Clock::UNSET,
            ids: IdSource::UNSEEDED,
            sampler: Sampler::ALL,
            pace: Pace::NONE,
            keeps_failed: false,
            formats: String::new(),
            dated: false,
            baggage: String::new(),
            new_flags: 0,
            frame: Frame::new(),
            page: Context::NONE,
            server: Context::NONE,
            page_ended: UnixNanos(0),
            spans: Spans::new(),
            outbox: Outbox::new(),
            logs: Outbox::new(),
            recent: Context::NONE,
            overhead: 0,
        }
    }

    /// Gives it randomness, before the start.
    pub fn seed(&mut self, seed: [u64; 2]) {
        self.ids = IdSource::new(seed);
    }

    /// The page's clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// A span begins. `text` is its name, what names a span on the request already (see
    /// [`Context::adopt`]; ours then takes its ids), the `traceparent` of its parent where
    /// that is known, and attributes (see [`attributes::add`]), a NUL between any two. `always`
    /// is for what is to be recorded whatever the sample. Gives 0 when it is not to be followed.
    pub fn open(&mut self, kind: Kind, at: UnixNanos, text: &str, always: bool) -> Handle {
        if kind == Kind::Resource && !self.is_loading(at) {
            return 0;
        }
        if !self.spans.has_room() {
            self.outbox.drop(Reason::Limit, 1);
            return 0;
        }
        let (name, rest) = cut(text, 0);
        let (existing, rest) = cut(rest, 0);
        let (parent, pairs) = cut(rest, 0);
        let mut cause = 0;
        let mut from = Context::adopt(parent).unwrap_or(Context::NONE);
        if kind == Kind::Page {
            from = self.server;
        } else if !kind.is_click() {
            let click = match from.exists() || kind != Kind::Request {
                false => self.spans.adopt(at),
                true => None,
            };
            if let Some(click) = click {
                from = click.context;
                cause = click.handle;
                self.recent = from;
            } else if !from.exists() && self.is_loading(at) {
                from = self.page;
            }
        }
        let mut context = Context::adopt(existing).unwrap_or(from);
        if kind == Kind::Page {
            context = self.page;
        } else if !context.exists() {
            context = self.new_root(at);
        }
        if FULL && always && !context.is_sampled() && existing.is_empty() {
            // Its trace is not recorded: it gets one of its own.
            context = self.new_root(at);
            context.flags |= Context::SAMPLED;
        }
        if context.span_id == from.span_id {
            context.span_id = self.ids.span_id();
        }
        let is_child = context.trace_id == from.trace_id;
        let mut encoder = SpanEncoder::new(
            context.trace_id,
            context.span_id,
            if is_child {
                from.span_id
            } else {
                SpanId::INVALID
            },
            name,
            match kind {
                Kind::Request => otlp::Kind::Client,
                _ => otlp::Kind::Internal,
            },
            at,
        );
        // A trace of its own: a link must lead to what it comes from. A page view may have
        // been given something that is too old to be its parent.
        let stale = Context::adopt(existing).filter(|_| kind == Kind::Page);
        let to = match stale {
            Some(stale) => stale,
            None if is_child || kind == Kind::Page => Context::NONE,
            None if from.exists() => from,
            None => self.page,
        };
        if to.exists() {
            encoder.link(to.trace_id, to.span_id);
        }
        let url = self.add(&mut encoder, pairs);
        match kind {
            // Whether it is a span at all is known at its end.
            Kind::Idle if kind.is_click() => {}
            Kind::Click if kind.is_click() => self.recent = context,
            _ => self.count_start(context.is_sampled(), at),
        }
        self.spans.insert(Span {
            handle: 0,
            kind,
            context,
            start: at,
            encoder,
            url,
            cause,
            pending: 0,
            failed: false,
            settled: UnixNanos(0),
            end: UnixNanos(0),
        })
    }

    /// Adds attributes to a span that is not complete.
    pub fn describe(&mut self, handle: Handle, pairs: &str) {
        let origin = self.clock.origin();
        if let Some(span) = self.spans.get(handle) {
            let added = attributes::add(&mut span.encoder, pairs, origin);
            self.outbox.drop(Reason::Attribute, added.dropped);
        }
    }

    fn add(&mut self, encoder: &mut SpanEncoder, pairs: &str) -> u32 {
        let added = attributes::add(encoder, pairs, self.clock.origin());
        self.outbox.drop(Reason::Attribute, added.dropped);
        added.url
    }

    /// A request has settled, the handlers of a click have run, or a span has ended that the
    /// page measures itself.
    pub fn settle(&mut self, handle: Handle, at: UnixNanos, failed: bool) {
        let Some(span) = self.spans.get(handle).filter(|span| span.settled.0 == 0) else {
            return;
        };
        span.settled = at.max(span.start);
        if failed {
            span.encoder.fail();
            span.failed = true;
        }
        if span.kind == Kind::Page {
            self.page_ended = span.settled;
        }
        let cause = span.cause;
        // Most requests wait for their timing: nobody need look through all that is open.
        let is_complete = span.deadline() <= at;
        self.spans.release(cause, at);
        if is_complete {
            self.complete(at, Ending::InTime);
        }
    }

    /// The `traceparent` of a span that is not complete; for handle 0 that of the latest
    /// interaction, before the first the page view's.
    pub fn traceparent(&mut self, handle: Handle) -> String {
        match self.spans.get(handle) {
            Some(span) => span.context.traceparent(),
            None => self.recent.traceparent(),
        }
    }

    /// Something happened: `text` is its name, the `traceparent` of the span that it happened
    /// in where that is known, and attributes, as in [`Self::open`]. `severity` is OTLP's: 9
    /// for information, 17 for an error. What is not in the sample is kept, too.
    pub fn log(&mut self, at: UnixNanos, severity: u8, text: &str) {
        let (name, rest) = cut(text, 0);
        let (parent, pairs) = cut(rest, 0);
        let context = match Context::adopt(parent) {
            Some(context) => context,
            None => match self.spans.adopt(at) {
                Some(click) => {
                    let (context, handle) = (click.context, click.handle);
                    self.spans.release(handle, at);
                    context
                }
                None => self.page,
            },
        };
        let (trace, span, flags) = (context.trace_id, context.span_id, context.flags);
        let mut record = SpanEncoder::log(trace, span, flags, name, severity, at);
        self.add(&mut record, pairs);
        self.logs.push(&record.finish_log(), severity > 9, at);
    }

    /// Which request the browser's timing of a `url` belongs to that started then; 0 if to
    /// none. Its timing is then given by [`Self::describe`] and [`Self::timed`].
    pub fn matching(&self, start: UnixNanos, url: &str) -> Handle {
        let span = self.spans.matching(start, url::hash(url));
        span.map_or(0, |span| span.handle)
    }

    /// The last byte for a request came then.
    pub fn timed(&mut self, handle: Handle, end: UnixNanos) {
        if let Some(span) = self.spans.get(handle) {
            span.end = end.max(span.start);
        }
    }

    /// Whether what starts then is part of the page's loading.
    fn is_loading(&self, at: UnixNanos) -> bool {
        self.page_ended.0 == 0 || at <= self.page_ended.plus(QUIET)
    }

    /// The page was left and is shown again as it was: another page view.
    pub fn turn(&mut self, at: UnixNanos) {
        self.server = Context::NONE;
        self.page = self.new_root(at);
        self.recent = self.page;
        self.page_ended = UnixNanos(0);
    }

    /// The page is hidden and may never be seen again: everything that is complete
    /// goes into the outbox. When it is being left for good, `finally`, what still
    /// runs ends as well.
    pub fn leave(&mut self, now: UnixNanos, finally: bool) {
        for span in self.spans.iter_mut() {
            if !finally || !span.waits() {
                continue;
            }
            if span.kind.is_click() {
                span.pending = 0;
            } else {
                span.encoder.bool("throughline.interrupted", true);
            }
            span.settled = now.max(span.start);
        }
        self.complete(now, Ending::Impatient);
    }

    /// Somebody wants to see the spans now.
    pub fn flush(&mut self, now: UnixNanos) {
        self.complete(now, Ending::Impatient);
        self.outbox.retry_now();
        self.logs.retry_now();
    }

    /// Does what time has brought about, and says how long it is until there will be
    /// more to do, or `None` if nothing is foreseen.
    pub fn wake(&mut self, now: UnixNanos) -> Option<Nanos> {
        self.complete(now, Ending::InTime);
        let sending = self.outbox.wake_at().min(self.logs.wake_at());
        let next = self.spans.next_deadline().min(sending);
        (next < NEVER).then(|| next.since(now))
    }

    /// The next batch to send of spans, or of log records, if there is one now. See
    /// [`Outbox::take`]; both share what may be under way.
    pub fn take_batch(&mut self, logs: bool, now: UnixNanos, urgency: Urgency) -> Option<Vec<u8>> {
        let overhead = self.overhead;
        let (this, other) = match logs {
            true => (&mut self.logs, &self.outbox),
            false => (&mut self.outbox, &self.logs),
        };
        let used = other.in_flight_bytes(overhead);
        let run = this.take(now, overhead, used, urgency)?;
        Some(self.frame.wrap(run))
    }

    /// The id of the batch that was taken last, of spans or of log records.
    pub fn last_batch(&mut self, logs: bool) -> u32 {
        self.outbox_of(logs).last_batch()
    }

    /// How long it is until spans, or log records, may be sent again after a failure.
    pub fn hold(&mut self, logs: bool, now: UnixNanos) -> Nanos {
        self.outbox_of(logs).not_before().since(now)
    }

    /// A batch was answered; see [`Outbox::settle`].
    #[allow(clippy::too_many_arguments)]
    pub fn batch_settled(
        &mut self,
        logs: bool,
        id: u32,
        status: u16,
        rejected: usize,
        wait: Nanos,
        count: usize,
        now: UnixNanos,
    ) -> usize {
        let random = self.ids.bits();
        let this = self.outbox_of(logs);
        this.settle(id, status, rejected, wait, count, now, random)
    }

    fn outbox_of(&mut self, logs: bool) -> &mut Outbox {
        if logs {
            &mut self.logs
        } else {
            &mut self.outbox
        }
    }

    /// What became of the spans.
    pub fn counts(&self) -> Counts {
        self.outbox.counts
    }

    /// How many spans were lost for a reason.
    pub fn dropped(&self, reason: Reason) -> u64 {
        self.outbox.dropped(reason)
    }

    /// What became of the log records.
    pub fn log_counts(&self) -> Counts {
        self.logs.counts
    }

    /// How many spans and log records wait to be sent or answered.
    pub fn queued(&self) -> usize {
        self.outbox.count() + self.logs.count()
    }

    /// How many spans are under way, besides the page view.
    pub fn open_count(&self) -> usize {
        self.spans.count()
    }

    fn complete(&mut self, now: UnixNanos, how: Ending) {
        while let Some(mut span) = self.spans.take_complete(now, how) {
            let is_click = span.kind.is_click();
            let mut end = span.settled;
            if is_click && span.kind == Kind::Idle {
                continue;
            } else if is_click {
                self.count_start(span.context.is_sampled(), now);
                let page = &self.page;
                span.encoder.link(page.trace_id, page.span_id);
                if span.waits() {
                    end = now;
                }
            } else if span.end.0 > 0 {
                end = span.end;
            } else if span.kind == Kind::Request {
                // It ends when it settled: of a response the body may have come later.
                span.encoder.string("throughline.timing", "settled");
            }
            let mut recorded = span.context.is_sampled();
            if FULL && self.keeps_failed && span.failed && !recorded {
                recorded = true;
                self.outbox.take_back(Reason::Sampled);
            }
            if recorded {
                let first = span.failed || span.kind == Kind::Page || end > span.start.plus(SLOW);
                let bytes = span.encoder.finish(end.max(span.start));
                self.outbox.push(&bytes, first, now);
                if is_click {
                    // Somebody may be waiting for this trace.
                    self.outbox.hurry(now);
                }
            }
        }
    }

    fn count_start(&mut self, sampled: bool, at: UnixNanos) {
        if FULL {
            self.pace.count(sampled, at);
        }
        if sampled {
            self.outbox.count_up(STARTED, 1);
        } else {
            self.outbox.drop(Reason::Sampled, 1);
        }
    }

    /// A new trace and the id of its root span.
    fn new_root(&mut self, at: UnixNanos) -> Context {
        let mut trace_id = self.ids.trace_id();
        let mut sampled = self.sampler.keeps(trace_id);
        if FULL {
            sampled &= self.pace.allows(trace_id, at);
            if self.dated {
                trace_id = IdSource::dated(trace_id, at);
            }
        }
        Context {
            trace_id,
            span_id: self.ids.span_id(),
            flags: self.new_flags | u8::from(sampled),
        }
    }
}

//! The whole of the library's policy behind one value: what happens in the page goes
//! in as calls with the time at which it happened, what is to be sent comes out.
//!
//! **Invariant**: no clock, no browser and no randomness of its own, so that a page's
//! life can be played through in a test.

use alloc::string::String;
use alloc::vec::Vec;

use throughline_model::ids::SpanId;
use throughline_model::time::{Nanos, UnixNanos};

use crate::clicks::{self, Click, Clicks, Ending};
use crate::clock::Clock;
use crate::config::Config;
use crate::context::Context;
use crate::ids::IdSource;
use crate::outbox::{Counts, Outbox, Reason};
use crate::page_view::{self, PageView};
use crate::requests::{Handle, Outcome, Request, Requests};
use crate::sampling::Sampler;
use crate::url::Url;

/// Who makes the spans.
const SDK_NAME: &str = "throughline-rum";

/// Everything that is known about the page that it runs in.
#[derive(Debug)]
pub struct Recorder {
    config: Config,
    clock: Clock,
    ids: IdSource,
    page: PageView,
    page_url: String,
    clicks: Clicks,
    requests: Requests,
    outbox: Outbox,
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
            config: Config::new(),
            clock: Clock::UNSET,
            ids: IdSource::UNSEEDED,
            page: PageView::new(Context::NONE),
            page_url: String::new(),
            clicks: Clicks::new(),
            requests: Requests::new(),
            outbox: Outbox::new(),
            recent: Context::NONE,
            overhead: 0,
        }
    }

    /// Sets an option before the start; see [`Config::set`].
    pub fn set(&mut self, name: &str, value: &str) {
        self.config.set(name, value);
    }

    /// Starts with the page, once. `ratio` of all traces are recorded, see
    /// [`Sampler::new`]; `seed` holds 128 random bits, `page_url` is the
    /// document's URL in parts, see [`Url::from_parts`].
    pub fn start(&mut self, clock: Clock, ratio: f64, seed: [u64; 2], page_url: &str) {
        self.config.sampler = Sampler::new(ratio);
        let version = env!("CARGO_PKG_VERSION");
        let frame = &mut self.config.frame;
        frame.scope(SDK_NAME, version);
        frame.describe("telemetry.sdk.name", SDK_NAME);
        frame.describe("telemetry.sdk.version", version);
        frame.describe("telemetry.sdk.language", "webjs");
        // The lengths of the messages around the spans may grow by a few bytes.
        self.overhead = frame.wrap(&[]).len() + 16;
        self.clock = clock;
        self.ids = IdSource::new(seed);
        self.page_url.push_str(page_url);
        self.recent = new_root(&mut self.ids, &self.config);
        self.page.context = self.recent;
        self.count_start(self.recent.sampled);
    }

    /// The page's clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The latest interaction's place, before the first the page view's.
    pub fn recent(&self) -> &Context {
        &self.recent
    }

    /// A click begins, before its handlers run. `label` is the accessible text of the
    /// button or link that was hit, empty if none; `element` is its kind.
    pub fn click_started(&mut self, at: UnixNanos, now: UnixNanos, label: &str, element: &str) {
        let context = new_root(&mut self.ids, &self.config);
        if self.clicks.is_full() {
            self.end_clicks(now, Ending::All);
        }
        if self.clicks.start(context, at, label, element) {
            self.recent = context;
        }
    }

    /// The handlers of the latest click have run.
    pub fn click_handled(&mut self, now: UnixNanos) {
        self.clicks.handled(now);
    }

    /// A request starts. `existing` is a `traceparent` that the page, or another
    /// tracer in it, has set; ours then takes its ids. Gives 0 when the request is
    /// not to be followed.
    pub fn request_started(
        &mut self,
        now: UnixNanos,
        method: &str,
        url: &Url<'_>,
        existing: &str,
    ) -> Handle {
        if !self.requests.has_room() {
            self.outbox.drop_one(Reason::Limit);
            return 0;
        }
        let click = self.clicks.adopt(now);
        if click.exists() {
            self.recent = click;
        }
        let cause = if click.exists() {
            &click
        } else if self.is_loading(now) {
            &self.page.context
        } else {
            &Context::NONE
        };
        let mut context = Context::from_traceparent(existing).unwrap_or(*cause);
        if !context.exists() {
            context = new_root(&mut self.ids, &self.config);
        } else if context.span_id == cause.span_id {
            context.span_id = self.ids.span_id();
        }
        let is_child = context.trace_id == cause.trace_id;
        let parent = if is_child {
            cause.span_id
        } else {
            SpanId::INVALID
        };
        let propagate = existing.is_empty() && self.config.targets.allows(url);
        let mut request = Request::new(context, parent, propagate, now, method, url);
        request.click = click.span_id;
        if !is_child {
            // A trace of its own: a link must lead to what it comes from.
            request.link(if cause.exists() {
                cause
            } else {
                &self.page.context
            });
        }
        self.count_start(context.sampled);
        self.requests.insert(request)
    }

    /// The `traceparent` that a request is to carry, if it is to carry one.
    pub fn take_traceparent(&mut self, handle: Handle) -> Option<String> {
        let context = self.requests.take_header(handle)?;
        Some(context.traceparent())
    }

    /// A request has settled.
    pub fn request_settled(&mut self, handle: Handle, now: UnixNanos, outcome: Outcome<'_>) {
        if let Some(request) = self.requests.remove(handle) {
            self.end_request(request, now, outcome);
        }
    }

    /// Notes one of the page's navigation or paint timings, by the platform's name.
    pub fn page_mark(&mut self, name: &str, ms: f64) {
        self.page.mark(name, ms);
    }

    /// The page has loaded, or will not any more: its span is complete.
    pub fn page_ended(&mut self, now: UnixNanos) {
        if self.page.ended.is_some() {
            return;
        }
        self.page.ended = Some(now);
        let sampled = self.page.context.sampled;
        for index in 0..page_view::MAX_SPANS {
            let id = self.ids.span_id();
            let url = Url::from_parts(&self.page_url);
            let span = self.page.span(index, self.clock, now, url.as_ref(), id);
            if let Some(span) = span {
                // The page view itself was counted when it began.
                if index > 0 {
                    self.count_start(sampled);
                }
                self.queue(&span, sampled, now);
            }
        }
    }

    /// The page is hidden and may never be seen again: everything that is complete
    /// goes into the outbox. When it is being left for good, `finally`, what still
    /// runs ends as well.
    pub fn leave(&mut self, now: UnixNanos, finally: bool) {
        self.page_ended(now);
        if finally {
            while let Some(request) = self.requests.pop() {
                self.end_request(request, now, Outcome::Interrupted);
            }
        }
        self.end_clicks(
            now,
            if finally {
                Ending::All
            } else {
                Ending::Impatient
            },
        );
    }

    /// Somebody wants to see the spans now.
    pub fn flush(&mut self, now: UnixNanos) {
        self.end_clicks(now, Ending::Impatient);
        self.outbox.retry_now();
    }

    /// Does what time has brought about, and says how long it is until there will be
    /// more to do, or `None` if nothing is foreseen.
    pub fn wake(&mut self, now: UnixNanos) -> Option<Nanos> {
        if self.end_clicks(now, Ending::InTime) {
            // Somebody may be waiting for this trace.
            self.outbox.hurry(now);
        }
        let clicks = self.clicks.next_deadline();
        let next = [clicks, self.outbox.wake_at()].into_iter().flatten().min();
        next.map(|at| at.since(now))
    }

    /// The next batch to send, if there is one now. See [`Outbox::take`].
    pub fn take_batch(&mut self, now: UnixNanos, urgent: bool) -> Option<Vec<u8>> {
        let spans = self.outbox.take(now, self.overhead, urgent)?;
        Some(self.config.frame.wrap(spans))
    }

    /// The id of the batch that was taken last.
    pub fn last_batch(&self) -> u32 {
        self.outbox.last_batch()
    }

    /// A batch was answered with this status, or not at all, status 0.
    pub fn batch_settled(&mut self, id: u32, status: u16, now: UnixNanos) {
        let random = self.ids.bits();
        self.outbox.settle(id, status, now, random);
    }

    /// What became of the spans.
    pub fn counts(&self) -> Counts {
        self.outbox.counts
    }

    /// How many spans wait to be sent or answered.
    pub fn queued(&self) -> usize {
        self.outbox.count()
    }

    /// How many requests and clicks are under way.
    pub fn open(&self) -> usize {
        self.requests.count() + self.clicks.count()
    }

    /// Whether what starts now is part of the page's loading.
    fn is_loading(&self, now: UnixNanos) -> bool {
        match self.page.ended {
            None => true,
            Some(ended) => now <= ended.plus(clicks::QUIET),
        }
    }

    fn end_request(&mut self, request: Request, now: UnixNanos, outcome: Outcome<'_>) {
        self.clicks.release(request.click, now);
        let sampled = request.context.sampled;
        let span = request.into_span(now, outcome);
        self.queue(&span, sampled, now);
    }

    fn end_clicks(&mut self, now: UnixNanos, how: Ending) -> bool {
        let mut any = false;
        while let Some(click) = self.clicks.take_ended(now, how) {
            self.end_click(click, now);
            any = true;
        }
        any
    }

    fn end_click(&mut self, click: Click, now: UnixNanos) {
        let sampled = click.context.sampled;
        if let Some(span) = click.into_span(now, &self.page.context) {
            self.count_start(sampled);
            self.queue(&span, sampled, now);
        }
    }

    fn count_start(&mut self, sampled: bool) {
        if sampled {
            self.outbox.counts.started += 1;
        } else {
            self.outbox.drop_one(Reason::Sampled);
        }
    }

    fn queue(&mut self, span: &[u8], sampled: bool, now: UnixNanos) {
        if sampled {
            self.outbox.push(span, now);
        }
    }
}

/// A new trace and the id of its root span.
fn new_root(ids: &mut IdSource, config: &Config) -> Context {
    let trace_id = ids.trace_id();
    Context {
        trace_id,
        span_id: ids.span_id(),
        sampled: config.sampler.keeps(trace_id),
    }
}

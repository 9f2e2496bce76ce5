//! Clicks, and which later work they caused.
//!
//! A browser does not say which click a request comes from once a handler has
//! awaited something. So a click *adopts*: everything while its handlers run, and
//! then what starts within a short quiet window after the last thing that is known
//! to be its own: the end of the handlers, or the start or end of an adopted request.
//! Work that comes later, such as a poll every few seconds, is not the click's.
//!
//! **Invariant**: at most one click adopts at a time, the latest; every click ends
//! within half a minute, and at most 16 are open.

use alloc::string::String;
use alloc::vec::Vec;

use throughline_model::ids::SpanId;
use throughline_model::otlp::{Kind, SpanEncoder};
use throughline_model::time::{Nanos, UnixNanos};

use crate::context::Context;
use crate::text::cut_at;

/// How long after its last activity a click goes on adopting.
pub const QUIET: Nanos = Nanos::from_millis(250);

/// How long after its start a click stops adopting in any case.
const MAX_ADOPT: Nanos = Nanos::from_millis(10_000);

/// How long after its start a click ends in any case.
const MAX_OPEN: Nanos = Nanos::from_millis(30_000);

/// How many clicks may be open; all end early when there are more.
const MAX_CLICKS: usize = 16;

/// Longest label of a click, in bytes.
const MAX_LABEL: usize = 64;

/// One click that has not ended.
#[derive(Debug)]
pub struct Click {
    /// What its children refer to.
    pub context: Context,
    span: SpanEncoder,
    start: UnixNanos,
    /// The end of the last thing that is known to be its own.
    last: UnixNanos,
    handled: bool,
    requests_open: u32,
    /// Whether it is a span by itself. A click on nothing in particular is one only
    /// when it caused a request.
    counts: bool,
}

/// All clicks that have not ended.
#[derive(Debug)]
pub struct Clicks {
    open: Vec<Click>,
    latest: SpanId,
}

impl Clicks {
    /// No click yet.
    pub const fn new() -> Self {
        Self {
            open: Vec::new(),
            latest: SpanId::INVALID,
        }
    }

    /// A click begins. `label` is the accessible text of the button or link, empty
    /// for a click elsewhere; `element` is the kind of element, such as `button`.
    /// True if it counts for itself.
    pub fn start(
        &mut self,
        context: Context,
        start: UnixNanos,
        label: &str,
        element: &str,
    ) -> bool {
        let mut name = String::new();
        name.push_str("click ");
        let counts = push_tidy(&mut name, label);
        if !counts {
            name.push_str(element);
        }
        let mut span = SpanEncoder::new(
            context.trace_id,
            context.span_id,
            SpanId::INVALID,
            &name,
            Kind::Internal,
            start,
        );
        span.string("browser.interaction.type", "click");
        self.latest = context.span_id;
        self.open.push(Click {
            context,
            span,
            start,
            last: start,
            handled: false,
            requests_open: 0,
            counts,
        });
        counts
    }

    /// Whether there are as many as there may be.
    pub fn is_full(&self) -> bool {
        self.open.len() >= MAX_CLICKS
    }

    /// The handlers of the latest click have run.
    pub fn handled(&mut self, now: UnixNanos) {
        for click in &mut self.open {
            if !click.handled {
                click.handled = true;
                click.last = now;
            }
        }
    }

    /// A request starts: the click that caused it, or none.
    pub fn adopt(&mut self, now: UnixNanos) -> Context {
        let Some(click) = find(&mut self.open, self.latest) else {
            return Context::NONE;
        };
        let quiet = now > click.last.plus(QUIET) || now > click.start.plus(MAX_ADOPT);
        if click.handled && quiet {
            return Context::NONE;
        }
        click.requests_open += 1;
        click.last = now;
        click.counts = true;
        click.context
    }

    /// A request that the click with this span id has adopted has settled.
    pub fn release(&mut self, click: SpanId, now: UnixNanos) {
        if let Some(click) = find(&mut self.open, click) {
            click.requests_open = click.requests_open.saturating_sub(1);
            click.last = click.last.max(now);
        }
    }

    /// Takes out any click that has ended by now.
    pub fn take_ended(&mut self, now: UnixNanos, how: Ending) -> Option<Click> {
        let at = self.open.iter().position(|click| match how {
            Ending::InTime => now >= click.deadline(),
            Ending::Impatient => click.waits_for_nothing(),
            Ending::All => true,
        })?;
        let last = self.open.pop()?;
        match self.open.get_mut(at) {
            Some(place) => Some(core::mem::replace(place, last)),
            None => Some(last),
        }
    }

    /// When the next click may end.
    pub fn next_deadline(&self) -> Option<UnixNanos> {
        self.open.iter().map(Click::deadline).min()
    }

    /// How many clicks are open that will be spans.
    pub fn count(&self) -> usize {
        self.open.iter().filter(|click| click.counts).count()
    }
}

/// Which clicks are taken for ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Those that have been quiet for long enough.
    InTime,
    /// Those, too, that merely might still adopt something.
    Impatient,
    /// Every one: the page is being left.
    All,
}

fn find(open: &mut [Click], id: SpanId) -> Option<&mut Click> {
    open.iter_mut().find(|click| click.context.span_id == id)
}

impl Click {
    fn waits_for_nothing(&self) -> bool {
        self.handled && self.requests_open == 0
    }

    /// When it ends unless something happens before.
    fn deadline(&self) -> UnixNanos {
        let at_most = self.start.plus(MAX_OPEN);
        if self.waits_for_nothing() {
            self.last.plus(QUIET).min(at_most)
        } else {
            at_most
        }
    }

    /// The click as an encoded span with a link to the page view, if it is worth one.
    /// It ends with the last thing that is known to be its own, or now if something
    /// still runs.
    pub fn into_span(mut self, now: UnixNanos, page: &Context) -> Option<Vec<u8>> {
        if !self.counts {
            return None;
        }
        let end = if self.requests_open > 0 {
            now.min(self.start.plus(MAX_OPEN))
        } else {
            self.last
        };
        self.span.link(page.trace_id, page.span_id);
        Some(self.span.finish(end.max(self.start)))
    }
}

/// Appends the label on one line, without the spaces of the page's source, and not
/// too long. False if there is nothing in it.
fn push_tidy(text: &mut String, label: &str) -> bool {
    let start = text.len();
    let mut rest = label;
    while !rest.is_empty() {
        let (word, after) = cut_at(rest, rest.bytes().position(|b| b.is_ascii_whitespace()));
        rest = after;
        if word.is_empty() {
            continue;
        }
        if text.len() > start {
            text.push_str(" ");
        }
        let room = (start + MAX_LABEL).saturating_sub(text.len());
        text.push_str(
            word.get(..word.floor_char_boundary(room))
                .unwrap_or_default(),
        );
        if room < word.len() {
            text.push_str("…");
            break;
        }
    }
    text.len() > start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoded;
    use crate::ids::IdSource;

    /// Milliseconds as a point in time.
    fn ms(ms: u64) -> UnixNanos {
        UnixNanos::from_millis(ms)
    }

    struct Fixture {
        clicks: Clicks,
        ids: IdSource,
    }

    impl Fixture {
        fn new() -> Self {
            Self {
                clicks: Clicks::new(),
                ids: IdSource::new([5, 6]),
            }
        }

        fn click(&mut self, at: u64, label: &str) -> SpanId {
            let context = Context {
                trace_id: self.ids.trace_id(),
                span_id: self.ids.span_id(),
                sampled: true,
            };
            if self.clicks.is_full() {
                self.taken(at, Ending::All);
            }
            self.clicks.start(context, ms(at), label, "button");
            context.span_id
        }

        fn adopter(&mut self, at: u64) -> Option<SpanId> {
            let click = self.clicks.adopt(ms(at));
            click.exists().then_some(click.span_id)
        }

        /// The spans that end by `at`, as `name start-end` in milliseconds.
        fn ended(&mut self, at: u64) -> Vec<String> {
            self.taken(at, Ending::InTime)
        }

        fn taken(&mut self, at: u64, how: Ending) -> Vec<String> {
            let mut lines = Vec::new();
            while let Some(click) = self.clicks.take_ended(ms(at), how) {
                let page = click.context;
                if let Some(bytes) = click.into_span(ms(at), &page) {
                    lines.push(decoded::span(&bytes).timing());
                }
            }
            lines
        }
    }

    #[test]
    fn a_request_in_the_handler_belongs_to_the_click() {
        let mut f = Fixture::new();
        let click = f.click(100, "Check out");
        // The handlers may run for long before they ask for anything.
        assert_eq!(f.adopter(900), Some(click));
        f.clicks.handled(ms(901));
        f.clicks.release(click, ms(3_300));
        assert_eq!(f.ended(3_549), [""; 0]);
        assert_eq!(f.clicks.next_deadline(), Some(ms(3_550)));
        assert_eq!(f.ended(3_550), ["click Check out 100-3300"]);
    }

    #[test]
    fn so_does_what_follows_soon() {
        let mut f = Fixture::new();
        let click = f.click(0, "Go");
        f.clicks.handled(ms(10));
        assert_eq!(f.adopter(260), Some(click));
        f.clicks.release(click, ms(1_000));
        assert_eq!(f.adopter(1_250), Some(click));
        // Neither a poll while a request is under way, nor one after it.
        assert_eq!(f.adopter(1_501), None);
        f.clicks.release(click, ms(2_000));
        assert_eq!(f.adopter(2_251), None);
        assert_eq!(f.ended(2_250), ["click Go 0-2000"]);
    }

    #[test]
    fn only_the_latest_click_adopts() {
        let mut f = Fixture::new();
        let first = f.click(0, "One");
        assert_eq!(f.adopter(1), Some(first));
        f.clicks.handled(ms(2));
        let second = f.click(50, "Two");
        f.clicks.handled(ms(51));
        assert_eq!(f.adopter(60), Some(second));
        f.clicks.release(first, ms(70));
        f.clicks.release(second, ms(80));
        assert_eq!(f.ended(400), ["click One 0-70", "click Two 50-80"]);
    }

    #[test]
    fn a_click_on_nothing_is_a_span_only_with_a_request() {
        let mut f = Fixture::new();
        f.click(0, " \n ");
        f.clicks.handled(ms(1));
        assert_eq!(f.clicks.count(), 0);
        assert_eq!(f.ended(1_000), [""; 0]);
        let click = f.click(2_000, "");
        assert_eq!(f.adopter(2_001), Some(click));
        f.clicks.handled(ms(2_002));
        f.clicks.release(click, ms(2_100));
        assert_eq!(f.ended(3_000), ["click button 2000-2100"]);
    }

    #[test]
    fn everything_ends() {
        let mut f = Fixture::new();
        let click = f.click(0, "Never");
        assert_eq!(f.adopter(1), Some(click));
        f.clicks.handled(ms(2));
        assert_eq!(f.ended(29_999), [""; 0]);
        assert_eq!(f.ended(40_000), ["click Never 0-30000"]);
        // Too late, and no harm.
        f.clicks.release(click, ms(50_000));

        for i in 0..40 {
            f.click(i, "x");
        }
        assert_eq!(f.taken(50, Ending::All).len(), 40 % MAX_CLICKS);
    }

    #[test]
    fn impatience_ends_what_waits_for_nothing() {
        let mut f = Fixture::new();
        let done = f.click(0, "Done");
        f.adopter(1);
        f.clicks.handled(ms(2));
        f.clicks.release(done, ms(5));
        f.click(3, "Busy");
        f.adopter(4);
        f.clicks.handled(ms(5));
        assert_eq!(f.taken(6, Ending::Impatient), ["click Done 0-5"]);
        assert_eq!(f.taken(7, Ending::All), ["click Busy 3-7"]);
    }

    #[test]
    fn labels_are_tidied() {
        let check = |label: &str, expected: &str| {
            let mut text = String::new();
            assert_eq!(push_tidy(&mut text, label), !expected.is_empty());
            assert_eq!(text, expected);
        };
        check("\n   Check \t out\n", "Check out");
        check("", "");
        check(&"é".repeat(32), &"é".repeat(32));
        check(&"é".repeat(33), &format!("{}…", "é".repeat(32)));
        check(
            &format!("a{}", "é".repeat(32)),
            &format!("a{}…", "é".repeat(31)),
        );
        check(
            &format!("{} bc", "a".repeat(62)),
            &format!("{} b…", "a".repeat(62)),
        );
        check(
            &format!("{} b", "a".repeat(64)),
            &format!("{} …", "a".repeat(64)),
        );
    }
}

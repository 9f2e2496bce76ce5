//! What waits to be sent, in batches that a browser can finish sending while the page
//! goes away.
//!
//! A browser lets requests outlive their page (`keepalive`) while all of them
//! together carry at most 64 KiB. Every batch is kept within what is left of that, so
//! that no batch is lost because somebody clicked on.
//!
//! What a collector does not take now, because it is not there or busy, leaves memory: the
//! page's side keeps those batches in the browser's storage, where they outlive the page, and
//! sends them again when the time has come.
//!
//! **Invariant**: memory is bounded; every span that was given in is, at every
//! moment, queued, in flight, exported, kept by the page's side, or counted under a reason
//! for its loss.

use alloc::vec::Vec;

use throughline_model::otlp::Frame;
use throughline_model::time::{Nanos, UnixNanos};

/// Why a span was lost, or never recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Reason {
    /// The queue was full.
    Queue,
    /// The span alone was too large to send.
    Size,
    /// The collector refused it for good.
    Rejected,
    /// Its trace is not in the sample.
    Sampled,
    /// Too many requests were under way.
    Limit,
    /// An attribute of a span that had too many already.
    Attribute,
}

/// How many reasons there are.
pub const REASONS: usize = Reason::Attribute as usize + 1;

/// What all batches in flight may hold together, in bytes. Browsers allow 65,536; the
/// rest is left to the page.
const KEEPALIVE_BUDGET: usize = 60_000;

/// A batch takes no more spans once it has this many bytes: what the page itself wants to send
/// while it goes away has to fit beside it.
const LARGEST: usize = 30_000;

/// How many batches may be in flight when the page is being left.
const MAX_IN_FLIGHT: usize = 8;

/// The largest span, in encoded bytes.
const MAX_SPAN: usize = 16_384;

/// How much may wait: spans, and their encoded bytes.
const MAX_QUEUED: usize = 2_048;
const MAX_QUEUED_BYTES: usize = 1 << 20;

/// How long a span waits for others to travel with.
const DELAY: Nanos = Nanos::from_millis(1_000);

/// Stands for an answer where nothing was sent: the page's side has kept it at once.
pub const KEPT: u16 = 0xffff;

/// How long to wait after a failure: doubled with each, up to the most.
const BACKOFF: Nanos = Nanos::from_millis(1_000);
const BACKOFF_DOUBLINGS: u32 = 5;

/// How long a collector may want to be left alone.
const LONGEST_WAIT: Nanos = Nanos::from_millis(600_000);

/// What became of the spans, in numbers: how many were begun and are worth recording, how many
/// a collector has accepted, and how many were lost, by [`Reason`].
pub type Counts = [u64; 2 + REASONS];

/// Places in [`Counts`].
pub const STARTED: usize = 0;
/// See there.
pub const EXPORTED: usize = 1;
const LOST: usize = 2;

/// Encoded spans, waiting or in flight.
#[derive(Debug)]
pub struct Outbox {
    /// What became of the spans.
    pub counts: Counts,
    queue: Run,
    in_flight: Vec<Batch>,
    /// How many bytes are in flight, besides what stands around the spans.
    flying: usize,
    last_batch: u32,
    due: UnixNanos,
    /// Nothing is sent before this, after a failure.
    not_before: UnixNanos,
    failures: u32,
    largest: usize,
}

/// How much a request may hold, and whether it has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Waits for company, and for the answer to the batch before.
    None,
    /// The page is being left: waits for nothing.
    Leaving,
    /// It is to be kept, not sent: nothing limits it.
    Keeping,
}

/// Encoded spans one after the other, as a request holds them: those that matter most first,
/// otherwise the oldest.
#[derive(Debug)]
struct Run {
    bytes: Vec<u8>,
    count: usize,
}

/// Spans that are being sent, kept until it is known what became of them.
#[derive(Debug)]
struct Batch {
    id: u32,
    spans: Run,
}

impl Outbox {
    /// Nothing waits.
    pub const fn new() -> Self {
        Self {
            counts: [0; 2 + REASONS],
            queue: Run::EMPTY,
            in_flight: Vec::new(),
            flying: 0,
            last_batch: 0,
            due: UnixNanos(0),
            not_before: UnixNanos(0),
            failures: 0,
            largest: LARGEST,
        }
    }

    /// Counts spans as lost.
    pub fn drop(&mut self, reason: Reason, spans: u64) {
        self.count_up(LOST + reason as usize, spans);
    }

    /// Spans that were counted as lost are recorded after all.
    pub fn take_back(&mut self, reason: Reason) {
        self.count_up(LOST + reason as usize, u64::MAX);
        self.count_up(STARTED, 1);
    }

    /// Adds to one of the counts.
    pub fn count_up(&mut self, which: usize, spans: u64) {
        if let Some(count) = self.counts.get_mut(which) {
            *count = count.wrapping_add(spans);
        }
    }

    /// How many were lost for a reason.
    pub fn dropped(&self, reason: Reason) -> u64 {
        self.counts[LOST + reason as usize]
    }

    /// Queues one encoded span, before all others if it matters more. What comes to a full
    /// queue is lost: it holds how it all began.
    pub fn push(&mut self, span: &[u8], first: bool, now: UnixNanos) {
        let queue = &mut self.queue;
        if span.len() > MAX_SPAN {
            return self.drop(Reason::Size, 1);
        }
        if queue.count >= MAX_QUEUED || queue.bytes.len() > MAX_QUEUED_BYTES - MAX_SPAN {
            return self.drop(Reason::Queue, 1);
        }
        if queue.count == 0 {
            self.due = now.plus(DELAY);
        }
        queue.count += 1;
        if queue.bytes.len() > self.largest {
            self.due = now;
        }
        let before = match first {
            true => core::mem::take(&mut queue.bytes),
            false => Vec::new(),
        };
        Frame::append(&mut queue.bytes, span);
        queue.bytes.extend_from_slice(&before);
    }

    /// What is queued is to be sent at once, not when its delay is over.
    pub fn hurry(&mut self, now: UnixNanos) {
        self.due = self.due.min(now);
    }

    /// Takes the spans of the next batch, as a run for [`Frame::wrap`]; the batch's id
    /// is then [`Self::last_batch`]. `overhead` is how many bytes a batch holds besides its spans.
    /// `used` is what other requests take of what all may hold together.
    pub fn take(
        &mut self,
        now: UnixNanos,
        overhead: usize,
        used: usize,
        urgency: Urgency,
    ) -> Option<&[u8]> {
        let mut room =
            KEEPALIVE_BUDGET.saturating_sub(used + overhead + self.in_flight_bytes(overhead));
        let may_send = match urgency {
            Urgency::None => self.wake_at() <= now,
            Urgency::Leaving => self.in_flight.len() < MAX_IN_FLIGHT,
            Urgency::Keeping => {
                room = KEEPALIVE_BUDGET;
                true
            }
        };
        let mut spans = 0;
        let mut bytes = 0;
        while let Some(end) = self.queue.end_of(bytes) {
            if end > room || (spans > 0 && end > self.largest) {
                break;
            }
            spans += 1;
            bytes = end;
        }
        if !may_send || spans == 0 {
            return None;
        }
        self.last_batch = self.last_batch.wrapping_add(1).max(1);
        self.flying += bytes;
        self.in_flight.push(Batch {
            id: self.last_batch,
            spans: self.queue.take_front(spans, bytes),
        });
        Some(&self.in_flight.last()?.spans.bytes)
    }

    /// What the batches in flight take together.
    pub fn in_flight_bytes(&self, overhead: usize) -> usize {
        self.flying + self.in_flight.len() * overhead
    }

    /// The id of the latest batch.
    pub fn last_batch(&self) -> u32 {
        self.last_batch
    }

    /// A batch has been answered with this HTTP status, or not at all, status 0, or was not
    /// sent, [`KEPT`]. `id` is 0 for one that the page's side has sent again, of as many spans
    /// as `count` says. `rejected` of it were not taken, although the status is a good one;
    /// `wait` is how long the collector wants to be left alone, zero if it does not say.
    /// `random` spreads the next attempts of many pages. Gives how many spans the page's side
    /// is to keep, zero if it is done with them.
    #[allow(clippy::too_many_arguments)]
    pub fn settle(
        &mut self,
        id: u32,
        status: u16,
        rejected: usize,
        wait: Nanos,
        mut count: usize,
        now: UnixNanos,
        random: u64,
    ) -> usize {
        let mut spans = Run::EMPTY;
        if let Some(at) = self.in_flight.iter().position(|batch| batch.id == id) {
            spans = self.in_flight.swap_remove(at).spans;
            count = spans.count;
            self.flying -= spans.bytes.len();
        } else if id > 0 {
            return 0;
        }
        match status {
            200..300 => {
                self.failures = 0;
                let rejected = rejected.min(count);
                self.drop(Reason::Rejected, rejected as u64);
                self.count_up(EXPORTED, (count - rejected) as u64);
            }
            KEPT => return count,
            // What OTLP allows to be sent again.
            0 | 429 | 502..=504 => {
                let doubled = BACKOFF.0 << self.failures.min(BACKOFF_DOUBLINGS);
                // Between three quarters and all of it.
                let spread = doubled - (doubled >> 10) * (random & 0xff);
                self.failures += 1;
                self.not_before = now.plus(Nanos(spread.max(wait.0).min(LONGEST_WAIT.0)));
                return count;
            }
            // Too large as it is.
            413 if spans.count > 1 => {
                self.largest = spans.bytes.len() / 2;
                spans.bytes.extend_from_slice(&self.queue.bytes);
                spans.count += self.queue.count;
                self.queue = spans;
            }
            413 => self.drop(Reason::Size, count as u64),
            _ => self.drop(Reason::Rejected, count as u64),
        }
        0
    }

    /// Forgets that sending has failed: somebody asks for it now.
    pub fn retry_now(&mut self) {
        self.not_before = UnixNanos(0);
    }

    /// From when on something may be sent, after a failure.
    pub fn not_before(&self) -> UnixNanos {
        self.not_before
    }

    /// When there will be something to send, or to keep. Not while a batch is in flight: its
    /// answer comes first. The end of time if there is nothing.
    pub fn wake_at(&self) -> UnixNanos {
        if self.queue.count == 0 || !self.in_flight.is_empty() {
            return UnixNanos(u64::MAX);
        }
        self.due
    }

    /// How many spans wait or are in flight.
    pub fn count(&self) -> usize {
        let mut count = self.queue.count;
        for batch in &self.in_flight {
            count += batch.spans.count;
        }
        count
    }
}

impl Run {
    const EMPTY: Self = Self {
        bytes: Vec::new(),
        count: 0,
    };

    /// Where the span ends that begins at a place, if there is one: a tag of one byte, the
    /// length, and as many bytes.
    fn end_of(&self, start: usize) -> Option<usize> {
        let mut at = start + 1;
        let mut len = 0;
        let mut shift = 0;
        loop {
            let byte = *self.bytes.get(at)?;
            at += 1;
            len |= usize::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                return Some(at + len);
            }
        }
    }

    /// Splits off the oldest `spans`, which take `bytes`.
    fn take_front(&mut self, spans: usize, bytes: usize) -> Self {
        let mut rest = Self::EMPTY;
        rest.bytes
            .extend_from_slice(self.bytes.get(bytes..).unwrap_or_default());
        rest.count = self.count - spans;
        self.bytes.truncate(bytes);
        self.count = spans;
        core::mem::replace(self, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> UnixNanos {
        UnixNanos::from_millis(ms)
    }

    fn span(len: usize) -> Vec<u8> {
        vec![0; len]
    }

    /// The id and number of spans of the next batch.
    fn take(outbox: &mut Outbox, at: u64, urgency: Urgency) -> Option<(u32, usize)> {
        outbox.take(ms(at), 100, 0, urgency)?;
        let batch = outbox.in_flight.last().unwrap();
        Some((outbox.last_batch(), batch.spans.count))
    }

    fn accounted_for(outbox: &Outbox) -> u64 {
        outbox.count() as u64 + outbox.counts[EXPORTED..].iter().sum::<u64>()
    }

    #[test]
    fn a_batch_waits_for_company() {
        let mut outbox = Outbox::new();
        assert_eq!(outbox.wake_at(), UnixNanos(u64::MAX));
        outbox.push(&span(10), false, ms(0));
        outbox.push(&span(10), false, ms(900));
        assert_eq!(outbox.wake_at(), ms(1_000));
        assert_eq!(take(&mut outbox, 999, Urgency::None), None);
        assert_eq!(take(&mut outbox, 1_000, Urgency::None), Some((1, 2)));
        outbox.settle(1, 200, 0, Nanos(0), 0, ms(1_010), 0);
        assert_eq!((outbox.counts[EXPORTED], outbox.count()), (2, 0));
    }

    #[test]
    fn hurry_does_not_wait() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), false, ms(0));
        outbox.hurry(ms(5));
        assert_eq!(take(&mut outbox, 5, Urgency::None), Some((1, 1)));
    }

    #[test]
    fn one_batch_at_a_time_unless_the_page_is_left() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), false, ms(0));
        assert_eq!(take(&mut outbox, 1_000, Urgency::None), Some((1, 1)));
        outbox.push(&span(10), false, ms(1_001));
        assert_eq!(outbox.wake_at(), UnixNanos(u64::MAX));
        assert_eq!(take(&mut outbox, 5_000, Urgency::None), None);
        assert_eq!(take(&mut outbox, 5_000, Urgency::Leaving), Some((2, 1)));
    }

    #[test]
    fn all_batches_share_one_budget() {
        let mut outbox = Outbox::new();
        for _ in 0..20 {
            outbox.push(&span(9_897), false, ms(0));
        }
        // Three spans with tag and length are just below 30,000 bytes, and two batches with their
        // overhead just below 60,000.
        assert_eq!(take(&mut outbox, 0, Urgency::Leaving), Some((1, 3)));
        assert_eq!(take(&mut outbox, 0, Urgency::Leaving), Some((2, 3)));
        assert_eq!(take(&mut outbox, 0, Urgency::Leaving), None);
        assert_eq!(outbox.settle(1, 200, 0, Nanos(0), 0, ms(1), 0), 0);
        assert_eq!(take(&mut outbox, 1, Urgency::Leaving), Some((3, 3)));
        assert_eq!(accounted_for(&outbox), 20);
        // What there is no room for is kept: nothing limits that but the size of a batch.
        let mut kept = 0;
        while let Some((id, count)) = take(&mut outbox, 1, Urgency::Keeping) {
            assert!(count <= 3);
            kept += outbox.settle(id, KEPT, 0, Nanos(0), 0, ms(1), 0);
        }
        assert_eq!((kept, accounted_for(&outbox)), (11, 9));
    }

    #[test]
    fn failures_are_kept_and_put_off_later_and_later() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), false, ms(0));
        let mut now = 1_000;
        assert_eq!(take(&mut outbox, now, Urgency::None), Some((1, 1)));
        let waits = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000];
        for (attempt, wait) in waits.into_iter().enumerate() {
            // The first from here, the others sent again by the page's side.
            let (id, count) = if attempt == 0 { (1, 0) } else { (0, 1) };
            let status = [0, 429, 502, 503, 504][attempt % 5];
            assert_eq!(outbox.settle(id, status, 0, Nanos(0), count, ms(now), 0), 1);
            assert_eq!(outbox.not_before(), ms(now + wait));
            now += wait;
        }
        assert_eq!(outbox.settle(0, 200, 0, Nanos(0), 1, ms(now), 0), 0);
        assert_eq!(outbox.counts[EXPORTED], 1);
        // And from the start again.
        outbox.settle(0, 0, 0, Nanos(0), 1, ms(now), u64::MAX);
        let wait = outbox.not_before().since(ms(now));
        assert!((Nanos::from_millis(750)..Nanos::from_millis(752)).contains(&wait));
        outbox.retry_now();
        assert_eq!(outbox.not_before(), UnixNanos(0));
    }

    #[test]
    fn what_matters_more_goes_first() {
        let mut outbox = Outbox::new();
        for (name, first) in [(1, false), (2, true), (3, false), (4, true)] {
            outbox.push(&[name], first, ms(0));
        }
        let spans = outbox.take(ms(9_999), 0, 0, Urgency::None).unwrap();
        assert_eq!(spans, [0x12, 1, 4, 0x12, 1, 2, 0x12, 1, 1, 0x12, 1, 3]);
    }

    #[test]
    fn refused_spans_are_counted() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), false, ms(0));
        outbox.push(&span(MAX_SPAN + 1), false, ms(0));
        let (id, _) = take(&mut outbox, 1_000, Urgency::None).unwrap();
        outbox.settle(id, 400, 0, Nanos(0), 0, ms(1_001), 0);
        outbox.settle(id, 200, 0, Nanos(0), 0, ms(1_002), 0);
        let dropped = |reason| outbox.dropped(reason);
        assert_eq!((dropped(Reason::Rejected), dropped(Reason::Size)), (1, 1));
        assert_eq!((outbox.counts[EXPORTED], outbox.count()), (0, 0));
    }

    #[test]
    fn the_queue_is_bounded_in_number_and_in_bytes() {
        let check = |len: usize, pushed: usize| {
            let mut outbox = Outbox::new();
            for _ in 0..pushed {
                outbox.push(&span(len), false, ms(0));
                assert!(outbox.count() <= MAX_QUEUED);
                assert!(outbox.queue.bytes.len() <= MAX_QUEUED_BYTES);
            }
            assert!(outbox.dropped(Reason::Queue) > 0);
            assert_eq!(accounted_for(&outbox), pushed as u64);
        };
        check(10, 5_000);
        check(MAX_SPAN, 500);
    }

    #[test]
    fn a_collector_that_wants_to_be_left_alone_is() {
        let check = |wait: u64, expected: u64| {
            let mut outbox = Outbox::new();
            outbox.push(&span(1), false, ms(0));
            let (id, _) = take(&mut outbox, 1_000, Urgency::None).unwrap();
            outbox.settle(id, 429, 0, Nanos::from_millis(wait), 0, ms(1_000), 0);
            assert_eq!(outbox.not_before(), ms(expected));
        };
        check(0, 2_000);
        check(500, 2_000);
        check(30_000, 31_000);
        check(86_400_000, 601_000);
    }

    #[test]
    fn what_is_too_large_is_sent_in_parts() {
        let mut outbox = Outbox::new();
        for _ in 0..8 {
            outbox.push(&span(100), false, ms(0));
        }
        let mut sizes = Vec::new();
        // A collector that takes no more than two spans at once.
        while let Some((id, count)) = take(&mut outbox, 1_000, Urgency::Leaving) {
            sizes.push(count);
            let status = if count > 2 { 413 } else { 200 };
            outbox.settle(id, status, 0, Nanos(0), 0, ms(1_000), 0);
        }
        assert_eq!(sizes, [8, 4, 2, 2, 2, 2]);
        assert_eq!(outbox.counts[EXPORTED], 8);
        outbox.push(&span(100), false, ms(2_000));
        let (id, _) = take(&mut outbox, 9_000, Urgency::Leaving).unwrap();
        outbox.settle(id, 413, 0, Nanos(0), 0, ms(9_000), 0);
        assert_eq!(outbox.dropped(Reason::Size), 1);
    }

    #[test]
    fn partial_success_is_counted_and_not_sent_again() {
        let mut outbox = Outbox::new();
        for _ in 0..5 {
            outbox.push(&span(10), false, ms(0));
        }
        let (id, _) = take(&mut outbox, 1_000, Urgency::None).unwrap();
        outbox.settle(id, 200, 2, Nanos(0), 0, ms(1_001), 0);
        assert_eq!(outbox.counts[EXPORTED], 3);
        assert_eq!(outbox.dropped(Reason::Rejected), 2);
        assert_eq!(accounted_for(&outbox), 5);
    }
}

//! What waits to be sent, in batches that a browser can finish sending while the page
//! goes away.
//!
//! A browser lets requests outlive their page (`keepalive`) while all of them
//! together carry at most 64 KiB. Every batch is kept within what is left of that, so
//! that no batch is lost because somebody clicked on.
//!
//! **Invariant**: memory is bounded; every span that was given in is, at every
//! moment, queued, in flight, exported, or counted under a reason for its loss.

use alloc::vec::Vec;

use throughline_model::otlp::Frame;
use throughline_model::time::{Nanos, UnixNanos};

/// Why a span was lost, or never recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Reason {
    /// The queue was full; the oldest spans gave way.
    Queue,
    /// The span alone was too large to send.
    Size,
    /// The collector refused it for good.
    Rejected,
    /// Its trace is not in the sample.
    Sampled,
    /// Too many requests were under way.
    Limit,
}

/// How many reasons there are.
pub const REASONS: usize = Reason::Limit as usize + 1;

/// What all batches in flight may hold together, in bytes. Browsers allow 65,536; the
/// rest is left to the page.
const KEEPALIVE_BUDGET: usize = 60_000;

/// How many batches may be in flight when the page is being left.
const MAX_IN_FLIGHT: usize = 8;

/// The largest span, in encoded bytes.
const MAX_SPAN: usize = 16_384;

/// How much may wait: spans, and their encoded bytes.
const MAX_QUEUED: usize = 2_048;
const MAX_QUEUED_BYTES: usize = 1 << 20;

/// How long a span waits for others to travel with.
const DELAY: Nanos = Nanos::from_millis(1_000);

/// How long to wait after a failure: doubled with each, up to the most.
const BACKOFF: Nanos = Nanos::from_millis(1_000);
const BACKOFF_DOUBLINGS: u32 = 5;

/// How long a collector may want to be left alone.
const LONGEST_WAIT: Nanos = Nanos::from_millis(600_000);

/// What became of the spans, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Spans that were begun and are worth recording.
    pub started: u64,
    /// Spans that a collector has accepted.
    pub exported: u64,
    /// Spans that were lost, by [`Reason`].
    pub dropped: [u64; REASONS],
}

/// Encoded spans, waiting or in flight.
#[derive(Debug)]
pub struct Outbox {
    /// What became of the spans.
    pub counts: Counts,
    queue: Run,
    in_flight: Vec<Batch>,
    last_batch: u32,
    due: UnixNanos,
    /// Nothing is sent before this, after a failure.
    not_before: UnixNanos,
    failures: u32,
    /// A batch takes no more spans once it has this many bytes.
    largest: usize,
}

/// Encoded spans one after the other, oldest first, as a request holds them.
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
            counts: Counts {
                started: 0,
                exported: 0,
                dropped: [0; REASONS],
            },
            queue: Run::EMPTY,
            in_flight: Vec::new(),
            last_batch: 0,
            due: UnixNanos(0),
            not_before: UnixNanos(0),
            failures: 0,
            largest: KEEPALIVE_BUDGET,
        }
    }

    /// Counts a span as lost.
    pub fn drop_one(&mut self, reason: Reason) {
        self.drop(reason, 1);
    }

    fn drop(&mut self, reason: Reason, spans: usize) {
        if let Some(count) = self.counts.dropped.get_mut(reason as usize) {
            *count += spans as u64;
        }
    }

    /// Queues one encoded span.
    pub fn push(&mut self, span: &[u8], now: UnixNanos) {
        if span.len() > MAX_SPAN {
            return self.drop_one(Reason::Size);
        }
        if self.queue.count == 0 {
            self.due = now.plus(DELAY);
        }
        Frame::append(&mut self.queue.bytes, span);
        self.queue.count += 1;
        self.make_room();
    }

    /// What is queued is to be sent at once, not when its delay is over.
    pub fn hurry(&mut self, now: UnixNanos) {
        self.due = self.due.min(now);
    }

    /// Takes the spans of the next batch, as a run for [`Frame::wrap`]; the batch's id
    /// is then [`Self::last_batch`]. `overhead` is how many bytes a batch holds besides its spans.
    /// When the page is being left, `urgent`, neither the delay nor a batch in flight
    /// is waited for. `used` is what other requests take of what all may hold together.
    pub fn take(
        &mut self,
        now: UnixNanos,
        overhead: usize,
        used: usize,
        urgent: bool,
    ) -> Option<&[u8]> {
        let may_send = if urgent {
            self.in_flight.len() < MAX_IN_FLIGHT
        } else {
            self.wake_at() <= now
        };
        let used = used + overhead + self.in_flight_bytes(overhead);
        let mut spans = 0;
        let mut bytes = 0;
        while let Some(end) = self.queue.end_of(bytes) {
            if used + end > KEEPALIVE_BUDGET || (spans > 0 && end > self.largest) {
                break;
            }
            spans += 1;
            bytes = end;
        }
        if !may_send || spans == 0 {
            return None;
        }
        self.last_batch = self.last_batch.wrapping_add(1).max(1);
        self.in_flight.push(Batch {
            id: self.last_batch,
            spans: self.queue.take_front(spans, bytes),
        });
        Some(&self.in_flight.last()?.spans.bytes)
    }

    /// What the batches in flight take together.
    pub fn in_flight_bytes(&self, overhead: usize) -> usize {
        let mut bytes = 0;
        for batch in &self.in_flight {
            bytes += batch.spans.bytes.len() + overhead;
        }
        bytes
    }

    /// The id of the latest batch.
    pub fn last_batch(&self) -> u32 {
        self.last_batch
    }

    /// A batch has been answered with this HTTP status, or not at all, status 0. `rejected`
    /// of it were not taken, although the status is a good one; `wait` is how long the
    /// collector wants to be left alone, zero if it does not say. `random` spreads the next
    /// attempts of many pages.
    pub fn settle(
        &mut self,
        id: u32,
        status: u16,
        rejected: usize,
        wait: Nanos,
        now: UnixNanos,
        random: u64,
    ) {
        let Some(batch) = self.in_flight.iter_mut().find(|batch| batch.id == id) else {
            return;
        };
        let mut spans = core::mem::replace(&mut batch.spans, Run::EMPTY);
        self.in_flight.retain(|batch| batch.id != id);
        let count = spans.count;
        match status {
            200..300 => {
                self.failures = 0;
                let rejected = rejected.min(count);
                self.drop(Reason::Rejected, rejected);
                self.counts.exported += (count - rejected) as u64;
            }
            // What OTLP allows to be sent again, and what is too large as it is.
            0 | 429 | 502..=504 | 413 if status != 413 || count > 1 => {
                if status == 413 {
                    self.largest = spans.bytes.len() / 2;
                } else {
                    let doubled = BACKOFF.0 << self.failures.min(BACKOFF_DOUBLINGS);
                    // Between three quarters and all of it.
                    let spread = doubled - (doubled >> 10) * (random & 0xff);
                    self.failures += 1;
                    self.not_before = now.plus(Nanos(spread.max(wait.0).min(LONGEST_WAIT.0)));
                }
                spans.bytes.extend_from_slice(&self.queue.bytes);
                spans.count += self.queue.count;
                self.queue = spans;
                self.make_room();
            }
            413 => self.drop(Reason::Size, count),
            _ => self.drop(Reason::Rejected, count),
        }
        self.hurry(now);
    }

    /// Forgets that sending has failed: somebody asks for it now.
    pub fn retry_now(&mut self) {
        self.not_before = UnixNanos(0);
    }

    /// When there will be something to send. Not while a batch is in flight: its
    /// answer comes first. The end of time if there is nothing.
    pub fn wake_at(&self) -> UnixNanos {
        if self.queue.count == 0 || !self.in_flight.is_empty() {
            return UnixNanos(u64::MAX);
        }
        self.due.max(self.not_before)
    }

    /// How many spans wait or are in flight.
    pub fn count(&self) -> usize {
        let mut count = self.queue.count;
        for batch in &self.in_flight {
            count += batch.spans.count;
        }
        count
    }

    /// Drops the oldest quarter of a queue that is too long: a quarter, so that a
    /// page which makes spans without end does not move the whole queue for each.
    fn make_room(&mut self) {
        let count = self.queue.count;
        if count > MAX_QUEUED || self.queue.bytes.len() > MAX_QUEUED_BYTES {
            let spans = count.div_ceil(4);
            let mut bytes = 0;
            for _ in 0..spans {
                bytes = self.queue.end_of(bytes).unwrap_or(bytes);
            }
            self.queue.take_front(spans, bytes);
            self.drop(Reason::Queue, spans);
        }
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
    fn take(outbox: &mut Outbox, at: u64, urgent: bool) -> Option<(u32, usize)> {
        outbox.take(ms(at), 100, 0, urgent)?;
        let batch = outbox.in_flight.last().unwrap();
        Some((outbox.last_batch(), batch.spans.count))
    }

    fn accounted_for(outbox: &Outbox) -> u64 {
        outbox.count() as u64 + outbox.counts.exported + outbox.counts.dropped.iter().sum::<u64>()
    }

    #[test]
    fn a_batch_waits_for_company() {
        let mut outbox = Outbox::new();
        assert_eq!(outbox.wake_at(), UnixNanos(u64::MAX));
        outbox.push(&span(10), ms(0));
        outbox.push(&span(10), ms(900));
        assert_eq!(outbox.wake_at(), ms(1_000));
        assert_eq!(take(&mut outbox, 999, false), None);
        assert_eq!(take(&mut outbox, 1_000, false), Some((1, 2)));
        outbox.settle(1, 200, 0, Nanos(0), ms(1_010), 0);
        assert_eq!((outbox.counts.exported, outbox.count()), (2, 0));
    }

    #[test]
    fn hurry_does_not_wait() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), ms(0));
        outbox.hurry(ms(5));
        assert_eq!(take(&mut outbox, 5, false), Some((1, 1)));
    }

    #[test]
    fn one_batch_at_a_time_unless_the_page_is_left() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), ms(0));
        assert_eq!(take(&mut outbox, 1_000, false), Some((1, 1)));
        outbox.push(&span(10), ms(1_001));
        assert_eq!(outbox.wake_at(), UnixNanos(u64::MAX));
        assert_eq!(take(&mut outbox, 5_000, false), None);
        assert_eq!(take(&mut outbox, 5_000, true), Some((2, 1)));
    }

    #[test]
    fn all_batches_share_one_budget() {
        let mut outbox = Outbox::new();
        for _ in 0..20 {
            outbox.push(&span(9_897), ms(0));
        }
        // Six spans with tag and length, and the overhead, are just above 59,000 bytes.
        assert_eq!(take(&mut outbox, 0, true), Some((1, 6)));
        assert_eq!(take(&mut outbox, 0, true), None);
        outbox.settle(1, 200, 0, Nanos(0), ms(1), 0);
        assert_eq!(take(&mut outbox, 1, true), Some((2, 6)));
        assert_eq!(accounted_for(&outbox), 20);
    }

    #[test]
    fn failures_are_tried_again_later_and_later() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), ms(0));
        let mut now = 1_000;
        let waits = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000];
        for (attempt, wait) in waits.into_iter().enumerate() {
            let id = attempt as u32 + 1;
            assert_eq!(take(&mut outbox, now, false), Some((id, 1)));
            let status = [0, 429, 502, 503, 504][attempt % 5];
            outbox.settle(id, status, 0, Nanos(0), ms(now), 0);
            assert_eq!(outbox.wake_at(), ms(now + wait));
            now += wait;
        }
        assert_eq!(take(&mut outbox, now, false), Some((8, 1)));
        outbox.settle(8, 200, 0, Nanos(0), ms(now), 0);
        assert_eq!(outbox.counts.exported, 1);
        // And from the start again.
        outbox.push(&span(10), ms(now));
        outbox.hurry(ms(now));
        assert_eq!(take(&mut outbox, now, false), Some((9, 1)));
        outbox.settle(9, 0, 0, Nanos(0), ms(now), u64::MAX);
        let wait = outbox.wake_at().since(ms(now));
        assert!((Nanos::from_millis(750)..Nanos::from_millis(752)).contains(&wait));
        outbox.retry_now();
        assert_eq!(take(&mut outbox, now, false), Some((10, 1)));
    }

    #[test]
    fn order_survives_a_failure() {
        let mut outbox = Outbox::new();
        outbox.push(&[1], ms(0));
        outbox.push(&[2], ms(0));
        outbox.hurry(ms(0));
        outbox.take(ms(0), 0, 0, false).unwrap();
        outbox.push(&[3], ms(0));
        outbox.settle(1, 0, 0, Nanos(0), ms(0), 0);
        let spans = outbox.take(ms(9_999), 0, 0, false).unwrap();
        assert_eq!(spans, [0x12, 1, 1, 0x12, 1, 2, 0x12, 1, 3]);
    }

    #[test]
    fn refused_spans_are_counted() {
        let mut outbox = Outbox::new();
        outbox.push(&span(10), ms(0));
        outbox.push(&span(MAX_SPAN + 1), ms(0));
        let (id, _) = take(&mut outbox, 1_000, false).unwrap();
        outbox.settle(id, 400, 0, Nanos(0), ms(1_001), 0);
        outbox.settle(id, 200, 0, Nanos(0), ms(1_002), 0);
        let dropped = |reason| outbox.counts.dropped[reason as usize];
        assert_eq!((dropped(Reason::Rejected), dropped(Reason::Size)), (1, 1));
        assert_eq!((outbox.counts.exported, outbox.count()), (0, 0));
    }

    #[test]
    fn the_queue_is_bounded_in_number_and_in_bytes() {
        let check = |len: usize, pushed: usize| {
            let mut outbox = Outbox::new();
            for _ in 0..pushed {
                outbox.push(&span(len), ms(0));
                assert!(outbox.count() <= MAX_QUEUED);
                assert!(outbox.queue.bytes.len() <= MAX_QUEUED_BYTES);
            }
            assert!(outbox.counts.dropped[Reason::Queue as usize] > 0);
            assert_eq!(accounted_for(&outbox), pushed as u64);
        };
        check(10, 5_000);
        check(MAX_SPAN, 500);
    }

    #[test]
    fn what_comes_back_to_a_full_queue_is_counted() {
        let mut outbox = Outbox::new();
        outbox.push(&span(1), ms(0));
        let (id, _) = take(&mut outbox, 1_000, false).unwrap();
        for _ in 0..MAX_QUEUED {
            outbox.push(&span(1), ms(1_000));
        }
        assert_eq!(outbox.counts.dropped, [0; REASONS]);
        outbox.settle(id, 0, 0, Nanos(0), ms(1_001), 0);
        assert!(outbox.counts.dropped[Reason::Queue as usize] > 0);
        assert_eq!(accounted_for(&outbox), MAX_QUEUED as u64 + 1);
    }

    #[test]
    fn a_collector_that_wants_to_be_left_alone_is() {
        let check = |wait: u64, expected: u64| {
            let mut outbox = Outbox::new();
            outbox.push(&span(1), ms(0));
            let (id, _) = take(&mut outbox, 1_000, false).unwrap();
            outbox.settle(id, 429, 0, Nanos::from_millis(wait), ms(1_000), 0);
            assert_eq!(outbox.wake_at(), ms(expected));
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
            outbox.push(&span(100), ms(0));
        }
        let mut sizes = Vec::new();
        // A collector that takes no more than two spans at once.
        while let Some((id, count)) = take(&mut outbox, 1_000, true) {
            sizes.push(count);
            let status = if count > 2 { 413 } else { 200 };
            outbox.settle(id, status, 0, Nanos(0), ms(1_000), 0);
        }
        assert_eq!(sizes, [8, 4, 2, 2, 2, 2]);
        assert_eq!(outbox.counts.exported, 8);
        outbox.push(&span(100), ms(2_000));
        let (id, _) = take(&mut outbox, 9_000, true).unwrap();
        outbox.settle(id, 413, 0, Nanos(0), ms(9_000), 0);
        assert_eq!(outbox.counts.dropped[Reason::Size as usize], 1);
    }

    #[test]
    fn partial_success_is_counted_and_not_sent_again() {
        let mut outbox = Outbox::new();
        for _ in 0..5 {
            outbox.push(&span(10), ms(0));
        }
        let (id, _) = take(&mut outbox, 1_000, false).unwrap();
        outbox.settle(id, 200, 2, Nanos(0), ms(1_001), 0);
        assert_eq!(outbox.counts.exported, 3);
        assert_eq!(outbox.counts.dropped[Reason::Rejected as usize], 2);
        assert_eq!(accounted_for(&outbox), 5);
    }
}

//! From the end backwards: who has the time.
//!
//! **Invariant:** a span is entered once at most and offered once to the span above it.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{Run, Section};
use crate::{
    order::sort_rows,
    store::{SpanKind, SpanMarks, TraceStore},
    time::UnixNanos,
};

/// A span whose children are being gone through, from its end backwards.
struct Frame {
    span: u32,
    from: u64,
    to: u64,
    /// From here on everything is given away.
    cursor: u64,
    /// Its first child in `waiting`.
    children: usize,
    /// How many sections there were when it was entered.
    sections: usize,
    waited: bool,
}

pub(super) struct Walk<'a> {
    store: &'a TraceStore,
    roots: Heads<'a>,
    cut_off: Heads<'a>,
    /// From here on the time of the trace is given away.
    cursor: u64,
    /// By time, the last one first.
    sections: Vec<Section>,
    runs: Vec<Run>,
    frames: Vec<Frame>,
    /// The children of all open frames that were not looked at, of each frame the one that finishes last at the end.
    waiting: Vec<u32>,
    /// How often a span was looked at.
    #[cfg(test)]
    pub(super) steps: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(store: &'a TraceStore, roots: Heads<'a>, cut_off: Heads<'a>) -> Self {
        let ends = [roots.next_end(), cut_off.next_end()];
        Self {
            store,
            roots,
            cut_off,
            cursor: ends.into_iter().flatten().max().unwrap_or(0),
            sections: Vec::new(),
            runs: Vec::new(),
            frames: Vec::new(),
            waiting: Vec::new(),
            #[cfg(test)]
            steps: 0,
        }
    }

    /// Shares out the time of the trace, for so many steps; true when all of it is.
    pub(super) fn go(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            let more = match self.frames.pop() {
                Some(frame) => self.inside(frame),
                None => self.next_head(),
            };
            if !more {
                return true;
            }
        }
        false
    }

    /// Enters the span that has the time before the cursor; false when none has.
    fn next_head(&mut self) -> bool {
        let cursor = self.cursor;
        self.roots.begin_until(cursor);
        if let Some((span, start)) = self.roots.take_running(cursor) {
            self.enter(span, start, cursor);
            self.cursor = start;
            return true;
        }
        let root_end = self.roots.next_end();
        self.cut_off.begin_until(cursor);
        if let Some((span, start)) = self.cut_off.take_running(cursor) {
            let from = start.max(root_end.unwrap_or(0));
            self.enter(span, from, cursor);
            self.cursor = from;
            return true;
        }
        match root_end.max(self.cut_off.next_end()) {
            Some(end) => self.cursor = end,
            None => return false,
        }
        true
    }

    /// Enters the last child that the span of a frame waited for, or leaves the span.
    // Not inlined: browsers make a function fast between two calls of it, and a loop in one never.
    #[inline(never)]
    fn inside(&mut self, mut frame: Frame) -> bool {
        match self.last_finished(&frame) {
            Some((child, start, end)) => {
                self.section(frame.span, end, frame.cursor);
                frame.cursor = start;
                frame.waited = true;
                self.frames.push(frame);
                self.enter(child, start, end);
            }
            None => {
                self.section(frame.span, frame.from, frame.cursor);
                if frame.waited {
                    self.runs.push(Run {
                        span: frame.span,
                        first: frame.sections as u32,
                        last: self.sections.len() as u32 - 1,
                    });
                }
            }
        }
        true
    }

    /// Opens a frame with the children that the span could have waited for.
    fn enter(&mut self, span: u32, from: u64, to: u64) {
        let first = self.waiting.len();
        let spans = self.store.spans();
        let behind = span + 1 + spans.descendants[span as usize];
        let mut next = span + 1;
        while next < behind {
            self.step();
            let child = next;
            next += 1;
            if !has_times(self.store, child) {
                // Its children come next, as if they were its siblings.
                continue;
            }
            next += spans.descendants[child as usize];
            let (start, end) = clipped(self.store, child, from, to);
            if start < end && !is_cut_off(self.store, child, span) {
                self.waiting.push(child);
            }
        }
        let store = self.store;
        sort_rows(&mut self.waiting[first..], &|a, b| {
            let key = |span| {
                let (start, end) = clipped(store, span, from, to);
                (end, Reverse(start), Reverse(span))
            };
            key(a).cmp(&key(b))
        });
        self.frames.push(Frame {
            span,
            from,
            to,
            cursor: to,
            children: first,
            sections: self.sections.len(),
            waited: false,
        });
    }

    /// The child that finished last before the cursor, with its times.
    fn last_finished(&mut self, frame: &Frame) -> Option<(u32, u64, u64)> {
        while self.waiting.len() > frame.children {
            self.step();
            let child = self.waiting.pop()?;
            let (start, end) = clipped(self.store, child, frame.from, frame.to);
            if end <= frame.cursor {
                return Some((child, start, end));
            }
        }
        None
    }

    fn section(&mut self, span: u32, start: u64, end: u64) {
        if start < end {
            self.sections.push(Section {
                span,
                start: UnixNanos(start),
                end: UnixNanos(end),
            });
        }
    }

    /// Turns everything round.
    pub(super) fn finish(mut self) -> (Vec<Section>, Vec<Run>) {
        self.sections.reverse();
        let count = self.sections.len() as u32;
        for run in &mut self.runs {
            (run.first, run.last) = (count - 1 - run.last, count - 1 - run.first);
        }
        (self.sections, self.runs)
    }

    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "counts in tests"))]
    fn step(&mut self) {
        #[cfg(test)]
        {
            self.steps += 1;
        }
    }
}

/// Spans that nobody above waits for, in the order in which they run from the end backwards.
pub(super) struct Heads<'a> {
    store: &'a TraceStore,
    /// The one that ends last on top.
    by_end: BinaryHeap<(u64, u32)>,
    /// Those that end at the cursor or later, the one that starts first on top.
    running: BinaryHeap<Reverse<(u64, u32)>>,
}

impl<'a> Heads<'a> {
    /// Of spans with their ends.
    pub(super) fn new(store: &'a TraceStore, heads: Vec<(u64, u32)>) -> Self {
        Self {
            store,
            by_end: heads.into(),
            running: BinaryHeap::new(),
        }
    }

    fn next_end(&self) -> Option<u64> {
        self.by_end.peek().map(|&(end, _)| end)
    }

    fn begin_until(&mut self, cursor: u64) {
        while self.next_end().is_some_and(|end| end >= cursor) {
            if let Some((_, span)) = self.by_end.pop() {
                let start = self.store.spans().start[span as usize];
                self.running.push(Reverse((start, span)));
            }
        }
    }

    /// The one that runs just before the cursor and started first.
    fn take_running(&mut self, cursor: u64) -> Option<(u32, u64)> {
        let Reverse((start, span)) = self.running.pop()?;
        if start >= cursor {
            // So did all others: the cursor only goes back.
            self.running.clear();
            return None;
        }
        Some((span, start))
    }
}

fn clipped(store: &TraceStore, span: u32, from: u64, to: u64) -> (u64, u64) {
    let spans = store.spans();
    let at = span as usize;
    (spans.start[at].max(from), spans.end[at].min(to))
}

pub(super) fn has_times(store: &TraceStore, span: u32) -> bool {
    let lacks = SpanMarks::NO_START.0 | SpanMarks::NO_END.0 | SpanMarks::NEGATIVE.0;
    store.spans().marks[span as usize] & lacks == 0
}

/// Whether nobody above waits for a span; both have times.
pub(super) fn is_cut_off(store: &TraceStore, span: u32, above: u32) -> bool {
    let spans = store.spans();
    let (at, above) = (span as usize, above as usize);
    let over = spans.end[at].saturating_sub(spans.end[above]);
    let consumer = spans.kind[at] == SpanKind::Consumer as u8;
    if consumer && (over > 0 || spans.kind[above] == SpanKind::Producer as u8) {
        return true;
    }
    over > (spans.end[at] - spans.start[at]) / 2 || follows(store, span)
}

/// Whether the input said that a span `FOLLOWS_FROM` its parent: the importer keeps that as a link to the parent.
fn follows(store: &TraceStore, span: u32) -> bool {
    let span = store.span(span);
    let Some(parent) = span.parent() else {
        return false;
    };
    let parent = store.span(parent).id();
    span.links().any(|link| {
        link.span_id() == parent
            && link.attributes().get_str("opentracing.ref_type") == Some("follows_from")
    })
}

//! Making room ahead of time, in proportion to how much of the input has been read.
//!
//! A vector that grows by itself doubles: at its peak it holds three times what it needs, and copies all of it each time.
//! Columns of a file grow evenly, so after the first part of it their final size can be told.
//!
//! ```text
//! read 1 MiB of 84    12 rows → room for 1,028 (what 84 MiB will need, and 2 % more)
//! read 82 MiB         1,020 rows, the last MiB brought 14 → room for 1,046
//! ```
//!
//! One jump is better than several: what is given back in between leaves holes, and wasm memory never shrinks.
//!
//! **Invariant:** changes capacities only. A wrong guess costs memory or time, never data.

use super::StoreBuilder;

/// How many times what is there a guess may go. The first part of a large file need not be like the rest.
const FURTHEST: u64 = 128;

/// Less than this is not worth asking for.
const LEAST_AT_ONCE: usize = 1 << 20;
/// More than this is asked for column by column.
const MOST_AT_ONCE: usize = 1 << 27;

/// Makes the memory as a whole so large that this much can be had in pieces. Each growth of WebAssembly's memory costs
/// up to half a millisecond, and every column would make it grow once more.
fn grow_at_once(bytes: usize) {
    if (LEAST_AT_ONCE..=MOST_AT_ONCE).contains(&bytes) {
        let mut block: Vec<u8> = Vec::new();
        _ = block.try_reserve_exact(bytes);
        // Or the compiler would see that nobody needs it.
        drop(core::hint::black_box(block));
    }
}

/// How large each column was when a source began.
#[derive(Debug, Default)]
pub struct Growth {
    starts: Vec<usize>,
}

trait Column {
    fn rows(&self) -> usize;
    fn row_bytes(&self) -> usize;
    fn room(&self) -> usize;
    fn make_room(&mut self, rows: usize);
}

impl<T> Column for Vec<T> {
    fn rows(&self) -> usize {
        self.len()
    }

    fn row_bytes(&self) -> usize {
        size_of::<T>()
    }

    fn room(&self) -> usize {
        self.capacity() - self.len()
    }

    fn make_room(&mut self, rows: usize) {
        // What cannot be had now may never be needed; if it is, `push` will say so.
        _ = self.try_reserve_exact(rows);
    }
}

impl StoreBuilder {
    /// The sizes now, for [`Self::foresee`].
    pub fn growth(&mut self) -> Growth {
        Growth {
            starts: self.columns().iter().map(|column| column.rows()).collect(),
        }
    }

    /// Makes room for what is still to come: `done` of `total` bytes have been read since `growth` was taken, and this
    /// will be called again after about `step` bytes more.
    pub fn foresee(&mut self, growth: &Growth, done: u64, total: u64, step: u64) {
        if done == 0 {
            return;
        }
        let mut wanted = Vec::new();
        let mut bytes = 0;
        for (column, &start) in self.columns().into_iter().zip(&growth.starts) {
            let grown = column.rows().saturating_sub(start) as u64;
            let rate = |bytes: u64| {
                let rows = u128::from(grown) * u128::from(bytes) / u128::from(done);
                u64::try_from(rows).unwrap_or(u64::MAX)
            };
            let left = rate(total.saturating_sub(done)).saturating_add(rate(total) / 50);
            let soon = rate(2 * step).min(left);
            if grown == 0 || column.room() as u64 >= soon {
                continue;
            }
            let more = left.min(grown * FURTHEST).max(soon);
            let more = usize::try_from(more).unwrap_or(0);
            let rows = column.rows().saturating_add(more);
            bytes += rows.saturating_mul(column.row_bytes()).min(MOST_AT_ONCE);
            wanted.push((column, more));
        }
        grow_at_once(bytes);
        for (column, rows) in wanted {
            column.make_room(rows);
        }
        // New strings become rarer; a quarter more is enough until the next time.
        self.strings.make_room(step as usize);
    }

    fn columns(&mut self) -> [&mut dyn Column; 33] {
        let Self {
            spans,
            attributes,
            nested,
            events,
            links,
            span_trace,
            ..
        } = self;
        [
            &mut spans.start,
            &mut spans.end,
            &mut spans.span_id,
            &mut spans.parent_span_id,
            &mut spans.name,
            &mut spans.resource,
            &mut spans.scope,
            &mut spans.trace_state,
            &mut spans.status_message,
            &mut spans.flags,
            &mut spans.kind,
            &mut spans.status,
            &mut spans.marks,
            &mut spans.attributes,
            &mut spans.events,
            &mut spans.links,
            span_trace,
            &mut attributes.key,
            &mut attributes.kind,
            &mut attributes.payload,
            &mut nested.key,
            &mut nested.kind,
            &mut nested.payload,
            &mut events.time,
            &mut events.name,
            &mut events.attributes,
            &mut events.dropped,
            &mut events.log,
            &mut links.trace_id,
            &mut links.span_id,
            &mut links.trace_state,
            &mut links.flags,
            &mut links.attributes,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::builder::{ResourceRecord, ScopeRecord, SpanRecord};

    #[test]
    fn room_follows_the_rate_and_no_data_changes() {
        let mut builder = StoreBuilder::new();
        let resource = builder.resource(ResourceRecord::default());
        let scope = builder.scope(ScopeRecord::default());
        builder.push_span(SpanRecord::new(resource, scope));
        let growth = builder.growth();
        for _ in 0..100 {
            builder.push_span(SpanRecord::new(resource, scope));
        }
        builder.foresee(&growth, 1_000, 100_000, 1_000);
        assert!(builder.spans.start.capacity() >= 10_000);
        assert!(builder.spans.start.capacity() < 11_000);
        builder.foresee(&growth, 1, u64::MAX, 1);
        assert_eq!(builder.span_count(), 101);
        assert_eq!(builder.nested.key.capacity(), 0);
    }
}

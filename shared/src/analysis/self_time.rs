//! Self time: how long a span did something itself, instead of waiting for its children.
//!
//! ```text
//! span      |=========================|   duration 26
//! children     |=====|     |======|       together 13: what overlaps counts once,
//!                |===|                    what is outside of the span not at all
//! self      |--|     |-----|      |---|   13
//! ```
//!
//! **Invariant:** linear in the children of the span; never more than the span's duration, never negative.

use crate::{store::TraceStore, time::Nanos};

/// The duration of `span` minus the union of its children's intervals, clipped to the span. Nanoseconds.
pub fn self_time(store: &TraceStore, span: u32) -> Nanos {
    let spans = store.spans();
    let parent = store.span(span);
    let (start, end) = (parent.start().0, parent.end().0.max(parent.start().0));
    // Children come by start, so that one edge that only moves right is enough for the union.
    let mut covered_to = start;
    let mut own = 0u64;
    for child in parent.children() {
        let from = spans.start[child as usize].clamp(start, end);
        let to = spans.end[child as usize].clamp(from, end);
        if from > covered_to {
            own += from - covered_to;
        }
        covered_to = covered_to.max(to);
    }
    Nanos(own + (end - covered_to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    fn check(lines: &str, expected: u64) {
        let store = sample::draw(lines);
        assert_eq!(self_time(&store, 0), Nanos(expected), "{lines}");
    }

    #[test]
    fn children_are_subtracted_once() {
        check("1 - 100 126 a root", 26);
        check(
            "1 - 100 126 a root\n 2 1 103 109 a x\n 3 1 105 109 a y\n 4 1 115 122 a z",
            13,
        );
        check("1 - 100 110 a root\n 2 1 100 110 a x", 0);
        check("1 - 100 110 a root\n 2 1 100 105 a x\n 3 1 105 110 a y", 0);
        check(
            "1 - 100 110 a root\n 2 1 102 108 a x\n 3 1 103 104 a inside",
            4,
        );
    }

    #[test]
    fn what_is_outside_does_not_count() {
        check("1 - 100 110 a root\n 2 1 90 102 a early", 8);
        check("1 - 100 110 a root\n 2 1 108 300 a late", 8);
        check("1 - 100 110 a root\n 2 1 200 300 a after", 10);
        check("1 - 100 110 a root\n 2 1 50 60 a before", 10);
        check("1 - 100 110 a root\n 2 1 90 300 a around", 0);
        check(
            "1 - 100 110 a root\n 2 1 101 109 a x\n 3 2 101 103 a grandchild",
            2,
        );
    }

    #[test]
    fn broken_times_stay_in_bounds() {
        check("1 - 100 40 a negative", 0);
        check("1 - 100 40 a negative\n 2 1 50 60 a x", 0);
        check("1 - 100 110 a root\n 2 1 108 102 a negative", 10);
        check(
            "1 - 5 18446744073709551615 a root\n 2 1 7 9 a x",
            u64::MAX - 7,
        );
    }
}

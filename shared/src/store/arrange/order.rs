//! Depth-first order: traces by arrival, roots and children by start; roots that name the same missing parent stand together,
//! where the first of them does.
//!
//! **Invariant:** takes a forest (circles are cut before) and recurses nowhere.

use super::in_parts;
use crate::{
    order::sort_rows_by_key,
    store::{NO_SPAN, builder::StoreBuilder},
};

/// The new order, and what follows from it; all but `order` are in the new rows.
pub(super) struct Ordered {
    /// Old row of each new row.
    pub order: Vec<u32>,
    pub parent: Vec<u32>,
    pub descendants: Vec<u32>,
    pub depth: Vec<u32>,
    /// First row of each trace, and the number of spans as the last element.
    pub first_span: Vec<u32>,
}

pub(super) fn depth_first(builder: &StoreBuilder, parent: &[u32]) -> Ordered {
    let count = parent.len();
    let traces = builder.trace_ids.len();
    let (first_child, children) = children_by_start(builder, parent);
    let mut ordered = Ordered {
        order: Vec::with_capacity(count),
        parent: Vec::with_capacity(count),
        descendants: vec![0; count],
        depth: Vec::with_capacity(count),
        first_span: Vec::with_capacity(traces + 1),
    };
    // Each entry is the rest of one list of siblings, with their parent's new row and their depth.
    let mut stack: Vec<(core::ops::Range<u32>, u32, u32)> = Vec::new();
    let mut trace = 0;
    in_parts(0..count, &mut |rows| {
        for new in rows {
            let (at, parent, depth) = loop {
                match stack.last_mut() {
                    Some((siblings, parent, depth)) => match siblings.next() {
                        Some(at) => break (at as usize, *parent, *depth),
                        None => stack.truncate(stack.len() - 1),
                    },
                    None => {
                        ordered.first_span.push(new as u32);
                        stack.push((list(&first_child, count + trace), NO_SPAN, 0));
                        trace += 1;
                    }
                }
            };
            let old = children[at];
            ordered.order.push(old);
            ordered.parent.push(parent);
            ordered.depth.push(depth);
            let below = list(&first_child, old as usize);
            if !below.is_empty() {
                stack.push((below, new as u32, depth + 1));
            }
        }
    });
    // Traces without spans, and the end of the last one.
    ordered.first_span.resize(traces + 1, count as u32);
    // Children come after their parent: one pass from the end sums up the subtrees.
    in_parts(0..count, &mut |rows| {
        for row in rows.map(|row| count - 1 - row) {
            let parent = ordered.parent[row];
            if parent != NO_SPAN {
                ordered.descendants[parent as usize] += ordered.descendants[row] + 1;
            }
        }
    });
    ordered
}

fn list(first_child: &[u32], at: usize) -> core::ops::Range<u32> {
    first_child[at]..first_child[at + 1]
}

/// All lists of siblings in one array: the children of span `s` are list `s`, the roots of trace `t` list `count + t`.
fn children_by_start(builder: &StoreBuilder, parent: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let count = parent.len();
    let list_of = |row: usize| match parent[row] {
        NO_SPAN => count + builder.span_trace[row] as usize,
        parent => parent as usize,
    };
    let mut first_child = vec![0u32; count + builder.trace_ids.len() + 1];
    in_parts(0..count, &mut |rows| {
        for row in rows {
            first_child[list_of(row) + 1] += 1;
        }
    });
    let mut before = 0;
    in_parts(0..first_child.len(), &mut |lists| {
        for length in &mut first_child[lists] {
            before += *length;
            *length = before;
        }
    });
    let mut next = first_child.clone();
    let mut children = vec![0u32; count];
    in_parts(0..count, &mut |rows| {
        for row in rows {
            let slot = &mut next[list_of(row)];
            children[*slot as usize] = row as u32;
            *slot += 1;
        }
    });
    drop(next);
    in_parts(0..first_child.len() - 1, &mut |lists| {
        for at in lists {
            let siblings = &mut children[first_child[at] as usize..first_child[at + 1] as usize];
            sort_by_start(siblings, &builder.spans.start);
            if at >= count {
                stand_together(siblings, &builder.spans.parent_span_id);
            }
        }
    });
    (first_child, children)
}

/// Brings roots that name the same parent to the first of them. Who wrote the data chose the ids: they are sorted, not hashed.
#[inline(never)]
fn stand_together(roots: &mut [u32], named: &[u64]) {
    let parent = |place: u32| named[roots[place as usize] as usize];
    let mut places: Vec<u32> = (0..roots.len() as u32)
        .filter(|&at| parent(at) != 0)
        .collect();
    // With two nothing stands between them.
    if roots.len() < 3 || places.len() < 2 {
        return;
    }
    sort_rows_by_key(&mut places, |place| (parent(place), place));
    let mut goes_to: Vec<u32> = (0..roots.len() as u32).collect();
    for same in places.chunk_by(|&a, &b| parent(a) == parent(b)) {
        same.iter()
            .for_each(|&place| goes_to[place as usize] = same[0]);
    }
    if goes_to.is_sorted() {
        return;
    }
    let mut order: Vec<u32> = (0..roots.len() as u32).collect();
    sort_rows_by_key(&mut order, |place| (goes_to[place as usize], place));
    let ordered: Vec<u32> = order.iter().map(|&place| roots[place as usize]).collect();
    roots.copy_from_slice(&ordered);
}

fn sort_by_start(siblings: &mut [u32], starts: &[u64]) {
    let start = |row: u32| starts[row as usize];
    // Arrival breaks ties, so the order does not depend on the sort.
    if !siblings.is_sorted_by_key(|&row| start(row)) {
        siblings.sort_unstable_by_key(|&row| (start(row), row));
    }
}

//! Who has the time on the path: per service, or per service and span name.
//!
//! **Invariant:** the sums of either table are the path's whole length; linear in the path but for the order of the table.

use std::cmp::Reverse;

use hashbrown::HashMap;

use super::CriticalPath;
use crate::{order::sort_rows_by_key, store::TraceStore, strings::StrIdx, time::Nanos};

/// The time that the spans of a service, or of one name of it, have on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathTime {
    /// Index of the service.
    pub service: u32,
    /// The span name; `None` for all spans of the service.
    pub name: Option<StrIdx>,
    /// Time on the path.
    pub time: Nanos,
    /// How many spans of them are on the path.
    pub spans: u32,
    /// The one with the most time on it; of equal ones the first.
    pub most: u32,
    /// How much that is.
    pub most_time: Nanos,
}

impl CriticalPath {
    /// Time on the path per service, the longest first; equal ones by index.
    pub fn by_service(&self, store: &TraceStore) -> Vec<PathTime> {
        grouped(self, store, &|_| None)
    }

    /// Time on the path per service and span name, the longest first; equal ones by index.
    pub fn by_name(&self, store: &TraceStore) -> Vec<PathTime> {
        grouped(self, store, &|span| {
            Some(StrIdx(store.spans().name[span as usize]))
        })
    }
}

// Not inlined: the viewer keeps it in a part of its own.
#[inline(never)]
fn grouped(
    path: &CriticalPath,
    store: &TraceStore,
    name: &dyn Fn(u32) -> Option<StrIdx>,
) -> Vec<PathTime> {
    let mut sums: Vec<PathTime> = Vec::new();
    let mut known: HashMap<(u32, Option<u32>), usize> = HashMap::new();
    for own in path
        .by_span
        .chunk_by(|&a, &b| path.span_of(a) == path.span_of(b))
    {
        let span = path.span_of(own[0]);
        let time = Nanos(
            own.iter()
                .map(|&at| path.sections[at as usize].len().0)
                .sum(),
        );
        let (service, name) = (store.service_of(span), name(span));
        let at = *known
            .entry((service, name.map(|name| name.0)))
            .or_insert(sums.len());
        if at == sums.len() {
            sums.push(PathTime {
                service,
                name,
                time: Nanos(0),
                spans: 0,
                most: span,
                most_time: Nanos(0),
            });
        }
        let sum = &mut sums[at];
        sum.time.0 += time.0;
        sum.spans += 1;
        if time > sum.most_time {
            (sum.most, sum.most_time) = (span, time);
        }
    }
    let mut rows: Vec<u32> = (0..sums.len() as u32).collect();
    sort_rows_by_key(&mut rows, |at| {
        let sum = &sums[at as usize];
        (Reverse(sum.time), sum.service, sum.name.map(|name| name.0))
    });
    rows.into_iter().map(|at| sums[at as usize]).collect()
}

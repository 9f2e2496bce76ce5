//! Who has the time on the path: per service, and per service and span name.
//!
//! **Invariant:** the sums of either table are the path's whole length.

use std::cmp::Reverse;

use super::CriticalPath;
use crate::{order::sort_rows, store::TraceStore, strings::StrIdx, time::Nanos};

/// The time that the spans of one name and service have on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameTime {
    /// Index of the service.
    pub service: u32,
    /// The span name.
    pub name: StrIdx,
    /// Time on the path.
    pub time: Nanos,
    /// How many spans of them are on the path.
    pub spans: u32,
}

impl CriticalPath {
    /// Time on the path per service index, the longest first.
    pub fn by_service(&self, store: &TraceStore) -> Vec<(u32, Nanos)> {
        let sums = self.grouped(store, &|_| 0);
        sums.iter().map(|sum| (sum.service, sum.time)).collect()
    }

    /// Time on the path per service and span name, the longest first.
    pub fn by_name(&self, store: &TraceStore) -> Vec<NameTime> {
        self.grouped(store, &|span| store.spans().name[span as usize])
    }

    fn grouped(&self, store: &TraceStore, name: &dyn Fn(u32) -> u32) -> Vec<NameTime> {
        let key = |at: u32| {
            let span = self.sections[at as usize].span;
            (store.service_of(span), name(span), span)
        };
        let mut order = self.by_span.clone();
        sort_rows(&mut order, &|a, b| key(a).cmp(&key(b)));
        let mut sums: Vec<NameTime> = Vec::new();
        let mut before = None;
        for at in order {
            let (service, name, span) = key(at);
            let time = self.sections[at as usize].len();
            let name = StrIdx(name);
            let other_span = before != Some(span);
            before = Some(span);
            match sums.last_mut() {
                Some(sum) if (sum.service, sum.name) == (service, name) => {
                    sum.time.0 += time.0;
                    sum.spans += u32::from(other_span);
                }
                _ => sums.push(NameTime {
                    service,
                    name,
                    time,
                    spans: 1,
                }),
            }
        }
        let mut rows: Vec<u32> = (0..sums.len() as u32).collect();
        sort_rows(&mut rows, &|a, b| {
            let time = |at: u32| Reverse(sums[at as usize].time);
            time(a).cmp(&time(b))
        });
        rows.into_iter().map(|at| sums[at as usize]).collect()
    }
}

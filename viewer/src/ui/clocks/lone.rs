//! Clocks of a trace whose offset cannot be told, and why not.
//!
//! **Invariant:** one walk over the spans of the trace; says what was seen and nothing of what it may mean for the times.

use throughline_model::{
    analysis::skew::Skew,
    store::{SpanKind, TraceStore},
    time::Nanos,
};

use crate::ui::format;

/// A clock that was compared with no other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lone {
    /// Its number.
    pub clock: u32,
    /// Others are compared with it: it is the root span's.
    pub reference: bool,
    /// Calls between it and other clocks, from a client to a server.
    calls: u64,
    /// Other spans of it that stand below spans of other clocks, or above them.
    others: u64,
    /// How far a span of it begins before or after its parent's time, at most; or one below it of another clock.
    outside: u64,
}

impl Lone {
    /// Why its offset is not known.
    pub fn words(&self) -> String {
        if self.reference {
            return "the root span's clock: the others are compared with it".to_owned();
        }
        let mut words = match (self.calls, self.others) {
            (0, 0) => "no span of it stands above or below one of another clock".to_owned(),
            (0, others) => format!(
                "no call of a client to a server; {} beside other clocks, which may be asynchronous",
                format::counted(others, "span")
            ),
            (calls, _) => format!(
                "{} with other clocks, but no server's time fits into its client's: it is longer, or a time is missing",
                format::counted(calls, "call")
            ),
        };
        if self.outside > 0 {
            words.push_str(&format!(
                "; begins up to {} outside of its parent",
                Nanos(self.outside)
            ));
        }
        words
    }
}

/// The clocks of the trace's spans that were compared with no other, in the order in which they come.
pub(super) fn clocks(store: &TraceStore, trace: u32, skew: &Skew) -> Vec<Lone> {
    let trace = store.trace(trace);
    let known = skew.clocks();
    let mut found: Vec<Option<Lone>> = vec![None; known.len()];
    let root = skew.clock_of(trace.root().resource().idx());
    for span in trace.spans() {
        let row = store.span(span);
        let Some(clock) = skew.clock_of(row.resource().idx()) else {
            continue;
        };
        if let Some(place) = found.get_mut(clock as usize)
            && place.is_none()
        {
            *place = Some(Lone {
                clock,
                reference: root == Some(clock),
                ..Lone::default()
            });
        }
        let Some(parent) = row.parent().map(|parent| store.span(parent)) else {
            continue;
        };
        let above = skew.clock_of(parent.resource().idx());
        if above == Some(clock) {
            continue;
        }
        let call = parent.kind() == SpanKind::Client && row.kind() == SpanKind::Server;
        let (start, from, to) = (row.start().0, parent.start().0, parent.end().0);
        let given = start > 0 && from > 0;
        let outside = from.saturating_sub(start).max(start.saturating_sub(to));
        for clock in [Some(clock), above].into_iter().flatten() {
            let Some(Some(lone)) = found.get_mut(clock as usize) else {
                continue;
            };
            lone.calls += u64::from(call);
            lone.others += u64::from(!call);
            lone.outside = lone.outside.max(if given { outside } else { 0 });
        }
    }
    let compared = |lone: &Lone| {
        known
            .get(lone.clock as usize)
            .is_some_and(|clock| clock.by.is_some())
    };
    let lone = found.into_iter().flatten().filter(|lone| !compared(lone));
    let mut lone: Vec<Lone> = lone.collect();
    lone.sort_by_key(|lone| (!lone.reference, std::cmp::Reverse(lone.outside)));
    lone
}

//! Which fields a trace has and how often: counted once, in bits, for whoever must not be held up.
//!
//! **Invariant:** in however many bits, the counts are the same; linear in the rows.

use core::ops::Range;

use super::{Field, Holder, complete::VALUE_MAX};
use crate::{
    store::{Range as Rows, TraceStore},
    strings::StrIdx,
};

/// The attributes that a trace has, and how many spans, events or links have each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownFields {
    pub(super) fields: Vec<(Field, u64)>,
}

impl KnownFields {
    /// Of a trace.
    pub fn of_trace(store: &TraceStore, trace: u32) -> Self {
        let mut work = FieldWork::new(store, trace);
        while !work.go(u32::MAX) {}
        work.finish()
    }
}

/// Fields that are being counted.
pub struct FieldWork<'s> {
    store: &'s TraceStore,
    spans: Range<u32>,
    /// The spans of each resource and scope.
    resources: Vec<u64>,
    scopes: Vec<u64>,
    /// By key, of spans, events and links.
    own: Counts,
    events: Counts,
    links: Counts,
}

/// How often each key is there, by its handle.
struct Counts(Vec<u64>);

impl Counts {
    fn new(store: &TraceStore) -> Self {
        Self(vec![0; store.strings().len()])
    }

    fn add(&mut self, store: &TraceStore, rows: [u32; 2], count: u64) {
        for &key in &store.attributes().key[Rows::from_pair(rows).rows()] {
            self.0[key as usize] += count;
        }
    }

    fn into_fields(self, store: &TraceStore, holder: Holder, fields: &mut Vec<(Field, u64)>) {
        for (handle, count) in (0..).zip(self.0).filter(|(_, count)| *count > 0) {
            let key = store.str(StrIdx(handle));
            if key.len() <= VALUE_MAX && !key.is_empty() {
                fields.push((Field::Attribute(holder, key.to_owned()), count));
            }
        }
    }
}

impl<'s> FieldWork<'s> {
    /// Of a trace.
    pub fn new(store: &'s TraceStore, trace: u32) -> Self {
        Self {
            store,
            spans: store.trace(trace).spans(),
            resources: vec![0; store.resources().attributes.len()],
            scopes: vec![0; store.scopes().attributes.len()],
            own: Counts::new(store),
            events: Counts::new(store),
            links: Counts::new(store),
        }
    }

    /// Goes on for so many spans; true when all are counted.
    pub fn go(&mut self, steps: u32) -> bool {
        let end = self.spans.end.min(self.spans.start.saturating_add(steps));
        for span in self.spans.start..end {
            self.span(span as usize);
        }
        self.spans.start = end;
        end == self.spans.end
    }

    // Not inlined: browsers make a function fast between two calls of it, and a loop in one never.
    #[inline(never)]
    fn span(&mut self, span: usize) {
        let (store, spans) = (self.store, self.store.spans());
        self.own.add(store, spans.attributes[span], 1);
        self.resources[spans.resource[span] as usize] += 1;
        self.scopes[spans.scope[span] as usize] += 1;
        for row in Rows::from_pair(spans.events[span]).rows() {
            self.events.add(store, store.events().attributes[row], 1);
        }
        for row in Rows::from_pair(spans.links[span]).rows() {
            self.links.add(store, store.links().attributes[row], 1);
        }
    }

    /// What was found.
    pub fn finish(self) -> KnownFields {
        let store = self.store;
        let shared = |lists: &[[u32; 2]], counts: &[u64]| {
            let mut all = Counts::new(store);
            for (&rows, &count) in lists.iter().zip(counts) {
                all.add(store, rows, count);
            }
            all
        };
        let resources = shared(&store.resources().attributes, &self.resources);
        let scopes = shared(&store.scopes().attributes, &self.scopes);
        let mut fields = Vec::new();
        for (counts, holder) in [
            (self.own, Holder::Any),
            (resources, Holder::Resource),
            (scopes, Holder::Scope),
            (self.events, Holder::Event),
            (self.links, Holder::Link),
        ] {
            counts.into_fields(store, holder, &mut fields);
        }
        KnownFields { fields }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    #[test]
    fn in_bits_it_is_the_same() {
        let store = sample::store();
        let expected = KnownFields::of_trace(&store, 0);
        assert!(!expected.fields.is_empty());
        for steps in 1..4 {
            let mut work = FieldWork::new(&store, 0);
            while !work.go(steps) {}
            assert_eq!(work.finish(), expected, "{steps}");
        }
    }
}

//! From [`Expr`] to rows: one bitmap a term, joined word by word.
//!
//! Spans stand in depth-first order, so relatives are found in one pass over the parents: forwards what comes from
//! above, backwards what comes from below.
//!
//! **Invariant:** linear in the spans for every term; no recursion on the tree.

use core::ops::Range;

use super::{
    Check, Expr, Field, Holder, Intrinsic, Literal, Op, Relation,
    field::Sort,
    matcher::{Matcher, handle_of, regex},
};
use crate::{
    analysis::{find::Term, occurrences::Occurrences, self_time::self_time},
    bits::Bits,
    ids::TraceId,
    store::{NO_SPAN, Range as Rows, TraceStore, Value},
};

/// The rows of `spans`, which are those of one trace, that match; ascending.
pub fn evaluate(store: &TraceStore, spans: Range<u32>, expr: &Expr) -> Vec<u32> {
    evaluate_with(None, store, spans, expr)
}

/// The same; with what is known of texts, they are found without looking at every value.
pub fn evaluate_with(
    known: Option<&Occurrences>,
    store: &TraceStore,
    spans: Range<u32>,
    expr: &Expr,
) -> Vec<u32> {
    if spans.is_empty() {
        return Vec::new();
    }
    let run = Run {
        store,
        known,
        first: spans.start as usize,
        len: spans.len(),
        trace: store.trace_of(spans.start) as usize,
    };
    let mut rows = Vec::new();
    run.expr(expr, &Bits::all(run.len))
        .each(&mut |at| rows.push(spans.start + at as u32));
    rows
}

struct Run<'s> {
    store: &'s TraceStore,
    known: Option<&'s Occurrences>,
    first: usize,
    len: usize,
    trace: usize,
}

impl Run<'_> {
    /// Which of some spans match: whatever is asked in addition is asked of those that are left.
    fn expr(&self, expr: &Expr, among: &Bits) -> Bits {
        match expr {
            Expr::Every => among.clone(),
            Expr::Text(text) => {
                Term::of(self.store, self.known, text).among(self.store, self.first, among)
            }
            Expr::Root => self.those(among, &mut |span| {
                self.store.spans().parent[span] == NO_SPAN
            }),
            Expr::Test(field, check) => match field {
                Field::Own(intrinsic) => self.own(*intrinsic, check, among),
                Field::Attribute(holder, key) => self.attribute(*holder, key, check, among),
            },
            Expr::Related(relation, inner) => {
                let relatives = self.expr(inner, &Bits::all(self.len));
                let mut bits = self.related(*relation, &relatives);
                bits.keep(among);
                bits
            }
            Expr::Not(inner) => among.without(&self.expr(inner, among)),
            Expr::And(list) => {
                let mut bits = among.clone();
                for expr in list {
                    if bits.is_empty() {
                        break;
                    }
                    bits = self.expr(expr, &bits);
                }
                bits
            }
            Expr::Or(list) => {
                let mut left = among.clone();
                for expr in list {
                    left = left.without(&self.expr(expr, &left));
                }
                among.without(&left)
            }
        }
    }

    fn those(&self, among: &Bits, test: &mut dyn FnMut(usize) -> bool) -> Bits {
        among.those(&mut |at| test(self.first + at))
    }

    /// Turns from those that match to those that have a relative that does.
    fn related(&self, relation: Relation, inner: &Bits) -> Bits {
        let parents = &self.store.spans().parent[self.first..self.first + self.len];
        let mut bits = Bits::none(self.len);
        // A parent outside of the spans is none.
        let above = |at: usize| (parents[at] as usize).checked_sub(self.first);
        let parent = |at: usize| above(at).filter(|parent| *parent < at);
        match relation {
            Relation::Parent => {
                return Bits::of(self.len, &mut |at| {
                    parent(at).is_some_and(|parent| inner.has(parent))
                });
            }
            Relation::Child => inner.each(&mut |at| {
                if let Some(parent) = parent(at) {
                    bits.set(parent);
                }
            }),
            Relation::Ancestor => {
                for at in 0..self.len {
                    if parent(at).is_some_and(|parent| inner.has(parent) || bits.has(parent)) {
                        bits.set(at);
                    }
                }
            }
            Relation::Descendant => {
                for at in (0..self.len).rev() {
                    if let Some(parent) = parent(at)
                        && (inner.has(at) || bits.has(at))
                    {
                        bits.set(parent);
                    }
                }
            }
            Relation::Root => {
                for at in 0..self.len {
                    if parent(at).map_or_else(|| inner.has(at), |parent| bits.has(parent)) {
                        bits.set(at);
                    }
                }
            }
        }
        bits
    }

    fn own(&self, field: Intrinsic, check: &Check, among: &Bits) -> Bits {
        let spans = self.store.spans();
        let (op, literal) = match check {
            Check::Exists => return self.own_exists(field, among),
            Check::Is(op, literal) => (*op, literal),
        };
        let bits = match field.sort() {
            Sort::Names(names) => {
                let fits = named(names, op, literal);
                let column = match field {
                    Intrinsic::Kind => &spans.kind,
                    _ => &spans.status,
                };
                self.those(among, &mut |span| {
                    fits.get(column[span] as usize).copied().unwrap_or(false)
                })
            }
            Sort::Hex(_) => return self.ids(field, op, literal, among),
            Sort::Time | Sort::Count => {
                let mut matcher = self.matcher(op, literal);
                self.those(among, &mut |span| matcher.whole(self.number(field, span)))
            }
            Sort::Text | Sort::Open if field == Intrinsic::EventName => {
                let mut matcher = self.matcher(op, literal);
                let names = &self.store.events().name;
                return self.several(op, among, &spans.events, &mut |row| {
                    matcher.handle(names[row])
                });
            }
            Sort::Text | Sort::Open => {
                let mut matcher = self.matcher(op, literal);
                self.those(among, &mut |span| matcher.handle(self.text(field, span)))
            }
        };
        match op.is_negative() {
            true => among.without(&bits),
            false => bits,
        }
    }

    fn matcher(&self, op: Op, literal: &Literal) -> Matcher<'_> {
        let traces = self.store.traces();
        let whole = traces.end[self.trace].saturating_sub(traces.start[self.trace]);
        Matcher::new(self.store, op, literal, whole)
    }

    /// Fields of which a span has several: one must pass, or, for a negation, none of at least one.
    fn several(
        &self,
        op: Op,
        among: &Bits,
        column: &[[u32; 2]],
        passes: &mut dyn FnMut(usize) -> bool,
    ) -> Bits {
        self.those(among, &mut |span| {
            let mut rows = Rows::from_pair(column[span]).rows();
            match op.is_negative() {
                true => !rows.is_empty() && !rows.any(&mut *passes),
                false => rows.any(&mut *passes),
            }
        })
    }

    fn own_exists(&self, field: Intrinsic, among: &Bits) -> Bits {
        let spans = self.store.spans();
        self.those(among, &mut |span| match field {
            Intrinsic::Kind => spans.kind[span] != 0,
            Intrinsic::Status => spans.status[span] != 0,
            Intrinsic::Id => spans.span_id[span] != 0,
            Intrinsic::ParentId => spans.parent_span_id[span] != 0,
            Intrinsic::Start => spans.start[span] != 0,
            Intrinsic::End => spans.end[span] != 0,
            Intrinsic::EventName => spans.events[span][1] != 0,
            Intrinsic::LinkTraceId | Intrinsic::LinkSpanId => spans.links[span][1] != 0,
            Intrinsic::Events | Intrinsic::Links | Intrinsic::Children | Intrinsic::Descendants => {
                self.number(field, span) != 0
            }
            Intrinsic::Duration | Intrinsic::SelfTime | Intrinsic::Depth => true,
            _ => self.text(field, span) != 0,
        })
    }

    /// The handle of a text.
    fn text(&self, field: Intrinsic, span: usize) -> u32 {
        let (store, spans) = (self.store, self.store.spans());
        let scope = || spans.scope[span] as usize;
        match field {
            Intrinsic::Name => spans.name[span],
            Intrinsic::Service => {
                let service = store.resources().service[spans.resource[span] as usize];
                store.services.get(service as usize).copied().unwrap_or(0)
            }
            Intrinsic::StatusMessage => spans.status_message[span],
            Intrinsic::TraceState => spans.trace_state[span],
            Intrinsic::ScopeName => store.scopes().name[scope()],
            Intrinsic::ScopeVersion => store.scopes().version[scope()],
            _ => 0,
        }
    }

    fn number(&self, field: Intrinsic, span: usize) -> u64 {
        let spans = self.store.spans();
        let start = self.store.traces().start[self.trace];
        match field {
            Intrinsic::Duration => spans.end[span].saturating_sub(spans.start[span]),
            Intrinsic::SelfTime => self_time(self.store, span as u32).0,
            Intrinsic::Start => spans.start[span].saturating_sub(start),
            Intrinsic::End => spans.end[span].saturating_sub(start),
            Intrinsic::Depth => u64::from(spans.depth[span]),
            Intrinsic::Children => self.store.span(span as u32).children().count() as u64,
            Intrinsic::Descendants => u64::from(spans.descendants[span]),
            Intrinsic::Events => u64::from(spans.events[span][1]),
            Intrinsic::Links => u64::from(spans.links[span][1]),
            _ => 0,
        }
    }

    fn ids(&self, field: Intrinsic, op: Op, literal: &Literal, among: &Bits) -> Bits {
        let Some(TraceId(wanted)) = TraceId::from_hex(literal.text.as_bytes()) else {
            return Bits::none(self.len);
        };
        let (spans, links) = (self.store.spans(), self.store.links());
        let column = match field {
            Intrinsic::LinkTraceId => {
                return self.several(op, among, &spans.links, &mut |row| {
                    links.trace_id[row] == wanted
                });
            }
            Intrinsic::LinkSpanId => {
                return self.several(op, among, &spans.links, &mut |row| {
                    u128::from(links.span_id[row]) == wanted
                });
            }
            Intrinsic::ParentId => &spans.parent_span_id,
            _ => &spans.span_id,
        };
        self.those(among, &mut |span| {
            (u128::from(column[span]) == wanted) != op.is_negative()
        })
    }

    fn attribute(&self, holder: Holder, key: &str, check: &Check, among: &Bits) -> Bits {
        let Some(key) = handle_of(self.store.strings(), key) else {
            return Bits::none(self.len);
        };
        let mut test = Attribute {
            store: self.store,
            key,
            negative: matches!(check, Check::Is(op, _) if op.is_negative()),
            matcher: match check {
                Check::Exists => None,
                Check::Is(op, literal) => Some(self.matcher(*op, literal)),
            },
        };
        let store = self.store;
        let spans = store.spans();
        let each = |test: &mut Attribute<'_>, lists: &[[u32; 2]]| -> Vec<Found> {
            lists.iter().map(|list| test.look(*list)).collect()
        };
        let of_resources = match holder {
            Holder::Any | Holder::Resource => each(&mut test, &store.resources().attributes),
            _ => Vec::new(),
        };
        let of_scopes = match holder {
            Holder::Scope => each(&mut test, &store.scopes().attributes),
            _ => Vec::new(),
        };
        self.those(among, &mut |span| {
            let found = match holder {
                Holder::Resource => of_resources[spans.resource[span] as usize],
                Holder::Scope => of_scopes[spans.scope[span] as usize],
                Holder::Span => test.look(spans.attributes[span]),
                Holder::Any => {
                    let resource = of_resources[spans.resource[span] as usize];
                    test.look(spans.attributes[span]).with(resource)
                }
                Holder::Event | Holder::Link => {
                    let (rows, lists) = match holder {
                        Holder::Event => (spans.events[span], &store.events().attributes),
                        _ => (spans.links[span], &store.links().attributes),
                    };
                    let rows = Rows::from_pair(rows).rows();
                    rows.fold(Found::default(), |found, row| {
                        found.with(test.look(lists[row]))
                    })
                }
            };
            match test.negative {
                true => found.there && !found.passes,
                false => found.passes,
            }
        })
    }
}

/// Which of the names a comparison means, by number.
fn named(names: &[&str], op: Op, literal: &Literal) -> Vec<bool> {
    let pattern = match op {
        Op::Matches | Op::MatchesNot => regex(&literal.text).ok(),
        _ => None,
    };
    let fits = |name: &&str| match &pattern {
        Some(pattern) => pattern.is_match(name),
        None => name.eq_ignore_ascii_case(&literal.text),
    };
    names.iter().map(fits).collect()
}

/// What a list of attributes says to a test.
#[derive(Clone, Copy, Default)]
struct Found {
    /// The key is there.
    there: bool,
    /// A value of it passes, or none is asked for.
    passes: bool,
}

impl Found {
    fn with(self, other: Self) -> Self {
        Self {
            there: self.there || other.there,
            passes: self.passes || other.passes,
        }
    }
}

struct Attribute<'s> {
    store: &'s TraceStore,
    key: u32,
    negative: bool,
    /// `None` when the key alone is asked for.
    matcher: Option<Matcher<'s>>,
}

impl Attribute<'_> {
    fn look(&mut self, list: [u32; 2]) -> Found {
        let table = self.store.attributes();
        let mut found = Found::default();
        for row in Rows::from_pair(list).rows() {
            if table.key[row] == self.key {
                found.there = true;
                found.passes |= match &mut self.matcher {
                    Some(matcher) => {
                        matcher.value(Value::unpack(table.kind[row], table.payload[row]))
                    }
                    None => true,
                };
            }
        }
        found
    }
}

//! Finds each span's parent by id, and cuts circles.
//!
//! Ids can occur twice in a trace: by mistake, or because Zipkin's client and server share one. Then the rules are:
//! the server's half is a child of the client's; a child belongs to the candidate of its own service, else to the
//! server's half, else to the first.
//!
//! **Invariant:** works on rows in the order of arrival; gives a forest whatever the input was.

use hashbrown::HashTable;

use super::in_parts;
use crate::{
    issues::IssueKind,
    store::{NO_SPAN, SpanKind, SpanMarks, builder::StoreBuilder},
    strings::mix,
};

/// The parent's row of each span, or [`NO_SPAN`]. Marks orphans, duplicates and cut circles on the way.
pub(super) fn resolve(builder: &mut StoreBuilder) -> Vec<u32> {
    let index = SpanIndex::new(builder);
    mark_duplicates(builder, &index);
    let mut self_parents = 0;
    let count = builder.span_count();
    let mut parent: Vec<u32> = Vec::with_capacity(count);
    in_parts(0..count, &mut |rows| {
        for at in rows {
            let found = match parent_of(builder, &index, at as u32) {
                Found::Row(found) => found,
                Found::Root => NO_SPAN,
                Found::Itself => {
                    self_parents += 1;
                    NO_SPAN
                }
                Found::Nothing => {
                    builder.spans.marks[at] |= SpanMarks::ORPHAN.0;
                    NO_SPAN
                }
            };
            parent.push(found);
        }
    });
    builder.issues.set_source(0);
    builder.issues.add_many(IssueKind::SelfParent, self_parents);
    cut_circles(builder, &mut parent);
    parent
}

enum Found {
    Row(u32),
    Root,
    Itself,
    Nothing,
}

fn parent_of(builder: &StoreBuilder, index: &SpanIndex, row: u32) -> Found {
    let at = row as usize;
    let (own_id, parent_id) = (builder.spans.span_id[at], builder.spans.parent_span_id[at]);
    if let Some(client) = is_server_half(builder, index, row) {
        Found::Row(client)
    } else if parent_id == 0 {
        Found::Root
    } else if parent_id == own_id {
        Found::Itself
    } else {
        index
            .best(builder, row, parent_id)
            .map_or(Found::Nothing, Found::Row)
    }
}

/// From (trace, span id) to rows: the table holds the first row, `next` the further ones.
struct SpanIndex {
    table: HashTable<u32>,
    next: Vec<u32>,
}

fn hash((trace, id): (u32, u64)) -> u64 {
    mix(mix(u64::from(trace), id), id)
}

impl SpanIndex {
    fn new(builder: &StoreBuilder) -> Self {
        let count = builder.span_count();
        let mut table: HashTable<u32> = HashTable::with_capacity(count);
        let mut next = Vec::new();
        let mut last: hashbrown::HashMap<u32, u32> = hashbrown::HashMap::new();
        let key = |row: u32| {
            (
                builder.span_trace[row as usize],
                builder.spans.span_id[row as usize],
            )
        };
        in_parts(0..count, &mut |rows| {
            for row in rows.start as u32..rows.end as u32 {
                let wanted = key(row);
                if wanted.1 == 0 {
                    continue;
                }
                let hashed = hash(wanted);
                match table.find(hashed, |&known| key(known) == wanted) {
                    Some(&first) => {
                        // Chains are rare: their memory is spent only when there is one.
                        next.resize(count, NO_SPAN);
                        let tail = last.insert(first, row).unwrap_or(first);
                        next[tail as usize] = row;
                    }
                    None => {
                        table.insert_unique(hashed, row, |&known| hash(key(known)));
                    }
                }
            }
        });
        Self { table, next }
    }

    fn rows(&self, builder: &StoreBuilder, trace: u32, id: u64) -> impl Iterator<Item = u32> {
        let key = |row: u32| {
            (
                builder.span_trace[row as usize],
                builder.spans.span_id[row as usize],
            )
        };
        let hashed = hash((trace, id));
        let first = self
            .table
            .find(hashed, |&known| key(known) == (trace, id))
            .copied();
        core::iter::successors(first, |&row| {
            self.next
                .get(row as usize)
                .copied()
                .filter(|&next| next != NO_SPAN)
        })
    }

    /// The parent among all spans with that id.
    #[inline(never)]
    fn best(&self, builder: &StoreBuilder, row: u32, parent_id: u64) -> Option<u32> {
        let trace = builder.span_trace[row as usize];
        let mut rows = self.rows(builder, trace, parent_id).take(CHAIN_LIMIT);
        let first = rows.next()?;
        let Some(second) = rows.next() else {
            return Some(first);
        };
        let service = |row: u32| {
            let resource = builder.spans.resource[row as usize];
            builder.resources.service[resource as usize]
        };
        let rank = |&candidate: &u32| {
            let same_service = service(candidate) == service(row);
            let server = is_server(builder, candidate);
            u8::from(same_service) * 2 + u8::from(server)
        };
        let all = [first, second]
            .into_iter()
            .chain(rows)
            .filter(|&candidate| candidate != row);
        // `max_by_key` gives the last of equals; the first is wanted.
        all.fold(None, |best: Option<u32>, candidate| match best {
            Some(best) if rank(&best) >= rank(&candidate) => Some(best),
            _ => Some(candidate),
        })
    }
}

/// How many spans of one id are looked at: a file that repeats one id a million times must not take for ever.
const CHAIN_LIMIT: usize = 64;

fn is_server(builder: &StoreBuilder, row: u32) -> bool {
    let at = row as usize;
    builder.spans.kind[at] == SpanKind::Server as u8
        || SpanMarks(builder.spans.marks[at]).has(SpanMarks::SHARED)
}

/// The client's row when this span is the server's half of a shared id.
#[inline(never)]
fn is_server_half(builder: &StoreBuilder, index: &SpanIndex, row: u32) -> Option<u32> {
    let at = row as usize;
    if index.next.is_empty() || !is_server(builder, row) {
        return None;
    }
    let (trace, id) = (builder.span_trace[at], builder.spans.span_id[at]);
    if id == 0 {
        return None;
    }
    let shared = SpanMarks(builder.spans.marks[at]).has(SpanMarks::SHARED);
    // Without the mark only a pair can be two halves: an id that occurs more often is simply not unique.
    if !shared && index.rows(builder, trace, id).nth(2).is_some() {
        return None;
    }
    let mut others = index
        .rows(builder, trace, id)
        .take(CHAIN_LIMIT)
        .filter(|&other| other != row);
    others.find(|&other| {
        let at = other as usize;
        builder.spans.kind[at] == SpanKind::Client as u8
            || shared && !SpanMarks(builder.spans.marks[at]).has(SpanMarks::SHARED)
    })
}

#[inline(never)]
fn mark_duplicates(builder: &mut StoreBuilder, index: &SpanIndex) {
    if index.next.is_empty() {
        return;
    }
    let mut duplicates = 0;
    let followers: Vec<u32> = index
        .next
        .iter()
        .copied()
        .filter(|&row| row != NO_SPAN)
        .collect();
    for row in followers {
        if is_server_half(builder, index, row).is_none() && !is_client_half(builder, index, row) {
            builder.spans.marks[row as usize] |= SpanMarks::DUPLICATE_ID.0;
            duplicates += 1;
        }
    }
    builder.issues.set_source(0);
    builder.issues.clear(IssueKind::DuplicateSpanId);
    builder
        .issues
        .add_many(IssueKind::DuplicateSpanId, duplicates);
}

/// True when some server half belongs to this client: the client may arrive second.
fn is_client_half(builder: &StoreBuilder, index: &SpanIndex, row: u32) -> bool {
    let at = row as usize;
    let (trace, id) = (builder.span_trace[at], builder.spans.span_id[at]);
    let mut others = index
        .rows(builder, trace, id)
        .take(CHAIN_LIMIT)
        .filter(|&other| other != row);
    let client = builder.spans.kind[at] == SpanKind::Client as u8;
    let shared = |row: u32| SpanMarks(builder.spans.marks[row as usize]).has(SpanMarks::SHARED);
    !shared(row) && others.all(|other| shared(other) || client && is_server(builder, other))
}

/// Cuts every circle at its earliest span, which so becomes a root.
fn cut_circles(builder: &mut StoreBuilder, parent: &mut [u32]) {
    // 0 = not seen; otherwise the number of the walk that saw the span.
    let mut seen = vec![0u32; parent.len()];
    let mut circles = 0;
    in_parts(0..parent.len(), &mut |rows| {
        for first in rows.start as u32..rows.end as u32 {
            let walk = first + 1;
            let mut row = first;
            while row != NO_SPAN && seen[row as usize] == 0 {
                seen[row as usize] = walk;
                row = parent[row as usize];
            }
            if row != NO_SPAN && seen[row as usize] == walk {
                cut_circle(builder, parent, row);
                circles += 1;
            }
        }
    });
    builder.issues.set_source(0);
    builder.issues.add_many(IssueKind::ParentCycle, circles);
}

#[cold]
#[inline(never)]
fn cut_circle(builder: &mut StoreBuilder, parent: &mut [u32], row: u32) {
    let starts = &builder.spans.start;
    let mut earliest = row;
    let mut next = parent[row as usize];
    while next != row {
        if (starts[next as usize], next) < (starts[earliest as usize], earliest) {
            earliest = next;
        }
        next = parent[next as usize];
    }
    parent[earliest as usize] = NO_SPAN;
    builder.spans.marks[earliest as usize] |= SpanMarks::CYCLE_CUT.0;
}

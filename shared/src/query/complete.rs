//! What could stand at the cursor: fields, comparisons and values, from the data and counted.
//!
//! **Invariant:** a fixed number of suggestions, most frequent first; a text that is no query yet is completed, too.

use core::ops::Range;

use super::{
    Field, Holder, Intrinsic, Op, Relation,
    field::Sort,
    known::KnownFields,
    lexer::{self, Kind},
    matcher::handle_of,
    print::quoted,
};
use crate::{
    analysis::find::containing,
    order,
    store::{Range as Rows, TraceStore, Value},
    strings::StrIdx,
};

/// How many suggestions are given at most.
pub const SUGGESTIONS_MAX: usize = 50;
/// So many different values are looked at.
const VALUES_MAX: usize = 5_000;
/// A value or key longer than this is not offered, bytes.
pub(super) const VALUE_MAX: usize = 200;

/// Something that could stand in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What to put there.
    pub text: String,
    /// In place of these bytes.
    pub at: Range<usize>,
    /// What it is.
    pub kind: SuggestionKind,
    /// How often the data has it: spans for fields and values of spans and resources, else events, links; 0 = not counted.
    pub count: u64,
}

/// What a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestionKind {
    /// A field.
    Field,
    /// A comparison.
    Operator,
    /// A value of the field.
    Value,
}

/// What could stand in `text` at the byte `cursor`, for one trace.
pub fn complete(store: &TraceStore, trace: u32, text: &str, cursor: usize) -> Vec<Suggestion> {
    complete_with(
        &KnownFields::of_trace(store, trace),
        (store, trace),
        text,
        cursor,
    )
}

/// The same, with the fields of the trace counted before.
pub fn complete_with(
    known: &KnownFields,
    (store, trace): (&TraceStore, u32),
    text: &str,
    cursor: usize,
) -> Vec<Suggestion> {
    let cursor = text.floor_char_boundary(cursor.min(text.len()));
    let spans = store.trace(trace).spans();
    let data = Data {
        store,
        spans,
        known,
    };
    match place(text, cursor) {
        Place::Nowhere => Vec::new(),
        Place::Field(at) => fields(&data, text, at, cursor),
        Place::Operator(field) if data.knows(&field) => operators(&field, cursor),
        Place::Operator(_) => fields(&data, text, cursor..cursor, cursor),
        Place::Value(field, at) => values(&data, &field, text, at, cursor),
        Place::Stage(at) => vec![Suggestion {
            text: "by(".to_owned(),
            at,
            kind: SuggestionKind::Operator,
            count: 0,
        }],
    }
}

enum Place {
    Nowhere,
    Field(Range<usize>),
    Operator(Field),
    Value(Field, Range<usize>),
    /// Behind a `|`.
    Stage(Range<usize>),
}

/// Where in the grammar the cursor is.
fn place(text: &str, cursor: usize) -> Place {
    let mut at = 0;
    // The field that was read last, while a comparison could follow.
    let mut field: Option<Field> = None;
    loop {
        let token = lexer::token(text, at);
        let inside = token.range.start < cursor && cursor <= token.range.end;
        if token.range.start >= cursor {
            return match field {
                Some(field) => Place::Operator(field),
                None => Place::Field(cursor..cursor),
            };
        }
        match token.kind {
            Kind::Word(..) | Kind::And | Kind::Or | Kind::Not if inside => {
                return Place::Field(token.range);
            }
            Kind::Phrase(_) if inside => return Place::Nowhere,
            Kind::Word(word, key) => field = field_of(&word, key.as_deref()),
            Kind::Compare(_) => {
                let start = lexer::skip(text, token.range.end);
                let range = match lexer::phrase(text, start) {
                    Some((_, end)) => start..end,
                    None => lexer::bare_value(text, start),
                };
                if cursor <= range.end || range.is_empty() {
                    let at = if cursor < start {
                        cursor..cursor
                    } else {
                        range
                    };
                    return match field {
                        Some(field) if cursor >= token.range.end => Place::Value(field, at),
                        _ => Place::Nowhere,
                    };
                }
                at = range.end;
                field = None;
                continue;
            }
            Kind::Pipe => {
                return match lexer::by(text, token.range.end) {
                    Some(inner) if inner <= cursor => group_place(text, inner, cursor),
                    _ => Place::Stage(lexer::skip(text, token.range.end).min(cursor)..cursor),
                };
            }
            _ => field = None,
        }
        at = token.range.end;
    }
}

/// Between the brackets of `by(…)`.
fn group_place(text: &str, inner: usize, cursor: usize) -> Place {
    let token = lexer::token(text, inner);
    if token.range.start >= cursor {
        return Place::Field(cursor..cursor);
    }
    match token.kind {
        Kind::Word(..) if cursor <= token.range.end => Place::Field(token.range),
        _ => Place::Nowhere,
    }
}

fn field_of(word: &str, key: Option<&str>) -> Option<Field> {
    Field::of(without_relations(word).1, key)
}

fn without_relations(word: &str) -> (&str, &str) {
    let mut rest = word;
    while let Some(shorter) = Relation::ALL
        .into_iter()
        .find_map(|relation| rest.strip_prefix(relation.prefix()))
    {
        rest = shorter;
    }
    word.split_at(word.len() - rest.len())
}

fn operators(field: &Field, cursor: usize) -> Vec<Suggestion> {
    let ops: &[Op] = match field.sort() {
        Sort::Time | Sort::Count => &[
            Op::Greater,
            Op::GreaterEqual,
            Op::Less,
            Op::LessEqual,
            Op::Equal,
            Op::NotEqual,
        ],
        Sort::Text | Sort::Names(_) => &[Op::Equal, Op::NotEqual, Op::Matches, Op::MatchesNot],
        Sort::Hex(_) => &[Op::Equal, Op::NotEqual],
        Sort::Open => &[
            Op::Equal,
            Op::NotEqual,
            Op::Matches,
            Op::MatchesNot,
            Op::Greater,
            Op::GreaterEqual,
            Op::Less,
            Op::LessEqual,
        ],
    };
    let signs = ops.iter().map(|op| op.sign()).chain(["exists"]);
    let suggestion = |sign: &str| Suggestion {
        text: format!("{sign} "),
        at: cursor..cursor,
        kind: SuggestionKind::Operator,
        count: 0,
    };
    signs.map(suggestion).collect()
}

/// What is offered, before it is sorted and cut.
#[derive(Default)]
struct Offers {
    texts: Vec<String>,
    counts: Vec<u64>,
}

impl Offers {
    fn add(&mut self, text: String, count: u64) {
        self.texts.push(text);
        self.counts.push(count);
    }

    /// Those that contain what is typed, the ones that begin with it first, then by count.
    fn cut(self, typed: &str, at: &Range<usize>, kind: SuggestionKind) -> Vec<Suggestion> {
        let Self { texts, counts } = self;
        let typed = typed.to_lowercase();
        let lower: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        let mut rows: Vec<u32> = (0..texts.len() as u32)
            .filter(|&row| lower[row as usize].contains(&typed))
            .collect();
        order::sort_rows(&mut rows, &|a, b| {
            let (a, b) = (a as usize, b as usize);
            let begins = |row: usize| lower[row].trim_start_matches('"').starts_with(&typed);
            (begins(b).cmp(&begins(a)))
                .then(counts[b].cmp(&counts[a]))
                .then_with(|| texts[a].cmp(&texts[b]))
        });
        let suggestion = |&row: &u32| Suggestion {
            text: texts[row as usize].clone(),
            at: at.clone(),
            kind,
            count: counts[row as usize],
        };
        rows.iter().take(SUGGESTIONS_MAX).map(suggestion).collect()
    }
}

struct Data<'s> {
    store: &'s TraceStore,
    spans: Range<u32>,
    known: &'s KnownFields,
}

impl Data<'_> {
    /// Whether a comparison with a field could find anything.
    fn knows(&self, field: &Field) -> bool {
        match field {
            Field::Own(_) => true,
            Field::Attribute(_, key) => handle_of(self.store.strings(), key).is_some(),
        }
    }

    /// Every list of attributes of a holder and how many spans (or events, links) have it.
    fn lists(&self, holder: Holder, list: &mut dyn FnMut([u32; 2], u64)) {
        let (store, spans) = (self.store, self.store.spans());
        let own = self.spans.start as usize..self.spans.end as usize;
        match holder {
            Holder::Any | Holder::Span => {
                spans.attributes[own].iter().for_each(|&rows| list(rows, 1));
            }
            Holder::Resource | Holder::Scope => {
                let (column, lists) = match holder {
                    Holder::Resource => (&spans.resource, &store.resources().attributes),
                    _ => (&spans.scope, &store.scopes().attributes),
                };
                let mut counts = vec![0; lists.len()];
                for &row in &column[own] {
                    counts[row as usize] += 1;
                }
                for (rows, count) in lists.iter().zip(counts).filter(|(_, count)| *count > 0) {
                    list(*rows, count);
                }
            }
            Holder::Event | Holder::Link => {
                let (column, lists) = match holder {
                    Holder::Event => (&spans.events, &store.events().attributes),
                    _ => (&spans.links, &store.links().attributes),
                };
                for &rows in &column[own] {
                    for row in Rows::from_pair(rows).rows() {
                        list(lists[row], 1);
                    }
                }
            }
        }
    }
}

fn fields(data: &Data<'_>, text: &str, at: Range<usize>, cursor: usize) -> Vec<Suggestion> {
    let (relations, typed) = without_relations(&text[at.start..cursor]);
    // `.x` and `span.x` are spelled `x` here.
    let typed = typed
        .strip_prefix('.')
        .or(typed.strip_prefix("span."))
        .unwrap_or(typed);
    let typed = format!("{relations}{typed}");
    let mut offers = Offers::default();
    for (name, _) in Intrinsic::ALL {
        offers.add(format!("{relations}{name} "), data.spans.len() as u64);
    }
    if relations.is_empty() {
        for relation in Relation::ALL {
            offers.add(relation.prefix().to_owned(), 0);
        }
    }
    for (field, count) in &data.known.fields {
        offers.add(format!("{relations}{field} "), *count);
    }
    offers.cut(&typed, &at, SuggestionKind::Field)
}

fn values(
    data: &Data<'_>,
    field: &Field,
    text: &str,
    at: Range<usize>,
    cursor: usize,
) -> Vec<Suggestion> {
    let typed = text[at.start..cursor].trim_start_matches(['"', '`']);
    let (store, spans) = (data.store, data.store.spans());
    let mut offers = Offers::default();
    // One count a string; numbers are sorted and counted in runs.
    let mut strings = vec![0u64; store.strings().len()];
    let mut numbers: Vec<i64> = Vec::new();
    let mut truths = [0u64; 2];
    let own = data.spans.start as usize..data.spans.end as usize;
    match field {
        Field::Own(Intrinsic::Kind | Intrinsic::Status) => {
            let (column, names) = match field.sort() {
                Sort::Names(names) if *field == Field::Own(Intrinsic::Kind) => (&spans.kind, names),
                Sort::Names(names) => (&spans.status, names),
                _ => return Vec::new(),
            };
            for (number, name) in names.iter().enumerate() {
                let count = column[own.clone()]
                    .iter()
                    .filter(|&&known| usize::from(known) == number);
                offers.add(format!("{name} "), count.count() as u64);
            }
            return offers.cut(typed, &at, SuggestionKind::Value);
        }
        Field::Own(Intrinsic::EventName) => {
            for &rows in &spans.events[own] {
                for row in Rows::from_pair(rows).rows() {
                    strings[store.events().name[row] as usize] += 1;
                }
            }
        }
        Field::Own(intrinsic) if field.sort() == Sort::Text => {
            for span in own {
                let handle = match intrinsic {
                    Intrinsic::Name => spans.name[span],
                    Intrinsic::StatusMessage => spans.status_message[span],
                    Intrinsic::TraceState => spans.trace_state[span],
                    Intrinsic::ScopeName => store.scopes().name[spans.scope[span] as usize],
                    Intrinsic::ScopeVersion => store.scopes().version[spans.scope[span] as usize],
                    _ => store.services[store.service_of(span as u32) as usize],
                };
                strings[handle as usize] += 1;
            }
        }
        Field::Own(_) => return Vec::new(),
        Field::Attribute(holder, key) => {
            let Some(key) = handle_of(store.strings(), key) else {
                return Vec::new();
            };
            let table = store.attributes();
            let mut count = |rows: [u32; 2], times: u64| {
                for row in Rows::from_pair(rows)
                    .rows()
                    .filter(|&row| table.key[row] == key)
                {
                    match Value::unpack(table.kind[row], table.payload[row]) {
                        Value::Str(idx) => strings[idx.at()] += times,
                        Value::Bool(value) => truths[usize::from(value)] += times,
                        Value::Int(value) => numbers.push(value),
                        _ => {}
                    }
                }
            };
            data.lists(*holder, &mut count);
            if *holder == Holder::Any {
                data.lists(Holder::Resource, &mut count);
            }
        }
    }
    let fits = (!typed.is_empty()).then(|| containing(store.strings(), &typed.to_lowercase()));
    for (handle, count) in strings
        .into_iter()
        .enumerate()
        .filter(|(_, count)| *count > 0)
    {
        let text = store.str(StrIdx(handle as u32));
        let fits = fits.as_ref().is_none_or(|fits| fits.has(handle));
        if fits && text.len() <= VALUE_MAX && !text.is_empty() && offers.texts.len() < VALUES_MAX {
            offers.add(format!("{} ", quoted(text)), count);
        }
    }
    for (truth, count) in ["false ", "true "]
        .into_iter()
        .zip(truths)
        .filter(|(_, count)| *count > 0)
    {
        offers.add(truth.to_owned(), count);
    }
    numbers.sort_unstable();
    for run in numbers.chunk_by(|a, b| a == b) {
        offers.add(format!("{} ", run[0]), run.len() as u64);
    }
    offers.cut(typed, &at, SuggestionKind::Value)
}

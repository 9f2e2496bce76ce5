//! Spans or events as a flat table: what a cell has, and the order by a column.
//!
//! Columns are named as the fields of a query: `service`, `duration`, `http.route`; `.name` is the attribute of that key.
//! Numbers come before texts, lists and what a row lacks come last in both directions, equal rows stay in the order of the trace.
//!
//! **Invariant:** linear in rows, attributes and strings; only the different texts of a column are compared with each
//! other.

pub mod groups;
pub mod level;
mod radix;
#[cfg(test)]
mod tests;

use super::self_time::self_time;
use crate::{
    store::{EventRef, Range, SpanMarks, SpanRef, TraceStore, Value, ValueRef, event_title},
    strings::StrIdx,
    time::{Nanos, UnixNanos},
};

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// Spans.
    #[default]
    Spans,
    /// Their events and logs.
    Events,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The service's name.
    Service,
    /// The span name.
    Name,
    /// The kind, by name.
    Kind,
    /// The status, by name.
    Status,
    /// When the span or event begins.
    Start,
    /// End minus start of the span.
    Duration,
    /// Its duration without its children's.
    SelfTime,
    /// How many spans are above it.
    Depth,
    /// How many spans are below it.
    Descendants,
    /// The span's id.
    Id,
    /// The event's name, or what a log record says.
    Event,
    /// How grave the event or log is: an exception is an error, others say so themselves or do not.
    Level,
    /// All attributes of the event, else of the span.
    Attributes,
    /// An attribute by its key: of the event, else of the span, else of its resource.
    Attribute(String),
}

/// Columns that need no key, by name.
const OWN: [(&str, Column); 13] = [
    ("service", Column::Service),
    ("name", Column::Name),
    ("kind", Column::Kind),
    ("status", Column::Status),
    ("start", Column::Start),
    ("duration", Column::Duration),
    ("self", Column::SelfTime),
    ("depth", Column::Depth),
    ("descendants", Column::Descendants),
    ("id", Column::Id),
    ("event.name", Column::Event),
    ("event.level", Column::Level),
    ("attributes", Column::Attributes),
];

impl Column {
    /// The column of a name; `None` for an empty one.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim();
        let own = OWN.iter().find(|(known, _)| *known == name);
        let key = name.strip_prefix('.').unwrap_or(name);
        own.map(|(_, column)| column.clone())
            .or_else(|| (!key.is_empty()).then(|| Self::Attribute(key.to_owned())))
    }

    /// Its name, which gives it again.
    pub fn name(&self) -> String {
        match self {
            Self::Attribute(key) if OWN.iter().any(|(known, _)| known == key) => format!(".{key}"),
            Self::Attribute(key) => key.clone(),
            own => OWN
                .iter()
                .find(|(_, column)| column == own)
                .map_or_else(String::new, |(name, _)| (*name).to_owned()),
        }
    }

    /// Names of the columns that need no key.
    pub fn own_names() -> impl Iterator<Item = &'static str> {
        OWN.iter().map(|(name, _)| *name)
    }

    /// Whether large values are what one looks for first.
    pub fn is_amount(&self) -> bool {
        matches!(
            self,
            Self::Duration | Self::SelfTime | Self::Depth | Self::Descendants | Self::Level
        )
    }
}

/// What a cell has.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// Nothing.
    Missing,
    /// A text.
    Text(&'a str),
    /// A point in time.
    Time(UnixNanos),
    /// A length of time.
    Length(Nanos),
    /// Why there is no length of time, in words.
    NoLength(&'static str),
    /// A count.
    Count(u64),
    /// An id.
    Id(crate::ids::SpanId),
    /// An attribute's value.
    Value(ValueRef<'a>),
}

/// A row: a span, and the event where rows are events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The span.
    pub span: u32,
    /// Row in the store's events.
    pub event: Option<u32>,
}

/// The rows of a table: spans, or all their events.
pub fn rows(store: &TraceStore, of: Of, spans: impl Iterator<Item = u32>) -> Vec<Row> {
    let lone = |span: u32| Row { span, event: None };
    match of {
        Of::Spans => spans.map(lone).collect(),
        Of::Events => spans
            .flat_map(|span| {
                let events = Range::from_pair(store.spans().events[span as usize]).rows();
                events.map(move |event| Row {
                    span,
                    event: Some(event as u32),
                })
            })
            .collect(),
    }
}

/// What a row has in a column.
pub fn cell<'a>(store: &'a TraceStore, row: Row, column: &Column) -> Cell<'a> {
    let span = store.span(row.span);
    match column {
        Column::Service => Cell::Text(span.service_name()),
        Column::Name => Cell::Text(span.name()),
        Column::Kind => Cell::Text(span.kind().name()),
        Column::Status => Cell::Text(span.status().name()),
        Column::Start => Cell::Time(UnixNanos(start_of(store, row))),
        Column::Duration => length(span, span.duration()),
        Column::SelfTime => length(span, self_time(store, row.span)),
        Column::Depth => Cell::Count(u64::from(span.depth())),
        Column::Descendants => Cell::Count(u64::from(span.descendants())),
        Column::Id => Cell::Id(span.id()),
        Column::Event => row.event.map_or(Cell::Missing, |event| {
            Cell::Text(store.str(event_title(store, event as usize)))
        }),
        Column::Level => event(store, row)
            .and_then(level::of)
            .map_or(Cell::Missing, Cell::Text),
        Column::Attributes => {
            let own = match row.event {
                Some(_) => event(store, row).map(EventRef::attributes),
                None => Some(span.attributes()),
            };
            own.map_or(Cell::Missing, |own| Cell::Value(ValueRef::Map(own)))
        }
        Column::Attribute(key) => {
            let own = event(store, row).and_then(|event| event.attributes().get(key));
            own.or_else(|| span.attributes().get(key))
                .or_else(|| span.resource().attributes().get(key))
                .map_or(Cell::Missing, Cell::Value)
        }
    }
}

/// A length of a span, unless its times give none.
fn length(span: SpanRef<'_>, length: Nanos) -> Cell<'static> {
    span.marks()
        .no_duration()
        .map_or(Cell::Length(length), Cell::NoLength)
}

/// The numbers of the rows in the order of a column.
pub fn order(store: &TraceStore, rows: &[Row], column: &Column, descending: bool) -> Vec<u32> {
    let mut keys = Keys::default();
    keys.fill(store, rows, column);
    let (numbers, texts) = (
        radix::sorted(keys.numbers, descending),
        radix::sorted(keys.texts, descending),
    );
    let (first, second) = if descending {
        (texts, numbers)
    } else {
        (numbers, texts)
    };
    first.chain(second).chain(keys.missing).collect()
}

/// What rows are ordered by.
#[derive(Default)]
struct Keys {
    numbers: Vec<(u64, u32)>,
    texts: Vec<(u64, u32)>,
    missing: Vec<u32>,
}

impl Keys {
    fn fill(&mut self, store: &TraceStore, rows: &[Row], column: &Column) {
        let columns = store.spans();
        let at = |row: &Row| row.span as usize;
        match column {
            Column::Service => {
                let names = (0..store.service_count() as u32).map(|one| store.service_name(one));
                let names: Vec<&str> = names.collect();
                let ranks = ranks(&names);
                self.texts(rows, |row| Some(ranks[store.service_of(row.span) as usize]));
            }
            Column::Name => self.strings(store, rows, |row| Some(columns.name[at(row)])),
            Column::Event => self.strings(store, rows, |row| {
                Some(event_title(store, row.event? as usize).0)
            }),
            Column::Kind => self.numbers(rows, |row| u64::from(columns.kind[at(row)])),
            // Errors are what one looks for: they are the most.
            Column::Status => self.numbers(rows, |row| u64::from(columns.status[at(row)])),
            Column::Start => self.numbers(rows, |row| start_of(store, *row)),
            Column::Duration => self.lengths(store, rows, |row| {
                columns.end[at(row)].saturating_sub(columns.start[at(row)])
            }),
            Column::SelfTime => self.lengths(store, rows, |row| self_time(store, row.span).0),
            Column::Depth => self.numbers(rows, |row| u64::from(columns.depth[at(row)])),
            Column::Descendants => {
                self.numbers(rows, |row| u64::from(columns.descendants[at(row)]));
            }
            Column::Id => self.numbers(rows, |row| columns.span_id[at(row)]),
            Column::Level => {
                for (row, at) in rows.iter().zip(0..) {
                    match event(store, *row).and_then(level::rank) {
                        Some(rank) => self.numbers.push((rank, at)),
                        None => self.missing.push(at),
                    }
                }
            }
            // All at once have no order.
            Column::Attributes => self.missing = (0..rows.len() as u32).collect(),
            Column::Attribute(key) => self.attribute(store, rows, key),
        }
    }

    fn numbers(&mut self, rows: &[Row], key: impl Fn(&Row) -> u64) {
        self.numbers = rows
            .iter()
            .zip(0..)
            .map(|(row, at)| (key(row), at))
            .collect();
    }

    /// Spans whose times give no length are missing.
    fn lengths(&mut self, store: &TraceStore, rows: &[Row], length: impl Fn(&Row) -> u64) {
        let marks = &store.spans().marks;
        for (row, at) in rows.iter().zip(0..) {
            match SpanMarks(marks[row.span as usize]).no_duration() {
                Some(_) => self.missing.push(at),
                None => self.numbers.push((length(row), at)),
            }
        }
    }

    fn texts(&mut self, rows: &[Row], rank: impl Fn(&Row) -> Option<u32>) {
        for (row, at) in rows.iter().zip(0..) {
            match rank(row) {
                Some(rank) => self.texts.push((u64::from(rank), at)),
                None => self.missing.push(at),
            }
        }
    }

    fn strings(&mut self, store: &TraceStore, rows: &[Row], handle: impl Fn(&Row) -> Option<u32>) {
        let used = Used::of(store, rows.iter().filter_map(&handle));
        self.texts(rows, |row| handle(row).map(|handle| used.rank(handle)));
    }

    fn attribute(&mut self, store: &TraceStore, rows: &[Row], key: &str) {
        let Some(attribute) = Attribute::of(store, key) else {
            self.missing = (0..rows.len() as u32).collect();
            return;
        };
        let value = |row: &Row| attribute.value(store, *row);
        let values: Vec<Option<Value>> = rows.iter().map(value).collect();
        let text = |value: &Option<Value>| match value {
            Some(Value::Str(text) | Value::Bytes(text)) => Some(text.0),
            _ => None,
        };
        let used = Used::of(store, values.iter().filter_map(text));
        // Whole numbers alone keep all their digits.
        let whole = !values
            .iter()
            .any(|value| matches!(value, Some(Value::Double(_))));
        for (value, at) in values.iter().zip(0..) {
            match value {
                Some(Value::Str(text) | Value::Bytes(text)) => {
                    self.texts.push((u64::from(used.rank(text.0)), at));
                }
                Some(Value::Int(number)) if whole => {
                    self.numbers.push((*number as u64 ^ 1 << 63, at));
                }
                Some(Value::Int(number)) => self.numbers.push((ordered(*number as f64), at)),
                Some(Value::Double(number)) => self.numbers.push((ordered(*number), at)),
                Some(Value::Bool(is)) => self.texts.push((u64::from(*is), at)),
                _ => self.missing.push(at),
            }
        }
    }
}

/// An attribute by the handle of its key, for many rows.
struct Attribute {
    key: u32,
    of_resource: Vec<Option<Value>>,
}

impl Attribute {
    /// `None` where nothing has that key.
    fn of(store: &TraceStore, key: &str) -> Option<Self> {
        let (key, _) = store.strings().iter().find(|(_, text)| *text == key)?;
        let resources = &store.resources().attributes;
        Some(Self {
            key: key.0,
            of_resource: resources
                .iter()
                .map(|pair| find(store, *pair, key.0))
                .collect(),
        })
    }

    /// Of the event, else of the span, else of its resource.
    fn value(&self, store: &TraceStore, row: Row) -> Option<Value> {
        let event = row
            .event
            .and_then(|event| find(store, store.events().attributes[event as usize], self.key));
        let at = row.span as usize;
        event
            .or_else(|| find(store, store.spans().attributes[at], self.key))
            .or_else(|| self.of_resource[store.spans().resource[at] as usize])
    }
}

/// The value of a key in a run of attributes.
fn find(store: &TraceStore, pair: [u32; 2], key: u32) -> Option<Value> {
    let table = store.attributes();
    let row = Range::from_pair(pair)
        .rows()
        .find(|&row| table.key[row] == key)?;
    Some(Value::unpack(table.kind[row], table.payload[row]))
}

/// A double as a number that is ordered alike; what is no number comes last.
fn ordered(number: f64) -> u64 {
    let bits = number.to_bits();
    if number.is_nan() {
        u64::MAX
    } else if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// The strings of a column and their places among each other.
struct Used {
    ranks: Vec<u32>,
}

impl Used {
    fn of(store: &TraceStore, handles: impl Iterator<Item = u32>) -> Self {
        let mut ranks = vec![0; store.strings().len()];
        let mut used = Vec::new();
        for handle in handles {
            if core::mem::replace(&mut ranks[handle as usize], 1) == 0 {
                used.push(handle);
            }
        }
        let texts: Vec<&str> = used.iter().map(|&one| store.str(StrIdx(one))).collect();
        for (handle, rank) in used.iter().zip(self::ranks(&texts)) {
            ranks[*handle as usize] = rank;
        }
        Self { ranks }
    }

    fn rank(&self, handle: u32) -> u32 {
        self.ranks[handle as usize]
    }
}

/// By text: its place among all, in the order of their bytes.
fn ranks(texts: &[&str]) -> Vec<u32> {
    let beginning = |text: &str| {
        let mut bytes = [0; 8];
        let length = text.len().min(8);
        bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
        u64::from_be_bytes(bytes)
    };
    // Most differ in their first bytes, which stand together.
    let mut order: Vec<(u64, u32)> = texts
        .iter()
        .zip(0..)
        .map(|(text, at)| (beginning(text), at))
        .collect();
    order.sort_unstable_by(|a, b| {
        let rest = || texts[a.1 as usize].cmp(texts[b.1 as usize]);
        a.0.cmp(&b.0).then_with(rest)
    });
    let mut ranks = vec![0; texts.len()];
    for (rank, (_, at)) in (0..).zip(order) {
        ranks[at as usize] = rank;
    }
    ranks
}

fn start_of(store: &TraceStore, row: Row) -> u64 {
    match row.event {
        Some(event) => store.events().time[event as usize],
        None => store.spans().start[row.span as usize],
    }
}

/// The event of a row.
fn event(store: &TraceStore, row: Row) -> Option<EventRef<'_>> {
    let [first, _] = store.spans().events[row.span as usize];
    let at = row.event?.checked_sub(first)?;
    store.span(row.span).events().nth(at as usize)
}

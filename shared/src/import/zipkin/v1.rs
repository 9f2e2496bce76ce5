//! What the first version says with annotations: kind, times and endpoints.
//!
//! ```text
//! annotation         cs cr  client sends, receives      sr ss  server receives, sends      ms mr  a message
//! binaryAnnotation   lc     local component             sa ca ma  address of the server, client, broker
//! ```
//!
//! A record with the annotations of both sides is one span, the client's: its times enclose the server's, whose
//! annotations stay as events with their own endpoint.
//!
//! **Invariant:** fields that the record gives are never overruled; annotations stay events whatever was derived.

use super::{
    Import,
    endpoint::{self, Endpoint},
    record::Record,
};
use crate::{
    import::{micros, plain_value},
    json::{Kind, Result},
    store::{SpanKind, Value, builder::StoreBuilder},
    strings::StrIdx,
    time::UnixNanos,
};

/// A point in time with a word, in both versions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Annotation {
    pub time: UnixNanos,
    pub value: StrIdx,
    pub endpoint: Option<Endpoint>,
}

/// A tag of the first version.
#[derive(Clone, Copy, Debug)]
pub(super) struct BinaryAnnotation {
    key: StrIdx,
    value: Value,
    endpoint: Option<Endpoint>,
}

/// The kinds by the annotations that begin and end them, the one that wins first.
const CORE: [(SpanKind, &str, &str); 4] = [
    (SpanKind::Client, "cs", "cr"),
    (SpanKind::Server, "sr", "ss"),
    (SpanKind::Producer, "ms", ""),
    (SpanKind::Consumer, "mr", ""),
];

/// True when only the first version can have written these.
pub(super) fn is_first_version(
    annotations: &[Annotation],
    binary_annotations: &[BinaryAnnotation],
) -> bool {
    !binary_annotations.is_empty() || annotations.iter().any(|one| one.endpoint.is_some())
}

/// Fills in what the record does not give and its annotations do.
#[inline(never)]
pub(super) fn derive(
    record: &mut Record,
    annotations: &[Annotation],
    binary_annotations: &[BinaryAnnotation],
    builder: &StoreBuilder,
) {
    if annotations.is_empty() && binary_annotations.is_empty() {
        return;
    }
    let find = |word: &str| {
        annotations
            .iter()
            .find(|annotation| !word.is_empty() && builder.str(annotation.value) == word)
    };
    let first_version = is_first_version(annotations, binary_annotations);
    let core = CORE
        .iter()
        .find(|(_, begin, end)| find(begin).is_some() || find(end).is_some());
    let (mut begin, mut end) = (None, None);
    if let Some((kind, begin_word, end_word)) =
        core.filter(|_| first_version || record.kind.is_none())
    {
        (begin, end) = (find(begin_word), find(end_word));
        record.kind.get_or_insert(*kind);
    }
    if record.start.0 == 0 {
        record.start = begin.map_or(UnixNanos(0), |begin| begin.time);
    }
    if record.duration.is_none()
        && record.start.0 != 0
        && let Some(end) = end
    {
        record.duration = Some(i128::from(end.time.0) - i128::from(record.start.0));
    }
    let of_core = begin.or(end).and_then(|annotation| annotation.endpoint);
    record.local = record.local.or(of_core);
    let is_address = |one: &&BinaryAnnotation| address(builder.str(one.key), one.value);
    if let Some(component) = binary_annotations
        .iter()
        .find(|one| builder.str(one.key) == "lc")
    {
        record.local = record.local.or(component.endpoint);
        record.kind.get_or_insert(SpanKind::Internal);
    }
    let tagged = binary_annotations
        .iter()
        .filter(|one| !is_address(one))
        .find_map(|one| one.endpoint);
    record.local = record
        .local
        .or_else(|| annotations.iter().find_map(|one| one.endpoint))
        .or(tagged);
    let wanted = match record.kind {
        Some(SpanKind::Client) => "sa",
        Some(SpanKind::Server) => "ca",
        _ => "ma",
    };
    let mut addresses = binary_annotations.iter().filter(is_address);
    let remote = addresses
        .find(|one| builder.str(one.key) == wanted)
        .and_then(|one| one.endpoint);
    record.remote = record.remote.or(remote);
}

/// True for an annotation that says where somebody is; its value says nothing.
fn address(key: &str, value: Value) -> bool {
    matches!(key, "sa" | "ca" | "ma") && matches!(value, Value::Bool(true) | Value::Empty)
}

impl Import<'_, '_, '_, '_> {
    #[inline(never)]
    pub(super) fn read_annotations(&mut self) -> Result<()> {
        if !self.reader.begin_list()? {
            return Ok(());
        }
        while self.reader.next_element()? {
            if !self.reader.begin_map()? {
                continue;
            }
            let mut annotation = Annotation {
                time: UnixNanos(0),
                value: StrIdx::EMPTY,
                endpoint: None,
            };
            while let Some(key) = self.reader.next_key()? {
                match key.bytes {
                    b"timestamp" => annotation.time = micros::time(self.reader)?,
                    b"value" => annotation.value = self.text()?,
                    b"endpoint" | b"host" => annotation.endpoint = self.endpoint()?,
                    _ => self.reader.skip_value()?,
                }
            }
            self.annotations.push(annotation);
        }
        Ok(())
    }

    #[inline(never)]
    pub(super) fn read_binary_annotations(&mut self) -> Result<()> {
        if !self.reader.begin_list()? {
            return Ok(());
        }
        while self.reader.next_element()? {
            if !self.reader.begin_map()? {
                continue;
            }
            let mut annotation = BinaryAnnotation {
                key: StrIdx::EMPTY,
                value: Value::Empty,
                endpoint: None,
            };
            while let Some(key) = self.reader.next_key()? {
                match key.bytes {
                    b"key" => annotation.key = self.text()?,
                    b"value" => {
                        annotation.value = plain_value::read(self.reader, self.session)?;
                    }
                    b"endpoint" | b"host" if self.reader.peek() == Kind::Object => {
                        annotation.endpoint = self.endpoint()?;
                    }
                    _ => self.reader.skip_value()?,
                }
            }
            self.binary_annotations.push(annotation);
        }
        Ok(())
    }

    /// The tags, and the addresses of others than the remote side.
    #[inline(never)]
    pub(super) fn push_binary_annotations(&mut self, record: &mut Record) {
        let annotations = core::mem::take(&mut self.binary_annotations);
        let mut elsewhere = Vec::new();
        for &BinaryAnnotation {
            key,
            value,
            endpoint,
        } in &annotations
        {
            if !address(self.session.builder.str(key), value) {
                self.push_tag(record, key, value);
                let other = endpoint.filter(|&endpoint| {
                    Some(endpoint.service) != record.local.map(|local| local.service)
                });
                elsewhere.extend(other.map(|endpoint| (key, endpoint.service)));
            } else if endpoint != record.remote && endpoint != record.local {
                let list = self.session.builder.open_list();
                endpoint
                    .unwrap_or_default()
                    .push(&endpoint::LOCAL, self.session.builder);
                let value = self.session.builder.close_map(list);
                self.session.builder.push_value(key, value);
            }
        }
        if !elsewhere.is_empty() {
            // Which other side said it: the server's tags in a record that both sides share.
            let list = self.session.builder.open_list();
            for (key, service) in elsewhere {
                self.session.builder.push_value(key, Value::Str(service));
            }
            let value = self.session.builder.close_map(list);
            self.keep("zipkin.tag_services", value);
        }
        self.binary_annotations = annotations;
    }
}

//! Whether bytes are OTLP protobuf, and of which signal.
//!
//! Protobuf has no magic number, so every level down to the first span (log record, metric, profile) has to hold only
//! the fields that OTLP gives it. A Zipkin list of spans has the same first byte and fails at the second level.
//!
//! **Invariant:** looks at the first few messages only and never at more than a few levels.

use super::super::Signal;
use crate::wire::{Payload, Reader, WireErrorKind};

/// How many top-level messages, and fields of each, are looked at.
const LOOKED_AT: usize = 8;

/// True when the bytes can be a request for traces, logs, metrics or profiles; a body that breaks off can be too, and
/// so can one with noise behind a message that is right down to its records.
pub(in crate::import) fn looks_like(bytes: &[u8]) -> bool {
    let (mut resources, mut sure) = (0, false);
    let fits = all_fields(Reader::new(bytes), &mut |number, payload, whole| {
        match (number, payload) {
            (1, Part::Message(resource)) => {
                resources += 1;
                is_resource_spans(resource, whole, &mut sure)
            }
            // The dictionary of profiles.
            (2, Part::Message(_)) => true,
            _ => false,
        }
    });
    sure || fits && resources > 0
}

/// True when the bytes can be Zipkin's `ListOfSpans`: field 1 holds messages whose fields 1 to 3 are ids.
pub(in crate::import) fn looks_like_zipkin(bytes: &[u8]) -> bool {
    let mut spans = 0;
    let fits = all_fields(
        Reader::new(bytes),
        &mut |number, part, _| match (number, part) {
            (1, Part::Message(span)) => {
                spans += 1;
                let mut ids = 0;
                let fits = all_fields(span, &mut |number, part, _| match (number, part) {
                    (1, Part::Message(id)) => {
                        ids += 1;
                        matches!(id.rest().len(), 8 | 16)
                    }
                    (2 | 3, Part::Message(id)) => id.rest().len() == 8,
                    (4 | 7 | 12 | 13, Part::Varint) | (6, Part::Fixed64) => true,
                    (5 | 8..=11, Part::Message(_)) => true,
                    _ => false,
                });
                fits && ids == 1
            }
            _ => false,
        },
    );
    fits && spans > 0
}

/// The signal of one `ResourceSpans`, `ResourceLogs`, …; `None` while it has no record that would tell.
pub(super) fn signal(resource: Reader<'_>) -> Option<Signal> {
    let mut found = None;
    all_fields(resource, &mut |number, part, _| {
        if let (2 | 1000, Part::Message(scope)) = (number, part)
            && found.is_none()
        {
            all_fields(scope, &mut |number, part, _| {
                if let (2, Part::Message(record)) = (number, part)
                    && found.is_none()
                {
                    found = record_signal(record);
                }
                true
            });
        }
        true
    });
    found
}

/// One field as the shape alone shows it; strings and bytes are messages here.
enum Part<'a> {
    Message(Reader<'a>),
    Varint,
    Fixed64,
    Fixed32,
}

/// Applies a test to the first fields; true when all pass. A length that runs past the end counts as a field.
#[inline(never)]
fn all_fields<'a>(
    mut reader: Reader<'a>,
    test: &mut dyn FnMut(u32, Part<'a>, bool) -> bool,
) -> bool {
    for _ in 0..LOOKED_AT {
        let before = reader.clone();
        let (number, part, whole) = match reader.next_field() {
            Ok(None) => return true,
            Ok(Some(field)) => {
                let part = match field.payload {
                    Payload::Bytes(bytes) => Part::Message(Reader::new(bytes)),
                    Payload::Varint(_) => Part::Varint,
                    Payload::Fixed64(_) => Part::Fixed64,
                    Payload::Fixed32(_) => Part::Fixed32,
                };
                (field.number, part, true)
            }
            Err(error) if matches!(error.kind, WireErrorKind::Truncated { .. }) => {
                let Some((number, rest)) = beginning(before) else {
                    return false;
                };
                (number, Part::Message(rest), false)
            }
            Err(_) => return false,
        };
        if !test(number, part, whole) {
            return false;
        }
        if !whole {
            return true;
        }
    }
    true
}

fn beginning(mut reader: Reader<'_>) -> Option<(u32, Reader<'_>)> {
    let tag = reader.varint().ok()?;
    reader.varint().ok()?;
    (tag & 7 == 2).then_some((u32::try_from(tag >> 3).ok()?, reader))
}

fn is_resource_spans(resource: Reader<'_>, whole: bool, sure: &mut bool) -> bool {
    let (mut fields, mut told) = (0, false);
    let fits = all_fields(resource, &mut |number, part, _| {
        fields += 1;
        match (number, part) {
            (1, Part::Message(resource)) => is_resource(resource),
            (2 | 1000, Part::Message(scope)) => is_scope_spans(scope, &mut told),
            (3, Part::Message(schema_url)) => is_text(schema_url.rest()),
            _ => false,
        }
    });
    *sure |= fits && whole && told;
    // An empty message is legal but says nothing; where the body breaks off inside, the beginning has to do.
    fits && fields > 0 && (told || whole || fields > 1)
}

fn is_resource(resource: Reader<'_>) -> bool {
    all_fields(resource, &mut |number, part, _| match (number, part) {
        (1, Part::Message(attribute)) => is_key_value(attribute),
        (2, Part::Varint) | (3, Part::Message(_)) => true,
        _ => false,
    })
}

fn is_key_value(attribute: Reader<'_>) -> bool {
    let mut keys = 0;
    let fits = all_fields(attribute, &mut |number, part, _| match (number, part) {
        (1, Part::Message(key)) => {
            keys += 1;
            is_text(key.rest())
        }
        (2, Part::Message(_)) => true,
        _ => false,
    });
    fits && keys == 1
}

fn is_scope_spans(scope: Reader<'_>, told: &mut bool) -> bool {
    all_fields(scope, &mut |number, part, whole| match (number, part) {
        (1, Part::Message(scope)) => all_fields(scope, &mut |number, part, _| {
            matches!(
                (number, part),
                (1..=3, Part::Message(_)) | (4, Part::Varint)
            )
        }),
        (2, Part::Message(record)) => {
            let signal = record_signal(record);
            *told |= signal.is_some();
            signal.is_some() || !whole
        }
        (3, Part::Message(schema_url)) => is_text(schema_url.rest()),
        _ => false,
    })
}

/// What a record is: each signal has fields whose wire types no other signal has.
fn record_signal(mut record: Reader<'_>) -> Option<Signal> {
    let (mut ids, mut text, mut data) = (0, false, false);
    while let Ok(Some(field)) = record.next_field() {
        match (field.number, field.payload) {
            // Start and end of a span.
            (7 | 8, Payload::Fixed64(_)) => return Some(Signal::Traces),
            // The times, the severity and the flags of a log record.
            (1 | 11, Payload::Fixed64(_)) | (2, Payload::Varint(_)) | (8, Payload::Fixed32(_)) => {
                return Some(Signal::Logs);
            }
            // The time of a profile, and its time and duration in older schemas.
            (3, Payload::Fixed64(_)) | (4 | 9, Payload::Varint(_)) => {
                return Some(Signal::Profiles);
            }
            (1, Payload::Bytes(id)) => {
                ids += u8::from(matches!(id.len(), 16 | 32));
                text = is_text(id);
            }
            (2, Payload::Bytes(id)) if matches!(id.len(), 8 | 16) => ids += 1,
            (5 | 7 | 9..=11, Payload::Bytes(_)) => data = true,
            _ => {}
        }
    }
    match (ids, text && data) {
        (_, true) => Some(Signal::Metrics),
        (2, false) => Some(Signal::Traces),
        _ => None,
    }
}

fn is_text(bytes: &[u8]) -> bool {
    // A text that breaks off may do so inside a character.
    let valid = match core::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) => error.valid_up_to() + error.error_len().map_or(3, |_| 0),
    };
    valid >= bytes.len()
        && !bytes
            .iter()
            .any(|&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

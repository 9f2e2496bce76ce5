//! Messages that follow one another, each behind its length.
//!
//! ```text
//! 00 00 05 cc  message …           the collector's file exporter: four bytes, big-endian; the message may be zstd
//! 00 00 00 05 cc  message …        gRPC: a flag (1 = compressed), then the same
//! cc 0b  message …                 protobuf "delimited": a varint
//! ```
//!
//! **Invariant:** knows of a message only whether it is JSON or protobuf; one that is broken does not cost the others.

use super::{
    Container, Format, ImportError, gzip, otlp_proto,
    session::Session,
    sniff::{self, Looks},
    values, zstd,
};
use crate::{issues::IssueKind, wire};

/// How the lengths are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length,
    Grpc,
    Varint,
}

/// The framing that fits the bytes, judged by the first message.
pub(super) fn sniff(bytes: &[u8]) -> Option<Framing> {
    [Framing::Length, Framing::Grpc, Framing::Varint]
        .into_iter()
        .find(|&framing| {
            let Some(frame) = next(bytes, framing) else {
                return false;
            };
            let first = bytes
                .get(frame.start..bytes.len().min(frame.end))
                .unwrap_or_default();
            let fits = match sniff::looks_plain(first) {
                Looks::Zstd | Looks::Gzip => framing != Framing::Varint,
                Looks::Json => framing == Framing::Length,
                Looks::Proto => true,
                _ => false,
            };
            // A second message that could not be one gives the first away.
            let second = bytes.get(frame.end..).unwrap_or_default();
            fits && (second.len() < 5 || next(second, framing).is_some())
        })
}

struct Frame {
    start: usize,
    end: usize,
}

fn next(bytes: &[u8], framing: Framing) -> Option<Frame> {
    let (start, length) = match framing {
        Framing::Length => (4, u64::from(u32::from_be_bytes(*bytes.first_chunk()?))),
        Framing::Grpc => {
            let [0 | 1, length @ ..] = bytes.first_chunk::<5>()? else {
                return None;
            };
            (5, u64::from(u32::from_be_bytes(*length)))
        }
        Framing::Varint => {
            let mut reader = wire::Reader::new(bytes);
            let length = reader.varint().ok()?;
            (reader.offset(), length)
        }
    };
    let length = usize::try_from(length).ok()?;
    (length > 0).then_some(Frame {
        start,
        end: start.checked_add(length)?,
    })
}

/// Reads all messages.
pub(super) fn read(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
    framing: Framing,
) -> Result<(), ImportError> {
    session.enter(match framing {
        Framing::Length => Container::LengthFramed,
        Framing::Grpc => Container::Grpc,
        Framing::Varint => Container::Delimited,
    });
    let depth = session.depth();
    let spans_before = session.spans();
    let mut first_error = None;
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(frame) = next(rest, framing) else {
            // A length of zero is an empty request; anything else is a rest too short for a length.
            let zero = matches!(
                (framing, rest),
                (Framing::Length, [0, 0, 0, 0, ..]) | (Framing::Varint, [0, ..])
            );
            if zero {
                at += if framing == Framing::Length { 4 } else { 1 };
                continue;
            }
            session
                .builder
                .issues
                .add(IssueKind::Truncated, Some(at as u64));
            break;
        };
        let whole = frame.end <= rest.len();
        let content = rest
            .get(frame.start..frame.end.min(rest.len()))
            .unwrap_or_default();
        if !whole {
            let detail = || "the last message is cut off".to_owned();
            session.builder.issues.add_with(
                IssueKind::Truncated,
                Some((at + frame.start) as u64),
                detail,
            );
        }
        session.leave(depth);
        if let Err(error) = packed_message(session, name, content, (at + frame.start) as u64) {
            if matches!(error, ImportError::TooLarge { .. }) {
                return Err(error);
            }
            let detail = || error.to_string();
            if !matches!(error, ImportError::NoSpans { .. }) {
                session
                    .builder
                    .issues
                    .add_with(IssueKind::SyntaxError, Some(at as u64), detail);
            }
            first_error.get_or_insert(error);
        }
        at += frame.end;
    }
    match first_error {
        Some(error) if session.spans() == spans_before => Err(error),
        _ => Ok(()),
    }
}

#[inline(never)]
fn packed_message(
    session: &mut Session<'_>,
    name: &str,
    content: &[u8],
    base: u64,
) -> Result<(), ImportError> {
    match sniff::looks_plain(content) {
        Looks::Zstd => {
            session.enter(Container::Zstd);
            let inner = zstd::unfold(session, name, content)?;
            message(session, name, &inner, base)
        }
        Looks::Gzip => {
            session.enter(Container::Gzip);
            let inner = gzip::unfold(session, name, content)?;
            message(session, name, &inner, base)
        }
        _ => message(session, name, content, base),
    }
}

/// Reads one message that begins at `base`, JSON or protobuf.
#[inline(never)]
pub(super) fn message(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
    base: u64,
) -> Result<(), ImportError> {
    if sniff::looks_plain(bytes) == Looks::Json {
        return values::read_at(session, name, bytes, base);
    }
    proto(session, name, bytes, base)
}

/// Reads one protobuf message, or some whole fields of one, that begins at `base`.
#[inline(never)]
pub(super) fn proto(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
    base: u64,
) -> Result<(), ImportError> {
    session.found(Format::OtlpProto);
    let spans_before = session.spans();
    match otlp_proto::read(session, bytes, base as usize) {
        Ok(()) if session.spans() > spans_before => {
            session.reached(base + bytes.len() as u64);
            Ok(())
        }
        Ok(()) => Err(ImportError::NoSpans {
            name: name.to_owned(),
            format: Some(Format::OtlpProto),
            signal: session.signal(),
        }),
        Err(error) => Err(ImportError::Syntax {
            name: name.to_owned(),
            format: Format::OtlpProto.label(),
            offset: error.offset as u64,
            line: None,
            problem: error.kind.to_string(),
        }),
    }
}

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
            let message = |bytes| next(bytes, framing).filter(|frame| frame.start < frame.end);
            let Some(frame) = message(bytes) else {
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
            fits && (second.len() < 5 || message(second).is_some())
        })
}

/// A message, which may be empty: a request without spans.
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
    Some(Frame {
        start,
        end: start.checked_add(usize::try_from(length).ok()?)?,
    })
}

/// How many of the bytes are whole messages, and whether what follows them is none.
pub(super) fn whole(bytes: &[u8], framing: Framing) -> (usize, bool) {
    /// No length takes more.
    const LENGTH_MAX: usize = 10;
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match next(rest, framing) {
            Some(frame) if frame.end <= rest.len() => at += frame.end,
            frame => return (at, frame.is_none() && rest.len() >= LENGTH_MAX),
        }
    }
}

/// Reads all messages of a part that begins at `base`.
pub(super) fn read(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
    base: u64,
    framing: Framing,
) -> Result<(), ImportError> {
    session.enter(match framing {
        Framing::Length => Container::LengthFramed,
        Framing::Grpc => Container::Grpc,
        Framing::Varint => Container::Delimited,
    });
    let depth = session.depth();
    let spans_before = session.spans();
    let outer_cut = session.cut;
    let mut first_error = None;
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(frame) = next(rest, framing) else {
            session.breaks_off(base + at as u64, || "the length is cut off".to_owned());
            break;
        };
        let offset = base + (at + frame.start) as u64;
        let content = rest
            .get(frame.start..frame.end.min(rest.len()))
            .unwrap_or_default();
        let cut = frame.end > rest.len();
        if cut {
            let problem = "the last message is cut off".to_owned();
            session.container_broken(IssueKind::Truncated, offset, problem);
        }
        at += frame.end;
        if content.is_empty() {
            continue;
        }
        session.leave(depth);
        let read = packed_message(session, name, content, offset);
        // A message that breaks off is the only one.
        session.cut = outer_cut;
        if let Err(error) = read {
            if matches!(error, ImportError::TooLarge { .. }) {
                return Err(error);
            }
            let detail = || error.to_string();
            if !cut && !matches!(error, ImportError::NoSpans { .. }) {
                session
                    .builder
                    .issues
                    .add_with(IssueKind::SyntaxError, Some(offset), detail);
            }
            first_error.get_or_insert(error);
        }
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

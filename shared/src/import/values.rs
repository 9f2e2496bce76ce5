//! JSON values one after the other: one document, lines, records, or pretty-printed objects with nothing between them.
//!
//! **Invariant:** holds no format's fields. A value that is broken costs itself: reading goes on at the next line that
//! begins a value, behind the last span that was kept.

use super::{
    Container, ImportError, Signal, jaeger, otlp_json,
    session::Session,
    shape::{self, Shape},
    sniff, zipkin,
};
use crate::{
    issues::{Issue, IssueKind},
    json::{JsonError, Reader},
};

/// Reads all values of the source.
pub(super) fn read(session: &mut Session<'_>, name: &str, bytes: &[u8]) -> Result<(), ImportError> {
    read_at(session, name, bytes, 0)
}

/// Reads all values of a part that begins at `base`.
pub(super) fn read_at(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
    base: u64,
) -> Result<(), ImportError> {
    let mut r = Reader::with_base(bytes, base);
    let mut seen = Seen::default();
    let spans_before = session.spans();
    while r.next_top_value() {
        let start = r.offset();
        let shape = shape::of(&mut r);
        seen.values += 1;
        if seen.values == 2 {
            session.enter(Container::Values);
        }
        let read = match shape {
            Err(error) => Err(error),
            Ok(shape) => {
                seen.tried = seen.tried.or(shape.format());
                read_one(session, &mut r, shape, &mut seen)
            }
        };
        // Notes of a value that nothing is known of are about nothing.
        if matches!(shape, Err(_) | Ok(Shape::Unknown | Shape::Foreign(_))) {
            r.notes.clear();
        }
        r.notes.drain_into(&mut session.builder.issues);
        if let Err(error) = read {
            let kind = if error.is_truncated() {
                IssueKind::Truncated
            } else {
                IssueKind::SyntaxError
            };
            session
                .builder
                .issues
                .add_with(kind, Some(error.offset), || error.problem());
            seen.error.get_or_insert(error);
            resume(session, &mut r, bytes, base, start);
        }
    }
    if session.spans() > spans_before {
        return Ok(());
    }
    Err(seen.verdict(session, name, bytes, base))
}

#[inline(never)]
fn read_one(
    session: &mut Session<'_>,
    r: &mut Reader<'_>,
    shape: Shape,
    seen: &mut Seen,
) -> crate::json::Result<()> {
    let start = r.offset();
    match shape {
        Shape::Otlp => otlp_json::read(session, r),
        Shape::Jaeger => jaeger::read(session, r),
        Shape::Zipkin => zipkin::read(session, r),
        Shape::Foreign(what) => {
            seen.foreign.get_or_insert((what, start));
            r.skip_value()
        }
        Shape::Empty => r.skip_value(),
        Shape::Unknown => {
            seen.unknown.get_or_insert(start);
            r.skip_value()?;
            let detail = || "JSON that is no trace data".to_owned();
            session
                .builder
                .issues
                .add_with(IssueKind::OtherSignal, Some(start), detail);
            Ok(())
        }
    }
}

/// Moves the reader to the next line that begins a value, behind what was read already.
#[inline(never)]
fn resume(session: &Session<'_>, r: &mut Reader<'_>, bytes: &[u8], base: u64, start: u64) {
    let from = session.last_reached().max(start + 1).max(base) - base;
    let mut at = usize::try_from(from).unwrap_or(usize::MAX);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(line_end) = rest.iter().position(|&byte| byte == b'\n') else {
            at = bytes.len();
            break;
        };
        at += line_end + 1;
        let line = bytes.get(at..).unwrap_or_default();
        if let [b'{' | b'[', ..] | [0x1e, b'{' | b'[', ..] = line {
            break;
        }
    }
    r.seek(at);
}

/// What was met, for the error when no span came out.
#[derive(Default)]
struct Seen {
    values: u64,
    foreign: Option<(&'static str, u64)>,
    unknown: Option<u64>,
    error: Option<JsonError>,
    tried: Option<&'static str>,
}

impl Seen {
    #[cold]
    #[inline(never)]
    fn verdict(self, session: &Session<'_>, name: &str, bytes: &[u8], base: u64) -> ImportError {
        let name = name.to_owned();
        if let Some((what, offset)) = self.foreign {
            return ImportError::Unsupported { name, what, offset };
        }
        let signal = session.signal().filter(|&signal| signal != Signal::Traces);
        if let Some(error) = self.error.filter(|_| signal.is_none()) {
            // Text that only begins like JSON, or has no value at all.
            let looks_else =
                self.tried.is_none() && self.unknown.is_none() && !looks_like_json(bytes);
            let explained = sniff::explain(&name, bytes);
            if looks_else
                || (self.tried.is_none() && matches!(explained, ImportError::Unsupported { .. }))
            {
                return explained;
            }
            return ImportError::Syntax {
                name,
                format: self.tried.unwrap_or("JSON"),
                offset: error.offset,
                line: line_of(bytes, error.offset.saturating_sub(base)),
                problem: error.problem(),
            };
        }
        if signal.is_none()
            && let Some((offset, problem)) = passed_over(session)
        {
            return ImportError::Syntax {
                name,
                format: self.tried.unwrap_or("JSON"),
                offset,
                line: line_of(bytes, offset.saturating_sub(base)),
                problem,
            };
        }
        match (signal, session.source_format(), self.unknown) {
            (None, None, Some(offset)) => ImportError::UnknownJson { name, offset },
            (None, None, None) if self.values == 0 => sniff::explain(&name, bytes),
            (signal, format, _) => ImportError::NoSpans {
                name,
                format,
                signal,
            },
        }
    }
}

/// The first element of this source that was broken and passed over.
fn passed_over(session: &Session<'_>) -> Option<(u64, String)> {
    let issues = &session.builder.issues;
    let here =
        |issue: &&Issue| issue.source == issues.source() && issue.kind == IssueKind::SyntaxError;
    let issue = issues.iter().find(here)?;
    Some((issue.offsets.first().copied()?, issue.detail.clone()))
}

fn looks_like_json(bytes: &[u8]) -> bool {
    matches!(sniff::content(bytes).first(), Some(b'{' | b'['))
}

/// The line of a place, from 1.
fn line_of(bytes: &[u8], at: u64) -> Option<u64> {
    let before = bytes.get(..usize::try_from(at).ok()?)?;
    Some(1 + before.iter().filter(|&&byte| byte == b'\n').count() as u64)
}

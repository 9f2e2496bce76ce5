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
    // What was read of another message may have been further behind.
    session.reached(base);
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
            if error.is_truncated() {
                session.breaks_off(error.offset, || error.problem());
            } else {
                let issues = &mut session.builder.issues;
                issues.add_with(IssueKind::SyntaxError, Some(error.offset), || {
                    error.problem()
                });
            }
            seen.error.get_or_insert(error);
            resume(session, &mut r, bytes, base, (start, error.is_truncated()));
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

/// Moves the reader to the next line that begins a value, behind what was read already of the one that began at `start`.
///
/// Where that one was `cut`, a line of it can only be an element that was cut as well, unless it begins as a value does.
#[inline(never)]
fn resume(
    session: &Session<'_>,
    r: &mut Reader<'_>,
    bytes: &[u8],
    base: u64,
    (start, cut): (u64, bool),
) {
    let rest_at = |at: u64| {
        let at = usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
        (at, bytes.get(at..).unwrap_or_default())
    };
    let broken = opening(rest_at(start).1);
    let (mut at, _) = rest_at(session.last_reached().max(start + 1));
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(line_end) = rest.iter().position(|&byte| byte == b'\n') else {
            at = bytes.len();
            break;
        };
        at += line_end + 1;
        let line = bytes.get(at..).unwrap_or_default();
        let value = line.strip_prefix(&[0x1e]).unwrap_or(line);
        if let [b'{' | b'[', ..] = value
            && (!cut || is_like(&opening(value), &broken))
        {
            break;
        }
    }
    r.seek(at);
}

/// What a value begins with: its brackets and its first key.
fn opening(value: &[u8]) -> Vec<u8> {
    /// No key that is known is longer.
    const LONGEST: usize = 64;
    let mut quotes = 0;
    let bytes = value.iter().filter(|byte| !byte.is_ascii_whitespace());
    let bytes = bytes.take_while(|byte| {
        let before = quotes;
        quotes += u8::from(**byte == b'"');
        before < 2
    });
    bytes.take(LONGEST).copied().collect()
}

/// Whether a value that begins so may follow one that began so: the same again, or another signal of OTLP.
fn is_like(next: &[u8], broken: &[u8]) -> bool {
    next == broken || next.starts_with(b"{\"resource") && !next.ends_with(b"resource\"")
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

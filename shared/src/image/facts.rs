//! The last section: issues and sources, which are no columns.
//!
//! ```text
//! number of issues   { kind source count, number of offsets, offsets…, detail } …
//! number of sources  { name format, number of containers, containers…, bytes spans } …
//! ```
//!
//! Numbers are eight bytes, a text is its length and its bytes. The worker, too, writes and reads this: a general
//! serialiser would be a tenth of its size.
//!
//! **Invariant:** reading trusts nothing; what is left over is an error like what is missing.

use crate::{
    issues::{Issue, IssueKind, IssueLog},
    store::Source,
};

/// The kinds by number, as they are declared.
const KINDS: [IssueKind; 28] = [
    IssueKind::MissingParent,
    IssueKind::DuplicateSpanId,
    IssueKind::SelfParent,
    IssueKind::ParentCycle,
    IssueKind::EmptyTraceId,
    IssueKind::EmptySpanId,
    IssueKind::BadId,
    IssueKind::OpaqueId,
    IssueKind::MixedTraceIdWidth,
    IssueKind::MissingStart,
    IssueKind::MissingEnd,
    IssueKind::NegativeDuration,
    IssueKind::WrongType,
    IssueKind::BadNumber,
    IssueKind::UnknownEnum,
    IssueKind::BadUtf8,
    IssueKind::LoneSurrogate,
    IssueKind::LenientJson,
    IssueKind::Truncated,
    IssueKind::SyntaxError,
    IssueKind::OtherSignal,
    IssueKind::TooDeep,
    IssueKind::TooLarge,
    IssueKind::LogWithoutSpan,
    IssueKind::MissingServiceName,
    IssueKind::BrokenReference,
    IssueKind::DuplicateField,
    IssueKind::Corrupt,
];

/// As bytes.
pub(super) fn write(issues: &IssueLog, sources: &[Source]) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    out.number(issues.iter().count() as u64);
    for issue in issues.iter() {
        out.number(issue.kind as u64);
        out.number(u64::from(issue.source));
        out.number(issue.count);
        out.number(issue.offsets.len() as u64);
        for &offset in &issue.offsets {
            out.number(offset);
        }
        out.text(&issue.detail);
    }
    out.number(sources.len() as u64);
    for source in sources {
        out.text(&source.name);
        out.text(&source.format);
        out.number(source.container.len() as u64);
        for container in &source.container {
            out.text(container);
        }
        out.number(source.bytes);
        out.number(source.spans);
    }
    out.0
}

/// From bytes; `None` when they are anything else.
pub(super) fn read(bytes: &[u8]) -> Option<(IssueLog, Vec<Source>)> {
    let mut rest = Reader(bytes);
    let mut issues = Vec::new();
    for _ in 0..rest.number()? {
        issues.push(Issue {
            kind: *KINDS.get(usize::try_from(rest.number()?).ok()?)?,
            source: u32::try_from(rest.number()?).ok()?,
            count: rest.number()?,
            offsets: rest.list(Reader::number)?,
            detail: rest.text()?,
        });
    }
    let mut sources = Vec::new();
    for _ in 0..rest.number()? {
        sources.push(Source {
            name: rest.text()?,
            format: rest.text()?,
            container: rest.list(Reader::text)?,
            bytes: rest.number()?,
            spans: rest.number()?,
        });
    }
    rest.0.is_empty().then(|| (IssueLog::of(issues), sources))
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    #[inline(never)]
    fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    #[inline(never)]
    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(core::str::from_utf8(text).ok()?.to_owned())
    }

    fn list<T>(&mut self, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        // Every item takes bytes, so a number that is too large ends at the last one of them.
        (0..self.number()?).map(|_| item(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_number() {
        for (number, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
        assert_eq!(KINDS.last(), Some(&IssueKind::Corrupt));
    }

    #[test]
    fn what_is_written_reads_the_same_and_nothing_less() {
        let mut issues = IssueLog::default();
        issues.add_with(IssueKind::Corrupt, Some(7), || "é".to_owned());
        issues.set_source(1);
        issues.add_many(IssueKind::MissingParent, 3);
        issues.set_source(0);
        let source = Source {
            name: "a.json".to_owned(),
            format: "Zipkin JSON".to_owned(),
            container: vec!["gzip".to_owned(), "zip".to_owned()],
            bytes: 1,
            spans: 2,
        };
        let sources = vec![source, Source::default()];
        let written = write(&issues, &sources);
        assert_eq!(read(&written), Some((issues, sources)));
        for end in 0..written.len() {
            assert_eq!(read(&written[..end]), None, "cut at {end}");
        }
        assert_eq!(read(&[&written[..], b"x"].concat()), None);
    }
}

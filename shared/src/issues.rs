//! What was wrong with the input: counted by kind and by file, with the first place of each.
//!
//! **Invariant:** knows no format and no user interface; a kind has a stable name and a plain sentence, nothing more.

use serde::{Deserialize, Serialize};

/// The kinds of problem that an input can have. The serialised names are stable: people script them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// The parent span is not in the data.
    MissingParent,
    /// Two spans of one trace have the same id.
    DuplicateSpanId,
    /// A span names itself as its parent.
    SelfParent,
    /// Spans are each other's ancestors; the circle was cut at its earliest span.
    ParentCycle,
    /// A trace id is absent or all zero.
    EmptyTraceId,
    /// A span id is absent or all zero.
    EmptySpanId,
    /// An id could not be read as hex, base64 or bytes.
    BadId,
    /// An id is not hexadecimal; a number made from its text stands in.
    OpaqueId,
    /// The same trace has 64-bit and 128-bit ids.
    MixedTraceIdWidth,
    /// A span has no start time.
    MissingStart,
    /// A span has no end time or duration.
    MissingEnd,
    /// A span ends before it starts.
    NegativeDuration,
    /// A value has a type that this field cannot have.
    WrongType,
    /// A number does not fit its field.
    BadNumber,
    /// An enumeration has a value that the format does not define.
    UnknownEnum,
    /// A string is not valid UTF-8; the bad bytes were replaced.
    BadUtf8,
    /// A string escape is half of a surrogate pair; it was replaced.
    LoneSurrogate,
    /// JSON that breaks the rules but could be read (NaN, a raw control character, a trailing comma).
    LenientJson,
    /// The input breaks off.
    Truncated,
    /// A part could not be read and was skipped.
    SyntaxError,
    /// A part of this kind is not trace data (logs, metrics, profiles).
    OtherSignal,
    /// A value is nested deeper than is kept.
    TooDeep,
    /// Something is larger than is kept.
    TooLarge,
    /// A log record belongs to no span of the data.
    LogWithoutSpan,
    /// A resource has no `service.name`.
    MissingServiceName,
    /// A reference inside the file points nowhere (a Jaeger process, for example).
    BrokenReference,
    /// A field occurs twice in one object.
    DuplicateField,
    /// A checksum or a declared length does not agree with the data.
    Corrupt,
}

impl IssueKind {
    /// One plain sentence for a person, without a full stop.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::MissingParent => "Parent span is not in the data",
            Self::DuplicateSpanId => "Span id is used more than once in its trace",
            Self::SelfParent => "Span names itself as its parent",
            Self::ParentCycle => "Spans are each other's ancestors; cut at the earliest",
            Self::EmptyTraceId => "Trace id is empty",
            Self::EmptySpanId => "Span id is empty",
            Self::BadId => "Id is neither hex nor base64",
            Self::OpaqueId => "Id is not hexadecimal; a number made from its text stands in",
            Self::MixedTraceIdWidth => "64-bit and 128-bit forms of one trace id; joined",
            Self::MissingStart => "Span has no start time",
            Self::MissingEnd => "Span has no end time",
            Self::NegativeDuration => "Span ends before it starts",
            Self::WrongType => "Value has the wrong type",
            Self::BadNumber => "Number does not fit its field",
            Self::UnknownEnum => "Value is not one that the format defines",
            Self::BadUtf8 => "Text is not valid UTF-8; bad bytes replaced",
            Self::LoneSurrogate => "Half of a surrogate pair in a string; replaced",
            Self::LenientJson => "JSON breaks the rules but could be read",
            Self::Truncated => "Input breaks off",
            Self::SyntaxError => "Part could not be read and was skipped",
            Self::OtherSignal => "Not trace data; left out",
            Self::TooDeep => "Value is nested too deeply; cut",
            Self::TooLarge => "Larger than is kept; cut",
            Self::LogWithoutSpan => "Log record belongs to no span in the data; left out",
            Self::MissingServiceName => "Resource has no service.name",
            Self::BrokenReference => "Reference points nowhere",
            Self::DuplicateField => "Field occurs twice in one object",
            Self::Corrupt => "Checksum or length does not agree with the data",
        }
    }
}

/// All problems of one kind in one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// What was wrong.
    pub kind: IssueKind,
    /// Index of the source (file) in the dataset.
    pub source: u32,
    /// How often.
    pub count: u64,
    /// Byte offsets of the first few, in the decompressed source; empty where no place is known.
    pub offsets: Vec<u64>,
    /// What the first one was, in words; may be empty.
    pub detail: String,
}

/// The problems found so far. Memory is bounded by the number of kinds and sources, not by the number of problems.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueLog {
    issues: Vec<Issue>,
    #[serde(skip)]
    source: u32,
}

/// How many places are kept of each kind.
const OFFSETS_KEPT: usize = 5;
/// How many bytes of a detail are kept.
const DETAIL_KEPT: usize = 200;

impl IssueLog {
    /// From the problems as [`Self::iter`] gives them.
    pub(crate) fn of(issues: Vec<Issue>) -> Self {
        Self { issues, source: 0 }
    }

    /// Counts one problem at a byte offset of the current source.
    pub fn add(&mut self, kind: IssueKind, offset: Option<u64>) {
        self.add_with(kind, offset, String::new);
    }

    /// Counts one problem; `detail` is asked for the first of its kind only.
    pub fn add_with(
        &mut self,
        kind: IssueKind,
        offset: Option<u64>,
        detail: impl FnOnce() -> String,
    ) {
        let issue = self.slot(kind);
        issue.count += 1;
        if let Some(offset) = offset
            && issue.offsets.len() < OFFSETS_KEPT
        {
            issue.offsets.push(offset);
        }
        if issue.count == 1 {
            let mut text = detail();
            if text.len() > DETAIL_KEPT {
                let end = (0..=DETAIL_KEPT)
                    .rev()
                    .find(|&at| text.is_char_boundary(at))
                    .unwrap_or(0);
                text.truncate(end);
                text.push('…');
            }
            issue.detail = text;
        }
    }

    /// Counts `count` problems that have no place.
    pub fn add_many(&mut self, kind: IssueKind, count: u64) {
        if count > 0 {
            self.slot(kind).count += count;
        }
    }

    /// Says which source the next problems belong to.
    pub fn set_source(&mut self, source: u32) {
        self.source = source;
    }

    /// Which source the next problems belong to.
    pub fn source(&self) -> u32 {
        self.source
    }

    /// Takes over another log, its sources moved up by `source_base`.
    pub fn append(&mut self, other: &Self, source_base: u32) {
        self.issues
            .extend(other.issues.iter().cloned().map(|issue| Issue {
                source: issue.source + source_base,
                ..issue
            }));
    }

    /// Forgets all problems of one kind; for kinds that a merge has to find anew.
    pub fn clear(&mut self, kind: IssueKind) {
        self.issues.retain(|issue| issue.kind != kind);
    }

    /// The problems by source and kind, in the order they first occurred.
    pub fn iter(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter()
    }

    /// How many problems in all.
    pub fn total(&self) -> u64 {
        self.issues.iter().map(|issue| issue.count).sum()
    }

    /// How many problems of one kind.
    pub fn count(&self, kind: IssueKind) -> u64 {
        let of_kind = self.issues.iter().filter(|issue| issue.kind == kind);
        of_kind.map(|issue| issue.count).sum()
    }

    /// True when nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    #[inline(never)]
    fn slot(&mut self, kind: IssueKind) -> &mut Issue {
        let source = self.source;
        let found = self
            .issues
            .iter()
            .position(|issue| issue.kind == kind && issue.source == source);
        let at = found.unwrap_or_else(|| {
            self.issues.push(Issue {
                kind,
                source,
                count: 0,
                offsets: Vec::new(),
                detail: String::new(),
            });
            self.issues.len() - 1
        });
        &mut self.issues[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_kind_and_source_and_keeps_the_first_places() {
        let mut log = IssueLog::default();
        for offset in 0..9 {
            log.add_with(IssueKind::BadUtf8, Some(offset), || {
                format!("byte {offset}")
            });
        }
        log.set_source(1);
        log.add(IssueKind::BadUtf8, None);
        log.add_many(IssueKind::MissingParent, 0);
        let seen: Vec<_> = log
            .iter()
            .map(|issue| {
                (
                    issue.source,
                    issue.count,
                    issue.offsets.len(),
                    issue.detail.as_str(),
                )
            })
            .collect();
        assert_eq!(seen, [(0, 9, 5, "byte 0"), (1, 1, 0, "")]);
        assert_eq!((log.total(), log.count(IssueKind::BadUtf8)), (10, 10));
    }

    #[test]
    fn long_details_are_cut_at_a_character() {
        let mut log = IssueLog::default();
        log.add_with(IssueKind::BadId, None, || "é".repeat(500));
        assert_eq!(
            log.iter().next().map(|issue| issue.detail.chars().count()),
            Some(101)
        );
    }

    #[test]
    fn names_are_stable() {
        let name = serde_json::to_string(&IssueKind::DuplicateSpanId).unwrap();
        assert_eq!(name, "\"duplicate_span_id\"");
    }
}

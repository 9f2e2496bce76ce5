//! What an importer works with: the builder, the way to report progress, and what was found out so far.
//!
//! **Invariant:** knows no format's fields; costs one comparison a span.

use super::{Container, Format, Limits, Signal, keys::KeyCache};
use crate::{
    issues::IssueKind,
    json::{Notes, Raw, Reader, Result},
    store::{
        Source,
        builder::{Growth, Outline, StoreBuilder},
    },
    strings::StrIdx,
};

/// How often progress is told, in bytes.
const REPORT_EVERY: u64 = 1 << 20;

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Finding out what the bytes are.
    Sniff,
    /// Unfolding a container.
    Decompress,
    /// Reading the format into the builder.
    Parse,
    /// Making the trees: [`StoreBuilder::finish`], announced by who calls it.
    Arrange,
}

impl Stage {
    /// A stable name for scripts and people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sniff => "sniff",
            Self::Decompress => "decompress",
            Self::Parse => "parse",
            Self::Arrange => "arrange",
        }
    }
}

/// Who is told how an import goes. There is no clock in this crate: who wants times, takes them here.
pub trait Observer {
    /// A stage begins; the one before has ended.
    fn stage(&mut self, stage: Stage) {
        _ = stage;
    }

    /// `done` of `total` bytes of this stage are through (0: not known how many); `outline` is of all that the builder
    /// holds.
    fn progress(&mut self, done: u64, total: u64, outline: &Outline) {
        _ = (done, total, outline);
    }
}

/// The observer that does not care.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// One import.
pub struct Session<'s> {
    /// Where everything goes. Issues too: `session.builder.issues`.
    pub builder: &'s mut StoreBuilder,
    /// How much may be unfolded.
    pub limits: Limits,
    observer: &'s mut dyn Observer,
    spans_before: usize,
    total: u64,
    reached: u64,
    report_at: u64,
    growth: Growth,
    keys: KeyCache,
    format: Option<Format>,
    source_format: Option<Format>,
    containers: Vec<Container>,
    kept_containers: Vec<Container>,
    other_signal: Option<Signal>,
    /// A container of this source breaks off: then so does what is in it, which is no second problem.
    pub(super) cut: bool,
    /// Bytes that have come out of all containers so far.
    pub(super) unfolded: u64,
}

impl<'s> Session<'s> {
    pub(super) fn new(
        builder: &'s mut StoreBuilder,
        observer: &'s mut dyn Observer,
        limits: Limits,
    ) -> Self {
        let spans_before = builder.span_count();
        Self {
            builder,
            limits,
            observer,
            spans_before,
            total: 0,
            reached: 0,
            report_at: REPORT_EVERY,
            growth: Growth::default(),
            keys: KeyCache::default(),
            format: None,
            source_format: None,
            containers: Vec::new(),
            kept_containers: Vec::new(),
            other_signal: None,
            cut: false,
            unfolded: 0,
        }
    }

    /// Says that everything up to `offset` of the decompressed source has been read and kept. Call it after each span:
    /// it drives the progress, and after a syntax error reading goes on behind the last such place.
    #[inline]
    pub fn reached(&mut self, offset: u64) {
        self.reached = offset;
        if offset >= self.report_at {
            self.report(offset);
        }
    }

    /// The handle of a string as it stands in the input.
    #[inline]
    pub fn intern(&mut self, raw: Raw<'_>, notes: &mut Notes) -> StrIdx {
        if !raw.escaped
            && let Some(idx) = self.builder.intern_bytes(raw.bytes)
        {
            return idx;
        }
        self.intern_odd(raw, notes)
    }

    #[cold]
    #[inline(never)]
    fn intern_odd(&mut self, raw: Raw<'_>, notes: &mut Notes) -> StrIdx {
        let text = raw.text(notes);
        self.builder.intern(&text)
    }

    /// As [`Self::intern`], for keys of attributes, which come again and again.
    #[inline]
    pub fn intern_key(&mut self, raw: Raw<'_>, notes: &mut Notes) -> StrIdx {
        if !raw.escaped
            && let Some(idx) = self.intern_plain_key(raw.bytes)
        {
            return idx;
        }
        self.intern_odd(raw, notes)
    }

    /// As [`Self::intern_key`], for a key without escapes; `None` when it is not UTF-8.
    #[inline]
    pub fn intern_plain_key(&mut self, key: &[u8]) -> Option<StrIdx> {
        let slot = *self.keys.slot(key);
        if self.builder.is(slot, key) {
            return Some(slot);
        }
        let idx = self.builder.intern_bytes(key)?;
        *self.keys.slot(key) = idx;
        Some(idx)
    }

    /// The next value as a handle; empty for null and, noted, for what is no string.
    #[inline(never)]
    pub fn text(&mut self, reader: &mut Reader<'_>) -> Result<StrIdx> {
        Ok(match reader.raw_text()? {
            Some(raw) => self.intern(raw, &mut reader.notes),
            None => StrIdx::EMPTY,
        })
    }

    /// Says which format this is. The first one of a source counts.
    pub fn found(&mut self, format: Format) {
        self.format.get_or_insert(format);
        self.source_format.get_or_insert(format);
    }

    /// Says that there is another signal than traces.
    pub fn saw(&mut self, signal: Signal) {
        self.other_signal.get_or_insert(signal);
    }

    /// Counts a part that holds another signal than traces.
    pub fn other_signal(&mut self, signal: Signal, offset: u64) {
        self.saw(signal);
        let detail = || format!("{} are not shown", signal.name());
        self.builder
            .issues
            .add_with(IssueKind::OtherSignal, Some(offset), detail);
    }

    /// Counts that the source breaks off, once for all the containers that it is in.
    #[cold]
    #[inline(never)]
    pub fn breaks_off(&mut self, offset: u64, problem: impl FnOnce() -> String) {
        if !self.cut {
            self.builder
                .issues
                .add_with(IssueKind::Truncated, Some(offset), problem);
        }
    }

    /// Counts what is wrong with a container, behind which there is no more of it.
    #[cold]
    #[inline(never)]
    pub(super) fn container_broken(&mut self, kind: IssueKind, offset: u64, problem: String) {
        if kind == IssueKind::Truncated {
            self.breaks_off(offset, || problem);
            self.cut = true;
        } else {
            let issues = &mut self.builder.issues;
            issues.add_with(kind, Some(offset), || problem);
        }
    }

    pub(super) fn stage(&mut self, stage: Stage) {
        self.observer.stage(stage);
    }

    /// Begins to count bytes anew.
    pub(super) fn begin_bytes(&mut self, total: u64) {
        self.total = total;
        self.growth = self.builder.growth();
        self.reached = 0;
        self.report_at = REPORT_EVERY;
    }

    /// Says how many bytes there will be, as far as that can be told by now.
    pub(super) fn expect_bytes(&mut self, total: u64) {
        self.total = total;
    }

    #[cold]
    pub(super) fn report(&mut self, offset: u64) {
        self.report_at = offset + REPORT_EVERY;
        self.builder
            .foresee(&self.growth, offset, self.total, REPORT_EVERY);
        let done = match self.total {
            0 => offset,
            total => offset.min(total),
        };
        self.observer
            .progress(done, self.total, self.builder.outline());
    }

    pub(super) fn last_reached(&self) -> u64 {
        self.reached
    }

    pub(super) fn spans(&self) -> u64 {
        (self.builder.span_count() - self.spans_before) as u64
    }

    pub(super) fn format(&self) -> Option<Format> {
        self.format
    }

    /// The format of the current source.
    pub(super) fn source_format(&self) -> Option<Format> {
        self.source_format
    }

    pub(super) fn signal(&self) -> Option<Signal> {
        self.other_signal
    }

    pub(super) fn enter(&mut self, container: Container) {
        self.containers.push(container);
    }

    pub(super) fn leave(&mut self, depth: usize) {
        self.containers.truncate(depth);
    }

    pub(super) fn depth(&self) -> usize {
        self.containers.len()
    }

    /// The containers around the first data that gave spans, or else around what was opened last.
    pub(super) fn containers(&self) -> Vec<Container> {
        if self.kept_containers.is_empty() {
            self.containers.clone()
        } else {
            self.kept_containers.clone()
        }
    }

    /// Begins the source of one file in an archive.
    pub(super) fn begin_file(&mut self, name: String, bytes: u64) {
        self.source_format = None;
        self.other_signal = None;
        self.cut = false;
        self.builder.begin_source(Source {
            name,
            bytes,
            ..Source::default()
        });
    }

    /// Writes down what was found out about the current source.
    pub(super) fn end_source(&mut self, spans: u64) {
        if spans > 0 && self.kept_containers.is_empty() {
            self.kept_containers.clone_from(&self.containers);
        }
        let format = self.source_format.map_or("", Format::label);
        if let Some(source) = self.builder.source_mut() {
            source.format = format.to_owned();
            source.container = self
                .containers
                .iter()
                .map(|container| container.name().to_owned())
                .collect();
            source.spans = spans;
        }
    }
}

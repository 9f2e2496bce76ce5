//! Ids and references: which of the spans that a span names is its parent, and which are links.
//!
//! The parent is the first `CHILD_OF` of the same trace, else the first `FOLLOWS_FROM` of the same trace; one that is in
//! the data goes before one that is not, and any other before the span itself. All else becomes a link, and so does a
//! `FOLLOWS_FROM` that became the parent, since a parent alone would not say that it had ended before.
//!
//! **Invariant:** the type of a link's reference is kept in its attribute `opentracing.ref_type`.

use hashbrown::HashSet;

use super::Import;
use crate::{
    ids::{SpanId, TraceId},
    import::ids,
    issues::IssueKind,
    json::{Expected, Fields, Raw, Result},
    store::{Value, builder::LinkRecord},
    strings::StrIdx,
};

/// One element of `references`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    follows_from: bool,
    trace_id: TraceId,
    span_id: SpanId,
    /// The ids as they were written, where the numbers do not say it.
    opaque: [Option<StrIdx>; 2],
}

/// The spans that may be the parent, best first. Most have one, which takes no memory of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    first: SpanId,
    further: Vec<SpanId>,
}

impl Candidates {
    /// True when the choice depends on which of them are in the data.
    pub fn is_open(&self) -> bool {
        !self.further.is_empty()
    }

    /// The parent, invalid when there is none.
    pub fn first(&self) -> SpanId {
        self.first
    }

    /// The first that is in the data, else the first.
    pub fn decide(&self, known: &HashSet<u64>) -> SpanId {
        let mut all = core::iter::once(&self.first).chain(&self.further);
        let found = all.find(|id| known.contains(&id.0));
        found.copied().unwrap_or(self.first)
    }

    fn offer(&mut self, id: SpanId) {
        if !self.first.is_valid() {
            self.first = id;
        } else if id.is_valid() && id != self.first && !self.further.contains(&id) {
            self.further.push(id);
        }
    }

    /// Takes one out, unless it is the only one.
    fn believe_last(&mut self, id: SpanId) {
        if !self.is_open() {
            return;
        }
        if self.first == id {
            self.first = self.further.remove(0);
        } else {
            self.further.retain(|&other| other != id);
        }
    }
}

/// The fields of a reference by number.
mod field {
    pub const REF_TYPE: u8 = 1;
    pub const TRACE_ID: u8 = 2;
    pub const SPAN_ID: u8 = 3;
}

const FIELDS: Fields = Fields {
    expected: &[
        Expected::new("\n"),
        Expected::new("refType"),
        Expected::new("traceID"),
        Expected::new("spanID"),
    ],
    names: &[
        ("refType", field::REF_TYPE),
        ("traceID", field::TRACE_ID),
        ("spanID", field::SPAN_ID),
    ],
};

impl Import<'_, '_, '_, '_> {
    /// Reads `references` into `self.references`.
    #[inline(never)]
    pub(super) fn read_references(&mut self) -> Result<()> {
        if !self.reader.begin_list()? {
            return Ok(());
        }
        while self.reader.next_element()? {
            if !self.reader.begin_map()? {
                continue;
            }
            let mut reference = Reference {
                follows_from: false,
                trace_id: TraceId::INVALID,
                span_id: SpanId::INVALID,
                opaque: [None; 2],
            };
            self.reference_order.begin();
            while let Some(field) = self.reader.next_field(&FIELDS, &mut self.reference_order)? {
                match field {
                    field::REF_TYPE => reference.follows_from = self.is_follows_from()?,
                    field::TRACE_ID => {
                        (reference.trace_id, reference.opaque[0]) = self.trace_id()?
                    }
                    field::SPAN_ID => (reference.span_id, reference.opaque[1]) = self.span_id()?,
                    // Downloads of the UI repeat the whole span in here.
                    _ => self.reader.skip_value()?,
                }
            }
            self.references.push(reference);
        }
        Ok(())
    }

    fn is_follows_from(&mut self) -> Result<bool> {
        let offset = self.reader.offset();
        let Some(raw) = self.reader.raw_text()? else {
            return Ok(false);
        };
        match &*raw.unescape(&mut self.reader.notes) {
            b"FOLLOWS_FROM" => return Ok(true),
            b"CHILD_OF" => {}
            other => {
                let detail = || format!("reference type {:?}", String::from_utf8_lossy(other));
                self.session
                    .builder
                    .issues
                    .add_with(IssueKind::UnknownEnum, Some(offset), detail);
            }
        }
        Ok(false)
    }

    /// Turns the references of a span into possible parents and links.
    #[inline(never)]
    pub(super) fn resolve_references(
        &mut self,
        trace_id: TraceId,
        own: SpanId,
        deprecated_parent: SpanId,
    ) -> Candidates {
        let references = core::mem::take(&mut self.references);
        let local = |reference: &Reference| {
            !reference.trace_id.is_valid() || same_trace(reference.trace_id, trace_id)
        };
        let mut parents = Candidates::default();
        let mut offer = |id: SpanId| parents.offer(id);
        let parent = |reference: &&Reference| !reference.follows_from && local(reference);
        references
            .iter()
            .filter(parent)
            .for_each(|reference| offer(reference.span_id));
        offer(deprecated_parent);
        let follows = |reference: &&Reference| reference.follows_from && local(reference);
        references
            .iter()
            .filter(follows)
            .for_each(|reference| offer(reference.span_id));
        // Being one's own parent is the last thing to believe.
        parents.believe_last(own);
        // Which of several possible parents wins may not be known yet: all but the first stay visible as links.
        let first = parents.first();
        for reference in &references {
            let is_parent =
                !reference.follows_from && local(reference) && reference.span_id == first;
            if !is_parent {
                self.push_link(reference, trace_id);
            } else if let Some(text) = reference.opaque[1] {
                self.keep("jaeger.parent_span_id", Value::Str(text));
            }
        }
        self.references = references;
        self.references.clear();
        parents
    }

    #[inline(never)]
    fn push_link(&mut self, reference: &Reference, own_trace: TraceId) {
        let builder = &mut *self.session.builder;
        let list = builder.open_list();
        let key = builder.intern("opentracing.ref_type");
        let kind = builder.intern(if reference.follows_from {
            "follows_from"
        } else {
            "child_of"
        });
        builder.push_value(key, Value::Str(kind));
        for (key, text) in ["jaeger.trace_id", "jaeger.span_id"]
            .into_iter()
            .zip(reference.opaque)
        {
            if let Some(text) = text {
                let key = builder.intern(key);
                builder.push_value(key, Value::Str(text));
            }
        }
        let trace_id = if reference.trace_id.is_valid() {
            reference.trace_id
        } else {
            own_trace
        };
        let link = LinkRecord {
            trace_id,
            span_id: reference.span_id,
            attributes: builder.close_attributes(list),
            ..LinkRecord::default()
        };
        builder.push_link(link);
    }

    /// A trace id, and its text when the id does not say it.
    #[inline(never)]
    pub(super) fn trace_id(&mut self) -> Result<(TraceId, Option<StrIdx>)> {
        let Some(raw) = self.reader.raw_text()? else {
            return Ok((TraceId::INVALID, None));
        };
        // Spans of a trace stand together: the text is the same as the last one's.
        if raw.bytes == self.last_trace.0 {
            return Ok((self.last_trace.1, None));
        }
        let (id, issue) = ids::trace_id(&raw.unescape(&mut self.reader.notes));
        if issue.is_none()
            && let Ok(text) = raw.bytes.try_into()
        {
            self.last_trace = (text, id);
        }
        Ok((id, self.opaque(issue, raw)))
    }

    /// A span id, and its text when the id does not say it.
    #[inline(never)]
    pub(super) fn span_id(&mut self) -> Result<(SpanId, Option<StrIdx>)> {
        let Some(raw) = self.reader.raw_text()? else {
            return Ok((SpanId::INVALID, None));
        };
        let (id, issue) = ids::span_id(&raw.unescape(&mut self.reader.notes));
        Ok((id, self.opaque(issue, raw)))
    }

    fn opaque(&mut self, issue: Option<IssueKind>, raw: Raw<'_>) -> Option<StrIdx> {
        let issue = issue?;
        let offset = raw.offset - 1;
        let text = self.session.intern(raw, &mut self.reader.notes);
        let builder = &mut *self.session.builder;
        let written = builder.str(text).to_owned();
        builder.issues.add_with(issue, Some(offset), || written);
        Some(text)
    }
}

/// Equal, or the 64-bit and the 128-bit form of one id.
fn same_trace(one: TraceId, other: TraceId) -> bool {
    one == other || one.low() == other.low() && (one.high() == 0 || other.high() == 0)
}

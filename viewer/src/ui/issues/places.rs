//! From an issue of the data to the spans that have it, one after the other.
//!
//! **Invariant:** one walk over the spans for one issue; kinds that no span shows lead nowhere.

use throughline_model::{
    issues::IssueKind,
    store::{SpanMarks, SpanRef, TraceStore},
};

use crate::{
    state::Command,
    ui::{context::App, format},
};

/// A span that has an issue, and which of them it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Row of its trace.
    pub trace: u32,
    /// Row of the span.
    pub span: u32,
    /// Its number among them, from 1.
    pub number: u64,
    /// How many there are.
    pub total: u64,
}

impl Found {
    /// What the way there is called.
    pub fn words(self) -> String {
        match (self.number, self.total) {
            (_, 1) => "Show the span".to_owned(),
            (1, total) => format!("Show the first of {}", format::counted(total, "span")),
            (number, total) => {
                format!("Show {} of {}", format::count(number), format::count(total))
            }
        }
    }
}

/// The next span with an issue behind `after` in the order of the data; after the last comes the first.
pub fn find(store: &TraceStore, kind: IssueKind, after: Option<u32>) -> Option<Found> {
    let has = shows(kind)?;
    let (mut total, mut first, mut next) = (0, None, None);
    for span in 0..store.span_count() as u32 {
        if !has(store.span(span)) {
            continue;
        }
        total += 1;
        first = first.or(Some(span));
        // From elsewhere it begins with the first.
        if next.is_none() && after.is_some_and(|after| has(store.span(after)) && after < span) {
            next = Some((span, total));
        }
    }
    let (span, number) = next.or(first.map(|span| (span, 1)))?;
    let trace = store.span(span).trace().idx();
    Some(Found {
        trace,
        span,
        number,
        total,
    })
}

/// Shows a span that was found.
pub fn go(app: App, found: Found) {
    app.dispatch(Command::OpenTrace(found.trace));
    app.dispatch(Command::Reveal(found.span));
    app.dispatch(Command::ShowDetails(true));
}

/// How a span shows that it has this issue.
fn shows(kind: IssueKind) -> Option<fn(SpanRef<'_>) -> bool> {
    Some(match kind {
        IssueKind::MissingParent => |span| span.marks().has(SpanMarks::ORPHAN),
        IssueKind::DuplicateSpanId => |span| span.marks().has(SpanMarks::DUPLICATE_ID),
        IssueKind::ParentCycle => |span| span.marks().has(SpanMarks::CYCLE_CUT),
        IssueKind::MissingStart => |span| span.marks().has(SpanMarks::NO_START),
        IssueKind::MissingEnd => |span| span.marks().has(SpanMarks::NO_END),
        IssueKind::NegativeDuration => |span| span.marks().has(SpanMarks::NEGATIVE),
        IssueKind::SelfParent => {
            |span| span.id().is_valid() && span.parent_id() == span.id() && span.parent().is_none()
        }
        IssueKind::EmptySpanId => |span| !span.id().is_valid(),
        IssueKind::EmptyTraceId => |span| !span.trace().id().is_valid(),
        IssueKind::MissingServiceName => {
            |span| span.resource().attributes().get("service.name").is_none()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::sample;

    #[test]
    fn issues_lead_to_their_spans_and_round_again() {
        let store = sample::spans(&[
            (1, 0, 10, 20),
            (2, 9, 12, 14),
            (3, 1, 18, 14),
            (4, 8, 13, 14),
            (5, 1, 13, 0),
        ]);
        let id = |found: Found| store.span(found.span).id().0;
        let check = |kind, after: Option<u64>, expected: Option<(u64, &str)>| {
            let row = |id: u64| (0..5).find(|&row| store.span(row).id().0 == id);
            let found = find(&store, kind, after.and_then(row));
            let said = found.map(|found| (id(found), found.words()));
            let expected = expected.map(|(id, words)| (id, words.to_owned()));
            assert_eq!(said, expected, "{kind:?} {after:?}");
        };
        let parent = IssueKind::MissingParent;
        let first = Some((2, "Show the first of 2 spans"));
        check(parent, None, first);
        check(parent, Some(1), first);
        check(parent, Some(2), Some((4, "Show 2 of 2")));
        check(parent, Some(4), first);
        let one = |id| Some((id, "Show the span"));
        check(IssueKind::NegativeDuration, None, one(3));
        check(IssueKind::MissingEnd, Some(5), one(5));
        check(IssueKind::DuplicateSpanId, None, None);
        check(IssueKind::BadUtf8, None, None);
    }
}

//! What the head of the span details says: numbers, and in plain sentences what the data gave or lacked.
//!
//! **Invariant:** pure; reads the store only. A sentence says what is known, and what may be the reason.

use throughline_model::{
    issues::IssueKind,
    store::{SpanMarks, SpanRef, StatusCode, TraceStore},
    time::{Nanos, UnixNanos},
};

use crate::ui::format;

/// Something that a person should know about a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// One line.
    pub title: String,
    /// More words; may be empty.
    pub text: String,
    /// The issue of the data that this is, where it is one.
    pub kind: Option<IssueKind>,
}

/// Bytes of an error message that are shown at first.
pub const MESSAGE_BYTES: usize = 300;
/// Bytes of an error message that are ever shown.
const MESSAGE_MAX: usize = 20_000;

/// The beginning of a message.
pub fn short(text: &str) -> String {
    let (head, cut) = format::clip(text, MESSAGE_BYTES);
    format!("{head}{}", if cut { "…" } else { "" })
}

/// OTLP flags in words: `0x101: sampled, the parent is local`.
pub fn flags_words(flags: u32) -> String {
    const SAMPLED: u32 = 1;
    const RANDOM: u32 = 1 << 1;
    const REMOTE_KNOWN: u32 = 1 << 8;
    const REMOTE: u32 = 1 << 9;
    let mut words = vec![if flags & SAMPLED != 0 {
        "sampled"
    } else {
        "not sampled"
    }];
    if flags & RANDOM != 0 {
        words.push("random trace id");
    }
    if flags & REMOTE_KNOWN != 0 {
        words.push(if flags & REMOTE != 0 {
            "the parent is remote"
        } else {
            "the parent is local"
        });
    }
    format!("0x{flags:02x}: {}", words.join(", "))
}

/// Whether start and end give no duration.
pub fn has_odd_times(span: SpanRef<'_>) -> bool {
    let odd = [SpanMarks::NO_START, SpanMarks::NO_END, SpanMarks::NEGATIVE];
    odd.into_iter().any(|mark| span.marks().has(mark))
}

/// How long a span took, and the same exactly. A span that ends before it starts says so; one that lacks an end or a
/// start has no duration.
pub fn duration(span: SpanRef<'_>) -> (String, String) {
    let marks = span.marks();
    if marks.has(SpanMarks::NO_END) || marks.has(SpanMarks::NO_START) {
        (
            "unknown".to_owned(),
            "The data gives no start or no end".to_owned(),
        )
    } else if marks.has(SpanMarks::NEGATIVE) {
        let early = span.start().since(span.end());
        (
            format::offset(span.end(), span.start()),
            format!("−{}", format::exact_duration(early)),
        )
    } else {
        (
            format::duration(span.duration()),
            format::exact_duration(span.duration()),
        )
    }
}

/// The error of a span, if its status says so.
pub fn error(store: &TraceStore, span: u32) -> Option<Note> {
    let span = store.span(span);
    if span.status() != StatusCode::Error {
        return None;
    }
    let exception = span
        .events()
        .find(|event| event.attributes().get_str("exception.type").is_some());
    let kind = exception.and_then(|event| event.attributes().get_str("exception.type"));
    let message = Some(span.status_message()).filter(|text| !text.is_empty());
    let message = message.or_else(|| exception?.attributes().get_str("exception.message"));
    Some(Note {
        title: kind.map_or_else(
            || "Error".to_owned(),
            |kind| format!("Error · {}", format::visible_line(kind)),
        ),
        text: message.map_or_else(
            || "The span gives no message.".to_owned(),
            |text| format::visible(format::clip(text, MESSAGE_MAX).0).into_owned(),
        ),
        kind: None,
    })
}

/// What was odd about a span in the data.
pub fn notes(store: &TraceStore, span: u32) -> Vec<Note> {
    let span = store.span(span);
    let marks = span.marks();
    let mut notes = Vec::new();
    let mut add = |title: String, text: &str, kind: Option<IssueKind>| {
        notes.push(Note {
            title,
            text: text.to_owned(),
            kind,
        });
    };
    if marks.has(SpanMarks::ORPHAN) {
        add(
            format!("Its parent {} is not in the data", span.parent_id()),
            "It may have been dropped by sampling, not exported yet, lost on the way, or be in a file that is not open.",
            Some(IssueKind::MissingParent),
        );
    }
    if marks.has(SpanMarks::CYCLE_CUT) {
        add(
            "Its ancestors lead back to itself".to_owned(),
            "The parent ids form a circle. It is cut at this span, so that every span of it shows.",
            Some(IssueKind::ParentCycle),
        );
    }
    if span.id().is_valid() && span.parent_id() == span.id() && span.parent().is_none() {
        add(
            "It names itself as its parent".to_owned(),
            "So it is shown as a root span.",
            Some(IssueKind::SelfParent),
        );
    }
    if marks.has(SpanMarks::DUPLICATE_ID) {
        add(
            format!("Another span of this trace has the id {}", span.id()),
            "It may have been sent twice, or the ids are not random. Children stand below the one of their own service.",
            Some(IssueKind::DuplicateSpanId),
        );
    }
    if marks.has(SpanMarks::SHARED) {
        add(
            "The client's span of this call has the same id".to_owned(),
            "Zipkin lets both halves of a call share one id. This is the server's half, shown below the client's.",
            None,
        );
    }
    if marks.has(SpanMarks::NO_START) {
        add(
            "No start time was given".to_owned(),
            "Where it stands in time is not known.",
            Some(IssueKind::MissingStart),
        );
    }
    if marks.has(SpanMarks::NO_END) {
        add(
            "No end time was given".to_owned(),
            "It may have been running still when it was exported, or its process ended first.",
            Some(IssueKind::MissingEnd),
        );
    }
    if marks.has(SpanMarks::NEGATIVE) {
        let early = span.start().since(span.end());
        add(
            format!("It ends {early} before it starts"),
            "The clock may have been set back meanwhile. The times are shown as they came.",
            Some(IssueKind::NegativeDuration),
        );
    }
    if let Some(early) = starts_before_parent(store, span.idx()) {
        add(
            format!("It starts {early} before its parent"),
            "Their clocks may differ. The times are shown as they came.",
            None,
        );
    }
    if let Some(dropped) = dropped_words(span.dropped()) {
        add(
            dropped,
            "The process that made the span, or a collector, has a limit for them.",
            None,
        );
    }
    notes
}

fn starts_before_parent(store: &TraceStore, span: u32) -> Option<Nanos> {
    let span = store.span(span);
    let parent = store.span(span.parent()?);
    let known = |at: UnixNanos| at.0 > 0;
    let early = parent.start().since(span.start());
    (early.0 > 0 && known(span.start()) && known(parent.start())).then_some(early)
}

/// `2 attributes and 1 event were dropped before the export`.
fn dropped_words(dropped: [u32; 3]) -> Option<String> {
    let names = ["attribute", "event", "link"];
    let parts: Vec<String> = names
        .iter()
        .zip(dropped)
        .filter(|&(_, number)| number > 0)
        .map(|(name, number)| format::counted(u64::from(number), name))
        .collect();
    let (last, first) = parts.split_last()?;
    let list = if first.is_empty() {
        last.clone()
    } else {
        format!("{} and {last}", first.join(", "))
    };
    let verb = if dropped.iter().map(|&number| u64::from(number)).sum::<u64>() == 1 {
        "was"
    } else {
        "were"
    };
    Some(format!("{list} {verb} dropped before the export"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::details::sample;

    #[test]
    fn errors_take_the_best_message() {
        let check = |status: StatusCode,
                     message: &str,
                     exception: Option<(&str, &str)>,
                     expected: Option<(&str, &str)>| {
            let store = sample::with_error(status, message, exception);
            let expected = expected.map(|(title, text)| Note {
                title: title.into(),
                text: text.into(),
                kind: None,
            });
            assert_eq!(error(&store, 0), expected);
        };
        check(StatusCode::Ok, "fine", None, None);
        check(StatusCode::Unset, "", Some(("Boom", "x")), None);
        check(
            StatusCode::Error,
            "502 from the bank",
            None,
            Some(("Error", "502 from the bank")),
        );
        check(
            StatusCode::Error,
            "",
            None,
            Some(("Error", "The span gives no message.")),
        );
        check(
            StatusCode::Error,
            "",
            Some(("io.Timeout", "after 5 s")),
            Some(("Error · io.Timeout", "after 5 s")),
        );
        check(
            StatusCode::Error,
            "status",
            Some(("io.Timeout", "after 5 s")),
            Some(("Error · io.Timeout", "status")),
        );
        check(StatusCode::Error, "a\0b", None, Some(("Error", "a‹NUL›b")));
    }

    #[test]
    fn oddities_become_sentences() {
        let check = |spans: &[(u64, u64, u64, u64)], span: u32, expected: &[&str]| {
            let store = sample::spans(spans);
            let titles: Vec<String> = notes(&store, span)
                .into_iter()
                .map(|note| note.title)
                .collect();
            assert_eq!(titles, expected, "{spans:?}");
        };
        check(&[(1, 0, 10, 20)], 0, &[]);
        check(
            &[(1, 7, 10, 20)],
            0,
            &["Its parent 0000000000000007 is not in the data"],
        );
        check(&[(1, 0, 10, 0)], 0, &["No end time was given"]);
        check(&[(1, 0, 30, 20)], 0, &["It ends 10 ns before it starts"]);
        check(
            &[(1, 0, 10, 20), (2, 1, 4, 12)],
            1,
            &["It starts 6 ns before its parent"],
        );
        check(&[(1, 1, 10, 20)], 0, &["It names itself as its parent"]);
        check(
            &[(1, 2, 10, 20), (2, 1, 11, 20)],
            0,
            &["Its ancestors lead back to itself"],
        );
        check(
            &[(1, 0, 10, 20), (1, 0, 30, 40)],
            1,
            &["Another span of this trace has the id 0000000000000001"],
        );
    }

    #[test]
    fn flags_become_words() {
        let check = |flags: u32, expected: &str| assert_eq!(flags_words(flags), expected);
        check(0, "0x00: not sampled");
        check(1, "0x01: sampled");
        check(3, "0x03: sampled, random trace id");
        check(0x101, "0x101: sampled, the parent is local");
        check(0x300, "0x300: not sampled, the parent is remote");
    }

    #[test]
    fn odd_durations_are_said() {
        let check = |start: u64, end: u64, expected: &str| {
            let store = sample::spans(&[(1, 0, start, end)]);
            assert_eq!(duration(store.span(0)).0, expected, "{start} {end}");
        };
        check(10, 22, "12 ns");
        check(10, 10, "0 ns");
        check(30, 20, "−10 ns");
        check(30, 0, "unknown");
        check(0, 20, "unknown");
    }

    #[test]
    fn dropped_things_are_listed() {
        let check = |dropped, expected: Option<&str>| {
            assert_eq!(dropped_words(dropped).as_deref(), expected);
        };
        check([0, 0, 0], None);
        check([1, 0, 0], Some("1 attribute was dropped before the export"));
        check([0, 2, 0], Some("2 events were dropped before the export"));
        check(
            [1, 1, 0],
            Some("1 attribute and 1 event were dropped before the export"),
        );
        check(
            [3, 1, 2],
            Some("3 attributes, 1 event and 2 links were dropped before the export"),
        );
    }
}

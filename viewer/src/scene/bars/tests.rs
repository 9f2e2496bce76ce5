//! The display list of small traces, whole.

mod groups;

use std::collections::BTreeSet;

use throughline_model::{
    analysis::critical_path::CriticalPath,
    ids::{SpanId, TraceId},
    store::{
        SpanKind, StatusCode, TraceStore, Value,
        builder::{EventRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};

use super::*;
use crate::state::{TimeRange, folds::Folds, rows::Look};
pub(super) use groups::group_scene;

/// `span parent start end service` and the times of its events, all in milliseconds after 1 s; `!` behind the service is an
/// error.
pub(crate) fn draw(lines: &str) -> TraceStore {
    let mut b = StoreBuilder::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let list = b.open_list();
        let key = b.intern("service.name");
        let value = Value::Str(b.intern(words[4].trim_end_matches('!')));
        b.push_value(key, value);
        let attributes = b.close_attributes(list);
        let resource = b.resource(ResourceRecord {
            attributes,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        let at = |word: &str| UnixNanos::from_millis(1_000 + word.parse::<u64>().unwrap());
        let events = b.event_mark();
        for word in &words[5..] {
            b.push_event(EventRecord {
                time: at(word),
                ..EventRecord::default()
            });
        }
        let events = b.events_since(events);
        b.push_span(SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(words[0].parse().unwrap()),
            parent_span_id: SpanId(words[1].parse().unwrap_or(0)),
            start: at(words[2]),
            end: at(words[3]),
            events,
            status: if words[4].ends_with('!') {
                StatusCode::Error
            } else {
                StatusCode::Unset
            },
            ..SpanRecord::new(resource, scope)
        });
    }
    b.finish()
}

/// Draws at 220 × 60 with 10 pixels of air, a pixel a millisecond, and prints the list.
pub(super) fn scene(lines: &str, change: impl FnOnce(&mut Bars<'_>)) -> String {
    scene_of(lines, &[], false, change)
}

fn scene_of(
    lines: &str,
    collapsed: &[u32],
    with_path: bool,
    change: impl FnOnce(&mut Bars<'_>),
) -> String {
    let store = draw(lines);
    folded_scene(&store, collapsed, with_path, Folds::default(), None, change)
}

fn folded_scene(
    store: &TraceStore,
    collapsed: &[u32],
    with_path: bool,
    folds: Folds,
    moved: Option<bool>,
    change: impl FnOnce(&mut Bars<'_>),
) -> String {
    let trace = store.trace(0);
    let look = Look {
        collapsed: &BTreeSet::from_iter(collapsed.iter().copied()),
        folds: folds.into(),
        focus: None,
    };
    let rows = Rows::of_trace(trace, store.spans(), &look);
    let path = CriticalPath::of_trace(store, 0);
    // Moved by the clocks' estimate; `Some(true)` shows where bars were, too.
    let skew = Skew::of_trace(store, 0);
    let mut bars = Bars {
        store,
        trace,
        rows: &rows,
        axis: Axis {
            range: TimeRange::new(0, 200_000_000),
            width: 220.0,
            pad: 10.0,
        },
        height: 60.0,
        row_height: 26.0,
        scroll: 0.0,
        stacked: false,
        selection: None,
        hovered: None,
        matches: &[],
        matching: &[],
        dims: false,
        path: with_path.then_some(&path),
        colours: None,
        skew: moved.map(|_| &skew),
        ghosts: moved == Some(true),
        links: &[],
        sticky: &[],
        measured: None,
        crosshair: None,
        brush: None,
    };
    change(&mut bars);
    let items = bars.scene().items;
    let items = items
        .iter()
        .filter(|item| item.ink() != Ink::Line)
        .map(|item| match item {
            Item::Rect {
                x, y, w, h, ink, ..
            } => format!("{ink:?} {x} {y} {w}×{h}"),
            Item::Dot { x, y, r, ink } => format!("{ink:?} dot {x} {y} {r}"),
            Item::Text {
                x,
                text,
                align,
                ink,
                ..
            } => format!("{ink:?} {text:?} {align:?} {x}"),
            Item::Line { points, ink, .. } => format!("{ink:?} line {}", corners(points)),
            Item::Shape { points, ink } => format!("{ink:?} shape {}", corners(points)),
            other => format!("{other:?}"),
        });
    items.collect::<Vec<_>>().join("\n")
}

/// A trace of one row each, client and server sharing theirs.
fn call_scene(store: &TraceStore, change: impl FnOnce(&mut Bars<'_>)) -> String {
    use throughline_model::analysis::pairs::Pairs;

    let pairs = std::sync::Arc::new(Pairs::of_trace(store, 0));
    let folds = Folds::new(None, Some(pairs), &BTreeSet::new());
    folded_scene(store, &[], false, folds, None, change)
}

fn corners(points: &[(f32, f32)]) -> String {
    let corners = points.iter().map(|(x, y)| format!("{x},{y}"));
    corners.collect::<Vec<_>>().join(" ")
}

pub(super) fn check(lines: &str, change: impl FnOnce(&mut Bars<'_>), expected: &[&str]) {
    assert_eq!(scene(lines, change), expected.join("\n"));
}

#[test]
fn a_label_stands_inside_or_where_there_is_room() {
    check(
        "1 - 0 200 a
         2 1 0 20 b
         3 1 180 200 a",
        |bars| bars.height = 78.0,
        &[
            "Service(0) 10 7 200×12",
            "Service(0) 190 59 20×12",
            "Service(1) 10 33 20×12",
            "OnService(0) \"200 ms\" End 203",
            "Text2 \"20.0 ms\" Start 37",
            "Text2 \"20.0 ms\" End 183",
        ],
    );
}

#[test]
fn no_label_stands_over_marks() {
    check(
        "1 - 0 100 a 95
         2 - 0 200 b 20 190
         3 - 0 200 b 20
         4 - 100 160 c 120 140",
        |bars| bars.height = 104.0,
        &[
            "Service(0) 10 7 100×12",
            "Service(1) 10 33 200×12",
            "Service(1) 10 59 200×12",
            "Service(2) 110 85 60×12",
            "OnService(0) 104.25 10 1.5×6",
            "OnService(1) 29.25 36 1.5×6",
            "OnService(1) 199.25 36 1.5×6",
            "OnService(1) 29.25 62 1.5×6",
            "OnService(2) 129.25 88 1.5×6",
            "OnService(2) 149.25 88 1.5×6",
            "OnService(0) \"100 ms\" End 98",
            "OnService(1) \"200 ms\" End 193",
            "OnService(1) \"200 ms\" End 203",
            "Text2 \"60.0 ms\" End 103",
        ],
    );
}

#[test]
fn a_label_keeps_away_from_marks() {
    let check = |events: &[u32]| {
        let events: Vec<String> = events.iter().map(u32::to_string).collect();
        let list = scene(&format!("1 - 0 200 a {}", events.join(" ")), |_| {});
        let number = |text: &str| text.parse::<f32>().unwrap();
        let marks = list.lines().filter_map(|line| {
            let (left, rest) = line.strip_prefix("OnService(0) ")?.split_once(' ')?;
            rest.contains("1.5×6").then(|| number(left))
        });
        let marks: Vec<f32> = marks.collect();
        assert_eq!(marks.len(), events.len(), "{list}");
        let Some(end) = list
            .lines()
            .find_map(|line| line.strip_prefix("OnService(0) \"200 ms\" End "))
        else {
            assert!(list.contains("Text2 \"200 ms\""), "{list}");
            return 0;
        };
        let right = number(end);
        let left = right - text_width("200 ms", LABEL_SIZE);
        for mark in marks {
            let apart = (left - mark - 1.5).max(mark - right);
            assert!(apart >= 6.2, "{mark} is {apart} from the label in {list}");
        }
        1
    };
    let mut inside = 0;
    for first in (4..=200).step_by(2) {
        inside += check(&[first]);
        for second in [first + 6, first + 20, first + 45, first + 60, first + 110] {
            inside += if second <= 200 {
                check(&[first, second])
            } else {
                0
            };
        }
    }
    assert!(inside > 300, "{inside}");
}

#[test]
fn errors_have_a_mark_and_short_spans_a_floor() {
    check(
        "1 - 0 0 a!",
        |_| {},
        &[
            "Service(0) 10 7 2×12",
            "Ground dot 10 13 5",
            "Error dot 10 13 3.5",
            "Text2 \"0 ns\" Start 19",
        ],
    );
}

#[test]
fn rows_off_screen_are_not_drawn() {
    let many: String = (1..=1_000)
        .map(|n| format!("{n} 0 {n} {} a\n", n + 1))
        .collect();
    let list = scene(&many, |bars| bars.scroll = 2_600.0);
    assert_eq!(
        list.lines()
            .filter(|line| line.starts_with("Service"))
            .count(),
        3
    );
}

#[test]
fn spans_outside_the_range_point_to_their_side() {
    check(
        "1 - 0 10 a
         2 1 190 200 a",
        |bars| bars.axis.range = TimeRange::new(50_000_000, 100_000_000),
        &["Text3 \"‹\" Start 4", "Text3 \"›\" End 216"],
    );
}

#[test]
fn selection_and_matches_are_grounds() {
    check(
        "1 - 0 10 a
         2 1 0 10 a",
        |bars| {
            bars.selection = Some(0);
            bars.matches = &[0, 1];
        },
        &[
            "AccentGround 0 0 220×26",
            "Match 0 26 220×26",
            "Service(0) 10 7 10×12",
            "Service(0) 10 33 10×12",
            "Text2 \"10.0 ms\" Start 27",
            "Text2 \"10.0 ms\" Start 27",
        ],
    );
}

/// The lines of the critical path alone, as `x y width`; all are three pixels high.
fn check_path(
    lines: &str,
    collapsed: &[u32],
    change: impl FnOnce(&mut Bars<'_>),
    expected: &[&str],
) {
    let all = scene_of(lines, collapsed, true, change);
    let lines = all
        .lines()
        .filter_map(|line| line.strip_prefix("Critical "));
    let lines: Vec<_> = lines.map(|line| line.strip_suffix("×3")).collect();
    let expected: Vec<_> = expected.iter().map(|line| Some(*line)).collect();
    assert_eq!(lines, expected);
}

const CALLS: &str = "1 - 0 200 a
    2 1 50 150 b
    3 2 60 140 c
    4 1 10 60 d";

#[test]
fn the_critical_path_is_a_line_below_the_bars_that_have_the_time() {
    check_path(
        CALLS,
        &[],
        |bars| bars.height = 104.0,
        &["10 20 50", "160 20 50", "60 72 10", "150 72 10", "70 98 80"],
    );
    // Without it nothing else changes.
    let without = scene(CALLS, |_| {});
    let with = scene_of(CALLS, &[], true, |_| {});
    let kept: Vec<_> = with
        .lines()
        .filter(|l| !l.starts_with("Critical"))
        .collect();
    assert_eq!(kept.join("\n"), without);
    assert!(!without.contains("Critical"));
}

#[test]
fn a_collapsed_row_has_the_line_of_what_it_hides() {
    check_path(
        CALLS,
        &[2],
        |bars| bars.height = 104.0,
        &["10 20 50", "160 20 50", "60 72 100"],
    );
    check_path(CALLS, &[0], |_| {}, &["10 20 200"]);
    check_path(CALLS, &[0], |bars| bars.row_height = 20.0, &["10 16 200"]);
}

#[test]
fn short_pieces_can_be_seen_and_many_are_one() {
    // A piece of no width at the very end keeps inside its bar; pieces that touch are one.
    check_path(
        "1 - 0 200 a
         2 1 0 100 a
         3 1 100 200 a",
        &[],
        |bars| bars.height = 78.0,
        &["10 46 100", "110 72 100"],
    );
    let many: String = (0..10_000)
        .map(|n| format!("{} 1 {} {} a\n", n + 2, 2 * n + 1, 2 * n + 2))
        .collect();
    let whole = TimeRange::new(0, 20_000_000_000);
    let list = scene_of(&format!("1 - 0 20000 a\n{many}"), &[], true, |bars| {
        bars.axis.range = whole;
        bars.height = 26.0;
    });
    let pieces: Vec<_> = list.lines().filter(|l| l.starts_with("Critical")).collect();
    assert!(pieces.len() <= 3, "{pieces:?}");
    // Zoomed in, each stands for itself again.
    let list = scene_of(&format!("1 - 0 20000 a\n{many}"), &[], true, |bars| {
        bars.axis.range = TimeRange::new(10_000_000_000, 10_010_000_000);
        bars.height = 26.0;
    });
    let pieces: Vec<_> = list.lines().filter(|l| l.starts_with("Critical")).collect();
    assert_eq!(pieces[..2], ["Critical 10 20 20×3", "Critical 50 20 20×3"]);
}

/// `client` and `server` are kinds here, and hosts of their own: the server's clock is 100 ms behind.
pub fn skewed() -> TraceStore {
    call(1_100, 1_200, 1_010, 1_090)
}

/// A client from one time to another, and its server; milliseconds.
fn call(start: u64, end: u64, server_start: u64, server_end: u64) -> TraceStore {
    let mut b = StoreBuilder::new();
    for (id, service, kind, start, end) in [
        (1, "client", SpanKind::Client, start, end),
        (2, "server", SpanKind::Server, server_start, server_end),
    ] {
        let list = b.open_list();
        let (key, value) = (b.intern("service.name"), b.intern(service));
        b.push_value(key, Value::Str(value));
        let attributes = b.close_attributes(list);
        let resource = b.resource(ResourceRecord {
            attributes,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        b.push_span(SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(id),
            parent_span_id: SpanId(id - 1),
            start: UnixNanos::from_millis(start),
            end: UnixNanos::from_millis(end),
            kind,
            ..SpanRecord::new(resource, scope)
        });
    }
    b.finish()
}

#[test]
fn a_call_has_the_duration_of_the_bar_that_is_drawn() {
    let store = call(1_000, 1_200, 1_040, 1_120);
    let check = |change: fn(&mut Bars<'_>), expected: &[&str]| {
        assert_eq!(call_scene(&store, change), expected.join("\n"));
    };
    check(
        |_| {},
        &[
            "ServiceFaint(0) 10 7 200×12",
            "Service(1) 50 7 80×12",
            "OnService(1) \"80.0 ms\" End 123",
        ],
    );
    // Faint it is faint as a whole, and can be read.
    check(
        |bars| (bars.dims, bars.matches) = (true, &[9]),
        &["ServiceFaint(1) 50 7 80×12", "Text2 \"80.0 ms\" End 123"],
    );
    check(
        |bars| (bars.dims, bars.matches) = (true, &[1]),
        &[
            "Match 0 0 220×26",
            "ServiceFaint(0) 10 7 200×12",
            "Service(1) 50 7 80×12",
            "OnService(1) \"80.0 ms\" End 123",
        ],
    );
    // Too narrow for it: beside all of the row.
    let store = call(1_000, 1_100, 1_040, 1_050);
    let scene = call_scene(&store, |_| {});
    assert!(scene.ends_with("Text2 \"10.0 ms\" Start 117"), "{scene}");
}

#[test]
fn moved_bars_show_where_they_were() {
    let store = skewed();
    let check = |moved: Option<bool>, expected: &[&str]| {
        let scene = folded_scene(&store, &[], false, Folds::default(), moved, |_| {});
        let bars: Vec<&str> = scene.lines().filter(|line| !line.contains(" ms")).collect();
        assert_eq!(bars, expected);
    };
    let given = ["Service(0) 100 7 100×12", "Service(1) 10 33 80×12"];
    check(None, &given);
    check(
        Some(false),
        &["Service(0) 100 7 100×12", "Service(1) 110 33 80×12"],
    );
    check(
        Some(true),
        &[
            "Frame { x: 10.5, y: 33.5, w: 79.0, h: 11.0, radius: 3.0, width: 1.0, ink: Text3 }",
            "Service(0) 100 7 100×12",
            "Service(1) 110 33 80×12",
        ],
    );
}

#[test]
fn what_is_measured_has_its_length() {
    check(
        "1 - 0 200 a",
        |bars| {
            bars.measured = Some(Measured {
                from: 50_000_000,
                to: Some(100_000_000),
            });
        },
        &[
            "Service(0) 10 7 200×12",
            "OnService(0) \"200 ms\" End 203",
            "Accent 60 0 1×60",
            "Accent 110 0 1×60",
            "Accent 60 44 50×1",
            "AccentGround 57.265 35 55.469997×18",
            "Accent \"50.0 ms\" Middle 85",
        ],
    );
}

//! Rows that stand for repeated siblings.

use std::{collections::BTreeSet, sync::Arc};

use throughline_model::analysis::repeats::Repeats;

use super::*;

/// The rows of a trace whose repeats share one, of at least two.
pub(in crate::scene::bars) fn group_scene(
    lines: &str,
    change: impl FnOnce(&mut Bars<'_>),
) -> String {
    let store = draw(lines);
    let repeats = Arc::new(Repeats::of_trace(&store, 0, 2));
    let folds = Folds::new(Some(repeats), None, &BTreeSet::new());
    folded_scene(&store, &[], true, folds, None, change)
}

fn check_folded(lines: &str, change: impl FnOnce(&mut Bars<'_>), expected: &[&str]) {
    assert_eq!(group_scene(lines, change), expected.join("\n"), "{lines}");
}

#[test]
fn members_of_a_group_stand_apart_where_there_is_room() {
    // Touching calls are three bars, not one.
    check_folded(
        "1 - 0 200 a
         2 1 20 60 b
         3 1 60 80 b!
         4 1 80 120 b",
        |_| {},
        &[
            "ServiceFaint(1) 30 33 100×12",
            "Service(0) 10 7 200×12",
            "Service(1) 30 34 39×10",
            "Service(1) 70 34 19×10",
            "Service(1) 90 34 39×10",
            "Critical 10 20 20×3",
            "Critical 130 20 80×3",
            "Critical 30 46 100×3",
            "Ground dot 70 39 5",
            "Error dot 70 39 3.5",
            "OnService(0) \"200 ms\" End 203",
            "Text2 \"3 × 40.0 ms\" Start 137",
        ],
    );
    // With room on neither side the words stand on a ground of their own.
    check_folded(
        "1 - 0 200 a
         2 1 0 100 b
         3 1 100 200 b",
        |bars| bars.path = None,
        &[
            "ServiceFaint(1) 10 33 200×12",
            "Service(0) 10 7 200×12",
            "Service(1) 10 34 99×10",
            "Service(1) 110 34 99×10",
            "OnService(0) \"200 ms\" End 203",
            "Ground 67.07251 33 140.92749×12",
            "Text2 \"200 ms · 2 × 100 ms\" End 203",
        ],
    );
}

#[test]
fn a_group_is_marked_and_faint_by_all_of_its_members() {
    let calls = "1 - 0 200 a\n 2 1 20 60 b\n 3 1 60 80 b!\n 4 1 80 120 b";
    let check = |matches: &'static [u32], dims: bool, expected: &[&str]| {
        let list = group_scene(calls, |bars| {
            (bars.matches, bars.dims, bars.path) = (matches, dims, None);
            // By group: the root is in none.
            bars.matching = match matches.contains(&3) {
                true => &[1],
                false => &[0],
            };
        });
        let of_group = list.lines().filter(|line| !line.contains("Service(0)"));
        assert_eq!(of_group.collect::<Vec<_>>().join("\n"), expected.join("\n"));
    };
    let marks = [
        "Ground dot 70 39 5",
        "Error dot 70 39 3.5",
        "Text2 \"3 × 40.0 ms\" Start 137",
    ];
    let members = [
        "ServiceFaint(1) 30 33 100×12",
        "Service(1) 30 34 39×10",
        "Service(1) 70 34 19×10",
        "Service(1) 90 34 39×10",
    ];
    check(
        &[3],
        false,
        &[&["Match 0 26 220×26"][..], &members, &marks].concat(),
    );
    // The member that matches is full, the others are faint, and nothing is behind them.
    check(
        &[3],
        true,
        &[
            "Match 0 26 220×26",
            "Service(1) 90 34 39×10",
            "ServiceFaint(0) 10 7 200×12",
            "ServiceFaint(1) 30 34 39×10",
            "ServiceFaint(1) 70 34 19×10",
            "Ground dot 70 39 5",
            "Error dot 70 39 3.5",
            "Text2 \"200 ms\" End 203",
            "Text2 \"3 × 40.0 ms\" Start 137",
        ],
    );
    check(
        &[0],
        true,
        &[
            "Match 0 0 220×26",
            "ServiceFaint(1) 30 34 39×10",
            "ServiceFaint(1) 70 34 19×10",
            "ServiceFaint(1) 90 34 39×10",
            "Ground dot 70 39 5",
            "ErrorGround dot 70 39 3.5",
            "Text3 \"3 × 40.0 ms\" Start 137",
        ],
    );
}

#[test]
fn where_there_is_no_room_columns_say_how_many_run() {
    // Two at a time in the first half, one in the second.
    let calls: String = (0..20)
        .map(|at| format!("{} 1 {} {} b\n", at + 2, 100 + at, 102 + at - at / 10))
        .collect();
    check_folded(
        &format!("1 - 0 200 a\n {calls}"),
        |bars| bars.path = None,
        &[
            "ServiceFaint(1) 110 33 20×12",
            "Service(0) 10 7 200×12",
            "Service(1) 110 36 2×8",
            "Service(1) 113 34 2×10",
            "Service(1) 116 34 2×10",
            "Service(1) 119 34 2×10",
            "Service(1) 122 36 2×8",
            "Service(1) 125 36 2×8",
            "Service(1) 128 37 2×7",
            "OnService(0) \"200 ms\" End 203",
            "Text2 \"20 × 1.00 ms\" Start 137",
        ],
    );
}

#[test]
fn a_group_tells_what_there_is_room_for() {
    // As wide as they are long, from 10 on, in a plot of so many pixels.
    let check = |width: f32, expected: &str| {
        let list = group_scene("1 - 0 20 b\n 2 - 20 40 b\n 3 - 40 90 b", |bars| {
            bars.axis.width = width;
            bars.axis.range = TimeRange::new(0, (width as u64 - 20) * 1_000_000);
            bars.path = None;
        });
        let text = list.lines().last().unwrap_or_default();
        assert_eq!(text, expected, "{width}");
    };
    check(
        400.0,
        "Text2 \"90.0 ms · 3 × 20.0 ms (20.0–50.0 ms)\" Start 107",
    );
    check(260.0, "Text2 \"90.0 ms · 3 × 20.0 ms\" Start 107");
    check(190.0, "Text2 \"3 × 20.0 ms\" Start 107");
    check(140.0, "Text2 \"3 × 20.0 ms\" End 93");
}

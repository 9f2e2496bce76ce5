//! Folding, focus and the slider, driven as a user would, and at random against a slow reading of the rules.

use crate::state::{
    Command, Move, Others, UiState, UrlState,
    shape::DETAILS,
    tests::{numbers, opened_with as opened},
};

/// ```text
/// 0 web          0–1000
/// ├─ 1 db       10–20      ┐
/// ├─ 2 mail     20–300     │ four calls of db, one failed
/// │  └─ 3 smtp  30–40      │
/// ├─ 4 db!     310–330     │
/// ├─ 5 db      340–400     │
/// │  └─ 6 disk 350–390     │
/// └─ 7 db      500–505     ┘
/// ```
const CALLS: &str = "1 - 0 1000 web
    2 1 10 20 db
    3 1 20 300 mail
    4 3 30 40 smtp
    5 1 310 330 db!
    6 1 340 400 db
    7 6 350 390 disk
    8 1 500 505 db";

fn check(lines: &str, commands: impl IntoIterator<Item = Command>, expected: &str) {
    let mut state = opened(lines);
    let mut shown = String::new();
    for command in commands {
        shown = format!("{command:?}");
        state.apply(command);
    }
    let rows = state.rows.spans();
    assert_eq!(
        format!("{rows:?} {:?}", state.selection),
        expected,
        "{shown}"
    );
}

#[test]
fn repeats_share_the_row_of_the_first() {
    use Command::*;
    check(CALLS, [FoldRepeats(true)], "[0, 1, 2, 3] None");
    check(
        CALLS,
        [FoldRepeats(true), FoldRepeats(false)],
        "[0, 1, 2, 3, 4, 5, 6, 7] None",
    );
    check(
        CALLS,
        [FoldRepeats(true), Toggle(1)],
        "[0, 1, 2, 3, 4, 5, 6, 7] None",
    );
    check(
        CALLS,
        [FoldRepeats(true), ToggleFold(1), ToggleFold(5)],
        "[0, 1, 2, 3] None",
    );
    // What was selected is then in the row of the group.
    check(
        CALLS,
        [Select(Some(6)), FoldRepeats(true)],
        "[0, 1, 2, 3] Some(1)",
    );
    check(
        CALLS,
        [Select(Some(3)), FoldRepeats(true)],
        "[0, 1, 2, 3] Some(3)",
    );
}

#[test]
fn arrows_open_and_close_a_group() {
    use Command::{FoldRepeats, Select, ToggleFold};
    let right = || Command::Move(Move::Right);
    let left = || Command::Move(Move::Left);
    check(
        CALLS,
        [FoldRepeats(true), Select(Some(1)), right()],
        "[0, 1, 2, 3, 4, 5, 6, 7] Some(1)",
    );
    check(
        CALLS,
        [FoldRepeats(true), Select(Some(1)), right(), left()],
        "[0, 1, 2, 3] Some(1)",
    );
    check(
        CALLS,
        [FoldRepeats(true), ToggleFold(1), Select(Some(4)), left()],
        "[0, 1, 2, 3] Some(1)",
    );
    check(
        CALLS,
        [FoldRepeats(true), Select(Some(1)), left()],
        "[0, 1, 2, 3] Some(0)",
    );
    // An open row closes before its group does.
    check(
        CALLS,
        [FoldRepeats(true), ToggleFold(1), Select(Some(5)), left()],
        "[0, 1, 2, 3, 4, 5, 7] Some(5)",
    );
}

#[test]
fn what_is_asked_for_gets_a_row() {
    use Command::*;
    check(
        CALLS,
        [FoldRepeats(true), Reveal(6)],
        "[0, 1, 2, 3, 4, 5, 6, 7] Some(6)",
    );
    check(
        CALLS,
        [FoldRepeats(true), CollapseAll, Reveal(1)],
        "[0, 1, 2] Some(1)",
    );
    check(
        CALLS,
        [FoldRepeats(true), NextError],
        "[0, 1, 2, 3, 4, 5, 6, 7] Some(4)",
    );
    check(
        CALLS,
        [Focus(Some(2)), Reveal(6)],
        "[0, 1, 2, 3, 4, 5, 6, 7] Some(6)",
    );
    // What was too short shows because it is asked for, and the rest stays hidden.
    check(
        CALLS,
        [HideShorter("50ms".into()), Reveal(7)],
        "[0, 2, 4, 5, 7] Some(7)",
    );
    check(
        CALLS,
        [
            HideShorter("50ms".into()),
            Reveal(3),
            HideShorter("51ms".into()),
        ],
        "[0, 2, 4, 5] Some(2)",
    );
    check(
        CALLS,
        [PreviousError, PreviousError],
        "[0, 1, 2, 3, 4, 5, 6, 7] Some(4)",
    );
}

#[test]
fn short_spans_are_hidden_but_for_errors_and_what_is_above() {
    use Command::*;
    let hide = |text: &str| HideShorter(text.to_owned());
    check(CALLS, [hide("50ms")], "[0, 2, 4, 5] None");
    check(CALLS, [hide("5%")], "[0, 2, 4, 5] None");
    check(
        CALLS,
        [hide("50ms"), hide("")],
        "[0, 1, 2, 3, 4, 5, 6, 7] None",
    );
    check(CALLS, [hide("many")], "[0, 1, 2, 3, 4, 5, 6, 7] None");
    check(CALLS, [hide("5")], "[0, 1, 2, 3, 4, 5, 6, 7] None");
    // Together the calls are not short.
    check(CALLS, [FoldRepeats(true), hide("90ms")], "[0, 1, 2] None");
    check(CALLS, [Select(Some(3)), hide("90ms")], "[0, 2, 4] Some(2)");
    let mut state = opened(CALLS);
    state.apply(hide("50ms"));
    assert_eq!(state.shape.short, 4);
}

#[test]
fn what_is_opened_by_hand_shows_each_however_short() {
    use Command::{FoldRepeats, HideShorter, Select, SetDetail, ToggleFold};
    let check = |commands: &[Command], rows: &[u32], short: usize| {
        let mut state = opened(CALLS);
        for command in commands {
            state.apply(command.clone());
        }
        assert_eq!((state.rows.spans(), state.shape.short), (rows, short));
    };
    // What the strip shows is not hidden, nor is what is below it.
    check(&[SetDetail(1)], &[0, 1, 2, 3], 0);
    check(
        &[FoldRepeats(true), HideShorter("50ms".into())],
        &[0, 1, 2],
        1,
    );
    let each = [0, 1, 2, 4, 5, 7];
    let hide = || HideShorter("50ms".into());
    check(&[FoldRepeats(true), hide(), ToggleFold(1)], &each, 2);
    check(
        &[
            FoldRepeats(true),
            hide(),
            Select(Some(1)),
            Command::Move(Move::Right),
        ],
        &each,
        2,
    );
    check(
        &[FoldRepeats(true), hide(), ToggleFold(1), ToggleFold(4)],
        &[0, 1, 2],
        1,
    );
    check(
        &[FoldRepeats(true), hide(), ToggleFold(1), hide()],
        &each,
        2,
    );
    // A group that is hidden hides all that it stands for.
    let short = "1 - 0 900 web\n 2 1 1 2 db\n 3 1 3 4 db\n 4 1 5 6 db\n 5 1 10 800 mail";
    let mut state = opened(short);
    state.apply(FoldRepeats(true));
    state.apply(HideShorter("50ms".into()));
    assert_eq!((state.rows.spans(), state.shape.short), (&[0, 4][..], 3));
}

#[test]
fn of_many_errors_the_longest_show_and_the_others_are_counted() {
    // Ten callers with a hundred failed calls each, the later ones longer.
    let mut lines = "1 - 0 100000 web".to_owned();
    for caller in 0..10 {
        let id = 2 + caller * 101;
        lines.push_str(&format!("\n{id} 1 {caller} 20000 call"));
        for call in 1..=100 {
            let (id, at) = (id + call, 100 * caller + call);
            lines.push_str(&format!(
                "\n{id} {} {at} {} s{id}!",
                2 + caller * 101,
                2 * at
            ));
        }
    }
    let mut state = opened(&lines);
    state.apply(Command::HideShorter("10s".into()));
    // The root, ten callers, three hundred errors.
    assert_eq!(state.rows.len(), 311);
    assert_eq!(state.shape.short, 700);
    let inside = |state: &UiState| -> Vec<u32> {
        let rows = state.rows.spans().iter();
        rows.map(|&span| state.failed_inside(span))
            .filter(|&count| count > 0)
            .collect()
    };
    assert_eq!(inside(&state), [100; 7]);
    // Going to one shows it as well, and no other.
    state.apply(Command::NextError);
    assert_eq!((state.rows.len(), state.selection), (312, Some(2)));
    assert_eq!(inside(&state), [99, 100, 100, 100, 100, 100, 100]);
    state.apply(Command::HideShorter(String::new()));
    assert_eq!((state.rows.len(), inside(&state)), (1_011, vec![]));
}

#[test]
fn a_group_matches_where_one_of_it_does() {
    use Command::*;
    let mut state = opened(CALLS);
    let mut check = |command: Command, rows: &[bool], by_group: &[u32]| {
        let shown = format!("{command:?}");
        state.apply(command);
        let spans = state.rows.spans();
        let matching: Vec<bool> = spans.iter().map(|&span| state.row_matches(span)).collect();
        assert_eq!(matching, rows, "{shown}");
        assert_eq!(*state.matching_by_group(), by_group, "{shown}");
    };
    let query = |text: &str| SetQuery(text.to_owned());
    check(FoldRepeats(true), &[false; 4], &[]);
    check(query("status = error"), &[false, true, false, false], &[1]);
    check(query("db"), &[false, true, false, false], &[4]);
    check(query("smtp"), &[false, false, false, true], &[0]);
    check(query("status = error"), &[false, true, false, false], &[1]);
    check(
        ToggleFold(1),
        &[false, false, false, false, true, false, false, false],
        &[1],
    );
    check(ToggleFold(1), &[false, true, false, false], &[1]);
    // The next match is a row of its own.
    check(
        NextMatch,
        &[false, false, false, false, true, false, false, false],
        &[1],
    );
    assert_eq!(state.selection, Some(4));
}

#[test]
fn a_missing_parent_has_a_row_above_the_spans_that_name_it() {
    use Command::{Focus, FoldRepeats, Reveal};
    let lines = "1 - 0 100 web
        2 77 10 20 a
        3 2 12 14 b
        4 88 15 20 c
        5 77 30 40 d
        6 99 50 51 e
        7 99 52 53 e
        8 99 54 55 e";
    // In the store a, b and d come before c.
    let mut state = opened(lines);
    let rows = |state: &UiState| -> Vec<String> {
        let spans = state.rows.spans().iter().enumerate();
        let store = state.store().expect("opened");
        let row = |(row, &span): (usize, &u32)| {
            let level = state.rows.level(row, store.span(span).depth());
            match state.rows.gap(row) {
                Some(gap) => format!(
                    "missing {} of {}",
                    store.span(span).parent_id().0,
                    gap.children
                ),
                None => format!("{level} {}", store.span(span).service_name()),
            }
        };
        spans.map(row).collect()
    };
    let all = [
        "0 web",
        "missing 77 of 2",
        "1 a",
        "2 b",
        "1 d",
        "missing 88 of 1",
        "1 c",
        "missing 99 of 3",
        "1 e",
        "1 e",
        "1 e",
    ];
    assert_eq!(rows(&state), all);
    for span in 0..8 {
        let row = state.rows.exact_row_of(span).expect("a row");
        assert!(state.rows.gap(row).is_none(), "{span}");
    }
    // Arrows pass it by.
    let mut ways = Vec::new();
    for to in [
        Move::First,
        Move::Down,
        Move::Down,
        Move::Up,
        Move::Up,
        Move::Last,
        Move::Rows(-3),
    ] {
        state.apply(Command::Move(to));
        ways.extend(state.selection);
    }
    assert_eq!(ways, [0, 1, 2, 1, 0, 7, 4]);
    state.apply(FoldRepeats(true));
    assert_eq!(rows(&state)[7..], ["missing 99 of 3", "1 e"]);
    state.apply(Focus(Some(1)));
    assert_eq!(rows(&state), ["0 a", "1 b"]);
    state.apply(Reveal(4));
    assert_eq!(
        rows(&state),
        all[..7]
            .iter()
            .chain(&["missing 99 of 3", "1 e"])
            .map(|row| row.to_string())
            .collect::<Vec<_>>()
    );
    assert_eq!(state.selection, Some(4));
}

#[test]
fn one_subtree_is_shown_alone_and_escape_leads_back() {
    use Command::*;
    let mut state = opened(CALLS);
    state.apply(Zoom {
        anchor: 0.0,
        factor: 0.9,
    });
    let before = state.range;
    state.apply(Focus(Some(5)));
    assert_eq!(state.rows.spans(), [5, 6]);
    assert_eq!(state.rows.level(0, 1), 0);
    let range = state.range.map(|range| (range.start, range.end));
    assert_eq!(range, Some((340_000_000, 400_000_000)));
    state.apply(Escape);
    assert_eq!((state.rows.len(), state.range), (8, before));
    assert_eq!(state.selection, Some(5));
    check(
        CALLS,
        [Select(Some(2)), Focus(Some(2)), CollapseBelow(0)],
        "[2] Some(2)",
    );
    check(CALLS, [Focus(Some(99))], "[0, 1, 2, 3, 4, 5, 6, 7] None");
}

#[test]
fn levels_services_and_what_is_off_the_path_close() {
    use Command::*;
    check(CALLS, [CollapseBelow(1)], "[0, 1, 2, 4, 5, 7] None");
    check(CALLS, [CollapseBelow(0)], "[0] None");
    check(
        CALLS,
        [Select(Some(5)), CollapseService],
        "[0, 1, 2, 3, 4, 5, 7] Some(5)",
    );
    check(
        CALLS,
        [Select(Some(5)), CollapseService, CollapseService],
        "[0, 1, 2, 3, 4, 5, 6, 7] Some(5)",
    );
    // b runs beside a, which is waited for.
    let beside = "1 - 0 100 web\n 2 1 10 90 a\n 3 2 20 80 in\n 4 1 20 50 b\n 5 4 30 40 off";
    check(beside, [CollapseOffPath], "[0, 1, 2, 3] None");
}

#[test]
fn the_slider_goes_from_gist_to_everything_and_into_the_address() {
    let rows = |at: usize| {
        let mut state = opened(CALLS);
        state.apply(Command::SetDetail(at));
        assert_eq!(state.shape.detail(), Some(at));
        let fragment = UrlState::of(&state, None).to_fragment();
        let mut again = opened(CALLS);
        again.apply(Command::FollowUrl(UrlState::parse("", &fragment).into()));
        assert_eq!(again.rows, state.rows, "{fragment}");
        assert_eq!(again.shape.detail(), Some(at), "{fragment}");
        state.rows.len()
    };
    let counts: Vec<usize> = (0..DETAILS.len()).map(rows).collect();
    assert_eq!(counts, [3, 4, 4, 4, 8]);
}

#[test]
fn what_was_chosen_is_in_the_address() {
    use Command::*;
    let mut state = opened(CALLS);
    for command in [FoldRepeats(true), HideShorter("7%".into()), Focus(Some(2))] {
        state.apply(command);
    }
    let fragment = UrlState::of(&state, None).to_fragment();
    for part in ["&r=0000000000000003", "&fold=repeats", "&min=7%25"] {
        assert!(fragment.contains(part), "{fragment}");
    }
    let mut again = opened(CALLS);
    again.apply(FollowUrl(UrlState::parse("", &fragment).into()));
    assert_eq!(again.rows, state.rows);
    again.apply(FollowUrl(UrlState::parse("", "#view=waterfall").into()));
    assert_eq!(again.rows.len(), 8);
}

#[test]
fn any_order_of_commands_keeps_rows_and_selection_whole() {
    let mut next = numbers(0x2545_f491);
    let mut state = opened(CALLS);
    for step in 0..20_000 {
        let span = next(9);
        let command = match next(18) {
            0 => Command::Toggle(span),
            1 => Command::ToggleFold(span),
            2 => Command::Reveal(span),
            3 => Command::CollapseBelow(next(4)),
            4 => Command::ExpandAll,
            5 => Command::CollapseService,
            6 => Command::CollapseOffPath,
            7 => Command::FoldRepeats(next(2) == 0),
            8 => Command::FoldPairs(next(2) == 0),
            9 => Command::HideShorter(["", "1%", "50ms", "3s", "x"][next(5) as usize].to_owned()),
            10 => Command::SetDetail(next(7) as usize),
            11 => Command::Focus((span < 8).then_some(span)),
            12 => Command::Escape,
            13 => Command::Move([Move::Left, Move::Right, Move::Up, Move::Down][next(4) as usize]),
            14 => Command::SetQuery(["", "db", "status = error"][next(3) as usize].to_owned()),
            15 => Command::SetOthers(Others::ALL[next(4) as usize]),
            16 => Command::PreviousError,
            _ => Command::Select(Some(span)),
        };
        let shown = format!("step {step}: {command:?}");
        let revealed = match command {
            Command::Reveal(span) if span < 8 => Some(span),
            _ => None,
        };
        state.apply(command);
        let rows = state.rows.spans();
        assert!(
            rows.windows(2).all(|two| two[0] < two[1]),
            "{shown} {rows:?}"
        );
        assert!(!rows.is_empty(), "{shown}");
        if let Some(span) = revealed {
            assert_eq!(state.selection, Some(span), "{shown}");
            assert!(rows.contains(&span), "{shown} {rows:?}");
        }
        if state.query.hides() {
            continue;
        }
        // Every span has a row, or a reason for having none.
        let folds = state.rows.folds();
        let store = state.store().expect("opened");
        for span in 0..8u32 {
            let above = |span: u32| store.span(span).parent();
            let ancestors: Vec<u32> =
                core::iter::successors(above(span), |&span| above(span)).collect();
            let focus = state.shape.focus;
            let outside = focus.is_some_and(|focus| focus != span && !ancestors.contains(&focus));
            let until = ancestors.iter().position(|&up| Some(up) == focus);
            let inside = match focus {
                Some(focus) if focus == span => &[],
                _ => until.map_or(&ancestors[..], |at| &ancestors[..=at]),
            };
            let closed = inside.iter().any(|up| {
                state.collapsed.contains(up)
                    || Some(*up) != focus && folds.closed_group(*up).is_some()
            });
            let grouped =
                focus != Some(span) && folds.stands_in(span).is_some_and(|first| first != span);
            let answered = focus != Some(span)
                && above(span).is_some_and(|client| folds.server_in(client) == Some(span));
            let short = state.shape.short > 0;
            let hidden = outside || closed || grouped || answered;
            assert!(
                rows.contains(&span) || hidden || short,
                "{shown}: {span} in {rows:?}"
            );
            assert!(
                !(rows.contains(&span) && hidden),
                "{shown}: {span} in {rows:?}"
            );
        }
    }
}

#[test]
fn a_piece_of_time_is_measured_by_pointer_and_by_spans() {
    use Command::{Escape, Measure, MeasureSpan, Select};
    let check = |commands: &[Command], expected: Option<(u64, Option<u64>)>| {
        let mut state = opened(CALLS);
        for command in commands {
            state.apply(command.clone());
        }
        let ms = |at: u64| at / 1_000_000;
        let found = state.measured.map(|one| (ms(one.from), one.to.map(ms)));
        assert_eq!(found, expected, "{commands:?}");
    };
    check(&[Measure(9_000_000, 2_000_000)], Some((2, Some(9))));
    check(&[MeasureSpan], None);
    check(&[Select(Some(4)), MeasureSpan], Some((310, None)));
    check(
        &[Select(Some(4)), MeasureSpan, Select(Some(5)), MeasureSpan],
        Some((310, Some(400))),
    );
    // To a span before it, that one's start counts.
    check(
        &[Select(Some(4)), MeasureSpan, Select(Some(1)), MeasureSpan],
        Some((10, Some(310))),
    );
    check(&[Measure(1, 2), Escape], None);
}

#[test]
fn what_does_not_match_is_hidden_alone_or_with_what_is_above() {
    use Command::{FoldRepeats, SetOthers, SetQuery};
    let find = || SetQuery("smtp".into());
    check(CALLS, [find(), SetOthers(Others::Hidden)], "[0, 2, 3] None");
    check(CALLS, [find(), SetOthers(Others::AllHidden)], "[3] None");
    check(
        CALLS,
        [find(), SetOthers(Others::Dimmed)],
        "[0, 1, 2, 3, 4, 5, 6, 7] None",
    );
    check(
        CALLS,
        [SetOthers(Others::AllHidden)],
        "[0, 1, 2, 3, 4, 5, 6, 7] None",
    );
    check(
        CALLS,
        [
            FoldRepeats(true),
            SetQuery("status = error".into()),
            SetOthers(Others::AllHidden),
        ],
        "[4] None",
    );
}

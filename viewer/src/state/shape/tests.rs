//! Folding, focus and the slider, driven as a user would, and at random against a slow reading of the rules.

use crate::state::{
    Command, Move, Others, UrlState,
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
    check(
        CALLS,
        [HideShorter("50ms".into()), Reveal(7)],
        "[0, 1, 2, 3, 4, 5, 6, 7] Some(7)",
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

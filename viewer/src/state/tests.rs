//! The reducer, driven as a user would, and at random.

use std::sync::Arc;

use super::*;
use crate::scene::bars::tests::draw;

/// A tree of six spans, two of them failed.
///
/// ```text
/// 0 web            0–200
/// ├─ 1 shop       10–100
/// │  ├─ 2 db      20–30
/// │  └─ 3 db!     40–50
/// └─ 4 mail      110–190
///    └─ 5 smtp!  120–130
/// ```
fn opened() -> UiState {
    opened_with(
        "1 - 0 200 web
         2 1 10 100 shop
         3 2 20 30 db
         4 2 40 50 db!
         5 1 110 190 mail
         6 5 120 130 smtp!",
    )
}

/// A state with these spans open.
pub(crate) fn opened_with(lines: &str) -> UiState {
    let mut state = UiState::default();
    state.apply(Command::LoadDone(Arc::new(Dataset {
        store: Arc::new(draw(lines)),
        name: "t".into(),
        origin: Origin::Local,
    })));
    state
}

/// Numbers below what is asked for, that look random and are the same on every run.
pub(super) fn numbers(mut seed: u32) -> impl FnMut(u32) -> u32 {
    move |below| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed % below
    }
}

/// Applies commands and prints what a user would notice.
fn after(commands: impl IntoIterator<Item = Command>) -> String {
    let mut state = opened();
    for command in commands {
        state.apply(command);
    }
    let range = state
        .visible_range()
        .map(|range| (range.start / 1_000_000, range.end / 1_000_000));
    let (rows, selection) = (state.rows.spans(), state.selection);
    format!("{rows:?} {selection:?} {range:?} {:?}", state.query.current)
}

fn check(commands: impl IntoIterator<Item = Command>, expected: &str) {
    assert_eq!(after(commands), expected);
}

const ALL: &str = "[0, 1, 2, 3, 4, 5]";

#[test]
fn a_single_trace_opens_whole() {
    check([], &format!("{ALL} None Some((0, 200)) None"));
    assert_eq!(opened().view, View::Waterfall);
}

#[test]
fn the_selection_moves_by_rows_and_through_the_tree() {
    use Command::Move as Go;
    check(
        [Go(Move::Down)],
        &format!("{ALL} Some(0) Some((0, 200)) None"),
    );
    check(
        [Go(Move::Down), Go(Move::Down), Go(Move::Up), Go(Move::Up)],
        &format!("{ALL} Some(0) Some((0, 200)) None"),
    );
    check(
        [Go(Move::Last), Go(Move::Down)],
        &format!("{ALL} Some(5) Some((0, 200)) None"),
    );
    check(
        [Go(Move::Last), Go(Move::Left)],
        &format!("{ALL} Some(4) Some((0, 200)) None"),
    );
    check(
        [Go(Move::First), Go(Move::Right), Go(Move::Right)],
        &format!("{ALL} Some(2) Some((0, 200)) None"),
    );
    check(
        [Go(Move::First), Go(Move::Left)],
        "[0] Some(0) Some((0, 200)) None",
    );
    check(
        [Go(Move::First), Go(Move::Rows(99)), Go(Move::Rows(-2))],
        &format!("{ALL} Some(3) Some((0, 200)) None"),
    );
}

#[test]
fn collapsing_keeps_the_selection_on_screen() {
    use Command::*;
    check(
        [Select(Some(3)), Toggle(1)],
        "[0, 1, 4, 5] Some(1) Some((0, 200)) None",
    );
    check(
        [Toggle(1), Toggle(1)],
        &format!("{ALL} None Some((0, 200)) None"),
    );
    check([CollapseAll], "[0] None Some((0, 200)) None");
    check(
        [CollapseAll, ExpandAll],
        &format!("{ALL} None Some((0, 200)) None"),
    );
    check([CollapseLevel], "[0, 1, 4] None Some((0, 200)) None");
    check(
        [CollapseLevel, CollapseLevel, CollapseLevel],
        "[0] None Some((0, 200)) None",
    );
    check(
        [CollapseAll, ExpandLevel],
        "[0, 1, 4] None Some((0, 200)) None",
    );
    check(
        [CollapseAll, Reveal(5)],
        "[0, 1, 4, 5] Some(5) Some((0, 200)) None",
    );
    check(
        [Toggle(2), Toggle(77)],
        &format!("{ALL} None Some((0, 200)) None"),
    );
}

#[test]
fn zoom_and_pan_stay_inside_the_trace() {
    use Command::*;
    let zoom = |anchor, factor| Zoom { anchor, factor };
    check([zoom(0.0, 0.5)], &format!("{ALL} None Some((0, 100)) None"));
    check(
        [zoom(1.0, 0.5), Pan(5.0)],
        &format!("{ALL} None Some((100, 200)) None"),
    );
    check(
        [zoom(0.5, 0.5), Pan(-0.25)],
        &format!("{ALL} None Some((25, 125)) None"),
    );
    check(
        [zoom(0.5, 0.1), zoom(0.5, 1e9)],
        &format!("{ALL} None Some((0, 200)) None"),
    );
    check(
        [zoom(f64::NAN, f64::NAN), Pan(f64::INFINITY)],
        &format!("{ALL} None Some((0, 200)) None"),
    );
    check(
        [Select(Some(1)), ZoomToSelection],
        &format!("{ALL} Some(1) Some((5, 104)) None"),
    );
    let mut state = opened();
    for _ in 0..100 {
        state.apply(zoom(0.37, 0.5));
    }
    assert_eq!(
        state.visible_range().map(|range| range.len().0),
        Some(1),
        "down to the nanosecond"
    );
}

#[test]
fn matches_go_round_and_start_from_the_selection() {
    use Command::*;
    let find = |text: &str| SetQuery(text.to_owned());
    check(
        [find("db"), NextMatch],
        &format!("{ALL} Some(2) Some((0, 200)) Some(0)"),
    );
    check(
        [find("db"), NextMatch, NextMatch, NextMatch],
        &format!("{ALL} Some(2) Some((0, 200)) Some(0)"),
    );
    check(
        [find("db"), PreviousMatch],
        &format!("{ALL} Some(3) Some((0, 200)) Some(1)"),
    );
    check(
        [Select(Some(3)), find("smtp"), NextMatch],
        &format!("{ALL} Some(5) Some((0, 200)) Some(0)"),
    );
    check(
        [CollapseAll, find("db"), NextMatch],
        "[0, 1, 2, 3, 4] Some(2) Some((0, 200)) Some(0)",
    );
    check(
        [find("nothing"), NextMatch],
        &format!("{ALL} None Some((0, 200)) None"),
    );
    check(
        [NextError, NextError, NextError],
        &format!("{ALL} Some(3) Some((0, 200)) None"),
    );
}

/// web 0–10, shop 10–20, db 20–30, shop 30–40, db! 40–50, shop 50–100, web 100–110, mail 110–120, smtp! 120–130,
/// mail 130–190, web 190–200.
#[test]
fn the_critical_path_is_walked_in_the_order_of_the_rows() {
    use Command::*;
    let check = |commands: &[Command], selection: Option<u32>, drawn: bool| {
        let mut state = opened();
        for command in commands {
            state.apply(command.clone());
        }
        let seen = (state.selection, state.critical_path);
        assert_eq!(seen, (selection, drawn), "{commands:?}");
        assert_eq!(state.drawn_path().is_some(), drawn);
    };
    check(&[], None, false);
    check(&[ShowCriticalPath(true)], None, true);
    check(&[NextOnPath], Some(0), true);
    check(&[NextOnPath, NextOnPath], Some(1), true);
    check(&[Select(Some(5)), NextOnPath], Some(0), true);
    check(&[NextOnPath, ShowCriticalPath(false)], Some(0), false);
    check(&[CollapseAll, Select(Some(2)), NextOnPath], Some(3), true);
    let mut state = opened();
    let path = state
        .path()
        .map(|path| (path.total(), path.sections().len()));
    assert_eq!(path, Some((Nanos::from_millis(200), 11)));
    assert!(state.drawn_path().is_none());
    state.apply(CloseDataset);
    assert!(state.path().is_none());
}

/// Self times: web 30, shop 70, db 10, db! 10, mail 70, smtp! 10.
#[test]
fn the_slowest_come_by_self_time_and_begin_again() {
    use Command::*;
    let mut state = opened();
    let mut press = |command: Command| {
        state.apply(command);
        state.selection
    };
    let order: Vec<_> = (0..7).map(|_| press(NextSlowest)).collect();
    assert_eq!(order, [1, 4, 0, 2, 3, 5, 1].map(Some));
    // Going elsewhere in between begins again.
    assert_eq!(press(NextSlowest), Some(4));
    press(Select(Some(5)));
    assert_eq!(press(NextSlowest), Some(1));
    press(CollapseAll);
    assert_eq!(
        press(NextSlowest),
        Some(1),
        "the selection had moved to the root"
    );
}

#[test]
fn a_failed_load_loses_nothing() {
    let mut state = opened();
    state.apply(Command::Select(Some(2)));
    state.apply(Command::LoadProgress(Load::default()));
    state.apply(Command::LoadFailed(Problem::new("x", "y", "z")));
    assert!(state.load.is_none() && state.problem.is_some());
    assert_eq!((state.selection, state.rows.len()), (Some(2), 6));
    state.apply(Command::Escape);
    assert!(state.problem.is_none());
}

#[test]
fn the_address_brings_the_same_state_back() {
    let mut state = opened();
    for command in [
        Command::Select(Some(4)),
        Command::SetQuery("db".to_owned()),
        Command::SetRange(TimeRange::new(5, 77_000_000)),
        Command::ShowView(View::Graph),
        Command::ShowCriticalPath(true),
    ] {
        state.apply(command);
    }
    let fragment = UrlState::of(&state, None).to_fragment();
    let mut again = opened();
    again.apply(Command::FollowUrl(UrlState::parse("", &fragment).into()));
    assert_eq!(UrlState::of(&again, None).to_fragment(), fragment);
    assert_eq!(
        (again.selection, again.range, again.view),
        (state.selection, state.range, state.view)
    );
    assert_eq!(again.query.matches, state.query.matches);
    assert!(again.critical_path);
    again.apply(Command::FollowUrl(
        UrlState::parse("", "#view=waterfall").into(),
    ));
    assert!(!again.critical_path);
}

#[test]
fn any_order_of_commands_keeps_the_state_whole() {
    let mut next = numbers(0x9e37_79b9);
    let mut state = opened();
    for step in 0..20_000 {
        let span = next(9);
        let command = match next(25) {
            0 => Command::Toggle(span),
            1 => Command::Select((span < 8).then_some(span)),
            2 => Command::Reveal(span),
            3 => Command::CollapseAll,
            4 => Command::ExpandAll,
            5 => Command::CollapseLevel,
            6 => Command::ExpandLevel,
            7 => Command::Zoom {
                anchor: f64::from(next(11)) / 10.0,
                factor: f64::from(next(30)) / 10.0,
            },
            8 => Command::Pan(f64::from(next(40)) / 10.0 - 2.0),
            9 => Command::SetQuery(["", "db", "shop mail", "\"", "o"][next(5) as usize].to_owned()),
            10 => Command::NextMatch,
            11 => Command::PreviousMatch,
            12 => Command::NextError,
            13 => Command::Move(Move::Left),
            14 => Command::Move(Move::Right),
            15 => Command::Move(Move::Rows(next(9) as i32 - 4)),
            16 => Command::SetRange(TimeRange::new(
                u64::from(next(300)) * 1_000_000,
                u64::from(next(300)) * 1_000_000,
            )),
            17 => Command::OpenTrace(next(3)),
            18 => Command::ShowView([View::List, View::Waterfall, View::Graph][next(3) as usize]),
            19 => Command::Escape,
            20 => Command::ZoomToSelection,
            21 => Command::NextSlowest,
            22 => Command::NextOnPath,
            23 => Command::ShowCriticalPath(next(2) == 0),
            _ => Command::Move(Move::Down),
        };
        let shown = format!("step {step}: {command:?}");
        state.apply(command);
        let whole = state.trace_ref().map(TimeRange::of_trace);
        if let (Some(range), Some(whole)) = (state.visible_range(), whole) {
            assert!(
                range.start < range.end && range.end <= whole.end,
                "{shown} {range:?}"
            );
        }
        if state.view == View::Waterfall {
            assert_eq!(state.rows.span(0), Some(0), "{shown}");
            assert!(
                state
                    .selection
                    .is_none_or(|span| state.row_of(span).is_some()),
                "{shown}"
            );
        }
        assert!(
            state
                .query
                .current
                .is_none_or(|at| at < state.query.matches.len()),
            "{shown}"
        );
    }
}

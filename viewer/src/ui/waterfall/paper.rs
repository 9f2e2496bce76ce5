//! The waterfall on paper: the rows that show on the screen, from the first on, each with its own small picture.
//!
//! **Invariant:** the words and marks are those of the screen.

use crate::{
    dom::prelude::*,
    paint::svg::svg,
    scene::{
        Align, DisplayList, Ink, Item,
        bars::Bars,
        ticks::{Axis, Tick},
    },
    state::{Times, UiState},
    ui::colour,
};

use super::{PLOT_PAD, row};

/// Width of a picture; on the page it is as wide as its column. CSS pixels.
const WIDTH: f32 = 520.0;
const ROW: f32 = 26.0;

/// So many rows.
// A function of its own, so that the build finds it for the later part.
#[inline(never)]
pub(in crate::ui) fn rows(state: &UiState, most: usize) -> Option<Markup> {
    let axis = Axis {
        range: state.visible_range()?,
        width: WIDTH,
        pad: PLOT_PAD,
    };
    let lines = (0..state.rows.len().min(most)).filter_map(|row| line(state, axis, row));
    let lines: Vec<Markup> = lines.collect();
    let table = view! {
        <table class="paper-bars">
            <thead><tr><th>"Service and span"</th><th>{Markup::from(svg(&times(axis), WIDTH, ROW))}</th></tr></thead>
            <tbody>{lines.collect_view()}</tbody>
        </table>
    };
    Some(table.into_any())
}

fn times(axis: Axis) -> DisplayList {
    let text = |Tick { x, label, .. }: Tick| Item::Text {
        x: x + 3.0,
        y: ROW / 2.0,
        text: label,
        size: 11.5,
        strong: false,
        align: Align::Start,
        ink: Ink::Text2,
    };
    let ticks = axis.ticks(90.0).into_iter();
    // A label at the right edge would be cut.
    let items = ticks
        .filter(|tick| tick.x < WIDTH - 30.0)
        .map(text)
        .collect();
    DisplayList { items }
}

fn line(state: &UiState, axis: Axis, row: usize) -> Option<Markup> {
    let view = row::row_view(state, row, f64::from(WIDTH))?;
    let own = view.gap.is_none();
    let class = match own {
        true if state.selection == Some(view.span) => "selected",
        true if state.row_matches(view.span) => "match",
        _ => "",
    };
    let badges = view.fold.map(|fold| fold.text).into_iter();
    let badges = badges.chain((view.hidden > 0).then(|| format!("+{}", view.hidden)));
    let badges = badges.chain(view.remarks.into_iter().map(|(text, _)| text));
    let badges: Vec<_> = badges
        .map(|text| view! { <span class="badge">{text}</span> })
        .collect();
    let error = view
        .error
        .map(|text| view! { <span class="badge error">{text}</span> });
    let markup = view! {
        <tr class=class>
            <td><div class="paper-name" style:padding-left=format!("{}px", view.indent * 0.6)>
                <span class="row-tick" style:background-color=colour::css(view.colour)></span>
                <b>{view.service}</b><span class="paper-words">{view.name}</span>{error}{badges.collect_view()}
            </div></td>
            <td>{Markup::from(svg(&picture(state, axis, row)?, WIDTH, ROW))}</td>
        </tr>
    };
    Some(markup.into_any())
}

/// What the canvas has on a row.
fn picture(state: &UiState, axis: Axis, row: usize) -> Option<DisplayList> {
    let matching = state.matching_by_group();
    let bars = Bars {
        store: state.store()?,
        trace: state.trace_ref()?,
        rows: &state.rows,
        axis,
        height: ROW,
        row_height: ROW,
        scroll: row as f64 * f64::from(ROW),
        stacked: false,
        selection: state.selection,
        hovered: None,
        matches: &state.query.matches,
        matching: &matching,
        dims: state.query.dims(),
        path: state.drawn_path(),
        colours: state.colours(),
        skew: state.moving_skew(),
        ghosts: state.clocks.times == Times::Both,
        links: &[],
        sticky: &[],
        measured: None,
        crosshair: None,
        brush: None,
    };
    Some(bars.scene())
}

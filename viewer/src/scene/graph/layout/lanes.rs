//! How edges get to the cards of a layer that stands in several columns: along the rows, never through cards.
//!
//! **Invariant:** edges that leave run below their row and those that arrive above theirs, so that no two make a line that is
//! no call.

use super::{Measures, place::Places};

/// How much of the gutter between columns the bend to a card takes.
const BEND: f32 = 0.8;

/// From a card to the end of its layer, on the right or on the left; nothing for a card that stands there.
pub(super) fn leave(
    places: &Places,
    node: u32,
    right: bool,
    measures: &Measures,
) -> Vec<(f32, f32)> {
    let below = places.at[node as usize].1 + measures.height + measures.gap / 3.0;
    lane(places, node, right, below, measures)
}

/// From the end of the layer to a card, from the left or from the right.
pub(super) fn arrive(
    places: &Places,
    node: u32,
    left: bool,
    measures: &Measures,
) -> Vec<(f32, f32)> {
    let above = places.at[node as usize].1 - measures.gap / 3.0;
    let mut lane = lane(places, node, !left, above, measures);
    lane.reverse();
    lane
}

fn lane(places: &Places, node: u32, right: bool, y: f32, measures: &Measures) -> Vec<(f32, f32)> {
    let (x, _) = places.at[node as usize];
    let (inset, wide) = (places.inset[node as usize], places.wide[node as usize]);
    let bend = measures.gutter * BEND;
    let (end, near, is_there) = if right {
        let after = wide - inset - measures.width;
        (x - inset + wide, x + measures.width + bend, after < 0.5)
    } else {
        (x - inset, x - bend, inset < 0.5)
    };
    if is_there {
        Vec::new()
    } else {
        vec![(near, y), (end, y)]
    }
}

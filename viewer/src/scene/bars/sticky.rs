//! Rows that stay at the top: the nearest spans above what is on screen, drawn as the rows that they are.
//!
//! ```text
//! shop-web   click      ▇▇▇▇▇▇▇▇▇▇▇     stay, though scrolled away
//! checkout   charge        ▇▇▇▇▇
//! ─────────────────────────────────
//! payment    POST           ▇▇          the first row below them; both are above it in the tree
//! ```
//!
//! **Invariant:** costs a few steps up the tree, however deep it is.

use throughline_model::store::{NO_SPAN, Spans};

use super::{Bars, DisplayList, Ink};
use crate::state::Rows;

/// So many rows stay at most.
pub const MOST: usize = 4;

/// The rows that stay when `first` is the uppermost row that is on screen, partly or whole; ascending. At most `most`.
pub fn above(rows: &Rows, spans: &Spans, first: usize, most: usize) -> Vec<usize> {
    let mut found = Vec::new();
    // Rows that stay cover others: what counts is what is above the first that can be seen.
    for covered in 0..=most {
        found = nearest(rows, spans, first + covered, most);
        if found.len() <= covered {
            break;
        }
    }
    found
}

/// The rows of the nearest spans above the span of a row, ascending.
fn nearest(rows: &Rows, spans: &Spans, row: usize, most: usize) -> Vec<usize> {
    let Some(span) = rows.span(row) else {
        return Vec::new();
    };
    let parent = |span: u32| spans.parent.get(span as usize).copied();
    let up = core::iter::successors(parent(span), |&span| parent(span));
    let up = up.take_while(|&span| span != NO_SPAN).take(most * 2);
    let mut found: Vec<usize> = up.filter_map(|span| rows.exact_row_of(span)).collect();
    found.retain(|&above| above < row);
    found.truncate(most);
    found.reverse();
    found
}

/// Draws them over the rows that they cover.
#[inline(never)]
pub(super) fn draw(bars: &Bars<'_>, list: &mut DisplayList) {
    let height = bars.row_height;
    let bottom = bars.sticky.len() as f32 * height;
    list.rect(0.0, 0.0, bars.axis.width, bottom, Ink::Ground);
    for (place, &row) in bars.sticky.iter().enumerate() {
        let shift = row as f64 - place as f64;
        let there = Bars {
            scroll: shift * f64::from(height),
            ..*bars
        };
        there.rows(list, row..row + 1, (there.top(row), height));
        there.labels(list, row..row + 1);
    }
    list.rect(0.0, bottom - 1.0, bars.axis.width, 1.0, Ink::LineStrong);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::tests, *};
    use crate::state::rows::Look;

    /// Which rows stay, given the spans of the trace as their depths.
    fn check(depths: &[usize], collapsed: &[u32], first: usize, most: usize, expected: &[usize]) {
        let mut path: Vec<usize> = Vec::new();
        let mut lines = String::new();
        for (at, &depth) in depths.iter().enumerate() {
            path.truncate(depth);
            let parent = path
                .last()
                .map_or("-".to_owned(), |up| (up + 1).to_string());
            lines.push_str(&format!("{} {parent} {at} {} a\n", at + 1, 1_000 - at));
            path.push(at);
        }
        let store = tests::draw(&lines);
        let look = Look {
            collapsed: &BTreeSet::from_iter(collapsed.iter().copied()),
            folds: Default::default(),
            focus: None,
        };
        let rows = Rows::of_trace(store.trace(0), store.spans(), &look);
        let found = above(&rows, store.spans(), first, most);
        assert_eq!(found, expected, "{depths:?} {first}");
    }

    #[test]
    fn the_nearest_spans_above_stay() {
        let chain: Vec<usize> = (0..12).collect();
        check(&chain, &[], 0, 4, &[]);
        check(&chain, &[], 1, 4, &[1, 2, 3, 4]);
        check(&chain, &[], 6, 4, &[6, 7, 8, 9]);
        check(&chain, &[], 6, 2, &[6, 7]);
        check(&chain, &[], 6, 0, &[]);
        check(&chain, &[], 99, 4, &[]);
        let flat = [0, 1, 1, 1, 1, 1, 1];
        check(&flat, &[], 1, 4, &[0]);
        check(&flat, &[], 4, 4, &[0]);
        // Children of the second of two: the first is not above them.
        let two = [0, 1, 2, 2, 2, 1, 2, 2, 2];
        check(&two, &[], 6, 4, &[0, 5]);
        check(&two, &[], 2, 4, &[0, 1]);
        check(&two, &[1], 3, 4, &[0, 2]);
        // The last child leaves together with its parent.
        check(&two, &[], 3, 4, &[0]);
        // Another root has nothing above it.
        check(&[0, 1, 1, 1, 0, 1], &[], 3, 4, &[]);
    }

    #[test]
    fn they_are_drawn_over_the_rows_that_they_cover() {
        tests::check(
            "1 - 0 200 a
             2 1 0 100 b
             3 1 100 200 c",
            |bars| {
                (bars.scroll, bars.sticky, bars.height) = (26.0, &[0], 52.0);
            },
            &[
                "Service(1) 10 7 100×12",
                "Service(2) 110 33 100×12",
                "OnService(1) \"100 ms\" End 103",
                "OnService(2) \"100 ms\" End 203",
                "Ground 0 0 220×26",
                "Service(0) 10 7 200×12",
                "OnService(0) \"200 ms\" End 203",
                "LineStrong 0 25 220×1",
            ],
        );
    }
}

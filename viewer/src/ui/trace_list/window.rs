//! Which rows of a long list are in the page.
//!
//! **Invariant:** pure; short lists are there whole, so that the browser's own search finds everything.

use std::ops::Range;

/// Up to so many rows are all in the page.
pub const WHOLE: usize = 500;
/// Rows above and below what is visible.
const AROUND: usize = 12;

/// What is visible of a list, CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Viewport {
    /// How far it is scrolled.
    pub top: f64,
    /// How high it is.
    pub height: f64,
    /// How wide it is.
    pub width: f64,
}

/// Height of a row: on a narrow list a trace takes two lines. The stylesheet has the same bound.
pub fn row_height(width: f64) -> f64 {
    const NARROW: f64 = 640.0;
    if width > 0.0 && width < NARROW {
        56.0
    } else {
        36.0
    }
}

/// The rows to have in the page, of `count`.
pub fn rows(viewport: Viewport, count: usize) -> Range<usize> {
    if count <= WHOLE {
        return 0..count;
    }
    let height = row_height(viewport.width);
    let first = (viewport.top / height).max(0.0) as usize;
    let visible = (viewport.height / height).max(0.0).ceil() as usize + 1;
    let end = first.saturating_add(visible + AROUND).min(count);
    // Steps of rows, not single ones: a slow scroll does not touch the page with every pixel.
    let start = first.saturating_sub(AROUND) / 4 * 4;
    start.min(end)..end
}

/// How far to scroll so that a row is visible; `None` when it is, or while the list has no size yet.
pub fn scroll_for(viewport: Viewport, row: usize) -> Option<f64> {
    if viewport.height <= 0.0 {
        return None;
    }
    let height = row_height(viewport.width);
    let (top, bottom) = (row as f64 * height, (row + 1) as f64 * height);
    if top < viewport.top {
        Some(top)
    } else if bottom > viewport.top + viewport.height {
        Some(bottom - viewport.height)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_there_in_part() {
        let check = |top, height, count, expected: Range<usize>| {
            let viewport = Viewport {
                top,
                height,
                width: 1_000.0,
            };
            assert_eq!(rows(viewport, count), expected, "{top} {height} {count}");
        };
        check(0.0, 360.0, 0, 0..0);
        check(0.0, 360.0, 500, 0..500);
        check(0.0, 360.0, 100_000, 0..23);
        check(0.0, 0.0, 100_000, 0..13);
        check(3_600.0, 360.0, 100_000, 88..123);
        check(36.0 * 99_990.0, 360.0, 100_000, 99_976..100_000);
        check(1e12, 360.0, 100_000, 100_000..100_000);
        check(-5.0, 360.0, 100_000, 0..23);
    }

    #[test]
    fn rows_come_into_view() {
        let viewport = Viewport {
            top: 360.0,
            height: 360.0,
            width: 1_000.0,
        };
        let check =
            |row, expected: Option<f64>| assert_eq!(scroll_for(viewport, row), expected, "{row}");
        check(10, None);
        check(19, None);
        check(20, Some(396.0));
        check(9, Some(324.0));
        check(0, Some(0.0));
        assert_eq!(scroll_for(Viewport::default(), 5), None);
    }
}

//! From the scroll bar to rows: an element cannot be as high as a million rows in every browser, so beyond a limit the
//! scroll bar's way is shorter than the rows'.
//!
//! **Invariant:** pure arithmetic; both ends of the way are reached exactly.

/// The rows' height against what shows of them, CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ui) struct Scroll {
    pub content: f64,
    pub height: f64,
}

/// Firefox stops at 17.9 million pixels; below that every browser is exact.
const HIGHEST: f64 = 8_000_000.0;

impl Scroll {
    /// Whether the scroll bar's way is shorter than the rows'.
    pub fn is_scaled(self) -> bool {
        self.content > HIGHEST
    }

    /// Height of the scrolled element.
    pub fn space(self) -> f64 {
        self.content.clamp(0.0, HIGHEST).max(self.height)
    }

    /// The largest offset.
    pub fn last(self) -> f64 {
        (self.content - self.height).max(0.0)
    }

    /// The offset of a scroll position. `before` is kept when the position is only its rounded form.
    pub fn offset_from_top(self, top: f64, before: f64) -> f64 {
        if !self.is_scaled() {
            return top.clamp(0.0, self.last());
        }
        if (self.top_from_offset(before) - top).abs() < 1.0 {
            return before;
        }
        (top / (HIGHEST - self.height) * self.last()).clamp(0.0, self.last())
    }

    /// The scroll position of an offset.
    pub fn top_from_offset(self, offset: f64) -> f64 {
        if self.is_scaled() {
            offset / self.last() * (HIGHEST - self.height)
        } else {
            offset
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_contents_scroll_as_they_are() {
        let scroll = Scroll {
            content: 2_600_000.0,
            height: 800.0,
        };
        assert_eq!((scroll.space(), scroll.last()), (2_600_000.0, 2_599_200.0));
        assert_eq!(scroll.offset_from_top(1_234.0, 0.0), 1_234.0);
        let short = Scroll {
            content: 100.0,
            height: 800.0,
        };
        assert_eq!(
            (
                short.space(),
                short.last(),
                short.offset_from_top(50.0, 0.0)
            ),
            (800.0, 0.0, 0.0)
        );
    }

    #[test]
    fn large_contents_reach_both_ends() {
        let scroll = Scroll {
            content: 26_000_000.0,
            height: 800.0,
        };
        assert_eq!(scroll.space(), 8_000_000.0);
        assert_eq!(scroll.offset_from_top(0.0, 99.0 * 26.0), 0.0);
        assert_eq!(scroll.offset_from_top(7_999_200.0, 0.0), 25_999_200.0);
        let offset = 123_456.0;
        let top = scroll.top_from_offset(offset).round();
        assert_eq!(scroll.offset_from_top(top, offset), offset);
    }
}

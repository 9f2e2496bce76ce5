//! Links of the selected span as arrows, from the span that has the link to the one that it names.
//!
//! ```text
//!      ▇▇▇▇▇▇◂╮        what is linked to
//!             │
//!      ╭──────╯
//!      ╰▇▇▇            has the link
//! ```
//!
//! An end that is off screen stands at the border, above or below; with both ends there, nothing is drawn.
//!
//! **Invariant:** costs the links of one span, which the state bounds.

use super::{Bars, Bond, DisplayList, Ink, Item};

/// How far a curve goes on before it bends.
const BEND: core::ops::RangeInclusive<f32> = 12.0..=40.0;
/// Length and half the width of an arrow's head.
const HEAD: (f32, f32) = (7.0, 4.0);

/// Where an arrow begins or ends.
#[derive(Clone, Copy, PartialEq)]
struct End {
    x: f32,
    y: f32,
    /// Into which direction it leaves the end.
    out: (f32, f32),
    shown: bool,
}

/// Draws the links of the selected span.
#[inline(never)]
pub(super) fn draw(bars: &Bars<'_>, list: &mut DisplayList) {
    for bond in bars.links {
        let Some((from, to)) = bars.ends(*bond) else {
            continue;
        };
        if from.shown || to.shown {
            arrow(list, from, to);
        }
    }
}

impl Bars<'_> {
    fn ends(&self, bond: Bond) -> Option<(End, End)> {
        let (start, _) = self.times(bond.from);
        let (first, last) = self.times(bond.to);
        let (start, first, last) = (
            self.moved(bond.from, start),
            self.moved(bond.to, first),
            self.moved(bond.to, last),
        );
        // What is over when the other begins is reached at its end.
        let over = last <= start;
        let from = self.end(bond.from, start, -1.0)?;
        let to = match over {
            true => self.end(bond.to, last, 1.0)?,
            false => self.end(bond.to, first, -1.0)?,
        };
        Some((from, to))
    }

    /// The end at a moment of a span, which an arrow leaves to the left or right.
    fn end(&self, span: u32, at: u64, side: f32) -> Option<End> {
        let row = self.rows.row_of(span, self.store.spans())?;
        let (band, height) = self.bar_band(row);
        let y = band + height / 2.0;
        let room = HEAD.0 + 2.0;
        let x = self
            .axis
            .px_from_time(at)
            .clamp(room, (self.axis.width - room).max(room));
        let top = self.sticky.len() as f32 * self.row_height;
        let (y, out, shown) = if y < top {
            (top + 1.0, (0.0, 1.0), false)
        } else if y > self.height {
            (self.height - 1.0, (0.0, -1.0), false)
        } else {
            (y, (side, 0.0), true)
        };
        Some(End { x, y, out, shown })
    }
}

fn arrow(list: &mut DisplayList, from: End, to: End) {
    let bend = ((from.y - to.y).abs() / 2.0).clamp(*BEND.start(), *BEND.end());
    let (length, half) = HEAD;
    let (dx, dy) = to.out;
    // The line ends where the head begins.
    let neck = (to.x + dx * length, to.y + dy * length);
    let points = vec![
        (from.x, from.y),
        (from.x + from.out.0 * bend, from.y + from.out.1 * bend),
        (neck.0 + dx * bend, neck.1 + dy * bend),
        neck,
    ];
    // A rim, so that it can be followed over bars.
    for (width, ink) in [(4.5, Ink::Ground), (1.5, Ink::Accent)] {
        list.push(Item::Line {
            points: points.clone(),
            width,
            curve: true,
            ink,
        });
    }
    let side = (-dy * half, dx * half);
    list.push(Item::Shape {
        points: vec![
            (to.x, to.y),
            (neck.0 + side.0, neck.1 + side.1),
            (neck.0 - side.0, neck.1 - side.1),
        ],
        ink: Ink::Accent,
    });
}

#[cfg(test)]
mod tests {
    use super::{super::tests, *};

    const SPANS: &str = "1 - 0 200 a
        2 1 0 50 b
        3 1 60 100 c
        4 1 120 150 d";

    fn check(bonds: &[(u32, u32)], change: impl FnOnce(&mut Bars<'_>), expected: &[&str]) {
        let bonds = bonds.iter().map(|&(from, to)| Bond { from, to });
        // A list that outlives the closure.
        let bonds: &'static [Bond] = bonds.collect::<Vec<_>>().leak();
        let drawn = tests::scene(SPANS, |bars| {
            bars.links = bonds;
            bars.height = 104.0;
            change(bars);
        });
        let accents = drawn.lines().filter(|line| line.starts_with("Accent"));
        assert_eq!(accents.collect::<Vec<_>>(), expected, "{bonds:?}");
    }

    #[test]
    fn an_arrow_leads_to_what_is_linked() {
        check(&[], |_| {}, &[]);
        // What is over is reached at its end, what runs is reached at its start.
        check(
            &[(2, 1)],
            |_| {},
            &[
                "Accent line 70,65 57,65 80,39 67,39",
                "Accent shape 60,39 67,43 67,35",
            ],
        );
        check(
            &[(1, 2)],
            |_| {},
            &[
                "Accent line 10,39 -3,39 50,65 63,65",
                "Accent shape 70,65 63,61 63,69",
            ],
        );
    }

    #[test]
    fn what_is_off_screen_is_at_the_border() {
        let scrolled = |bars: &mut Bars<'_>| (bars.scroll, bars.height) = (52.0, 26.0);
        check(
            &[(2, 1)],
            scrolled,
            &[
                "Accent line 70,13 58,13 60,20 60,8",
                "Accent shape 60,1 56,8 64,8",
            ],
        );
        check(
            &[(3, 2)],
            scrolled,
            &[
                "Accent line 130,25 130,13 129,13 117,13",
                "Accent shape 110,13 117,17 117,9",
            ],
        );
        check(&[(3, 1)], scrolled, &[]);
    }
}

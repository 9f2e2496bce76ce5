//! The pointers on the picture: one drags, two pinch, one that stays is a click.
//!
//! **Invariant:** knows places and distances only.

/// Less is a click, CSS pixels.
const DRAG_FROM: f64 = 4.0;

/// The pointers that are down.
#[derive(Clone, Debug, Default)]
pub(super) struct Hands {
    /// Id and place of each.
    pub down: Vec<(i32, f64, f64)>,
    /// Whether one of them moved farther than a click does.
    pub dragged: bool,
    /// Whether it holds the overview.
    pub steers: bool,
}

/// What moving a hand does to the camera.
pub(super) struct Change {
    pub dx: f32,
    pub dy: f32,
    pub factor: f32,
    pub x: f32,
    pub y: f32,
}

impl Hands {
    /// Follows a pointer; nothing as long as it may still be a click.
    pub fn moved(&mut self, id: i32, x: f64, y: f64) -> Option<Change> {
        let other = self.down.iter().find(|(known, ..)| *known != id).copied();
        let (_, old_x, old_y) = *self.down.iter().find(|(known, ..)| *known == id)?;
        let (dx, dy) = (x - old_x, y - old_y);
        if !self.dragged && dx.hypot(dy) < DRAG_FROM {
            return None;
        }
        self.dragged = true;
        let hand = self.down.iter_mut().find(|(known, ..)| *known == id)?;
        (hand.1, hand.2) = (x, y);
        let Some((_, other_x, other_y)) = other else {
            return Some(Change {
                dx: dx as f32,
                dy: dy as f32,
                factor: 1.0,
                x: x as f32,
                y: y as f32,
            });
        };
        // The middle between two fingers moves half as far as one of them; their distance is the zoom.
        let before = (old_x - other_x).hypot(old_y - other_y).max(1.0);
        let factor = ((x - other_x).hypot(y - other_y) / before).clamp(0.2, 5.0) as f32;
        let (x, y) = ((x + other_x) / 2.0, (y + other_y) / 2.0);
        Some(Change {
            dx: (dx / 2.0) as f32,
            dy: (dy / 2.0) as f32,
            factor,
            x: x as f32,
            y: y as f32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the camera goes: moved by, zoomed by.
    fn check(down: &[(i32, f64, f64)], to: (i32, f64, f64), expected: Option<(f32, f32, f32)>) {
        let mut hands = Hands {
            down: down.to_vec(),
            dragged: down.len() > 1,
            steers: false,
        };
        let change = hands.moved(to.0, to.1, to.2);
        assert_eq!(
            change.map(|change| (change.dx, change.dy, change.factor)),
            expected,
            "{down:?} {to:?}"
        );
    }

    #[test]
    fn one_drags_and_two_pinch() {
        check(&[], (1, 5.0, 5.0), None);
        check(&[(1, 0.0, 0.0)], (1, 2.0, 2.0), None);
        check(&[(1, 0.0, 0.0)], (1, 6.0, -8.0), Some((6.0, -8.0, 1.0)));
        check(
            &[(1, 0.0, 0.0), (2, 100.0, 0.0)],
            (2, 150.0, 0.0),
            Some((25.0, 0.0, 1.5)),
        );
        check(&[(1, 0.0, 0.0), (2, 100.0, 0.0)], (3, 150.0, 0.0), None);
    }

    #[test]
    fn a_hand_that_trembles_still_clicks() {
        let mut hands = Hands {
            down: vec![(1, 0.0, 0.0)],
            dragged: false,
            steers: false,
        };
        for _ in 0..20 {
            assert!(hands.moved(1, 1.0, 1.0).is_none() && hands.moved(1, 0.0, 1.0).is_none());
        }
        assert!(!hands.dragged);
    }
}

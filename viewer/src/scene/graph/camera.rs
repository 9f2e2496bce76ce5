//! Where the picture is on the canvas: moved and scaled.
//!
//! **Invariant:** pure arithmetic in CSS pixels; the scale stays between [`Camera::LEAST`] and [`Camera::MOST`].

/// `canvas = world × scale + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Where the picture's left edge is.
    pub x: f32,
    /// Where the picture's top edge is.
    pub y: f32,
    /// CSS pixels of the canvas for one of the picture.
    pub scale: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            scale: 1.0,
        }
    }
}

/// Where to go from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To its callers.
    Left,
    /// To its callees.
    Right,
    /// Up in its layer.
    Up,
    /// Down in its layer.
    Down,
}

impl Direction {
    /// How far a step goes in this direction, and how far aside.
    pub(super) fn measure(self, dx: f32, dy: f32) -> (f32, f32) {
        match self {
            Self::Left => (-dx, dy.abs()),
            Self::Right => (dx, dy.abs()),
            Self::Up => (-dy, dx.abs()),
            Self::Down => (dy, dx.abs()),
        }
    }
}

/// Air around the picture when all of it shows.
const AIR: f32 = 24.0;
/// Below it, where the buttons are.
const BELOW: f32 = 52.0;

/// The part of a canvas that nothing lies on: left, top, width and height.
fn clear(width: f32, height: f32) -> [f32; 4] {
    let (across, down) = (width - 2.0 * AIR, height - AIR - BELOW);
    [AIR, AIR, across.max(1.0), down.max(1.0)]
}

impl Camera {
    /// As far away as it goes.
    pub const LEAST: f32 = 0.02;
    /// As near as it goes.
    pub const MOST: f32 = 2.0;
    /// A small picture is not blown up beyond this.
    const FIT_MOST: f32 = 1.15;

    /// Shows all of a picture of this size, in the middle of what is clear.
    pub(super) fn fit(size: (f32, f32), width: f32, height: f32) -> Self {
        let [left, top, w, h] = clear(width, height);
        let scale = (w / size.0.max(1.0))
            .min(h / size.1.max(1.0))
            .clamp(Self::LEAST, Self::FIT_MOST);
        Self {
            x: left + (w - size.0 * scale) / 2.0,
            y: top + (h - size.1 * scale) / 2.0,
            scale,
        }
    }

    /// Has a point of a picture of this size in the middle, but no more room beside the picture than is needed.
    pub(super) fn within(
        size: (f32, f32),
        middle: (f32, f32),
        scale: f32,
        width: f32,
        height: f32,
    ) -> Self {
        let [left, top, w, h] = clear(width, height);
        let place = |low: f32, room: f32, middle: f32, length: f32| {
            let spare = room - length * scale;
            if spare >= 0.0 {
                low + spare / 2.0
            } else {
                low + (room / 2.0 - middle * scale).clamp(spare, 0.0)
            }
        };
        Self {
            x: place(left, w, middle.0, size.0),
            y: place(top, h, middle.1, size.1),
            scale,
        }
    }

    /// Whether a rectangle of the picture is on the part of the canvas that nothing lies on.
    pub(super) fn has_inside(self, [x, y, w, h]: [f32; 4], width: f32, height: f32) -> bool {
        let [left, top, across, down] = clear(width, height);
        let ((x, y), (right, bottom)) = (self.canvas((x, y)), self.canvas((x + w, y + h)));
        x >= left - 1.0
            && y >= top - 1.0
            && right <= left + across + 1.0
            && bottom <= top + down + 1.0
    }

    /// Has a point of the picture in the middle of the canvas.
    pub fn around((x, y): (f32, f32), scale: f32, width: f32, height: f32) -> Self {
        let scale = scale.clamp(Self::LEAST, Self::MOST);
        Self {
            x: width / 2.0 - x * scale,
            y: height / 2.0 - y * scale,
            scale,
        }
    }

    /// The point of the picture under a point of the canvas.
    pub fn world(self, x: f32, y: f32) -> (f32, f32) {
        ((x - self.x) / self.scale, (y - self.y) / self.scale)
    }

    /// The point of the canvas where a point of the picture is.
    pub(super) fn canvas(self, (x, y): (f32, f32)) -> (f32, f32) {
        (x * self.scale + self.x, y * self.scale + self.y)
    }

    /// Nearer or farther; the point under `x`, `y` stays where it is.
    #[must_use]
    pub fn zoomed(self, factor: f32, x: f32, y: f32) -> Self {
        let scale = (self.scale * factor).clamp(Self::LEAST, Self::MOST);
        let factor = scale / self.scale;
        Self {
            x: x - (x - self.x) * factor,
            y: y - (y - self.y) * factor,
            scale,
        }
    }

    /// Moved by CSS pixels of the canvas.
    #[must_use]
    pub fn moved(self, dx: f32, dy: f32) -> Self {
        Self {
            x: self.x + dx,
            y: self.y + dy,
            ..self
        }
    }

    /// Moved so that a rectangle of the picture is on the canvas, if it can be.
    pub(super) fn with_inside(self, [x, y, w, h]: [f32; 4], width: f32, height: f32) -> Self {
        let (left, top) = self.canvas((x, y));
        let clear = clear(width, height);
        let by = |at: f32, length: f32, low: f32, room: f32| {
            let (high, end) = (at + length * self.scale, low + room);
            if at < low {
                low - at
            } else if high > end {
                (end - high).max(low - at)
            } else {
                0.0
            }
        };
        self.moved(
            by(left, w, clear[0], clear[2]),
            by(top, h, clear[1], clear[3]),
        )
    }
}

//! What is to be drawn, as values: a display list of rectangles, lines and texts in CSS pixels.
//!
//! model → layout → [`DisplayList`] → paint. A list is compared and printed in tests, without a browser. Colours are
//! [`Ink`]s: names of tokens, resolved when painted, so that a scene does not know the theme.
//!
//! **Invariant:** reads the store and the state; knows no framework and no browser; off-screen things are not in a list.

pub mod bars;
pub mod graph;
pub mod minimap;
pub mod ticks;

/// A colour by its meaning; the stylesheet says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ink {
    /// The page.
    Ground,
    /// Side panels and minimap.
    Panel,
    /// Pills and cards.
    Raised,
    /// Rules and grid.
    Line,
    /// Borders of controls.
    LineStrong,
    /// Names and values.
    Text,
    /// Span names.
    Text2,
    /// Labels.
    Text3,
    /// Selection and focus.
    Accent,
    /// The ground of a selection.
    AccentGround,
    /// Errors.
    Error,
    /// The ground of an error mark.
    ErrorGround,
    /// The ground of rows that match a query.
    Match,
    /// The critical path.
    Critical,
    /// Over what a drag leaves out.
    Scrim,
    /// A service by its index; the palette repeats after [`SERVICE_COLOURS`].
    Service(u32),
    /// Text on a bar of this service: black or white, whichever reads better.
    OnService(u32),
    /// A service's colour, faint.
    ServiceFaint(u32),
}

/// How many service colours there are; from then on they repeat with a pattern.
pub const SERVICE_COLOURS: u32 = 12;

/// Where a text stands at its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Begins there.
    Start,
    /// Is centred there.
    Middle,
    /// Ends there.
    End,
}

/// One thing to draw. Coordinates are CSS pixels from the top left of the canvas; y of a text is its middle.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A filled rectangle with round corners.
    Rect {
        /// Left edge.
        x: f32,
        /// Top edge.
        y: f32,
        /// Width.
        w: f32,
        /// Height.
        h: f32,
        /// Radius of the corners.
        radius: f32,
        /// Fill.
        ink: Ink,
    },
    /// The outline of a rectangle.
    Frame {
        /// Left edge.
        x: f32,
        /// Top edge.
        y: f32,
        /// Width.
        w: f32,
        /// Height.
        h: f32,
        /// Radius of the corners.
        radius: f32,
        /// Width of the line.
        width: f32,
        /// Colour.
        ink: Ink,
    },
    /// A line through points.
    Line {
        /// The points.
        points: Vec<(f32, f32)>,
        /// Width of the line.
        width: f32,
        /// Whether it is a curve (Bézier: 1 + 3 n points).
        curve: bool,
        /// Colour.
        ink: Ink,
    },
    /// A filled polygon.
    Shape {
        /// The corners.
        points: Vec<(f32, f32)>,
        /// Fill.
        ink: Ink,
    },
    /// A filled circle.
    Dot {
        /// Centre.
        x: f32,
        /// Centre.
        y: f32,
        /// Radius.
        r: f32,
        /// Fill.
        ink: Ink,
    },
    /// A text.
    Text {
        /// Where it is aligned.
        x: f32,
        /// Its middle.
        y: f32,
        /// What it says.
        text: String,
        /// Size in CSS pixels.
        size: f32,
        /// Semibold.
        strong: bool,
        /// How it stands at x.
        align: Align,
        /// Colour.
        ink: Ink,
    },
    /// Diagonal stripes over a rectangle: the second round of service colours, asynchronous spans.
    Hatch {
        /// Left edge.
        x: f32,
        /// Top edge.
        y: f32,
        /// Width.
        w: f32,
        /// Height.
        h: f32,
        /// Colour of the stripes.
        ink: Ink,
    },
}

/// Things to draw, layer by layer: what comes later is on top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DisplayList {
    /// The things.
    pub items: Vec<Item>,
}

impl DisplayList {
    /// Adds one thing on top.
    pub fn push(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Adds a rectangle on top.
    pub fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, ink: Ink) {
        self.push(Item::Rect {
            x,
            y,
            w,
            h,
            radius: 0.0,
            ink,
        });
    }

    /// Sorts the items from `from` on by colour, so that a painter changes its fill seldom. Only for items that do not
    /// overlap: a layer of bars, or of ticks.
    pub fn sort_layer(&mut self, from: usize) {
        if let Some(layer) = self.items.get_mut(from..) {
            layer.sort_by_key(|item| item.ink());
        }
    }
}

impl Item {
    /// The colour.
    pub fn ink(&self) -> Ink {
        match *self {
            Self::Rect { ink, .. }
            | Self::Frame { ink, .. }
            | Self::Line { ink, .. }
            | Self::Shape { ink, .. }
            | Self::Dot { ink, .. }
            | Self::Text { ink, .. }
            | Self::Hatch { ink, .. } => ink,
        }
    }
}

/// The ink of a bar; a bar without a value to be coloured by is grey.
pub fn solid(colour: Option<u32>) -> Ink {
    colour.map_or(Ink::Text3, Ink::Service)
}

/// The same, faint.
pub fn faint(colour: Option<u32>) -> Ink {
    colour.map_or(Ink::LineStrong, Ink::ServiceFaint)
}

/// The ink of words and marks on a bar.
pub fn on(colour: Option<u32>) -> Ink {
    colour.map_or(Ink::Ground, Ink::OnService)
}

/// About how wide a text is, CSS pixels: enough to decide where it goes, without a browser to measure it.
pub fn text_width(text: &str, size: f32) -> f32 {
    let units: f32 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '/'
            | '(' | ')' | ' ' => 0.33,
            'm' | 'w' | 'M' | 'W' | '@' => 0.88,
            'A'..='Z' => 0.67,
            c if c as u32 > 0x2e80 => 1.0,
            _ => 0.56,
        })
        .sum();
    units * size
}

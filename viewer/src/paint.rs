//! Puts a display list on a canvas.
//!
//! **Invariant:** knows inks and items only: no store, no state, no decision about what is shown.

mod palette;
pub mod svg;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::scene::{Align, DisplayList, Item};

pub use palette::{Palette, forget_palette};

/// A canvas element with its context, sized in CSS pixels.
#[derive(Clone)]
pub struct Canvas {
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    width: f64,
    height: f64,
    ratio: f64,
}

const FONT: &str =
    "system-ui, -apple-system, \"Segoe UI\", Roboto, \"Noto Sans\", \"DejaVu Sans\", sans-serif";

impl Canvas {
    /// `None` where the browser gives no 2D context.
    pub fn new(element: HtmlCanvasElement) -> Option<Self> {
        let context = element.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self {
            element,
            context,
            width: 0.0,
            height: 0.0,
            ratio: 1.0,
        })
    }

    /// Says how large the element is on the page, and how many device pixels a CSS pixel has.
    pub fn resize(&mut self, width: f64, height: f64, ratio: f64) {
        self.width = width.max(1.0);
        self.height = height.max(1.0);
        self.ratio = if ratio.is_finite() && ratio > 0.0 {
            ratio
        } else {
            1.0
        };
        let device = |length: f64| (length * self.ratio).round().clamp(1.0, 16_384.0) as u32;
        let (width, height) = (device(self.width), device(self.height));
        // Setting a size clears the canvas even when it is the same.
        if self.element.width() != width || self.element.height() != height {
            self.element.set_width(width);
            self.element.set_height(height);
        }
    }

    /// Width in CSS pixels.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Height in CSS pixels.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// Replaces what is on the canvas.
    pub fn paint(&self, list: &DisplayList) {
        self.context
            .set_transform(self.ratio, 0.0, 0.0, self.ratio, 0.0, 0.0)
            .ok();
        self.context.clear_rect(0.0, 0.0, self.width, self.height);
        self.paint_over(list);
    }

    /// Adds to what has been painted.
    pub fn paint_over(&self, list: &DisplayList) {
        let palette = Palette::current();
        let context = &self.context;
        context.set_text_baseline("alphabetic");
        let mut pen = Pen {
            context,
            palette: &palette,
            fill: None,
            font: None,
            drop: 0.0,
        };
        for item in &list.items {
            pen.draw(item);
        }
    }
}

/// Remembers what the context is set to: setting a colour or a font costs more than a rectangle.
struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    palette: &'a Palette,
    fill: Option<crate::scene::Ink>,
    font: Option<(f32, bool)>,
    /// How far below the middle of its digits a text stands.
    drop: f64,
}

impl Pen<'_> {
    fn fill(&mut self, ink: crate::scene::Ink) {
        if self.fill != Some(ink) {
            self.context.set_fill_style_str(self.palette.css(ink));
            self.fill = Some(ink);
        }
    }

    fn draw(&mut self, item: &Item) {
        let c = self.context;
        match item {
            Item::Rect {
                x,
                y,
                w,
                h,
                radius,
                ink,
            } => {
                self.fill(*ink);
                if *radius < 0.5 {
                    c.fill_rect(f64::from(*x), f64::from(*y), f64::from(*w), f64::from(*h));
                } else {
                    self.round_path(*x, *y, *w, *h, *radius);
                    c.fill();
                }
            }
            Item::Frame {
                x,
                y,
                w,
                h,
                radius,
                width,
                ink,
            } => {
                c.set_stroke_style_str(self.palette.css(*ink));
                c.set_line_width(f64::from(*width));
                self.round_path(*x, *y, *w, *h, *radius);
                c.stroke();
            }
            Item::Line {
                points,
                width,
                curve,
                ink,
            } => {
                c.set_stroke_style_str(self.palette.css(*ink));
                c.set_line_width(f64::from(*width));
                self.line_path(points, *curve);
                c.stroke();
            }
            Item::Shape { points, ink } => {
                self.fill(*ink);
                self.line_path(points, false);
                c.fill();
            }
            Item::Dot { x, y, r, ink } => {
                self.fill(*ink);
                c.begin_path();
                c.arc(
                    f64::from(*x),
                    f64::from(*y),
                    f64::from(*r),
                    0.0,
                    core::f64::consts::TAU,
                )
                .ok();
                c.fill();
            }
            Item::Text {
                x,
                y,
                text,
                size,
                strong,
                align,
                ink,
            } => {
                self.fill(*ink);
                if self.font != Some((*size, *strong)) {
                    let weight = if *strong { "600" } else { "400" };
                    c.set_font(&format!("{weight} {size}px {FONT}"));
                    self.font = Some((*size, *strong));
                    // Fonts differ in where they have what browsers call their middle.
                    let digit = c
                        .measure_text("0")
                        .map(|it| it.actual_bounding_box_ascent());
                    self.drop = digit.unwrap_or_else(|_| f64::from(*size) * 0.7) / 2.0;
                }
                c.set_text_align(match align {
                    Align::Start => "left",
                    Align::Middle => "center",
                    Align::End => "right",
                });
                c.fill_text(text, f64::from(*x), f64::from(*y) + self.drop)
                    .ok();
            }
            Item::Hatch { x, y, w, h, ink } => self.hatch(*x, *y, *w, *h, *ink),
        }
    }

    fn round_path(&self, x: f32, y: f32, w: f32, h: f32, radius: f32) {
        let c = self.context;
        let (x, y, w, h) = (f64::from(x), f64::from(y), f64::from(w), f64::from(h));
        let r = f64::from(radius).min(w / 2.0).min(h / 2.0).max(0.0);
        c.begin_path();
        c.move_to(x + r, y);
        c.arc_to(x + w, y, x + w, y + h, r).ok();
        c.arc_to(x + w, y + h, x, y + h, r).ok();
        c.arc_to(x, y + h, x, y, r).ok();
        c.arc_to(x, y, x + w, y, r).ok();
        c.close_path();
    }

    fn line_path(&self, points: &[(f32, f32)], curve: bool) {
        let c = self.context;
        c.begin_path();
        let Some(((x, y), rest)) = points.split_first() else {
            return;
        };
        c.move_to(f64::from(*x), f64::from(*y));
        if curve {
            for bend in rest.chunks_exact(3) {
                let [(ax, ay), (bx, by), (x, y)] =
                    [bend[0], bend[1], bend[2]].map(|(x, y)| (f64::from(x), f64::from(y)));
                c.bezier_curve_to(ax, ay, bx, by, x, y);
            }
        } else {
            for (x, y) in rest {
                c.line_to(f64::from(*x), f64::from(*y));
            }
        }
    }

    fn hatch(&mut self, x: f32, y: f32, w: f32, h: f32, ink: crate::scene::Ink) {
        let c = self.context;
        c.save();
        self.round_path(x, y, w, h, 3.0);
        c.clip();
        c.set_global_alpha(0.35);
        c.set_stroke_style_str(self.palette.css(ink));
        c.set_line_width(1.5);
        c.begin_path();
        let (left, top, height) = (f64::from(x), f64::from(y), f64::from(h));
        // Far outside nothing shows; the number of stripes is bounded by the canvas.
        let right = f64::from(x + w).min(left + 8_000.0);
        let mut at = left - height;
        while at < right {
            c.move_to(at, top + height);
            c.line_to(at + height, top);
            at += 6.0;
        }
        c.stroke();
        c.restore();
    }
}

//! A display list as vectors: for paper, where the pixels of a screen are coarse.
//!
//! **Invariant:** draws what the canvas draws, with the same colours.

use std::fmt::Write;

use web_sys::Element;

use super::Palette;
use crate::{
    dom,
    scene::{Align, DisplayList, Item},
};

/// A picture `width` by `height` CSS pixels large, which grows and shrinks with its place.
pub fn svg(list: &DisplayList, width: f32, height: f32) -> Element {
    let palette = Palette::current();
    let picture = dom::element("svg", true, &[("aria-hidden", "true")]);
    set(&picture, "viewBox", &format!("0 0 {width} {height}"));
    for item in &list.items {
        let drawn = element(item);
        let colour = palette.css(item.ink());
        match item {
            Item::Frame { width, .. } | Item::Line { width, .. } => line(&drawn, colour, *width),
            Item::Hatch { .. } => {
                line(&drawn, colour, 1.5);
                set(&drawn, "stroke-opacity", "0.35");
            }
            _ => set(&drawn, "fill", colour),
        }
        picture.append_child(&drawn).ok();
    }
    picture
}

fn element(item: &Item) -> Element {
    match item {
        Item::Rect {
            x, y, w, h, radius, ..
        }
        | Item::Frame {
            x, y, w, h, radius, ..
        } => {
            let values = [
                ("x", x),
                ("y", y),
                ("width", w),
                ("height", h),
                ("rx", radius),
            ];
            with_numbers("rect", &values)
        }
        Item::Dot { x, y, r, .. } => with_numbers("circle", &[("cx", x), ("cy", y), ("r", r)]),
        Item::Line { points, curve, .. } => with_path(&path(points, *curve)),
        Item::Shape { points, .. } => with_path(&path(points, false)),
        Item::Hatch { x, y, w, h, .. } => with_path(&stripes((*x, *y), (*w, *h))),
        Item::Text {
            x,
            y,
            text,
            size,
            strong,
            align,
            ..
        } => {
            // Below the middle by half the height of a digit.
            let base = y + size * 0.36;
            let drawn = with_numbers("text", &[("x", x), ("y", &base), ("font-size", size)]);
            let anchor = match align {
                Align::Start => "start",
                Align::Middle => "middle",
                Align::End => "end",
            };
            set(&drawn, "text-anchor", anchor);
            if *strong {
                set(&drawn, "font-weight", "600");
            }
            drawn.set_text_content(Some(text));
            drawn
        }
    }
}

fn set(element: &Element, name: &str, value: &str) {
    element.set_attribute(name, value).ok();
}

fn line(element: &Element, colour: &str, width: f32) {
    set(element, "fill", "none");
    set(element, "stroke", colour);
    set(element, "stroke-width", &width.to_string());
}

fn with_numbers(tag: &'static str, values: &[(&str, &f32)]) -> Element {
    let element = dom::element(tag, true, &[]);
    for (name, value) in values {
        set(&element, name, &format!("{value:.2}"));
    }
    element
}

fn with_path(path: &str) -> Element {
    let element = dom::element("path", true, &[]);
    set(&element, "d", path);
    element
}

/// The points as SVG writes a path; a curve has one point, then three for each bend.
fn path(points: &[(f32, f32)], curve: bool) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let step = match at {
            0 => "M",
            1 if curve => "C",
            _ if curve => " ",
            _ => "L",
        };
        write!(path, "{step}{x:.2} {y:.2}").ok();
    }
    path
}

/// Diagonal stripes that keep inside of their rectangle.
fn stripes((x, y): (f32, f32), (w, h): (f32, f32)) -> String {
    const STEP: f32 = 6.0;
    let mut path = String::new();
    let mut at = -h;
    while at < w {
        let (from, to) = (at.max(0.0), (at + h).min(w));
        let points = [(x + from, y + h - (from - at)), (x + to, y + h - (to - at))];
        path.push_str(&self::path(&points, false));
        at += STEP;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written() {
        let check = |points: &[(f32, f32)], curve, expected: &str| {
            assert_eq!(path(points, curve), expected);
        };
        check(&[], false, "");
        check(&[(1.0, 2.0), (3.0, 4.5)], false, "M1.00 2.00L3.00 4.50");
        let bend = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 1.0)];
        check(&bend, true, "M0.00 0.00C1.00 0.00 1.00 1.00 2.00 1.00");
    }

    #[test]
    fn stripes_keep_inside() {
        let check = |w: f32, h: f32, expected: &str| {
            assert_eq!(stripes((10.0, 20.0), (w, h)), expected, "{w} × {h}");
        };
        check(4.0, 2.0, "M10.00 20.00L10.00 20.00");
        check(8.0, 4.0, "M10.00 20.00L10.00 20.00M12.00 24.00L16.00 20.00");
    }
}

//! The colours behind the inks: the stylesheet's custom properties, read once a theme.
//!
//! **Invariant:** the stylesheet is the only place with colour values.

use std::{cell::RefCell, rc::Rc};

use crate::{
    browser,
    scene::{Ink, SERVICE_COLOURS},
};

/// Resolved colours.
pub struct Palette {
    plain: Vec<String>,
    services: Vec<Service>,
}

struct Service {
    solid: String,
    faint: String,
    on: &'static str,
}

const PLAIN: [(Ink, &str); 15] = [
    (Ink::Ground, "--ground"),
    (Ink::Panel, "--panel"),
    (Ink::Raised, "--raised"),
    (Ink::Line, "--line"),
    (Ink::LineStrong, "--line-strong"),
    (Ink::Text, "--text"),
    (Ink::Text2, "--text-2"),
    (Ink::Text3, "--text-3"),
    (Ink::Accent, "--accent"),
    (Ink::AccentGround, "--accent-ground"),
    (Ink::Error, "--error"),
    (Ink::ErrorGround, "--error-ground"),
    (Ink::Match, "--match"),
    (Ink::Critical, "--critical"),
    (Ink::Scrim, "--scrim"),
];

thread_local! {
    static CURRENT: RefCell<Option<Rc<Palette>>> = const { RefCell::new(None) };
}

/// Reads the colours anew at the next paint: the theme changed.
pub fn forget_palette() {
    CURRENT.with_borrow_mut(|current| *current = None);
}

impl Palette {
    /// The colours of the theme that is on.
    pub fn current() -> Rc<Self> {
        CURRENT
            .with_borrow_mut(|current| current.get_or_insert_with(|| Rc::new(Self::read())).clone())
    }

    fn read() -> Self {
        let plain = PLAIN
            .iter()
            .map(|(_, token)| browser::css_token(token))
            .collect();
        let services = (0..SERVICE_COLOURS).map(|at| {
            let solid = browser::css_token(&format!("--service-{at}"));
            Service {
                faint: format!("{solid}55"),
                on: on(&solid),
                solid,
            }
        });
        Self {
            plain,
            services: services.collect(),
        }
    }

    /// The colour of an ink.
    pub fn css(&self, ink: Ink) -> &str {
        let service = |at: u32| &self.services[(at % SERVICE_COLOURS) as usize];
        match ink {
            Ink::Service(at) => &service(at).solid,
            Ink::OnService(at) => service(at).on,
            Ink::ServiceFaint(at) => &service(at).faint,
            plain => {
                let at = PLAIN.iter().position(|(known, _)| *known == plain);
                at.map_or("", |at| &self.plain[at])
            }
        }
    }
}

/// White where it has 4.5:1 on the colour, else a near black, which then has more.
fn on(colour: &str) -> &'static str {
    let channel = |at: usize| {
        let digits = colour.get(at..at + 2).unwrap_or("80");
        let value = f64::from(u8::from_str_radix(digits, 16).unwrap_or(128)) / 255.0;
        // Relative luminance as WCAG 2 defines it.
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    if 1.05 / (luminance + 0.05) >= 4.5 {
        "#ffffff"
    } else {
        "#101216"
    }
}

#[cfg(test)]
mod tests {
    use super::on;

    #[test]
    fn text_on_a_bar_reads() {
        let check = |colour: &str, expected: &str| assert_eq!(on(colour), expected, "{colour}");
        check("#316e9f", "#ffffff");
        check("#a93f53", "#ffffff");
        check("#f4a25c", "#101216");
        check("#29d2c4", "#101216");
        check("", "#101216");
    }
}

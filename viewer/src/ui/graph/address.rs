//! What is chosen in this view, as one value of the address: `by:name,heat:errors,show:all,node:cart,at:120:80:700`.
//!
//! Nodes go by their names, because numbers change when a trace grows; `to` beside `node` is the edge between them. `at` is
//! the point of the picture in the middle of the canvas, and the scale in thousandths: whole numbers, because reading others
//! takes tables that a first visit would have to download. A comma in a name is `%2C`, a percent sign `%25`.
//!
//! **Invariant:** any text gives a choice; what was written is read as it was.

use throughline_model::analysis::service_graph::By;

use crate::scene::graph::{Heat, Show};

/// What is chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Choice {
    pub by: By,
    pub heat: Heat,
    pub show: Show,
    /// The selected node, or where the selected edge begins.
    pub node: Option<String>,
    /// Where the selected edge ends.
    pub to: Option<String>,
    /// The middle of the canvas in the picture, and the scale in thousandths; `None` shows all.
    pub at: Option<[i32; 3]>,
}

impl Choice {
    pub fn parse(text: &str) -> Self {
        let mut choice = Self::default();
        for (key, value) in text.split(',').filter_map(|part| part.split_once(':')) {
            match key {
                "by" if value == "name" => choice.by = By::Name,
                "heat" => choice.heat = named(&Heat::ALL, |heat| heat.name() == value),
                "show" => choice.show = named(&Show::ALL, |show| show.name() == value),
                "node" => choice.node = Some(unescaped(value)),
                "to" => choice.to = Some(unescaped(value)),
                "at" => choice.at = point(value),
                _ => {}
            }
        }
        choice
    }

    pub fn write(&self) -> String {
        let mut parts = Vec::new();
        if self.by == By::Name {
            parts.push("by:name".to_owned());
        }
        if self.heat != Heat::default() {
            parts.push(format!("heat:{}", self.heat.name()));
        }
        if self.show != Show::default() {
            parts.push(format!("show:{}", self.show.name()));
        }
        if let Some(node) = &self.node {
            parts.push(format!("node:{}", escaped(node)));
        }
        if let Some(to) = &self.to {
            parts.push(format!("to:{}", escaped(to)));
        }
        if let Some([x, y, scale]) = self.at {
            parts.push(format!("at:{x}:{y}:{scale}"));
        }
        parts.join(",")
    }
}

fn named<T: Copy + Default>(all: &[T], is: impl Fn(T) -> bool) -> T {
    let found = all.iter().copied().find(|&one| is(one));
    found.unwrap_or_default()
}

fn point(text: &str) -> Option<[i32; 3]> {
    let mut numbers = text.split(':').map(str::parse::<i32>);
    let mut next = || numbers.next()?.ok();
    let (x, y, scale) = (next()?, next()?, next()?);
    (scale > 0).then_some([x, y, scale])
}

fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace(',', "%2C")
}

fn unescaped(name: &str) -> String {
    name.replace("%2C", ",").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let check = |choice: Choice, expected: &str| {
            assert_eq!(choice.write(), expected);
            assert_eq!(Choice::parse(expected), choice);
        };
        check(Choice::default(), "");
        check(
            Choice {
                by: By::Name,
                heat: Heat::Errors,
                show: Show::Near,
                node: Some("a, 100%2C b:c".into()),
                to: Some("d".into()),
                at: Some([15, -20, 250]),
            },
            "by:name,heat:errors,show:near,node:a%2C 100%252C b:c,to:d,at:15:-20:250",
        );
    }

    #[test]
    fn any_text_gives_a_choice() {
        let check = |text: &str| assert_eq!(Choice::parse(text), Choice::default(), "{text}");
        for text in [
            ",,:",
            "by:x",
            "heat:",
            "show:ALL",
            "at:1:2",
            "at:a:b:c",
            "at:1:2:0",
            "at:1.5:1:1",
            "x:y",
        ] {
            check(text);
        }
    }
}

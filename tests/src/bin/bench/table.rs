//! The table that is printed.
//!
//! **Invariant:** text only; says beside each number what it is against and what the goal is.

use std::fmt;

/// Rows as they come.
#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 5]>,
}

/// A goal for a ratio or a number.
#[derive(Clone, Copy)]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// None: only to be known.
    None,
}

impl Table {
    /// What the rows below are about.
    pub fn head(&mut self, words: &str) {
        if !self.rows.is_empty() {
            self.rows.push(Default::default());
        }
        let empty = String::new;
        self.rows
            .push([words.to_owned(), empty(), empty(), empty(), empty()]);
    }

    /// A number on its own.
    pub fn number(&mut self, what: &str, value: f64, unit: &str, goal: Goal) {
        let text = format!("{} {unit}", digits(value));
        self.push(what, text, String::new(), String::new(), goal, value);
    }

    /// A number against another one of the same run; the goal is for `value / base`.
    pub fn against(&mut self, what: &str, value: f64, unit: &str, base: f64, of: &str, goal: Goal) {
        let ratio = value / base;
        let text = format!("{} {unit}", digits(value));
        let base = format!("{} {unit} {of}", digits(base));
        self.push(what, text, base, format!("{ratio:.2} ×"), goal, ratio);
    }

    /// A number beside another one of the same run; the goal is for the number.
    pub fn beside(&mut self, what: &str, value: f64, unit: &str, base: f64, of: &str, goal: Goal) {
        let (text, ratio) = (format!("{} {unit}", digits(value)), value / base);
        let base = format!("{} {unit} {of}", digits(base));
        self.push(what, text, base, format!("{ratio:.2} ×"), goal, value);
    }

    fn push(
        &mut self,
        what: &str,
        value: String,
        base: String,
        ratio: String,
        goal: Goal,
        judged: f64,
    ) {
        let (words, met) = match goal {
            Goal::AtLeast(least) => (format!("≥ {least}"), judged >= least),
            Goal::AtMost(most) => (format!("≤ {most}"), judged <= most),
            Goal::None => (String::new(), true),
        };
        let words = if met {
            words
        } else {
            format!("{words}  not reached")
        };
        self.rows.push([what.to_owned(), value, base, ratio, words]);
    }
}

/// Three digits that matter.
fn digits(value: f64) -> String {
    match value.abs() {
        0.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["", "Throughline", "against", "ratio", "goal"].map(str::to_owned);
        let all: Vec<&[String; 5]> = std::iter::once(&head).chain(&self.rows).collect();
        let width = |column: usize| {
            all.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths = [0, 1, 2, 3, 4].map(width);
        for row in all {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:<width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_below_each_other() {
        let mut table = Table::default();
        table.against(
            "import",
            600.0,
            "MB/s",
            200.0,
            "JSON.parse",
            Goal::AtLeast(2.0),
        );
        table.number("first row", 1234.0, "ms", Goal::AtMost(1000.0));
        let expected = "           Throughline  against              ratio   goal\n\
            import     600 MB/s     200 MB/s JSON.parse  3.00 ×  ≥ 2\n\
            first row  1234 ms                                   ≤ 1000  not reached\n";
        assert_eq!(table.to_string(), expected);
    }
}

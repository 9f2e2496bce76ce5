//! A table with a column a library.
//!
//! **Invariant:** text only; medians are taken here, from all that was measured.

use std::fmt;

use crate::median;

/// Rows as they come.
pub struct Columns {
    names: Vec<String>,
    rows: Vec<(String, Vec<String>, String)>,
}

impl Columns {
    /// With a column for each of these.
    pub fn new(names: &[&str]) -> Self {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        Self {
            names,
            rows: Vec::new(),
        }
    }

    /// A row: for each library all values that were measured, of which the middle one is shown; none where nothing
    /// was. `goal` is the largest value that we want to have.
    pub fn row(&mut self, what: &str, values: &[Vec<f64>], digits: usize, goal: Option<f64>) {
        let middle = |values: &Vec<f64>| (!values.is_empty()).then(|| median(values));
        let middles: Vec<Option<f64>> = values.iter().map(middle).collect();
        let cell = |value: &Option<f64>| {
            value.map_or_else(String::new, |value| format!("{value:.digits$}"))
        };
        let cells: Vec<String> = middles.iter().map(cell).collect();
        eprintln!("   … {what}: {}", cells.join(" "));
        let ours = middles.get(1).copied().flatten();
        let goal = goal.map_or_else(String::new, |goal| {
            let missed = ours.is_none_or(|ours| ours > goal);
            format!("≤ {goal}{}", if missed { "  not reached" } else { "" })
        });
        self.rows.push((what.to_owned(), cells, goal));
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = (String::new(), self.names.clone(), "goal".to_owned());
        for (what, cells, goal) in std::iter::once(&head).chain(&self.rows) {
            let mut line = format!("{what:<46}");
            for cell in cells {
                line.push_str(&format!("{cell:>14}"));
            }
            writeln!(f, "{}", format!("{line}  {goal}").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Columns::new(&["none", "ours"]);
        table.row("time, ms", &[vec![], vec![3.0, 1.0, 2.0]], 1, Some(1.5));
        let expected = format!(
            "{:<46}{:>14}{:>14}  goal\n{:<46}{:>14}{:>14}  ≤ 1.5  not reached\n",
            "", "none", "ours", "time, ms", "", "2.0"
        );
        assert_eq!(table.to_string(), expected);
    }
}

//! What a person or a screen reader finds on the viewer's page: the rows of the tree, measures, the focus.
//!
//! **Invariant:** reads roles, labels and ARIA states, never style classes.

use serde_json::{Value, json};

use super::{Page, page::is_ready};

/// A row of the span tree, as it is in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The element's id.
    pub id: String,
    /// Which row of all, from 1.
    pub row: u64,
    /// How deep, from 1.
    pub level: u64,
    /// Whether its children show; `None` = it has none.
    pub expanded: Option<bool>,
    /// Whether it is the selected one.
    pub selected: bool,
    /// The cells' texts: service, span name and badges; then the duration.
    pub cells: Vec<String>,
}

impl Page<'_> {
    /// The rows of the span tree that are in the page, from top to bottom.
    #[track_caller]
    pub fn rows(&self) -> Vec<Row> {
        let found = self.js(
            "return [...document.querySelectorAll('[role=treegrid] [role=row]')].filter((row) => !row.hidden).map((row) => ({
                id: row.id,
                row: Number(row.getAttribute('aria-rowindex')),
                level: Number(row.getAttribute('aria-level')),
                expanded: row.getAttribute('aria-expanded'),
                selected: row.getAttribute('aria-selected') === 'true',
                cells: [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent),
            })).sort((a, b) => a.row - b.row)",
        );
        let rows = found.as_array().into_iter().flatten();
        rows.map(row_of).collect()
    }

    /// Waits until the first rows are in the page.
    #[track_caller]
    pub fn first_rows(&self) -> Vec<Row> {
        self.wait_for("a trace is open", |state| {
            is_ready(state) && state["rows"].as_u64() > Some(0)
        });
        self.until("there are rows", || {
            Some(self.rows()).filter(|rows| rows.first().is_some_and(|row| row.row == 1))
        })
    }

    /// The row that shows a span of this name, waited for.
    #[track_caller]
    pub fn row_named(&self, name: &str) -> Row {
        self.until(&format!("there is a row “{name}”"), || {
            self.rows()
                .into_iter()
                .find(|row| row.cells.first().is_some_and(|cell| cell.contains(name)))
        })
    }

    /// Clicks the row of a span.
    #[track_caller]
    pub fn click_row(&self, name: &str) {
        let row = self.row_named(name);
        self.click(&format!("#{}", row.id));
    }

    /// The last measure of User Timing with this name: `{start, duration, detail}` in milliseconds, waited for.
    #[track_caller]
    pub fn measure(&self, name: &str) -> Value {
        self.until(&format!("{name} is measured"), || {
            let script = "const all = performance.getEntriesByName(arguments[0], 'measure'); const last = all[all.length - 1];
                return last && { start: last.startTime, duration: last.duration, detail: last.detail }";
            Some(self.session.js(script, &[json!(name)])).filter(|found| !found.is_null())
        })
    }

    /// The focused element: its role, and its id or label.
    #[track_caller]
    pub fn focused(&self) -> String {
        let script =
            "const on = document.activeElement; if (!on || on === document.body) return 'body';
            const words = on.getAttribute('aria-label') ?? on.textContent.trim().slice(0, 40);
            return (on.getAttribute('role') ?? on.tagName.toLowerCase()) + ':' + (on.id || words)";
        self.js(script).as_str().unwrap_or_default().to_owned()
    }

    /// All words that show on the page.
    #[track_caller]
    pub fn words(&self) -> String {
        self.js("return document.body.innerText")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

fn row_of(row: &Value) -> Row {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Row {
        id: text(&row["id"]),
        row: row["row"].as_u64().unwrap_or_default(),
        level: row["level"].as_u64().unwrap_or_default(),
        expanded: row["expanded"].as_str().map(|expanded| expanded == "true"),
        selected: row["selected"] == true,
        cells: row["cells"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect(),
    }
}

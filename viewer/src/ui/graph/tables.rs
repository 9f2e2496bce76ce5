//! The graph as two tables: all calls, and all nodes; or those whose names have in them what is to be found.
//!
//! **Invariant:** everything that the picture shows is here too, as words and numbers; a row selects what it stands for.

use crate::dom::prelude::*;
use throughline_model::{
    analysis::service_graph::{By, Who},
    order::sort_rows,
    time::Nanos,
};

use super::{
    Pane,
    drawn::{Drawn, kind},
    named::name as words,
    selection::error_cell,
    tick,
};
use crate::{
    dom::each,
    scene::graph::{Heat, Target},
    ui::format,
};

/// So many rows of a table are in the page at first: what a screen shows of them.
const LISTED: usize = 20;
/// As many more each time.
const MORE: usize = 80;

/// A column that orders a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Count,
    Errors,
    Time,
}

/// What a row says and is ordered by.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    target: Target,
    name: String,
    count: u32,
    errors: u32,
    time: Nanos,
}

type Order = RwSignal<(Column, bool)>;

/// Both tables.
#[component]
pub(super) fn Tables(pane: Pane) -> impl IntoView {
    let calls = RwSignal::new((Column::Time, true));
    let services = RwSignal::new((Column::Time, true));
    // What is hot comes first.
    Effect::new(move |_| {
        let column = match pane.heat.get() {
            Heat::SelfTime => Column::Time,
            Heat::Errors => Column::Errors,
            Heat::Count => Column::Count,
        };
        services.set((column, true));
    });
    let (call_limit, node_limit) = (RwSignal::new(LISTED), RwSignal::new(LISTED));
    let call_rows = Memo::new(move || listed(pane, call_rows, calls.get(), call_limit.get()));
    let node_rows = Memo::new(move || listed(pane, node_rows, services.get(), node_limit.get()));
    let left = |rows: Memo<Listed>| rows.with(|(rows, count)| count.saturating_sub(rows.len()));
    let no_calls = move || call_rows.with(|(rows, _)| rows.is_empty());
    let names = move || pane.by.get() == By::Name;
    view! {
        <Show when=move || !no_calls()>
            <section class="graph-part">
                <table class="graph-table">
                    <caption>"Calls"</caption>
                    <Head order=calls columns=["From → to", "Calls", "Errors", "Time"]/>
                    <tbody>{body(pane, call_rows)}</tbody>
                </table>
                {more(move || left(call_rows), call_limit)}
            </section>
        </Show>
        <section class="graph-part">
            <table class="graph-table">
                <caption>{move || if names() { "Services and span names" } else { "Services" }}</caption>
                <Head order=services columns=["Name", "Spans", "Errors", "Self time"]/>
                <tbody>{body(pane, node_rows)}</tbody>
            </table>
            {more(move || left(node_rows), node_limit)}
        </section>
    }
}

#[component]
fn Head(order: Order, columns: [&'static str; 4]) -> impl IntoView {
    let kinds = [Column::Name, Column::Count, Column::Errors, Column::Time];
    let cells = kinds.into_iter().zip(columns).map(|(column, name)| {
        let sorted = move || order.get().0 == column;
        let state = move || match order.get() {
            (known, _) if known != column => "none",
            (_, true) => "descending",
            (_, false) => "ascending",
        };
        // Names begin at the top, numbers with the largest.
        let click = move |_| {
            order.update(|(known, down)| {
                *down = if *known == column { !*down } else { column != Column::Name };
                *known = column;
            });
        };
        let arrow = move || match (sorted(), order.get().1) {
            (false, _) => "",
            (true, true) => "↓",
            (true, false) => "↑",
        };
        view! {
            <th scope="col" aria-sort=state>
                <button class="graph-sort" class:sorted=sorted title=format!("Order by {}", name.to_lowercase()) on:click=click>
                    {name}<span class="graph-sort-arrow" aria-hidden="true">{arrow}</span>
                </button>
            </th>
        }
    });
    view! { <thead><tr>{cells.collect_view()}</tr></thead> }
}

/// A button for more of a list, as long as some are left.
pub(super) fn more(left: impl Fn() -> usize + Copy + 'static, limit: RwSignal<usize>) -> Markup {
    view! {
        <Show when=move || { left() > 0 }>
            <button class="button graph-more" on:click=move |_| limit.update(|limit| *limit += MORE)>
                {move || format!("Show more ({} left)", format::count(left() as u64))}
            </button>
        </Show>
    }
    .into_any()
}

/// The rows, each made once: more of them, or another order, leave the others as they are. Another graph has another table.
fn body(pane: Pane, rows: Memo<Listed>) -> Markup {
    each(
        move || rows.with(|(rows, _)| rows.clone()),
        |row| row.target,
        move |row| line(pane, &row),
    )
}

fn line(pane: Pane, row: &Row) -> Markup {
    let target = row.target;
    let hover = move |target: Option<Target>| pane.hovered.set(target);
    view! {
        <tr on:click=move |_| pane.go(target, false)
            on:mouseenter=move |_| hover(Some(target)) on:mouseleave=move |_| hover(None)>
            <th scope="row">{name_cell(pane, row)}</th>
            <td>{match target {
                Target::Node(_) if row.count == 0 => view! { <span class="graph-zero">"–"</span> }.into_any(),
                _ => format::count(u64::from(row.count)).into_any(),
            }}</td>
            <td>{error_cell(row.errors)}</td>
            <td title=format::exact_duration(row.time)>{row.time.to_string()}</td>
        </tr>
    }
    .into_any()
}

fn name_cell(pane: Pane, row: &Row) -> Markup {
    let target = row.target;
    let name = row.name.clone();
    let parts = pane.peek(|drawn| match target {
        Target::Node(node) | Target::More(node) => {
            let peer = match drawn.graph.nodes.get(node as usize).map(|node| &node.who) {
                Some(Who::Peer(peer)) => Some(format!("{}, not instrumented", kind(peer.kind))),
                _ => None,
            };
            view! {
                <span class="graph-name">{tick(drawn, node)}{words(&drawn.name(node))}</span>
                {peer.map(|words| view! { <span class="graph-peer">{words}</span> })}
            }
            .into_any()
        }
        Target::Edge(edge) => {
            let Some(edge) = drawn.graph.edges.get(edge as usize) else { return ().into_any() };
            view! {
                <span class="graph-name">{tick(drawn, edge.from)}{words(&drawn.name(edge.from))}</span>
                <span class="graph-name graph-to">
                    <span class="graph-arrow">"→"</span>{tick(drawn, edge.to)}{words(&drawn.name(edge.to))}
                </span>
            }
            .into_any()
        }
    });
    view! {
        <button class="graph-row" title=name on:click=move |event| {
            event.stop_propagation();
            pane.go(target, false);
        }>{parts}</button>
    }
    .into_any()
}

/// The first rows of a table, and how many there are in all.
type Listed = (Vec<Row>, usize);

/// The rows whose names have in them what is to be found, in order. Only what is listed, found or ordered by its name is put
/// into words: a million spans can have as many connections.
fn listed(pane: Pane, rows: fn(&Drawn) -> Vec<Row>, order: (Column, bool), limit: usize) -> Listed {
    let wanted = pane.find.get().trim().to_lowercase();
    let listed = pane.read(|drawn| {
        let mut rows = rows(drawn);
        if !wanted.is_empty() || order.0 == Column::Name {
            for row in &mut rows {
                row.name = drawn.title(row.target);
            }
        }
        rows.retain(|row| wanted.is_empty() || row.name.to_lowercase().contains(&wanted));
        let count = rows.len();
        let mut rows = first(&rows, order, limit);
        for row in &mut rows {
            row.name = drawn.title(row.target);
        }
        (rows, count)
    });
    listed.unwrap_or_default()
}

fn call_rows(drawn: &Drawn) -> Vec<Row> {
    let rows = drawn.graph.edges.iter().enumerate().map(|(at, edge)| Row {
        target: Target::Edge(at as u32),
        name: String::new(),
        count: edge.calls,
        errors: edge.errors,
        time: edge.time,
    });
    rows.collect()
}

fn node_rows(drawn: &Drawn) -> Vec<Row> {
    let rows = drawn.graph.nodes.iter().enumerate().map(|(at, node)| Row {
        target: Target::Node(at as u32),
        name: String::new(),
        count: node.spans,
        errors: node.errors,
        time: node.self_time,
    });
    rows.collect()
}

/// The first rows in the order of a column; equal ones stay in the order of the graph. Linear in the rows: what comes after
/// the last of so many is passed over.
fn first(rows: &[Row], (column, down): (Column, bool), limit: usize) -> Vec<Row> {
    let compare = |a: u32, b: u32| {
        let (a, b) = (&rows[a as usize], &rows[b as usize]);
        let order = match column {
            Column::Name => a.name.cmp(&b.name),
            Column::Count => a.count.cmp(&b.count),
            Column::Errors => a.errors.cmp(&b.errors),
            Column::Time => a.time.cmp(&b.time),
        };
        if down { order.reverse() } else { order }
    };
    let mut best: Vec<u32> = Vec::with_capacity(2 * limit);
    let mut last = None;
    for row in 0..rows.len() as u32 {
        if last.is_some_and(|last| compare(row, last).is_ge()) {
            continue;
        }
        best.push(row);
        if best.len() == 2 * limit {
            sort_rows(&mut best, &compare);
            best.truncate(limit);
            last = best.last().copied();
        }
    }
    sort_rows(&mut best, &compare);
    best.truncate(limit);
    best.iter().map(|&row| rows[row as usize].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_ordered_by_a_column() {
        let row = |at, name: &str, count, errors, time| Row {
            target: Target::Node(at),
            name: name.to_owned(),
            count,
            errors,
            time: Nanos(time),
        };
        let rows = vec![
            row(0, "b", 3, 0, 10),
            row(1, "a", 3, 2, 30),
            row(2, "c", 1, 1, 20),
        ];
        let check = |column: Column, down: bool, expected: [u32; 3]| {
            let targets: Vec<Target> = first(&rows, (column, down), LISTED)
                .iter()
                .map(|row| row.target)
                .collect();
            assert_eq!(targets, expected.map(Target::Node), "{column:?} {down}");
        };
        check(Column::Name, false, [1, 0, 2]);
        check(Column::Name, true, [2, 0, 1]);
        check(Column::Count, true, [0, 1, 2]);
        check(Column::Count, false, [2, 0, 1]);
        check(Column::Errors, true, [1, 2, 0]);
        check(Column::Time, true, [1, 2, 0]);
    }

    #[test]
    fn of_many_rows_the_first_are_listed() {
        let rows: Vec<Row> = (0..5_000u32)
            .map(|at| Row {
                target: Target::Edge(at),
                name: String::new(),
                count: at.wrapping_mul(2_654_435_761) % 977,
                errors: 0,
                time: Nanos(0),
            })
            .collect();
        for down in [false, true] {
            let mut all: Vec<&Row> = rows.iter().collect();
            // Stable, as the short way is.
            all.sort_by(|a, b| {
                if down {
                    b.count.cmp(&a.count)
                } else {
                    a.count.cmp(&b.count)
                }
            });
            let expected: Vec<Row> = all.into_iter().take(LISTED).cloned().collect();
            assert_eq!(first(&rows, (Column::Count, down), LISTED), expected);
        }
    }
}

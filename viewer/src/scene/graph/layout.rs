//! Where the nodes of a call graph stand: layers from left to right, few crossings, edges around the nodes.
//!
//! ```text
//! layer 0      1              2          the points of a long edge (·) are nodes of their own for the
//! web ───── gateway ───────── cart       layout, so that it has a way between the others
//!    └─────────·───────────── auth
//! ```
//!
//! Order and position within a layer of a small graph are `rust_sugiyama`'s; this file is the only one that knows it. What
//! it is given has no loops, no circles and no long edges, and what it gives is put right where nodes came too close. In a
//! larger graph the layers are swept a few times, which costs next to nothing.
//!
//! A layer with too many nodes for the shape of the canvas stands in several columns. Edges never run through its cards:
//!
//! ```text
//! ──╮ ─────────╮ ───── arrive above a row
//!   ╰▶┌───┐    ╰▶┌───┐      from the left, each with a bend of its own down to its card
//!     │ a ├╮     │ b ├╮
//!     └───┘╰─────└───┘╰──── leave below it, to the right
//! ```
//!
//! **Invariant:** takes any graph and always gives a place to every node; the costs are bounded.

mod lanes;
mod place;
mod sweep;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use rust_sugiyama::configure::{Config, CrossingMinimization, RankingType};
use throughline_model::order::sort_rows_by_key;

use super::ranks::{Ranks, rank};
use place::place;

/// Nodes and points of edges up to which long edges have ways of their own; and as many edges.
const LIMIT: usize = 2_500;
/// Nodes and points of edges up to which the crate is asked, whose time grows faster than they do; and twice as many edges.
const FEW: usize = 160;

/// How large things are, in pixels at scale 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measures {
    /// Width of a node.
    pub width: f32,
    /// Height of a node.
    pub height: f32,
    /// Between layers.
    pub layer_gap: f32,
    /// Between nodes of a layer.
    pub gap: f32,
    /// Between the columns of a layer.
    pub gutter: f32,
    /// How many times as wide as high the canvas is.
    pub shape: f32,
}

/// Where everything stands, from 0, 0 at the top left.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// The top left corner of each node.
    pub nodes: Vec<(f32, f32)>,
    /// The layer of each node: calls to a higher one leave on the right and arrive on the left, those to a lower one the other
    /// way round; calls within a layer leave and arrive on the right.
    pub layers: Vec<u32>,
    /// For each edge of the input the points on its way, without its ends: two a layer that it passes, or leaves or enters
    /// between columns.
    pub ways: Vec<Vec<(f32, f32)>>,
    /// Width and height of everything.
    pub size: (f32, f32),
}

/// A node, or a point of a long edge.
#[derive(Clone, Copy, Debug)]
struct Vertex {
    rank: u32,
    /// The node, or `None` for a point of an edge.
    node: Option<u32>,
    /// Middle, from top to bottom.
    y: f32,
    part: u32,
}

/// Lays a graph out. Edges that name nodes from `nodes` on have no way.
pub(super) fn lay_out(nodes: usize, edges: &[(u32, u32)], measures: &Measures) -> Layout {
    let ranks = rank(nodes, edges);
    let mut vertices: Vec<Vertex> = (0..nodes)
        .map(|node| Vertex {
            rank: ranks.rank[node],
            node: Some(node as u32),
            y: 0.0,
            part: 0,
        })
        .collect();
    let few = nodes + points(&ranks) <= LIMIT && ranks.edges.len() <= LIMIT;
    let (links, chains) = if few {
        split(&ranks, &mut vertices)
    } else {
        (ranks.edges.clone(), Vec::new())
    };
    let parts = parts(&mut vertices, &links);
    let rows = place::rows(&vertices, parts, measures);
    if vertices.len() <= FEW && links.len() <= 2 * FEW {
        order(&mut vertices, &links, measures);
    } else {
        sweep::sweep(&mut vertices, &links, &rows, measures);
    }
    let places = place(&mut vertices, &rows, measures);
    let layer = |node: u32| ranks.rank.get(node as usize).copied();
    let ways = edges.iter().map(|&(from, to)| {
        let (Some(first), Some(last)) = (layer(from), layer(to)) else {
            return Vec::new();
        };
        let swapped = first > last;
        let key = if swapped { (to, from) } else { (from, to) };
        let chain = ranks.edges.binary_search(&key).ok();
        let mut passed: Vec<(f32, f32)> = Vec::new();
        for &vertex in chain.and_then(|at| chains.get(at)).into_iter().flatten() {
            let ((x, y), wide) = (places.at[vertex as usize], places.wide[vertex as usize]);
            passed.extend([(x, y), (x + wide, y)]);
        }
        if swapped {
            passed.reverse();
        }
        if from == to {
            return passed;
        }
        let mut way = lanes::leave(&places, from, first <= last, measures);
        way.extend(passed);
        way.extend(lanes::arrive(&places, to, first < last, measures));
        way
    });
    let ways = ways.collect();
    Layout {
        nodes: places.at.iter().copied().take(nodes).collect(),
        layers: ranks.rank,
        ways,
        size: places.size,
    }
}

/// How many points [`split`] adds: for every node a row of them, back to its first caller.
fn points(ranks: &Ranks) -> usize {
    let mut longest = vec![0; ranks.rank.len()];
    for &(from, to) in &ranks.edges {
        let passed = ranks.rank[to as usize] - ranks.rank[from as usize] - 1;
        longest[to as usize] = passed.max(longest[to as usize]);
    }
    longest.iter().map(|&passed| passed as usize).sum()
}

/// Puts a point into every layer that an edge passes; gives the short edges, and the points of each long one. Edges to
/// the same node share their points, so that what everybody calls is reached by one way.
fn split(ranks: &Ranks, vertices: &mut Vec<Vertex>) -> (Vec<(u32, u32)>, Vec<Vec<u32>>) {
    let mut shared = HashMap::new();
    let mut links = Vec::new();
    let mut chains = Vec::with_capacity(ranks.edges.len());
    for &(from, to) in &ranks.edges {
        let mut chain = Vec::new();
        let mut last = from;
        for rank in ranks.rank[from as usize] + 1..ranks.rank[to as usize] {
            let point = *shared.entry((to, rank)).or_insert_with(|| {
                vertices.push(Vertex {
                    rank,
                    node: None,
                    y: 0.0,
                    part: 0,
                });
                vertices.len() as u32 - 1
            });
            links.push((last, point));
            chain.push(point);
            last = point;
        }
        links.push((last, to));
        chains.push(chain);
    }
    links.sort_unstable();
    links.dedup();
    (links, chains)
}

/// Numbers the parts that no edge connects, each vertex without any edge being one; gives how many.
fn parts(vertices: &mut [Vertex], links: &[(u32, u32)]) -> usize {
    let mut leader: Vec<u32> = (0..vertices.len() as u32).collect();
    let find = |leader: &mut Vec<u32>, mut at: u32| {
        while leader[at as usize] != at {
            leader[at as usize] = leader[leader[at as usize] as usize];
            at = leader[at as usize];
        }
        at
    };
    for &(a, b) in links {
        let (a, b) = (find(&mut leader, a), find(&mut leader, b));
        // The lower number leads, so that parts are numbered by their first node.
        leader[a.max(b) as usize] = a.min(b);
    }
    let mut count = 0;
    for at in 0..vertices.len() as u32 {
        let lead = find(&mut leader, at);
        if lead == at {
            vertices[at as usize].part = count;
            count += 1;
        } else {
            vertices[at as usize].part = vertices[lead as usize].part;
        }
    }
    count as usize
}

/// Finds an order with few crossings and a place from top to bottom for every vertex that has an edge.
fn order(vertices: &mut [Vertex], links: &[(u32, u32)], measures: &Measures) {
    // Numbered by layer, because the crate's ranking relies on callers coming first.
    let mut linked = vec![false; vertices.len()];
    for &(from, to) in links {
        linked[from as usize] = true;
        linked[to as usize] = true;
    }
    let mut by_layer: Vec<u32> = (0..vertices.len() as u32)
        .filter(|&at| linked[at as usize])
        .collect();
    sort_rows_by_key(&mut by_layer, |at| vertices[at as usize].rank);
    let mut number = vec![0u32; vertices.len()];
    for (at, &vertex) in by_layer.iter().enumerate() {
        number[vertex as usize] = at as u32;
    }
    // The crate's spacing is the same around nodes and points; points need less, so nodes bring the rest.
    let spacing = measures.gap / 2.0;
    let height = |vertex: u32| {
        let real = vertices[vertex as usize].node.is_some();
        f64::from(if real {
            measures.height + measures.gap - spacing
        } else {
            1.0
        })
    };
    let sizes: Vec<(u32, (f64, f64))> = by_layer
        .iter()
        .enumerate()
        .map(|(at, &vertex)| (at as u32, (height(vertex), 1.0)))
        .collect();
    let links: Vec<(u32, u32)> = links
        .iter()
        .map(|&(a, b)| (number[a as usize], number[b as usize]))
        .collect();
    let config = Config {
        minimum_length: 1,
        vertex_spacing: f64::from(spacing),
        dummy_vertices: true,
        dummy_size: 1.0,
        ranking_type: RankingType::MinimizeEdgeLength,
        c_minimization: CrossingMinimization::Barycenter,
        transpose: true,
    };
    for (part, _, _) in rust_sugiyama::from_vertices_and_edges(&sizes, &links, &config) {
        for (at, (y, _)) in part {
            if let Some(&vertex) = by_layer.get(at) {
                vertices[vertex as usize].y = if y.is_finite() { y as f32 } else { 0.0 };
            }
        }
    }
}

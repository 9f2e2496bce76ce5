//! Where the nodes of a call graph stand: layers from left to right, few crossings, edges around the nodes.
//!
//! ```text
//! layer 0      1              2          the points of a long edge (·) are nodes of their own for the
//! web ───── gateway ───────── cart       layout, so that it has a way between the others
//!    └─────────·───────────── auth
//! ```
//!
//! Order and position within a layer are `rust_sugiyama`'s; this file is the only one that knows it. What it is given
//! has no loops, no circles and no long edges, and what it gives is put right where nodes came too close.
//!
//! **Invariant:** takes any graph and always gives a place to every node; above [`LIMIT`] without looking for few
//! crossings, because that costs more than linear time.

use std::collections::HashMap;

use rust_sugiyama::configure::{Config, CrossingMinimization, RankingType};

use super::ranks::{Ranks, rank};

/// Nodes and points of edges that are laid out with few crossings.
const LIMIT: usize = 2_500;
/// From here on the best of many neighbours' exchanges are not looked for: they cost most of the time.
const MANY: usize = 400;

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
}

/// Where everything stands, from 0, 0 at the top left.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// The top left corner of each node.
    pub nodes: Vec<(f32, f32)>,
    /// For each edge of the input the points on its way, without its ends: two a layer that it passes.
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
    if few {
        order(&mut vertices, &links, measures);
    } else {
        follow_callers(&mut vertices, &links, measures);
    }
    let places = place(&mut vertices, parts, measures);
    let middle = |vertex: u32| places.at[vertex as usize];
    let ways = edges.iter().map(|&(from, to)| {
        let (swapped, key) = (
            ranks.rank.get(from as usize) > ranks.rank.get(to as usize),
            (from, to),
        );
        let key = if swapped { (key.1, key.0) } else { key };
        let chain = ranks
            .edges
            .binary_search(&key)
            .ok()
            .and_then(|at| chains.get(at));
        let mut way: Vec<(f32, f32)> = Vec::new();
        for &vertex in chain.into_iter().flatten() {
            let ((x, y), wide) = (middle(vertex), places.wide[vertex as usize]);
            way.extend([(x, y), (x + wide, y)]);
        }
        if swapped {
            way.reverse();
        }
        way
    });
    let ways = ways.collect();
    Layout {
        nodes: places.at.into_iter().take(nodes).collect(),
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
    by_layer.sort_by_key(|&at| vertices[at as usize].rank);
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
        transpose: by_layer.len() <= MANY,
    };
    for (part, _, _) in rust_sugiyama::from_vertices_and_edges(&sizes, &links, &config) {
        for (at, (y, _)) in part {
            if let Some(&vertex) = by_layer.get(at) {
                vertices[vertex as usize].y = if y.is_finite() { y as f32 } else { 0.0 };
            }
        }
    }
}

/// Every vertex as high as its callers are on average: a linear stand-in for [`order`].
fn follow_callers(vertices: &mut [Vertex], links: &[(u32, u32)], measures: &Measures) {
    let mut callers = vec![(0.0f32, 0u32); vertices.len()];
    let mut by_layer: Vec<(u32, u32)> = links.to_vec();
    by_layer.sort_by_key(|&(_, to)| vertices[to as usize].rank);
    for (at, vertex) in vertices.iter_mut().enumerate() {
        vertex.y = at as f32 * (measures.height + measures.gap);
    }
    for (from, to) in by_layer {
        let (sum, count) = &mut callers[to as usize];
        // The callers' own layers came before, so that their places are final.
        *sum += vertices[from as usize].y;
        *count += 1;
        vertices[to as usize].y = *sum / *count as f32;
    }
}

struct Places {
    /// Nodes: the top left corner. Points of edges: where the edge enters the layer.
    at: Vec<(f32, f32)>,
    /// How wide the layer of a point is.
    wide: Vec<f32>,
    size: (f32, f32),
}

/// Gives every vertex its place: layer by layer within a part, then part by part on shelves.
fn place(vertices: &mut [Vertex], parts: usize, measures: &Measures) -> Places {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); parts];
    for (at, vertex) in vertices.iter().enumerate() {
        members[vertex.part as usize].push(at as u32);
    }
    let mut places = Places {
        at: vec![(0.0, 0.0); vertices.len()],
        wide: vec![0.0; vertices.len()],
        size: (0.0, 0.0),
    };
    let sizes: Vec<(f32, f32)> = members
        .iter()
        .map(|part| place_part(vertices, part, measures, &mut places))
        .collect();
    let widest = sizes.iter().map(|size| size.0).fold(0.0, f32::max);
    let area: f32 = sizes
        .iter()
        .map(|size| (size.0 + measures.gap) * (size.1 + measures.gap))
        .sum();
    // About as wide as a screen is, and wide enough for the widest part.
    let shelf = widest.max((area * 1.6).sqrt());
    let mut order: Vec<usize> = (0..parts).collect();
    order.sort_by_key(|&part| core::cmp::Reverse(members[part].len()));
    let (mut x, mut y, mut tall) = (0.0f32, 0.0f32, 0.0f32);
    for part in order {
        let (w, h) = sizes[part];
        if x > 0.0 && x + w > shelf + 0.5 {
            (x, y, tall) = (0.0, y + tall + measures.gap * 2.0, 0.0);
        }
        for &vertex in &members[part] {
            let at = &mut places.at[vertex as usize];
            *at = (at.0 + x, at.1 + y);
        }
        places.size = (places.size.0.max(x + w), places.size.1.max(y + h));
        x += w + measures.gap * 2.0;
        tall = tall.max(h);
    }
    places
}

/// Places one part from 0, 0; gives its size.
fn place_part(
    vertices: &mut [Vertex],
    part: &[u32],
    measures: &Measures,
    places: &mut Places,
) -> (f32, f32) {
    let low = part
        .iter()
        .map(|&at| vertices[at as usize].rank)
        .min()
        .unwrap_or(0);
    let high = part
        .iter()
        .map(|&at| vertices[at as usize].rank)
        .max()
        .unwrap_or(0);
    let mut layers: Vec<Vec<u32>> = vec![Vec::new(); (high - low) as usize + 1];
    for &at in part {
        layers[(vertices[at as usize].rank - low) as usize].push(at);
    }
    // More nodes than this in a layer stand in several columns.
    let rows = ((part.len() as f32).sqrt() * 1.4).ceil().max(10.0) as usize;
    squeeze(vertices, part, &layers, rows, measures);
    let mut x = 0.0;
    let mut top = f32::INFINITY;
    let mut bottom = f32::NEG_INFINITY;
    for layer in &mut layers {
        layer.sort_by(|&a, &b| vertices[a as usize].y.total_cmp(&vertices[b as usize].y));
        let real = layer
            .iter()
            .filter(|&&at| vertices[at as usize].node.is_some())
            .count();
        let columns = real.div_ceil(rows).max(1);
        let step = measures.height + measures.gap;
        if columns > 1 {
            grid(vertices, layer, columns, step);
        } else {
            apart(vertices, layer, measures);
        }
        let wide = columns as f32 * (measures.width + measures.gap) - measures.gap;
        let mut node = 0;
        for &at in layer.iter() {
            let vertex = &vertices[at as usize];
            let half = if vertex.node.is_some() {
                measures.height / 2.0
            } else {
                0.0
            };
            let column = if vertex.node.is_some() {
                node % columns
            } else {
                0
            };
            node += usize::from(vertex.node.is_some());
            places.at[at as usize] = (
                x + column as f32 * (measures.width + measures.gap),
                vertex.y - half,
            );
            places.wide[at as usize] = wide;
            top = top.min(vertex.y - half);
            bottom = bottom.max(vertex.y + half);
        }
        x += wide + measures.layer_gap;
    }
    for &at in part {
        places.at[at as usize].1 -= top;
    }
    (x - measures.layer_gap, bottom - top)
}

/// Straight edges take height: where it would be far more than the fullest layer needs, everything moves together, and
/// what then comes too close is put apart again.
fn squeeze(
    vertices: &mut [Vertex],
    part: &[u32],
    layers: &[Vec<u32>],
    rows: usize,
    measures: &Measures,
) {
    let step = measures.height + measures.gap;
    let needed = layers.iter().map(|layer| {
        let real = layer
            .iter()
            .filter(|&&at| vertices[at as usize].node.is_some())
            .count();
        real.min(rows) as f32 * step + (layer.len() - real) as f32 * measures.gap / 2.0
    });
    let needed = needed.fold(step, f32::max);
    let ys = || part.iter().map(|&at| vertices[at as usize].y);
    let extent = ys().fold(f32::NEG_INFINITY, f32::max) - ys().fold(f32::INFINITY, f32::min) + step;
    let factor = needed * 1.25 / extent;
    if factor < 0.8 {
        for &at in part {
            vertices[at as usize].y *= factor;
        }
    }
}

/// Rows of `columns` nodes around the middle of the layer; points of edges go between the rows.
fn grid(vertices: &mut [Vertex], layer: &[u32], columns: usize, step: f32) {
    let middle = layer.iter().map(|&at| vertices[at as usize].y).sum::<f32>() / layer.len() as f32;
    let real = layer
        .iter()
        .filter(|&&at| vertices[at as usize].node.is_some())
        .count();
    let first = middle - (real.div_ceil(columns) as f32 - 1.0) * step / 2.0;
    let mut node = 0;
    for &at in layer {
        let vertex = &mut vertices[at as usize];
        let row = (node / columns) as f32;
        if vertex.node.is_some() {
            vertex.y = first + row * step;
            node += 1;
        } else {
            vertex.y = first + (row - 0.5) * step;
        }
    }
}

/// Moves neighbours of a layer apart that are too close, half up and half down.
fn apart(vertices: &mut [Vertex], layer: &[u32], measures: &Measures) {
    let half = |vertex: &Vertex| {
        if vertex.node.is_some() {
            measures.height / 2.0
        } else {
            0.0
        }
    };
    let wish: f32 = layer.iter().map(|&at| vertices[at as usize].y).sum();
    let mut floor = f32::NEG_INFINITY;
    for &at in layer {
        let vertex = &mut vertices[at as usize];
        let own = half(vertex);
        // Points of edges need less room between each other.
        let gap = if own > 0.0 {
            measures.gap
        } else {
            measures.gap / 2.0
        };
        vertex.y = vertex.y.max(floor + gap + own);
        floor = vertex.y + own;
    }
    let moved = (layer.iter().map(|&at| vertices[at as usize].y).sum::<f32>() - wish)
        / layer.len().max(1) as f32;
    for &at in layer {
        vertices[at as usize].y -= moved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURES: Measures = Measures {
        width: 100.0,
        height: 40.0,
        layer_gap: 60.0,
        gap: 20.0,
    };

    /// Every node has a place of its own inside the size, and callers stand left of callees.
    fn check(nodes: usize, edges: &[(u32, u32)]) -> Layout {
        let layout = lay_out(nodes, edges, &MEASURES);
        assert_eq!(
            (layout.nodes.len(), layout.ways.len()),
            (nodes, edges.len())
        );
        for (at, a) in layout.nodes.iter().enumerate() {
            // Of thousands only some pairs: all would take minutes.
            for b in layout.nodes.iter().skip(at + 1).take(400) {
                let apart = (a.0 - b.0).abs() >= MEASURES.width
                    || (a.1 - b.1).abs() >= MEASURES.height - 0.01;
                assert!(apart, "{a:?} {b:?} of {nodes} nodes, {edges:?}");
            }
        }
        for &(x, y) in &layout.nodes {
            let inside =
                x >= 0.0 && y >= -0.01 && x + 99.0 <= layout.size.0 && y + 39.0 <= layout.size.1;
            assert!(inside, "{x} {y} in {:?}", layout.size);
        }
        layout
    }

    fn random_edges(seed: &mut u64, nodes: u32, count: usize) -> Vec<(u32, u32)> {
        let mut random = || {
            *seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((*seed >> 33) % u64::from(nodes)) as u32
        };
        (0..count).map(|_| (random(), random())).collect()
    }

    #[test]
    fn layers_go_from_left_to_right() {
        let layout = check(4, &[(0, 1), (1, 2), (0, 3)]);
        let xs: Vec<f32> = layout.nodes.iter().map(|node| node.0).collect();
        assert_eq!(xs, [0.0, 160.0, 320.0, 160.0]);
        assert_eq!(layout.size.0, 420.0);
    }

    #[test]
    fn a_long_edge_has_a_way_around_the_nodes_between() {
        let edges = [(0, 1), (1, 2), (2, 3), (0, 3), (3, 0)];
        let layout = check(4, &edges);
        let way = &layout.ways[3];
        assert_eq!(
            way.iter().map(|point| point.0).collect::<Vec<_>>(),
            [160.0, 260.0, 320.0, 420.0]
        );
        for (point, node) in way.iter().zip([1, 1, 2, 2]) {
            let top = layout.nodes[node].1;
            assert!(
                point.1 <= top || point.1 >= top + MEASURES.height,
                "{point:?} over {node}"
            );
        }
        let back: Vec<_> = way.iter().rev().copied().collect();
        assert_eq!(layout.ways[4], back);
    }

    #[test]
    fn odd_graphs_are_laid_out() {
        check(0, &[]);
        check(1, &[]);
        check(1, &[(0, 0)]);
        check(2, &[(0, 0), (1, 1)]);
        check(2, &[(0, 1), (1, 0), (0, 1)]);
        check(3, &[(0, 9), (9, 0)]);
        check(5, &[(0, 1), (2, 3)]);
        check(300, &[]);
        check(300, &(1..300).map(|to| (0, to)).collect::<Vec<_>>());
        check(300, &(1..300).map(|from| (from, 0)).collect::<Vec<_>>());
        check(300, &(1..300).map(|to| (to - 1, to)).collect::<Vec<_>>());
        check(
            300,
            &(0..300)
                .map(|from| (from, (from + 1) % 300))
                .collect::<Vec<_>>(),
        );
        // Edges that were laid out on top of each other by an earlier release of the crate.
        check(
            13,
            &[
                (2, 1),
                (3, 1),
                (7, 4),
                (8, 7),
                (9, 2),
                (10, 1),
                (4, 2),
                (6, 1),
                (11, 4),
                (5, 4),
                (12, 1),
            ],
        );
    }

    #[test]
    fn random_graphs_are_laid_out_the_same_every_time() {
        let mut seed = 3;
        for round in 0..150usize {
            let nodes = 2 + round as u32 % 40;
            let edges = random_edges(&mut seed, nodes, round);
            assert_eq!(check(nodes as usize, &edges), check(nodes as usize, &edges));
        }
    }

    #[test]
    fn a_graph_beyond_the_limit_still_has_a_place_for_all() {
        let mut seed = 5;
        check(5_000, &random_edges(&mut seed, 5_000, 20_000));
        check(200, &random_edges(&mut seed, 200, 4_000));
    }
}

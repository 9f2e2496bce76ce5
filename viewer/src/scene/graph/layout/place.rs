//! From order to places: layers side by side, parts on shelves, nothing on top of each other.
//!
//! **Invariant:** linear but for sorting; whatever heights it is given, nodes of a layer end up apart.

use throughline_model::order::{rows_by_key, sort_rows};

use super::{FEW, Measures, Vertex};

pub(super) struct Places {
    /// Nodes: the top left corner. Points of edges: where the edge enters the layer.
    pub at: Vec<(f32, f32)>,
    /// How wide the layer of a vertex is.
    pub wide: Vec<f32>,
    /// How far into its layer a node stands.
    pub inset: Vec<f32>,
    pub size: (f32, f32),
}

/// A layer is not wrapped below so many nodes.
const COLUMN: usize = 6;
/// A picture without wrapped layers may be so much larger.
const PLAIN: f32 = 1.15;

/// How many nodes stand in a column at most, for every part: so that it fills a canvas of this shape best.
pub(super) fn rows(vertices: &[Vertex], parts: usize, measures: &Measures) -> Vec<usize> {
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); parts];
    for vertex in vertices {
        let part = &mut layers[vertex.part as usize];
        if part.len() <= vertex.rank as usize {
            part.resize(vertex.rank as usize + 1, 0);
        }
        part[vertex.rank as usize] += usize::from(vertex.node.is_some());
    }
    let best = |counts: &Vec<usize>| {
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let cost = |rows: usize| {
            let width = counts.iter().filter(|&&count| count > 0).map(|&count| {
                count.div_ceil(rows) as f32 * (measures.width + measures.gutter) - measures.gutter
                    + measures.layer_gap
            });
            let height = rows as f32 * (measures.height + measures.gap);
            (width.sum::<f32>() / measures.shape).max(height)
        };
        let (mut best, mut least) = (most, cost(most) / PLAIN);
        let mut rows = most;
        while rows > COLUMN {
            rows = (rows * 7 / 8).max(COLUMN);
            let cost = cost(rows);
            if cost < least {
                (best, least) = (rows, cost);
            }
        }
        best
    };
    layers.iter().map(best).collect()
}

/// Gives every vertex its place: layer by layer within a part, then part by part on shelves.
pub(super) fn place(vertices: &mut [Vertex], rows: &[usize], measures: &Measures) -> Places {
    let parts = rows.len();
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); parts];
    for (at, vertex) in vertices.iter().enumerate() {
        members[vertex.part as usize].push(at as u32);
    }
    let mut places = Places {
        at: vec![(0.0, 0.0); vertices.len()],
        wide: vec![0.0; vertices.len()],
        inset: vec![0.0; vertices.len()],
        size: (0.0, 0.0),
    };
    let sizes: Vec<(f32, f32)> = members
        .iter()
        .zip(rows)
        .map(|(part, &rows)| place_part(vertices, part, rows, measures, &mut places))
        .collect();
    let widest = sizes.iter().map(|size| size.0).fold(0.0, f32::max);
    let area: f32 = sizes
        .iter()
        .map(|size| (size.0 + measures.gap) * (size.1 + measures.gap))
        .sum();
    // As wide as the canvas is, and wide enough for the widest part.
    let shelf = widest.max((area * measures.shape).sqrt());
    let order = rows_by_key(parts, |part| {
        core::cmp::Reverse(members[part as usize].len())
    });
    let (mut x, mut y, mut tall) = (0.0f32, 0.0f32, 0.0f32);
    for part in order {
        let part = part as usize;
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
    rows: usize,
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
    // In a large graph the points of edges share the room between the rows.
    let shared = vertices.len() > FEW;
    squeeze(vertices, part, &layers, (rows, shared), measures);
    let mut x = 0.0;
    let mut top = f32::INFINITY;
    let mut bottom = f32::NEG_INFINITY;
    for layer in &mut layers {
        sort_rows(layer, &|a, b| {
            vertices[a as usize].y.total_cmp(&vertices[b as usize].y)
        });
        let real = layer
            .iter()
            .filter(|&&at| vertices[at as usize].node.is_some())
            .count();
        let columns = real.div_ceil(rows).max(1);
        let step = measures.height + measures.gap;
        if columns > 1 || shared && real > 0 {
            grid(vertices, layer, columns, step);
        } else {
            apart(vertices, layer, measures);
        }
        let wide = columns as f32 * (measures.width + measures.gutter) - measures.gutter;
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
            let inset = column as f32 * (measures.width + measures.gutter);
            places.at[at as usize] = (x + inset, vertex.y - half);
            places.inset[at as usize] = inset;
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
    (rows, shared): (usize, bool),
    measures: &Measures,
) {
    let step = measures.height + measures.gap;
    let needed = layers.iter().map(|layer| {
        let real = layer
            .iter()
            .filter(|&&at| vertices[at as usize].node.is_some())
            .count();
        let points = if shared { 0 } else { layer.len() - real };
        real.min(rows) as f32 * step + points as f32 * measures.gap / 2.0
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

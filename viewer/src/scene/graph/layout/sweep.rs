//! An order within the layers by the middle of the neighbours, to and fro a few times.
//!
//! **Invariant:** linear but for sorting.

use throughline_model::order::{sort_rows, sort_rows_by_key};

use super::{Measures, Vertex};
use crate::scene::graph::ranks::Adjacency;

/// How often: more changes little.
const ROUNDS: usize = 6;

/// Gives every vertex a height near those of its neighbours; `rows` is how many nodes of a layer of a part stand in a column.
pub(super) fn sweep(
    vertices: &mut [Vertex],
    links: &[(u32, u32)],
    rows: &[usize],
    measures: &Measures,
) {
    let back: Vec<(u32, u32)> = links.iter().map(|&(from, to)| (to, from)).collect();
    let callees = Adjacency::new(vertices.len(), links);
    let callers = Adjacency::new(vertices.len(), &back);
    let mut order: Vec<u32> = (0..vertices.len() as u32).collect();
    let layer = |vertex: &Vertex| (vertex.part, vertex.rank);
    sort_rows_by_key(&mut order, |at| layer(&vertices[at as usize]));
    let mut layers: Vec<Vec<u32>> = order
        .chunk_by(|&a, &b| layer(&vertices[a as usize]) == layer(&vertices[b as usize]))
        .map(<[u32]>::to_vec)
        .collect();
    for layer in &layers {
        spread(vertices, layer, rows, measures);
    }
    let count = layers.len();
    for round in 0..ROUNDS {
        let forth = round % 2 == 0;
        let beside = if forth { &callers } else { &callees };
        for at in 0..count {
            let layer = &mut layers[if forth { at } else { count - 1 - at }];
            for &vertex in layer.iter() {
                let ends = beside.of(vertex);
                if !ends.is_empty() {
                    let sum: f32 = ends.iter().map(|&end| vertices[end as usize].y).sum();
                    vertices[vertex as usize].y = sum / ends.len() as f32;
                }
            }
            sort_rows(layer, &|a, b| {
                vertices[a as usize].y.total_cmp(&vertices[b as usize].y)
            });
            spread(vertices, layer, rows, measures);
        }
    }
}

/// Moves the vertices of a layer apart, as far as they will stand, around the same middle.
fn spread(vertices: &mut [Vertex], layer: &[u32], rows: &[usize], measures: &Measures) {
    let real = layer
        .iter()
        .filter(|&&at| vertices[at as usize].node.is_some());
    let real = real.count().max(1);
    let part = layer.first().map_or(0, |&at| vertices[at as usize].part);
    let rows = rows.get(part as usize).copied().unwrap_or(real);
    let step = (measures.height + measures.gap) * (rows as f32 / real as f32).min(1.0);
    let (mut wish, mut given) = (0.0, 0.0);
    let mut floor = f32::NEG_INFINITY;
    for &at in layer {
        let vertex = &mut vertices[at as usize];
        wish += vertex.y;
        vertex.y = vertex.y.max(floor);
        given += vertex.y;
        // Points stand between the rows.
        if vertex.node.is_some() {
            floor = vertex.y + step;
        }
    }
    let moved = (given - wish) / layer.len().max(1) as f32;
    for &at in layer {
        vertices[at as usize].y -= moved;
    }
}

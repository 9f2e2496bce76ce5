//! Layouts of drawn, odd and random graphs: every node has a place of its own, callers stand left of callees.

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
            let apart =
                (a.0 - b.0).abs() >= MEASURES.width || (a.1 - b.1).abs() >= MEASURES.height - 0.01;
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

//! Layouts of drawn, odd and random graphs: every node has a place of its own, callers stand left of callees.

use super::*;

const MEASURES: Measures = Measures {
    width: 100.0,
    height: 40.0,
    layer_gap: 60.0,
    gap: 20.0,
    gutter: 40.0,
    shape: 1.6,
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

#[test]
fn large_graphs_take_on_the_shape_of_the_canvas() {
    let mut seed = 7;
    let circles: Vec<(u32, u32)> = random_edges(&mut seed, 300, 1_500);
    let layers = |at: u32| at.isqrt();
    let layered: Vec<(u32, u32)> = circles
        .iter()
        .copied()
        .filter(|&(from, to)| layers(from) / 4 + 1 == layers(to) / 4)
        .collect();
    for edges in [circles, layered] {
        let (width, height) = check(300, &edges).size;
        let shape = width / height;
        assert!((0.8..3.2).contains(&shape), "{width} × {height}");
    }
}

#[test]
fn edges_of_a_wrapped_layer_run_between_its_rows() {
    let edges: Vec<(u32, u32)> = (1..61).map(|to| (0, to)).collect();
    let layout = check(61, &edges);
    let mut wrapped = 0;
    for (&(_, to), way) in edges.iter().zip(&layout.ways) {
        let (x, y) = layout.nodes[to as usize];
        if x <= layout.nodes[0].0 + 160.0 {
            assert_eq!(way, &[]);
            continue;
        }
        wrapped += 1;
        let [start, end] = way[..] else {
            panic!("{way:?}");
        };
        assert_eq!((start.0, end.0), (160.0, x - 32.0));
        assert!(start.1 == end.1 && end.1 < y);
        for &(_, other) in &layout.nodes[1..] {
            let over = start.1 > other - 0.1 && start.1 < other + MEASURES.height + 0.1;
            assert!(!over, "{start:?} over {other}");
        }
    }
    assert!(wrapped > 30);
}

#[test]
fn edges_within_a_layer_begin_and_end_on_its_right() {
    let all: Vec<(u32, u32)> = (0..900).map(|at| (at / 30, at % 30)).collect();
    let layout = check(30, &all);
    let right = layout.nodes.iter().map(|node| node.0).fold(0.0, f32::max) + MEASURES.width;
    for (&(from, to), way) in all.iter().zip(&layout.ways) {
        let level = from != to && layout.layers[from as usize] == layout.layers[to as usize];
        let ends = [way.first(), way.last()].into_iter().flatten();
        assert!(!level || ends.clone().all(|end| end.0 > 160.0), "{way:?}");
        assert!(ends.into_iter().all(|end| end.0 <= right + 0.1));
    }
}

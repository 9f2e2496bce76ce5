//! Which layer each node of a call graph stands in: callers left of callees.
//!
//! **Invariant:** takes any edges: loops, circles, doubled and loose ones. Linear; no recursion.

/// A graph without circles, its nodes in layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranks {
    /// The layer of each node, from 0.
    pub rank: Vec<u32>,
    /// The edges, each once, from a lower layer to a higher one; the ends of some are swapped for that.
    pub edges: Vec<(u32, u32)>,
}

/// Layers for `nodes` nodes; edges that name others are passed over.
pub(super) fn rank(nodes: usize, edges: &[(u32, u32)]) -> Ranks {
    let edges = without_circles(nodes, edges);
    let out = Adjacency::new(nodes, &edges);
    let mut waiting = vec![0u32; nodes];
    for &(_, to) in &edges {
        waiting[to as usize] += 1;
    }
    let mut order: Vec<u32> = (0..nodes as u32)
        .filter(|&node| waiting[node as usize] == 0)
        .collect();
    let mut rank = vec![0u32; nodes];
    let mut done = 0;
    while let Some(&node) = order.get(done) {
        done += 1;
        for &to in out.of(node) {
            rank[to as usize] = rank[to as usize].max(rank[node as usize] + 1);
            waiting[to as usize] -= 1;
            if waiting[to as usize] == 0 {
                order.push(to);
            }
        }
    }
    // A node that nobody calls stands right before the first one it calls, not at the far left.
    let mut called = vec![false; nodes];
    for &(_, to) in &edges {
        called[to as usize] = true;
    }
    for node in (0..nodes as u32).filter(|&node| !called[node as usize]) {
        if let Some(first) = out.of(node).iter().map(|&to| rank[to as usize]).min() {
            rank[node as usize] = first.saturating_sub(1);
        }
    }
    Ranks { rank, edges }
}

/// Every edge once, loops left out, and those turned round that would close a circle.
fn without_circles(nodes: usize, edges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        OnPath,
        Done,
    }
    let known =
        |&(from, to): &(u32, u32)| from != to && (from as usize) < nodes && (to as usize) < nodes;
    let edges: Vec<(u32, u32)> = edges.iter().copied().filter(known).collect();
    let out = Adjacency::new(nodes, &edges);
    let mut called = vec![false; nodes];
    for &(_, to) in &edges {
        called[to as usize] = true;
    }
    // Where calls begin is where circles are best cut: first the nodes that nobody calls, then the rest.
    let (first, rest): (Vec<u32>, Vec<u32>) =
        (0..nodes as u32).partition(|&node| !called[node as usize]);
    let mut seen = vec![Seen::No; nodes];
    let mut kept = Vec::with_capacity(edges.len());
    for root in first.into_iter().chain(rest) {
        if seen[root as usize] != Seen::No {
            continue;
        }
        seen[root as usize] = Seen::OnPath;
        let mut path = vec![(root, 0)];
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(&to) = out.of(node).get(*next) else {
                seen[node as usize] = Seen::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match seen[to as usize] {
                Seen::OnPath => kept.push((to, node)),
                Seen::Done => kept.push((node, to)),
                Seen::No => {
                    kept.push((node, to));
                    seen[to as usize] = Seen::OnPath;
                    path.push((to, 0));
                }
            }
        }
    }
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The targets of each node in one row.
struct Adjacency {
    first: Vec<u32>,
    targets: Vec<u32>,
}

impl Adjacency {
    fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let mut first = vec![0u32; nodes + 1];
        for &(from, _) in edges {
            first[from as usize + 1] += 1;
        }
        for at in 0..nodes {
            first[at + 1] += first[at];
        }
        let mut next = first.clone();
        let mut targets = vec![0; edges.len()];
        for &(from, to) in edges {
            targets[next[from as usize] as usize] = to;
            next[from as usize] += 1;
        }
        Self { first, targets }
    }

    fn of(&self, node: u32) -> &[u32] {
        &self.targets[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(nodes: usize, edges: &[(u32, u32)], expected: &[u32]) {
        let ranks = rank(nodes, edges);
        assert_eq!(ranks.rank, expected, "{edges:?}");
        let all_forward = ranks
            .edges
            .iter()
            .all(|&(from, to)| expected[from as usize] < expected[to as usize]);
        assert!(all_forward, "{:?}", ranks.edges);
    }

    #[test]
    fn callers_stand_before_callees() {
        check(0, &[], &[]);
        check(2, &[], &[0, 0]);
        check(3, &[(0, 1), (1, 2)], &[0, 1, 2]);
        check(4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)], &[0, 1, 1, 2]);
    }

    #[test]
    fn a_late_caller_stands_by_its_callee() {
        check(5, &[(0, 1), (1, 2), (2, 3), (4, 3)], &[0, 1, 2, 3, 2]);
    }

    #[test]
    fn circles_are_cut_where_calls_begin() {
        check(1, &[(0, 0)], &[0]);
        check(2, &[(0, 1), (1, 0)], &[0, 1]);
        check(3, &[(1, 2), (2, 1), (0, 2)], &[0, 2, 1]);
        check(3, &[(0, 1), (1, 2), (2, 0)], &[0, 1, 2]);
        check(3, &[(0, 1), (0, 1), (7, 1), (1, 9)], &[0, 1, 0]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<(u32, u32)> = (1..100_000).map(|to| (to - 1, to)).collect();
        assert_eq!(rank(100_000, &edges).rank[99_999], 99_999);
    }
}

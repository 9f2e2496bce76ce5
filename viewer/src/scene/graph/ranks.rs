//! Which layer each node of a call graph stands in: callers left of callees.
//!
//! Where services call each other round and round, following one call after the other would make a layer of every
//! service. There the layers are the steps from where calls come in, and calls within a layer stay there.
//!
//! **Invariant:** takes any edges: loops, circles, doubled and loose ones. Linear; no recursion.

/// A graph without circles, its nodes in layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranks {
    /// The layer of each node, from 0.
    pub rank: Vec<u32>,
    /// The edges, each once, from a lower layer to a higher one; the ends of some are swapped for that, and those within a
    /// layer are not there.
    pub edges: Vec<(u32, u32)>,
}

/// Layers for `nodes` nodes; edges that name others are passed over.
pub(super) fn rank(nodes: usize, edges: &[(u32, u32)]) -> Ranks {
    let known =
        |&(from, to): &(u32, u32)| from != to && (from as usize) < nodes && (to as usize) < nodes;
    let edges: Vec<(u32, u32)> = edges.iter().copied().filter(known).collect();
    let mut rank = layers(nodes, &without_circles(nodes, &edges));
    let last = rank.iter().copied().max().unwrap_or(0);
    if last as f32 > 4.0 + (nodes as f32).sqrt() {
        rank = layers(nodes, &by_steps(nodes, &edges));
    }
    let low = |a: u32, b: u32| rank[a as usize] < rank[b as usize];
    let mut edges: Vec<(u32, u32)> = edges
        .iter()
        .map(|&(from, to)| {
            if low(to, from) {
                (to, from)
            } else {
                (from, to)
            }
        })
        .filter(|&(from, to)| low(from, to))
        .collect();
    edges.sort_unstable();
    edges.dedup();
    Ranks { rank, edges }
}

/// The layers of a graph without circles: as far from where calls begin as the longest way there.
fn layers(nodes: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    let out = Adjacency::new(nodes, edges);
    let mut waiting = vec![0u32; nodes];
    for &(_, to) in edges {
        waiting[to as usize] += 1;
    }
    let called: Vec<bool> = waiting.iter().map(|&callers| callers > 0).collect();
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
    for node in (0..nodes as u32).filter(|&node| !called[node as usize]) {
        if let Some(first) = out.of(node).iter().map(|&to| rank[to as usize]).min() {
            rank[node as usize] = first.saturating_sub(1);
        }
    }
    rank
}

/// Edges without circles: of those in a circle the ones that lead a step away from where calls come in, the ones that lead
/// back turned round, and the others left out.
fn by_steps(nodes: usize, edges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let out = Adjacency::new(nodes, edges);
    let circle = circles(nodes, &out);
    let alike = |a: u32, b: u32| circle[a as usize] == circle[b as usize];
    // Where calls come into a circle, or its first node.
    let mut enters = vec![false; nodes];
    let mut has_entry = vec![false; nodes];
    for &(_, to) in edges.iter().filter(|&&(from, to)| !alike(from, to)) {
        enters[to as usize] = true;
        has_entry[circle[to as usize] as usize] = true;
    }
    for node in 0..nodes {
        if !core::mem::replace(&mut has_entry[circle[node] as usize], true) {
            enters[node] = true;
        }
    }
    let mut steps = vec![u32::MAX; nodes];
    let mut order: Vec<u32> = (0..nodes as u32)
        .filter(|&node| enters[node as usize])
        .collect();
    for &node in &order {
        steps[node as usize] = 0;
    }
    let mut done = 0;
    while let Some(&node) = order.get(done) {
        done += 1;
        for &to in out.of(node) {
            if alike(node, to) && steps[to as usize] == u32::MAX {
                steps[to as usize] = steps[node as usize] + 1;
                order.push(to);
            }
        }
    }
    let step = |node: u32| steps[node as usize];
    let kept =
        edges.iter().filter_map(
            |&(from, to)| match (alike(from, to), step(from).cmp(&step(to))) {
                (false, _) | (true, core::cmp::Ordering::Less) => Some((from, to)),
                (true, core::cmp::Ordering::Greater) => Some((to, from)),
                (true, core::cmp::Ordering::Equal) => None,
            },
        );
    let mut kept: Vec<(u32, u32)> = kept.collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// Nodes that reach each other have the same number, others have different ones (Tarjan).
fn circles(nodes: usize, out: &Adjacency) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let (mut found, mut low) = (vec![NONE; nodes], vec![0u32; nodes]);
    let mut circle = vec![NONE; nodes];
    let (mut count, mut circles) = (0, 0);
    let mut open = Vec::new();
    for root in 0..nodes as u32 {
        if found[root as usize] != NONE {
            continue;
        }
        let mut path = vec![(root, 0usize)];
        while let Some((node, next)) = path.last_mut() {
            let at = *node as usize;
            if found[at] == NONE {
                (found[at], low[at]) = (count, count);
                count += 1;
                open.push(*node);
            }
            if let Some(&to) = out.of(*node).get(*next) {
                *next += 1;
                if found[to as usize] == NONE {
                    path.push((to, 0));
                } else if circle[to as usize] == NONE {
                    low[at] = low[at].min(found[to as usize]);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                low[*parent as usize] = low[*parent as usize].min(low[at]);
            }
            if low[at] == found[at] {
                while let Some(node) = open.pop() {
                    circle[node as usize] = circles;
                    if node as usize == at {
                        break;
                    }
                }
                circles += 1;
            }
        }
    }
    circle
}

/// Every edge once, and those turned round that would close a circle.
fn without_circles(nodes: usize, edges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        OnPath,
        Done,
    }
    let out = Adjacency::new(nodes, edges);
    let mut called = vec![false; nodes];
    for &(_, to) in edges {
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
pub(super) struct Adjacency {
    first: Vec<u32>,
    targets: Vec<u32>,
}

impl Adjacency {
    pub fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
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

    pub fn of(&self, node: u32) -> &[u32] {
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
    fn large_circles_are_layered_by_steps() {
        // A ring is cut once, and its layers are the steps from there.
        let ring: Vec<(u32, u32)> = (0..30).map(|from| (from, (from + 1) % 30)).collect();
        assert_eq!(rank(30, &ring).rank[29], 29);
        // Where everybody calls everybody, all are a step away from the first, and calls among them stay in their layer.
        let all: Vec<(u32, u32)> = (0..900).map(|at| (at / 30, at % 30)).collect();
        let ranks = rank(30, &all);
        assert_eq!(ranks.rank.iter().copied().max(), Some(1));
        assert_eq!(ranks.edges, (1..30).map(|to| (0, to)).collect::<Vec<_>>());
        // Calls come in at 31 and 32, of which one is a step farther from where they begin.
        let mut more: Vec<(u32, u32)> = all.clone();
        more.extend([(30, 4), (30, 31), (31, 7)]);
        let ranks = rank(32, &more);
        assert_eq!(
            [30, 31, 4, 7, 5].map(|node: usize| ranks.rank[node]),
            [0, 1, 1, 2, 3]
        );
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<(u32, u32)> = (1..100_000).map(|to| (to - 1, to)).collect();
        assert_eq!(rank(100_000, &edges).rank[99_999], 99_999);
    }
}

//! Which nodes of a graph show: all of a small one; of a large one those where most happens, with the callers that lead
//! there; or one with its neighbours. And which edges between them: where everybody calls everybody, the strongest.
//!
//! What is left out is counted at the cards beside it, and opened from there. So a picture of three hundred services is
//! one of forty that can be read, and every other one is a step away.
//!
//! **Invariant:** pure; linear in nodes and edges but for the order by heat; what is kept ascends.

use throughline_model::{
    analysis::service_graph::{Node, ServiceGraph},
    order::rows_by_key,
};

use super::{SMALL, ranks::Adjacency};

/// So many show of a graph with more than [`SMALL`] nodes.
const MOST: usize = 40;
/// So many nodes in a row that have no room are passed over before no other is tried.
const TRIED: usize = 400;
/// So many edges show, times the nodes.
const EDGES: usize = 2;
/// So many neighbours a card opens at once.
const OPENED: usize = 24;
/// More than this cannot be told apart on any screen.
const ALL: usize = 2_500;

/// What says how hot a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heat {
    /// What its spans did themselves.
    #[default]
    SelfTime,
    /// How many of its spans failed.
    Errors,
    /// How many spans it has.
    Count,
}

impl Heat {
    /// All.
    pub const ALL: [Self; 3] = [Self::SelfTime, Self::Errors, Self::Count];

    /// The name in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfTime => "self",
            Self::Errors => "errors",
            Self::Count => "count",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::SelfTime => "Self time",
            Self::Errors => "Errors",
            Self::Count => "Spans",
        }
    }

    /// How hot a node is; a peer has neither spans nor time of its own.
    pub fn of(self, node: &Node) -> u64 {
        match self {
            Self::SelfTime => node.self_time.0,
            Self::Errors => u64::from(node.errors),
            Self::Count => u64::from(node.spans),
        }
    }
}

/// How much of a graph shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Where most happens.
    #[default]
    Most,
    /// The selected node and its neighbours.
    Near,
    /// Everything.
    All,
}

impl Show {
    /// All.
    pub const ALL: [Self; 3] = [Self::Most, Self::Near, Self::All];

    /// The name in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Most => "most",
            Self::Near => "near",
            Self::All => "all",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Most => "The hottest",
            Self::Near => "Neighbours",
            Self::All => "All",
        }
    }
}

/// What is asked to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// How much.
    pub show: Show,
    /// What counts.
    pub heat: Heat,
    /// Whose neighbours; the hottest node's if nobody says.
    pub centre: Option<u32>,
    /// Nodes that show in any case.
    pub pinned: &'a [u32],
    /// Nodes whose neighbours show.
    pub opened: &'a [u32],
    /// Edges that show in any case.
    pub edges: &'a [u32],
}

/// The nodes that show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Their places in the graph, ascending.
    pub nodes: Vec<u32>,
    /// How many neighbours of each do not show.
    pub hidden: Vec<u32>,
    /// The places of the edges that show, ascending.
    pub edges: Vec<u32>,
    /// How many edges between nodes that show do not.
    pub weak: usize,
}

impl Kept {
    /// Chooses what shows of a graph.
    pub fn of(graph: &ServiceGraph, wish: &Wish<'_>) -> Self {
        let count = graph.nodes.len();
        let mut kept = vec![false; count];
        let order = by_heat(graph, wish.heat);
        let mut lead = Vec::new();
        match wish.show {
            Show::All => order
                .iter()
                .take(ALL)
                .for_each(|&at| kept[at as usize] = true),
            Show::Most if count <= SMALL => kept.fill(true),
            Show::Most => lead = keep_hottest(graph, &order, &mut kept),
            Show::Near => {
                let centre = wish.centre.filter(|&at| (at as usize) < count);
                if let Some(centre) = centre.or_else(|| order.first().copied()) {
                    kept[centre as usize] = true;
                    open(graph, centre, ALL, &mut kept);
                }
            }
        }
        for &at in wish.pinned.iter().chain(wish.opened) {
            if let Some(kept) = kept.get_mut(at as usize) {
                *kept = true;
            }
        }
        for &at in wish.opened {
            open(graph, at, OPENED, &mut kept);
        }
        Self::from_flags(graph, &kept, &lead, wish)
    }

    fn from_flags(
        graph: &ServiceGraph,
        kept: &[bool],
        lead: &[Option<u32>],
        wish: &Wish<'_>,
    ) -> Self {
        let mut hidden = vec![0; kept.len()];
        let mut between = Vec::new();
        for (at, edge) in (0u32..).zip(&graph.edges) {
            // Two that call each other are neighbours once.
            let again = || edge.from > edge.to && graph.edge(edge.to, edge.from).is_some();
            match (kept[edge.from as usize], kept[edge.to as usize]) {
                (true, true) => between.push(at),
                (true, false) if !again() => hidden[edge.from as usize] += 1,
                (false, true) if !again() => hidden[edge.to as usize] += 1,
                _ => {}
            }
        }
        let nodes = 0..kept.len() as u32;
        let nodes: Vec<u32> = nodes.filter(|&at| kept[at as usize]).collect();
        let most = match wish.show {
            Show::All => usize::MAX,
            Show::Most | Show::Near => nodes.len().max(SMALL / 2) * EDGES,
        };
        let all = between.len();
        let edges = strongest(graph, between, most, lead, wish);
        Self {
            weak: all - edges.len(),
            hidden: nodes.iter().map(|&at| hidden[at as usize]).collect(),
            nodes,
            edges,
        }
    }

    /// The place of a node among those that show.
    pub fn place(&self, node: u32) -> Option<usize> {
        self.nodes.binary_search(&node).ok()
    }
}

/// Nodes by heat, the hottest first; of equal ones the one where most time went. A peer counts by the time in calls to it.
fn by_heat(graph: &ServiceGraph, heat: Heat) -> Vec<u32> {
    rows_by_key(graph.nodes.len(), |at| {
        let node = &graph.nodes[at as usize];
        let own = match (heat, node.is_instrumented()) {
            (Heat::SelfTime, false) => node.time.0,
            _ => heat.of(node),
        };
        core::cmp::Reverse((own, node.time))
    })
}

/// Node by node, each with the callers that lead there from where calls begin; gives the edge into each node on that way.
fn keep_hottest(graph: &ServiceGraph, order: &[u32], kept: &mut [bool]) -> Vec<Option<u32>> {
    let lead = leads(graph);
    let (mut left, mut tried) = (MOST, 0);
    for &hot in order {
        if left == 0 || tried == TRIED {
            break;
        }
        let up = core::iter::successors(Some(hot), |&at| {
            lead[at as usize].map(|edge| graph.edges[edge as usize].from)
        });
        let way: Vec<u32> = up
            .take_while(|&at| !kept[at as usize])
            .take(MOST + 1)
            .collect();
        // All of a way or nothing: a node alone says nothing about who calls it. The first has its end at least.
        if way.len() > left && left < MOST {
            tried += 1;
            continue;
        }
        for &at in way.iter().take(left) {
            kept[at as usize] = true;
        }
        left -= way.len().min(left);
    }
    lead
}

/// For every node the edge from a caller that is nearer to where calls begin, of several the one with most time; so that going
/// up always ends there.
fn leads(graph: &ServiceGraph) -> Vec<Option<u32>> {
    let count = graph.nodes.len();
    let calls = graph.edges.iter().filter(|edge| edge.from != edge.to);
    let ends: Vec<(u32, u32)> = calls.map(|edge| (edge.from, edge.to)).collect();
    let out = Adjacency::new(count, &ends);
    let mut called = vec![false; count];
    for &(_, to) in &ends {
        called[to as usize] = true;
    }
    // First where nobody calls; in circles that nothing leads into at the first node.
    let (first, rest): (Vec<u32>, Vec<u32>) =
        (0..count as u32).partition(|&at| !called[at as usize]);
    let mut steps = vec![u32::MAX; count];
    let mut order = first;
    for &at in &order {
        steps[at as usize] = 0;
    }
    let mut done = 0;
    let mut rest = rest.into_iter();
    loop {
        while let Some(&at) = order.get(done) {
            done += 1;
            for &to in out.of(at) {
                if steps[to as usize] == u32::MAX {
                    steps[to as usize] = steps[at as usize] + 1;
                    order.push(to);
                }
            }
        }
        let Some(at) = rest.find(|&at| steps[at as usize] == u32::MAX) else {
            break;
        };
        steps[at as usize] = 0;
        order.push(at);
    }
    let mut lead: Vec<Option<u32>> = vec![None; count];
    for (at, edge) in (0u32..).zip(&graph.edges) {
        let best = &mut lead[edge.to as usize];
        let nearer = steps[edge.from as usize] < steps[edge.to as usize];
        if nearer && best.is_none_or(|known| graph.edges[known as usize].time < edge.time) {
            *best = Some(at);
        }
    }
    lead
}

/// Keeps a node's neighbours, those with most time in the calls first.
fn open(graph: &ServiceGraph, node: u32, most: usize, kept: &mut [bool]) {
    let beside = graph.edges.iter().filter_map(|edge| {
        let other = match (edge.from == node, edge.to == node) {
            (true, false) => edge.to,
            (false, true) => edge.from,
            _ => return None,
        };
        Some((other, edge.time))
    });
    let beside: Vec<_> = beside.filter(|(other, _)| !kept[*other as usize]).collect();
    let order = rows_by_key(beside.len(), |at| core::cmp::Reverse(beside[at as usize].1));
    for at in order.into_iter().take(most) {
        kept[beside[at as usize].0 as usize] = true;
    }
}

/// Of too many edges: those that lead to a node from where calls begin, for each node the one that most time came from, those that are wished for, those of the centre, then
/// those with errors and those with most time.
fn strongest(
    graph: &ServiceGraph,
    edges: Vec<u32>,
    most: usize,
    lead: &[Option<u32>],
    wish: &Wish<'_>,
) -> Vec<u32> {
    if edges.len() <= most {
        return edges;
    }
    let of = |at: u32| &graph.edges[at as usize];
    let mut into: Vec<Option<u32>> = vec![None; graph.nodes.len()];
    for &at in edges.iter().filter(|&&at| of(at).from != of(at).to) {
        let best = &mut into[of(at).to as usize];
        if best.is_none_or(|known| of(known).time < of(at).time) {
            *best = Some(at);
        }
    }
    let order = rows_by_key(edges.len(), |row| {
        let at = edges[row as usize];
        let edge = of(at);
        let centre = wish.show == Show::Near
            && wish
                .centre
                .is_some_and(|node| edge.from == node || edge.to == node);
        let leads = lead.get(edge.to as usize) == Some(&Some(at));
        let first = centre || into[edge.to as usize] == Some(at) || wish.edges.contains(&at);
        core::cmp::Reverse((leads, first, edge.errors > 0, edge.time))
    });
    let mut kept: Vec<u32> = order
        .into_iter()
        .take(most)
        .map(|row| edges[row as usize])
        .collect();
    kept.sort_unstable();
    kept
}

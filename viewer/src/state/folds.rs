//! What shares a row: repeated siblings, and the client and server of a call.
//!
//! A group stands in the row of its first member, a pair in the row of its client: so every row is a span, and rows
//! ascend. Opening one shows its spans again as rows of their own.
//!
//! **Invariant:** says what is folded; where rows stand is [`super::Rows`]'s.

use std::{collections::BTreeSet, sync::Arc};

use throughline_model::analysis::{
    pairs::Pairs,
    repeats::{Facts, Repeats},
};

/// What is folded, and what of it is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    repeats: Option<Arc<Repeats>>,
    pairs: Option<Arc<Pairs>>,
    /// By group: whether it is open.
    open_groups: Vec<bool>,
    /// Clients whose servers have rows of their own.
    open_pairs: BTreeSet<u32>,
}

impl Folds {
    /// Folds repeats and pairs, where there are any, but those of the `opened` spans: first members and clients.
    pub fn new(
        repeats: Option<Arc<Repeats>>,
        pairs: Option<Arc<Pairs>>,
        opened: &BTreeSet<u32>,
    ) -> Self {
        let mut open_groups = Vec::new();
        if let Some(repeats) = &repeats {
            open_groups.resize(repeats.len(), false);
            let open = opened.iter().filter_map(|&span| repeats.group_of(span));
            open.for_each(|group| open_groups[group as usize] = true);
        }
        let open_pairs = match &pairs {
            Some(_) => opened.clone(),
            None => BTreeSet::new(),
        };
        Self {
            repeats,
            pairs,
            open_groups,
            open_pairs,
        }
    }

    /// True when every span has a row of its own.
    pub fn is_empty(&self) -> bool {
        self.repeats.is_none() && self.pairs.is_none()
    }

    /// The repeats, while they are folded.
    pub fn repeats(&self) -> Option<&Repeats> {
        self.repeats.as_deref()
    }

    /// The closed group that a span is in.
    pub fn closed_group(&self, span: u32) -> Option<u32> {
        let group = self.repeats.as_ref()?.group_of(span)?;
        let open = self.open_groups.get(group as usize).copied();
        (open == Some(false)).then_some(group)
    }

    /// The open group that a span is in.
    pub fn open_group(&self, span: u32) -> Option<u32> {
        let group = self.repeats.as_ref()?.group_of(span)?;
        let open = self.open_groups.get(group as usize).copied();
        (open == Some(true)).then_some(group)
    }

    /// The span in whose row a span stands when it is in a closed group: the first of the group.
    pub fn stands_in(&self, span: u32) -> Option<u32> {
        let group = self.closed_group(span)?;
        self.repeats()?.members(group).first().copied()
    }

    /// The group that the row of this span stands for, with all that its members took.
    pub fn group_row(&self, span: u32) -> Option<(u32, &Facts)> {
        let group = self.closed_group(span)?;
        let repeats = self.repeats()?;
        (repeats.members(group).first() == Some(&span)).then(|| (group, repeats.facts(group)))
    }

    /// The server that stands in its client's row.
    pub fn server_in(&self, client: u32) -> Option<u32> {
        let server = self.pairs.as_ref()?.server_of(client)?;
        (!self.open_pairs.contains(&client)).then_some(server)
    }

    /// The servers that stand in their clients' rows, ascending by client.
    pub fn folded_servers(&self) -> impl Iterator<Item = u32> + '_ {
        let calls = self.pairs.iter().flat_map(|pairs| pairs.calls());
        calls
            .filter(|(client, _)| !self.open_pairs.contains(client))
            .map(|&(_, server)| server)
    }

    /// What has a row of its own because this span's row was opened: the members of its group, the server of its call.
    pub fn opened_with(&self, span: u32) -> impl Iterator<Item = u32> + '_ {
        let group = self.open_group(span).zip(self.repeats());
        let members = group.map_or(&[][..], |(group, repeats)| repeats.members(group));
        let open = self.open_pairs.contains(&span);
        let pairs = self.pairs.as_ref().filter(|_| open);
        let server = pairs.and_then(|pairs| pairs.server_of(span));
        members.iter().copied().chain(server)
    }

    /// How many spans the row of this span stands for.
    pub fn spans_in_row(&self, span: u32) -> usize {
        match self.group_row(span) {
            Some((_, facts)) => facts.count as usize,
            None => 1 + usize::from(self.server_in(span).is_some()),
        }
    }

    /// By group: how many of these spans it has.
    pub fn count_by_group(&self, spans: &[u32]) -> Vec<u32> {
        let Some(repeats) = self.repeats() else {
            return Vec::new();
        };
        let mut counts = vec![0; repeats.len()];
        let groups = spans.iter().filter_map(|&span| repeats.group_of(span));
        groups.for_each(|group| counts[group as usize] += 1);
        counts
    }

    /// Whether the row of a span has one of `matches`, which ascend; `by_group` counts them by group.
    pub fn row_matches(&self, span: u32, matches: &[u32], by_group: &[u32]) -> bool {
        let matching = |span: u32| matches.binary_search(&span).is_ok();
        match self.group_row(span) {
            Some((group, _)) => by_group.get(group as usize).is_some_and(|&count| count > 0),
            None => matching(span) || self.server_in(span).is_some_and(matching),
        }
    }
}

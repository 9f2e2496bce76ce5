//! Whose clock the times of the waterfall are shown by: each its own, or all that of the root span.
//!
//! **Invariant:** the estimate moves bars only when somebody asks for it; details, tables and files keep the times given.

use std::{cell::OnceCell, sync::Arc};

use throughline_model::analysis::skew::Skew;

use super::{Effect, UiState};

/// Which times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// As given.
    #[default]
    Given,
    /// Moved by the estimate.
    Moved,
    /// Moved, and where they were given as an outline.
    Both,
}

impl Times {
    /// All.
    pub const ALL: [Self; 3] = [Self::Given, Self::Moved, Self::Both];

    /// As it is written down.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Moved => "moved",
            Self::Both => "both",
        }
    }

    /// What a name stands for.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|times| times.name() == name)
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Given => "As given",
            Self::Moved => "Moved",
            Self::Both => "Both",
        }
    }

    /// The one after this one.
    pub const fn next(self) -> Self {
        match self {
            Self::Given => Self::Moved,
            Self::Moved => Self::Both,
            Self::Both => Self::Given,
        }
    }
}

/// Whose clock the times are shown by.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    /// Which times are shown.
    pub times: Times,
    known: OnceCell<Arc<Skew>>,
}

impl Clocks {
    pub(super) fn by(times: Times) -> Self {
        Self {
            times,
            known: OnceCell::new(),
        }
    }
}

impl UiState {
    /// How far the clocks of the open trace are apart, estimated when it is asked for first.
    pub fn skew(&self) -> Option<&Skew> {
        let (store, trace) = (self.store()?, self.trace_ref()?);
        let skew = || Arc::new(Skew::of_trace(store, trace.idx()));
        Some(self.clocks.known.get_or_init(skew))
    }

    pub(super) fn show_times(&mut self, times: Times) -> Vec<Effect> {
        self.clocks.times = times;
        let off = |skew: &Skew| {
            skew.clocks()
                .iter()
                .filter(|clock| clock.offset != 0)
                .count()
        };
        let words = match (times, self.skew().map_or(0, off)) {
            (Times::Given, _) => "Times as given".to_owned(),
            (_, 0) => "The clocks agree: nothing is moved".to_owned(),
            (_, 1) => "One clock is moved".to_owned(),
            (_, count) => format!("{count} clocks are moved"),
        };
        vec![Effect::WriteUrl { push: false }, Effect::Announce(words)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_the_round_is_whole() {
        for times in Times::ALL {
            assert_eq!(Times::of_name(times.name()), Some(times));
            assert_eq!(times.next().next().next(), times);
        }
        assert_eq!(Times::of_name("later"), None);
    }
}

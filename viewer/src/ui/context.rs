//! How components reach the state: one context with the state's signal and `dispatch`.
//!
//! **Invariant:** the only place where [`UiState::apply`] is called and its effects are carried out.

use std::cell::RefCell;

use crate::dom::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    browser::later,
    problem::Problem,
    state::{Command, DETAILS, Effect, UiState, View},
};

thread_local! {
    /// Commands that wait for the later part, and those given after them.
    static WAITING: RefCell<Vec<Command>> = const { RefCell::new(Vec::new()) };
}

/// The state and the way to change it; copied freely.
#[derive(Clone, Copy)]
pub struct App {
    state: RwSignal<UiState>,
    perform: StoredValue<Perform>,
}

type Perform = std::sync::Arc<dyn Fn(App, Effect) + Send + Sync>;

impl App {
    /// A new state whose effects `perform` carries out.
    pub fn new(state: UiState, perform: impl Fn(App, Effect) + Send + Sync + 'static) -> Self {
        Self {
            state: RwSignal::new(state),
            perform: StoredValue::new(std::sync::Arc::new(perform)),
        }
    }

    /// Changes the state and carries out what follows; after the rest of the program has come, where that is needed.
    /// Must not be called from inside [`Self::with`].
    pub fn dispatch(self, command: Command) {
        if let Command::FollowUrl(url) = &command
            && (url.query.is_some() || url.view == Some(View::Graph) || url.shapes())
        {
            // What it names comes with the dataset: both are on their way at the same time.
            later::load_soon();
        }
        let behind = WAITING.with_borrow(|waiting| !waiting.is_empty());
        if !behind && (!needs_later_part(&command) || later::is_here()) {
            return self.carry_out(command);
        }
        // What comes after a command that waits must not overtake it.
        WAITING.with_borrow_mut(|waiting| waiting.push(command));
        if !behind {
            spawn_local(async move {
                let loaded = later::load().await;
                self.carry_out_waiting(loaded);
            });
        }
    }

    fn carry_out_waiting(self, loaded: Result<(), String>) {
        let mut waiting = WAITING.take();
        if let Err(reason) = loaded {
            waiting.retain(|command| !needs_later_part(command));
            waiting.push(missing_part(reason));
        }
        for command in waiting {
            self.carry_out(command);
        }
    }

    /// Goes on when all of the program is there, and says so if it cannot be had.
    pub fn when_whole(self, then: impl FnOnce() + 'static) {
        if later::is_here() {
            return then();
        }
        spawn_local(async move {
            match later::load().await {
                Ok(()) => then(),
                Err(reason) => self.dispatch(missing_part(reason)),
            }
        });
    }

    fn carry_out(self, command: Command) {
        let mut effects = Vec::new();
        self.state.update(|state| effects = state.apply(command));
        let perform = self.perform.get_value();
        for effect in effects {
            perform(self, effect);
        }
    }

    /// Reads the state, and again whenever it changes.
    pub fn with<T>(self, read: impl FnOnce(&UiState) -> T) -> T {
        self.state.with(read)
    }

    /// Reads the state now only.
    pub fn peek<T>(self, read: impl FnOnce(&UiState) -> T) -> T {
        self.state.with_untracked(read)
    }

    /// A part of the state that tells its readers only when it really changes.
    pub fn select<T: PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&UiState) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move || self.state.with(&read))
    }
}

/// The app that the component is in.
pub fn use_app() -> App {
    expect_context::<App>()
}

fn missing_part(reason: String) -> Command {
    Command::Report(Problem::new(
        "A part of this program could not be loaded",
        reason,
        "Check the connection and try again. If the site was renewed meanwhile, reload the page.",
    ))
}

/// Whether a command calls what `viewer/later.txt` names.
///
/// One that is forgotten here works, but the page stands still while it loads.
fn needs_later_part(command: &Command) -> bool {
    match command {
        Command::SetQuery(text) => !text.is_empty(),
        Command::AddTerm(_) | Command::ToggleTerm(_) | Command::ShowDialog(Some(_)) => true,
        Command::ShowView(view) => matches!(view, View::Graph | View::Table),
        Command::FoldRepeats(on) | Command::FoldPairs(on) => *on,
        Command::SetDetail(at) => *at + 1 < DETAILS.len(),
        Command::HideShorter(text) => !text.is_empty(),
        Command::ColourBy(column) => column.is_some(),
        Command::ShowTimes(_)
        | Command::RowColumns(_)
        | Command::Focus(Some(_))
        | Command::Pin(_)
        | Command::WriteNote(_)
        | Command::RestoreNotes(_)
        | Command::CollapseOffPath
        | Command::FindLinks => true,
        Command::ShowBadges(on) => *on,
        Command::LoadDone(_) => later::is_loading(),
        _ => false,
    }
}

//! How components reach the state: one context with the state's signal and `dispatch`.
//!
//! **Invariant:** the only place where [`UiState::apply`] is called and its effects are carried out.

use crate::dom::prelude::*;

use crate::state::{Command, Effect, UiState};

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

    /// Changes the state and carries out what follows. Must not be called from inside [`Self::with`].
    pub fn dispatch(self, command: Command) {
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

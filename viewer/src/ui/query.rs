//! The query bar: the text, what could stand at the cursor, what is wrong with it, and the way through the matches.
//!
//! **Invariant:** text, matches and errors are the state's; what is offered and which offer has the cursor is this
//! component's own.

mod cursor;
mod painted;
pub(super) mod saved;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use crate::dom::prelude::*;
use throughline_model::{
    query::{self, FieldWork, KnownFields, Suggestion, SuggestionKind},
    store::TraceStore,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, HtmlInputElement, KeyboardEvent, PointerEvent};

use painted::{Painted, is_unfinished, words};

use super::{
    ahead,
    context::{App, use_app},
    format, measure,
};
use crate::{
    browser::{
        later,
        pieces::{Pace, in_pieces},
    },
    state::{Command, Dialog, MANY, Others},
};

/// So many offers are shown; all of them fit under the bar.
const OFFERS_MAX: usize = 10;
/// Offers wait until the typing pauses: the matches come first.
const PAUSE: Duration = Duration::from_millis(80);

/// The fields of a trace, counted. The trace may be closed meanwhile.
type Known = (Weak<TraceStore>, u32, Arc<KnownFields>);

/// What is offered at the cursor.
#[derive(Clone, Copy)]
struct Offers {
    app: App,
    input: NodeRef<HtmlInputElement>,
    /// With the name of a query that is kept under one.
    list: RwSignal<Vec<(Option<String>, Suggestion)>>,
    active: RwSignal<Option<usize>>,
    /// Counts what was typed, so that offers for an older text are left out.
    turn: StoredValue<u32>,
    known: StoredValue<Option<Known>>,
}

impl Offers {
    fn close(self) {
        self.turn
            .try_update_value(|turn| *turn = turn.wrapping_add(1));
        self.active.set(None);
        self.list.set(Vec::new());
    }

    /// Offers what fits, if anything was begun or `all` is wanted.
    fn open(self, all: bool) {
        let (Some(input), app) = (self.input.get_untracked(), self.app) else {
            return;
        };
        let (text, at) = (input.value(), cursor::byte_of(&input));
        let place = app.peek(|state| state.store().cloned().zip(state.trace));
        let mut list = match &place {
            Some((store, trace)) => match self.known_of(store, *trace) {
                Some(known) => query::complete_with(&known, (store, *trace), &text, at),
                None => return self.count_fields(store.clone(), *trace, all),
            },
            None => Vec::new(),
        };
        list.truncate(OFFERS_MAX);
        let begun = |one: &Suggestion| one.kind != SuggestionKind::Field || !one.at.is_empty();
        list.retain(|one| all || begun(one));
        // What is there already is no offer.
        list.retain(|one| text.get(one.at.clone()) != Some(one.text.trim_end()));
        let named = saved::offers(&saved::all(), &text, all);
        let named = named.into_iter().map(|(name, one)| (Some(name), one));
        let list = named.chain(list.into_iter().map(|one| (None, one)));
        self.active.set(None);
        self.list.set(list.take(OFFERS_MAX).collect());
    }

    /// The fields of a trace, if they are counted or soon are.
    fn known_of(self, store: &Arc<TraceStore>, trace: u32) -> Option<Arc<KnownFields>> {
        let known = self.known.get_value();
        let known = known.filter(|(of, row, _)| of.as_ptr() == Arc::as_ptr(store) && *row == trace);
        match known {
            Some((.., known)) => Some(known),
            None if store.trace(trace).span_count() < MANY => {
                Some(self.keep(store, trace, KnownFields::of_trace(store, trace)))
            }
            None => None,
        }
    }

    fn keep(self, store: &Arc<TraceStore>, trace: u32, known: KnownFields) -> Arc<KnownFields> {
        let known = Arc::new(known);
        let kept = (Arc::downgrade(store), trace, known.clone());
        self.known.set_value(Some(kept));
        known
    }

    /// Counts them in pieces, and then offers what fits.
    fn count_fields(self, store: Arc<TraceStore>, trace: u32, all: bool) {
        let turn = self.turn.get_value();
        spawn_local(async move {
            Pace::AHEAD.pause().await;
            let mut work = FieldWork::new(&store, trace);
            let wanted = || self.turn.try_get_value() == Some(turn);
            if in_pieces(&|| Pace::AHEAD, &mut || work.go(ahead::STEPS), &wanted).await {
                let known = work.finish();
                self.keep(&store, trace, known);
                self.open(all);
            }
        });
    }

    fn open_soon(self) {
        let turn = self.turn.try_update_value(|turn| {
            *turn = turn.wrapping_add(1);
            *turn
        });
        set_timeout(
            move || {
                if self.turn.try_get_value() == turn && later::is_here() {
                    self.open(false);
                }
            },
            PAUSE,
        );
    }

    fn step(self, forward: bool) {
        let count = self.list.with_untracked(Vec::len);
        if count == 0 {
            return self.open(true);
        }
        let next = match (self.active.get_untracked(), forward) {
            (None, true) => Some(0),
            (None, false) => Some(count - 1),
            (Some(at), true) => (at + 1 < count).then_some(at + 1),
            (Some(at), false) => at.checked_sub(1),
        };
        self.active.set(next);
    }

    fn take(self, at: usize) {
        let offer = self.list.with_untracked(|list| list.get(at).cloned());
        let (Some((_, offer)), Some(input)) = (offer, self.input.get_untracked()) else {
            return;
        };
        let mut text = input.value();
        if text.get(offer.at.clone()).is_none() {
            return self.close();
        }
        // The space behind it may be there already.
        let rest = text[offer.at.end..].starts_with(' ') && offer.text.ends_with(' ');
        let end = offer.at.end + usize::from(rest);
        text.replace_range(offer.at.start..end, &offer.text);
        measure::command_begins();
        self.app.dispatch(Command::SetQuery(text.clone()));
        input.set_value(&text);
        cursor::put(&input, &text, offer.at.start + offer.text.len());
        self.open(true);
        if offer.kind == SuggestionKind::Value {
            self.close();
        }
    }

    /// What a key does here; true when it did something.
    fn key(self, event: &KeyboardEvent) -> bool {
        let active = self.active.get_untracked();
        let shown = self.list.with_untracked(|list| !list.is_empty());
        match (event.key().as_str(), active) {
            ("ArrowDown", _) => self.step(true),
            ("ArrowUp", _) if shown => self.step(false),
            ("Enter" | "Tab", Some(at)) if shown => self.take(at),
            ("Escape", _) if shown => self.close(),
            _ => return false,
        }
        true
    }
}

/// The bar.
#[component]
pub fn QueryBar() -> impl IntoView {
    let app = use_app();
    let offers = Offers {
        app,
        input: NodeRef::new(),
        list: RwSignal::new(Vec::new()),
        active: RwSignal::new(None),
        turn: StoredValue::new(0),
        known: StoredValue::new(None),
    };
    let text = app.select(|state| state.query.text.clone());
    let error = app.select(|state| state.query.error.clone());
    let painted = Painted::over(offers.input);
    Effect::new(move |_| painted.set(text.get()));
    let typed = move |event: Event| {
        measure::command_begins();
        let text = event_target_value(&event);
        painted.set(text.clone());
        app.dispatch(Command::SetQuery(text));
        offers.open_soon();
    };
    let key = move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        // Offers come with the later part. To stand still for it here would lose keys that are typed meanwhile.
        let offered = later::is_here() && offers.key(&event);
        if !offered && event.key() == "Enter" {
            offers.close();
            app.dispatch(match event.shift_key() {
                true => Command::PreviousMatch,
                false => Command::NextMatch,
            });
        } else if !offered {
            return;
        }
        event.prevent_default();
    };
    let shown = Memo::new(move || offers.list.with(|list| !list.is_empty()));
    let active = move || offers.active.get().map(|at| format!("find-offer-{at}"));
    let wrong = Memo::new(move || error.with(Option::is_some));
    let unfinished = Memo::new(move || {
        error.with(|error| text.with(|text| is_unfinished(text, error.as_ref())))
    });
    let hint = app.select(move |state| {
        let (store, trace) = (state.store()?, state.trace_ref()?);
        let query = &state.query;
        let in_vain = query.asks && query.matches.is_empty() && query.error.is_none();
        let known = in_vain.then(|| offers.known_of(store, trace.idx()))?;
        query::hint(store, known.as_deref(), &query.text)
    });
    let none = app.select(|state| state.query.matches.is_empty() && state.query.asks);
    view! {
        <div class="find" role="search" class:none=move || none.get() class:wrong=move || wrong.get() class:unfinished=move || unfinished.get() class:painted=move || painted.is_there()>
            <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="4.2"/><path d="M10.2 10.2 14 14"/></svg>
            <span class="find-line">
            {painted.view(text, error)}
            <input id="find" node_ref=offers.input type="text" placeholder="Find: a word, status = error, duration > 250ms, parent.kind = server"
                autocomplete="off" autocapitalize="off" spellcheck="false" role="combobox" aria-autocomplete="list" aria-controls="find-offers"
                aria-expanded=move || shown.get().to_string() aria-activedescendant=active aria-invalid=move || wrong.get().to_string()
                aria-describedby="find-error" aria-label="Find in trace" title="Find in trace (/ or Ctrl B)"
                prop:value=move || text.get() on:input=typed on:keydown=key
                on:scroll=move |_: Event| painted.follow()
                on:focus=|_: Event| later::load_soon() on:blur=move |_: Event| offers.close()/>
            </span>
            <Steps/>
            <div class="find-under">
                <div id="find-error" aria-live="polite">{move || match error.get() {
                    Some(error) => Some(words(&format!("Expected {}", error.expected))),
                    None => hint.get().map(|hint| words(&hint)),
                }}</div>
                <ul id="find-offers" class="find-offers" role="listbox" aria-label="Suggestions" hidden=move || !shown.get()>
                    {move || offers.list.with(|list| list.iter().enumerate().map(|(at, one)| offer_view(offers, at, one)).collect_view())}
                </ul>
            </div>
        </div>
    }
}

/// `n of m`, and the buttons behind it.
#[component]
fn Steps() -> impl IntoView {
    let app = use_app();
    let text = app.select(|state| !state.query.text.is_empty());
    let others = app.select(|state| state.query.others);
    let counted = app.select(|state| {
        let (matches, spans) = (
            state.query.matches.len() as u64,
            state.trace_ref().map_or(0, |trace| trace.span_count()),
        );
        match state.query.current {
            _ if state.query.waiting => "Looking…".to_owned(),
            _ if !state.query.asks || state.query.error.is_some() => String::new(),
            Some(at) => format!(
                "{} / {}",
                format::count(at as u64 + 1),
                format::count(matches)
            ),
            None => format!(
                "{} of {}",
                format::count(matches),
                format::count(spans as u64)
            ),
        }
    });
    view! {
        <span class="find-count" aria-live="polite">{move || counted.get()}</span>
        <Show when=move || text.get()>
            <button class="find-filter" title="Hide what does not match; what is above a match stays" aria-pressed=move || (others.get() == Others::Hidden).to_string()
                on:click=move |_| app.dispatch(Command::SetOthers(match others.get_untracked() {
                    Others::Hidden => Others::Shown,
                    _ => Others::Hidden,
                }))>"Filter"</button>
            <button class="find-step" title="Save this query, or use another" aria-label="Saved queries" on:click=move |_| app.dispatch(Command::ShowDialog(Some(Dialog::Queries)))>"☆"</button>
            <button class="find-step" title="Previous match (N)" aria-label="Previous match" on:click=move |_| app.dispatch(Command::PreviousMatch)><kbd>"N"</kbd></button>
            <button class="find-step" title="Next match (n)" aria-label="Next match" on:click=move |_| app.dispatch(Command::NextMatch)><kbd>"n"</kbd></button>
            <button class="find-step" title="Clear (Esc)" aria-label="Clear" on:click=move |_| app.dispatch(Command::SetQuery(String::new()))>"×"</button>
        </Show>
    }
}

fn offer_view(offers: Offers, at: usize, (name, offer): &(Option<String>, Suggestion)) -> Markup {
    let kind = match offer.kind {
        _ if name.is_some() => "saved",
        SuggestionKind::Field => "field",
        SuggestionKind::Operator => "",
        SuggestionKind::Value => "value",
    };
    let count = (offer.count > 0).then(|| format::count(offer.count));
    // Not `click`: the field would lose the focus first, and the list with it.
    let take = move |event: PointerEvent| {
        event.prevent_default();
        offers.take(at);
    };
    view! {
        <li class="find-offer" role="option" id=format!("find-offer-{at}") aria-selected=move || (offers.active.get() == Some(at)).to_string() on:pointerdown=take>
            <span class="find-offer-text">{format::visible_line(name.as_deref().unwrap_or(offer.text.trim_end())).into_owned()}</span>
            <span class="find-offer-kind">{kind}</span>
            <span class="find-offer-count">{count}</span>
        </li>
    }
    .into_any()
}

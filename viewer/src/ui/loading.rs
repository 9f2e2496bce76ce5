//! A load that runs: what is done, how far it is, how fast, and a way to stop it.
//!
//! **Invariant:** says only what is known: without a total there is no percentage, and the bar only moves.

use std::time::Duration;

use crate::dom::prelude::*;
use throughline_model::time::Nanos;

use super::{context::use_app, format};
use crate::state::{Command, Load, LoadPhase, Outline, TimeMode};

/// How much of a phase is done, 0 to 100; `None` when the total is not known.
fn done_percent(load: &Load) -> Option<u32> {
    let known =
        load.total > 0 && load.phase != LoadPhase::Connecting && load.phase != LoadPhase::Arranging;
    known.then(|| (load.bytes.min(load.total) as f64 / load.total as f64 * 100.0) as u32)
}

/// `12.3 MB of 96.0 MB`.
fn bytes_words(load: &Load) -> String {
    match (load.bytes, load.total) {
        (0, 0) => String::new(),
        (bytes, 0) => format::bytes(bytes),
        (bytes, total) => format!("{} of {}", format::bytes(bytes), format::bytes(total)),
    }
}

/// What a screen reader should hear: not every step, or it would never stop.
fn spoken(load: &Load) -> String {
    match done_percent(load) {
        Some(percent) => format!("{}, {} percent", load.phase.words(), percent / 25 * 25),
        None => load.phase.words().to_owned(),
    }
}

/// What stands where nothing is known yet.
const NOT_YET: &str = "–";

fn found(load: &Load, words: String) -> String {
    if load.outline.spans == 0 {
        NOT_YET.to_owned()
    } else {
        words
    }
}

fn begins(load: &Load) -> String {
    let start = load.outline.start;
    if start.0 == 0 {
        return NOT_YET.to_owned();
    }
    format::moment(start, TimeMode::Local, start)
}

fn lasts(load: &Load) -> String {
    let Outline { start, end, .. } = load.outline;
    if start.0 == 0 || end < start {
        return NOT_YET.to_owned();
    }
    format::duration(Nanos(end.0 - start.0))
}

/// How often it is looked whether something has come, seconds.
const LOOK: u32 = 1;
/// So long a silence is ordinary, seconds.
const ORDINARY: u32 = 5;

/// What to say of a source that is silent; nothing of what the page itself works at.
fn silence(load: &Load, seconds: u32) -> Option<String> {
    let waits = load.phase == LoadPhase::Connecting || load.total == 0 || load.bytes < load.total;
    let works = matches!(load.phase, LoadPhase::Decompressing | LoadPhase::Arranging);
    if seconds < ORDINARY || !waits || works {
        return None;
    }
    Some(match load.phase {
        LoadPhase::Connecting => {
            format!(
                "No answer for {seconds} s. The server may be slow or busy; after 60 s it is given up."
            )
        }
        _ => format!(
            "Nothing has arrived for {seconds} s. After 30 s, what has arrived is opened as it is."
        ),
    })
}

/// Counts the seconds in which a load gets no further.
fn silent_seconds(load: Memo<Option<Load>>) -> RwSignal<u32> {
    let seconds = RwSignal::new(0);
    let reached =
        Memo::new(move || load.with(|load| load.as_ref().map(|load| (load.phase, load.bytes))));
    Effect::new(move |_| {
        reached.with(|_| ());
        seconds.set(0);
    });
    fn look(seconds: RwSignal<u32>) {
        set_timeout(
            move || {
                // Gone with the card.
                if seconds.try_update(|seconds| *seconds += LOOK).is_some() {
                    look(seconds);
                }
            },
            Duration::from_secs(LOOK.into()),
        );
    }
    look(seconds);
    seconds
}

fn spans_label(load: &Load) -> String {
    match load.outline.errors {
        0 => "spans so far".to_owned(),
        errors => format!("spans so far, {} with errors", format::count(errors)),
    }
}

/// The card.
#[component]
pub fn Loading() -> impl IntoView {
    let app = use_app();
    let load = app.select(|state| state.load.clone());
    let field = move |read: fn(&Load) -> String| move || load.with(|load| load.as_ref().map(read));
    let percent = Memo::new(move || load.with(|load| load.as_ref().and_then(done_percent)));
    let said = Memo::new(move || load.with(|load| load.as_ref().map(spoken)));
    let seconds = silent_seconds(load);
    let silent = Memo::new(move || load.with(|load| silence(load.as_ref()?, seconds.get())));
    let steps = [LoadPhase::Reading, LoadPhase::Parsing, LoadPhase::Arranging];
    let phase = Memo::new(move || {
        load.with(|load| load.as_ref().map(|load| load.phase).unwrap_or_default())
    });
    view! {
        <section class="loading" aria-label="Loading">
            <div class="loading-head">
                <h2 class="loading-name" dir="auto">{field(|load| if load.name.is_empty() { "Loading".to_owned() } else { format::visible_text(&load.name) })}</h2>
                <button class="button" title="Stop the load (Esc)" on:click=move |_| app.dispatch(Command::CancelLoad)>"Cancel"</button>
            </div>
            <div class="loading-bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"
                aria-valuenow=move || percent.get().map(|percent| percent.to_string()) aria-valuetext=move || said.get()
                class:unknown=move || percent.get().is_none()>
                <div class="loading-done" style:width=move || format!("{}%", percent.get().unwrap_or(100))></div>
            </div>
            <ol class="loading-steps" aria-hidden="true">
                {steps.into_iter().map(|step| {
                    let now = move || place_of(phase.get()) == place_of(step);
                    let past = move || place_of(phase.get()) > place_of(step);
                    let words = move || if now() { phase.get().words() } else { step.words() };
                    view! { <li class:current=now class:past=past>{words}</li> }
                }).collect_view()}
            </ol>
            <dl class="loading-facts">
                <div><dt>"read"</dt><dd>{field(bytes_words)}</dd></div>
                <div><dt>"speed"</dt><dd>{field(|load| if load.speed == 0 { NOT_YET.to_owned() } else { format!("{}/s", format::bytes(load.speed)) })}</dd></div>
                <div><dt>"services so far"</dt><dd>{field(|load| found(load, format::count(load.outline.services)))}</dd></div>
                <div><dt>"begins"</dt><dd>{field(begins)}</dd></div>
                <div><dt>"lasts, so far"</dt><dd>{field(lasts)}</dd></div>
                <div><dt>{field(spans_label)}</dt><dd>{field(|load| found(load, format::count(load.outline.spans)))}</dd></div>
            </dl>
            <p class="loading-silent" role="status">{move || silent.get()}</p>
            <p class="visually-hidden" role="status">{move || said.get()}</p>
        </section>
    }
}

/// Where a phase stands among the three that are shown.
fn place_of(phase: LoadPhase) -> u32 {
    match phase {
        LoadPhase::Connecting | LoadPhase::Reading => 0,
        LoadPhase::Decompressing | LoadPhase::Parsing => 1,
        LoadPhase::Arranging => 2,
    }
}

#[cfg(test)]
mod tests {
    use throughline_model::time::UnixNanos;

    use super::*;

    #[test]
    fn the_outline_is_said_as_far_as_it_is_known() {
        let check = |spans, errors, start, end, expected: [&str; 3]| {
            let outline = Outline {
                spans,
                errors,
                start: UnixNanos(start),
                end: UnixNanos(end),
                services: 2,
            };
            let load = Load {
                outline,
                ..Load::default()
            };
            let services = found(&load, load.outline.services.to_string());
            assert_eq!([services, lasts(&load), spans_label(&load)], expected);
        };
        check(0, 0, 0, 0, ["–", "–", "spans so far"]);
        check(7, 0, 0, 0, ["2", "–", "spans so far"]);
        check(
            7,
            1,
            5,
            5_005,
            ["2", "5.00 µs", "spans so far, 1 with errors"],
        );
        check(
            7_000,
            2_000,
            9,
            5,
            ["2", "–", "spans so far, 2\u{202f}000 with errors"],
        );
    }

    #[test]
    fn a_silent_source_is_named() {
        let check = |phase, bytes, total, seconds, expected: Option<&str>| {
            let load = Load {
                phase,
                bytes,
                total,
                ..Load::default()
            };
            let said = silence(&load, seconds);
            let begin = said.as_deref().and_then(|said| said.split(" s.").next());
            assert_eq!(begin, expected);
        };
        check(LoadPhase::Connecting, 0, 0, 4, None);
        check(LoadPhase::Connecting, 0, 0, 5, Some("No answer for 5"));
        check(
            LoadPhase::Reading,
            3,
            9,
            7,
            Some("Nothing has arrived for 7"),
        );
        check(
            LoadPhase::Parsing,
            3,
            0,
            20,
            Some("Nothing has arrived for 20"),
        );
        check(LoadPhase::Parsing, 9, 9, 20, None);
        check(LoadPhase::Decompressing, 3, 9, 20, None);
        check(LoadPhase::Arranging, 0, 0, 20, None);
    }

    #[test]
    fn progress_is_said_as_far_as_it_is_known() {
        let check = |phase, bytes, total, percent: Option<u32>, words: &str, said: &str| {
            let load = Load {
                phase,
                bytes,
                total,
                ..Load::default()
            };
            assert_eq!(
                (
                    done_percent(&load),
                    bytes_words(&load).as_str(),
                    spoken(&load).as_str()
                ),
                (percent, words, said)
            );
        };
        check(LoadPhase::Connecting, 0, 0, None, "", "Connecting");
        check(LoadPhase::Reading, 1_000, 0, None, "1.00 kB", "Reading");
        check(
            LoadPhase::Reading,
            990,
            1_000,
            Some(99),
            "990 B of 1.00 kB",
            "Reading, 75 percent",
        );
        check(
            LoadPhase::Parsing,
            2_000,
            1_000,
            Some(100),
            "2.00 kB of 1.00 kB",
            "Reading spans, 100 percent",
        );
        check(
            LoadPhase::Arranging,
            5,
            10,
            None,
            "5 B of 10 B",
            "Arranging",
        );
    }
}

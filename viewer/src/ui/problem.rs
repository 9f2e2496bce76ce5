//! What failed, where and why, and what to do: full size when nothing is open, a banner above what is.
//!
//! **Invariant:** stays until it is dismissed; foreign text is shown as text.

use crate::dom::prelude::*;

use super::{context::use_app, format};
use crate::state::Command;

/// Bytes of a detail that are shown.
const DETAIL_BYTES: usize = 2_000;

/// The problem of the state, if there is one.
#[component]
pub fn ProblemCard() -> impl IntoView {
    let app = use_app();
    let problem = app.select(|state| state.problem.clone());
    move || {
        problem.get().map(|problem| {
            let all = problem.clone();
            let copy = move |_| {
                let lines = [all.title.as_str(), &all.detail, &all.hint, &all.snippet];
                let text: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
                app.dispatch(Command::Copy { text: text.join("\n"), what: "Problem".into() });
            };
            view! {
                <section class="problem" role="alert">
                    <svg class="problem-mark" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8"/><path d="M10 5.6v5.2M10 13.9v.3"/></svg>
                    <div class="problem-words">
                        <h2 class="problem-title" dir="auto">{shown(&problem.title)}</h2>
                        {paragraph("problem-detail", &problem.detail)}
                        {paragraph("problem-hint", &problem.hint)}
                        <Snippet text=problem.snippet/>
                        <div class="problem-bar">
                            <button class="link" on:click=copy>"Copy this message"</button>
                        </div>
                    </div>
                    <button class="details-tool" title="Dismiss (Esc)" aria-label="Dismiss" on:click=move |_| app.dispatch(Command::DismissProblem)>
                        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m4 4 8 8M12 4l-8 8"/></svg>
                    </button>
                </section>
            }
        })
    }
}

fn shown(text: &str) -> String {
    let (head, cut) = format::clip(text, DETAIL_BYTES);
    format!("{}{}", format::visible(head), if cut { "…" } else { "" })
}

fn paragraph(class: &'static str, text: &str) -> Option<Markup> {
    (!text.is_empty()).then(|| view! { <p class=class dir="auto">{shown(text)}</p> }.into_any())
}

/// Something to paste elsewhere, such as a setting of a server.
#[component]
fn Snippet(text: String) -> impl IntoView {
    let app = use_app();
    if text.is_empty() {
        return ().into_any();
    }
    let copied = text.clone();
    view! {
        <div class="problem-snippet">
            <pre tabindex="0">{format::visible(&text).into_owned()}</pre>
            <button class="button" on:click=move |_| app.dispatch(Command::Copy { text: copied.clone(), what: "Snippet".into() })>"Copy"</button>
        </div>
    }
    .into_any()
}

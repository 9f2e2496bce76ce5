//! A stack trace to read: frames of libraries stand back, causes stand out, the middle of a long one folds.
//!
//! **Invariant:** one line of the trace is one line of the page; its text is the trace's.

use crate::dom::prelude::*;
use throughline_model::store::ValueRef;

use super::{
    Place,
    stack::{self, Kind, Line},
    values::Owner,
};
use crate::{
    state::Command,
    ui::{context::use_app, format},
};

#[component]
pub(super) fn StackValue(place: Place, owner: Owner, at: usize) -> impl IntoView {
    let app = use_app();
    let text = move || {
        place.with_value(
            |selected| match owner.row(selected.store(), selected.span, at) {
                Some((_, ValueRef::Str(text))) => text.to_owned(),
                _ => String::new(),
            },
        )
    };
    let lines = stack::lines(&text());
    let total = lines.len();
    let kept = stack::kept(&lines);
    let folds = kept.iter().map(|(from, to)| to - from).sum::<usize>() < total;
    let lines = StoredValue::new(lines);
    let (open, wrapped) = (RwSignal::new(!folds), RwSignal::new(false));
    let shown = move || {
        let kept = match open.get() {
            true => vec![(0, total)],
            false => kept.clone(),
        };
        lines.with_value(|lines| {
            let mut views = Vec::new();
            let mut last = 0;
            for (from, to) in kept {
                views.extend(gap(from - last, open));
                let part = lines.get(from..to).unwrap_or_default();
                views.extend(part.iter().map(line_view));
                last = to;
            }
            views.extend(gap(total - last, open));
            views
        })
    };
    view! {
        <pre class="details-text stack" class:wrapped=move || wrapped.get() tabindex="0">{move || shown().into_iter().collect_view()}</pre>
        <span class="details-more-bar">
            {folds.then(|| view! {
                <button class="link" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                    {move || if open.get() { "Show less".to_owned() } else { format!("Show all {}", format::counted(total as u64, "line")) }}
                </button>
            })}
            <button class="link" aria-pressed=move || wrapped.get().to_string() on:click=move |_| wrapped.update(|wrapped| *wrapped = !*wrapped)>
                {move || if wrapped.get() { "Long lines scroll" } else { "Wrap long lines" }}
            </button>
            <button class="link" on:click=move |_| app.dispatch(Command::Copy { text: text(), what: "Stack trace".into() })>"Copy"</button>
        </span>
    }
}

fn line_view(line: &Line) -> Markup {
    let class = match line.kind {
        Kind::Head => "frame",
        Kind::Own => "frame own",
        Kind::Library => "frame library",
        Kind::Cause => "frame cause",
    };
    // An empty line keeps its height.
    let text = match line.text.is_empty() {
        true => "\u{a0}".to_owned(),
        false => format::visible_line(&line.text).into_owned(),
    };
    view! { <div class=class dir="auto">{text}</div> }.into_any()
}

/// Where lines are left out; pressing it shows all.
fn gap(lines: usize, open: RwSignal<bool>) -> Option<Markup> {
    (lines > 0).then(|| {
        view! {
            <button class="frame gap" on:click=move |_| open.set(true)>{format!("⋯ {}", format::counted(lines as u64, "line"))}</button>
        }
        .into_any()
    })
}

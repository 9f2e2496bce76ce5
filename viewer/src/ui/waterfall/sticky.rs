//! The rows that stay at the top while what is below them scrolls: each is the row that it looks like, and a way there.
//!
//! **Invariant:** said once only: a screen reader has the rows themselves.

use super::{
    Pane,
    row::{RowView, row_view},
};
use crate::{
    dom::prelude::*,
    scene::bars::sticky,
    state::{Command, Rows, UiState},
    ui::{colour, context::use_app},
};

/// The rows that stay when `first` is the uppermost on screen; `most` is what there is room for.
pub(super) fn rows(state: &UiState, rows: &Rows, first: usize, most: usize) -> Vec<usize> {
    let above = |store: &std::sync::Arc<throughline_model::store::TraceStore>| {
        sticky::above(rows, store.spans(), first, most)
    };
    state.store().map(above).unwrap_or_default()
}

/// The rows in words; the canvas has their bars.
#[component]
pub(super) fn Sticky(pane: Pane) -> impl IntoView {
    let app = use_app();
    let views = Memo::new(move || {
        let (rows, room) = (pane.sticky.get(), pane.tree_width.get());
        app.with(|state| {
            let view = |row| {
                let view = row_view(state, row, room)?;
                let selected = state.selection == Some(view.span);
                Some((view, selected))
            };
            rows.into_iter().filter_map(view).collect::<Vec<_>>()
        })
    });
    let line = move |(place, (view, selected)): (usize, &(RowView, bool))| {
        let (row, span) = (view.row, view.span);
        let go = move |_| {
            app.dispatch(Command::Reveal(span));
            app.dispatch(Command::ShowDetails(true));
        };
        view! {
            <div class="row" class:selected=*selected class:failed=view.error.is_some() class:hovered=move || pane.hovered.get() == Some(row)
                style:transform=format!("translateY({}px)", place as f64 * pane.sticky_height.get_untracked()) title="Go to this span"
                on:click=go on:mouseenter=move |_| pane.hovered.set(Some(row))>
                <span class="row-cell">
                    <span class="row-indent" style:width=format!("{}px", view.indent)></span>
                    <span class="chevron open"><svg viewBox="0 0 12 12"><path d="M4.2 2.5 7.8 6 4.2 9.5"/></svg></span>
                    <span class="row-tick" style:background-color=colour::css(view.colour)></span>
                    <span class="row-service">{view.service.clone()}</span>
                    <span class="row-name">{view.name.clone()}</span>
                    {view.error.clone().map(|text| view! { <span class="badge error">{text}</span> })}
                </span>
            </div>
        }
    };
    view! {
        <div class="wf-sticky" aria-hidden="true" style:height=move || format!("{}px", pane.sticky.with(Vec::len) as f64 * pane.sticky_height.get())>
            {move || views.with(|views| views.iter().enumerate().map(line).collect_view())}
        </div>
    }
}

//! What is chosen goes into the address, and what the address says is chosen.
//!
//! **Invariant:** what an address names is looked for in the graph that it means, however long that takes; until then the
//! address stays as it is.

use super::{Pane, address::Choice};
use crate::{
    dom::prelude::*,
    scene::graph::{Camera, Target},
    state::Command,
    ui::context::use_app,
};

/// Keeps both the same, beginning with what the address says.
pub(super) fn address(pane: Pane, first: Choice) {
    let app = use_app();
    // Names mean something once the graph is known, the camera once the canvas has a size.
    let waiting = RwSignal::new(Some(first));
    Effect::new(move |_| {
        let (waits, size) = (waiting.get(), pane.size.get());
        let by = pane.read(|drawn| drawn.by);
        if let (Some(choice), Some(by)) = (waits, by)
            && size.0 > 0.0
        {
            waiting.set(None);
            // Somebody may have chosen other nodes meanwhile.
            if by == choice.by {
                pane.camera.set(choice.at.map(|at| camera_at(at, size)));
                match named(pane, &choice) {
                    Some(target) if choice.at.is_none() => pane.go(target, false),
                    target => pane.select(target),
                }
            }
        }
    });
    let text = app.select(|state| state.graph.clone());
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        let waits = waiting.with_untracked(Option::is_some);
        if before.is_some() && (waits || text != untrack(|| chosen(pane).write())) {
            let choice = Choice::parse(&text);
            if choice.by != pane.by.get_untracked() {
                pane.forget();
            }
            pane.by.set(choice.by);
            pane.heat.set(choice.heat);
            pane.show.set(choice.show);
            waiting.set(Some(choice));
        }
    });
    Effect::new(move |_| {
        let text = chosen(pane).write();
        let ready = pane.drawn.with(Option::is_some) && waiting.with(Option::is_none);
        if ready && app.peek(|state| state.graph != text) {
            app.dispatch(Command::SetGraph(text));
        }
    });
}

fn camera_at([x, y, scale]: [i32; 3], (width, height): (f64, f64)) -> Camera {
    let (middle, scale) = ((x as f32, y as f32), scale as f32 / 1_000.0);
    Camera::around(middle, scale, width as f32, height as f32)
}

/// The node or edge that an address names.
fn named(pane: Pane, choice: &Choice) -> Option<Target> {
    let target = pane.peek(|drawn| {
        let node = drawn.named(choice.node.as_deref()?)?;
        match choice.to.as_deref() {
            Some(to) => Some(Target::Edge(drawn.graph.edge(node, drawn.named(to)?)?)),
            None => Some(Target::Node(node)),
        }
    });
    target.flatten()
}

/// What is chosen.
fn chosen(pane: Pane) -> Choice {
    let (width, height) = pane.size.get_untracked();
    let ends = pane.selected.get().and_then(|target| {
        pane.read(|drawn| match target {
            Target::Node(node) | Target::More(node) => Some((drawn.name(node), None)),
            Target::Edge(edge) => {
                let edge = drawn.graph.edges.get(edge as usize)?;
                Some((drawn.name(edge.from), Some(drawn.name(edge.to))))
            }
        })
    });
    let (node, to) = ends.flatten().unzip();
    Choice {
        by: pane.by.get(),
        heat: pane.heat.get(),
        show: pane.show.get(),
        node,
        to: to.flatten(),
        at: pane.camera.get().map(|camera| {
            let (x, y) = camera.world(width as f32 / 2.0, height as f32 / 2.0);
            [x, y, camera.scale * 1_000.0].map(|number| number.round() as i32)
        }),
    }
}

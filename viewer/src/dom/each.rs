//! Lists whose items keep their elements as long as their key is in the list.
//!
//! **Invariant:** an item's view is one element; what it made ends when its key leaves.

use std::{cell::RefCell, collections::HashMap, hash::Hash};

use leptos::prelude::Owner;
use web_sys::Node;

use super::{
    Markup, untracked,
    view::{follow, markers},
};

/// One item in the page.
struct Line {
    owner: Owner,
    node: Node,
}

/// Shows an element for every item, in their order; of equal keys the first counts.
pub fn each<T: 'static, K: Hash + Eq + 'static>(
    items: impl Fn() -> Vec<T> + 'static,
    key: impl Fn(&T) -> K + 'static,
    line: impl Fn(T) -> Markup + 'static,
) -> Markup {
    let (fragment, start, end) = markers();
    // Lines outlive the effect's runs: they belong to the list.
    let parent_owner = Owner::current().unwrap_or_default();
    let lines = RefCell::new(HashMap::<K, Line>::new());
    follow(Box::new(move || {
        let Some(parent) = end.parent_node() else {
            return;
        };
        let mut lines = lines.borrow_mut();
        let mut kept = HashMap::with_capacity(lines.len());
        let mut order = Vec::new();
        for item in items() {
            let key = key(&item);
            if kept.contains_key(&key) {
                continue;
            }
            let made = lines.remove(&key).or_else(|| {
                let owner = parent_owner.child();
                let view = owner.with(|| untracked(|| line(item)));
                match view {
                    Markup::Node(node) => Some(Line { owner, node }),
                    _ => None,
                }
            });
            if let Some(made) = made {
                order.push(made.node.clone());
                kept.insert(key, made);
            }
        }
        for (_, gone) in lines.drain() {
            gone.owner.cleanup();
            parent.remove_child(&gone.node).ok();
        }
        let mut at = start.next_sibling();
        for node in order {
            if at.as_ref().is_some_and(|at| at.is_same_node(Some(&node))) {
                at = node.next_sibling();
            } else {
                parent.insert_before(&node, at.as_ref()).ok();
            }
        }
        *lines = kept;
    }));
    Markup::Node(fragment)
}

//! What can stand inside of an element, and how what changes is changed in the page.
//!
//! A part that changes stands between two empty comments, so that it can become anything: nothing, a text, many
//! elements, or parts that change themselves.
//!
//! **Invariant:** whatever a part made, its effects and signals, ends before it is made anew.

use std::borrow::Cow;

use leptos::reactive::{effect::RenderEffect, owner::on_cleanup};
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use super::{clear_between, signals::Memo};
use crate::browser::document;

/// A part of a page, made and not yet put anywhere.
pub enum Markup {
    /// Nothing at all.
    Nothing,
    /// A text; shown as it is, whatever is in it.
    Text(Cow<'static, str>),
    /// An element, or a fragment.
    Node(Node),
    /// One after the other.
    Many(Vec<Markup>),
}

/// The children of a component.
pub type Children = Box<dyn FnOnce() -> Markup>;

/// A text that never changes.
pub fn text(text: &'static str) -> Markup {
    Markup::Text(Cow::Borrowed(text))
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        Self::Node(element.unchecked_into())
    }
}

impl Markup {
    /// Puts it into a node, before one of its children or at the end.
    pub fn put(self, parent: &Node, before: Option<&Node>) {
        let node: Node = match self {
            Self::Nothing => return,
            Self::Text(text) => document().create_text_node(&text).unchecked_into(),
            Self::Node(node) => node,
            Self::Many(views) => {
                for view in views {
                    view.put(parent, before);
                }
                return;
            }
        };
        // Refused only if `before` is no child of `parent`, which is ours to keep true.
        parent.insert_before(&node, before).ok();
    }
}

/// What can be shown.
pub trait IntoView: Sized {
    /// As a part of a page.
    fn into_view(self) -> Markup;

    /// The same, where several kinds of it meet.
    fn into_any(self) -> Markup {
        self.into_view()
    }
}

impl IntoView for Markup {
    fn into_view(self) -> Markup {
        self
    }
}

impl IntoView for () {
    fn into_view(self) -> Markup {
        Markup::Nothing
    }
}

impl IntoView for &'static str {
    fn into_view(self) -> Markup {
        text(self)
    }
}

impl IntoView for String {
    fn into_view(self) -> Markup {
        Markup::Text(Cow::Owned(self))
    }
}

impl IntoView for Cow<'static, str> {
    fn into_view(self) -> Markup {
        Markup::Text(self)
    }
}

impl<T: IntoView> IntoView for Option<T> {
    fn into_view(self) -> Markup {
        self.map_or(Markup::Nothing, T::into_view)
    }
}

impl<T: IntoView> IntoView for Vec<T> {
    fn into_view(self) -> Markup {
        Markup::Many(self.into_iter().map(T::into_view).collect())
    }
}

impl<A: IntoView, B: IntoView> IntoView for (A, B) {
    fn into_view(self) -> Markup {
        Markup::Many(vec![self.0.into_view(), self.1.into_view()])
    }
}

impl<F, T> IntoView for F
where
    F: Fn() -> T + 'static,
    T: IntoView,
{
    fn into_view(self) -> Markup {
        followed(Box::new(move || self().into_view()))
    }
}

/// An iterator's items one after the other.
pub trait CollectView {
    /// As one view.
    fn collect_view(self) -> Markup;
}

impl<I: IntoIterator> CollectView for I
where
    I::Item: IntoView,
{
    fn collect_view(self) -> Markup {
        Markup::Many(self.into_iter().map(IntoView::into_view).collect())
    }
}

/// Shows what `make` gives, and again whenever a signal that it reads changes.
fn followed(make: Box<dyn Fn() -> Markup>) -> Markup {
    let (fragment, start, end) = markers();
    // A text that stays a text is changed in its place: most parts that change are words.
    let words = std::cell::RefCell::new(None::<Node>);
    follow(Box::new(move || {
        let view = make();
        let Some(parent) = end.parent_node() else {
            return;
        };
        let mut words = words.borrow_mut();
        match (view, words.as_ref()) {
            (Markup::Text(text), Some(node)) => node.set_node_value(Some(&text)),
            (Markup::Text(text), None) => {
                clear_between(&start, &end);
                let node: Node = document().create_text_node(&text).unchecked_into();
                parent.insert_before(&node, Some(&end)).ok();
                *words = Some(node);
            }
            (view, _) => {
                *words = None;
                clear_between(&start, &end);
                view.put(&parent, Some(&end));
            }
        }
    }));
    Markup::Node(fragment)
}

/// A fragment with the two marks of a part that changes.
pub(super) fn markers() -> (Node, Node, Node) {
    let document = document();
    let fragment: Node = document.create_document_fragment().unchecked_into();
    let mark = || -> Node { document.create_comment("").unchecked_into() };
    let (start, end) = (mark(), mark());
    for node in [&start, &end] {
        fragment.append_child(node).ok();
    }
    (fragment, start, end)
}

/// Runs now and whenever a signal that it reads changes, as long as its owner lives.
pub(super) fn follow(run: Box<dyn Fn()>) {
    let effect = RenderEffect::new(move |_: Option<()>| run());
    on_cleanup(move || drop(effect));
}

/// One of two views, by a condition; made anew only when the condition changes.
pub fn show(
    when: Box<dyn Fn() -> bool>,
    children: Box<dyn Fn() -> Markup>,
    fallback: Option<Box<dyn Fn() -> Markup>>,
) -> Markup {
    let shown = Memo::new(when);
    followed(Box::new(move || match (shown.get(), &fallback) {
        (true, _) => super::untracked(&children),
        (false, Some(fallback)) => super::untracked(fallback),
        (false, None) => Markup::Nothing,
    }))
}

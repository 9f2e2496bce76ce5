//! `view!` and `#[component]` for the viewer: the syntax of Leptos' own, turned into plain calls of the viewer's `dom`
//! module instead of into a type of its own for every element. What that saves, and why it matters here, stands in
//! docs/decisions.
//!
//! **Invariant:** knows syntax only; what an element, an attribute or a list is at run time is the `dom` module's.

mod component;
mod view;

use proc_macro::TokenStream;

/// Markup to one `Markup`.
///
/// Elements take `name=value`, `class:name=bool`, `style:name=value`, `prop:name=value`, `on:event=handler` and
/// `node_ref=reference`; a value is a text, a number, a `bool`, an `Option` of these, or a closure that gives one and is
/// followed. Components are called with a struct of their arguments; `<Show when fallback>` and `<For each key>` are
/// known by name.
#[proc_macro]
pub fn view(tokens: TokenStream) -> TokenStream {
    view::expand(tokens.into()).into()
}

/// A function that is used as an element: takes its arguments by name, and reads signals without being followed.
#[proc_macro_attribute]
pub fn component(_: TokenStream, item: TokenStream) -> TokenStream {
    component::expand(item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

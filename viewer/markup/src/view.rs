//! `view!`: from markup to calls.
//!
//! **Invariant:** every child and every value is converted by a trait of the `dom` module; nothing is decided by type
//! here.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use rstml::Infallible;
use rstml::node::{KeyedAttribute, Node, NodeAttribute, NodeBlock, NodeElement, NodeName};
use syn::{Error, Expr, ExprPath, Ident, Stmt, spanned::Spanned};

/// Elements that stand in SVG's namespace.
const SVG: [&str; 8] = [
    "svg", "path", "rect", "circle", "line", "g", "text", "polyline",
];

/// One view of all nodes.
pub fn expand(tokens: TokenStream) -> TokenStream {
    let config = rstml::ParserConfig::new().recover_block(true);
    let (nodes, errors) = rstml::Parser::new(config)
        .parse_recoverable(tokens)
        .split_vec();
    let errors = errors.into_iter().map(|error| error.emit_as_expr_tokens());
    let view = of_nodes(&nodes);
    quote! {{ #(#errors;)* #view }}
}

fn of_nodes(nodes: &[Node]) -> TokenStream {
    let views: Vec<TokenStream> = nodes.iter().filter_map(of_node).collect();
    match views.as_slice() {
        [] => quote! { crate::dom::Markup::Nothing },
        [only] => only.clone(),
        all => quote! { crate::dom::Markup::Many(::std::vec![#(#all),*]) },
    }
}

fn of_node(node: &Node) -> Option<TokenStream> {
    Some(match node {
        Node::Element(element) => of_element(element),
        Node::Text(text) => {
            let text = &text.value;
            quote! { crate::dom::text(#text) }
        }
        Node::Block(block) => {
            let value = of_block(block);
            quote! { crate::dom::IntoView::into_view(#value) }
        }
        Node::Fragment(fragment) => of_nodes(&fragment.children),
        Node::Comment(_) => return None,
        other => fault(other.span(), "not known in a view"),
    })
}

/// The expression in the braces, which markup needs and a call does not.
fn of_block(block: &NodeBlock) -> TokenStream {
    match block.try_block().map(|block| block.stmts.as_slice()) {
        Some([Stmt::Expr(only, None)]) => quote! { #only },
        _ => quote! { #block },
    }
}

fn fault(span: Span, words: &str) -> TokenStream {
    Error::new(span, words).into_compile_error()
}

fn of_element(element: &NodeElement<Infallible>) -> TokenStream {
    match element.name() {
        NodeName::Path(path) if is_component(path) => of_component(path, element),
        name => of_tag(&name.to_string(), element),
    }
}

/// Components begin with a capital letter.
fn is_component(path: &ExprPath) -> bool {
    let last = path.path.segments.last();
    last.is_some_and(|segment| segment.ident.to_string().starts_with(char::is_uppercase))
}

fn of_component(path: &ExprPath, element: &NodeElement<Infallible>) -> TokenStream {
    let children = of_nodes(&element.children);
    let mut fields = Vec::new();
    let mut argument = None;
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(attribute) = attribute else {
            return fault(attribute.span(), "a component takes names and values");
        };
        match (&attribute.key, attribute.value()) {
            (NodeName::Path(name), Some(value)) => fields.push((quote! { #name }, value)),
            (NodeName::Punctuated(_), None) => {
                let key = attribute.key.to_string();
                argument = key
                    .strip_prefix("let:")
                    .map(|name| format_ident!("{}", name));
            }
            _ => return fault(attribute.span(), "a component takes names and values"),
        }
    }
    let field = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name.to_string() == wanted);
        found.map(|(_, value)| *value)
    };
    let name = path.path.segments.last().map(|last| last.ident.to_string());
    match name.as_deref() {
        Some("Show") => {
            let Some(when) = field("when") else {
                return fault(path.span(), "`Show` needs `when`");
            };
            let fallback = match field("fallback") {
                Some(fallback) => {
                    quote! { ::std::option::Option::Some(::std::boxed::Box::new(#fallback)) }
                }
                None => quote! { ::std::option::Option::None },
            };
            quote! { crate::dom::show(::std::boxed::Box::new(#when), ::std::boxed::Box::new(move || #children), #fallback) }
        }
        Some("For") => {
            let (Some(each), Some(key)) = (field("each"), field("key")) else {
                return fault(path.span(), "`For` needs `each` and `key`");
            };
            let line = match (field("children"), argument) {
                (Some(line), _) => quote! { #line },
                (None, Some(argument)) => quote! { move |#argument| #children },
                _ => return fault(path.span(), "`For` needs children"),
            };
            quote! { crate::dom::each(#each, #key, #line) }
        }
        _ => {
            let mut values: Vec<TokenStream> = fields
                .iter()
                .map(|(name, value)| quote! { #name: #value })
                .collect();
            if !element.children.is_empty() {
                values.push(quote! { children: ::std::boxed::Box::new(move || #children) });
            }
            if values.is_empty() {
                return quote! { #path() };
            }
            quote! { #path(#path { #(#values),* }) }
        }
    }
}

/// An element: its words that never change are in one table, everything else is a call of its own.
fn of_tag(tag: &str, element: &NodeElement<Infallible>) -> TokenStream {
    let mut fixed = Vec::new();
    let mut calls = Vec::new();
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(attribute) = attribute else {
            return fault(attribute.span(), "an element takes names and values");
        };
        let name = attribute.key.to_string();
        match (attribute.value(), attribute.value_literal_string()) {
            (None, _) => fixed.push(quote! { (#name, "") }),
            (Some(_), Some(text)) if !name.contains(':') => fixed.push(quote! { (#name, #text) }),
            (Some(value), _) => calls.push(call(&name, attribute, value)),
        }
    }
    let svg = SVG.contains(&tag);
    let children = element.children.iter().filter_map(of_node);
    let this = this();
    quote! {{
        let #this = crate::dom::element(#tag, #svg, &[#(#fixed),*]);
        #(#calls)*
        #(crate::dom::add(&#this, #children);)*
        crate::dom::Markup::from(#this)
    }}
}

/// The element that is being made, under a name that no expression of the markup can see.
fn this() -> Ident {
    Ident::new("element", Span::mixed_site())
}

fn call(name: &str, attribute: &KeyedAttribute, value: &Expr) -> TokenStream {
    let this = this();
    if name == "node_ref" {
        return quote! { crate::dom::refer(&#this, #value); };
    }
    if let Some(event) = name.strip_prefix("on:") {
        let Some(kind) = event_type(event) else {
            return fault(attribute.span(), "this event's type is not in the table");
        };
        let kind = format_ident!("{}", kind);
        return quote! { crate::dom::on::<::web_sys::#kind>(&#this, #event, #value); };
    }
    let (slot, name) = match name.split_once(':') {
        Some(("class", name)) => (quote! { Class }, name),
        Some(("style", name)) => (quote! { Style }, name),
        Some(("prop", name)) => (quote! { Property }, name),
        _ => (quote! { Attribute }, name),
    };
    quote! { crate::dom::Value::put(#value, &#this, crate::dom::Slot::#slot(#name)); }
}

/// What a handler gets.
fn event_type(event: &str) -> Option<&'static str> {
    Some(match event {
        "click" | "dblclick" | "mouseenter" | "mouseleave" | "contextmenu" => "MouseEvent",
        "pointerdown" | "pointermove" | "pointerup" | "pointercancel" | "pointerleave" => {
            "PointerEvent"
        }
        "keydown" | "keyup" => "KeyboardEvent",
        "focusout" => "FocusEvent",
        "wheel" => "WheelEvent",
        "paste" => "ClipboardEvent",
        "input" | "change" | "scroll" | "submit" | "cancel" | "close" | "focus" | "blur" => "Event",
        _ => return None,
    })
}

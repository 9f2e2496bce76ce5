//! `#[component]`: the struct of a component's arguments, and its function without a caller who follows what it reads.
//!
//! Struct and function have one name, which Rust keeps apart: whoever imports a component imports both.
//!
//! **Invariant:** an argument is a field of the same name and type; there are no optional ones and no conversions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, FnArg, ItemFn, Pat, ReturnType, Type, parse2};

/// The function and the struct of its arguments; without arguments there is no struct.
pub fn expand(item: TokenStream) -> Result<TokenStream, Error> {
    let ItemFn {
        attrs,
        vis,
        sig,
        block,
        ..
    } = parse2(item)?;
    let name = &sig.ident;
    let mut fields = Vec::new();
    let mut names = Vec::new();
    for input in &sig.inputs {
        let FnArg::Typed(input) = input else {
            return Err(Error::new_spanned(input, "a component has no `self`"));
        };
        let Pat::Ident(pattern) = &*input.pat else {
            return Err(Error::new_spanned(&input.pat, "an argument needs a name"));
        };
        let (documentation, field, kind) = (&input.attrs, &pattern.ident, &input.ty);
        fields.push(quote! { #(#documentation)* #vis #field: #kind });
        names.push(field);
    }
    let body = match &sig.output {
        ReturnType::Type(_, kind) if !matches!(**kind, Type::ImplTrait(_)) => {
            quote! { (move || -> #kind #block)() }
        }
        _ => quote! { #block },
    };
    let body = quote! {
        crate::dom::untracked(move || crate::dom::IntoView::into_view(#body))
    };
    if fields.is_empty() {
        return Ok(quote! {
            #(#attrs)* #[allow(non_snake_case)] #vis fn #name() -> crate::dom::Markup { #body }
        });
    }
    let of = format!("The arguments of [`{name}`].");
    Ok(quote! {
        #[doc = #of]
        #[allow(missing_docs)]
        #vis struct #name { #(#fields),* }

        #(#attrs)* #[allow(non_snake_case, clippy::needless_pass_by_value)]
        #vis fn #name(props: #name) -> crate::dom::Markup {
            let #name { #(#names),* } = props;
            #body
        }
    })
}

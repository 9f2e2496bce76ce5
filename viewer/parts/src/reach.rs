//! Which functions belong to the later part: those of the named modules, and all that only they use.
//!
//! **Invariant**: reads a module, changes nothing.

use std::collections::{HashMap, HashSet};

use walrus::{
    ElementItems, ExportItem, FunctionId, FunctionKind, Module,
    ir::{self, Visitor},
};

/// Functions of so many instructions or fewer are cut nowhere: compilers make one of those that come out the same, which
/// small ones do, and call it by any of their names.
const SHARED: u64 = 100;

/// The functions that are not reached from outside without going through one of `paths`.
///
/// A path is a Rust module or function as it stands in a symbol's name, such as `throughline_model::import::jaeger`.
/// Functions whose address is taken count as reached from outside.
///
/// # Errors
/// When there is no function of a path: it was renamed, and the list was forgotten.
pub fn later(module: &Module, paths: &[&str]) -> Result<HashSet<FunctionId>, String> {
    let names: HashMap<FunctionId, String> = module
        .funcs
        .iter_local()
        .map(|(id, _)| {
            (
                id,
                without_hashes(module.funcs.get(id).name.as_deref().unwrap_or_default()),
            )
        })
        .collect();
    let cut = |id: &FunctionId| {
        let name = names.get(id);
        let named = name.is_some_and(|name| paths.iter().any(|path| is_of(name, path)));
        named && size(module, *id) > SHARED
    };
    for path in paths {
        if !names.values().any(|name| is_of(name, path)) {
            return Err(format!("there is no function of {path}"));
        }
    }
    let mut waiting: Vec<FunctionId> = module.start.into_iter().collect();
    waiting.extend(exported(module));
    waiting.extend(in_tables(module));
    let mut reached = HashSet::new();
    while let Some(id) = waiting.pop() {
        if !cut(&id) && reached.insert(id) {
            waiting.extend(uses(module, id));
        }
    }
    Ok(names
        .into_keys()
        .filter(|id| !reached.contains(id))
        .collect())
}

fn size(module: &Module, id: FunctionId) -> u64 {
    match &module.funcs.get(id).kind {
        FunctionKind::Local(body) => body.size(),
        _ => 0,
    }
}

/// What a function calls, and the functions whose address it takes.
pub fn uses(module: &Module, id: FunctionId) -> Vec<FunctionId> {
    #[derive(Default)]
    struct Uses(Vec<FunctionId>);
    impl<'a> Visitor<'a> for Uses {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.0.push(*function);
        }
    }
    let mut uses = Uses::default();
    if let FunctionKind::Local(body) = &module.funcs.get(id).kind {
        ir::dfs_in_order(&mut uses, body, body.entry_block());
    }
    uses.0
}

/// The functions that are seen from outside.
pub fn exported(module: &Module) -> impl Iterator<Item = FunctionId> {
    module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        })
}

/// The functions of the element segments.
pub fn in_tables(module: &Module) -> Vec<FunctionId> {
    let mut all = Vec::new();
    for element in module.elements.iter() {
        match &element.items {
            ElementItems::Functions(ids) => all.extend(ids),
            ElementItems::Expressions(_, values) => {
                for value in values {
                    if let walrus::ConstExpr::RefFunc(id) = value {
                        all.push(*id);
                    }
                }
            }
        }
    }
    all
}

/// Whether a function stands in a path, is a method or closure of what does, or is our own code, or Leptos', made for such a
/// function or closure.
///
/// What the standard library has for such types and closures does not count: compilers make one function of those that come
/// out the same for several types, and call it by any of their names.
fn is_of(name: &str, path: &str) -> bool {
    let mut own = name.trim_start_matches(['<', '&', '*', '[', '(']);
    for word in ["mut ", "const ", "dyn "] {
        own = own.strip_prefix(word).unwrap_or(own);
    }
    let is_ours = ["throughline_", "leptos_dom::"]
        .iter()
        .any(|ours| own.starts_with(ours));
    name.match_indices(path).any(|(at, _)| {
        let (before, after) = (&name[..at], &name[at + path.len()..]);
        let whole =
            !before.ends_with(|char| is_word(char) || char == ':') && !after.starts_with(is_word);
        let item = after.split(['<', '>', ',']).next().unwrap_or_default();
        let last = item.rsplit("::").next().unwrap_or_default();
        let is_code = last.starts_with(|first: char| first == '{' || first.is_lowercase());
        whole && (own.len() == name.len() - at || is_ours && is_code)
    })
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Compilers write a crate's name with its hash, `crate[0123abcd]::module`.
fn without_hashes(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('[') {
        let (before, from) = rest.split_at(at);
        let end = from.find(']').unwrap_or(0);
        let inside = from.get(1..end).unwrap_or_default();
        let is_hash = inside.len() > 4 && inside.bytes().all(|byte| byte.is_ascii_hexdigit());
        kept.push_str(before);
        let skip = if is_hash { end + 1 } else { 1 };
        if !is_hash {
            kept.push('[');
        }
        rest = from.get(skip..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_paths() {
        let check = |name: &str, expected: bool| {
            assert_eq!(is_of(&without_hashes(name), "a::b"), expected, "{name}");
        };
        check("a::b", true);
        check("a::b::c", true);
        check("a[00ff00aa11]::b::c", true);
        check(
            "<a[00ff00aa11]::b::C as core[12345678]::fmt::Debug>::fmt",
            true,
        );
        check(
            "<&mut a[00ff00aa11]::b::C as core[12345678]::fmt::Debug>::fmt",
            true,
        );
        check(
            "throughline_x::each::<a[00ff00aa11]::b::c::{closure#0}>",
            true,
        );
        check(
            "<throughline_x::Each<a[00ff00aa11]::b::c::{closure#1}>>::next",
            true,
        );
        check(
            "<throughline_x::Each<a[00ff00aa11]::b::C>>::next::<d::{closure#0}>",
            false,
        );
        check("throughline_x::each::<a::bc::D>", false);
        check("throughline_x::each::<x::a::b>", false);
        check(
            "core[12345678]::slice::sort::<[a[00ff00aa11]::b::C]>",
            false,
        );
        check("<core::option::Option<a::b::C>>::map", false);
        check("a::bc::d", false);
        check("x::a::b", false);
        check("xa::b", false);
        check("", false);
    }
}

//! Which functions and constants belong to the later part: those of the named modules, and all that only they use.
//!
//! **Invariant**: reads a module, changes nothing.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use walrus::{
    ElementItems, ExportItem, FunctionId, FunctionKind, Module,
    ir::{self, Visitor},
};

use crate::linked::{Linked, Target};

/// Functions of so many instructions or fewer are cut nowhere: compilers make one of those that come out the same, which
/// small ones do, and call it by any of their names.
const SHARED: u64 = 100;
/// Fewer bytes are not worth a place of their own, nor a hole.
const FEW: u32 = 16;

/// What the later part has.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Later {
    pub functions: HashSet<FunctionId>,
    /// Those of them whose address the first part takes.
    pub taken: HashSet<FunctionId>,
    /// Where in memory its constants are; in order, apart from each other.
    pub constants: Vec<Range<u32>>,
}

impl Later {
    /// What is not reached from outside without going through one of `paths`.
    ///
    /// A path is a Rust module or function as it stands in a symbol's name, such as `throughline_model::import::jaeger`.
    ///
    /// # Errors
    /// When there is no function of a path: it was renamed, and the list was forgotten.
    pub fn of(module: &Module, linked: &Linked, paths: &[&str]) -> Result<Self, String> {
        let names = Names::of(module);
        let cut = names.cut(module, paths)?;
        let mut walk = Walk {
            module,
            linked,
            names: &names,
            cut: &cut,
            functions: HashSet::new(),
            constants: HashSet::new(),
            taken: HashSet::new(),
        };
        let roots = walk.roots();
        walk.from(roots);
        let functions = names.by_id.keys().copied();
        let functions: HashSet<_> = functions
            .filter(|id| !walk.functions.contains(id))
            .collect();
        Ok(Self {
            taken: walk.taken.intersection(&functions).copied().collect(),
            constants: ranges(linked, &walk.constants),
            functions,
        })
    }
}

/// Where the constants are that the first part does not reach. Those that follow each other are one, with what is between
/// them: it is nobody's.
fn ranges(linked: &Linked, reached: &HashSet<usize>) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    let mut before_is_later = false;
    for (place, constant) in linked.constants.iter().enumerate() {
        let is_later = !reached.contains(&place);
        if is_later {
            match ranges.last_mut() {
                Some(last) if before_is_later && constant.at.start - last.end <= FEW => {
                    last.end = constant.at.end;
                }
                _ => ranges.push(constant.at.clone()),
            }
        }
        before_is_later = is_later;
    }
    ranges.retain(|range| range.end - range.start >= FEW);
    ranges
}

/// The symbols of a module's own functions.
struct Names<'a> {
    by_id: HashMap<FunctionId, &'a str>,
    ids: HashMap<&'a str, Vec<FunctionId>>,
}

impl<'a> Names<'a> {
    fn of(module: &'a Module) -> Self {
        let mut names = Self {
            by_id: HashMap::new(),
            ids: HashMap::new(),
        };
        for (id, _) in module.funcs.iter_local() {
            let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
            names.by_id.insert(id, name);
            names.ids.entry(name).or_default().push(id);
        }
        names
    }

    /// The functions of the paths.
    fn cut(&self, module: &Module, paths: &[&str]) -> Result<HashSet<FunctionId>, String> {
        let mut found = vec![false; paths.len()];
        let mut cut = HashSet::new();
        for (id, name) in &self.by_id {
            let name = format!("{:#}", rustc_demangle::demangle(name));
            for (found, path) in found.iter_mut().zip(paths) {
                if is_of(&name, path) {
                    *found = true;
                    if size(module, *id) > SHARED {
                        cut.insert(*id);
                    }
                }
            }
        }
        match found.iter().position(|found| !found) {
            Some(at) => Err(format!("there is no function of {}", paths[at])),
            None => Ok(cut),
        }
    }
}

/// The first part, found from outside inwards.
struct Walk<'a> {
    module: &'a Module,
    linked: &'a Linked,
    names: &'a Names<'a>,
    cut: &'a HashSet<FunctionId>,
    functions: HashSet<FunctionId>,
    constants: HashSet<usize>,
    taken: HashSet<FunctionId>,
}

enum Node {
    Function(FunctionId),
    Constant(usize),
}

impl Walk<'_> {
    /// What is seen from outside; what is in a table though nobody has its address; and what functions refer to that the
    /// module does not have: wasm-bindgen gave them another name, or did what they are for.
    fn roots(&mut self) -> Vec<Node> {
        let addressed = self.addressed();
        let in_tables = in_tables(self.module);
        let alone = in_tables.into_iter().filter(|id| !addressed.contains(id));
        let alone: Vec<FunctionId> = alone.collect();
        self.taken.extend(&alone);
        let outside = self.module.start.into_iter().chain(exported(self.module));
        let mut roots: Vec<Node> = outside.chain(alone).map(Node::Function).collect();
        for (name, targets) in &self.linked.functions {
            if !self.names.ids.contains_key(&**name) {
                self.follow(targets, &mut roots);
            }
        }
        roots
    }

    /// What is referred to.
    fn follow(&mut self, targets: &[Target], into: &mut Vec<Node>) {
        for target in targets {
            if let Target::Constant(place) = target {
                into.push(Node::Constant(*place));
            }
            for id in self.named(target).to_vec() {
                self.taken.insert(id);
                into.push(Node::Function(id));
            }
        }
    }

    /// The functions whose address a function of this module or a constant has.
    fn addressed(&self) -> HashSet<FunctionId> {
        let functions = self.names.ids.keys();
        let by_functions = functions.filter_map(|name| self.linked.functions.get(*name));
        let by_constants = self.linked.constants.iter().map(|it| &it.refers_to);
        let targets = by_functions.chain(by_constants).flatten();
        targets
            .flat_map(|target| self.named(target))
            .copied()
            .collect()
    }

    fn named(&self, target: &Target) -> &[FunctionId] {
        match target {
            Target::Function(name) => self.names.ids.get(&**name).map_or(&[], Vec::as_slice),
            Target::Constant(_) => &[],
        }
    }

    fn from(&mut self, mut waiting: Vec<Node>) {
        while let Some(node) = waiting.pop() {
            let targets = match node {
                Node::Function(id) => {
                    if self.cut.contains(&id) || !self.functions.insert(id) {
                        continue;
                    }
                    waiting.extend(uses(self.module, id).into_iter().map(Node::Function));
                    let name = self.names.by_id.get(&id);
                    name.and_then(|name| self.linked.functions.get(*name))
                }
                Node::Constant(place) => {
                    if !self.constants.insert(place) {
                        continue;
                    }
                    Some(&self.linked.constants[place].refers_to)
                }
            };
            if let Some(targets) = targets {
                self.follow(targets, &mut waiting);
            }
        }
    }
}

fn size(module: &Module, id: FunctionId) -> u64 {
    match &module.funcs.get(id).kind {
        FunctionKind::Local(body) => body.size(),
        _ => 0,
    }
}

/// What a function calls.
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
fn in_tables(module: &Module) -> Vec<FunctionId> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_paths() {
        let check =
            |name: &str, expected: bool| assert_eq!(is_of(name, "a::b"), expected, "{name}");
        check("a::b", true);
        check("a::b::c", true);
        check("a::b::c::{closure#0}", true);
        check("a::b::c::<core::option::Option<u8>>", true);
        check("<a::b::C as core::fmt::Debug>::fmt", true);
        check("<&mut a::b::C as core::fmt::Debug>::fmt", true);
        check("core::slice::sort::<[a::b::C]>", false);
        check("<core::option::Option<a::b::C>>::map", false);
        check("a::bc::d", false);
        check("x::a::b", false);
        check("xa::b", false);
        check("", false);
    }
}

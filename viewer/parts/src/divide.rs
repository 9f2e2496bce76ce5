//! One module becomes two that share memory, tables and globals.
//!
//! The first part keeps everything that it has outside: exports, tables, and the data that it reaches. A function of the
//! later part that it calls becomes a few instructions there: load the later part unless it is loaded, then call through a
//! slot at the end of the function table. The later part imports what it uses from the exports of the first, fills the
//! slots and the holes in table and memory, and says in a global that it is there.
//!
//! The first part has to export the function [`LOAD`], which instantiates the later part with the first one's exports as
//! its import module [`FROM`], and returns when that is done.
//!
//! **Invariant**: both parts are made of the same bytes, read twice; ids of the one reading say nothing in the other, the
//! functions' places do.

mod first;
mod later;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
};

use walrus::{
    ConstExpr, DataKind, ExportItem, FunctionId, Module, ModuleConfig, Table, TableId, ir::Value,
};

use crate::{
    linked::Linked,
    reach::{self, Later},
};

/// The export that loads the later part.
const LOAD: &str = "load_later";
/// The export that says whether the later part is there: an `i32`, 0 before, 1 after.
const LOADED: &str = "later";
/// The name of the module that the later part imports from.
const FROM: &str = "";

/// Two modules.
pub struct Parts {
    pub first: Vec<u8>,
    pub later: Vec<u8>,
}

/// Divides a module: what only the named paths use, and themselves, is the later part. `linked` is what the module was made
/// of, as the linker left it.
///
/// # Errors
/// When a module does not read or lacks what the parts need, or none of a path's functions is in it.
pub fn divide(whole: &[u8], linked: &[u8], paths: &[&str]) -> Result<Parts, String> {
    let linked = Linked::read(linked)?;
    let mut first = read(whole)?;
    let mut later = read(whole)?;
    let plan = Plan::of(&first, &linked, paths)?;
    first::reduce(&mut first, &plan)?;
    later::reduce(&mut later, &plan)?;
    Ok(Parts {
        first: first.emit_wasm(),
        later: later.emit_wasm(),
    })
}

fn read(whole: &[u8]) -> Result<Module, String> {
    let mut config = ModuleConfig::new();
    config.generate_producers_section(false);
    let mut module = config.parse(whole).map_err(|error| error.to_string())?;
    // What the linker said holds for its own module alone.
    let said: Vec<String> = module
        .customs
        .iter()
        .map(|(_, section)| section.name().to_owned())
        .filter(|name| name == "linking" || name.starts_with("reloc."))
        .collect();
    for name in said {
        module.customs.remove_raw(&name);
    }
    Ok(module)
}

/// What goes where; functions by their place in the whole.
struct Plan {
    /// Later functions that the first part calls or has in a table: the slot of each.
    slots: BTreeMap<usize, u32>,
    /// Functions of the first part that the later one calls: the export of each.
    shared: BTreeMap<usize, String>,
    /// Later functions that nobody has the address of before the later part is there.
    holes: HashSet<usize>,
    /// All later functions.
    later: HashSet<usize>,
    /// Where in memory the later part's constants are.
    constants: Vec<Range<u32>>,
    /// The size of the function table in the whole.
    base: u32,
}

impl Plan {
    fn of(module: &Module, linked: &Linked, paths: &[&str]) -> Result<Self, String> {
        let places = places(module);
        let later = Later::of(module, linked, paths)?;
        let is_later = |id: &FunctionId| later.functions.contains(id);
        let place = |id: &FunctionId| places.get(id).copied().unwrap_or_default();
        let mut called = BTreeSet::new();
        let mut shared = BTreeSet::new();
        for function in module.funcs.iter() {
            let from_later = is_later(&function.id());
            for used in reach::uses(module, function.id()) {
                match (from_later, is_later(&used)) {
                    (false, true) => _ = called.insert(place(&used)),
                    (true, false) => _ = shared.insert(place(&used)),
                    _ => {}
                }
            }
        }
        let exported = reach::exported(module).filter(is_later);
        called.extend(exported.map(|id| place(&id)));
        called.extend(later.taken.iter().map(place));
        let base = u32::try_from(module.tables.get(functions(module)?).initial)
            .map_err(|_| "the table is too large")?;
        let holes = later.functions.difference(&later.taken);
        Ok(Self {
            slots: called.into_iter().zip(base..).collect(),
            shared: shared
                .into_iter()
                .enumerate()
                .map(|(at, place)| (place, format!("f{at}")))
                .collect(),
            holes: holes.map(place).collect(),
            later: later.functions.iter().map(place).collect(),
            constants: later.constants,
            base,
        })
    }

    fn add_slots(&self, table: &mut Table) {
        let end = u64::from(self.base) + self.slots.len() as u64;
        table.initial = end;
        table.maximum = table.maximum.map(|most| most.max(end));
    }
}

/// Where each function stands in the module.
fn places(module: &Module) -> HashMap<FunctionId, usize> {
    let ids = ids(module).into_iter();
    ids.enumerate().map(|(at, id)| (id, at)).collect()
}

/// The table of functions.
fn functions(module: &Module) -> Result<TableId, String> {
    module
        .tables
        .main_function_table()
        .map_err(|error| error.to_string())?
        .ok_or_else(|| "there is no table of functions".to_owned())
}

fn ids(module: &Module) -> Vec<FunctionId> {
    module.funcs.iter().map(|function| function.id()).collect()
}

/// Memories, tables and globals, and what the first part exports each as.
fn outside(module: &Module) -> Vec<(ExportItem, String)> {
    let memories = module
        .memories
        .iter()
        .map(|memory| ExportItem::Memory(memory.id()));
    let tables = module
        .tables
        .iter()
        .map(|table| ExportItem::Table(table.id()));
    let globals = module
        .globals
        .iter()
        .map(|global| ExportItem::Global(global.id()));
    let named = memories
        .zip(names("m"))
        .chain(tables.zip(names("t")))
        .chain(globals.zip(names("g")));
    named.collect()
}

fn names(kind: &str) -> impl Iterator<Item = String> {
    (0..).map(move |at| format!("{kind}{at}"))
}

/// Leaves those bytes of the module's data that are in `kept`, which is in order, in segments of their own.
fn keep_data(module: &mut Module, kept: &[Range<u32>]) {
    let all: Vec<_> = module.data.iter().map(walrus::Data::id).collect();
    for id in all {
        let data = module.data.get(id);
        let DataKind::Active {
            memory,
            offset: ConstExpr::Value(Value::I32(begin)),
        } = data.kind
        else {
            continue;
        };
        let bytes = data.value.clone();
        let begin = begin as u32;
        let mut pieces = Vec::new();
        for range in kept {
            let from = range.start.max(begin) - begin;
            let to = range.end.max(begin) - begin;
            let to = to.min(bytes.len() as u32);
            if from < to {
                pieces.push((begin + from, bytes[from as usize..to as usize].to_vec()));
            }
        }
        module.memories.get_mut(memory).data_segments.remove(&id);
        module.data.delete(id);
        for (at, bytes) in pieces {
            let offset = ConstExpr::Value(Value::I32(at as i32));
            let kind = DataKind::Active { memory, offset };
            let piece = module.data.add(kind, bytes);
            module.memories.get_mut(memory).data_segments.insert(piece);
        }
    }
}

#[cfg(test)]
mod tests;

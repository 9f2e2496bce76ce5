//! One module becomes two that share memory, tables and globals.
//!
//! The first part keeps everything that it has outside: exports, data, tables. A function of the later part that it calls
//! becomes a few instructions there: load the later part unless it is loaded, then call through a slot at the end of the
//! function table. The later part imports what it uses from the exports of the first, fills the slots, and says in a global
//! that it is there.
//!
//! The first part has to export the function [`LOAD`], which instantiates the later part with the first one's exports as
//! its import module [`FROM`], and returns when that is done.
//!
//! **Invariant**: both parts are made of the same bytes, read twice; ids of the one reading say nothing in the other, the
//! functions' places do.

use std::collections::{BTreeMap, HashSet};

use walrus::{
    ConstExpr, Data, Element, ElementItems, ElementKind, Export, ExportItem, FunctionBuilder,
    FunctionId, FunctionKind, GlobalId, GlobalKind, ImportedFunction, LocalId, Module,
    ModuleConfig, Table, TableId, TypeId, ValType,
    ir::{UnaryOp, Value},
};

use crate::reach;

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

/// Divides a module: what only the named paths use, and themselves, is the later part.
///
/// # Errors
/// When the module does not read, lacks what the parts need, or none of a path's functions is in it.
pub fn divide(whole: &[u8], paths: &[&str]) -> Result<Parts, String> {
    let mut first = read(whole)?;
    let mut later = read(whole)?;
    let plan = Plan::of(&first, paths)?;
    reduce_first(&mut first, &plan)?;
    reduce_later(&mut later, &plan)?;
    Ok(Parts {
        first: first.emit_wasm(),
        later: later.emit_wasm(),
    })
}

fn read(whole: &[u8]) -> Result<Module, String> {
    let mut config = ModuleConfig::new();
    config.generate_producers_section(false);
    config.parse(whole).map_err(|error| error.to_string())
}

/// What goes where; functions by their place in the whole.
struct Plan {
    /// Later functions that the first part calls or has in a table: the slot of each.
    slots: BTreeMap<usize, u32>,
    /// Functions of the first part that the later one calls: the export of each.
    shared: BTreeMap<usize, String>,
    /// The size of the function table in the whole.
    base: u32,
}

impl Plan {
    fn of(module: &Module, paths: &[&str]) -> Result<Self, String> {
        let places: BTreeMap<FunctionId, usize> = module
            .funcs
            .iter()
            .enumerate()
            .map(|(at, f)| (f.id(), at))
            .collect();
        let later = reach::later(module, paths)?;
        let place = |id: &FunctionId| places.get(id).copied().unwrap_or_default();
        let mut called = HashSet::new();
        let mut shared = HashSet::new();
        for function in module.funcs.iter() {
            let from_later = later.contains(&function.id());
            for used in reach::uses(module, function.id()) {
                match (from_later, later.contains(&used)) {
                    (false, true) => _ = called.insert(place(&used)),
                    (true, false) => _ = shared.insert(place(&used)),
                    _ => {}
                }
            }
        }
        let outside = reach::in_tables(module)
            .into_iter()
            .chain(reach::exported(module));
        called.extend(outside.filter(|id| later.contains(id)).map(|id| place(&id)));
        let base = u32::try_from(module.tables.get(functions(module)?).initial)
            .map_err(|_| "the table is too large")?;
        Ok(Self {
            slots: in_order(called).into_iter().zip(base..).collect(),
            shared: in_order(shared)
                .into_iter()
                .enumerate()
                .map(|(at, place)| (place, format!("f{at}")))
                .collect(),
            base,
        })
    }

    fn add_slots(&self, table: &mut Table) {
        let end = u64::from(self.base) + self.slots.len() as u64;
        table.initial = end;
        table.maximum = table.maximum.map(|most| most.max(end));
    }
}

fn in_order(places: HashSet<usize>) -> Vec<usize> {
    let mut places: Vec<usize> = places.into_iter().collect();
    places.sort_unstable();
    places
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

fn reduce_first(module: &mut Module, plan: &Plan) -> Result<(), String> {
    let load = module
        .exports
        .get_func(LOAD)
        .map_err(|_| format!("there is no export {LOAD}"))?;
    let table = functions(module)?;
    let loaded =
        module
            .globals
            .add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
    module.exports.add(LOADED, loaded);
    let ids = ids(module);
    for (place, slot) in &plan.slots {
        let ty = module.funcs.get(ids[*place]).ty();
        let stub = stub(module, ty, load, loaded, table, *slot);
        module.funcs.get_mut(ids[*place]).kind = stub;
    }
    for (place, name) in &plan.shared {
        module.exports.add(name, ids[*place]);
    }
    plan.add_slots(module.tables.get_mut(table));
    for (item, name) in outside(module) {
        module.exports.add(&name, item);
    }
    walrus::passes::gc::run(module);
    Ok(())
}

/// `if (!loaded) load(); return table[slot](…)`.
fn stub(
    module: &mut Module,
    ty: TypeId,
    load: FunctionId,
    loaded: GlobalId,
    table: TableId,
    slot: u32,
) -> FunctionKind {
    let (params, results) = (
        module.types.params(ty).to_vec(),
        module.types.results(ty).to_vec(),
    );
    let locals: Vec<LocalId> = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    body.global_get(loaded).unop(UnaryOp::I32Eqz);
    body.if_else(None, |then| _ = then.call(load), |_| {});
    for local in &locals {
        body.local_get(*local);
    }
    body.i32_const(slot as i32).call_indirect(ty, table);
    FunctionKind::Local(builder.local_func(locals))
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

fn reduce_later(module: &mut Module, plan: &Plan) -> Result<(), String> {
    let table = functions(module)?;
    forget_contents(module);
    import_outside(module)?;
    let ids = ids(module);
    for (place, name) in &plan.shared {
        let function = module.funcs.get(ids[*place]);
        let (id, ty) = (function.id(), function.ty());
        // What the whole has from outside comes through the first part now.
        if let FunctionKind::Import(before) = &function.kind {
            module.imports.delete(before.import);
        }
        let import = module.imports.add(FROM, name, id);
        module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
    }
    let filled: Vec<FunctionId> = plan.slots.keys().map(|place| ids[*place]).collect();
    let offset = ConstExpr::Value(Value::I32(plan.base as i32));
    let items = ElementItems::Functions(filled);
    let element = module
        .elements
        .add(ElementKind::Active { table, offset }, items);
    let slots = module.tables.get_mut(table);
    slots.elem_segments.insert(element);
    plan.add_slots(slots);
    module.start = Some(say_loaded(module));
    walrus::passes::gc::run(module);
    Ok(())
}

/// What fills memory and tables, and what is seen from outside, is the first part's.
fn forget_contents(module: &mut Module) {
    for id in all(module.exports.iter().map(Export::id)) {
        module.exports.delete(id);
    }
    for id in all(module.data.iter().map(Data::id)) {
        module.data.delete(id);
    }
    for id in all(module.elements.iter().map(Element::id)) {
        module.elements.delete(id);
    }
    for memory in module.memories.iter_mut() {
        memory.data_segments.clear();
    }
    for table in module.tables.iter_mut() {
        table.elem_segments.clear();
    }
}

/// A list of ids, so that what they stand for can change meanwhile.
fn all<T>(ids: impl Iterator<Item = T>) -> Vec<T> {
    ids.collect()
}

/// Memories, tables and globals are the first part's.
fn import_outside(module: &mut Module) -> Result<(), String> {
    for (item, name) in outside(module) {
        match item {
            ExportItem::Memory(id) => {
                let import = module.imports.add(FROM, &name, id);
                module.memories.get_mut(id).import = Some(import);
            }
            ExportItem::Table(id) => {
                let import = module.imports.add(FROM, &name, id);
                let table = module.tables.get_mut(id);
                (table.import, table.init) = (Some(import), None);
            }
            ExportItem::Global(id) => {
                let import = module.imports.add(FROM, &name, id);
                module.globals.get_mut(id).kind = GlobalKind::Import(import);
            }
            ExportItem::Function(_) | ExportItem::Tag(_) => {
                return Err("only memories, tables and globals are shared as they are".to_owned());
            }
        }
    }
    Ok(())
}

/// A function that sets the first part's global.
fn say_loaded(module: &mut Module) -> FunctionId {
    let (loaded, _) = module.add_import_global(FROM, LOADED, ValType::I32, true, false);
    let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
    builder.func_body().i32_const(1).global_set(loaded);
    builder.finish(Vec::new(), &mut module.funcs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module whose `run` calls `near` and, through the table and directly, `far`; `far` calls `near` and `own`.
    const WHOLE: &str = r#"(module
        (import "js" "log" (func $log (param i32)))
        (import "js" "load" (func $load_js))
        (type $unary (func (param i32) (result i32)))
        (memory (export "memory") 1)
        (global $depth (mut i32) (i32.const 7))
        (table 3 3 funcref)
        (elem (i32.const 1) $app::near $app::far)
        (data (i32.const 8) "data")
        (func $app::near (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func $app::far (param i32) (result i32)
            FILLER
            (call $log (local.get 0))
            (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
            (i32.mul (call $app::near (local.get 0)) (call $own)))
        (func $own (result i32) (i32.load8_u (i32.const 8)))
        (func (export "run") (param i32) (result i32)
            (i32.add (call $app::far (local.get 0))
                (call_indirect (type $unary) (local.get 0) (i32.const 2))))
        (func (export "depth") (result i32) (global.get $depth))
        (func (export "load_later") (call $load_js)))"#;

    /// Small functions are never divided from what calls them.
    fn whole() -> String {
        WHOLE.replace("FILLER", &"(drop (i32.const 0))".repeat(60))
    }

    fn parts(paths: &[&str]) -> Result<Parts, String> {
        divide(&wat::parse_str(whole()).unwrap(), paths)
    }

    fn names(module: &Module) -> Vec<String> {
        let locals = module.funcs.iter_local();
        let mut names: Vec<String> = locals
            .filter_map(|(id, _)| module.funcs.get(id).name.clone())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_only_the_later_part_uses_goes_with_it() {
        let parts = parts(&["app::far"]).unwrap();
        let (first, later) = (read(&parts.first).unwrap(), read(&parts.later).unwrap());
        assert_eq!(names(&first), ["app::far", "app::near"]);
        assert_eq!(names(&later), ["app::far", "own"]);
        assert_eq!(later.data.iter().count(), 0);
        let from: Vec<&str> = later.imports.iter().map(|import| &*import.module).collect();
        assert!(from.iter().all(|from| from.is_empty()), "{from:?}");
    }

    #[test]
    fn what_cannot_be_divided_says_why() {
        let check = |whole: &str, paths: &[&str], expected: &str| {
            let error = divide(&wat::parse_str(whole).unwrap(), paths).err();
            assert!(
                error
                    .as_deref()
                    .is_some_and(|error| error.contains(expected)),
                "{error:?}"
            );
        };
        check("(module (table 1 funcref))", &[], "load_later");
        check(r#"(module (func (export "load_later")))"#, &[], "no table");
        check(&whole(), &["app::gone"], "app::gone");
    }

    /// Both parts in node: the later one is loaded by the first call of `far`, once, and all works as in the whole.
    #[test]
    fn the_parts_do_what_the_whole_did() {
        let dir = std::env::temp_dir().join(format!("throughline-parts-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let parts = parts(&["app::far"]).unwrap();
        std::fs::write(dir.join("first.wasm"), parts.first).unwrap();
        std::fs::write(dir.join("later.wasm"), parts.later).unwrap();
        let script = r#"
            const read = (name) => new WebAssembly.Module(require('fs').readFileSync(process.argv[1] + '/' + name));
            let loads = 0;
            const logged = [];
            const first = new WebAssembly.Instance(read('first.wasm'), { js: {
                log: (n) => logged.push(n),
                load: () => { loads++; new WebAssembly.Instance(read('later.wasm'), { '': first.exports }); },
            } });
            const { run, depth, later } = first.exports;
            const before = [depth(), later.value, loads];
            console.log(JSON.stringify([before, run(3), run(4), depth(), later.value, loads, logged]));
        "#;
        let node = std::env::var("THROUGHLINE_NODE").unwrap_or_else(|_| "node".to_owned());
        let out = std::process::Command::new(node)
            .args(["-e", script])
            .arg(&dir)
            .output();
        std::fs::remove_dir_all(&dir).ok();
        let out = out.expect("node");
        let printed = String::from_utf8_lossy(&out.stdout);
        let errors = String::from_utf8_lossy(&out.stderr);
        assert_eq!(
            printed.trim(),
            "[[7,0,0],800,1000,11,1,1,[3,3,4,4]]",
            "{errors}"
        );
    }
}

//! The whole becomes the later part.
//!
//! **Invariant**: nothing is seen from outside; it fills what the first part left open, and no more.

use walrus::{
    ConstExpr, Element, ElementItems, ElementKind, Export, ExportItem, FunctionBuilder, FunctionId,
    FunctionKind, GlobalKind, ImportedFunction, Module, TableId, ValType, ir::Value,
};

use super::{FROM, LOADED, Plan, functions, ids, keep_data, outside, places};

pub(super) fn reduce(module: &mut Module, plan: &Plan) -> Result<(), String> {
    let table = functions(module)?;
    let ids = ids(module);
    let mut runs = own_runs(module, plan, table);
    runs.push((
        plan.base,
        plan.slots.keys().map(|place| ids[*place]).collect(),
    ));
    forget_outside(module);
    import_outside(module)?;
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
    for (begin, ids) in runs {
        let offset = ConstExpr::Value(Value::I32(begin as i32));
        let kind = ElementKind::Active { table, offset };
        let element = module.elements.add(kind, ElementItems::Functions(ids));
        module.tables.get_mut(table).elem_segments.insert(element);
    }
    plan.add_slots(module.tables.get_mut(table));
    keep_data(module, &plan.constants);
    module.start = Some(say_loaded(module));
    walrus::passes::gc::run(module);
    Ok(())
}

/// Where in the function table the later part's own functions stand, one after the other.
fn own_runs(module: &Module, plan: &Plan, functions: TableId) -> Vec<(u32, Vec<FunctionId>)> {
    let places = places(module);
    let mut runs: Vec<(u32, Vec<FunctionId>)> = Vec::new();
    for (begin, ids) in in_table(module, functions) {
        for (at, id) in (begin..).zip(ids) {
            if !places
                .get(&id)
                .is_some_and(|place| plan.later.contains(place))
            {
                continue;
            }
            match runs.last_mut() {
                Some((from, run)) if *from + run.len() as u32 == at => run.push(id),
                _ => runs.push((at, vec![id])),
            }
        }
    }
    runs
}

/// The segments that fill the function table by themselves: where each begins, and what it has.
fn in_table(module: &Module, functions: TableId) -> Vec<(u32, Vec<FunctionId>)> {
    let segments =
        module
            .elements
            .iter()
            .filter_map(|element| match (&element.kind, &element.items) {
                (
                    ElementKind::Active {
                        table,
                        offset: ConstExpr::Value(Value::I32(begin)),
                    },
                    ElementItems::Functions(ids),
                ) if *table == functions => Some((*begin as u32, ids.clone())),
                _ => None,
            });
    segments.collect()
}

/// What is seen from outside, and what the tables have, is the first part's.
fn forget_outside(module: &mut Module) {
    for id in all(module.exports.iter().map(Export::id)) {
        module.exports.delete(id);
    }
    for id in all(module.elements.iter().map(Element::id)) {
        module.elements.delete(id);
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

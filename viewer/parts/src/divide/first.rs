//! The whole becomes the first part.
//!
//! **Invariant**: everything that was seen from outside still is.

use walrus::{
    ConstExpr, ElementItems, ElementKind, FunctionBuilder, FunctionId, FunctionKind, GlobalId,
    LocalId, Module, TableId, TypeId, ValType,
    ir::{UnaryOp, Value},
};

use super::{LOAD, LOADED, Plan, functions, ids, keep_data, outside, places};

pub(super) fn reduce(module: &mut Module, plan: &Plan) -> Result<(), String> {
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
    leave_holes(module, plan, load, table);
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
    let mut kept = Vec::with_capacity(plan.constants.len() + 1);
    let mut from = 0;
    for range in &plan.constants {
        kept.push(from..range.start);
        from = range.end;
    }
    kept.push(from..u32::MAX);
    keep_data(module, &kept);
    walrus::passes::gc::run(module);
    Ok(())
}

/// In the table, what loads the later part stands in for what nobody can ask for before it is there: that is smaller than
/// many segments.
fn leave_holes(module: &mut Module, plan: &Plan, load: FunctionId, functions: TableId) {
    let places = places(module);
    for element in module.elements.iter_mut() {
        let is_it = matches!(element.kind, ElementKind::Active { table, .. } if table == functions);
        if let (true, ElementItems::Functions(ids)) = (is_it, &mut element.items) {
            for id in ids {
                if places
                    .get(id)
                    .is_some_and(|place| plan.holes.contains(place))
                {
                    *id = load;
                }
            }
        }
    }
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

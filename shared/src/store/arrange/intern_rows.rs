//! Equal resources and equal scopes become one row, and each resource gets its service.
//!
//! A JSON-lines file repeats its resource on every line: a hundred thousand lines are one resource, not as many.
//!
//! **Invariant:** rows are equal only when everything about them is; nested values count as different.

use hashbrown::HashMap;

use super::in_parts;
use crate::{
    issues::IssueKind,
    store::{Range, Resources, Scopes, Value, ValueKind, Values, builder::StoreBuilder},
    strings::StrIdx,
};

/// What a resource without `service.name` is called, by the OpenTelemetry resource conventions.
const UNKNOWN_SERVICE: &str = "unknown_service";

/// Gives the service names (string handles); `resources.service` holds indices into them.
pub(super) fn intern_rows(builder: &mut StoreBuilder) -> Vec<u32> {
    let rows = intern_resources(builder);
    renumber(&mut builder.spans.resource, &rows);
    let rows = intern_scopes(builder);
    renumber(&mut builder.spans.scope, &rows);
    name_services(builder)
}

fn renumber(column: &mut [u32], rows: &[u32]) {
    // Nothing was equal: every row keeps its number.
    if rows.iter().enumerate().all(|(at, &row)| at == row as usize) {
        return;
    }
    in_parts(0..column.len(), &mut |part| {
        for row in &mut column[part] {
            *row = rows[*row as usize];
        }
    });
}

type Key = (Vec<(u32, u8, u64)>, [u32; 4]);

fn intern_resources(builder: &mut StoreBuilder) -> Vec<u32> {
    let old = core::mem::take(&mut builder.resources);
    let mut new = Resources::default();
    let mut known: HashMap<Key, u32> = HashMap::new();
    let rows = (0..old.service.len()).map(|at| {
        let next = new.service.len() as u32;
        let key = comparable(&builder.attributes, old.attributes[at])
            .map(|values| (values, [old.dropped[at], old.schema_url[at], 0, 0]));
        let row = key.map_or(next, |key| *known.entry(key).or_insert(next));
        if row == next {
            new.service.push(0);
            new.attributes.push(old.attributes[at]);
            new.dropped.push(old.dropped[at]);
            new.schema_url.push(old.schema_url[at]);
        }
        row
    });
    let rows = rows.collect();
    builder.resources = new;
    rows
}

fn intern_scopes(builder: &mut StoreBuilder) -> Vec<u32> {
    let old = core::mem::take(&mut builder.scopes);
    let mut new = Scopes::default();
    let mut known: HashMap<Key, u32> = HashMap::new();
    let rows = (0..old.name.len()).map(|at| {
        let next = new.name.len() as u32;
        let rest = [
            old.dropped[at],
            old.schema_url[at],
            old.name[at],
            old.version[at],
        ];
        let key = comparable(&builder.attributes, old.attributes[at]).map(|values| (values, rest));
        let row = key.map_or(next, |key| *known.entry(key).or_insert(next));
        if row == next {
            new.name.push(old.name[at]);
            new.version.push(old.version[at]);
            new.attributes.push(old.attributes[at]);
            new.dropped.push(old.dropped[at]);
            new.schema_url.push(old.schema_url[at]);
        }
        row
    });
    let rows = rows.collect();
    builder.scopes = new;
    rows
}

/// The values of a range as something to compare, unless one of them is nested.
fn comparable(values: &Values, range: [u32; 2]) -> Option<Vec<(u32, u8, u64)>> {
    let rows = Range::from_pair(range).rows();
    rows.map(|row| {
        let kind = values.kind[row];
        (kind < ValueKind::Array as u8).then(|| (values.key[row], kind, values.payload[row]))
    })
    .collect()
}

fn name_services(builder: &mut StoreBuilder) -> Vec<u32> {
    let service_name = builder.intern("service.name");
    let unknown = builder.intern(UNKNOWN_SERVICE);
    let mut services: Vec<u32> = Vec::new();
    let mut known: HashMap<StrIdx, u32> = HashMap::new();
    let mut unnamed = 0;
    for at in 0..builder.resources.service.len() {
        let mut rows = Range::from_pair(builder.resources.attributes[at]).rows();
        let found = rows.find_map(|row| {
            let values = &builder.attributes;
            match Value::unpack(values.kind[row], values.payload[row]) {
                Value::Str(name) if values.key[row] == service_name.0 => Some(name),
                _ => None,
            }
        });
        let name = found.filter(|name| !name.is_empty()).unwrap_or(unknown);
        unnamed += u64::from(name == unknown);
        let next = services.len() as u32;
        let service = *known.entry(name).or_insert(next);
        if service == next {
            services.push(name.0);
        }
        builder.resources.service[at] = service;
    }
    builder.issues.clear(IssueKind::MissingServiceName);
    builder.issues.set_source(0);
    builder
        .issues
        .add_many(IssueKind::MissingServiceName, unnamed);
    services
}

//! Endpoints: `{ "serviceName", "ipv4", "ipv6", "port" }`.
//!
//! The local one is the resource of a span; the remote one becomes attributes of it.
//!
//! **Invariant:** the same endpoint is the same resource.

use super::Import;
use crate::{
    json::Result,
    store::{
        Value,
        builder::{ResourceIdx, ResourceRecord, StoreBuilder},
    },
    strings::StrIdx,
};

/// Who takes part in a span; everything may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Endpoint {
    pub service: StrIdx,
    ipv4: StrIdx,
    ipv6: StrIdx,
    port: Option<i64>,
}

impl Endpoint {
    /// The attributes, pushed to the innermost open list; `side` is `local` or `peer`.
    pub fn push(self, service_key: &str, side: &str, builder: &mut StoreBuilder) {
        let mut push = |key: &str, value: Value| {
            let key = builder.intern(key);
            builder.push_value(key, value);
        };
        if !self.service.is_empty() {
            push(service_key, Value::Str(self.service));
        }
        let addresses = [self.ipv4, self.ipv6];
        let mut given = addresses.into_iter().filter(|address| !address.is_empty());
        if let Some(address) = given.next() {
            push(&format!("network.{side}.address"), Value::Str(address));
        }
        if let Some(second) = given.next() {
            push(&format!("network.{side}.address.ipv6"), Value::Str(second));
        }
        if let Some(port) = self.port {
            push(&format!("network.{side}.port"), Value::Int(port));
        }
    }
}

impl Import<'_, '_, '_, '_> {
    /// Reads an endpoint; null is `None`.
    pub(super) fn endpoint(&mut self) -> Result<Option<Endpoint>> {
        if !self.reader.begin_map()? {
            return Ok(None);
        }
        let mut endpoint = Endpoint::default();
        while let Some(key) = self.reader.next_key()? {
            match key.bytes {
                b"serviceName" => endpoint.service = self.text()?,
                b"ipv4" => endpoint.ipv4 = self.text()?,
                b"ipv6" => endpoint.ipv6 = self.text()?,
                // Zipkin's own codecs write 0 where there is no port.
                b"port" => endpoint.port = self.reader.i64()?.filter(|&port| port != 0),
                _ => self.reader.skip_value()?,
            }
        }
        Ok(Some(endpoint))
    }

    pub(super) fn resource(&mut self, local: Endpoint) -> ResourceIdx {
        let builder = &mut *self.session.builder;
        *self.resources.entry(local).or_insert_with(|| {
            let list = builder.open_list();
            local.push("service.name", "local", builder);
            let attributes = builder.close_attributes(list);
            builder.resource(ResourceRecord {
                attributes,
                ..ResourceRecord::default()
            })
        })
    }
}

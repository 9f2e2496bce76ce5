//! Endpoints: `{ "serviceName", "ipv4", "ipv6", "port" }`.
//!
//! The local one is the resource of a span; the remote one becomes attributes of it.
//!
//! **Invariant:** the same endpoint is the same resource.

use super::Import;
use crate::{
    json::{Expected, Fields, Result},
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
    /// The attributes, pushed to the innermost open list.
    #[inline(never)]
    pub fn push(self, side: &Side, builder: &mut StoreBuilder) {
        let mut push = |key: &str, value: Value| {
            let key = builder.intern(key);
            builder.push_value(key, value);
        };
        if !self.service.is_empty() {
            push(side.service, Value::Str(self.service));
        }
        let addresses = [self.ipv4, self.ipv6];
        let mut given = addresses.into_iter().filter(|address| !address.is_empty());
        if let Some(address) = given.next() {
            push(side.address, Value::Str(address));
        }
        if let Some(second) = given.next() {
            push(side.second_address, Value::Str(second));
        }
        if let Some(port) = self.port {
            push(side.port, Value::Int(port));
        }
    }
}

/// What the parts of an endpoint are called as attributes.
pub(super) struct Side {
    service: &'static str,
    address: &'static str,
    second_address: &'static str,
    port: &'static str,
}

/// The endpoint that reports.
pub(super) const LOCAL: Side = Side {
    service: "service.name",
    address: "network.local.address",
    second_address: "network.local.address.ipv6",
    port: "network.local.port",
};

/// The endpoint at the other side.
pub(super) const PEER: Side = Side {
    service: "peer.service",
    address: "network.peer.address",
    second_address: "network.peer.address.ipv6",
    port: "network.peer.port",
};

/// The fields of an endpoint by number.
mod field {
    pub const SERVICE: u8 = 1;
    pub const IPV4: u8 = 2;
    pub const IPV6: u8 = 3;
    pub const PORT: u8 = 4;
}

const FIELDS: Fields = Fields {
    expected: &[
        Expected::new("\n"),
        Expected::new("serviceName"),
        Expected::new("ipv4"),
        Expected::new("ipv6"),
        Expected::new("port"),
    ],
    names: &[
        ("serviceName", field::SERVICE),
        ("ipv4", field::IPV4),
        ("ipv6", field::IPV6),
        ("port", field::PORT),
    ],
};

impl Import<'_, '_, '_, '_> {
    /// Reads an endpoint; null is `None`.
    #[inline(never)]
    pub(super) fn endpoint(&mut self) -> Result<Option<Endpoint>> {
        if !self.reader.begin_map()? {
            return Ok(None);
        }
        let mut endpoint = Endpoint::default();
        self.endpoint_order.begin();
        while let Some(field) = self.reader.next_field(&FIELDS, &mut self.endpoint_order)? {
            match field {
                field::SERVICE => endpoint.service = self.text()?,
                field::IPV4 => endpoint.ipv4 = self.text()?,
                field::IPV6 => endpoint.ipv6 = self.text()?,
                // Zipkin's own codecs write 0 where there is no port.
                field::PORT => endpoint.port = self.reader.i64()?.filter(|&port| port != 0),
                _ => self.reader.skip_value()?,
            }
        }
        Ok(Some(endpoint))
    }

    #[inline(never)]
    pub(super) fn resource(&mut self, local: Endpoint) -> ResourceIdx {
        let builder = &mut *self.session.builder;
        *self.resources.entry(local).or_insert_with(|| {
            let list = builder.open_list();
            local.push(&LOCAL, builder);
            let attributes = builder.close_attributes(list);
            builder.resource(ResourceRecord {
                attributes,
                ..ResourceRecord::default()
            })
        })
    }
}

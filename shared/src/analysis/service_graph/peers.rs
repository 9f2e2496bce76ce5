//! What an outgoing span calls when nobody answered with spans: named by the span's attributes.
//!
//! Names of the semantic conventions, current and former, and what Zipkin and Jaeger clients wrote before them:
//!
//! | kind | name | detail |
//! |---|---|---|
//! | database | `peer.service`, else the system | namespace, else the address |
//! | queue | `peer.service`, else the system | destination, unless it is a temporary one |
//! | service | `peer.service`, else the address with its port, else the host of the URL, else the RPC service | |
//!
//! **Invariant:** names come from the data as they are; a span that names nothing has no peer. Spans that name the
//! same thing are looked up by handles, without copying text.

use hashbrown::HashMap;

use crate::{
    store::{Range, TraceStore, Value},
    strings::StrIdx,
};

/// Something that was called and made no spans.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// What sort of thing.
    pub kind: PeerKind,
    /// What to call it; never empty.
    pub name: String,
    /// Which one of its name: a database, a topic; may be empty.
    pub detail: String,
}

/// The sorts of peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerKind {
    /// Answers requests: HTTP, RPC, anything that is not one of the others.
    Service,
    /// Keeps data.
    Database,
    /// Carries messages.
    Queue,
}

/// What an attribute says about a peer. In groups, the better source first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Role {
    PeerService = 1,
    Address,
    OlderAddress,
    Ip,
    Port,
    OlderPort,
    Url,
    System,
    OlderSystem,
    Namespace,
    OlderNamespace,
    Messaging,
    Destination,
    OlderDestination,
    Temporary,
    Rpc,
}

const ROLES: usize = Role::Rpc as usize + 1;

fn role_of(key: &str) -> Option<Role> {
    Some(match key {
        "peer.service" => Role::PeerService,
        "server.address" => Role::Address,
        "net.peer.name" | "peer.hostname" | "http.host" | "out.host" | "net.sock.peer.name" => {
            Role::OlderAddress
        }
        "network.peer.address"
        | "net.sock.peer.addr"
        | "net.peer.ip"
        | "peer.ipv4"
        | "peer.address" => Role::Ip,
        "server.port" => Role::Port,
        "net.peer.port" | "peer.port" | "network.peer.port" | "network.destination.port" => {
            Role::OlderPort
        }
        "url.full" | "http.url" => Role::Url,
        "db.system.name" => Role::System,
        "db.system" | "db.type" => Role::OlderSystem,
        "db.namespace" => Role::Namespace,
        "db.name" | "db.instance" => Role::OlderNamespace,
        "messaging.system" => Role::Messaging,
        "messaging.destination.name" => Role::Destination,
        "messaging.destination" | "message_bus.destination" => Role::OlderDestination,
        "messaging.destination.temporary" | "messaging.destination.anonymous" => Role::Temporary,
        "rpc.service" => Role::Rpc,
        _ => return None,
    })
}

/// The role of every key, by string handle.
pub(super) struct Roles {
    by_string: Vec<u8>,
}

impl Roles {
    pub(super) fn of(store: &TraceStore) -> Self {
        let by_string = store
            .strings()
            .iter()
            .map(|(_, text)| role_of(text).map_or(0, |role| role as u8))
            .collect();
        Self { by_string }
    }
}

/// What a span says about its peer: handles, and the port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Key {
    kind: u8,
    name: u32,
    detail: u32,
    port: u32,
    /// Whether `name` is a URL, of which the host counts.
    url: bool,
}

/// The peers that were found, numbered as they came.
#[derive(Default)]
pub(super) struct Peers {
    by_key: HashMap<Key, Option<u32>>,
    by_peer: HashMap<Peer, u32>,
    /// The peers by number.
    pub(super) list: Vec<Peer>,
}

impl Peers {
    /// The number of the peer that an outgoing span names, if it names one.
    pub(super) fn of_span(&mut self, store: &TraceStore, roles: &Roles, row: u32) -> Option<u32> {
        let key = Key::of_span(store, roles, row)?;
        if let Some(known) = self.by_key.get(&key) {
            return *known;
        }
        let found = key.peer(store).map(|peer| match self.by_peer.get(&peer) {
            Some(&known) => known,
            None => {
                let next = self.list.len() as u32;
                self.list.push(peer.clone());
                self.by_peer.insert(peer, next);
                next
            }
        });
        self.by_key.insert(key, found);
        found
    }
}

impl Key {
    fn of_span(store: &TraceStore, roles: &Roles, row: u32) -> Option<Self> {
        let table = store.attributes();
        let mut found = [Value::Empty; ROLES];
        for at in Range::from_pair(store.spans().attributes[row as usize]).rows() {
            let role = roles
                .by_string
                .get(table.key[at] as usize)
                .copied()
                .unwrap_or(0);
            if role > 0 && found[role as usize] == Value::Empty {
                found[role as usize] = Value::unpack(table.kind[at], table.payload[at]);
            }
        }
        let text = |role: Role| match found[role as usize] {
            Value::Str(idx) if !idx.is_empty() => Some(idx.0),
            _ => None,
        };
        let either = |first, second| text(first).or_else(|| text(second));
        let named = text(Role::PeerService);
        let address = either(Role::Address, Role::OlderAddress).or_else(|| text(Role::Ip));
        if let Some(system) = either(Role::System, Role::OlderSystem) {
            return Some(Self {
                kind: PeerKind::Database as u8,
                name: named.unwrap_or(system),
                detail: either(Role::Namespace, Role::OlderNamespace)
                    .or(address)
                    .unwrap_or(0),
                ..Self::default()
            });
        }
        if let Some(system) = text(Role::Messaging) {
            let lasting = found[Role::Temporary as usize] != Value::Bool(true);
            let destination = either(Role::Destination, Role::OlderDestination).filter(|_| lasting);
            return Some(Self {
                kind: PeerKind::Queue as u8,
                name: named.unwrap_or(system),
                detail: destination.unwrap_or(0),
                ..Self::default()
            });
        }
        let service = Self {
            kind: PeerKind::Service as u8,
            ..Self::default()
        };
        if let Some(name) = named {
            return Some(Self { name, ..service });
        }
        if let Some(name) = address {
            let port = [Role::Port, Role::OlderPort]
                .into_iter()
                .find_map(|role| port_of(store, found[role as usize]));
            return Some(Self {
                name,
                port: port.unwrap_or(0),
                ..service
            });
        }
        match text(Role::Url) {
            Some(name) => Some(Self {
                name,
                url: true,
                ..service
            }),
            None => text(Role::Rpc).map(|name| Self { name, ..service }),
        }
    }

    /// The words behind the handles; nothing for a URL without a host.
    fn peer(self, store: &TraceStore) -> Option<Peer> {
        let name = store.str(StrIdx(self.name));
        let name = if self.url { host_of(name)? } else { name };
        let kind = match self.kind {
            kind if kind == PeerKind::Database as u8 => PeerKind::Database,
            kind if kind == PeerKind::Queue as u8 => PeerKind::Queue,
            _ => PeerKind::Service,
        };
        let mut name = name.to_owned();
        // The usual ports say nothing; an older host attribute can hold the port already.
        if !matches!(self.port, 0 | 80 | 443) && !has_port(&name) {
            name = if name.contains(':') {
                format!("[{name}]:{}", self.port)
            } else {
                format!("{name}:{}", self.port)
            };
        }
        Some(Peer {
            kind,
            name,
            detail: store.str(StrIdx(self.detail)).to_owned(),
        })
    }
}

fn port_of(store: &TraceStore, value: Value) -> Option<u32> {
    match value {
        Value::Int(port) => u32::try_from(port).ok(),
        Value::Str(text) => store.str(text).parse().ok(),
        _ => None,
    }
}

/// Host and port of an absolute URL, without user and password.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty()).then_some(host)
}

/// `host:80` and `[::1]:80` have one; `host` and the bare address `::1` have none.
fn has_port(host: &str) -> bool {
    match host.rsplit_once(':') {
        Some((before, port)) => {
            (before.ends_with(']') || !before.contains(':'))
                && port.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => false,
    }
}

//! The words of the made-up trace: names, attributes, events.
//!
//! **Invariant:** appends JSON that needs no escapes; the same numbers give the same words.

use std::fmt::Write;

pub(super) const SERVICES: [&str; 24] = [
    "gateway",
    "storefront",
    "checkout",
    "basket",
    "prices",
    "stock",
    "payments",
    "risk",
    "dispatch",
    "mailer",
    "accounts",
    "sessions",
    "products",
    "searcher",
    "suggestions",
    "ratings",
    "pictures",
    "bookkeeping",
    "taxes",
    "vouchers",
    "places",
    "exchange",
    "audits",
    "switches",
];
const THINGS: [&str; 10] = [
    "order", "basket", "customer", "price", "parcel", "voucher", "invoice", "picture", "rating",
    "place",
];
const DEEDS: [&str; 7] = [
    "Load", "Check", "Store", "Count", "Merge", "Reserve", "Render",
];
/// How many different words a name can be made from.
pub(super) const WORDS: usize = THINGS.len() * DEEDS.len();

/// What a span stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Server,
    Client,
    Inner,
    Database,
    Cache,
    Sender,
    Receiver,
}

impl Kind {
    /// What has no children, by a number below 100.
    pub(super) const fn leaf(dice: usize) -> Self {
        match dice {
            0..40 => Self::Database,
            40..62 => Self::Cache,
            62..94 => Self::Inner,
            _ => Self::Client,
        }
    }

    /// What a child with children is.
    pub(super) const fn inner_child(self, dice: usize) -> Self {
        match (self, dice) {
            (Self::Client, _) => Self::Server,
            (Self::Sender, _) => Self::Receiver,
            (_, 0..60) => Self::Client,
            (_, 60..66) => Self::Sender,
            _ => Self::Inner,
        }
    }

    /// Whether its children are in another service.
    pub(super) const fn goes_elsewhere(self) -> bool {
        matches!(self, Self::Client | Self::Sender)
    }

    /// The number of OTLP's span kind.
    pub(super) const fn otlp(self) -> u8 {
        match self {
            Self::Inner => 1,
            Self::Server => 2,
            Self::Client | Self::Database | Self::Cache => 3,
            Self::Sender => 4,
            Self::Receiver => 5,
        }
    }
}

const fn thing(word: usize) -> &'static str {
    THINGS[word % THINGS.len()]
}

const fn deed(word: usize) -> &'static str {
    DEEDS[word / THINGS.len() % DEEDS.len()]
}

const fn sql(word: usize) -> &'static str {
    ["SELECT", "UPDATE", "INSERT"][word % 3]
}

const fn cache(word: usize) -> &'static str {
    ["GET", "SET", "HMGET"][word % 3]
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

pub(super) fn name(out: &mut String, kind: Kind, service: usize, word: usize, root: bool) {
    let (thing, deed, service) = (thing(word), deed(word), super::service(service));
    match kind {
        _ if root => out.push_str(super::ROOT),
        Kind::Server | Kind::Client => put(
            out,
            format_args!("shop.{thing}.v2.{deed}Service/{deed}{thing}"),
        ),
        Kind::Inner => put(out, format_args!("{service}.{deed}{thing}")),
        Kind::Database => put(out, format_args!("{} {thing}s", sql(word))),
        Kind::Cache => put(out, format_args!("{} {thing}", cache(word))),
        Kind::Sender => put(out, format_args!("{thing}-changes send")),
        Kind::Receiver => put(out, format_args!("{thing}-changes process")),
    }
}

pub(super) fn resource(out: &mut String, service: usize, instance: usize) {
    let name = super::service(service);
    let rows = [
        ("service.name", name.to_owned()),
        ("service.namespace", "shop".to_owned()),
        ("service.version", format!("3.{service}.{instance}")),
        (
            "service.instance.id",
            format!(
                "{name}-{instance}-{:08x}",
                super::mix(service as u64) as u32
            ),
        ),
        ("deployment.environment.name", "production".to_owned()),
        ("k8s.pod.name", format!("{name}-7d9f{instance}")),
        (
            "telemetry.sdk.language",
            ["go", "java", "rust", "nodejs"][service % 4].to_owned(),
        ),
    ];
    out.push_str("{\"resource\":{\"attributes\":[");
    for (at, (key, value)) in rows.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        text(out, key, value);
    }
    put(
        out,
        format_args!(
            "]}},\"scopeSpans\":[{{\"scope\":{{\"name\":\"shop/{name}\",\"version\":\"1.4.0\"}},\"spans\":["
        ),
    );
}

fn text(out: &mut String, key: &str, value: &str) {
    put(
        out,
        format_args!("{{\"key\":\"{key}\",\"value\":{{\"stringValue\":\"{value}\"}}}}"),
    );
}

fn number(out: &mut String, key: &str, value: u64) {
    put(
        out,
        format_args!("{{\"key\":\"{key}\",\"value\":{{\"intValue\":\"{value}\"}}}}"),
    );
}

pub(super) fn attributes(
    out: &mut String,
    kind: Kind,
    service: usize,
    word: usize,
    dice: u64,
    error: bool,
) {
    let (thing, deed, own) = (thing(word), deed(word), super::service(service));
    let address = format!("10.{}.{}.{}", dice & 31, dice >> 8 & 255, dice >> 16 & 255);
    let mut rows: Vec<(&str, Result<u64, String>)> = match kind {
        Kind::Server | Kind::Client => vec![
            ("rpc.system", Err("grpc".into())),
            ("rpc.service", Err(format!("shop.{thing}.v2.{deed}Service"))),
            ("rpc.method", Err(format!("{deed}{thing}"))),
            ("rpc.grpc.status_code", Ok(if error { 4 } else { 0 })),
            (
                "server.address",
                Err(format!("{own}.shop.svc.cluster.local")),
            ),
            ("server.port", Ok(8443)),
        ],
        Kind::Database => vec![
            ("db.system.name", Err("postgresql".into())),
            ("db.namespace", Err(format!("{own}_live"))),
            ("db.collection.name", Err(format!("{thing}s"))),
            ("db.operation.name", Err(sql(word).into())),
            (
                "db.query.text",
                Err(format!(
                    "{} {thing}s WHERE id = $1 AND state IN ($2, $3) ORDER BY changed_at LIMIT 100",
                    sql(word)
                )),
            ),
            ("db.response.returned_rows", Ok(dice & 127)),
        ],
        Kind::Cache => vec![
            ("db.system.name", Err("redis".into())),
            ("db.operation.name", Err(cache(word).into())),
            (
                "db.query.text",
                Err(format!("{} {thing}:{}", cache(word), dice % 1_000_000)),
            ),
            (
                "server.address",
                Err(format!("cache-{}.shop.internal", dice & 3)),
            ),
            ("server.port", Ok(6379)),
            ("cache.bytes", Ok(dice >> 20 & 16383)),
        ],
        Kind::Sender | Kind::Receiver => vec![
            ("messaging.system", Err("kafka".into())),
            (
                "messaging.destination.name",
                Err(format!("{thing}-changes")),
            ),
            ("messaging.kafka.offset", Ok(dice >> 12 & 0x0fff_ffff)),
            ("messaging.message.id", Err(format!("{dice:016x}"))),
            ("messaging.message.body.size", Ok(200 + (dice & 4095))),
            ("server.address", Err("kafka.shop.internal".into())),
        ],
        Kind::Inner => vec![
            (
                "code.function.name",
                Err(format!("shop::{own}::{deed}{thing}::run")),
            ),
            (
                "code.file.path",
                Err(format!("services/{own}/src/{deed}{thing}.rs")),
            ),
            ("code.line.number", Ok(10 + dice % 900)),
            ("thread.id", Ok(1 + (dice & 63))),
            ("thread.name", Err(format!("worker-{}", dice & 63))),
            ("shop.tenant", Err(format!("tenant-{}", dice % 500))),
        ],
    };
    rows.push(("network.peer.address", Err(address)));
    rows.push(("shop.request.bytes", Ok(dice >> 24 & 65_535)));
    for (at, (key, value)) in rows.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        match value {
            Ok(value) => number(out, key, *value),
            Err(value) => text(out, key, value),
        }
    }
}

pub(super) fn exception(out: &mut String, at: u64, number: usize) {
    put(
        out,
        format_args!(
            ",\"events\":[{{\"timeUnixNano\":\"{at}\",\"name\":\"exception\",\"attributes\":["
        ),
    );
    text(out, "exception.type", "DeadlineExceeded");
    out.push(',');
    text(out, "exception.message", "no answer in 250 ms");
    out.push(',');
    let stack = format!(
        "DeadlineExceeded: no answer in 250 ms\\n  at call (client.rs:{})\\n  at run (retry.rs:41)\\n  at main (main.rs:7)",
        number % 400
    );
    text(out, "exception.stacktrace", &stack);
    out.push_str("]}]");
}

pub(super) fn event(out: &mut String, at: u64, number: usize) {
    let name = ["cache miss", "retry planned", "lock taken"][number / 10 % 3];
    put(
        out,
        format_args!(
            ",\"events\":[{{\"timeUnixNano\":\"{at}\",\"name\":\"{name}\",\"attributes\":["
        ),
    );
    text(
        out,
        "message",
        &format!("{} {}s", number % 250, thing(number / 7)),
    );
    out.push_str("]}]");
}

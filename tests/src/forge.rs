//! One small dataset, written in every dialect that the world has for it.
//!
//! Two traces of a shop: a click that goes from the browser through a gateway to a database, with an error, events,
//! links, values of every type and numbers that no float holds; and a message that is handled later.
//!
//! **Invariant:** the same bytes on every run and every machine: no clock, no randomness.

mod dialects;
mod jaeger;
mod zipkin;

use throughline_model::{
    ids::{SpanId, TraceId},
    otlp::{
        Attribute, Event, Kind, Link, Resource, ResourceSpans, Scope, ScopeSpans, Span, Status,
        Value,
    },
    time::UnixNanos,
};

pub use dialects::{jsonl, otlp_json, otlp_proto};
pub use jaeger::jaeger;
pub use zipkin::{zipkin_v1, zipkin_v2};

/// Nanoseconds that are no multiple of what a double can hold at this size.
pub const START: u64 = 1_700_000_000_123_456_789;
/// The first trace.
pub const CLICK: TraceId = TraceId(0x5b8e_fff7_9803_8103_d269_b633_813f_c60c);
/// The second trace, whose id has leading zeros.
pub const MAIL: TraceId = TraceId(0x0000_0000_0000_0001_2f31_47a7_b0c9_08e5);

/// A file of the shipped corpus: its path in there and its content.
pub struct File {
    /// Relative path.
    pub name: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The dataset itself.
pub fn shop() -> Vec<ResourceSpans> {
    vec![
        service("web", "1.4.0", vec![click(), fetch()]),
        service("gateway", "2.0.1", vec![receive(), query(), publish()]),
        service("mailer", "0.9.0", vec![deliver(), render()]),
    ]
}

/// Every file that the generator makes.
pub fn files() -> Vec<File> {
    let mut files = dialects::files();
    files.extend(jaeger::files());
    files.extend(zipkin::files());
    files
}

fn service(name: &'static str, version: &'static str, spans: Vec<Span>) -> ResourceSpans {
    ResourceSpans {
        resource: Resource {
            attributes: vec![
                Attribute::new("service.name", name),
                Attribute::new("service.version", version),
                Attribute::new("process.pid", Value::Int(4711)),
            ],
            dropped_attributes: 0,
        },
        scopes: vec![ScopeSpans {
            scope: Scope {
                name: "shop/http".into(),
                version: "3.2".into(),
                ..Scope::default()
            },
            spans,
            schema_url: "https://opentelemetry.io/schemas/1.27.0".into(),
        }],
        schema_url: "".into(),
    }
}

fn span(id: u64, parent: u64, name: &'static str, kind: Kind, start: u64, micros: u64) -> Span {
    Span {
        trace_id: CLICK,
        span_id: SpanId(id),
        parent_span_id: SpanId(parent),
        name: name.into(),
        kind,
        start: UnixNanos(START + start * 1_000),
        end: UnixNanos(START + (start + micros) * 1_000),
        ..Span::default()
    }
}

fn click() -> Span {
    Span {
        trace_state: "shop=1,vendor=ab:cd".into(),
        flags: 0x101,
        attributes: vec![
            Attribute::new("user.action", "click „Zur Kasse“ ☕"),
            Attribute::new(
                "viewport",
                Value::Array(vec![Value::Int(1280), Value::Int(720)]),
            ),
        ],
        ..span(
            0xeee1_9b7e_c3c1_b174,
            0,
            "click Check out",
            Kind::Internal,
            0,
            2_400,
        )
    }
}

fn fetch() -> Span {
    Span {
        attributes: vec![
            Attribute::new("http.request.method", "POST"),
            Attribute::new("http.response.status_code", Value::Int(502)),
        ],
        events: vec![
            Event {
                time: UnixNanos(START + 210_000),
                name: "retry".into(),
                attributes: vec![Attribute::new("attempt", Value::Int(2))],
                dropped_attributes: 1,
            },
            Event {
                time: UnixNanos(START + 230_000),
                name: "exception".into(),
                attributes: vec![
                    Attribute::new("exception.type", "HttpError"),
                    Attribute::new("exception.message", "502 \"Bad Gateway\"\nupstream"),
                ],
                dropped_attributes: 0,
            },
        ],
        status: Status::Error("502 Bad Gateway".into()),
        ..span(
            0x00f0_67aa_0ba9_02b7,
            0xeee1_9b7e_c3c1_b174,
            "POST /checkout",
            Kind::Client,
            100,
            2_000,
        )
    }
}

fn receive() -> Span {
    Span {
        flags: 0x301,
        status: Status::Error("no stock".into()),
        ..span(
            0xa2fb_4a1d_1a96_d312,
            0x00f0_67aa_0ba9_02b7,
            "POST /checkout",
            Kind::Server,
            300,
            1_500,
        )
    }
}

fn query() -> Span {
    Span {
        attributes: vec![
            Attribute::new("db.system.name", "sqlite"),
            Attribute::new("db.rows", Value::Int(9_007_199_254_740_993)),
            Attribute::new("db.smallest", Value::Int(i64::MIN)),
            Attribute::new("db.ratio", Value::Double(0.1)),
            Attribute::new("db.cached", Value::Bool(false)),
            Attribute::new("db.key", Value::Bytes(vec![0, 1, 254, 255])),
            Attribute::new(
                "db.plan",
                Value::Map(vec![
                    Attribute::new("scan", "items"),
                    Attribute::new(
                        "steps",
                        Value::Array(vec![Value::Bool(true), Value::Double(2.5)]),
                    ),
                ]),
            ),
        ],
        dropped_attributes: 3,
        dropped_events: 2,
        dropped_links: 1,
        status: Status::Ok,
        ..span(
            0xb7ad_6b71_6920_3331,
            0xa2fb_4a1d_1a96_d312,
            "SELECT items",
            Kind::Client,
            400,
            350,
        )
    }
}

fn publish() -> Span {
    span(
        0x0123_4567_89ab_cdef,
        0xa2fb_4a1d_1a96_d312,
        "mails send",
        Kind::Producer,
        800,
        20,
    )
}

fn deliver() -> Span {
    Span {
        trace_id: MAIL,
        links: vec![Link {
            trace_id: CLICK,
            span_id: SpanId(0x0123_4567_89ab_cdef),
            trace_state: "shop=1".into(),
            flags: 0x301,
            attributes: vec![Attribute::new("messaging.batch", Value::Int(1))],
            dropped_attributes: 0,
        }],
        ..span(
            0xfedc_ba98_7654_3210,
            0,
            "mails process",
            Kind::Consumer,
            5_000,
            700,
        )
    }
}

fn render() -> Span {
    Span {
        trace_id: MAIL,
        ..span(
            0x7,
            0xfedc_ba98_7654_3210,
            "render",
            Kind::Internal,
            5_100,
            1,
        )
    }
}

//! What `throughline_model::otlp` encodes is read back, with every kind of value, by an
//! independent decoder and by our own importers.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Decoded;
use prost::Message;
use throughline_model::ids::{SpanId, TraceId};
use throughline_model::import::{Input, Silent, import};
use throughline_model::otlp::{
    Attribute, Event, Kind, Link, Resource, ResourceSpans, Scope, ScopeSpans, Span, Status, Value,
    encode_traces, encode_traces_json,
};
use throughline_model::store::TraceStore;
use throughline_model::store::builder::StoreBuilder;
use throughline_model::time::UnixNanos;

const TRACE: TraceId = TraceId(0x5b8e_fff7_9803_8103_d269_b633_813f_c60c);
const ROOT: SpanId = SpanId(0xeee1_9b7e_c3c1_b174);
const CHILD: SpanId = SpanId(0xeee1_9b7e_c3c1_b175);

fn request() -> Vec<ResourceSpans> {
    let root = Span {
        trace_id: TRACE,
        span_id: ROOT,
        trace_state: "a=b".into(),
        name: "größer".into(),
        kind: Kind::Server,
        start: UnixNanos(1_544_712_660_000_000_001),
        end: UnixNanos(1_544_712_661_000_000_003),
        status: Status::Ok,
        flags: 0x101,
        ..Span::default()
    };
    let child = Span {
        trace_id: TRACE,
        span_id: CHILD,
        parent_span_id: ROOT,
        name: "child".into(),
        kind: Kind::Client,
        start: UnixNanos(1_544_712_660_000_000_002),
        end: UnixNanos(1_544_712_660_500_000_000),
        attributes: vec![
            Attribute::new("text", "x".repeat(1_000)),
            Attribute::new("empty", ""),
            Attribute::new("yes", true),
            Attribute::new("no", false),
            Attribute::new("least", i64::MIN),
            Attribute::new("zero", 0),
            Attribute::new("half", 0.5),
            Attribute::new("bytes", Value::Bytes(vec![0, 255])),
            Attribute::new(
                "list",
                Value::Array(vec![1.into(), "two".into(), Value::Array(vec![])]),
            ),
            Attribute::new("map", Value::Map(vec![Attribute::new("k", 3)])),
        ],
        dropped_attributes: 7,
        events: vec![Event {
            time: UnixNanos(1_544_712_660_100_000_000),
            name: "event".into(),
            attributes: vec![Attribute::new("e", 1)],
            dropped_attributes: 2,
        }],
        dropped_events: 8,
        links: vec![Link {
            trace_id: TraceId(1),
            span_id: SpanId(2),
            trace_state: "l=1".into(),
            flags: 1,
            attributes: vec![Attribute::new("l", 1)],
            dropped_attributes: 3,
        }],
        dropped_links: 9,
        status: Status::Error("no".into()),
        ..Span::default()
    };
    vec![ResourceSpans {
        resource: Resource {
            attributes: vec![Attribute::new("service.name", "web")],
            dropped_attributes: 4,
        },
        scopes: vec![ScopeSpans {
            scope: Scope {
                name: "scope".into(),
                version: "1".into(),
                attributes: vec![Attribute::new("s", 1)],
                dropped_attributes: 5,
            },
            spans: vec![root, child],
            schema_url: "scope-schema".into(),
        }],
        schema_url: "resource-schema".into(),
    }]
}

#[test]
fn an_independent_decoder_reads_the_protobuf() {
    let bytes = encode_traces(&request());
    let decoded = ExportTraceServiceRequest::decode(&*bytes).expect("a whole request");
    // Nothing was lost as unknown and nothing was written twice.
    assert_eq!(decoded.encoded_len(), bytes.len());

    let resource_spans = &decoded.resource_spans[0];
    assert_eq!(resource_spans.schema_url, "resource-schema");
    let resource = resource_spans.resource.as_ref().expect("a resource");
    assert_eq!(
        (resource.attributes.len(), resource.dropped_attributes_count),
        (1, 4)
    );
    let scope_spans = &resource_spans.scope_spans[0];
    assert_eq!(scope_spans.schema_url, "scope-schema");
    let scope = scope_spans.scope.as_ref().expect("a scope");
    assert_eq!((&*scope.name, &*scope.version), ("scope", "1"));
    assert_eq!(
        (scope.attributes.len(), scope.dropped_attributes_count),
        (1, 5)
    );

    let [root, child] = &scope_spans.spans[..] else {
        panic!("two spans")
    };
    assert_eq!(root.trace_id, TRACE.to_bytes());
    assert_eq!((&*root.name, root.kind, root.flags), ("größer", 2, 0x101));
    assert_eq!((&*root.trace_state, root.parent_span_id.len()), ("a=b", 0));
    assert_eq!(root.start_time_unix_nano, 1_544_712_660_000_000_001);
    assert_eq!(root.end_time_unix_nano, 1_544_712_661_000_000_003);
    assert_eq!(root.status.as_ref().map(|status| status.code), Some(1));

    assert_eq!(child.parent_span_id, ROOT.to_bytes());
    assert_eq!(child.dropped_attributes_count, 7);
    assert_eq!((child.events.len(), child.dropped_events_count), (1, 8));
    assert_eq!((child.links.len(), child.dropped_links_count), (1, 9));
    let status = child.status.as_ref().expect("a status");
    assert_eq!((status.code, &*status.message), (2, "no"));
    let link = &child.links[0];
    assert_eq!((&*link.trace_state, link.flags), ("l=1", 1));
    assert_eq!(link.dropped_attributes_count, 3);

    let value = |key: &str| {
        let attribute = child.attributes.iter().find(|each| each.key == key);
        let value = attribute.and_then(|each| each.value.as_ref());
        value
            .and_then(|value| value.value.clone())
            .expect("a value")
    };
    assert_eq!(value("empty"), Decoded::StringValue(String::new()));
    assert_eq!(value("yes"), Decoded::BoolValue(true));
    assert_eq!(value("no"), Decoded::BoolValue(false));
    assert_eq!(value("least"), Decoded::IntValue(i64::MIN));
    assert_eq!(value("zero"), Decoded::IntValue(0));
    assert_eq!(value("half"), Decoded::DoubleValue(0.5));
    assert_eq!(value("bytes"), Decoded::BytesValue(vec![0, 255]));
    let Decoded::ArrayValue(list) = value("list") else {
        panic!("a list")
    };
    assert_eq!(list.values.len(), 3);
    let Decoded::KvlistValue(map) = value("map") else {
        panic!("a map")
    };
    assert_eq!(map.values[0].key, "k");
}

fn imported(bytes: Vec<u8>) -> TraceStore {
    let mut builder = StoreBuilder::new();
    let input = Input {
        name: "request".to_owned(),
        bytes,
    };
    import(&mut builder, input, &mut Silent).expect("spans");
    builder.finish()
}

#[test]
fn our_importers_read_both_encodings_alike() {
    let request = request();
    for bytes in [
        encode_traces(&request),
        encode_traces_json(&request).into_bytes(),
    ] {
        let store = imported(bytes);
        assert_eq!((store.trace_count(), store.span_count()), (1, 2));
        assert_eq!(store.trace(0).id(), TRACE);
        let (root, child) = (store.span(0), store.span(1));
        assert_eq!(
            (root.name(), root.id(), root.trace_state()),
            ("größer", ROOT, "a=b")
        );
        assert_eq!(
            (root.start(), root.end()),
            (
                request[0].scopes[0].spans[0].start,
                request[0].scopes[0].spans[0].end
            )
        );
        assert_eq!(
            (child.id(), child.parent_id(), child.parent()),
            (CHILD, ROOT, Some(0))
        );
        assert_eq!(
            (child.service_name(), child.status_message()),
            ("web", "no")
        );
        assert_eq!((child.attributes().len(), child.dropped()), (10, [7, 8, 9]));
        assert_eq!((child.events().len(), child.links().len()), (1, 1));
        assert_eq!(
            (child.scope().name(), child.scope().dropped()),
            ("scope", 5)
        );
        assert_eq!(child.resource().schema_url(), "resource-schema");
    }
}

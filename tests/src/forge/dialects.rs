//! The dataset as OTLP, in the dialects and containers in which OTLP is found.
//!
//! **Invariant:** every dialect says the same; see the test that compares them.

use serde_json::{Map, Value, json};
use throughline_model::otlp;

use super::{File, shop};
use crate::wrap;

/// As the specification says it.
pub fn otlp_json() -> Value {
    serde_json::from_str(&otlp::encode_traces_json(&shop())).unwrap_or_default()
}

/// As the specification says it.
pub fn otlp_proto() -> Vec<u8> {
    otlp::encode_traces(&shop())
}

/// One request a line, each with one span, last span first: no order is promised.
pub fn jsonl() -> Vec<String> {
    let mut lines = Vec::new();
    for resource in shop() {
        for scope in &resource.scopes {
            for span in &scope.spans {
                let mut one = resource.clone();
                let mut scope = scope.clone();
                scope.spans = vec![span.clone()];
                one.scopes = vec![scope];
                lines.push(otlp::encode_traces_json(&[one]));
            }
        }
    }
    lines.reverse();
    lines
}

pub(super) fn files() -> Vec<File> {
    let plain = otlp_json();
    let text = |value: &Value| value.to_string().into_bytes();
    let pretty = |value: &Value| format!("{value:#}\n").into_bytes();
    let resources = plain.get("resourceSpans").cloned().unwrap_or_default();
    let each = || resources.as_array().into_iter().flatten();
    let signals = [
        json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "hello"}, "traceId": ""}]}]}]}),
        json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "requests", "gauge": {"dataPoints": []}}]}]}]}),
    ];
    let lines: Vec<String> = jsonl()
        .into_iter()
        .zip(signals.iter().cycle())
        .flat_map(|(line, other)| [line, other.to_string()])
        .collect();
    let file = |name: &'static str, bytes: Vec<u8>| File { name, bytes };
    let proto = otlp_proto();
    let per_service: Vec<Vec<u8>> = shop()
        .iter()
        .map(|one| otlp::encode_traces(std::slice::from_ref(one)))
        .collect();
    let concatenated = |wrap: fn(&[u8]) -> Vec<u8>| {
        per_service
            .iter()
            .flat_map(|message| wrap(message))
            .collect::<Vec<u8>>()
    };
    vec![
        file("otlp-json/plain.json", pretty(&plain)),
        file(
            "otlp-json/base64-ids-enum-names.json",
            text(&rewrite(&plain, &to_protojson)),
        ),
        file(
            "otlp-json/upper-case-ids.json",
            text(&rewrite(&plain, &to_upper_ids)),
        ),
        file(
            "otlp-json/numeric-64-bit.json",
            text(&rewrite(&plain, &to_numbers)),
        ),
        file(
            "otlp-json/snake-case.json",
            text(&rewrite(&plain, &to_snake_case)),
        ),
        file(
            "otlp-json/byte-order-mark.json",
            [b"\xef\xbb\xbf".to_vec(), text(&plain)].concat(),
        ),
        file("otlp-json/utf-16.json", wrap::utf16_le(&plain.to_string())),
        file(
            "otlp-json/bare-resources-concatenated.json",
            each().flat_map(pretty).collect(),
        ),
        file(
            "otlp-json/jaeger-v3-result.json",
            text(&json!({ "result": plain })),
        ),
        file(
            "otlp-json/lines-of-all-signals.jsonl",
            lines.join("\n").into_bytes(),
        ),
        file(
            "otlp-legacy/instrumentation-library.json",
            text(&rewrite(&plain, &to_library)),
        ),
        file(
            "tempo-json/batches.json",
            text(&rewrite(&json!({ "batches": resources }), &to_protojson)),
        ),
        file(
            "tempo-json/trace-v2.json",
            text(&json!({ "trace": rewrite(&plain, &to_protojson), "metrics": {} })),
        ),
        file("otlp-proto/plain.pb", proto.clone()),
        file(
            "otlp-proto/length-framed.bin",
            concatenated(wrap::length_framed),
        ),
        file("otlp-proto/grpc-framed.bin", concatenated(wrap::grpc)),
        file(
            "otlp-proto/varint-delimited.bin",
            concatenated(wrap::delimited),
        ),
        file(
            "otlp-proto/bodies-one-after-the-other.pb",
            per_service.concat(),
        ),
    ]
}

/// Rewrites every key and value: `rule` gives what stands in for a key with its value.
fn rewrite(value: &Value, rule: &dyn Fn(&str, &Value) -> (String, Value)) -> Value {
    match value {
        Value::Array(elements) => elements
            .iter()
            .map(|element| rewrite(element, rule))
            .collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| {
                let (key, value) = rule(key, value);
                (key, rewrite(&value, rule))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

const IDS: [&str; 3] = ["traceId", "spanId", "parentSpanId"];
const LONG: [&str; 4] = [
    "startTimeUnixNano",
    "endTimeUnixNano",
    "timeUnixNano",
    "intValue",
];

/// As protobuf's own JSON writers do: ids are bytes and so base64, enumerations are names.
fn to_protojson(key: &str, value: &Value) -> (String, Value) {
    const KINDS: [&str; 6] = [
        "UNSPECIFIED",
        "INTERNAL",
        "SERVER",
        "CLIENT",
        "PRODUCER",
        "CONSUMER",
    ];
    const CODES: [&str; 3] = ["UNSET", "OK", "ERROR"];
    let name = |names: &[&str], prefix: &str| {
        let number = value
            .as_u64()
            .and_then(|number| usize::try_from(number).ok());
        number
            .and_then(|number| names.get(number))
            .map(|name| Value::from(format!("{prefix}{name}")))
    };
    let value = match key {
        _ if IDS.contains(&key) => value.as_str().map(|hex| Value::from(base64_of_hex(hex))),
        "kind" => name(&KINDS, "SPAN_KIND_"),
        "code" => name(&CODES, "STATUS_CODE_"),
        _ => None,
    }
    .unwrap_or_else(|| value.clone());
    (key.to_owned(), value)
}

fn to_upper_ids(key: &str, value: &Value) -> (String, Value) {
    let upper = value
        .as_str()
        .filter(|_| IDS.contains(&key))
        .map(|hex| Value::from(hex.to_uppercase()));
    (key.to_owned(), upper.unwrap_or_else(|| value.clone()))
}

/// As JavaScript's exporter does.
fn to_numbers(key: &str, value: &Value) -> (String, Value) {
    let number = value
        .as_str()
        .filter(|_| LONG.contains(&key))
        .and_then(|text| text.parse::<i64>().ok());
    (
        key.to_owned(),
        number.map_or_else(|| value.clone(), Value::from),
    )
}

fn to_snake_case(key: &str, value: &Value) -> (String, Value) {
    let mut snake = String::new();
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    (snake, value.clone())
}

/// As senders before 0.15 do.
fn to_library(key: &str, value: &Value) -> (String, Value) {
    let old = match key {
        "scopeSpans" => "instrumentationLibrarySpans",
        "scope" => "instrumentationLibrary",
        key => key,
    };
    (old.to_owned(), value.clone())
}

fn base64_of_hex(hex: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let bytes: Vec<u32> = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | group.get(at).copied().unwrap_or(0)
        });
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() {
                letter as char
            } else {
                '='
            });
        }
    }
    out
}

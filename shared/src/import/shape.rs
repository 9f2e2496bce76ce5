//! Which format a JSON value is of, judged by the keys of the first objects in it.
//!
//! ```text
//! { "resourceSpans": …                      decided at once, whatever follows
//! { "data": [ { "traceID": …, "spans": [ { "operationName": …       down to the first span
//! [ [ { "traceId": …, "id": …, "kind": … }  the whole of the first object
//! ```
//!
//! **Invariant:** consumes nothing, and keeps no more than the keys of one object at a time.

use std::borrow::Cow;

use super::foreign;
use crate::json::{Kind, Reader, Result};

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// OTLP of any signal, and Tempo's search hits.
    Otlp,
    Jaeger,
    Zipkin,
    /// Another format, by name.
    Foreign(&'static str),
    /// An empty object or list.
    Empty,
    Unknown,
}

impl Shape {
    /// What a person calls the format that was tried.
    pub fn format(self) -> Option<&'static str> {
        match self {
            Self::Otlp => Some("OTLP JSON"),
            Self::Jaeger => Some("Jaeger JSON"),
            Self::Zipkin => Some("Zipkin JSON"),
            Self::Foreign(_) | Self::Empty | Self::Unknown => None,
        }
    }
}

/// How deep and how wide the first objects are looked for.
const DEPTH: usize = 4;
const ELEMENTS: usize = 4;
/// How many keys of an object are kept.
const KEYS: usize = 64;

/// The shape of the value that the reader stands at.
///
/// # Errors
/// When the syntax breaks before there is anything to go by.
pub(super) fn of(r: &mut Reader<'_>) -> Result<Shape> {
    if !matches!(r.peek(), Kind::Object | Kind::Array) {
        return Err(r.error("an object or an array"));
    }
    // What has to be forgiven will be met and noted again by the importer.
    let (start, notes) = (r.mark(), core::mem::take(&mut r.notes));
    let shape = value(r, 0);
    r.rewind(start);
    r.notes = notes;
    shape
}

fn value(r: &mut Reader<'_>, depth: usize) -> Result<Shape> {
    match r.peek() {
        Kind::Object => object(r, depth),
        Kind::Array if depth < DEPTH => {
            r.begin_array()?;
            let mut shape = Shape::Empty;
            let mut left = ELEMENTS;
            while left > 0 && r.next_element()? {
                left -= 1;
                match value(r, depth + 1)? {
                    // What is empty or odd at the front may be followed by what it is about. After any other verdict
                    // the probe may stand anywhere.
                    Shape::Empty => {}
                    Shape::Unknown => shape = Shape::Unknown,
                    known => return Ok(known),
                }
            }
            Ok(shape)
        }
        _ => {
            r.skip_value()?;
            Ok(Shape::Unknown)
        }
    }
}

/// The keys of one object, with what the values of some of them are.
#[derive(Default)]
pub(super) struct Keys<'a> {
    names: Vec<Cow<'a, [u8]>>,
    /// The first string value of `name`, `type`, `trace_id`, `object` and `format`, which tell formats apart.
    texts: Vec<(&'static str, Cow<'a, [u8]>)>,
    /// What the value of one of them was taken for.
    inner: Option<Shape>,
}

impl Keys<'_> {
    pub fn len(&self) -> usize {
        self.names.len()
    }

    #[inline(never)]
    pub fn has(&self, key: &str) -> bool {
        self.names
            .iter()
            .any(|name| name.as_ref() == key.as_bytes())
    }

    #[inline(never)]
    pub fn has_all(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.has(key))
    }

    #[inline(never)]
    pub fn text(&self, key: &str) -> Option<&[u8]> {
        let found = self.texts.iter().find(|(known, _)| *known == key);
        found.map(|(_, text)| text.as_ref())
    }
}

/// Keys whose text is kept.
const TEXTS: &[&str] = &["name", "type", "trace_id", "object", "format", "kind"];

fn object(r: &mut Reader<'_>, depth: usize) -> Result<Shape> {
    let mut keys = Keys::default();
    let read = object_keys(r, depth, &mut keys);
    if let Ok(Some(shape)) = read {
        return Ok(shape);
    }
    match (classify(&keys), keys.inner, read) {
        // What is inside is the second opinion.
        (Shape::Empty | Shape::Unknown, Some(inner), _) => Ok(inner),
        // An object that breaks off is judged by the keys that are there.
        (Shape::Empty | Shape::Unknown, None, Err(error)) => Err(error),
        (shape, ..) => Ok(shape),
    }
}

fn object_keys<'a>(r: &mut Reader<'a>, depth: usize, keys: &mut Keys<'a>) -> Result<Option<Shape>> {
    r.begin_object()?;
    while let Some(key) = r.next_key()? {
        let name = key.unescape(&mut r.notes);
        match name.as_ref() {
            b"resourceSpans"
            | b"resource_spans"
            | b"scopeSpans"
            | b"scope_spans"
            | b"instrumentationLibrarySpans"
            | b"instrumentation_library_spans"
            | b"batches"
            | b"resourceLogs"
            | b"resource_logs"
            | b"resourceMetrics"
            | b"resource_metrics"
            | b"resourceProfiles"
            | b"resource_profiles"
            | b"spanSet"
            | b"spanSets"
            | b"scopeLogs"
            | b"scopeMetrics" => return Ok(Some(Shape::Otlp)),
            b"binaryAnnotations" | b"localEndpoint" => return Ok(Some(Shape::Zipkin)),
            b"result" | b"trace" | b"traces" | b"data" | b"spans" if depth < DEPTH => {
                let mark = r.mark();
                match value(r, depth + 1)? {
                    // `{"type": "transaction", "spans": [{"span_id"…}]}`: the outer object says more.
                    Shape::Empty | Shape::Unknown => {}
                    shape @ Shape::Foreign(_) => keys.inner = keys.inner.or(Some(shape)),
                    shape => return Ok(Some(shape)),
                }
                r.rewind(mark);
            }
            _ => {}
        }
        let text = TEXTS.iter().find(|text| text.as_bytes() == name.as_ref());
        if keys.names.len() < KEYS {
            keys.names.push(name);
        }
        match text {
            Some(text) if r.peek() == Kind::String => {
                let value = r.raw_string()?.unescape(&mut r.notes);
                keys.texts.push((text, value));
            }
            _ => r.skip_value()?,
        }
    }
    Ok(None)
}

fn classify(keys: &Keys<'_>) -> Shape {
    if keys.names.is_empty() {
        return Shape::Empty;
    }
    if keys.has("rootServiceName") || keys.has("rootTraceName") {
        return Shape::Otlp;
    }
    if keys.has("operationName") && (keys.has("spanID") || keys.has("traceID")) {
        return Shape::Jaeger;
    }
    if keys.has("processes") && (keys.has("spans") || keys.has("traceID")) {
        return Shape::Jaeger;
    }
    if let Some(what) = foreign::json(keys) {
        return Shape::Foreign(what);
    }
    if keys.has_all(&["traceId", "id"])
        && [
            "name",
            "timestamp",
            "annotations",
            "duration",
            "kind",
            "tags",
            "shared",
        ]
        .iter()
        .any(|key| keys.has(key))
    {
        return Shape::Zipkin;
    }
    // Jaeger's answer to a query that found nothing, or an error of its own.
    if keys.has_all(&["data", "total", "limit"]) || keys.has_all(&["data", "errors"]) {
        return Shape::Jaeger;
    }
    Shape::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_keys() {
        let check = |text: &str, expected: Shape| {
            let mut reader = Reader::new(text.as_bytes());
            assert_eq!(
                of(&mut reader).unwrap_or(Shape::Unknown),
                expected,
                "{text}"
            );
        };
        check(r#"{"resourceSpans":["#, Shape::Otlp);
        check(
            r#"{"metrics":{},"trace":{"resourceSpans":[]}}"#,
            Shape::Otlp,
        );
        check(r#"[{"resource":{},"scopeSpans":[]}]"#, Shape::Otlp);
        check(r#"{"resourceLogs":[]}"#, Shape::Otlp);
        check(
            r#"{"logs":[],"meta":{},"traces":{"resourceSpans":[]}}"#,
            Shape::Otlp,
        );
        check(r#"{"traceID":"1","rootServiceName":"x"}"#, Shape::Otlp);
        check(
            r#"{"traces":[{"traceID":"1","spanSet":{"spans":[]}}]}"#,
            Shape::Otlp,
        );
        check(
            r#"{"data":[{"traceID":"1","spans":[{"spanID":"2","operationName":"x"}]}]}"#,
            Shape::Jaeger,
        );
        check(
            r#"{"data":[{"traceID":"1","spans":[],"processes":{}}]}"#,
            Shape::Jaeger,
        );
        check(
            r#"{"data":[],"total":0,"limit":0,"offset":0,"errors":null}"#,
            Shape::Jaeger,
        );
        check(
            r#"[{"traceId":"1","id":"2","kind":"CLIENT"}]"#,
            Shape::Zipkin,
        );
        check(
            r#"[[],[{"traceId":"1","id":"2","name":"x"}]]"#,
            Shape::Zipkin,
        );
        check(r#"[{"traceId":"1","binaryAnnotations":[]}]"#, Shape::Zipkin);
        check(r#"{"traceEvents":[]}"#, Shape::Foreign("a Chrome trace"));
        check(
            r#"{"type":"transaction","spans":[{"span_id":"1","parent_span_id":"2"}]}"#,
            Shape::Foreign("Sentry"),
        );
        check("[]", Shape::Empty);
        check("{}", Shape::Empty);
        check(r#"{"a":1}"#, Shape::Unknown);
        check("17", Shape::Unknown);
        check(&"[".repeat(100_000), Shape::Unknown);
        check(&r#"{"data":"#.repeat(100_000), Shape::Unknown);
    }
}

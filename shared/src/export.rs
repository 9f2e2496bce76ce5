//! A store written out again, for programs that read other formats than ours: OTLP JSON and Jaeger JSON.
//!
//! ```text
//! TraceStore ─┬─ otlp_json    everything, times and 64-bit numbers exact
//!             └─ jaeger_json  what Jaeger's own JSON can hold: microseconds, one text per array or map
//! ```
//!
//! **Invariant:** reads the store through its getters, writes through serde without a tree of values, and knows no
//! importer.

mod jaeger_json;
mod otlp_json;
mod values;

pub use jaeger_json::jaeger_traces;
pub use otlp_json::otlp_resource_spans;

use serde::{Serialize, Serializer, ser::SerializeSeq};

/// Something that serialises as the list that `items` makes; called once for each serialisation.
struct List<F>(F);

impl<F, I> Serialize for List<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = (self.0)();
        let mut list = serializer.serialize_seq(None)?;
        for item in items {
            list.serialize_element(&item)?;
        }
        list.end()
    }
}

/// Something that serialises as the string it displays.
struct Text<T>(T);

impl<T: core::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A list that is left out when it is empty; `None` when it is.
fn unless_empty<F, I>(len: usize, items: F) -> Option<List<F>>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    (len > 0).then_some(List(items))
}

#[cfg(test)]
mod tests {
    use super::{jaeger_traces, otlp_resource_spans};
    use crate::{
        import::{Input, Silent, import},
        store::{TraceStore, builder::StoreBuilder, sample},
    };

    fn import_again(json: String) -> TraceStore {
        let mut builder = StoreBuilder::new();
        let input = Input {
            name: "exported".to_owned(),
            bytes: json.into_bytes(),
        };
        import(&mut builder, input, &mut Silent).unwrap();
        builder.finish()
    }

    #[test]
    fn what_is_exported_as_otlp_comes_back_unchanged() {
        let check = |store: &TraceStore| {
            let traces: Vec<u32> = (0..store.trace_count() as u32).collect();
            let exported =
                |store| serde_json::to_string(&otlp_resource_spans(store, &traces)).unwrap();
            let first = exported(store);
            assert_eq!(exported(&import_again(first.clone())), first);
        };
        check(&sample::store());
        check(&sample::draw(
            "1 - 1795231592862770123 1795231592862770124 gateway server.a\n 2 1 5 5 cart client.b!",
        ));
    }

    #[test]
    fn logs_come_back_under_their_own_resource() {
        let ids = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#;
        let resource = |host: &str| {
            format!(
                r#""resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"cart"}}}},{{"key":"host.name","value":{{"stringValue":"{host}"}}}}]}}"#
            )
        };
        let logs = |host: &str, record: &str| {
            format!(
                r#"{{{},"scopeLogs":[{{"logRecords":[{{"timeUnixNano":"5",{record}"attributes":[],{ids}}}]}}]}}"#,
                resource(host)
            )
        };
        let own = logs("a", r#""severityText":"WARN","body":{"stringValue":"x"},"#);
        let other = logs("b", r#""observedTimeUnixNano":"6","#);
        let spans = format!(
            r#"{{{},"scopeSpans":[{{"scope":{{}},"spans":[{{{ids},"name":"","kind":0,"startTimeUnixNano":"1","endTimeUnixNano":"9","status":{{}}}}]}}]}}"#,
            resource("a")
        );
        let json = format!(r#"{{"resourceSpans":[{spans}],"resourceLogs":[{own},{other}]}}"#);
        let store = import_again(json.clone());
        let again = serde_json::to_string(&otlp_resource_spans(&store, &[0])).unwrap();
        assert_eq!(again, json);
    }

    #[test]
    fn what_is_exported_as_jaeger_comes_back_to_the_microsecond() {
        let store =
            sample::draw("1 - 10000 25999 gateway server.a\n 2 1 12000 18000 cart client.b!");
        let again = import_again(serde_json::to_string(&jaeger_traces(&store, &[0])).unwrap());
        let facts = |store: &TraceStore| {
            let span = |row| {
                let span = store.span(row);
                let place = (
                    span.id(),
                    span.parent(),
                    span.service_name().to_owned(),
                    span.name().to_owned(),
                );
                (
                    place,
                    span.kind(),
                    span.status(),
                    span.start().0 / 1_000,
                    span.duration().0 / 1_000,
                )
            };
            (0..store.span_count() as u32).map(span).collect::<Vec<_>>()
        };
        assert_eq!(facts(&again), facts(&store));
    }
}

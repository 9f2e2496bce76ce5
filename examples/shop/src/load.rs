//! The load: check-outs that the demo makes by itself, as a client with spans of its own.
//!
//! **Invariant:** uses the shop as a browser does, through the gateway's HTTP API; asks the
//! collector only whether a trace has arrived.

use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::HeaderInjector;
use serde_json::{Value, json};
use throughline_model::ids::TraceId;

use crate::collector::Collector;
use crate::demo::say;
use crate::{semconv, telemetry};

/// `service.name` of the load's own spans.
pub const SERVICE: &str = "shop-load";

/// A trace counts as whole when it has not grown for this long.
const QUIET: Duration = Duration::from_millis(750);
/// How long to wait for a trace to be whole.
const WAIT_LIMIT: Duration = Duration::from_secs(10);

/// What to drive, and how to tell.
pub struct Load {
    /// Base URL of the shop.
    pub shop: String,
    /// Base URL of viewer and collector.
    pub base: String,
    /// How many check-outs, one after the other.
    pub count: u32,
    /// JSON lines instead of text.
    pub json: bool,
}

/// Why there was no load.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// The link that opens one trace in the viewer. It goes by the API whose times are exact.
pub fn trace_link(viewer: &str, collector: &str, trace: &str) -> String {
    let source = format!("{collector}/api/v3/traces/{trace}");
    let source = source.replace(':', "%3A").replace('/', "%2F");
    format!("{viewer}/#v=1&url={source}&trace={trace}&view=waterfall")
}

impl Load {
    /// Makes the check-outs and prints a link for each.
    ///
    /// # Errors
    /// When there is no HTTP client; a check-out that fails is printed as such.
    pub async fn drive(&self, collector: &Collector) -> Result<(), LoadError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()?;
        for nth in 0..self.count {
            let begin = Instant::now();
            let (trace, outcome) = self.check_out(&http, nth).await;
            let took = begin.elapsed();
            self.wait_for(collector, trace).await;
            self.tell(nth, collector, trace, outcome.as_ref(), took);
        }
        Ok(())
    }

    /// One check-out: a root span for the click, a client span for the call, as a page makes them.
    async fn check_out(&self, http: &reqwest::Client, nth: u32) -> (TraceId, Result<u16, String>) {
        let tracer = telemetry::tracer("shop.load");
        let root = SpanBuilder::from_name("check out").with_kind(SpanKind::Internal);
        let root = root.with_attributes([KeyValue::new("app.load.number", i64::from(nth + 1))]);
        let root = Context::new().with_span(root.start_with_context(&tracer, &Context::new()));
        let url = format!("{}/api/checkout", self.shop);
        let call = SpanBuilder::from_name("POST /api/checkout")
            .with_kind(SpanKind::Client)
            .with_attributes([
                KeyValue::new(semconv::HTTP_METHOD, "POST"),
                KeyValue::new(semconv::URL_FULL, url.clone()),
                KeyValue::new(semconv::SERVER_ADDRESS, "127.0.0.1"),
            ])
            .start_with_context(&tracer, &root);
        let call = root.with_span(call);
        let mut headers = HeaderMap::new();
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&call, &mut HeaderInjector(&mut headers));
        });
        let request = http
            .post(url)
            .headers(headers)
            .bearer_auth(format!("demo-{:04}", nth % 10_000));
        let outcome = request
            .json(&json!({}))
            .send()
            .with_context(call.clone())
            .await;
        let outcome = match outcome {
            Ok(response) => {
                let status = response.status();
                let body: Value = response.json().await.unwrap_or_default();
                let failed = body["error"].as_str().unwrap_or("no reason given");
                let code = KeyValue::new(semconv::HTTP_STATUS, i64::from(status.as_u16()));
                call.span().set_attribute(code);
                if status.is_success() {
                    Ok(status.as_u16())
                } else {
                    Err(format!("{}: {failed}", status.as_u16()))
                }
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = &outcome {
            call.span().set_status(Status::error(error.clone()));
        }
        call.span().end();
        root.span().end();
        (
            TraceId(u128::from_be_bytes(
                root.span().span_context().trace_id().to_bytes(),
            )),
            outcome,
        )
    }

    async fn wait_for(&self, collector: &Collector, trace: TraceId) {
        let begin = Instant::now();
        let (mut spans, mut since) = (0, Instant::now());
        while begin.elapsed() < WAIT_LIMIT {
            let now = collector.span_count(trace);
            if now != spans {
                (spans, since) = (now, Instant::now());
            }
            if spans > 0 && since.elapsed() >= QUIET {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn tell(
        &self,
        nth: u32,
        collector: &Collector,
        trace: TraceId,
        outcome: Result<&u16, &String>,
        took: Duration,
    ) {
        let id = trace.to_string();
        let link = trace_link(&self.base, &self.base, &id);
        let spans = collector.span_count(trace);
        if self.json {
            let line = json!({
                "trace": id,
                "link": link,
                "spans": spans,
                "status": outcome.ok(),
                "error": outcome.err(),
                "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            });
            say(&line.to_string());
            return;
        }
        let how = outcome.map_or_else(|error| format!("failed ({error})"), |_| "done".to_owned());
        let seconds = took.as_secs_f64();
        say(&format!(
            "  check-out {} {how}, {seconds:.2} s, {spans} spans: {link}",
            nth + 1
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::trace_link;

    #[test]
    fn a_link_carries_source_and_trace() {
        let link = trace_link("http://127.0.0.1:1", "http://127.0.0.1:2", "00ff");
        let source = "http%3A%2F%2F127.0.0.1%3A2%2Fapi%2Fv3%2Ftraces%2F00ff";
        assert_eq!(
            link,
            format!("http://127.0.0.1:1/#v=1&url={source}&trace=00ff&view=waterfall")
        );
    }
}

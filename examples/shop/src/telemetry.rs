//! The OpenTelemetry SDK of one service process: resource, batch processor, OTLP exporter.
//!
//! **Invariant:** knows no service and no route; it is what any Rust service would write.

use std::time::Duration;

use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{
    Compression, ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, IdGenerator, RandomIdGenerator, SdkTracerProvider,
};

/// The running SDK; [`Telemetry::stop`] sends what is left.
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Starts exporting as `service` to `collector`, a base URL such as `http://127.0.0.1:4318`,
    /// and makes this SDK the process's own.
    ///
    /// # Errors
    /// When the exporter cannot be built, for example from a malformed URL.
    ///
    /// Call it outside of any async runtime: the exporter brings a blocking client.
    pub fn start(service: &str, collector: &str) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{collector}/v1/traces"))
            .with_compression(Compression::Gzip)
            .with_timeout(Duration::from_secs(3))
            .build()?;
        let batches = BatchConfigBuilder::default()
            .with_scheduled_delay(EXPORT_INTERVAL)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource(service))
            .with_span_processor(
                BatchSpanProcessor::builder(exporter)
                    .with_batch_config(batches)
                    .build(),
            )
            .build();
        global::set_tracer_provider(provider.clone());
        global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Self { provider })
    }

    /// Sends what is buffered and ends the exporter; gives up after a second, because a demo
    /// that is being stopped must stop. Like [`Telemetry::start`], not for async code.
    pub fn stop(self) {
        // A collector that is already gone is the ordinary case here: nothing is left to say.
        let _ = self.provider.shutdown_with_timeout(Duration::from_secs(1));
    }
}

/// The tracer of one instrumentation scope of this crate, such as `shop.http.server`.
pub fn tracer(scope: &'static str) -> BoxedTracer {
    global::tracer_with_scope(
        InstrumentationScope::builder(scope)
            .with_version(env!("CARGO_PKG_VERSION"))
            .build(),
    )
}

/// Short, so that a trace is whole soon after its last span: this is a demo, one looks at once.
const EXPORT_INTERVAL: Duration = Duration::from_millis(250);

fn resource(service: &str) -> Resource {
    Resource::builder()
        .with_service_name(service.to_owned())
        .with_attributes([
            KeyValue::new("service.namespace", "shop"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance_id()),
            KeyValue::new("deployment.environment.name", "demo"),
            KeyValue::new("host.name", host_name()),
            KeyValue::new("os.type", std::env::consts::OS),
            KeyValue::new("process.pid", i64::from(std::process::id())),
            KeyValue::new("process.runtime.name", "rust"),
        ])
        .build()
}

fn host_name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// A random UUID (version 4) from the SDK's own source of random ids.
fn instance_id() -> String {
    let random = u128::from_be_bytes(RandomIdGenerator::default().new_trace_id().to_bytes());
    let uuid = random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{uuid:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::instance_id;

    #[test]
    fn an_instance_id_is_a_random_uuid() {
        let id = instance_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        assert_ne!(id, instance_id());
    }
}

"""Captures what OpenTelemetry's SDK for Python sends: a loopback server writes each request body to a file.

    python3 -m venv venv
    venv/bin/pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http opentelemetry-exporter-zipkin-json
    venv/bin/python capture.py OUTPUT_FOLDER
"""

import http.server
import pathlib
import sys
import threading
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.zipkin.encoder import Protocol
from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

BODIES = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        BODIES.setdefault(self.path, []).append(body)
        self.send_response(202 if "spans" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Collect(SpanExporter):
    """Keeps the spans, so that every exporter gets the same ones in one batch."""

    def __init__(self):
        self.spans = []

    def export(self, spans):
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


def make_spans():
    collect = Collect()
    provider = TracerProvider(
        resource=Resource.create({"service.name": "checkout", "service.version": "1.2.3"}),
        span_limits=SpanLimits(max_events=2),
    )
    provider.add_span_processor(SimpleSpanProcessor(collect))
    tracer = provider.get_tracer("shop.http", "0.4", schema_url="https://opentelemetry.io/schemas/1.27.0")
    with tracer.start_as_current_span("POST /checkout", kind=SpanKind.SERVER) as root:
        root.set_attributes(
            {"url.path": "/checkout", "retries": 3, "ratio": 0.25, "vip": True, "items": ["tea", "größe"], "big": 2**53 + 1}
        )
        with tracer.start_as_current_span("SELECT stock", kind=SpanKind.CLIENT) as query:
            query.set_attributes({"db.system.name": "sqlite", "server.port": 5432})
            for attempt in range(3):
                query.add_event("retry", {"attempt": attempt})
        with tracer.start_as_current_span("charge", kind=SpanKind.CLIENT) as charge:
            # Without the stack of this machine.
            stack = 'Traceback (most recent call last):\n  File "shop.py", line 7, in charge\nValueError: card declined\n'
            charge.record_exception(ValueError("card declined"), {"exception.stacktrace": stack})
            charge.set_status(Status(StatusCode.ERROR, "card declined"))
        with tracer.start_as_current_span("mails send", kind=SpanKind.PRODUCER) as sender:
            sender.set_status(Status(StatusCode.OK))
    link = Link(sender.get_span_context(), {"messaging.batch": 1})
    with tracer.start_as_current_span("mails process", kind=SpanKind.CONSUMER, links=[link]):
        pass
    return collect.spans


def main(folder):
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    spans = make_spans()
    OTLPSpanExporter(endpoint=f"{base}/otlp").export(spans)
    OTLPSpanExporter(endpoint=f"{base}/otlp-gzip", compression=Compression.Gzip).export(spans)
    ZipkinExporter(endpoint=f"{base}/spans-v2").export(spans)
    ZipkinExporter(endpoint=f"{base}/spans-v1", version=Protocol.V1, max_tag_value_length=256).export(spans)
    server.shutdown()
    names = {
        "/otlp": "python-otlp-http.pb",
        "/otlp-gzip": "python-otlp-http.pb.gz",
        "/spans-v2": "python-zipkin-v2.json",
        "/spans-v1": "python-zipkin-v1.json",
    }
    for path, name in names.items():
        (pathlib.Path(folder) / name).write_bytes(b"".join(BODIES[path]))
    for package in ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "opentelemetry-exporter-zipkin-json"):
        print(package, version(package))


main(sys.argv[1])

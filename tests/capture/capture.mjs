// Captures what OpenTelemetry's SDK for JavaScript sends: a loopback server writes each request body to a file.
//
//     npm install @opentelemetry/sdk-trace-base @opentelemetry/resources @opentelemetry/exporter-trace-otlp-http \
//         @opentelemetry/exporter-trace-otlp-proto @opentelemetry/exporter-zipkin
//     node capture.mjs OUTPUT_FOLDER        (with this file beside node_modules)

import { createServer } from "node:http";
import { writeFileSync, readFileSync } from "node:fs";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { ZipkinExporter } from "@opentelemetry/exporter-zipkin";

const folder = process.argv[2];
const names = {
  "/json": "js-otlp-http.json",
  "/proto": "js-otlp-http.pb",
  "/zipkin": "js-zipkin-v2.json",
};

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    writeFileSync(`${folder}/${names[request.url]}`, Buffer.concat(parts));
    response.writeHead(request.url === "/zipkin" ? 202 : 200).end();
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;

const memory = new InMemorySpanExporter();
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "service.name": "storefront", "service.version": "7.0.0" }),
  spanProcessors: [new SimpleSpanProcessor(memory)],
});
const tracer = provider.getTracer("storefront/http", "2.1");
const root = tracer.startSpan("GET /cart", { kind: SpanKind.SERVER });
const inside = trace.setSpan(ROOT_CONTEXT, root);
root.setAttributes({ "url.path": "/cart", retries: 3, ratio: 0.25, vip: true, items: ["tea", "größe"], big: 2 ** 53 });
const call = tracer.startSpan("GET /stock", { kind: SpanKind.CLIENT, attributes: { "server.port": 8080 } }, inside);
call.addEvent("retry", { attempt: 1 });
// Without the stack of this machine.
call.recordException({ name: "RangeError", message: "no stock", stack: "RangeError: no stock\n    at shop.js:7:11" });
call.setStatus({ code: SpanStatusCode.ERROR, message: "no stock" });
call.end();
const send = tracer.startSpan("mails send", { kind: SpanKind.PRODUCER }, inside);
send.setStatus({ code: SpanStatusCode.OK });
send.end();
root.end();
const links = [{ context: send.spanContext(), attributes: { "messaging.batch": 1 } }];
tracer.startSpan("mails process", { kind: SpanKind.CONSUMER, links }, ROOT_CONTEXT).end();

const exporters = [
  new JsonExporter({ url: `${base}/json` }),
  new ProtoExporter({ url: `${base}/proto` }),
  new ZipkinExporter({ url: `${base}/zipkin` }),
];
for (const exporter of exporters) {
  const result = await new Promise((resolve) => exporter.export(memory.getFinishedSpans(), resolve));
  if (result.code !== 0) throw result.error;
}
server.close();
const packages = ["sdk-trace-base", "exporter-trace-otlp-http", "exporter-trace-otlp-proto", "exporter-zipkin"];
for (const name of packages) {
  const manifest = JSON.parse(readFileSync(new URL(`node_modules/@opentelemetry/${name}/package.json`, import.meta.url)));
  console.log(manifest.name, manifest.version);
}
process.exit(0);

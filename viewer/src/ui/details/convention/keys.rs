//! The keys of the semantic conventions that are recognised, by what they are about.
//!
//! **Invariant:** a table; the current key stands before former ones.

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Count,
    Bytes,
    Yes,
    Statement,
}

/// A label, and the keys that may give its value, the current one first.
pub(super) struct Line(pub &'static str, pub Form, pub &'static [&'static str]);

/// The sections in their order.
pub(super) const SECTIONS: [(&str, &[Line]); 9] = [
    (
        "HTTP",
        &[
            Line(
                "method",
                Form::Plain,
                &["http.request.method", "http.method"],
            ),
            Line("route", Form::Plain, &["http.route"]),
            Line(
                "URL",
                Form::Plain,
                &["url.full", "http.url", "url.path", "http.target"],
            ),
            Line(
                "status",
                Form::Plain,
                &["http.response.status_code", "http.status_code"],
            ),
            Line(
                "sent",
                Form::Bytes,
                &["http.request.body.size", "http.request_content_length"],
            ),
            Line(
                "received",
                Form::Bytes,
                &["http.response.body.size", "http.response_content_length"],
            ),
            Line(
                "tries before",
                Form::Count,
                &["http.request.resend_count", "http.resend_count"],
            ),
        ],
    ),
    (
        "RPC",
        &[
            Line("system", Form::Plain, &["rpc.system.name", "rpc.system"]),
            Line("service", Form::Plain, &["rpc.service"]),
            Line("method", Form::Plain, &["rpc.method"]),
            Line(
                "status",
                Form::Plain,
                &["rpc.response.status_code", "rpc.grpc.status_code"],
            ),
        ],
    ),
    (
        "Database",
        &[
            Line("system", Form::Plain, &["db.system.name", "db.system"]),
            Line("database", Form::Plain, &["db.namespace", "db.name"]),
            Line(
                "operation",
                Form::Plain,
                &["db.operation.name", "db.operation"],
            ),
            Line(
                "collection",
                Form::Plain,
                &[
                    "db.collection.name",
                    "db.sql.table",
                    "db.mongodb.collection",
                ],
            ),
            Line("rows", Form::Count, &["db.response.returned_rows"]),
            Line("batch", Form::Count, &["db.operation.batch.size"]),
            Line("status", Form::Plain, &["db.response.status_code"]),
            Line("", Form::Statement, &["db.query.text", "db.statement"]),
        ],
    ),
    (
        "Messages",
        &[
            Line("system", Form::Plain, &["messaging.system"]),
            Line(
                "destination",
                Form::Plain,
                &["messaging.destination.name", "messaging.destination"],
            ),
            Line(
                "operation",
                Form::Plain,
                &[
                    "messaging.operation.type",
                    "messaging.operation.name",
                    "messaging.operation",
                ],
            ),
            Line(
                "message",
                Form::Plain,
                &["messaging.message.id", "messaging.message_id"],
            ),
            Line(
                "in the batch",
                Form::Count,
                &["messaging.batch.message_count"],
            ),
            Line(
                "partition",
                Form::Plain,
                &[
                    "messaging.destination.partition.id",
                    "messaging.kafka.destination.partition",
                    "messaging.kafka.partition",
                ],
            ),
            Line(
                "offset",
                Form::Plain,
                &["messaging.kafka.offset", "messaging.kafka.message.offset"],
            ),
            Line(
                "group",
                Form::Plain,
                &[
                    "messaging.consumer.group.name",
                    "messaging.kafka.consumer.group",
                ],
            ),
        ],
    ),
    (
        "Function",
        &[
            Line("trigger", Form::Plain, &["faas.trigger"]),
            Line("cold start", Form::Yes, &["faas.coldstart"]),
            Line(
                "invocation",
                Form::Plain,
                &["faas.invocation_id", "faas.execution"],
            ),
            Line("invoked", Form::Plain, &["faas.invoked_name"]),
        ],
    ),
    (
        "Generative model",
        &[
            Line(
                "provider",
                Form::Plain,
                &["gen_ai.provider.name", "gen_ai.system"],
            ),
            Line("operation", Form::Plain, &["gen_ai.operation.name"]),
            Line(
                "model",
                Form::Plain,
                &["gen_ai.response.model", "gen_ai.request.model"],
            ),
            Line("agent", Form::Plain, &["gen_ai.agent.name"]),
            Line("tool", Form::Plain, &["gen_ai.tool.name"]),
            Line(
                "tokens in",
                Form::Count,
                &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"],
            ),
            Line(
                "tokens out",
                Form::Count,
                &[
                    "gen_ai.usage.output_tokens",
                    "gen_ai.usage.completion_tokens",
                ],
            ),
            Line("cost", Form::Plain, &["gen_ai.usage.cost"]),
            Line("ended by", Form::Plain, &["gen_ai.response.finish_reasons"]),
        ],
    ),
    (
        "Object storage",
        &[
            Line("bucket", Form::Plain, &["aws.s3.bucket"]),
            Line("key", Form::Plain, &["aws.s3.key"]),
            Line("copied from", Form::Plain, &["aws.s3.copy_source"]),
        ],
    ),
    (
        "Mesh",
        &[
            Line("service", Form::Plain, &["istio.canonical_service"]),
            Line(
                "upstream",
                Form::Plain,
                &["upstream_cluster.name", "upstream_cluster"],
            ),
            Line("flags", Form::Plain, &["response_flags"]),
            Line("mesh", Form::Plain, &["istio.mesh_id"]),
        ],
    ),
    (
        "Kubernetes",
        &[
            Line("cluster", Form::Plain, &["k8s.cluster.name"]),
            Line("namespace", Form::Plain, &["k8s.namespace.name"]),
            Line(
                "deployment",
                Form::Plain,
                &[
                    "k8s.deployment.name",
                    "k8s.statefulset.name",
                    "k8s.daemonset.name",
                    "k8s.job.name",
                ],
            ),
            Line("pod", Form::Plain, &["k8s.pod.name"]),
            Line("container", Form::Plain, &["k8s.container.name"]),
            Line("node", Form::Plain, &["k8s.node.name"]),
        ],
    ),
];

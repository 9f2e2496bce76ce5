//! The keys of the semantic conventions that are recognised, by what they are about.
//!
//! **Invariant:** a table; the current key stands before former ones.

mod generative;

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Count,
    Bytes,
    Yes,
    Statement,
    /// How large the body of a request is: sent or received, by the side that the span is of.
    Request,
    /// The same of a response.
    Response,
    /// A status of HTTP.
    HttpStatus,
    /// A status of an RPC system; gRPC's numbers have names.
    RpcStatus,
    /// Money.
    Cost,
    /// Why a model stopped.
    Reasons,
}

/// What the model is called that was asked for; left out where the same one answered.
pub(super) const ASKED_MODEL: &str = "asked for";

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
                Form::HttpStatus,
                &["http.response.status_code", "http.status_code"],
            ),
            Line(
                "request body",
                Form::Request,
                &["http.request.body.size", "http.request_content_length"],
            ),
            Line(
                "response body",
                Form::Response,
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
                Form::RpcStatus,
                &["rpc.response.status_code", "rpc.grpc.status_code"],
            ),
            Line("message", Form::Plain, &["rpc.grpc.status_message"]),
        ],
    ),
    (
        "Database",
        &[
            Line("system", Form::Plain, &["db.system.name", "db.system"]),
            Line(
                "database",
                Form::Plain,
                &["db.namespace", "db.name", "db.redis.database_index"],
            ),
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
            Line(
                "",
                Form::Statement,
                &["db.query.text", "db.statement", "db.query.summary"],
            ),
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
                "message body",
                Form::Bytes,
                &[
                    "messaging.message.body.size",
                    "messaging.message_payload_size_bytes",
                ],
            ),
            Line(
                "in the batch",
                Form::Count,
                &["messaging.batch.message_count"],
            ),
            Line(
                "key",
                Form::Plain,
                &[
                    "messaging.kafka.message.key",
                    "messaging.rabbitmq.destination.routing_key",
                    "messaging.rabbitmq.routing_key",
                ],
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
            Line("name", Form::Plain, &["faas.name"]),
            Line("version", Form::Plain, &["faas.version"]),
            Line("trigger", Form::Plain, &["faas.trigger"]),
            Line("cold start", Form::Yes, &["faas.coldstart"]),
            Line(
                "invocation",
                Form::Plain,
                &["faas.invocation_id", "faas.execution"],
            ),
            Line("instance", Form::Plain, &["faas.instance"]),
            Line("memory", Form::Bytes, &["faas.max_memory"]),
            Line("schedule", Form::Plain, &["faas.cron"]),
            Line("invoked", Form::Plain, &["faas.invoked_name"]),
            Line("invoked in", Form::Plain, &["faas.invoked_region"]),
            Line("invoked at", Form::Plain, &["faas.invoked_provider"]),
        ],
    ),
    ("Generative model", &generative::LINES),
    (
        "Object storage",
        &[
            Line("bucket", Form::Plain, &["aws.s3.bucket"]),
            Line("key", Form::Plain, &["aws.s3.key"]),
            Line("copied from", Form::Plain, &["aws.s3.copy_source"]),
            Line("part", Form::Plain, &["aws.s3.part_number"]),
            Line("upload", Form::Plain, &["aws.s3.upload_id"]),
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

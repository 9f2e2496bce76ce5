//! What the attributes mean where they follow the semantic conventions, current or former: HTTP, RPC, databases,
//! messages, functions, generative models, object storage, the mesh and Kubernetes, each as a section to be read.
//!
//! **Invariant:** says again what the attributes below say, in order and in words; a key that is not known is left to them.

use throughline_model::store::{SpanRef, ValueRef};

use super::{json, sql};
use crate::{
    dom::prelude::*,
    ui::format::{self, clip, visible, visible_line},
};

/// One section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// Labels and values.
    pub lines: Vec<(&'static str, String)>,
    /// A statement, laid out.
    pub statement: Option<String>,
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Count,
    Bytes,
    Yes,
    Statement,
}

/// A label, and the keys that may give its value, the current one first.
struct Line(&'static str, Form, &'static [&'static str]);

const SECTIONS: [(&str, &[Line]); 9] = [
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

/// Bytes of a value that are shown; all of it is with the attributes.
const SHOWN: usize = 200;

/// The sections of a span; its resource says what it does not.
pub fn sections(span: SpanRef<'_>) -> Vec<Section> {
    let (own, resource) = (span.attributes(), span.resource().attributes());
    let value = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| own.get(key));
        found.or_else(|| keys.iter().find_map(|key| resource.get(key)))
    };
    let of = |(title, lines): &(&'static str, &[Line])| {
        let mut section = Section {
            title,
            ..Section::default()
        };
        for Line(label, form, keys) in *lines {
            match (value(keys), form) {
                (Some(value), Form::Statement) => {
                    let text = json::plain(value);
                    section.statement =
                        sql::laid_out(&text).map(|text| visible(&text).into_owned());
                }
                (Some(value), form) => {
                    section
                        .lines
                        .extend(written(value, *form).map(|text| (*label, text)));
                }
                (None, _) => {}
            }
        }
        section
    };
    let mut sections: Vec<Section> = SECTIONS.iter().map(of).collect();
    sections.retain(|section| !section.lines.is_empty() || section.statement.is_some());
    sections
}

fn written(value: ValueRef<'_>, form: Form) -> Option<String> {
    let number = match value {
        ValueRef::Int(number) => u64::try_from(number).ok(),
        ValueRef::Str(text) => text.parse().ok(),
        _ => None,
    };
    let plain = || {
        let text = json::plain(value);
        let (head, cut) = clip(&text, SHOWN);
        format!("{}{}", visible_line(head), if cut { "…" } else { "" })
    };
    Some(match (form, number) {
        (Form::Count, Some(number)) => format::count(number),
        (Form::Bytes, Some(number)) => format::bytes(number),
        (Form::Yes, _) => match value {
            ValueRef::Bool(false) => return None,
            ValueRef::Bool(true) => "yes".to_owned(),
            _ => plain(),
        },
        _ => plain(),
    })
    .filter(|text| !text.is_empty())
}

/// Above the attributes: what they mean.
#[component]
pub(super) fn Conventions(place: super::Place) -> impl IntoView {
    let sections = place.with_value(|selected| sections(selected.store().span(selected.span)));
    let view = |section: Section| {
        let lines = section
            .lines
            .into_iter()
            .map(|(label, value)| view! { <div><dt>{label}</dt><dd dir="auto">{value}</dd></div> });
        view! {
            <section class="meaning" aria-label=section.title>
                <h3>{section.title}</h3>
                <dl>{lines.collect_view()}</dl>
                {section.statement.map(|text| view! { <pre class="meaning-statement" tabindex="0">{text}</pre> })}
            </section>
        }
    };
    sections.into_iter().map(view).collect_view()
}

#[cfg(test)]
mod tests {
    use throughline_model::{
        ids::{SpanId, TraceId},
        store::{
            TraceStore, Value,
            builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        },
        time::UnixNanos,
    };

    use super::*;

    /// A span with attributes, and `resource.` before those of its resource. Numbers are numbers.
    fn span(attributes: &[(&str, &str)]) -> TraceStore {
        let mut b = StoreBuilder::new();
        let list = |wanted: bool, b: &mut StoreBuilder| {
            let list = b.open_list();
            for (key, value) in attributes {
                let name = key.strip_prefix("resource.");
                if name.is_some() == wanted {
                    let key = b.intern(name.unwrap_or(key));
                    let value = match value.parse() {
                        Ok(number) => Value::Int(number),
                        Err(_) if *value == "true" => Value::Bool(true),
                        Err(_) => Value::Str(b.intern(value)),
                    };
                    b.push_value(key, value);
                }
            }
            b.close_attributes(list)
        };
        let of_resource = list(true, &mut b);
        let own = list(false, &mut b);
        let resource = b.resource(ResourceRecord {
            attributes: of_resource,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        b.push_span(SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(1),
            start: UnixNanos(1),
            end: UnixNanos(2),
            attributes: own,
            ..SpanRecord::new(resource, scope)
        });
        b.finish()
    }

    fn check(attributes: &[(&str, &str)], expected: &[&str]) {
        let store = span(attributes);
        let mut words = Vec::new();
        for section in sections(store.span(0)) {
            words.push(format!("# {}", section.title));
            words.extend(
                section
                    .lines
                    .iter()
                    .map(|(label, value)| format!("{label}: {value}")),
            );
            words.extend(section.statement);
        }
        assert_eq!(words, expected, "{attributes:?}");
    }

    #[test]
    fn current_and_former_names_mean_the_same() {
        check(&[], &[]);
        check(&[("app.items", "3")], &[]);
        let http = [
            "# HTTP",
            "method: POST",
            "route: /cart",
            "status: 502",
            "sent: 2.05 kB",
        ];
        check(
            &[
                ("http.request.method", "POST"),
                ("http.route", "/cart"),
                ("http.response.status_code", "502"),
                ("http.request.body.size", "2048"),
            ],
            &http,
        );
        check(
            &[
                ("http.method", "POST"),
                ("http.route", "/cart"),
                ("http.status_code", "502"),
                ("http.request_content_length", "2048"),
            ],
            &http,
        );
        check(
            &[
                ("db.system", "postgresql"),
                ("db.statement", "select 1 from t"),
            ],
            &["# Database", "system: postgresql", "select 1\nfrom t"],
        );
        check(
            &[("db.system.name", "redis"), ("db.query.text", "GET user:7")],
            &["# Database", "system: redis"],
        );
        check(
            &[
                ("gen_ai.system", "x"),
                ("gen_ai.request.model", "m"),
                ("gen_ai.usage.prompt_tokens", "12345"),
                ("gen_ai.usage.output_tokens", "7"),
            ],
            &[
                "# Generative model",
                "provider: x",
                "model: m",
                "tokens in: 12\u{202f}345",
                "tokens out: 7",
            ],
        );
        check(
            &[
                ("faas.coldstart", "true"),
                ("resource.k8s.pod.name", "shop-1"),
                ("rpc.system", "grpc"),
                ("rpc.grpc.status_code", "14"),
            ],
            &[
                "# RPC",
                "system: grpc",
                "status: 14",
                "# Function",
                "cold start: yes",
                "# Kubernetes",
                "pod: shop-1",
            ],
        );
    }
}

//! notification: takes news into a queue at once and works on them later.
//!
//! The consumer's span is a child of the producer's and links to it as well: a viewer shows it in
//! the same trace, though nobody waits for it.
//!
//! **Invariant:** nothing waits for the consumer.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{Link, SpanBuilder, SpanContext, SpanKind, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::inbound::{Endpoint, Failure};
use crate::{semconv, simulate, telemetry};

const QUEUE: &str = "order.created";

/// What happened.
#[derive(Deserialize)]
struct News {
    order: i64,
    customer: String,
}

/// News in the queue, with the span that put it there.
struct Message {
    id: String,
    news: News,
    producer: SpanContext,
}

/// The routes and, behind them, the consumer. Call it inside of a runtime.
pub fn router() -> Router {
    let (queue, messages) = mpsc::channel(1024);
    tokio::spawn(consume(messages));
    let endpoint = Endpoint::new(
        "publish order.created",
        "/events/order.created",
        "notification::publish",
    )
    .producer();
    Router::new().route(
        "/events/order.created",
        endpoint.traced(post(publish).with_state(queue)),
    )
}

async fn publish(
    State(queue): State<mpsc::Sender<Message>>,
    Json(news): Json<News>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    simulate::work(3).await;
    let context = Context::current();
    let span = context.span();
    let message = Message {
        id: format!("m-{}", news.order),
        news,
        producer: span.span_context().clone(),
    };
    span.set_attributes(messaging(&message.id, "publish", "send"));
    let full = |_| Failure::internal("the queue of notifications is full");
    queue.try_send(message).map_err(full)?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "queued": true }))))
}

async fn consume(mut messages: mpsc::Receiver<Message>) {
    while let Some(message) = messages.recv().await {
        simulate::unseen(6).await;
        let parent = Context::new().with_remote_span_context(message.producer.clone());
        let tracer = telemetry::tracer("shop.messaging");
        let span = SpanBuilder::from_name("process order.created")
            .with_kind(SpanKind::Consumer)
            .with_attributes(messaging(&message.id, "process", "process"))
            .with_links(vec![Link::with_context(message.producer)])
            .start_with_context(&tracer, &parent);
        let context = parent.with_span(span);
        context.span().set_attributes([
            KeyValue::new(semconv::APP_ORDER, message.news.order),
            KeyValue::new(semconv::APP_CUSTOMER, message.news.customer),
        ]);
        simulate::work(33).with_context(context.clone()).await;
        context
            .span()
            .add_event("mail sent", vec![KeyValue::new("app.mail.template", QUEUE)]);
        context.span().end();
    }
}

fn messaging(id: &str, name: &'static str, kind: &'static str) -> [KeyValue; 5] {
    [
        KeyValue::new(semconv::MESSAGING_SYSTEM, "shop-queue"),
        KeyValue::new(semconv::MESSAGING_DESTINATION, QUEUE),
        KeyValue::new(semconv::MESSAGING_OPERATION_NAME, name),
        KeyValue::new(semconv::MESSAGING_OPERATION_TYPE, kind),
        KeyValue::new(semconv::MESSAGING_MESSAGE_ID, id.to_owned()),
    ]
}

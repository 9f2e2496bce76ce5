//! What an independent decoder makes of the spans that we encode, for tests.
//!
//! **Invariant:** only compiled for tests; uses none of our own decoding.

use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// A span as the decoder sees it.
pub struct Decoded(Span);

/// Decodes one span.
pub fn span(bytes: &[u8]) -> Decoded {
    Decoded(Span::decode(bytes).unwrap())
}

impl std::ops::Deref for Decoded {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.0
    }
}

impl From<Span> for Decoded {
    fn from(span: Span) -> Self {
        Self(span)
    }
}

impl Decoded {
    /// `name start-end` in whole milliseconds.
    pub fn timing(&self) -> String {
        let ms = |nanos: u64| nanos / 1_000_000;
        let (start, end) = (self.start_time_unix_nano, self.end_time_unix_nano);
        format!("{} {}-{}", self.name, ms(start), ms(end))
    }

    /// Every attribute as `key=value`.
    pub fn attributes(&self) -> Vec<String> {
        let attributes = self.0.attributes.iter();
        attributes
            .map(|each| format!("{}={}", each.key, text(each.value.as_ref())))
            .collect()
    }

    /// Whether the status says that it failed.
    pub fn failed(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.code == 2)
    }
}

/// The value of an attribute as text.
pub fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::BoolValue(value)) => value.to_string(),
        other => format!("{other:?}"),
    }
}

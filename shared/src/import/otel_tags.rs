//! Fields of an OpenTelemetry span that other formats carry as tags, put back where they belong.
//!
//! | tag | field |
//! |---|---|
//! | `otel.status_code` = `OK`, `ERROR`, `UNSET` | status |
//! | `otel.status_description` | status message |
//! | `otel.scope.name`, `otel.scope.version` (before 1.12 `otel.library.…`) | scope |
//! | `w3c.tracestate` | trace state |
//!
//! A tag is taken out of the attributes only when the field says exactly what the tag said; of several that differ the
//! first wins and the others stay.
//!
//! **Invariant:** knows no format; a tag is a key with a value.

use hashbrown::HashMap;

use crate::{
    store::{
        StatusCode, Value,
        builder::{ScopeIdx, ScopeRecord, SpanRecord, StoreBuilder},
    },
    strings::StrIdx,
};

/// What the tags of one span said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OtelTags {
    status: Option<StatusCode>,
    message: Option<StrIdx>,
    scope_name: Option<StrIdx>,
    scope_version: Option<StrIdx>,
    trace_state: Option<StrIdx>,
}

impl OtelTags {
    /// True when the tag is now a field.
    #[inline(never)]
    pub fn take(&mut self, key: &str, value: Value, builder: &StoreBuilder) -> bool {
        let (Some(b'o' | b'w'), Value::Str(text)) = (key.as_bytes().first(), value) else {
            return false;
        };
        match key {
            "otel.status_code" => {
                let status = match builder.str(text) {
                    "OK" => StatusCode::Ok,
                    "ERROR" => StatusCode::Error,
                    "UNSET" => StatusCode::Unset,
                    _ => return false,
                };
                set(&mut self.status, status)
            }
            "otel.status_description" => set(&mut self.message, text),
            "otel.scope.name" | "otel.library.name" => set(&mut self.scope_name, text),
            "otel.scope.version" | "otel.library.version" => set(&mut self.scope_version, text),
            "w3c.tracestate" => set(&mut self.trace_state, text),
            _ => false,
        }
    }

    /// Fills the span's status and trace state. `failed` = another tag of the format says that the span failed.
    #[inline(never)]
    pub fn apply(self, span: &mut SpanRecord, failed: bool, builder: &mut StoreBuilder) {
        let said = self.status.unwrap_or_default();
        span.status = if failed { StatusCode::Error } else { said };
        if failed && said == StatusCode::Ok {
            // The two tags contradict each other: both have to stay visible.
            let (key, ok) = (builder.intern("otel.status_code"), builder.intern("OK"));
            builder.push_value(key, Value::Str(ok));
        }
        span.status_message = self.message.unwrap_or_default();
        span.trace_state = self.trace_state.unwrap_or_default();
    }

    /// The scope that the tags name; one without a name when they do not.
    pub fn scope(self, scopes: &mut ScopeCache, builder: &mut StoreBuilder) -> ScopeIdx {
        let (name, version) = (
            self.scope_name.unwrap_or_default(),
            self.scope_version.unwrap_or_default(),
        );
        *scopes.known.entry((name, version)).or_insert_with(|| {
            builder.scope(ScopeRecord {
                name,
                version,
                ..ScopeRecord::default()
            })
        })
    }
}

fn set<T: Copy + PartialEq>(field: &mut Option<T>, value: T) -> bool {
    *field.get_or_insert(value) == value
}

/// The scopes seen so far, by name and version.
#[derive(Debug, Default)]
pub(super) struct ScopeCache {
    known: HashMap<(StrIdx, StrIdx), ScopeIdx>,
}

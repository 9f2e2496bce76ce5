//! One span with its events and links.
//!
//! ```text
//! Span    1 trace_id  2 span_id  3 trace_state  4 parent_span_id  5 name  6 kind  7 start  8 end  9 KeyValue*
//!         10 dropped attributes  11 Event*  12 dropped events  13 Link*  14 dropped links  15 Status  16 flags
//! Event   1 time  2 name  3 KeyValue*  4 dropped attributes
//! Link    1 trace_id  2 span_id  3 trace_state  4 KeyValue*  5 dropped attributes  6 flags
//! Status  1 deprecated_code  2 message  3 code
//! ```
//!
//! **Invariant:** a span that is cut is kept as soon as its id is known; an event or link that is cut is not.

use super::{Import, fields::Item};
use crate::{
    issues::IssueKind,
    store::{
        SpanKind, StatusCode,
        builder::{EventRecord, LinkRecord, ResourceIdx, ScopeIdx, SpanRecord},
    },
    strings::StrIdx,
    time::UnixNanos,
};

impl Import<'_, '_> {
    pub(super) fn span(&mut self, item: &Item<'_>, resource: ResourceIdx, scope: ScopeIdx) {
        let Some(mut reader) = self.message(item) else {
            return;
        };
        let cut = item.whole().is_none();
        let mut span = SpanRecord::new(resource, scope);
        let list = self.session.builder.open_list();
        let events = self.session.builder.event_mark();
        let links = self.session.builder.link_mark();
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => span.trace_id = self.trace_id(&item),
                2 => span.span_id = self.span_id(&item),
                3 => span.trace_state = self.text(&item),
                4 => span.parent_span_id = self.span_id(&item),
                5 => span.name = self.text(&item),
                6 => span.kind = self.kind(&item),
                7 => span.start = UnixNanos(self.fixed64(&item)),
                8 => span.end = UnixNanos(self.fixed64(&item)),
                9 => self.key_value(&item),
                10 => span.dropped[0] = self.count(&item),
                11 => self.event(&item),
                12 => span.dropped[1] = self.count(&item),
                13 => self.link(&item),
                14 => span.dropped[2] = self.count(&item),
                15 => (span.status, span.status_message) = self.status(&item),
                16 => span.flags = self.fixed32(&item),
                _ => {}
            }
        }
        if cut && !span.span_id.is_valid() {
            self.session.builder.discard_list(list);
            return;
        }
        span.attributes = self.session.builder.close_attributes(list);
        span.events = self.session.builder.events_since(events);
        span.links = self.session.builder.links_since(links);
        self.session.builder.push_span(span);
        self.session.reached(reader.offset() as u64);
    }

    fn kind(&mut self, item: &Item<'_>) -> SpanKind {
        let number = self.number(item);
        SpanKind::from_number(number).unwrap_or_else(|| {
            self.unknown_enum(item, "span kind", number);
            SpanKind::Unspecified
        })
    }

    fn event(&mut self, item: &Item<'_>) {
        let Some(mut reader) = item.whole().and_then(|_| self.message(item)) else {
            return;
        };
        let mut event = EventRecord::default();
        let list = self.session.builder.open_list();
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => event.time = UnixNanos(self.fixed64(&item)),
                2 => event.name = self.text(&item),
                3 => self.key_value(&item),
                4 => event.dropped = self.count(&item),
                _ => {}
            }
        }
        event.attributes = self.session.builder.close_attributes(list);
        self.session.builder.push_event(event);
    }

    fn link(&mut self, item: &Item<'_>) {
        let Some(mut reader) = item.whole().and_then(|_| self.message(item)) else {
            return;
        };
        let mut link = LinkRecord::default();
        let list = self.session.builder.open_list();
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => link.trace_id = self.trace_id(&item),
                2 => link.span_id = self.span_id(&item),
                3 => link.trace_state = self.text(&item),
                4 => self.key_value(&item),
                5 => link.dropped = self.count(&item),
                6 => link.flags = self.fixed32(&item),
                _ => {}
            }
        }
        link.attributes = self.session.builder.close_attributes(list);
        self.session.builder.push_link(link);
    }

    fn status(&mut self, item: &Item<'_>) -> (StatusCode, StrIdx) {
        let (mut code, mut message, mut deprecated) = (StatusCode::Unset, StrIdx::EMPTY, 0);
        let Some(mut reader) = item.whole().and_then(|_| self.message(item)) else {
            return (code, message);
        };
        while let Some(item) = self.next(&mut reader) {
            match item.number() {
                1 => deprecated = self.number(&item),
                2 => message = self.text(&item),
                3 => {
                    let number = self.number(&item);
                    code = StatusCode::from_number(number).unwrap_or_else(|| {
                        self.unknown_enum(&item, "status code", number);
                        StatusCode::Unset
                    });
                }
                _ => {}
            }
        }
        // Senders before 0.10 fill only the old code, in which everything but zero is a failure.
        if code == StatusCode::Unset && deprecated != 0 {
            code = StatusCode::Error;
        }
        (code, message)
    }

    fn unknown_enum(&mut self, item: &Item<'_>, what: &str, number: u64) {
        let offset = Some(item.offset() as u64);
        self.session
            .builder
            .issues
            .add_with(IssueKind::UnknownEnum, offset, || {
                format!("{what} {number}")
            });
    }
}

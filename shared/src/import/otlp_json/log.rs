//! Log records that were written in a span.
//!
//! ```text
//! {resourceLogs: [{resource, scopeLogs: [{scope, logRecords: [record…]}]}]}
//! record  timeUnixNano observedTimeUnixNano severityNumber severityText body attributes droppedAttributesCount
//!         traceId spanId eventName
//! ```
//!
//! Ids stand last, so a record is passed over first: what belongs to no span is counted and nothing of it is kept. Of its
//! scope only the logger's name is, if it stands before its records; of its resource what the span's says otherwise.
//!
//! These are functions, not the importer's own, so that they can be named apart: few files have logs.
//!
//! **Invariant:** a record that breaks off is not kept.

use super::{super::Format, Importer};
use crate::{
    import::Signal,
    json::Result,
    store::{
        Range, Value,
        builder::{BODY, LogRecord, LogResource, SCOPE_NAME, SEVERITY_TEXT},
    },
    strings::StrIdx,
    time::UnixNanos,
};

/// Severities by number, as protobuf's JSON can name them.
const SEVERITIES: [&str; 25] = [
    "UNSPECIFIED",
    "TRACE",
    "TRACE2",
    "TRACE3",
    "TRACE4",
    "DEBUG",
    "DEBUG2",
    "DEBUG3",
    "DEBUG4",
    "INFO",
    "INFO2",
    "INFO3",
    "INFO4",
    "WARN",
    "WARN2",
    "WARN3",
    "WARN4",
    "ERROR",
    "ERROR2",
    "ERROR3",
    "ERROR4",
    "FATAL",
    "FATAL2",
    "FATAL3",
    "FATAL4",
];

/// A list of resource logs.
#[inline(never)]
pub(super) fn logs(this: &mut Importer<'_, '_, '_>) -> Result<()> {
    this.list(&mut |this| resource_logs(this))
}

/// One of them.
#[inline(never)]
pub(super) fn resource_logs(this: &mut Importer<'_, '_, '_>) -> Result<()> {
    this.session.saw(Signal::Logs);
    if !this.r.begin_map()? {
        return Ok(());
    }
    let made_by = this.session.builder.reserve_log_resource();
    while let Some(key) = this.r.next_key()? {
        match key.bytes {
            b"resource" => resource(this, made_by)?,
            b"scopeLogs" | b"scope_logs" | b"instrumentationLibraryLogs" => {
                scope_logs_list(this, made_by)?;
            }
            _ => this.r.skip_value()?,
        }
    }
    Ok(())
}

fn resource(this: &mut Importer<'_, '_, '_>, made_by: LogResource) -> Result<()> {
    if !this.r.begin_map()? {
        return Ok(());
    }
    while let Some(key) = this.r.next_key()? {
        match key.bytes {
            b"attributes" => {
                let list = this.session.builder.open_list();
                if let Err(error) = this.attribute_list(0) {
                    this.session.builder.discard_list(list);
                    return Err(error);
                }
                this.session.builder.define_log_resource(made_by, list);
            }
            _ => this.r.skip_value()?,
        }
    }
    Ok(())
}

/// The list of one resource.
#[inline(never)]
pub(super) fn scope_logs_list(this: &mut Importer<'_, '_, '_>, made_by: LogResource) -> Result<()> {
    this.session.saw(Signal::Logs);
    this.list(&mut |this| scope_logs(this, made_by))
}

fn scope_logs(this: &mut Importer<'_, '_, '_>, made_by: LogResource) -> Result<()> {
    if !this.r.begin_map()? {
        return Ok(());
    }
    let mut logger = StrIdx::EMPTY;
    while let Some(key) = this.r.next_key()? {
        match key.bytes {
            b"scope" | b"instrumentationLibrary" => logger = logger_name(this)?,
            b"logRecords" | b"log_records" | b"logs" => {
                this.list(&mut |this| log(this, logger, made_by))?;
            }
            _ => this.r.skip_value()?,
        }
    }
    Ok(())
}

fn logger_name(this: &mut Importer<'_, '_, '_>) -> Result<StrIdx> {
    let mut name = StrIdx::EMPTY;
    if this.r.begin_map()? {
        while let Some(key) = this.r.next_key()? {
            match key.bytes {
                b"name" => name = this.string()?,
                _ => this.r.skip_value()?,
            }
        }
    }
    Ok(name)
}

fn log(this: &mut Importer<'_, '_, '_>, logger: StrIdx, made_by: LogResource) -> Result<()> {
    let start = this.r.mark();
    if !this.r.begin_map()? {
        return Ok(());
    }
    let mut log = LogRecord {
        resource: Some(made_by),
        ..LogRecord::default()
    };
    let observed = ids_and_times(this, &mut log)?;
    if log.trace_id.is_valid() && log.span_id.is_valid() {
        this.session.found(Format::OtlpJson);
        this.r.rewind(start);
        log.attributes = log_attributes(this, logger, observed, &mut log)?;
    }
    this.session.builder.push_log(log);
    this.session.reached(this.r.offset());
    Ok(())
}

/// What has to be known of a record before its attributes are read. Gives when it was observed, if that is not its time.
fn ids_and_times(this: &mut Importer<'_, '_, '_>, log: &mut LogRecord) -> Result<UnixNanos> {
    let mut observed = UnixNanos(0);
    while let Some(key) = this.r.next_key()? {
        match key.bytes {
            b"traceId" | b"trace_id" => log.trace_id = this.trace_id()?,
            b"spanId" | b"span_id" => log.span_id = this.span_id()?,
            b"timeUnixNano" | b"time_unix_nano" => log.time = this.time()?,
            b"observedTimeUnixNano" | b"observed_time_unix_nano" => observed = this.time()?,
            _ => this.r.skip_value()?,
        }
    }
    Ok(log.observed(observed))
}

fn log_attributes(
    this: &mut Importer<'_, '_, '_>,
    logger: StrIdx,
    observed: UnixNanos,
    log: &mut LogRecord,
) -> Result<Range> {
    let list = this.session.builder.open_list();
    this.session.builder.push_observed(observed);
    if let Err(error) = log_fields(this, logger, log) {
        this.session.builder.discard_list(list);
        return Err(error);
    }
    Ok(this.session.builder.close_attributes(list))
}

#[inline(never)]
fn log_fields(this: &mut Importer<'_, '_, '_>, logger: StrIdx, log: &mut LogRecord) -> Result<()> {
    this.r.begin_object()?;
    while let Some(key) = this.r.next_key()? {
        match key.bytes {
            b"severityNumber" | b"severity_number" => {
                log.severity = this.enumeration(b"SEVERITY_NUMBER_", &SEVERITIES)? as u8;
            }
            b"severityText" | b"severity_text" => {
                let text = this.string()?;
                log_text(this, SEVERITY_TEXT, text);
            }
            b"body" => {
                let value = this.value(0)?;
                if value != Value::Empty {
                    let key = this.session.builder.intern(BODY);
                    this.session.builder.push_value(key, value);
                }
            }
            b"attributes" => this.attribute_list(0)?,
            b"eventName" | b"event_name" | b"name" => log.name = this.string()?,
            b"droppedAttributesCount" | b"dropped_attributes_count" => {
                log.dropped = this.count()?;
            }
            _ => this.r.skip_value()?,
        }
    }
    log_text(this, SCOPE_NAME, logger);
    Ok(())
}

fn log_text(this: &mut Importer<'_, '_, '_>, key: &str, text: StrIdx) {
    if !text.is_empty() {
        let key = this.session.builder.intern(key);
        this.session.builder.push_value(key, Value::Str(text));
    }
}

//! What the demo and its service processes say to each other over stdin and stdout.
//!
//! ```text
//! service → demo   {"listening":PORT}     it has its port; nobody needs to guess one
//! demo → service   the briefing           everybody's port is known by then
//! service → demo   {"serving":true}       tables filled, exporter running
//! demo closes stdin                       the service flushes its spans and ends
//! ```
//!
//! The pipe is also the life line: however the demo ends, even killed, its pipes close, and every
//! service reads the end of its stdin and goes.
//!
//! **Invariant:** the messages; neither side's behaviour.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a service needs to know to serve.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Briefing {
    /// Base URL of the collector that gets the spans.
    pub collector: String,
    /// Base URL of the viewer, for links on the page.
    pub viewer: String,
    /// The folder with `rum/throughline.js`.
    pub dist: PathBuf,
    /// When payments fail.
    pub payment_fail: PaymentFail,
    /// Where every other service listens.
    pub peers: BTreeMap<String, SocketAddr>,
}

/// When the acquirer refuses the first try of a charge; the second try always works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentFail {
    /// Every charge's first try.
    Always,
    /// No charge.
    Never,
    /// The first charge, and then every third.
    #[default]
    Sometimes,
}

/// A line that a service writes on its stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Report {
    /// Bound to this port of 127.0.0.1.
    Listening(u16),
    /// Answers requests from now on.
    Serving(bool),
}

#[cfg(test)]
mod tests {
    use super::{PaymentFail, Report};

    #[test]
    fn reports_are_one_short_line_each() {
        let check = |report: Report, line: &str| {
            assert_eq!(serde_json::to_string(&report).unwrap(), line);
            assert_eq!(serde_json::from_str::<Report>(line).unwrap(), report);
        };
        check(Report::Listening(4318), r#"{"listening":4318}"#);
        check(Report::Serving(true), r#"{"serving":true}"#);
    }

    #[test]
    fn payment_fail_is_written_as_on_the_command_line() {
        let line = serde_json::to_string(&PaymentFail::Sometimes).unwrap();
        assert_eq!(line, r#""sometimes""#);
    }
}

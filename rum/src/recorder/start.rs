//! The beginning: what the site has chosen, and the place of the page view.
//!
//! **Invariant**: whatever the options are, a recorder that has started works.

use super::{FULL, Recorder};
use crate::attributes;
use crate::clock::Clock;
use crate::context::{Context, hex_field};
use crate::pace::Pace;
use crate::sampling::Sampler;
use crate::text::cut;

/// Who makes the spans.
const SDK_NAME: &str = "throughline-rum";

impl Recorder {
    /// Starts with the page, once. `ratio` of all visits are recorded, see
    /// [`Sampler::new`]. `options` are names and values in turn, a NUL between any two:
    ///
    /// ```text
    /// server        the server's span that the page view continues
    /// traceLevel    2 for the random flag of level 2 of Trace Context
    /// visit         14 hex digits, the same for all pages of a visit: see `sampling`
    /// maxSpansPerSecond, spansPerMinute    see `pace`
    /// keepErrors    spans that went wrong are recorded whatever the sample
    /// formats, baggage                     see `Self::headers`
    /// ```
    ///
    /// All others are attributes of the resource.
    pub fn start(&mut self, clock: Clock, ratio: f64, mut options: &str) {
        let mut visit = None;
        let (mut per_second, mut per_minute) = (0, 0);
        while !options.is_empty() {
            let (name, rest) = cut(options, 0);
            let (value, rest) = cut(rest, 0);
            options = rest;
            if value.is_empty() {
                continue;
            }
            match name {
                "server" => self.server = Context::adopt(value).unwrap_or(Context::NONE),
                "visit" if FULL => visit = hex_field(value.as_bytes()),
                "traceLevel" if FULL && value == "2" => self.new_flags = Context::RANDOM,
                "traceLevel" if FULL => {}
                "maxSpansPerSecond" if FULL => per_second = attributes::number(value),
                "spansPerMinute" if FULL => per_minute = attributes::number(value),
                "keepErrors" if FULL => self.keeps_failed = true,
                "formats" if FULL => {
                    self.formats.push_str(value);
                    self.dated = value.contains("xray");
                }
                "baggage" if FULL => self.baggage.push_str(value),
                _ => self.frame.describe(name, value),
            }
        }
        if FULL {
            self.pace = Pace::new(per_second, per_minute, clock.origin());
            if self.pace.is_adaptive() {
                // A visit that is in or out as a whole could not be thinned out.
                visit = None;
            }
        }
        self.sampler = Sampler::new(ratio, visit);
        let version = env!("CARGO_PKG_VERSION");
        self.frame.scope(SDK_NAME, version);
        self.frame.describe("telemetry.sdk.name", SDK_NAME);
        self.frame.describe("telemetry.sdk.version", version);
        self.frame.describe("telemetry.sdk.language", "webjs");
        // The lengths of the messages around the spans may grow by a few bytes.
        self.overhead = self.frame.wrap(&[]).len() + 16;
        self.clock = clock;
        self.page = self.server;
        if !self.page.exists() {
            self.page = self.new_root(clock.origin());
        }
        self.page.span_id = self.ids.span_id();
        self.recent = self.page;
    }
}

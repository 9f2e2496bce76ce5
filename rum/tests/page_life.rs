//! Whole lives of pages, played through on the recorder, and read back by an
//! independent decoder.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use throughline_model::time::{Nanos, UnixNanos};
use throughline_rum::clock::Clock;
use throughline_rum::outbox::{EXPORTED, Reason, STARTED, Urgency};
use throughline_rum::recorder::Recorder;
use throughline_rum::spans::{Handle, Kind, MAX_OPEN};

const ORIGIN_MS: f64 = 1_760_000_000_000.0;

/// A page on `http://shop.example`, its collector, and the time there.
struct Page {
    recorder: Recorder,
    /// What the collector has received.
    spans: Vec<Span>,
    batches: Vec<Vec<u8>>,
}

impl Page {
    fn new(ratio: f64, options: &[&str]) -> Self {
        let mut recorder = Recorder::new();
        recorder.seed([1, 2]);
        let options = [&["service.name", "shop-web"], options].concat();
        recorder.start(Clock::new(ORIGIN_MS), ratio, &options.join("\0"));
        Self {
            recorder,
            spans: Vec::new(),
            batches: Vec::new(),
        }
    }

    fn loaded() -> Self {
        let mut page = Self::new(1.0, &[]);
        page.load(100);
        page.run_until(5_000);
        page.spans.clear();
        page
    }

    /// The page view ends.
    fn load(&mut self, ms: u64) {
        let handle = self.open(Kind::Page, 0, &["page view /cart/{id}"]);
        self.recorder.settle(handle, at(ms), false);
    }

    fn open(&mut self, kind: Kind, ms: u64, texts: &[&str]) -> Handle {
        self.recorder.open(kind, at(ms), &texts.join("\0"), false)
    }

    fn click(&mut self, ms: u64, label: &str) {
        let handle = self.open(Kind::Click, ms, &[&format!("click {label}")]);
        self.recorder.settle(handle, at(ms + 1), false);
    }

    /// A request to a path: its handle and its header.
    fn request(&mut self, ms: u64, path: &str) -> (Handle, String) {
        self.request_of(ms, path, "", "")
    }

    fn request_of(
        &mut self,
        ms: u64,
        path: &str,
        existing: &str,
        parent: &str,
    ) -> (Handle, String) {
        let name = format!("POST {path}");
        let url = format!("http://shop.example{path}?token=1");
        let handle = self.open(
            Kind::Request,
            ms,
            &[&name, existing, parent, "@url.full", &url],
        );
        (handle, self.recorder.traceparent(handle))
    }

    fn settle(&mut self, ms: u64, handle: Handle) {
        self.recorder.settle(handle, at(ms), false);
    }

    /// Lets time pass as the browser side does: wakes when asked to, and sends.
    fn run_until(&mut self, ms: u64) {
        let mut now = UnixNanos(0);
        while let Some(delay) = self.recorder.wake(now.max(at(0))) {
            now = now.max(at(0)).plus(delay);
            if now > at(ms) {
                return;
            }
            self.recorder.wake(now);
            self.send(now, Urgency::None);
        }
    }

    fn send(&mut self, now: UnixNanos, urgency: Urgency) {
        while let Some(bytes) = self.recorder.take_batch(false, now, urgency) {
            let id = self.recorder.last_batch(false);
            let request = ExportTraceServiceRequest::decode(&*bytes).expect("a whole request");
            for resource in request.resource_spans {
                for scope in resource.scope_spans {
                    self.spans.extend(scope.spans);
                }
            }
            self.batches.push(bytes);
            self.recorder
                .batch_settled(false, id, 200, 0, Nanos(0), 0, now);
        }
    }

    fn span(&self, name: &str) -> &Span {
        let mut named = self.spans.iter().filter(|span| span.name == name);
        let span = named
            .next()
            .unwrap_or_else(|| panic!("no {name}: {:?}", self.tree()));
        assert!(named.next().is_none(), "one {name}");
        span
    }

    /// The received spans as a tree: `name`, two spaces deeper than the parent, with a
    /// `~` where a link leads elsewhere. Roots in order of their starts.
    fn tree(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.push_children(&[], 0, &mut lines);
        lines
    }

    fn push_children(&self, parent: &[u8], depth: usize, lines: &mut Vec<String>) {
        let mut children: Vec<_> = self.spans.iter().collect();
        children.retain(|span| span.parent_span_id == parent);
        children.sort_by_key(|span| span.start_time_unix_nano);
        for span in children {
            let link = if span.links.is_empty() { "" } else { " ~" };
            lines.push(format!("{}{}{link}", "  ".repeat(depth), span.name));
            self.push_children(&span.span_id, depth + 1, lines);
        }
    }
}

fn at(ms: u64) -> UnixNanos {
    UnixNanos::from_millis(ORIGIN_MS as u64).plus(Nanos::from_millis(ms))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_click_and_its_requests_are_one_trace() {
    let mut page = Page::loaded();
    page.click(10_000, "Check out");
    let (checkout, header) = page.request(10_005, "/api/checkout");
    page.settle(13_000, checkout);
    let (order, _) = page.request(13_050, "/api/orders/{id}");
    page.settle(13_100, order);
    let recent = page.recorder.traceparent(0);
    page.run_until(20_000);

    assert_eq!(
        page.tree(),
        [
            "click Check out ~",
            "  POST /api/checkout",
            "  POST /api/orders/{id}"
        ]
    );
    let (click, post) = (
        page.span("click Check out"),
        page.span("POST /api/checkout"),
    );
    assert_eq!(
        header,
        format!("00-{}-{}-01", hex(&post.trace_id), hex(&post.span_id))
    );
    assert_eq!(hex(&click.trace_id), recent[3..35]);
    assert_eq!((click.kind, post.kind), (1, 3));
    let times = (click.start_time_unix_nano, click.end_time_unix_nano);
    assert_eq!(times, (at(10_000).0, at(13_100).0));
}

#[test]
fn a_click_that_causes_nothing_is_a_span_only_if_it_has_a_label() {
    let mut page = Page::loaded();
    let idle = page.open(Kind::Idle, 9_000, &["click div"]);
    page.settle(9_001, idle);
    page.click(10_000, "Menu");
    page.run_until(20_000);
    assert_eq!(page.tree(), ["click Menu ~"]);
    page.spans.clear();
    let idle = page.open(Kind::Idle, 30_000, &["click div"]);
    let (request, _) = page.request(30_001, "/a");
    page.settle(30_002, idle);
    page.settle(30_100, request);
    page.run_until(40_000);
    assert_eq!(page.tree(), ["click div ~", "  POST /a"]);
}

#[test]
fn loading_is_one_trace_and_background_work_is_not_part_of_it() {
    let mut page = Page::new(1.0, &[]);
    let (early, _) = page.request(20, "/api/prices");
    page.settle(60, early);
    let script = page.open(Kind::Plain, 5, &["resource script"]);
    page.settle(9, script);
    page.load(100);
    let (late, _) = page.request(200, "/api/badge");
    page.settle(210, late);
    let (poll, _) = page.request(30_000, "/api/poll");
    page.settle(30_010, poll);
    page.run_until(60_000);
    assert_eq!(
        page.tree(),
        [
            "page view /cart/{id}",
            "  resource script",
            "  POST /api/prices",
            "  POST /api/badge",
            "POST /api/poll ~"
        ]
    );
    let (root, poll) = (
        page.span("page view /cart/{id}"),
        page.span("POST /api/poll"),
    );
    assert_eq!(poll.links[0].span_id, root.span_id);
    assert_eq!(
        (root.start_time_unix_nano, root.end_time_unix_nano),
        (at(0).0, at(100).0)
    );
}

#[test]
fn a_page_that_comes_back_is_another_page_view() {
    let mut page = Page::loaded();
    let first = page.recorder.traceparent(0);
    page.recorder.turn(at(9_000));
    let back = page.open(Kind::Page, 9_000, &["page view /cart/{id}"]);
    let (request, _) = page.request(9_010, "/a");
    page.settle(9_020, request);
    page.settle(9_030, back);
    page.run_until(20_000);
    assert_eq!(page.tree(), ["page view /cart/{id}", "  POST /a"]);
    let root = page.span("page view /cart/{id}");
    assert_ne!(hex(&root.trace_id), first[3..35]);
    assert_eq!(root.start_time_unix_nano, at(9_000).0);
}

const THEIRS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn the_page_view_continues_the_servers_trace() {
    let check = |server: &str, stale: &str, continues: bool, linked: bool| {
        let mut page = Page::new(1.0, &["server", server]);
        let handle = page.open(Kind::Page, 0, &["page view /", stale]);
        page.settle(100, handle);
        page.run_until(5_000);
        let root = &page.spans[0];
        assert_eq!(hex(&root.trace_id) == THEIRS[3..35], continues, "{server}");
        let parent = if continues { &THEIRS[36..52] } else { "" };
        assert_eq!(hex(&root.parent_span_id), parent);
        assert_ne!(hex(&root.span_id), THEIRS[36..52]);
        let links: Vec<_> = root.links.iter().map(|link| hex(&link.span_id)).collect();
        assert_eq!(links.concat(), if linked { &THEIRS[36..52] } else { "" });
    };
    check(THEIRS, "", true, false);
    check("", THEIRS, false, true);
    check("", "", false, false);
    check("nonsense", "nonsense", false, false);
}

#[test]
fn somebody_elses_trace_is_adopted() {
    let mut page = Page::loaded();
    page.click(9_000, "Go");
    let (handle, _) = page.request_of(9_001, "/", THEIRS, "");
    page.settle(9_010, handle);
    page.run_until(20_000);
    assert_eq!(page.tree(), ["click Go ~", "POST / ~"]);
    let (post, click) = (page.span("POST /"), page.span("click Go"));
    assert_eq!(hex(&post.trace_id), THEIRS[3..35]);
    assert_eq!(hex(&post.span_id), THEIRS[36..52]);
    assert_eq!(post.links[0].span_id, click.span_id);

    // Not to be recorded, they say.
    page.spans.clear();
    let theirs = THEIRS.replace("-01", "-00");
    let (handle, _) = page.request_of(30_000, "/", &theirs, "");
    page.settle(30_010, handle);
    page.run_until(60_000);
    assert_eq!(page.tree(), [""; 0]);
}

#[test]
fn a_parent_that_is_named_comes_first() {
    let mut page = Page::loaded();
    page.click(9_000, "Go");
    let own = page.open(Kind::Plain, 9_001, &["price"]);
    let parent = page.recorder.traceparent(own);
    let (request, _) = page.request_of(9_002, "/", "", &parent);
    page.settle(9_003, own);
    // The parent is complete by now.
    let (late, _) = page.request_of(9_500, "/late", "", &parent);
    page.settle(9_600, request);
    page.settle(9_700, late);
    page.run_until(30_000);
    assert_eq!(
        page.tree(),
        ["click Go ~", "price ~", "  POST /", "  POST /late"]
    );
}

#[test]
fn timing_completes_requests() {
    let mut page = Page::new(1.0, &[]);
    let url = "http://shop.example/v1?token=1";
    // Timing may come before or after the promise has settled, or not at all.
    let handles = [20, 40, 60].map(|ms| page.request(ms, "/v1").0);
    let recorder = &mut page.recorder;
    let mut timing = |start: u64, end: u64| {
        let handle = recorder.matching(at(start), url);
        recorder.describe(
            handle,
            "#http.response.body.size\x0017\0!requestStart\x0030000",
        );
        recorder.timed(handle, at(end));
        handle
    };
    assert_eq!(timing(20, 29), handles[0]);
    assert_eq!(timing(41, 49), handles[1]);
    recorder.settle(handles[0], at(30), false);
    recorder.settle(handles[1], at(45), false);
    recorder.settle(handles[2], at(65), true);
    // Our own traffic, or a request that was not seen.
    assert_eq!(recorder.matching(at(80), "http://shop.example/other"), 0);
    page.load(100);
    page.run_until(10_000);
    let mut ends: Vec<_> = page
        .spans
        .iter()
        .filter(|span| span.name == "POST /v1")
        .map(|span| {
            let settled = span
                .attributes
                .iter()
                .any(|each| each.key == "throughline.timing");
            let failed = span.status.as_ref().is_some_and(|status| status.code == 2);
            (span.end_time_unix_nano, settled, failed, span.events.len())
        })
        .collect();
    ends.sort_unstable();
    let expected = [
        (at(29).0, false, false, 1),
        (at(49).0, false, false, 1),
        (at(65).0, true, true, 0),
    ];
    assert_eq!(ends, expected);
    assert_eq!(page.recorder.counts()[EXPORTED], page.spans.len() as u64);
}

#[test]
fn leaving_the_page_leaves_nothing_behind() {
    let mut page = Page::new(1.0, &[]);
    page.click(10, "Leave");
    page.request(12, "/api/slow");
    page.open(Kind::Plain, 13, &["measured"]);
    page.load(15);
    page.recorder.leave(at(20), true);
    page.send(at(20), Urgency::Leaving);
    assert_eq!(
        page.tree(),
        [
            "page view /cart/{id}",
            "  measured",
            "click Leave ~",
            "  POST /api/slow"
        ]
    );
    let interrupted = |name: &str| {
        page.span(name)
            .attributes
            .iter()
            .any(|a| a.key == "throughline.interrupted")
    };
    assert!(interrupted("POST /api/slow") && interrupted("measured"));
    assert!(!interrupted("click Leave"));
    let counts = page.recorder.counts();
    assert_eq!((counts[STARTED], counts[EXPORTED]), (4, 4));
    assert_eq!((page.recorder.queued(), page.recorder.open_count()), (0, 0));
}

#[test]
fn hiding_the_page_keeps_what_still_runs() {
    let mut page = Page::new(1.0, &[]);
    page.click(10, "Stay");
    let (handle, _) = page.request(12, "/api/slow");
    page.load(15);
    page.recorder.leave(at(20), false);
    page.send(at(20), Urgency::Leaving);
    assert_eq!(page.tree(), ["page view /cart/{id}"]);
    page.settle(900, handle);
    page.run_until(20_000);
    assert_eq!(
        page.tree(),
        ["page view /cart/{id}", "click Stay ~", "  POST /api/slow"]
    );
}

#[test]
fn flush_does_not_wait_for_more() {
    let mut page = Page::loaded();
    page.click(9_000, "Go");
    let (handle, _) = page.request(9_001, "/api");
    page.settle(9_050, handle);
    page.recorder.flush(at(9_051));
    page.send(at(9_051), Urgency::Leaving);
    assert_eq!(page.tree(), ["click Go ~", "  POST /api"]);
}

#[test]
fn what_is_not_in_the_sample_still_says_so_to_servers() {
    let mut page = Page::new(0.0, &[]);
    let (handle, header) = page.request(20, "/api");
    assert!(header.ends_with("-00"), "{header}");
    page.settle(30, handle);
    page.load(35);
    page.recorder.leave(at(40), true);
    page.send(at(40), Urgency::Leaving);
    assert_eq!(page.tree(), [""; 0]);
    let counts = page.recorder.counts();
    assert_eq!(counts, [0, 0, 0, 0, 0, 2, 0, 0]);
}

#[test]
fn the_random_flag_is_the_sites_choice() {
    for (level, flags) in [("", "01"), ("1", "01"), ("2", "03")] {
        let mut page = Page::new(1.0, &["traceLevel", level]);
        let (_, header) = page.request(20, "/api");
        assert_eq!(&header[53..], flags);
    }
}

#[test]
fn what_is_not_started_or_known_is_harmless() {
    let mut page = Page::loaded();
    page.settle(9_000, 12_345);
    page.recorder.describe(12_345, "a\0b");
    page.recorder.timed(12_345, at(9_000));
    page.recorder
        .batch_settled(true, 777, 200, 0, Nanos(0), 0, at(9_000));
    page.run_until(60_000);
    assert_eq!(page.tree(), [""; 0]);
    // More requests than anybody has at once.
    for _ in 0..=MAX_OPEN {
        page.request(70_000, "/");
    }
    assert_eq!(page.request(70_000, "/").0, 0);
    assert_eq!(page.recorder.dropped(Reason::Limit), 2);
}

#[test]
fn the_resource_says_who_it_is() {
    let page = Page::loaded();
    let request = ExportTraceServiceRequest::decode(&*page.batches[0]).unwrap();
    let resource = request.resource_spans[0].resource.as_ref().unwrap();
    let mut keys: Vec<_> = resource.attributes.iter().map(|a| &*a.key).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "service.name",
            "telemetry.sdk.language",
            "telemetry.sdk.name",
            "telemetry.sdk.version"
        ]
    );
    let scope = request.resource_spans[0].scope_spans[0].scope.as_ref();
    assert_eq!(scope.unwrap().name, "throughline-rum");
}

#[test]
fn events_are_log_records_of_their_span() {
    let mut page = Page::loaded();
    let view = page.recorder.traceparent(0);
    page.recorder.log(at(8_000), 9, "shown\0\0#n\x003");
    page.click(9_000, "Go");
    let click = page.recorder.traceparent(0);
    page.recorder
        .log(at(9_001), 17, "exception\0\0exception.type\0TypeError");
    page.recorder
        .log(at(9_002), 17, &format!("exception\0{THEIRS}"));
    let bytes = page
        .recorder
        .take_batch(true, at(20_000), Urgency::None)
        .expect("a batch");
    let request = ExportLogsServiceRequest::decode(&*bytes).expect("a whole request");
    // Nothing was lost as unknown.
    assert_eq!(request.encoded_len(), bytes.len());
    let records = &request.resource_logs[0].scope_logs[0].log_records;
    // Errors go first.
    let mut records: Vec<_> = records.iter().collect();
    assert_eq!(records[0].event_name, "exception");
    records.sort_by_key(|record| record.time_unix_nano);
    let lines: Vec<_> = records
        .iter()
        .map(|record| {
            let time = record.time_unix_nano - at(0).0;
            let keys: Vec<_> = record.attributes.iter().map(|each| &*each.key).collect();
            let place = format!("{}-{}", hex(&record.trace_id), hex(&record.span_id));
            let (name, severity) = (&*record.event_name, record.severity_number);
            (name, severity, time / 1_000_000, place, record.flags, keys)
        })
        .collect();
    let place = |header: &str| header[3..52].to_owned();
    assert_eq!(
        lines,
        [
            ("shown", 9, 8_000, place(&view), 1, vec!["n"]),
            (
                "exception",
                17,
                9_001,
                place(&click),
                1,
                vec!["exception.type"]
            ),
            ("exception", 17, 9_002, place(THEIRS), 1, vec![]),
        ]
    );
    let id = page.recorder.last_batch(true);
    page.recorder
        .batch_settled(true, id, 200, 0, Nanos(0), 0, at(20_001));
    assert_eq!(page.recorder.log_counts()[EXPORTED], 3);
}

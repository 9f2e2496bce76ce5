//! Whole lives of pages, played through on the recorder, and read back by an
//! independent decoder.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use throughline_model::time::{Nanos, UnixNanos};
use throughline_rum::clock::Clock;
use throughline_rum::recorder::Recorder;
use throughline_rum::requests::Outcome;
use throughline_rum::url::Url;

const ORIGIN_MS: f64 = 1_760_000_000_000.0;

/// A page on `http://shop.example`, its collector, and the time there.
struct Page {
    recorder: Recorder,
    /// What the collector has received.
    spans: Vec<Span>,
    batches: Vec<Vec<u8>>,
}

impl Page {
    fn new(ratio: f64) -> Self {
        let mut recorder = Recorder::new();
        recorder.set("service", "shop-web");
        recorder.set("origin", "http://shop.example");
        recorder.set("propagateTo", "https://api.example");
        let url = "http://shop.example\0shop.example\0\0/cart\0?token=x";
        recorder.start(Clock::new(ORIGIN_MS), ratio, [1, 2], url);
        Self {
            recorder,
            spans: Vec::new(),
            batches: Vec::new(),
        }
    }

    fn loaded() -> Self {
        let mut page = Self::new(1.0);
        page.recorder.page_mark("loadEventEnd", 100.0);
        page.recorder.page_ended(at(100));
        page.run_until(5_000);
        page.spans.clear();
        page
    }

    fn click(&mut self, ms: u64, label: &str) {
        self.recorder.click_started(at(ms), at(ms), label, "button");
        self.recorder.click_handled(at(ms + 1));
    }

    /// A request to a path of the page's own origin: its handle and its header.
    fn request(&mut self, ms: u64, path: &str) -> (u32, String) {
        self.request_to(ms, "http://shop.example", path, "")
    }

    fn request_to(&mut self, ms: u64, origin: &str, path: &str, existing: &str) -> (u32, String) {
        let url = Url {
            origin,
            hostname: "x",
            port: "",
            pathname: path,
            search: "",
        };
        let recorder = &mut self.recorder;
        let handle = recorder.request_started(at(ms), "POST", &url, existing);
        let header = recorder.take_traceparent(handle).unwrap_or_default();
        (handle, header)
    }

    fn settle(&mut self, ms: u64, handle: u32) {
        let outcome = Outcome::Response { status: 200 };
        self.recorder.request_settled(handle, at(ms), outcome);
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
            self.send(now, false);
        }
    }

    fn send(&mut self, now: UnixNanos, urgent: bool) {
        while let Some(bytes) = self.recorder.take_batch(now, urgent) {
            let id = self.recorder.last_batch();
            let request = ExportTraceServiceRequest::decode(&*bytes).expect("a whole request");
            for resource in request.resource_spans {
                for scope in resource.scope_spans {
                    self.spans.extend(scope.spans);
                }
            }
            self.batches.push(bytes);
            self.recorder.batch_settled(id, 200, now);
        }
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
    let (order, _) = page.request(13_050, "/api/orders/17");
    page.settle(13_100, order);
    page.run_until(20_000);

    assert_eq!(
        page.tree(),
        [
            "click Check out ~",
            "  POST /api/checkout",
            "  POST /api/orders/{id}"
        ]
    );
    let span = |name: &str| page.spans.iter().find(|span| span.name == name).unwrap();
    let (click, post) = (span("click Check out"), span("POST /api/checkout"));
    assert_eq!(
        header,
        format!("00-{}-{}-01", hex(&post.trace_id), hex(&post.span_id))
    );
    assert_eq!(
        hex(&click.trace_id),
        page.recorder.recent().traceparent()[3..35]
    );
    let times = (click.start_time_unix_nano, click.end_time_unix_nano);
    assert_eq!(times, (at(10_000).0, at(13_100).0));
    let ids: Vec<_> = page.spans.iter().map(|span| &span.trace_id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[test]
fn loading_is_one_trace_and_background_work_is_not_part_of_it() {
    let mut page = Page::new(1.0);
    let (early, _) = page.request(20, "/api/prices");
    page.settle(60, early);
    page.recorder.page_mark("requestStart", 1.0);
    page.recorder.page_mark("responseStart", 9.0);
    page.recorder.page_mark("loadEventEnd", 100.0);
    page.recorder.page_ended(at(101));
    page.recorder.page_ended(at(102));
    let (late, _) = page.request(200, "/api/badge");
    page.settle(210, late);
    let (poll, _) = page.request(30_000, "/api/poll");
    page.settle(30_010, poll);
    page.run_until(60_000);
    assert_eq!(
        page.tree(),
        [
            "page view /cart",
            "  request",
            "  POST /api/prices",
            "  POST /api/badge",
            "POST /api/poll ~"
        ]
    );
}

#[test]
fn headers_go_where_they_may() {
    let mut page = Page::loaded();
    let mut check = |origin: &str, existing: &str, expected: bool| {
        let (_, header) = page.request_to(9_000, origin, "/", existing);
        assert_eq!(!header.is_empty(), expected, "{origin} {existing}");
    };
    check("http://shop.example", "", true);
    check("https://api.example", "", true);
    check("https://other.example", "", false);
    // Somebody else's header stays as it is, valid or not.
    check(
        "http://shop.example",
        "00-00000000000000000000000000000001-0000000000000002-01",
        false,
    );
    check("http://shop.example", "nonsense", false);
}

#[test]
fn somebody_elses_trace_is_adopted() {
    let mut page = Page::loaded();
    page.click(9_000, "Go");
    let theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let (handle, _) = page.request_to(9_001, "http://shop.example", "/", theirs);
    page.settle(9_010, handle);
    page.run_until(20_000);
    assert_eq!(page.tree(), ["click Go ~", "POST / ~"]);
    let post = page
        .spans
        .iter()
        .find(|span| span.name == "POST /")
        .unwrap();
    let click = page
        .spans
        .iter()
        .find(|span| span.name == "click Go")
        .unwrap();
    assert_eq!(hex(&post.trace_id), theirs[3..35]);
    assert_eq!(hex(&post.span_id), theirs[36..52]);
    assert_eq!(post.links[0].span_id, click.span_id);

    // Not to be recorded, they say.
    page.spans.clear();
    let theirs = theirs.replace("-01", "-00");
    let (handle, _) = page.request_to(30_000, "http://shop.example", "/", &theirs);
    page.settle(30_010, handle);
    page.run_until(60_000);
    assert_eq!(page.tree(), [""; 0]);
}

#[test]
fn leaving_the_page_leaves_nothing_behind() {
    let mut page = Page::new(1.0);
    page.click(10, "Leave");
    page.request(12, "/api/slow");
    page.recorder.leave(at(20), true);
    page.send(at(20), true);
    assert_eq!(
        page.tree(),
        ["page view /cart", "click Leave ~", "  POST /api/slow"]
    );
    let counts = page.recorder.counts();
    assert_eq!((counts.started, counts.exported), (3, 3));
    assert_eq!((page.recorder.queued(), page.recorder.open()), (0, 0));
}

#[test]
fn hiding_the_page_keeps_what_still_runs() {
    let mut page = Page::new(1.0);
    page.click(10, "Stay");
    let (handle, _) = page.request(12, "/api/slow");
    page.recorder.leave(at(20), false);
    page.send(at(20), true);
    assert_eq!(page.tree(), ["page view /cart"]);
    page.settle(900, handle);
    page.run_until(20_000);
    assert_eq!(
        page.tree(),
        ["page view /cart", "click Stay ~", "  POST /api/slow"]
    );
}

#[test]
fn flush_does_not_wait_for_more() {
    let mut page = Page::loaded();
    page.click(9_000, "Go");
    let (handle, _) = page.request(9_001, "/api");
    page.settle(9_050, handle);
    page.recorder.flush(at(9_051));
    page.send(at(9_051), true);
    assert_eq!(page.tree(), ["click Go ~", "  POST /api"]);
}

#[test]
fn what_is_not_in_the_sample_still_says_so_to_servers() {
    let mut page = Page::new(0.0);
    let (handle, header) = page.request(20, "/api");
    assert!(header.ends_with("-00"), "{header}");
    page.settle(30, handle);
    page.recorder.leave(at(40), true);
    page.send(at(40), true);
    assert_eq!(page.tree(), [""; 0]);
    let counts = page.recorder.counts();
    assert_eq!((counts.started, counts.dropped), (0, [0, 0, 0, 2, 0]));
}

#[test]
fn what_is_not_started_or_known_is_harmless() {
    let mut page = Page::loaded();
    page.settle(9_000, 12345);
    page.recorder.batch_settled(777, 200, at(9_000));
    page.recorder.click_handled(at(9_000));
    assert!(page.recorder.take_traceparent(0).is_none());
    page.run_until(60_000);
    assert_eq!(page.tree(), [""; 0]);
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

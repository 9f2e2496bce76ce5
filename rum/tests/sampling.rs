//! Which spans of a page are recorded, and what its requests say about that.

use throughline_model::time::{Nanos, UnixNanos};
use throughline_rum::clock::Clock;
use throughline_rum::outbox::{Reason, STARTED};
use throughline_rum::recorder::Recorder;
use throughline_rum::spans::Kind;

const ORIGIN_MS: f64 = 1_760_000_000_000.0;

fn at(ms: u64) -> UnixNanos {
    UnixNanos::from_millis(ORIGIN_MS as u64).plus(Nanos::from_millis(ms))
}

/// A page that has loaded, with these options.
fn page(ratio: f64, options: &[&str]) -> Recorder {
    let mut recorder = Recorder::new();
    recorder.seed([1, 2]);
    recorder.start(Clock::new(ORIGIN_MS), ratio, &options.join("\0"));
    let view = recorder.open(Kind::Page, at(0), "page view /", false);
    recorder.settle(view, at(100), false);
    recorder
}

/// The headers of a request at that time, as `name: value`.
fn headers(recorder: &mut Recorder, ms: u64, own: bool) -> Vec<String> {
    let handle = recorder.open(Kind::Request, at(ms), "GET /", false);
    let text = recorder.headers(handle, own);
    recorder.settle(handle, at(ms + 1), false);
    let words: Vec<_> = text.split('\0').collect();
    words.chunks(2).map(|pair| pair.join(": ")).collect()
}

const SERVER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn headers_agree_with_the_decision() {
    let check = |ratio: f64, options: &[&str], own: bool, flags: &str, rest: &[&str]| {
        let headers = headers(&mut page(ratio, options), 9_000, own);
        assert!(headers[0].starts_with("traceparent: 00-"), "{headers:?}");
        assert!(headers[0].ends_with(flags), "{headers:?}");
        assert_eq!(&headers[1..], rest, "{ratio} {options:?}");
    };
    check(1.0, &[], true, "-01", &[]);
    check(0.0, &[], true, "-00", &[]);
    check(
        0.5,
        &["visit", "80000000000000"],
        true,
        "-01",
        &["tracestate: ot=th:8;rv:80000000000000"],
    );
    check(
        0.5,
        &["visit", "7fffffffffffff"],
        true,
        "-00",
        &["tracestate: ot=rv:7fffffffffffff"],
    );
    check(0.5, &["visit", "nonsense"], true, "-01", &[]);
    // Others would have to permit the header: they get it only if the site says so.
    check(0.5, &["visit", "80000000000000"], false, "-01", &[]);
    let formats = [
        "visit",
        "80000000000000",
        "formats",
        "tracecontext tracestate",
    ];
    check(
        0.5,
        &formats,
        false,
        "-01",
        &["tracestate: ot=th:8;rv:80000000000000"],
    );
    check(1.0, &["baggage", "k=v"], false, "-01", &["baggage: k=v"]);
    check(
        1.0,
        &["formats", "tracecontext nonsense b3"],
        true,
        "-01",
        &headers(&mut page(1.0, &["formats", "b3"]), 9_000, true)
            .iter()
            .map(|each| &**each)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_servers_trace_keeps_the_servers_decision() {
    for (ratio, visit) in [
        (0.0, "80000000000000"),
        (0.5, "7fffffffffffff"),
        (1.0, "80000000000000"),
    ] {
        let mut page = page(ratio, &["server", SERVER, "visit", visit]);
        // While the page loads its requests are part of the server's trace, whose numbers are not known here.
        let headers = headers(&mut page, 120, true);
        assert_eq!(headers.len(), 1, "{headers:?}");
        assert!(
            headers[0].contains("-0af7651916cd43dd8448eb211c80319c-")
                && headers[0].ends_with("-01")
        );
    }
}

#[test]
fn what_goes_wrong_can_be_recorded_whatever_the_sample() {
    let check = |options: &[&str], failed: bool, always: bool, expected: (u64, u64)| {
        let mut page = page(0.0, options);
        let handle = page.open(Kind::Request, at(9_000), "GET /", always);
        let sampled = page.traceparent(handle).ends_with("-01");
        assert_eq!(sampled, always);
        page.settle(handle, at(9_100), failed);
        page.flush(at(9_200));
        // The page view is not in the sample.
        let counts = (page.counts()[STARTED], page.dropped(Reason::Sampled) - 1);
        assert_eq!(counts, expected, "{options:?} {failed} {always}");
        assert_eq!(page.queued() as u64, expected.0);
    };
    check(&[], true, false, (0, 1));
    check(&["keepErrors", "true"], true, false, (1, 0));
    check(&["keepErrors", "true"], false, false, (0, 1));
    check(&[], false, true, (1, 0));
}

#[test]
fn traces_are_thinned_out_towards_a_target() {
    let mut page = page(1.0, &["spansPerMinute", "600", "visit", "80000000000000"]);
    let mut kept = Vec::new();
    for second in 10..190 {
        let mut sum = 0;
        for request in 0..50 {
            let headers = headers(&mut page, second * 1_000 + request * 20, true);
            sum += usize::from(headers[0].ends_with("-01"));
            // Each trace is for itself: no bits of a visit.
            assert_eq!(headers.len(), 1);
        }
        page.wake(at(second * 1_000 + 999));
        kept.push(sum);
    }
    let minutes: Vec<usize> = kept.chunks(60).map(|minute| minute.iter().sum()).collect();
    assert!(
        minutes[1].abs_diff(600) < 120 && minutes[2].abs_diff(600) < 120,
        "{minutes:?}"
    );
}

#[test]
fn x_ray_gets_trace_ids_with_the_time() {
    let headers = headers(&mut page(1.0, &["formats", "xray"]), 9_000, true);
    let seconds = (ORIGIN_MS as u64 / 1_000 + 9) as u32;
    assert!(
        headers[0].starts_with(&format!("x-amzn-trace-id: Root=1-{seconds:08x}-")),
        "{headers:?}"
    );
}

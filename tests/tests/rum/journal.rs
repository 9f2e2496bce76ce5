//! Nothing is lost and nothing comes twice: what a collector does not take now is kept, and sent again.
//!
//! **Invariant:** judged by what came to a collector that was well at the time.

use serde_json::{Value, json};
use throughline_tests::{
    browser::{Browser, Page},
    echo::{Asked, Server},
};

use crate::arrived::{Seen, logs, named, posts, tag, visit};

const COUNT: usize = 20;

/// What is kept in the browser's storage.
const KEPT: &str = "return Object.entries(localStorage).filter(([key]) => key.startsWith('throughline ')).map(([key, text]) => text.length)";

/// The page's own spans that came once the collector was well, which is to be all of them, once.
fn all_once(asked: &[Asked], what: &str) -> Vec<Seen> {
    let mut spans = named(asked, "op");
    spans.sort_by(|a, b| a.id.cmp(&b.id));
    spans.dedup_by(|a, b| a.id == b.id);
    let came = named(asked, "op").len();
    assert_eq!((spans.len(), came), (COUNT, COUNT), "{what}");
    spans
}

/// Waits until as many spans have come, and a little longer.
fn wait_for(page: &Page<'_>, own: &Server, seen: &mut Vec<Asked>) {
    page.until("spans at the collector", || {
        seen.extend(own.asked());
        (named(seen, "op").len() >= COUNT).then_some(())
    });
    std::thread::sleep(std::time::Duration::from_millis(700));
    seen.extend(own.asked());
}

/// A page that makes spans while the collector is in this mood, and another one once it is well.
fn check(page: &Page<'_>, mood: &str, attributes: &str, head: &str) {
    let own = Server::start();
    own.say("collector", mood);
    visit(page, &own, &format!("{head}{}", tag(attributes)));
    let before = page.session.js_async(
        "await loaded; const before = Date.now(); make(20); rum.event('noted'); await rum.flush(); return before",
        &[],
    );
    own.asked();
    own.say("collector", "");
    page.session.go(&format!("{}/core.html", own.origin));
    let mut asked = Vec::new();
    wait_for(page, &own, &mut asked);
    let spans = all_once(&asked, mood);
    // As of when they happened.
    let before = before.as_u64().unwrap_or_default() * 1_000_000;
    assert!(
        spans
            .iter()
            .all(|span| span.start.abs_diff(before) < 200_000_000),
        "{mood}"
    );
    assert_eq!(logs(&asked).matches("noted").count(), 1, "{mood}");
    assert_eq!(page.js(KEPT), json!([]), "{mood}");
}

pub fn what_a_collector_does_not_take_comes_with_the_next_page(page: &Page<'_>) {
    page.forgive("");
    for mood in ["gone", "503", "429"] {
        check(page, mood, "", "");
    }
    // Refused for good.
    let own = Server::start();
    own.say("collector", "400");
    visit(page, &own, &tag(""));
    let stats = page.session.js_async(
        "await loaded; make(20); await rum.flush(); return rum.stats()",
        &[],
    );
    assert!(stats["dropped"]["rejected"].as_u64() >= Some(20), "{stats}");
    assert_eq!((page.js(KEPT), &stats["kept"]), (json!([]), &json!(0)));
}

pub fn a_collector_that_comes_back_gets_everything(page: &Page<'_>) {
    page.forgive("");
    // Without storage, too: then the page's memory has to do.
    const NONE: &str = "<script>Object.defineProperty(window, 'localStorage', { get() { throw new Error('mine'); } });</script>";
    const NULL: &str =
        "<script>Object.defineProperty(window, 'localStorage', { value: null });</script>";
    const FULL: &str = "<script>for (const size of [1e6, 1e5, 1e4, 1e3, 100, 10, 1]) try { for (let i = 0; ; i++) localStorage[`mine ${size} ${i}`] = 'x'.repeat(size); } catch {}</script>";
    const UNLOCKED: &str = "<script>Object.defineProperty(navigator, 'locks', { value: { request: () => Promise.reject(new Error('mine')) } });</script>";
    for (head, what) in [
        ("", "storage"),
        (UNLOCKED, "no locks"),
        (NONE, "none"),
        (NULL, "null"),
        (FULL, "full"),
    ] {
        let own = Server::start();
        own.say("collector", "gone");
        visit(page, &own, &format!("{head}{}", tag("")));
        let script = "await loaded; make(20); await rum.flush(); return rum.stats()";
        let stats = page.session.js_async(script, &[]);
        assert!(stats["kept"].as_u64() >= Some(20), "{what}: {stats}");
        own.asked();
        own.say("collector", "");
        page.js("dispatchEvent(new Event('online'))");
        let mut asked = Vec::new();
        wait_for(page, &own, &mut asked);
        all_once(&asked, what);
        let stats = page
            .session
            .js_async("await rum.flush(); return rum.stats()", &[]);
        assert_eq!(
            (&stats["kept"], &stats["dropped"]["journal"]),
            (&json!(0), &json!(0)),
            "{what}: {stats}"
        );
        assert!(stats["exported"].as_u64() >= Some(20), "{what}: {stats}");
        page.js("try { localStorage.clear() } catch {}");
    }
}

pub fn leaving_loses_nothing(page: &Page<'_>) {
    page.forgive("");
    for (mood, wait, what) in [
        ("", 0, "at once"),
        ("slow", 0, "while it is slow"),
        ("", 300, "later"),
        ("gone", 0, "while it is gone"),
    ] {
        let own = Server::start();
        own.say("collector", mood);
        visit(page, &own, &tag(""));
        let script = "await loaded; if (args[1]) { make(1); await rum.flush(); } make(args[2]); await pause(args[0]); location.href = '/blank.html'";
        let failing = mood == "gone";
        let count = COUNT - usize::from(failing);
        page.session
            .js_async(script, &[wait.into(), failing.into(), count.into()]);
        // Else it could come after the page that is opened next.
        page.until("the next page", || {
            (page.js("return location.pathname") == json!("/blank.html")).then_some(())
        });
        let mut asked = Vec::new();
        if failing {
            own.asked();
            own.say("collector", "");
            page.session.go(&format!("{}/core.html", own.origin));
        }
        wait_for(page, &own, &mut asked);
        all_once(&asked, what);
    }
}

pub fn many_pages_send_what_is_kept_once(page: &Page<'_>) {
    page.forgive("");
    let check = |what: &str, open: &dyn Fn(&Server)| {
        let own = Server::start();
        own.say("collector", "503");
        visit(page, &own, &tag(""));
        page.session
            .js_async("await loaded; make(20); await rum.flush()", &[]);
        own.asked();
        own.say("collector", "");
        open(&own);
        let mut asked = Vec::new();
        wait_for(page, &own, &mut asked);
        all_once(&asked, what);
    };
    // Five pages of the origin begin at the same time, and this one is told that it is online.
    check("frames", &|_| {
        page.js("for (let i = 0; i < 5; i++) document.body.append(Object.assign(document.createElement('iframe'), { src: '/core.html' }));
            dispatchEvent(new Event('online'))");
    });
    check("tabs", &|own| {
        for _ in 0..3 {
            page.session.new_tab();
            page.session.go(&format!("{}/core.html", own.origin));
        }
    });
}

pub fn nothing_is_stored_without_consent(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    own.say("collector", "gone");
    visit(page, &own, &tag(r#"data-consent="pending""#));
    let script = "await loaded; make(20); await rum.flush(); dispatchEvent(new Event('pagehide')); await pause(1200); return Object.keys(localStorage).length + Object.keys(sessionStorage).length";
    assert_eq!(page.session.js_async(script, &[]), 0);
    let granted = page.session.js_async(
        "rum.consent('granted'); await rum.flush(); return rum.stats().kept",
        &[],
    );
    assert!(granted.as_u64() >= Some(20), "{granted}");
    assert_ne!(page.js(KEPT), json!([]));
    page.js("rum.consent('denied')");
    assert_eq!(page.js(KEPT), json!([]));
    own.say("collector", "");
    own.asked();
    // What another page has left is erased by one that may not keep anything, too.
    let left = format!("localStorage['throughline {} 1 0 1 0'] = 'x'", own.origin);
    page.js(&left);
    own.say(
        "script",
        &tag(r#"data-consent="denied""#).replace("ORIGIN", &own.origin),
    );
    page.session.go(&format!("{}/core.html", own.origin));
    assert_eq!(page.js(KEPT), json!([]));
    own.say("script", &tag("").replace("ORIGIN", &own.origin));
    page.session.go(&format!("{}/core.html", own.origin));
    page.session
        .js_async("await loaded; await rum.flush(); await pause(500)", &[]);
    assert_eq!(named(&own.asked(), "op"), []);
}

pub fn what_is_kept_is_bounded(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    own.say("collector", "gone");
    visit(page, &own, &tag(""));
    let script = "await loaded;
        for (let round = 0; round < 40; round++) {
            for (let i = 0; i < 100; i++) rum.span('op', { attributes: { text: 'x'.repeat(1000) } }).end();
            dispatchEvent(new Event('pagehide'));
        }
        await rum.flush();
        return rum.stats()";
    let stats = page.session.js_async(script, &[]);
    let sizes = page.js(KEPT);
    let sizes: Vec<u64> = sizes
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect();
    let sum: u64 = sizes.iter().sum();
    assert!((300_000..=500_000).contains(&sum), "{sizes:?}");
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let dropped = &stats["dropped"];
    let accounted = number(&stats["kept"])
        + number(&dropped["journal"])
        + number(&stats["queued"])
        + number(&dropped["queue"])
        + number(&stats["exported"]);
    assert_eq!(
        accounted,
        number(&stats["started"]) + number(&stats["logs"]),
        "{stats}"
    );
    // What is too old is of no use: it goes, and is counted.
    own.asked();
    own.say("collector", "");
    page.js("for (const [key, text] of Object.entries(localStorage)) { const words = key.split(' '); words[2] = Date.now() - 4 * 864e5; delete localStorage[key]; localStorage[words.join(' ')] = text; }");
    page.session.go(&format!("{}/core.html", own.origin));
    let lost = page.session.js_async("await loaded; await rum.flush(); await pause(500); await rum.flush(); return rum.stats().dropped.journal", &[]);
    assert!(lost.as_u64() > Some(100), "{lost}");
    assert_eq!(page.js(KEPT), json!([]));
    assert_eq!(named(&own.asked(), "op"), []);
}

pub fn a_crash_loses_the_last_second_at_most(page: &Page<'_>) {
    page.forgive("");
    for mood in ["", "gone"] {
        let own = Server::start();
        own.say("collector", mood);
        visit(page, &own, &tag(""));
        page.session.js_async(
            "await loaded; await rum.flush(); make(20); await pause(1300); return 1",
            &[],
        );
        let mut asked = own.asked();
        if !mood.is_empty() {
            asked.clear();
        }
        if page.session.browser == Browser::Chromium {
            // The renderer goes, without a word to the page.
            page.session
                .try_post("/url", &json!({"url": "chrome://crash"}))
                .ok();
        } else {
            // No driver can do that to Firefox: the next page knows nothing of this one, in any case.
            page.js("for (const type of ['pagehide', 'visibilitychange']) window.addEventListener(type, (event) => event.stopImmediatePropagation(), true)");
        }
        own.say("collector", "");
        let tabs = page.session.try_get("/window/handles").unwrap_or_default();
        page.session
            .try_post("/window", &json!({"handle": tabs[0]}))
            .ok();
        page.session.new_tab();
        page.session.go(&format!("{}/core.html", own.origin));
        wait_for(page, &own, &mut asked);
        all_once(&asked, mood);
        assert!(!posts(&asked, "/v1/traces").is_empty());
    }
}

pub fn being_offline_loses_nothing(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    visit(page, &own, &tag(""));
    page.session
        .js_async("await loaded; await rum.flush()", &[]);
    page.session.cdp("Network.enable", &json!({}));
    let network = |offline: bool| {
        let conditions = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        page.session
            .cdp("Network.emulateNetworkConditions", &conditions);
    };
    network(true);
    let script = "make(10); await pause(1300); make(10); await rum.flush(); return [navigator.onLine, rum.stats()]";
    let found = page.session.js_async(script, &[]);
    assert_eq!(
        (&found[0], &found[1]["kept"]),
        (&json!(false), &json!(20)),
        "{found}"
    );
    network(false);
    let mut asked = Vec::new();
    wait_for(page, &own, &mut asked);
    all_once(&asked, "offline, then back");
}

pub fn log_records_that_nobody_takes_do_not_hold_spans_up(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    own.say("logs", "503");
    visit(page, &own, &tag(""));
    let script = "await loaded; rum.event('first'); make(10); await rum.flush(); rum.event('second'); make(10); await rum.flush(); return rum.stats()";
    let stats = page.session.js_async(script, &[]);
    let mut asked = own.asked();
    all_once(&asked, "spans");
    assert_eq!(stats["kept"], 2, "{stats}");
    own.say("logs", "");
    asked.clear();
    page.session.js_async("await rum.flush()", &[]);
    let logs = logs(&own.asked());
    assert!(logs.contains("first") && logs.contains("second"), "{logs}");
}

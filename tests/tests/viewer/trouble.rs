//! Bad input: each has its answer on the screen, and what was open stays.

use serde_json::Value;
use throughline_tests::{
    browser::{Browser, Key, Page},
    forge, in_browsers, in_chromium,
    server::{Reply, Site},
    wrap,
};

use crate::made::{self, SPANS};

in_browsers! {
    a_picture, an_empty_file, a_cut_off_file, not_found, a_server_in_trouble, an_html_answer, cors_refused, nobody_there,
    no_address, json_of_something_else, a_bad_file_among_good_ones, what_was_open_stays, issues_are_listed, a_file_of_two_gigabytes,
}
in_chromium! { a_folder_is_dropped }

/// The first bytes of a picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0";

/// Drops a file that cannot be opened; each of `words` has to be in what the page says.
fn drop_fails(page: &Page<'_>, name: &str, bytes: &[u8], words: &[&str]) {
    page.open("");
    page.drop_files(&[(name, bytes)], false);
    explained(page, words);
}

/// Opens an address that does not open.
fn url_fails(page: &Page<'_>, url: &str, words: &[&str]) {
    // Browsers log requests that failed by themselves.
    page.forgive("Failed to load resource");
    page.forgive("blocked by CORS policy");
    page.forgive("net::ERR_");
    page.open(&format!("?url={url}"));
    explained(page, words);
}

/// Waits for the problem, in the state and on the page.
fn explained(page: &Page<'_>, words: &[&str]) -> Value {
    let state = page.wait_for("it fails", |state| {
        !state["error"].is_null() && state["loading"].is_null()
    });
    assert_eq!(
        state["phase"],
        if state["dataset"].is_null() {
            "error"
        } else {
            "ready"
        }
    );
    let error = state["error"].clone();
    for part in ["title", "hint"] {
        assert!(
            error[part].as_str().is_some_and(|text| text.len() > 5),
            "no {part}: {error:#}"
        );
    }
    let shown = page.find("[role=alert]").text();
    for part in ["title", "detail", "hint"] {
        let text = error[part].as_str().unwrap_or_default();
        // Where lines break is the page's business.
        let (text, shown) = (
            text.split_whitespace().collect::<String>(),
            shown.split_whitespace().collect::<String>(),
        );
        assert!(shown.contains(&text), "{text} is not in {shown}");
    }
    let all = shown.to_lowercase();
    for word in words {
        assert!(
            all.contains(&word.to_lowercase()),
            "“{word}” is not in {shown}"
        );
    }
    error
}

fn a_picture(page: &Page<'_>) {
    drop_fails(page, "photo.json", PNG, &["photo.json", "PNG"]);
}

fn an_empty_file(page: &Page<'_>) {
    drop_fails(page, "nothing.json", b"", &["nothing.json", "empty"]);
    let url = page.site.put("nothing.json", b"".to_vec());
    url_fails(page, &url, &["nothing.json", "empty"]);
}

fn a_cut_off_file(page: &Page<'_>) {
    // Half of it is still a trace: that half opens, and what is missing is said.
    let bytes = made::bytes();
    page.open("");
    page.drop_files(&[("cut.json", &bytes[..bytes.len() / 2])], false);
    let state = page.wait_for("what is there is open", |state| state["phase"] == "ready");
    let spans = state["dataset"]["spans"].as_u64().unwrap();
    assert!(spans > SPANS / 4 && spans < SPANS, "{spans}");
    assert!(state["dataset"]["issues"].as_u64() > Some(0));
    // Of this one nothing is left.
    drop_fails(page, "stump.json", &bytes[..40], &["stump.json", "OTLP"]);
    let packed = wrap::gzip(&bytes).unwrap();
    drop_fails(page, "stump.gz", &packed[..12], &["stump.gz", "gzip"]);
}

fn not_found(page: &Page<'_>) {
    url_fails(page, "/files/absent.json", &["absent.json", "404"]);
}

fn a_server_in_trouble(page: &Page<'_>) {
    let url = page.site.put("broken.json", Reply::from("no").status(503));
    url_fails(page, &url, &["broken.json", "503"]);
    let url = page.site.put("secret.json", Reply::from("no").status(401));
    url_fails(page, &url, &["secret.json", "401", "login"]);
}

fn an_html_answer(page: &Page<'_>) {
    let html = Reply::from(
        "<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>",
    );
    let url = page.site.put("page.json", html.typed("text/html"));
    url_fails(page, &url, &["page.json", "HTML"]);
}

fn cors_refused(page: &Page<'_>) {
    let elsewhere = Site::elsewhere();
    let url = elsewhere.put("other.json", made::bytes());
    url_fails(
        page,
        &url,
        &["other.json", "CORS", "allowed_origins", &page.site.origin()],
    );
    let url = elsewhere.put("open.json", Reply::from(made::bytes()).for_all());
    page.open(&format!("?url={url}"));
    page.wait_for("with leave of that server it opens", |state| {
        state["dataset"]["spans"] == SPANS
    });
}

fn nobody_there(page: &Page<'_>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/gone.json", listener.local_addr().unwrap());
    drop(listener);
    url_fails(page, &url, &["gone.json", "could not be reached"]);
}

fn no_address(page: &Page<'_>) {
    url_fails(
        page,
        "javascript:alert(1)",
        &["javascript:alert(1)", "is not an address"],
    );
}

fn json_of_something_else(page: &Page<'_>) {
    drop_fails(
        page,
        "package.json",
        br#"{"name": "x", "version": "1.0.0", "dependencies": {}}"#,
        &["package.json"],
    );
    drop_fails(page, "words.txt", b"just some words\n", &["words.txt"]);
}

fn a_bad_file_among_good_ones(page: &Page<'_>) {
    page.open("");
    page.drop_files(&[("good.json", &made::bytes()), ("bad.png", PNG)], false);
    let state = page.wait_for("the good one is open", |state| state["phase"] == "ready");
    assert_eq!(state["dataset"]["spans"], SPANS);
    explained(page, &["bad.png"]);
}

fn what_was_open_stays(page: &Page<'_>) {
    made::open(page);
    page.keys("/SELECT");
    page.key(Key::Enter);
    let before = page.wait_for("a match is selected", |state| {
        state["selection"].is_string()
    });
    page.drop_files(&[("photo.json", PNG)], false);
    explained(page, &["photo.json"]);
    let after = page.state();
    for key in [
        "dataset",
        "trace",
        "view",
        "selection",
        "query",
        "range",
        "rows",
    ] {
        assert_eq!(after[key], before[key], "{key}");
    }
    page.press("Dismiss");
    page.wait_for("the problem is gone", |state| state["error"].is_null());
    page.until("the alert is gone", || {
        (!page.has("[role=alert]")).then_some(())
    });
}

fn issues_are_listed(page: &Page<'_>) {
    let broken = forge::otlp_json().to_string().replacen(
        "\"endTimeUnixNano\":\"",
        "\"endTimeUnixNano\":\"x",
        2,
    );
    let state = page.open_bytes("broken.json", broken.as_bytes());
    let issues = state["dataset"]["issues"].as_u64().unwrap();
    assert!(issues >= 2, "{state:#}");
    page.keys("i");
    let dialog = page.find("dialog[open]");
    assert_eq!(
        (dialog.role().as_str(), dialog.label().as_str()),
        ("dialog", "Issues in the data")
    );
    let words = dialog.text();
    for word in ["broken.json", "at byte", "OTLP JSON"] {
        assert!(words.contains(word), "“{word}” is not in {words}");
    }
    page.key(Key::Escape);
    page.until("it is closed", || (!page.has("dialog[open]")).then_some(()));
}

fn a_file_of_two_gigabytes(page: &Page<'_>) {
    // It has a length and no bytes: no disk is filled.
    let name = format!(
        "throughline-huge-{}-{:?}.json",
        std::process::id(),
        page.browser()
    );
    let path = std::env::temp_dir().join(&name);
    std::fs::File::create(&path)
        .unwrap()
        .set_len(2 << 30)
        .unwrap();
    page.open("");
    page.pick_files("Open files…", &[&path]);
    let error = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        explained(page, &[&name, "too large", "2.1 GB", "Split"])
    }));
    std::fs::remove_file(&path).unwrap();
    assert!(error.is_ok());
}

fn a_folder_is_dropped(page: &Page<'_>) {
    assert_eq!(page.browser(), Browser::Chromium);
    page.open("");
    let folder = throughline_tests::files::corpus().join("jaeger");
    let data = serde_json::json!({"items": [], "files": [folder], "dragOperationsMask": 1});
    for kind in ["dragEnter", "dragOver", "drop"] {
        let event = serde_json::json!({"type": kind, "x": 300, "y": 300, "data": data});
        page.session.cdp("Input.dispatchDragEvent", &event);
    }
    explained(page, &["jaeger", "folder"]);
}

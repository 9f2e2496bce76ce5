//! Ways in, and what stays when something goes wrong: drop, picker, paste, address, several at once, reload, history.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, RecvError, channel},
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use throughline_tests::{
    browser::{Key, Page},
    files, forge, in_browsers, read,
};

use crate::made::{self, SPANS};

in_browsers! {
    dropped_files_become_one_dataset, a_drop_with_shift_adds, picked_files_open, a_file_is_added_to_what_is_open,
    pasted_text_opens, the_sample_opens, an_address_is_typed, reload_restores_an_address, reload_restores_a_dropped_file,
    back_and_forward, a_dataset_is_closed, a_load_is_cancelled, it_is_read_while_it_arrives, a_slow_server_that_gives_up,
    logs_in_another_file_find_their_spans,
}

/// Two inputs whose traces are different ones.
fn two() -> (Vec<u8>, Vec<u8>) {
    (made::bytes(), forge::jaeger().to_string().into_bytes())
}

fn spans_of(inputs: &[(&str, &[u8])]) -> u64 {
    read::read_all(inputs.iter().copied()).0.span_count() as u64
}

fn dropped_files_become_one_dataset(page: &Page<'_>) {
    let (one, two) = two();
    let inputs = [("one.json", one.as_slice()), ("two.json", two.as_slice())];
    page.open("");
    page.drop_files(&inputs, false);
    let all = spans_of(&inputs);
    let state = page.wait_for("both files are open", |state| {
        state["dataset"]["spans"] == all
    });
    assert_eq!(state["view"], "list");
    assert_eq!(state["dataset"]["name"], "one.json and 1 more");
}

fn a_drop_with_shift_adds(page: &Page<'_>) {
    let (one, two) = two();
    page.open("");
    page.drop_files(&[("one.json", &one)], false);
    page.wait_for("the first file is open", |state| {
        state["dataset"]["spans"] == SPANS
    });
    page.drop_files(&[("two.json", &two)], true);
    let all = spans_of(&[("one.json", &one), ("two.json", &two)]);
    page.wait_for("the second one is added", |state| {
        state["dataset"]["spans"] == all
    });
    page.drop_files(&[("one.json", &one)], false);
    page.wait_for("without Shift it takes the place", |state| {
        state["dataset"]["spans"] == SPANS
    });
}

fn picked_files_open(page: &Page<'_>) {
    let paths = ["jaeger/api.json", "zipkin-v2/list.json"].map(|name| files::corpus().join(name));
    let bytes = [0, 1].map(|at: usize| std::fs::read(&paths[at]).unwrap());
    page.open("");
    page.pick_files("Open files…", &[&paths[0], &paths[1]]);
    let all = spans_of(&[("a", &bytes[0]), ("b", &bytes[1])]);
    page.wait_for("both files are open", |state| {
        state["dataset"]["spans"] == all
    });
}

fn a_file_is_added_to_what_is_open(page: &Page<'_>) {
    made::open(page);
    page.press("Open");
    let path = files::corpus().join("jaeger/api.json");
    page.pick_files("Add files to what is open…", &[&path]);
    let all = spans_of(&[
        ("made", &made::bytes()),
        ("b", &std::fs::read(&path).unwrap()),
    ]);
    page.wait_for("it is added", |state| {
        state["dataset"]["spans"] == all && state["view"] == "list"
    });
}

fn pasted_text_opens(page: &Page<'_>) {
    page.open("");
    let text = forge::jaeger().to_string();
    // Chromium takes the transfer, Firefox the text.
    page.session.js(
        "const transfer = new DataTransfer(); transfer.setData('text/plain', arguments[0]);
         const init = { clipboardData: transfer, dataType: 'text/plain', data: arguments[0], bubbles: true, cancelable: true };
         document.body.dispatchEvent(new ClipboardEvent('paste', init))",
        &[text.as_str().into()],
    );
    let all = spans_of(&[("pasted", text.as_bytes())]);
    page.wait_for("the text is open", |state| state["dataset"]["spans"] == all);
    page.press("Open");
    page.press("Close this dataset");
    page.wait_for("nothing is open", |state| state["phase"] == "idle");
    page.press("Paste");
    page.find("#start-paste").type_text(&text);
    page.press("Open the text");
    page.wait_for("the typed text is open", |state| {
        state["dataset"]["spans"] == all
    });
}

fn the_sample_opens(page: &Page<'_>) {
    page.open("");
    page.press("Try the sample");
    let state = page.wait_for("the sample is open", |state| state["phase"] == "ready");
    assert!(state["dataset"]["spans"].as_u64() > Some(10), "{state:#}");
    assert!(state["dataset"]["services"].as_u64() > Some(3), "{state:#}");
    page.first_rows();
    let load = page.measure("throughline.load");
    assert_eq!(load["detail"]["spans"], state["dataset"]["spans"]);
    for name in [
        "throughline.import",
        "throughline.first-row",
        "throughline.view.waterfall",
    ] {
        assert!(
            page.measure(name)["detail"]["spans"].as_u64() > Some(0),
            "{name}"
        );
    }
}

fn an_address_is_typed(page: &Page<'_>) {
    let url = page.site.put("typed.json", made::bytes());
    page.open("");
    page.find("#start-address").type_text(&url);
    page.key(Key::Enter);
    page.wait_for("it is open", |state| state["dataset"]["spans"] == SPANS);
    page.press("Open");
    let other = page
        .site
        .put("other.json", forge::jaeger().to_string().into_bytes());
    page.find("#open-url").type_text(&other);
    page.key(Key::Enter);
    page.wait_for("the other one is open", |state| {
        state["dataset"]["name"] == "other.json"
    });
}

/// What a reload has to bring back.
const KEPT: [&str; 6] = ["dataset", "trace", "view", "selection", "query", "range"];

/// Makes the state worth keeping, reloads, and compares.
fn reload_keeps(page: &Page<'_>) {
    page.keys("/SELECT");
    page.key(Key::Enter);
    page.wait_for("a match is selected", |state| {
        state["selection"].is_string()
    });
    page.js("document.activeElement.blur()");
    page.keys("z");
    let before = page.wait_for("it is zoomed", |state| {
        let end = |name: &str| {
            state["range"][name]
                .as_str()
                .and_then(|end| end.parse::<u64>().ok())
                .unwrap_or(0)
        };
        end("end") - end("start") < 10_000_000
    });
    let same = |before: &Value, state: &Value| {
        KEPT.iter().all(|key| match *key {
            // Which match is the current one follows from the selection, and is not in the address.
            "query" => {
                state["query"]["text"] == before["query"]["text"]
                    && state["query"]["matches"] == before["query"]["matches"]
            }
            key => state[key] == before[key],
        })
    };
    page.reload();
    page.wait_for(&format!("it is as before: {before:#}"), |state| {
        same(&before, state)
    });
    page.until("the selected row shows", || {
        page.rows().into_iter().find(|row| row.selected)
    });
    page.js("document.activeElement.blur()");
    page.keys("3");
    let graph = page.wait_for("the graph shows", |state| state["view"] == "graph");
    page.reload();
    page.wait_for("the graph shows again", |state| same(&graph, state));
}

fn reload_restores_an_address(page: &Page<'_>) {
    made::open(page);
    reload_keeps(page);
}

fn reload_restores_a_dropped_file(page: &Page<'_>) {
    page.open("");
    page.drop_files(&[("mine.json", &made::bytes())], false);
    page.first_rows();
    page.until("the browser keeps it", || {
        let kept = page.session.js_async(
            "return (await (await caches.open('throughline-datasets')).keys()).length",
            &[],
        );
        (kept.as_u64() > Some(0)).then_some(())
    });
    reload_keeps(page);
    // And the start page offers it.
    page.open("");
    page.until("it is among the recent ones", || {
        page.words().contains("mine.json").then_some(())
    });
}

fn back_and_forward(page: &Page<'_>) {
    let bytes = forge::jaeger().to_string().into_bytes();
    let store = read::read(&bytes).0;
    assert!(store.trace_count() > 1);
    page.open_bytes("several.json", &bytes);
    page.wait_for("the list shows", |state| state["view"] == "list");
    page.click("[role=grid] [role=row][aria-rowindex='2']");
    let first = page.wait_for("a trace is open", |state| state["trace"].is_string());
    page.keys("3");
    page.wait_for("its graph is open", |state| state["view"] == "graph");
    page.back();
    page.wait_for("back at the waterfall", |state| {
        state["view"] == "waterfall" && state["trace"] == first["trace"]
    });
    page.back();
    page.wait_for("back at the list", |state| {
        state["view"] == "list" && state["trace"].is_null()
    });
    page.forward();
    page.wait_for("forward to the trace", |state| {
        state["view"] == "waterfall" && state["trace"] == first["trace"]
    });
    page.forward();
    page.wait_for("forward to the graph", |state| state["view"] == "graph");
}

fn a_dataset_is_closed(page: &Page<'_>) {
    made::open(page);
    page.press("Open");
    page.press("Close this dataset");
    let state = page.wait_for("nothing is open", |state| state["phase"] == "idle");
    assert_eq!(
        (&state["dataset"], &state["rows"]),
        (&Value::Null, &0.into())
    );
    page.until("the start page shows", || {
        page.words().contains("Drop traces here").then_some(())
    });
}

fn a_load_is_cancelled(page: &Page<'_>) {
    made::open(page);
    // Nothing ever answers there: the connection is accepted and then silence.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/never.json", silent.local_addr().unwrap());
    page.press("Open");
    page.find("#open-url").type_text(&url);
    page.key(Key::Enter);
    let state = page.wait_for("it is loading", |state| state["phase"] == "loading");
    assert_eq!(state["loading"]["name"], "never.json");
    assert_eq!(state["dataset"]["spans"], SPANS, "what was open stays");
    page.press("Cancel");
    let state = page.wait_for("the load is over", |state| state["phase"] == "ready");
    assert_eq!(state["dataset"]["spans"], SPANS);
}

/// A server of one answer, of a length that it does not tell, that stops in the middle until it is told to go on. Gives its
/// address.
fn halting(body: Vec<u8>, go_on: Receiver<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/large.json", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept()?;
        let mut request = [0; 4096];
        _ = socket.read(&mut request)?;
        let (first, rest) = body.split_at(body.len() * 9 / 10);
        write!(
            socket,
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
        )?;
        socket.write_all(first)?;
        go_on.recv().ok();
        socket.write_all(rest)
    });
    url
}

fn it_is_read_while_it_arrives(page: &Page<'_>) {
    let small = made::bytes();
    let count = (40 << 20) / small.len();
    let lines = [small.as_slice(), b"\n"].concat().repeat(count);
    let elements = small
        .strip_prefix(b"{\"resourceSpans\":[")
        .and_then(|rest| rest.strip_suffix(b"]}"))
        .expect("one list");
    let mut document = b"{\"resourceSpans\":[".to_vec();
    document.extend([elements, b","].concat().repeat(count - 1));
    document.extend([elements, b"]}"].concat());
    // Stored, not deflated, so that it is long enough to arrive.
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(&document).unwrap();
    for body in [lines, document, packed.finish().unwrap()] {
        let (store, _) = read::read(&body);
        let (total, (go_on, halted)) = (body.len() as u64, channel());
        let url = halting(body, halted);
        page.open(&format!("?url={url}"));
        let state = page.wait_for("spans of what has arrived", |state| {
            state["loading"]["spans"].as_u64() > Some(10_000)
        });
        assert_eq!(state["loading"]["total"], 0);
        assert!(state["loading"]["bytes"].as_u64() < Some(total), "{state}");
        let words = page.words();
        assert!(
            words.contains("8\nservices so far") || words.contains("services so far\n8"),
            "{words}"
        );
        go_on.send(()).unwrap();
        let state = page.wait_for("it is open", |state| state["phase"] == "ready");
        assert_eq!(state["dataset"]["spans"], store.span_count() as u64);
        assert_eq!(state["dataset"]["issues"], store.issues().total());
    }
}

/// What has come shows while the rest is awaited, a silence is named, and what came is opened when no more will.
fn a_slow_server_that_gives_up(page: &Page<'_>) {
    let small = made::bytes();
    let count = 1_000_000 / small.len();
    let lines = [small.as_slice(), b"\n"].concat().repeat(count);
    let (go_on, halted) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/slow.json", listener.local_addr().unwrap());
    let (half, length) = (lines[..lines.len() / 2].to_vec(), lines.len());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let _ = stream.read(&mut [0; 4096])?;
        let head = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length";
        stream.write_all(format!("{head}: {length}\r\n\r\n").as_bytes())?;
        for piece in half.chunks(half.len() / 5 + 1) {
            stream.write_all(piece)?;
            std::thread::sleep(Duration::from_millis(600));
        }
        let _: Result<(), RecvError> = halted.recv();
        Ok::<(), std::io::Error>(())
    });
    page.forgive("net::ERR_");
    page.open(&format!("?url={url}"));
    page.wait_for("spans of what has arrived", |state| {
        state["loading"]["spans"].as_u64() > Some(100)
    });
    page.until("the silence is named", || {
        let words = page.words();
        words.contains("Nothing has arrived for").then_some(())
    });
    go_on.send(()).unwrap();
    let state = page.wait_for("what came is open", |state| state["phase"] == "ready");
    let spans = state["dataset"]["spans"].as_u64().unwrap();
    let all = SPANS * count as u64;
    assert!(spans > all / 3 && spans < all, "{spans} of {all}");
    assert!(page.words().contains("broke off"), "{}", page.words());
}

fn logs_in_another_file_find_their_spans(page: &Page<'_>) {
    let file = std::fs::read(files::corpus().join("logs/otlp-spans-and-logs.json")).unwrap();
    let both: Value = serde_json::from_slice(&file).unwrap();
    let part = |key: &str| json!({ key: both[key] }).to_string().into_bytes();
    let (logs, spans) = (part("resourceLogs"), part("resourceSpans"));
    page.open("");
    page.drop_files(&[("logs.json", &logs), ("spans.json", &spans)], false);
    let store = read::read(&file).0;
    let state = page.wait_for("both are open", |state| {
        state["dataset"]["spans"] == store.span_count()
    });
    assert_eq!(state["dataset"]["issues"], store.issues().total());
    assert!(!page.words().contains("could not be opened"));
    page.first_rows();
    page.click_row("POST /checkout");
    page.until("three entries are counted", || {
        page.words().contains("Events 3").then_some(())
    });
    // Alone they are no trace; what is open stays.
    page.drop_files(&[("logs.json", &logs)], false);
    page.until("the page says so", || {
        page.words().contains("it is OTLP logs").then_some(())
    });
    assert_eq!(page.state()["dataset"]["spans"], store.span_count());
}

//! The demo as a user has it: the program, its processes, its ports, and how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod rig;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use rig::{Demo, PATIENCE, Span, command, get, http, next_json, spans_of};

#[test]
fn a_check_out_is_one_connected_trace_and_ctrl_c_leaves_nothing_behind() {
    let mut demo = Demo::start(&["--load", "1", "--payment-fail", "always"]);
    let told = next_json(&mut demo.lines);
    assert_eq!(
        (&told["status"], &told["error"]),
        (&json!(200), &Value::Null)
    );
    let id = told["trace"].as_str().unwrap();
    assert!(told["link"].as_str().unwrap().contains(id), "{told}");

    let collector = demo.url("collector").to_owned();
    let spans = spans_of(&get(&format!("{collector}/api/v3/traces/{id}")));
    assert_eq!(json!(spans.len()), told["spans"]);
    let ids: BTreeSet<&str> = spans.iter().map(|span| span.id.as_str()).collect();
    assert_eq!(ids.len(), spans.len(), "every span has an id of its own");
    let roots: Vec<&Span> = spans
        .iter()
        .filter(|span| !ids.contains(span.parent.as_str()))
        .collect();
    assert_eq!(roots.len(), 1, "{roots:#?}");
    assert_eq!(
        (roots[0].service.as_str(), roots[0].parent.as_str()),
        ("shop-load", "")
    );

    let services: BTreeSet<&str> = spans.iter().map(|span| span.service.as_str()).collect();
    let expected = [
        "auth",
        "cart",
        "checkout",
        "gateway",
        "inventory",
        "notification",
        "order",
        "payment",
        "pricing",
        "shipping",
        "shop-load",
    ];
    assert_eq!(services.into_iter().collect::<Vec<_>>(), expected);

    let check = |service: &str, name: &str, kind: u64, count: usize, attributes: Value| {
        let found: Vec<&Span> = spans
            .iter()
            .filter(|span| span.service == service && span.name == name)
            .collect();
        assert_eq!(found.len(), count, "{service} {name}");
        for span in found {
            assert_eq!(span.kind, kind, "{service} {name}");
            for (key, value) in attributes.as_object().unwrap() {
                assert_eq!(&span.attributes[key], value, "{service} {name} {key}");
            }
        }
    };
    let (server, client, producer, consumer) = (2, 3, 4, 5);
    let route = |route: &str| json!({ "http.route": route, "http.response.status_code": "200" });
    check(
        "gateway",
        "POST /api/checkout",
        server,
        1,
        route("/api/checkout"),
    );
    check("auth", "verify token", server, 1, route("/verify"));
    check(
        "checkout",
        "checkout",
        server,
        1,
        json!({ "app.items": "12" }),
    );
    check("cart", "GET /cart/{id}", server, 1, route("/cart/{id}"));
    check(
        "pricing",
        "price items",
        server,
        1,
        json!({ "app.currency": "EUR" }),
    );
    for peer in ["rates-a", "rates-b", "rates-c"] {
        let attributes =
            json!({ "server.address": peer, "peer.service": peer, "http.request.method": "GET" });
        check(
            "pricing",
            &format!("GET {peer} /v1/rates"),
            client,
            1,
            attributes,
        );
    }
    let stock = json!({ "db.system.name": "sqlite", "db.collection.name": "stock", "db.operation.name": "SELECT" });
    check("inventory", "SELECT stock WHERE sku = ?", client, 12, stock);
    check(
        "order",
        "SELECT orders WHERE customer = ?",
        client,
        1,
        json!({ "db.namespace": "orders" }),
    );
    check("payment", "charge", server, 1, route("/charge"));
    check(
        "payment",
        "POST /charges",
        client,
        1,
        json!({ "error.type": "502" }),
    );
    check(
        "payment",
        "POST /charges (retry 1)",
        client,
        1,
        json!({ "http.request.resend_count": "1" }),
    );
    check("shipping", "quote", server, 1, route("/quote"));
    check(
        "notification",
        "publish order.created",
        producer,
        1,
        json!({ "messaging.operation.type": "send" }),
    );
    check(
        "notification",
        "process order.created",
        consumer,
        1,
        json!({ "messaging.operation.type": "process" }),
    );

    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let failed = &named("POST /charges").json;
    assert_eq!(failed["status"]["code"], 2);
    assert_eq!(failed["events"][0]["name"], "exception");
    let consumer = named("process order.created");
    assert_eq!(consumer.json["links"][0]["spanId"], json!(consumer.parent));
    assert_eq!(consumer.parent, named("publish order.created").id);

    demo.signal("INT", &demo.ready["pid"]);
    let (status, errors) = demo.ended();
    assert!(status.success(), "{status}");
    assert_eq!(errors, "");
}

#[test]
fn the_page_and_its_calls_are_served_from_the_shop() {
    let demo = Demo::start(&["--payment-fail", "never"]);
    let shop = demo.url("shop");
    assert_ne!(
        shop,
        demo.url("viewer"),
        "the page is of another origin than the viewer"
    );
    let page = http().get(shop).send().unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains(demo.url("collector")), "{policy}");
    let page = page.text().unwrap();
    let tag = format!(
        r#"src="/rum/throughline.js" data-collector="{}""#,
        demo.url("collector")
    );
    assert!(page.contains(&tag), "{page}");
    for part in ["/shop.js", "/shop.css", "/icon.svg"] {
        assert_eq!(
            http().get(format!("{shop}{part}")).send().unwrap().status(),
            200,
            "{part}"
        );
    }

    let call = |path: &str| {
        http()
            .get(format!("{shop}{path}"))
            .bearer_auth("demo-0007")
            .send()
            .unwrap()
    };
    assert_eq!(
        call("/api/catalog")
            .json::<Value>()
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        12
    );
    assert_eq!(
        call("/api/recommendations")
            .json::<Value>()
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let change = json!({ "sku": "MUG-01", "quantity": -1 });
    let cart = call("/api/cart").json::<Value>().unwrap();
    assert_eq!(cart.as_array().unwrap().len(), 12);
    let changed = http()
        .post(format!("{shop}/api/cart/items"))
        .bearer_auth("demo-0007")
        .json(&change)
        .send();
    assert_eq!(
        changed
            .unwrap()
            .json::<Value>()
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        11
    );

    let refused = http().get(format!("{shop}/api/cart")).send().unwrap();
    assert_eq!(refused.status(), 401);
    let timing = refused.headers()["server-timing"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(timing.starts_with(r#"traceparent;desc="00-"#), "{timing}");

    demo.signal("TERM", &demo.ready["pid"]);
    let (status, errors) = demo.ended();
    assert!(status.success(), "{status}");
    assert_eq!(errors, "");
}

#[test]
fn a_killed_demo_leaves_no_process_behind() {
    let demo = Demo::start(&[]);
    demo.signal("KILL", &demo.ready["pid"]);
    let (status, _) = demo.ended();
    assert!(!status.success(), "{status}");
}

#[test]
fn a_demo_that_is_tied_to_its_stdin_ends_with_it() {
    // Stdin is empty here, so it ends at once; whether before or after all is up does not matter.
    let options = ["--port", "0", "--shop-port", "0", "--stop-with-stdin"];
    let output = command(&options).output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_service_that_ends_is_reported_and_the_others_go_on() {
    let demo = Demo::start(&[]);
    demo.signal("KILL", &demo.ready["pids"]["auth"]);
    let shop = demo.url("shop");
    let begin = Instant::now();
    let answer = loop {
        let answer = http()
            .get(format!("{shop}/api/cart"))
            .bearer_auth("demo-0001")
            .send()
            .unwrap();
        if !answer.status().is_success() || begin.elapsed() > PATIENCE {
            break answer;
        }
    };
    assert_eq!(answer.status(), 502);
    let error = answer.json::<Value>().unwrap()["error"].to_string();
    assert!(error.contains("auth cannot be reached"), "{error}");
    assert_eq!(
        http()
            .get(format!("{shop}/api/catalog"))
            .send()
            .unwrap()
            .status(),
        200
    );

    demo.signal("TERM", &demo.ready["pid"]);
    let (_, errors) = demo.ended();
    assert!(errors.contains("auth ended (signal: 9"), "{errors}");
}

#[test]
fn taken_ports_are_replaced_and_named() {
    let taken = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [port, shop_port] = taken
        .each_ref()
        .map(|socket| socket.local_addr().unwrap().port().to_string());
    let options = [
        "--port",
        &port,
        "--shop-port",
        &shop_port,
        "--load",
        "0",
        "--exit",
    ];
    let output = command(&options).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for part in [
        format!("Port {port} is taken"),
        format!("Port {shop_port} is taken"),
        "Ctrl-C".to_owned(),
    ] {
        assert!(text.contains(&part), "no {part:?} in {text}");
    }
}

#[test]
fn what_cannot_start_says_why() {
    let output = command(&["--dist", "/nowhere/at/all"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("/nowhere/at/all") && text.contains("cargo xtask build"),
        "{text}"
    );

    let service = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline-shop"));
        let output = command
            .arg("service")
            .args(args)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, text) = service(&["bakery"]);
    assert!(
        code == Some(1) && text.contains("no service called bakery") && text.contains("checkout"),
        "{text}"
    );
    let (code, text) = service(&["cart"]);
    assert!(code == Some(1) && text.contains("no briefing"), "{text}");
}

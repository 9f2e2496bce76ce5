//! Graphs of small drawn traces, and of many random ones against a slow, obvious reading.

use std::collections::BTreeMap;

use super::*;
use crate::{
    ids::{SpanId, TraceId},
    store::{
        SpanKind, StatusCode, Value,
        builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};

/// `span parent start end service kind[!] key=value…`, one span a line; `!` = status error, digits = an integer, `name` =
/// the span's name.
fn draw(lines: &str) -> TraceStore {
    let mut b = StoreBuilder::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [span, parent, start, end, service, kind, attributes @ ..] = &words[..] else {
            panic!("six columns, not {line:?}");
        };
        let list = b.open_list();
        let (key, value) = (b.intern("service.name"), b.intern(service));
        b.push_value(key, Value::Str(value));
        let described = b.close_attributes(list);
        let resource = b.resource(ResourceRecord {
            attributes: described,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        let list = b.open_list();
        let mut name = "";
        for (key, value) in attributes.iter().map(|pair| pair.split_once('=').unwrap()) {
            if key == "name" {
                name = value;
                continue;
            }
            let key = b.intern(key);
            let value = match (value.parse(), value) {
                (Ok(number), _) => Value::Int(number),
                (_, "true") => Value::Bool(true),
                (_, text) => Value::Str(b.intern(text)),
            };
            b.push_value(key, value);
        }
        let attributes = b.close_attributes(list);
        let name = b.intern(name);
        let (kind, status) = match kind.strip_suffix('!') {
            Some(kind) => (kind, StatusCode::Error),
            None => (*kind, StatusCode::Unset),
        };
        b.push_span(SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(span.parse().unwrap()),
            parent_span_id: SpanId(parent.parse().unwrap_or(0)),
            start: UnixNanos(start.parse().unwrap()),
            end: UnixNanos(end.parse().unwrap()),
            kind: (0..6)
                .filter_map(SpanKind::from_number)
                .find(|known| known.name() == kind)
                .unwrap(),
            status,
            name,
            attributes,
            ..SpanRecord::new(resource, scope)
        });
    }
    b.finish()
}

/// A line a node, then a line an edge with the ids of the spans behind it.
fn print(store: &TraceStore, by: By) -> Vec<String> {
    let graph = ServiceGraph::of_trace(store, 0, by);
    let mut pieces = GraphWork::new(store, 0, by);
    while !pieces.go(2) {}
    assert_eq!(pieces.finish(), graph, "in pieces");
    let name = |at: u32| {
        let node = &graph.nodes[at as usize];
        match &node.who {
            Who::Name(service, _) => {
                format!("{}/{}", store.service_name(*service), node.name(store))
            }
            _ => node.name(store).to_owned(),
        }
    };
    let nodes = (0..).zip(&graph.nodes).map(|(at, node)| match &node.who {
        Who::Service(_) | Who::Name(..) => {
            let (own, time) = (node.self_time.0, node.time.0);
            format!(
                "{} spans {} errors {} self {own} time {time}",
                name(at),
                node.spans,
                node.errors
            )
        }
        Who::Peer(peer) => {
            format!(
                "({:?}) {} {} errors {} time {}",
                peer.kind, peer.name, peer.detail, node.errors, node.time.0
            )
        }
    });
    let edges = graph.edges.iter().enumerate().map(|(at, edge)| {
        let spans: Vec<u64> = graph
            .calls_of(at)
            .iter()
            .map(|&row| store.span(row).id().0)
            .collect();
        let how = if edge.is_async() { "~>" } else { "->" };
        let (time, longest) = (edge.time.0, edge.longest.0);
        let ends = format!("{} {how} {}", name(edge.from), name(edge.to));
        format!(
            "{ends}: {} calls, {} errors, {time}, {longest}, spans {spans:?}",
            edge.calls, edge.errors
        )
    });
    nodes.chain(edges).collect()
}

fn check(lines: &str, expected: &[&str]) {
    assert_eq!(print(&draw(lines), By::Service), expected, "{lines}");
}

fn check_names(lines: &str, expected: &[&str]) {
    assert_eq!(print(&draw(lines), By::Name), expected, "{lines}");
}

#[test]
fn a_name_is_a_node_of_its_service() {
    check_names(
        "1 -  100 200 web  internal name=buy
         2 1  110 190 web  client   name=POST
         3 2  120 180 api  server   name=POST
         4 3  130 140 api  internal name=check
         5 4  131 139 api  internal name=check
         6 3  150 160 api  client   name=ask peer.service=web
         7 3  160 170 api  internal! name=check",
        &[
            "web/buy spans 1 errors 0 self 20 time 100",
            "web/POST spans 1 errors 0 self 20 time 80",
            "api/POST spans 1 errors 0 self 30 time 60",
            "api/check spans 3 errors 1 self 20 time 20",
            "api/ask spans 1 errors 0 self 10 time 10",
            "(Service) web  errors 0 time 10",
            "web/buy -> web/POST: 1 calls, 0 errors, 80, 80, spans [2]",
            "web/POST -> api/POST: 1 calls, 0 errors, 60, 60, spans [3]",
            "api/POST -> api/check: 2 calls, 1 errors, 20, 10, spans [4, 7]",
            "api/POST -> api/ask: 1 calls, 0 errors, 10, 10, spans [6]",
            "api/ask -> web: 1 calls, 0 errors, 10, 10, spans [6]",
        ],
    );
}

#[test]
fn the_way_to_a_span_goes_down_from_the_root() {
    let store = draw(
        "1 - 100 200 web server name=a
         2 1 100 190 web client name=b
         3 2 110 180 api server name=c
         4 3 110 170 web server name=a
         5 4 110 170 web internal name=d
         6 9 110 170 api server name=lost",
    );
    let check = |by: By, id: u64, nodes: &[&str], edges: usize| {
        let graph = ServiceGraph::of_trace(&store, 0, by);
        let span = (0..6).find(|&row| store.span(row).id().0 == id).unwrap();
        let way = graph.way_to(&store, span);
        let names = way
            .nodes
            .iter()
            .map(|&at| graph.nodes[at as usize].name(&store));
        assert_eq!(names.collect::<Vec<_>>(), nodes, "{by:?} {id}");
        let ends = way.edges.iter().map(|&at| &graph.edges[at as usize]);
        let ends: Vec<_> = ends.map(|edge| [edge.from, edge.to]).collect();
        assert_eq!(ends.len(), edges, "{by:?} {id}");
        assert!(
            ends.iter()
                .all(|ends| way.nodes.windows(2).any(|pair| pair == ends))
        );
    };
    check(By::Service, 1, &["web"], 0);
    check(By::Service, 5, &["web", "api", "web"], 2);
    check(By::Service, 6, &["api"], 0);
    check(By::Name, 5, &["a", "b", "c", "a", "d"], 4);
}

#[test]
fn a_call_is_a_span_whose_parent_is_of_another_service() {
    check(
        "1 -  100 200 web  internal
         2 1  110 190 web  client
         3 2  120 180 api  server
         4 3  130 150 api  internal
         5 3  140 170 cart server!
         6 3  150 175 cart server",
        &[
            "web spans 2 errors 0 self 40 time 100",
            "api spans 2 errors 0 self 35 time 60",
            "cart spans 2 errors 1 self 55 time 55",
            "web -> api: 1 calls, 0 errors, 60, 60, spans [3]",
            "api -> cart: 2 calls, 1 errors, 55, 30, spans [5, 6]",
        ],
    );
}

#[test]
fn a_service_that_calls_itself_has_a_loop() {
    check(
        "1 - 100 200 api server
         2 1 110 190 api client
         3 2 120 180 api server
         4 3 130 140 api internal",
        &[
            "api spans 4 errors 0 self 100 time 100",
            "api -> api: 1 calls, 0 errors, 60, 60, spans [3]",
        ],
    );
}

#[test]
fn messages_are_not_waited_for() {
    check(
        "1 - 100 200 order server
         2 1 110 120 order producer  messaging.system=kafka
         3 2 300 400 mail  consumer
         4 3 310 320 order server",
        &[
            "order spans 3 errors 0 self 110 time 110",
            "mail spans 1 errors 0 self 90 time 100",
            "order ~> mail: 1 calls, 0 errors, 100, 100, spans [3]",
            "mail -> order: 1 calls, 0 errors, 10, 10, spans [4]",
        ],
    );
}

#[test]
fn the_callers_error_is_the_calls_error() {
    check(
        "1 - 100 200 web client!
         2 1 110 190 api server",
        &[
            "web spans 1 errors 1 self 20 time 100",
            "api spans 1 errors 0 self 80 time 80",
            "web -> api: 1 calls, 1 errors, 80, 80, spans [2]",
        ],
    );
}

#[test]
fn unanswered_outgoing_spans_lead_to_peers() {
    let root = "1 - 100 900 api server\n";
    let check = |span: &str, expected: &str| {
        let printed = print(&draw(&format!("{root} {span}")), By::Service);
        assert_eq!(
            printed.get(1).map_or("", String::as_str),
            expected,
            "{span}"
        );
    };
    check("2 1 100 110 api client", "");
    check("2 1 100 110 api internal server.address=x", "");
    check(
        "2 1 100 110 api client peer.service=rates server.address=x",
        "(Service) rates  errors 0 time 10",
    );
    check(
        "2 1 100 110 api client! server.address=x server.port=443",
        "(Service) x  errors 1 time 10",
    );
    check(
        "2 1 100 110 api client net.peer.port=81 peer.ipv4=1.2.3.4 http.host=h",
        "(Service) h:81  errors 0 time 10",
    );
    check(
        "2 1 100 110 api client server.address=::1 server.port=81",
        "(Service) [::1]:81  errors 0 time 10",
    );
    check(
        "2 1 100 110 api client http.host=h:1 net.peer.port=81",
        "(Service) h:1  errors 0 time 10",
    );
    check(
        "2 1 100 110 api client url.full=https://u:p@h.test:81/a?b@c",
        "(Service) h.test:81  errors 0 time 10",
    );
    check("2 1 100 110 api client url.full=/a", "");
    check(
        "2 1 100 110 api client rpc.service=pkg.Rates",
        "(Service) pkg.Rates  errors 0 time 10",
    );
    check(
        "2 1 100 110 api client db.system=mysql db.name=shop",
        "(Database) mysql shop errors 0 time 10",
    );
    check(
        "2 1 100 110 api client db.system.name=redis server.address=h",
        "(Database) redis h errors 0 time 10",
    );
    check(
        "2 1 100 110 api client db.type=sql peer.service=users",
        "(Database) users  errors 0 time 10",
    );
    check(
        "2 1 100 110 api producer messaging.system=kafka messaging.destination.name=t",
        "(Queue) kafka t errors 0 time 10",
    );
    check(
        "2 1 100 110 api producer messaging.system=amqp messaging.destination.name=t messaging.destination.temporary=true",
        "(Queue) amqp  errors 0 time 10",
    );
}

#[test]
fn one_call_is_counted_once() {
    // The outer outgoing span is around the inner one; and around a call that was answered from inside.
    check(
        "1 - 100 200 api client   db.system=mysql
         2 1 110 120 api internal
         3 2 110 120 api client   server.address=h
         4 - 100 200 api client   server.address=gone
         5 4 110 120 api internal
         6 5 110 120 web server",
        &[
            "api spans 5 errors 0 self 190 time 200",
            "web spans 1 errors 0 self 10 time 10",
            "(Service) h  errors 0 time 10",
            "api -> web: 1 calls, 0 errors, 10, 10, spans [6]",
            "api -> h: 1 calls, 0 errors, 10, 10, spans [3]",
        ],
    );
}

#[test]
fn peers_stand_by_kind_and_name_and_known_services_are_no_peers() {
    check(
        "1 - 100 200 api server
         2 1 110 120 api client   db.system=redis
         3 1 110 120 api client   db.system=mysql
         4 1 110 120 api client   server.address=z
         5 1 110 120 api client   peer.service=web
         6 1 110 120 web server
         7 1 130 140 api client   server.address=z",
        &[
            "api spans 6 errors 0 self 130 time 100",
            "web spans 1 errors 0 self 10 time 10",
            "(Service) z  errors 0 time 20",
            "(Database) mysql  errors 0 time 10",
            "(Database) redis  errors 0 time 10",
            "api -> web: 2 calls, 0 errors, 20, 10, spans [5, 6]",
            "api -> z: 2 calls, 0 errors, 20, 10, spans [4, 7]",
            "api -> mysql: 1 calls, 0 errors, 10, 10, spans [3]",
            "api -> redis: 1 calls, 0 errors, 10, 10, spans [2]",
        ],
    );
}

#[test]
fn spans_of_a_node_can_be_listed() {
    let store = draw(
        "1 - 100 200 api server
         2 1 110 120 api client server.address=z
         3 1 120 130 web server
         4 3 121 129 web client server.address=z",
    );
    let graph = ServiceGraph::of_trace(&store, 0, By::Service);
    let ids = |node| -> Vec<u64> {
        graph
            .spans_of(&store, 0, node)
            .iter()
            .map(|&row| store.span(row).id().0)
            .collect()
    };
    assert_eq!(
        [ids(0), ids(1), ids(2), ids(3)],
        [vec![1, 2], vec![3, 4], vec![2, 4], vec![]]
    );
    assert_eq!(graph.calls_of(9), [0; 0]);
}

#[test]
fn broken_times_and_absent_traces_do_no_harm() {
    check(
        "1 - 0 50 api server\n 2 1 60 50 web server",
        &[
            "api spans 1 errors 0 self 0 time 0",
            "web spans 1 errors 0 self 0 time 0",
            "api -> web: 1 calls, 0 errors, 0, 0, spans [2]",
        ],
    );
    assert_eq!(
        ServiceGraph::of_trace(&draw(""), 0, By::Service),
        ServiceGraph::default()
    );
    assert_eq!(
        ServiceGraph::of_trace(&draw("1 - 1 2 a server"), 1, By::Name),
        ServiceGraph::default()
    );
}

#[test]
fn random_traces_agree_with_a_slow_reading() {
    let mut seed = 7u64;
    let mut random = move |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..300 {
        let mut lines = String::new();
        for span in 1..=1 + random(40) {
            let parent = if span == 1 { 0 } else { random(span) };
            let start = 100 + random(60);
            let kind =
                ["internal", "server", "client", "producer", "consumer!"][random(5) as usize];
            lines += &format!(
                "{span} {parent} {start} {} s{} {kind} name=n{}\n",
                start + random(40),
                random(4),
                random(3)
            );
        }
        let store = draw(&lines);
        for by in [By::Service, By::Name] {
            agrees(&store, by, &lines);
        }
    }
}

fn agrees(store: &TraceStore, by: By, lines: &str) {
    let graph = ServiceGraph::of_trace(store, 0, by);
    let key = |row: u32| match by {
        By::Service => (store.service_of(row), 0),
        By::Name => (store.service_of(row), store.spans().name[row as usize]),
    };
    let mut own = BTreeMap::<(u32, u32), (u64, Vec<u32>)>::new();
    let mut calls = BTreeMap::<[(u32, u32); 2], Vec<u32>>::new();
    for row in 0..store.span_count() as u32 {
        let span = store.span(row);
        let idle = |at: &u64| {
            !span
                .children()
                .any(|c| (store.span(c).start().0..store.span(c).end().0).contains(at))
        };
        let node = own.entry(key(row)).or_default();
        node.0 += (span.start().0..span.end().0).filter(idle).count() as u64;
        node.1.push(row);
        let Some(parent) = span.parent() else {
            continue;
        };
        let itself = matches!(
            store.span(parent).kind(),
            SpanKind::Client | SpanKind::Producer
        ) && matches!(span.kind(), SpanKind::Server | SpanKind::Consumer);
        if key(parent) != key(row) || itself {
            calls.entry([key(parent), key(row)]).or_default().push(row);
        }
    }
    let place = |key: &(u32, u32)| own.keys().position(|known| known == key).unwrap() as u32;
    let nodes = graph.nodes.iter().enumerate();
    let nodes: Vec<_> = nodes
        .map(|(at, node)| (node.self_time.0, graph.spans_of(store, 0, at)))
        .collect();
    assert_eq!(nodes, own.values().cloned().collect::<Vec<_>>(), "{lines}");
    let edges = graph.edges.iter().enumerate();
    let edges: Vec<_> = edges
        .map(|(at, edge)| ([edge.from, edge.to], graph.calls_of(at).to_vec()))
        .collect();
    let expected = calls
        .iter()
        .map(|(ends, rows)| ([place(&ends[0]), place(&ends[1])], rows.clone()));
    assert_eq!(edges, Vec::from_iter(expected), "{lines}");
    for row in 0..store.span_count() as u32 {
        assert_eq!(graph.node_of(store, row), Some(place(&key(row))), "{lines}");
    }
}

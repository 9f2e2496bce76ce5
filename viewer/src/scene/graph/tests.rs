//! Pictures of small drawn traces, as lists and as answers to hit tests.

mod scale;

use throughline_model::{
    analysis::service_graph::By,
    ids::{SpanId, TraceId},
    store::{
        SpanKind, StatusCode, Value,
        builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};

use super::{words::fitted, *};
use crate::scene::{Ink, Item, text_width};

/// All of a drawn trace's graph, by service.
fn picture(lines: &str) -> Picture {
    let store = draw(lines);
    drawn(
        &store,
        &ServiceGraph::of_trace(&store, 0, By::Service),
        Heat::SelfTime,
        None,
    )
}

/// All of a graph, with the way to a span.
fn drawn(store: &TraceStore, graph: &ServiceGraph, heat: Heat, span: Option<u32>) -> Picture {
    let wish = Wish {
        show: Show::All,
        ..Wish::default()
    };
    Picture::new(&Drawing {
        store,
        graph,
        kept: &Kept::of(graph, &wish),
        heat,
        way: &span.map_or_else(Way::default, |span| graph.way_to(store, span)),
        shape: 3.0,
    })
}

/// `parent service kind[!] milliseconds [peer]`, one span a line, numbered from 1; every span begins at 100 ms.
fn draw(lines: &str) -> TraceStore {
    let mut b = StoreBuilder::new();
    for (at, line) in (1..).zip(lines.lines().map(str::trim).filter(|line| !line.is_empty())) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [parent, service, kind, millis, peer @ ..] = &words[..] else {
            panic!("four columns, not {line:?}");
        };
        let mut attributes = |key: &str, value: Option<&&str>| {
            let list = b.open_list();
            if let Some(value) = value {
                let (key, value) = (b.intern(key), b.intern(value));
                b.push_value(key, Value::Str(value));
            }
            b.close_attributes(list)
        };
        let described = attributes("service.name", Some(service));
        let attributes = attributes("peer.service", peer.first());
        let resource = b.resource(ResourceRecord {
            attributes: described,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        let status = if kind.ends_with('!') {
            StatusCode::Error
        } else {
            StatusCode::Unset
        };
        let kind = kind.trim_end_matches('!');
        let start = UnixNanos::from_millis(100);
        b.push_span(SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(at),
            parent_span_id: SpanId(parent.parse().unwrap()),
            start,
            end: UnixNanos::from_millis(100 + millis.parse::<u64>().unwrap()),
            kind: (0..6)
                .filter_map(SpanKind::from_number)
                .find(|known| known.name() == kind)
                .unwrap(),
            status,
            attributes,
            ..SpanRecord::new(resource, scope)
        });
    }
    b.finish()
}

/// A web page that calls a service, which calls itself, a rate API, and sends a message.
const SHOP: &str = "
    0 web   internal 90
    1 web   client   80
    2 api   server   70
    3 api   client   20 rates
    3 api   client!  10
    5 api   server!  10
    3 api   producer 1
    7 mail  consumer 5";

fn texts(list: &DisplayList) -> Vec<&str> {
    let texts = list.items.iter().filter_map(|item| match item {
        Item::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn frame(camera: Camera) -> Frame {
    Frame {
        camera,
        width: 1_000.0,
        height: 600.0,
        selected: None,
        hovered: None,
    }
}

#[test]
fn a_picture_says_names_facts_errors_and_calls() {
    let picture = picture(SHOP);
    let list = picture.scene(&frame(picture.fit(1_000.0, 600.0)));
    let mut said = texts(&list);
    said.sort_unstable();
    let expected = [
        " · 1 error",
        "1 call",
        "1 call",
        "1 call",
        "1 call · 10.0 ms",
        "1 span · 5.00 ms self",
        "2 errors",
        "2 spans · 20.0 ms self",
        "20.0 ms",
        "5 spans · 80.0 ms self",
        "5.00 ms",
        "70.0 ms",
        "api",
        "mail",
        "not instrumented",
        "rates",
        "web",
    ];
    assert_eq!(said, expected);
}

#[test]
fn words_of_a_card_stand_clear_of_its_tick_and_bar() {
    let picture = picture("0 web internal 90\n1 api server 70");
    let check = |scale: f32, expected: usize| {
        let camera = Camera {
            x: 10.0,
            y: 10.0,
            scale,
        };
        let list = picture.scene(&frame(camera));
        let own = list.items.iter().filter_map(|item| match *item {
            Item::Rect {
                x,
                y,
                w,
                h,
                ink: Ink::Service(0),
                ..
            } => Some((x, y, w, h)),
            _ => None,
        });
        let (tick, bar): (Vec<_>, Vec<_>) = own.partition(|(_, _, w, h)| w < h);
        let ([tick], [bar]) = (&tick[..], &bar[..]) else {
            panic!("{tick:?} {bar:?} at {scale}");
        };
        let card_end = 10.0 + CARD_WIDTH * scale;
        let mut words = 0;
        for item in &list.items {
            if let Item::Text { x, y, size, .. } = item
                && *x < card_end
            {
                words += 1;
                assert!(
                    *x >= tick.0 + tick.2 + 3.9,
                    "{item:?} beside {tick:?} at {scale}"
                );
                assert!(y + size * 0.45 <= bar.1, "{item:?} over {bar:?} at {scale}");
            }
        }
        assert_eq!(words, expected, "at {scale}");
    };
    for scale in [0.42, 0.5, 0.65] {
        check(scale, 1);
    }
    for scale in [0.7, 1.0, 1.5, 2.0] {
        check(scale, 2);
    }
}

#[test]
fn names_of_marks_stay_on_the_canvas() {
    let picture = picture(
        "0 a-service-with-a-long-name internal 90\n1 another-one-with-a-long-name server 70",
    );
    let size = 0.2 * (2.0 * CARD_WIDTH + LAYER_GAP);
    for x in [0.0, 400.0, 1_000.0 - size] {
        let camera = Camera {
            x,
            y: 10.0,
            scale: 0.2,
        };
        let list = picture.scene(&frame(camera));
        let mut names = 0;
        for item in &list.items {
            if let Item::Text { x, text, size, .. } = item {
                let half = text_width(text, *size) / 2.0;
                assert!(x - half >= 0.0 && x + half <= 1_000.0, "{item:?}");
                names += 1;
            }
        }
        assert!(names > 0);
    }
}

#[test]
fn with_less_room_there_are_fewer_words() {
    let picture = picture(SHOP);
    let said = |scale: f32| {
        let list = picture.scene(&frame(Camera {
            x: 20.0,
            y: 40.0,
            scale,
        }));
        let mut said: Vec<String> = texts(&list).into_iter().map(str::to_owned).collect();
        said.sort_unstable();
        said
    };
    assert_eq!(said(0.45), ["api", "mail", "rates", "web"]);
    // The name of `rates` would lie on the mark of `mail`.
    assert_eq!(said(0.1), ["api", "mail", "web"]);
}

#[test]
fn what_is_not_on_the_canvas_is_not_in_the_list() {
    let picture = picture(SHOP);
    let away = frame(Camera {
        x: 5_000.0,
        y: 0.0,
        scale: 1.0,
    });
    let list = picture.scene(&away);
    // But for the overview.
    assert_eq!(texts(&list), ["0 of 4 nodes in view"]);
    assert!(
        list.items
            .iter()
            .all(|item| !matches!(item, Item::Line { .. } | Item::Shape { .. }))
    );
}

#[test]
fn a_selection_is_accented_and_the_rest_is_dimmed() {
    let picture = picture(SHOP);
    let shown = |selected| {
        let list = picture.scene(&Frame {
            selected,
            ..frame(picture.fit(1_000.0, 600.0))
        });
        let ink = |name: &str| {
            list.items.iter().find_map(|item| match item {
                Item::Text { text, ink, .. } if text == name => Some(*ink),
                _ => None,
            })
        };
        let lines = list.items.iter().filter(|item| {
            matches!(
                item,
                Item::Line {
                    ink: Ink::Accent,
                    curve: true,
                    ..
                }
            )
        });
        (ink("web"), ink("mail"), lines.count())
    };
    assert_eq!(shown(None), (Some(Ink::Text), Some(Ink::Text), 0));
    assert_eq!(
        shown(Some(Target::Node(0))),
        (Some(Ink::Text), Some(Ink::Text3), 1)
    );
    // The message is dashed, so that it is no curve; edges: 0 → 1, 1 → 1, 1 → 2, 1 → 3.
    assert_eq!(
        shown(Some(Target::Edge(2))),
        (Some(Ink::Text3), Some(Ink::Text), 0)
    );
    assert_eq!(
        shown(Some(Target::Edge(3))),
        (Some(Ink::Text3), Some(Ink::Text3), 1)
    );
}

#[test]
fn a_hit_finds_cards_then_curves_then_nothing() {
    let picture = picture(SHOP);
    for camera in [
        Camera::default(),
        Camera {
            x: 30.0,
            y: -7.0,
            scale: 0.5,
        },
    ] {
        let check = |(x, y): (f32, f32), expected: Option<Target>| {
            let (x, y) = camera.canvas((x, y));
            assert_eq!(
                picture.hit(&frame(camera), x, y),
                expected,
                "{x} {y} {camera:?}"
            );
        };
        for (at, card) in picture.cards.iter().enumerate() {
            check((card.x + 1.0, card.y + 1.0), Some(Target::Node(at as u32)));
            check(
                (card.x + CARD_WIDTH - 1.0, card.y + CARD_HEIGHT - 1.0),
                Some(Target::Node(at as u32)),
            );
        }
        for (at, wire) in picture.wires.iter().enumerate() {
            let (x, y, _) = wire.spots[0];
            // The label of a loop stands beside it.
            let (x, y) = if wire.from == wire.to {
                wire.samples[wire.samples.len() / 2]
            } else {
                (x, y)
            };
            check((x, y), Some(Target::Edge(at as u32)));
        }
        check((-200.0, -200.0), None);
    }
}

#[test]
fn heat_is_a_length_measured_by_the_hottest() {
    let store = draw(SHOP);
    let graph = ServiceGraph::of_trace(&store, 0, By::Service);
    let check = |heat: Heat, expected: [f32; 4]| {
        let picture = drawn(&store, &graph, heat, None);
        let found: Vec<f32> = picture.cards.iter().map(|card| card.heat).collect();
        assert_eq!(found, expected, "{heat:?}");
        let list = picture.scene(&frame(picture.fit(1_000.0, 600.0)));
        let bars = list
            .items
            .iter()
            .filter(|item| matches!(item, Item::Rect { h, w, .. } if *h < 5.0 && *w > 5.0));
        assert_eq!(
            bars.count(),
            expected.iter().filter(|heat| **heat > 0.0).count()
        );
    };
    // web, api, mail, rates.
    check(Heat::SelfTime, [0.25, 1.0, 0.0625, 0.0]);
    check(Heat::Errors, [0.0, 1.0, 0.0, 0.0]);
    check(Heat::Count, [0.4, 1.0, 0.2, 0.0]);
}

#[test]
fn the_way_to_the_selected_span_is_thick_and_said() {
    let store = draw(SHOP);
    let graph = ServiceGraph::of_trace(&store, 0, By::Service);
    let said = |span: u32| {
        let picture = drawn(&store, &graph, Heat::SelfTime, Some(span));
        let list = picture.scene(&frame(picture.fit(1_000.0, 600.0)));
        let thick = |item: &&Item| matches!(item, Item::Line { ink: Ink::Text, width, .. } if *width >= 3.0);
        let frames = |item: &&Item| matches!(item, Item::Frame { ink: Ink::Text, .. });
        let tags = texts(&list)
            .iter()
            .filter(|text| **text == "selected span")
            .count();
        (
            list.items.iter().filter(thick).count(),
            list.items.iter().filter(frames).count(),
            tags,
        )
    };
    assert_eq!(said(0), (0, 1, 1));
    assert_eq!(said(2), (1, 2, 1));
    // To the consumer: the message is a line of dashes.
    let (lines, cards, tags) = said(7);
    assert!(
        lines > 2 && (cards, tags) == (3, 1),
        "{lines} {cards} {tags}"
    );
}

#[test]
fn an_edge_and_the_one_back_are_apart() {
    let picture =
        picture("0 a server 9\n 1 a client 8\n 2 b server 7\n 3 b client 6\n 4 a server 5");
    let [there, back] = &picture.wires[..] else {
        panic!("two edges, not {:?}", picture.wires);
    };
    assert_eq!(
        ((there.from, there.to), (back.from, back.to)),
        ((0, 1), (1, 0))
    );
    let (start, end) = (there.curve[0], there.curve[there.curve.len() - 1]);
    let (back_start, back_end) = (back.curve[0], back.curve[back.curve.len() - 1]);
    assert_eq!((start.0, end.0), (back_end.0, back_start.0));
    assert!((start.1 - back_end.1).abs() >= 8.0 && (end.1 - back_start.1).abs() >= 8.0);
    assert_eq!((start.1 < back_end.1), (end.1 < back_start.1));
}

#[test]
fn arrows_go_to_the_nearest_node() {
    let picture = picture(SHOP);
    let web = picture.next(None, Direction::Right);
    assert_eq!(web, Some(0));
    assert_eq!(picture.next(web, Direction::Right), Some(1));
    assert_eq!(picture.next(web, Direction::Left), None);
    assert_eq!(picture.next(Some(1), Direction::Left), Some(0));
    let (mail, rates) = (Some(2), Some(3));
    let (upper, lower) = if picture.cards[2].y < picture.cards[3].y {
        (mail, rates)
    } else {
        (rates, mail)
    };
    assert_eq!(picture.next(upper, Direction::Down), lower);
    assert_eq!(picture.next(lower, Direction::Up), upper);
    assert_eq!(Picture::default().next(None, Direction::Up), None);
}

#[test]
fn zoom_keeps_the_point_under_the_pointer() {
    let camera = Camera {
        x: 13.0,
        y: -40.0,
        scale: 0.8,
    };
    for factor in [1.3, 0.4, 100.0, 0.0001] {
        let zoomed = camera.zoomed(factor, 300.0, 200.0);
        let ((ax, ay), (bx, by)) = (camera.world(300.0, 200.0), zoomed.world(300.0, 200.0));
        assert!((ax - bx).abs() < 0.5 && (ay - by).abs() < 0.5, "{factor}");
        assert!((Camera::LEAST..=Camera::MOST).contains(&zoomed.scale));
    }
}

#[test]
fn a_node_off_the_canvas_is_brought_in() {
    let picture = picture(SHOP);
    let frame = Frame {
        camera: Camera {
            x: 3_000.0,
            y: -900.0,
            scale: 1.5,
        },
        ..frame(Camera::default())
    };
    for node in 0..picture.node_count() as u32 {
        let camera = picture.reveal(node, &frame);
        let card = &picture.cards[node as usize];
        let ((x, y), (right, bottom)) = (
            camera.canvas((card.x, card.y)),
            camera.canvas((card.x + CARD_WIDTH, card.y + CARD_HEIGHT)),
        );
        assert!(
            x >= 0.0 && y >= 0.0 && right <= frame.width && bottom <= frame.height,
            "{node}"
        );
        assert_eq!(picture.reveal(node, &Frame { camera, ..frame }), camera);
    }
}

#[test]
fn text_is_cut_where_its_room_ends() {
    let check = |text: &str, room: f32, expected: &str| {
        assert_eq!(fitted(text, 13.0, room), expected, "{text}")
    };
    check("checkout", 200.0, "checkout");
    check("checkout", 40.0, "chec…");
    check("checkout", 3.0, "");
    check("", 3.0, "");
}

#[test]
fn large_numbers_are_grouped() {
    let check = |number: u32, expected: &str| assert_eq!(counted(number, "call"), expected);
    check(1, "1 call");
    check(0, "0 calls");
    check(9_999, "9999 calls");
    check(1_234_567, "1\u{202f}234\u{202f}567 calls");
}

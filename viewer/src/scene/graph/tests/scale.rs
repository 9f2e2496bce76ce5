//! Pictures of hundreds of services: what of them shows, where they begin, what is named, found and in the corner.

use super::*;
use crate::scene::{
    Align,
    graph::look::{NEAR, READS},
};

/// Three hundred services in four layers; with `back` some call those of the layer before.
fn many(back: bool) -> Picture {
    let mut lines = "0 gw server 1000".to_owned();
    for at in 0..299 {
        let (team, mine) = (at % 3, at / 3);
        // Numbered from 1, and the first is the gateway.
        let above = if team == 0 { 1 } else { at + 1 };
        lines += &format!("\n{above} team{team}-service-{mine:03} server {}", 1 + at);
    }
    if back {
        for at in 0..290 {
            let callee = (at + 7) % 290;
            lines += &format!(
                "\n{} team{}-service-{:03} server 1",
                2 + at,
                callee % 3,
                callee / 3
            );
        }
    }
    picture(&lines)
}

#[test]
fn a_large_picture_begins_where_its_names_read() {
    for back in [false, true] {
        let picture = many(back);
        assert_eq!(picture.node_count(), 300);
        let (width, height) = (1_000.0, 600.0);
        let home = picture.home(width, height);
        assert!(home.scale >= READS, "{home:?}");
        let list = picture.scene(&frame(home));
        let said = texts(&list);
        let names: Vec<&&str> = said
            .iter()
            .filter(|text| text.starts_with("team"))
            .collect();
        let mut different = names.clone();
        different.sort_unstable();
        different.dedup();
        assert!(
            names.len() > 20 && different.len() == names.len(),
            "{names:?}"
        );
        assert!(
            said.iter()
                .any(|text| text.ends_with("of 300 nodes in view")),
            "{said:?}"
        );
        // All of it is in the overview, and only the most important ones have names where it is too small to read.
        let whole = picture.fit(width, height);
        let list = picture.scene(&frame(whole));
        let named = texts(&list).len();
        assert!(
            whole.scale < READS && (1..=40).contains(&named),
            "{named} at {whole:?}"
        );
    }
}

#[test]
fn what_is_found_comes_into_the_middle_and_reads() {
    let picture = many(true);
    let whole = frame(picture.fit(1_000.0, 600.0));
    for node in [0, 7, 299] {
        let card = &picture.cards[node as usize];
        let camera = picture.bring(&[node], &whole, true);
        let middle = camera.canvas((card.x + CARD_WIDTH / 2.0, card.y + CARD_HEIGHT / 2.0));
        assert!((middle.0 - 500.0).abs() < 0.5 && (middle.1 - 300.0).abs() < 0.5);
        assert!(camera.scale >= NEAR);
        // One that reads where it is does not move.
        let there = frame(camera);
        assert_eq!(picture.bring(&[node], &there, false), camera);
    }
    assert_eq!(picture.bring(&[9_999], &whole, true), whole.camera);
}

#[test]
fn a_press_on_the_overview_moves_the_canvas_there() {
    let picture = many(false);
    let frame = frame(picture.home(1_000.0, 600.0));
    let corner = (1_000.0 - 14.0, 600.0 - 14.0);
    let camera = picture.steered(&frame, corner.0, corner.1, false).unwrap();
    let (x, y) = camera.world(500.0, 300.0);
    assert!(
        x > picture.size.0 * 0.9 && y > picture.size.1 * 0.9,
        "{x} {y}"
    );
    assert_eq!(picture.hit(&frame, corner.0, corner.1), None);
    assert_eq!(picture.steered(&frame, 500.0, 300.0, false), None);
    assert!(picture.steered(&frame, 500.0, 300.0, true).is_some());
    let small = Frame {
        width: 300.0,
        ..frame
    };
    assert_eq!(picture.steered(&small, 290.0, 590.0, false), None);
}

#[test]
fn all_of_a_picture_leaves_room_for_the_buttons() {
    for picture in [picture(SHOP), many(false)] {
        for (width, height) in [(1_000.0, 600.0), (480.0, 180.0), (640.0, 260.0)] {
            let camera = picture.fit(width, height);
            let frame = Frame {
                width,
                height,
                ..frame(camera)
            };
            for (_, [left, top, right, bottom]) in picture.places(&frame) {
                assert!(left >= 23.0 && top >= 23.0 && right <= width - 23.0);
                assert!(bottom <= height - 51.0 || camera.scale == Camera::LEAST);
            }
        }
    }
}

#[test]
fn the_hottest_are_never_without_their_callers() {
    // Ten ways of twelve calls each: three have room as a whole, of the others the first calls.
    let mut lines = "0 web server 1000".to_owned();
    let mut span = 1;
    for way in 0..10 {
        let mut above = 1;
        for step in 0..12 {
            lines += &format!("\n{above} w{way}-{step} server {}", 400 + way);
            span += 1;
            above = span;
        }
    }
    let store = draw(&lines);
    let graph = ServiceGraph::of_trace(&store, 0, By::Service);
    let kept = Kept::of(&graph, &Wish::default());
    assert_eq!(kept.nodes.len(), 40);
    let called = kept.edges.iter().map(|&edge| graph.edges[edge as usize].to);
    let called: Vec<u32> = called.collect();
    for node in &kept.nodes {
        let name = graph.nodes[*node as usize].name(&store);
        assert!(name == "web" || called.contains(node), "{name}");
    }
}

#[test]
fn errors_take_no_room_from_a_name() {
    let mut lines = "0 web server 100\n1 a-service-with-a-long-name server! 50".to_owned();
    lines += "\n1 shop server! 40\n1 recommend server! 30";
    let picture = picture(&lines);
    let check = |scale: f32, expected: &[&str]| {
        let list = picture.scene(&frame(Camera {
            x: 10.0,
            y: 40.0,
            scale,
        }));
        let dots = list
            .items
            .iter()
            .filter(|item| matches!(item, Item::Dot { .. }));
        assert_eq!(dots.count(), 3, "at {scale}");
        let mut errors: Vec<&str> = list
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Text {
                    text,
                    align: Align::End,
                    ink: Ink::Error,
                    ..
                } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        errors.sort_unstable();
        assert_eq!(errors, expected, "at {scale}");
    };
    check(1.0, &["1 error", "1 error"]);
    check(0.72, &["1", "1 error"]);
    check(0.6, &[]);
}

/// A service that calls `count` others, each of which calls one more.
fn wide(count: u64) -> (TraceStore, ServiceGraph) {
    let mut lines = "0 s000 server 1000".to_owned();
    for at in 0..count {
        lines += &format!(
            "\n1 a{at:03} server {}\n{} b{at:03} server 1",
            at + 2,
            2 + at * 2
        );
    }
    let store = draw(&lines);
    let graph = ServiceGraph::of_trace(&store, 0, By::Service);
    (store, graph)
}

#[test]
fn of_many_nodes_the_hottest_show_with_their_callers() {
    let (store, graph) = wide(100);
    let kept = |wish: Wish<'_>| {
        let kept = Kept::of(&graph, &wish);
        let names = kept
            .nodes
            .iter()
            .map(|&at| graph.nodes[at as usize].name(&store));
        let hidden: u32 = kept.hidden.iter().sum();
        (names.collect::<Vec<_>>(), hidden)
    };
    let (names, hidden) = kept(Wish::default());
    assert_eq!(names.len(), 40);
    // a099 to a061 did most themselves, and s000 called them; of each the b is left out, and so are the other a.
    assert_eq!((names[0], names[1], names[39]), ("s000", "a061", "a099"));
    assert_eq!(hidden, 61 + 39);
    assert_eq!(
        kept(Wish {
            show: Show::All,
            ..Wish::default()
        })
        .0
        .len(),
        201
    );
    let place = |name: &str| {
        let at = graph
            .nodes
            .iter()
            .position(|node| node.name(&store) == name);
        at.map(|at| at as u32)
    };
    let near = |centre| {
        kept(Wish {
            show: Show::Near,
            centre,
            ..Wish::default()
        })
    };
    assert_eq!(near(place("a005")), (vec!["s000", "a005", "b005"], 99));
    assert_eq!(near(Some(999)).0.len(), near(None).0.len());
    let more = kept(Wish {
        pinned: &[place("b050").unwrap()],
        opened: &[place("a005").unwrap()],
        ..Wish::default()
    });
    assert_eq!(
        (
            more.0.len(),
            more.0.contains(&"b050"),
            more.0.contains(&"b005")
        ),
        (43, true, true)
    );
}

#[test]
fn where_everybody_calls_everybody_the_strongest_show() {
    const COUNT: u64 = 20;
    let mut lines = String::new();
    for from in 0..COUNT {
        lines += &format!("0 s{from:02} server 9\n");
    }
    for (from, to) in (0..COUNT).flat_map(|from| (0..COUNT).map(move |to| (from, to))) {
        let mark = if (from, to) == (3, 4) { "!" } else { "" };
        lines += &format!(
            "{} s{to:02} server{mark} {}\n",
            from + 1,
            1 + from * COUNT + to
        );
    }
    let store = draw(&lines);
    let graph = ServiceGraph::of_trace(&store, 0, By::Service);
    assert_eq!(graph.edges.len() as u64, COUNT * (COUNT - 1));
    let kept = |wish: Wish<'_>| Kept::of(&graph, &wish);
    let most = kept(Wish {
        edges: &[7],
        ..Wish::default()
    });
    assert_eq!((most.nodes.len(), most.edges.len()), (20, 60));
    assert_eq!(most.weak, graph.edges.len() - 60);
    assert!(most.edges.is_sorted() && most.edges.contains(&7));
    assert!(
        most.edges.contains(&graph.edge(3, 4).unwrap()),
        "the one with an error"
    );
    let called = |node: u32| {
        most.edges
            .iter()
            .any(|&at| graph.edges[at as usize].to == node)
    };
    assert!((0..COUNT as u32).all(called));
    assert_eq!(
        kept(Wish {
            show: Show::All,
            ..Wish::default()
        })
        .weak,
        0
    );
    let near = kept(Wish {
        show: Show::Near,
        centre: Some(2),
        ..Wish::default()
    });
    let of_centre = near.edges.iter().filter(|&&at| {
        let edge = &graph.edges[at as usize];
        edge.from == 2 || edge.to == 2
    });
    assert_eq!(of_centre.count() as u64, 2 * (COUNT - 1));
}

#[test]
fn what_is_left_out_is_counted_and_can_be_opened() {
    let (store, graph) = wide(100);
    let kept = Kept::of(&graph, &Wish::default());
    let picture = Picture::new(&Drawing {
        store: &store,
        graph: &graph,
        kept: &kept,
        heat: Heat::SelfTime,
        way: &Way::default(),
        shape: 1.6,
    });
    let root = graph
        .nodes
        .iter()
        .position(|node| node.name(&store) == "s000")
        .unwrap() as u32;
    let frame = Frame {
        camera: Camera {
            x: 40.0,
            y: 40.0,
            scale: 1.0,
        },
        width: 4_000.0,
        height: 8_000.0,
        ..Frame::default()
    };
    let list = picture.scene(&frame);
    assert!(texts(&list).contains(&"+61"), "{:?}", texts(&list));
    let card = &picture.cards[picture.card(root).unwrap()];
    let [x, y, w, h] = heat::pill_place(card, &frame).unwrap();
    assert_eq!(
        picture.hit(&frame, x + w / 2.0, y + h / 2.0),
        Some(Target::More(root))
    );
    assert_eq!(picture.hit(&frame, x - 20.0, y), Some(Target::Node(root)));
    // Outside, nodes have the graph's numbers.
    assert_eq!(picture.next(Some(root), Direction::Left), None);
    let right = picture.next(Some(root), Direction::Right).unwrap();
    assert!(kept.nodes.contains(&right) && right != root);
}

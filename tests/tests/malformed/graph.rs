//! Graphs: circles, duplicates, absent parents, ids of every kind, and a lot of each.

use super::{TIMES, TRACE, check, depths, graph, request};

#[test]
fn graphs_of_every_shape() {
    let store = check("own parent", graph(&[(1, 1)]), 1, "self_parent 1");
    assert_eq!(depths(&store), [0]);
    let store = check(
        "circle of two",
        graph(&[(1, 2), (2, 1)]),
        2,
        "parent_cycle 1",
    );
    assert_eq!(depths(&store), [0, 1]);
    let store = check(
        "circle with a tail",
        graph(&[(1, 3), (2, 1), (3, 2), (4, 3)]),
        4,
        "parent_cycle 1",
    );
    assert_eq!(depths(&store), [0, 1, 2, 3]);
    check(
        "circle beside a root",
        graph(&[(1, 0), (2, 3), (3, 2)]),
        3,
        "parent_cycle 1",
    );
    check(
        "absent parents",
        graph(&[(1, 9), (2, 8), (3, 1)]),
        3,
        "missing_parent 2",
    );
    check("several roots", graph(&[(1, 0), (2, 0)]), 2, "");
    let store = check("child first", graph(&[(3, 2), (2, 1), (1, 0)]), 3, "");
    assert_eq!(depths(&store), [0, 1, 2]);
    check(
        "same span twice",
        graph(&[(1, 0), (2, 1), (2, 1)]),
        3,
        "duplicate_span_id 1",
    );
    let twice: Vec<_> = (0..3_000).map(|_| (7, 0)).collect();
    check(
        "one id for all",
        graph(&twice),
        3_000,
        "duplicate_span_id 2999",
    );
}

#[test]
fn large_graphs() {
    let chain: Vec<_> = (1..=100_000).map(|id| (id, id - 1)).collect();
    let store = check("chain", graph(&chain), 100_000, "");
    assert_eq!(depths(&store).iter().max(), Some(&99_999));
    let reversed: Vec<_> = chain.iter().rev().copied().collect();
    assert_eq!(
        depths(&check("chain, last first", graph(&reversed), 100_000, "")),
        depths(&store)
    );
    let star: Vec<_> = (1..=80_000).map(|id| (id, u64::from(id > 1))).collect();
    check("star", graph(&star), 80_000, "");
    let ring: Vec<_> = (1..=100_000).map(|id| (id, id % 100_000 + 1)).collect();
    check("ring", graph(&ring), 100_000, "parent_cycle 1");
}

#[test]
fn ids_of_every_dress() {
    let check = |trace: &str, span: &str, expected: (u128, u64), issues: &str| {
        let json = request([]).replace(
            r#""spans":[]"#,
            &format!(r#""spans":[{{"traceId":{trace},"spanId":{span},{TIMES}}}]"#),
        );
        let store = check(&format!("{trace} {span}"), json, 1, issues);
        assert_eq!(
            (store.span(0).trace().id().0, store.span(0).id().0),
            expected,
            "{trace} {span}"
        );
    };
    let id = (
        0x5b8e_fff7_9803_8103_d269_b633_813f_c60c,
        0xeee1_9b7e_c3c1_b174,
    );
    let span = "\"eee19b7ec3c1b174\"";
    check(r#""5b8efff798038103d269b633813fc60c""#, span, id, "");
    check(
        r#""5B8EFFF798038103D269B633813FC60C""#,
        r#""EEE19B7EC3C1B174""#,
        id,
        "",
    );
    check(
        r#""0x5b8efff798038103d269b633813fc60c""#,
        r#""0xeee19b7ec3c1b174""#,
        id,
        "",
    );
    check(r#""5b8efff7-9803-8103-d269-b633813fc60c""#, span, id, "");
    check(r#""W47/95gDgQPSabYzgT/GDA==""#, r#""7uGbfsPBsXQ=""#, id, "");
    check(
        r#""""#,
        r#""""#,
        (0, 0),
        "empty_span_id 1, empty_trace_id 1",
    );
    check("null", "null", (0, 0), "empty_span_id 1, empty_trace_id 1");
    check(
        r#""00000000000000000000000000000000""#,
        span,
        (0, id.1),
        "empty_trace_id 1",
    );
    check(
        r#""b8efff798038103d269b633813fc60c""#,
        span,
        (id.0 & u128::MAX >> 4, id.1),
        "",
    );
    check(
        "7",
        "[]",
        (0, 0),
        "empty_span_id 1, empty_trace_id 1, wrong_type 2",
    );
}

#[test]
fn widths_of_one_trace_id_join() {
    let narrow = graph(&[(2, 1)]).replace(TRACE, &TRACE[16..]);
    let both = format!("{}\n{narrow}", graph(&[(1, 0)]));
    let store = check("64 and 128 bits", both, 2, "mixed_trace_id_width 1");
    assert_eq!((store.trace_count(), depths(&store)), (1, vec![0, 1]));
}

//! Queries against a naive oracle, on random trees; any text into the parser; the examples of the guide.

use std::fs;

use proptest::{collection::vec, prelude::*, sample::select};
use throughline_model::{
    analysis::{occurrences::Occurrences, self_time::self_time},
    ids::{SpanId, TraceId},
    query::{self, Check, Expr, Field, Holder, Intrinsic, Op, Relation},
    store::{
        SpanKind, SpanRef, StatusCode, TraceStore, Value, ValueRef,
        builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};
use throughline_tests::files;

const NAMES: [&str; 4] = ["get", "put", "get cart", "5"];

/// A span as the generator makes it.
#[derive(Clone, Debug)]
struct Given {
    parent: u64,
    name: usize,
    kind: u64,
    failed: bool,
    start: u64,
    length: u64,
    /// Of the key `n`.
    number: Option<i64>,
    /// Of the key `t`.
    text: Option<usize>,
}

fn given() -> impl Strategy<Value = Given> {
    let times = (1u64..20, 0u64..20);
    let values = (prop::option::of(-3i64..8), prop::option::of(0..NAMES.len()));
    (
        0u64..14,
        0..NAMES.len(),
        0u64..6,
        any::<bool>(),
        times,
        values,
    )
        .prop_map(
            |(parent, name, kind, failed, (start, length), (number, text))| Given {
                parent,
                name,
                kind,
                failed,
                start,
                length,
                number,
                text,
            },
        )
}

fn build(spans: &[Given]) -> TraceStore {
    let mut b = StoreBuilder::new();
    for (at, span) in spans.iter().enumerate() {
        let list = b.open_list();
        let (key, service) = (b.intern("service.name"), b.intern(["a", "b"][at % 2]));
        b.push_value(key, Value::Str(service));
        let attributes = b.close_attributes(list);
        let resource = b.resource(ResourceRecord {
            attributes,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        let list = b.open_list();
        if let Some(number) = span.number {
            let key = b.intern("n");
            b.push_value(key, Value::Int(number));
        }
        if let Some(text) = span.text {
            let (key, value) = (b.intern("t"), b.intern(NAMES[text]));
            b.push_value(key, Value::Str(value));
        }
        let attributes = b.close_attributes(list);
        let record = SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(at as u64 + 1),
            parent_span_id: SpanId(span.parent),
            name: b.intern(NAMES[span.name]),
            kind: SpanKind::from_number(span.kind).unwrap(),
            start: UnixNanos(span.start),
            end: UnixNanos(span.start + span.length),
            status: match span.failed {
                true => StatusCode::Error,
                false => StatusCode::Unset,
            },
            attributes,
            ..SpanRecord::new(resource, scope)
        };
        b.push_span(record);
    }
    b.finish()
}

/// A query as text, of what the generated spans have.
fn asked() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        select(
            &[
                "root",
                "name = get",
                "name != get",
                "name =~ \"^get\"",
                "name !~ t",
                "service = a"
            ][..]
        )
        .prop_map(str::to_owned),
        select(
            &[
                "kind = server",
                "kind != client",
                "status = error",
                "status exists",
                "kind exists"
            ][..]
        )
        .prop_map(str::to_owned),
        (
            select(&["duration", "self", "start", "end"][..]),
            order(),
            0u64..25
        )
            .prop_map(|(field, op, value)| format!("{field} {op} {value}ns")),
        (
            select(&["depth", "children", "descendants"][..]),
            order(),
            0u64..5
        )
            .prop_map(|(field, op, value)| format!("{field} {op} {value}")),
        (
            select(&["n", "t", ".n", "span.t", "resource.n"][..]),
            order(),
            -3i64..8
        )
            .prop_map(|(field, op, value)| format!("{field} {op} {value}")),
        select(
            &[
                "n exists",
                "t = get",
                "t != get",
                "t =~ g",
                "n =~ 5",
                "n !~ 5",
                "resource.service.name = b"
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    term.prop_recursive(4, 12, 3, |inner| {
        let prefix = select(&["parent.", "child.", "ancestor.", "descendant.", "root."][..]);
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            inner.clone().prop_map(|a| format!("NOT ({a})")),
            (prefix, inner).prop_map(|(prefix, a)| format!("{prefix}({a})")),
        ]
    })
}

fn order() -> impl Strategy<Value = &'static str> {
    select(&["=", "!=", "<", "<=", ">", ">="][..])
}

/// The rules, one span at a time and by recursion.
fn matches(store: &TraceStore, span: u32, expr: &Expr) -> bool {
    let this = store.span(span);
    match expr {
        Expr::Every => true,
        Expr::Text(_) => unreachable!("not generated"),
        Expr::Root => this.parent().is_none(),
        Expr::Not(inner) => !matches(store, span, inner),
        Expr::And(list) => list.iter().all(|one| matches(store, span, one)),
        Expr::Or(list) => list.iter().any(|one| matches(store, span, one)),
        Expr::Related(relation, inner) => {
            let does = |span: u32| matches(store, span, inner);
            let above = std::iter::successors(this.parent(), |&up| store.span(up).parent());
            match relation {
                Relation::Parent => this.parent().is_some_and(does),
                Relation::Child => this.children().any(does),
                Relation::Ancestor => above.into_iter().any(does),
                Relation::Descendant => (span + 1..=span + this.descendants()).any(does),
                Relation::Root => does(above.last().unwrap_or(span)),
            }
        }
        Expr::Test(field, check) => tested(store, this, field, check),
    }
}

fn tested(store: &TraceStore, span: SpanRef<'_>, field: &Field, check: &Check) -> bool {
    let (values, always) = values(store, span, field);
    let Check::Is(op, literal) = check else {
        return values
            .iter()
            .any(|value| !matches!(value.as_str(), "" | "unset" | "unspecified"));
    };
    let wanted = literal.text.trim_end_matches("ns");
    let holds = |value: &String| {
        let ordered = |test: fn(&f64, &f64) -> bool| {
            let (value, wanted) = (value.parse::<f64>(), wanted.parse::<f64>());
            matches!((value, wanted), (Ok(value), Ok(wanted)) if test(&value, &wanted))
        };
        match op {
            Op::Equal | Op::NotEqual => value == wanted,
            Op::Greater => ordered(f64::gt),
            Op::GreaterEqual => ordered(f64::ge),
            Op::Less => ordered(f64::lt),
            Op::LessEqual => ordered(f64::le),
            // Of patterns only letters and a beginning are generated.
            Op::Matches | Op::MatchesNot => match wanted.strip_prefix('^') {
                Some(start) => value.starts_with(start),
                None => value.contains(wanted),
            },
        }
    };
    match op {
        Op::NotEqual | Op::MatchesNot => {
            (always || !values.is_empty()) && !values.iter().any(holds)
        }
        _ => values.iter().any(holds),
    }
}

/// The values of a field as text, and whether every span has one.
fn values(store: &TraceStore, span: SpanRef<'_>, field: &Field) -> (Vec<String>, bool) {
    let start = span.trace().start().0;
    let own = match field {
        Field::Attribute(holder, key) => {
            let lists = match holder {
                Holder::Any => vec![span.attributes(), span.resource().attributes()],
                Holder::Resource => vec![span.resource().attributes()],
                _ => vec![span.attributes()],
            };
            let text = |value| match value {
                ValueRef::Str(text) => text.to_owned(),
                ValueRef::Int(number) => number.to_string(),
                other => panic!("not generated: {other:?}"),
            };
            let all = lists.into_iter().flat_map(|list| list.iter());
            let found = all.filter(|(known, _)| known == key);
            return (found.map(|(_, value)| text(value)).collect(), false);
        }
        Field::Own(intrinsic) => intrinsic,
    };
    let value = match own {
        Intrinsic::Name => span.name().to_owned(),
        Intrinsic::Service => span.service_name().to_owned(),
        Intrinsic::Kind => span.kind().name().to_owned(),
        Intrinsic::Status => span.status().name().to_owned(),
        Intrinsic::Duration => span.duration().0.to_string(),
        Intrinsic::SelfTime => self_time(store, span.idx()).0.to_string(),
        Intrinsic::Start => (span.start().0 - start).to_string(),
        Intrinsic::End => (span.end().0 - start).to_string(),
        Intrinsic::Depth => span.depth().to_string(),
        Intrinsic::Children => span.children().count().to_string(),
        Intrinsic::Descendants => span.descendants().to_string(),
        other => panic!("not generated: {other:?}"),
    };
    (vec![value], true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn queries_find_what_the_oracle_finds(spans in vec(given(), 1..14), query in asked()) {
        let store = build(&spans);
        let expr = query::parse(&query).unwrap().unwrap();
        let all = store.trace(0).spans();
        let expected: Vec<u32> = all.clone().filter(|&span| matches(&store, span, &expr)).collect();
        prop_assert_eq!(&query::evaluate(&store, all.clone(), &expr), &expected, "{}", query);
        let known = Occurrences::of_store(&store);
        let found = query::evaluate_with(Some(&known), &store, all, &expr);
        prop_assert_eq!(found, expected, "{}, with what is known", query);
        prop_assert_eq!(query::parse(&expr.to_string()), Ok(Some(expr)));
    }

    #[test]
    fn any_text_is_a_query_or_says_where_it_is_not(text in any_text(), cursor in 0usize..80) {
        let store = build(&[]);
        match query::parse(&text) {
            Ok(Some(expr)) => {
                let printed = expr.to_string();
                prop_assert_eq!(query::parse(&printed), Ok(Some(expr)), "{} became {}", text, printed);
            }
            Ok(None) => prop_assert!(text.trim().is_empty()),
            Err(error) => {
                prop_assert!(text.get(error.at).is_some());
                prop_assert!(!error.expected.is_empty());
            }
        }
        let store = if store.trace_count() == 0 { build(&[one()]) } else { store };
        for offer in query::complete(&store, 0, &text, cursor) {
            prop_assert!(text.get(offer.at).is_some());
        }
    }
}

fn one() -> Given {
    Given {
        parent: 0,
        name: 0,
        kind: 2,
        failed: true,
        start: 1,
        length: 1,
        number: Some(5),
        text: Some(2),
    }
}

fn any_text() -> impl Strategy<Value = String> {
    const PARTS: [&str; 42] = [
        "(", ")", "{", "}", "\"", "`", "\\", "=", "!=", "=~", "!~", ">", "<=", "!", "&&", "||",
        " AND ", " OR ", " NOT ", " exists", "root", "parent.", "child.", "span.", "event.", ".",
        "name", "duration", "kind", "n", "5", "1.5ms", "2%", " ", "\n", "é", "😀", "nil", "server",
        "|", "by(", "x",
    ];
    prop_oneof![
        3 => vec(select(&PARTS[..]), 0..24).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

#[test]
fn examples_of_the_guide_are_queries() {
    let guide = fs::read_to_string(files::root().join("docs/query.md")).unwrap();
    let block = guide.split("```query\n").nth(1).unwrap();
    let examples: Vec<&str> = block.split("\n```").next().unwrap().lines().collect();
    assert_eq!(examples.len(), 20);
    for example in examples {
        let expr = query::parse(example).unwrap_or_else(|error| panic!("{example}: {error}"));
        let printed = expr.clone().unwrap().to_string();
        assert_eq!(query::parse(&printed), Ok(expr), "{example}");
    }
}

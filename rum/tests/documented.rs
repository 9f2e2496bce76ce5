//! What docs/rum-conformance.md says of the W3C cases is what there is.
//!
//! **Invariant**: reads two files, and knows nothing of what they are about.

const DOCS: &str = include_str!("../../docs/rum-conformance.md");
const W3C: &str = include_str!("w3c_trace_context.rs");

#[test]
fn the_cases_of_the_w3c_suite_are_all_named() {
    let cases: Vec<&str> = W3C
        .split("#[test]\nfn ")
        .skip(1)
        .filter_map(|test| test.split('(').next())
        .collect();
    assert_eq!(cases.len(), 41);
    for case in &cases {
        assert!(DOCS.contains(&format!("`{case}`")), "{case}");
    }
    let named = DOCS.matches("`traceparent_").count() + DOCS.matches("`tracestate_").count();
    let others = cases
        .iter()
        .filter(|case| !case.starts_with("traceparent_") && !case.starts_with("tracestate_"));
    assert_eq!(named + others.count(), cases.len());
    assert!(DOCS.contains(&format!("The {} cases", cases.len())));
}

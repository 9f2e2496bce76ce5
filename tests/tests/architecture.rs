//! The rules of the house, held against the source: who may use whom, sizes, documentation, words.
//!
//! A rule that fails prints every place that breaks it. A rule is changed here only together with the design.

use std::fs;

use throughline_tests::{
    files,
    source::{self, Module},
};

/// What a part of the source must never name.
struct Rule {
    /// Module paths: the module itself and all below it.
    of: &'static [&'static str],
    /// Modules that are excepted, each named for what it does.
    but: &'static [&'static str],
    /// Paths, or beginnings of paths.
    never: &'static [&'static str],
    /// Why, as the list of offences says it.
    since: &'static str,
}

const BROWSER: [&str; 5] = [
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "gloo",
];

const RULES: &[Rule] = &[
    Rule {
        of: &["throughline_model"],
        but: &[],
        never: &[
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "wasm_bindgen_futures",
            "leptos",
        ],
        since: "the model runs natively and in any page",
    },
    Rule {
        of: &["throughline_model"],
        but: &[],
        never: &[
            "std::time",
            "std::thread",
            "std::sync::mpsc",
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "std::io::stdin",
            "std::io::stdout",
            "std::io::stderr",
            "rand",
            "getrandom",
            "fastrand",
        ],
        since: "no clock, no randomness, no threads, no IO in the model",
    },
    Rule {
        of: &["throughline_model::ids", "throughline_model::time"],
        but: &[],
        never: &[
            "throughline_model::store",
            "throughline_model::import",
            "throughline_model::analysis",
        ],
        since: "ids and times are below everything",
    },
    Rule {
        of: &["throughline_model::store", "throughline_model::strings"],
        but: &[],
        never: &[
            "throughline_model::import",
            "throughline_model::json",
            "throughline_model::wire",
            "throughline_model::otlp",
            "throughline_model::export",
            "throughline_model::analysis",
        ],
        since: "the store knows no format and no analysis",
    },
    Rule {
        of: &["throughline_model::json", "throughline_model::wire"],
        but: &[],
        never: &[
            "throughline_model::store",
            "throughline_model::import",
            "throughline_model::analysis",
        ],
        since: "readers of syntax know no traces",
    },
    Rule {
        of: &["throughline_model::import"],
        but: &[],
        never: &[
            "throughline_model::analysis",
            "throughline_model::export",
            "throughline_model::image",
            "throughline_model::otlp",
        ],
        since: "importers use the builder and readers alone",
    },
    Rule {
        of: &["throughline_model::import::jaeger"],
        but: &[],
        never: &[
            "throughline_model::import::zipkin",
            "throughline_model::import::otlp_json",
            "throughline_model::import::otlp_proto",
        ],
        since: "formats do not use each other",
    },
    Rule {
        of: &["throughline_model::import::zipkin"],
        but: &[],
        never: &[
            "throughline_model::import::jaeger",
            "throughline_model::import::otlp_json",
            "throughline_model::import::otlp_proto",
        ],
        since: "formats do not use each other",
    },
    Rule {
        of: &["throughline_model::import::otlp_json"],
        but: &[],
        never: &[
            "throughline_model::import::jaeger",
            "throughline_model::import::zipkin",
            "throughline_model::import::otlp_proto",
        ],
        since: "formats do not use each other",
    },
    Rule {
        of: &["throughline_model::import::otlp_proto"],
        but: &[],
        never: &[
            "throughline_model::import::jaeger",
            "throughline_model::import::zipkin",
            "throughline_model::import::otlp_json",
        ],
        since: "formats do not use each other",
    },
    Rule {
        of: &["throughline_model::analysis"],
        but: &[],
        never: &[
            "throughline_model::import",
            "throughline_model::json",
            "throughline_model::wire",
            "throughline_model::otlp",
            "throughline_model::export",
            "throughline_model::image",
        ],
        since: "analysis reads the store alone",
    },
    Rule {
        of: &["throughline_viewer::scene"],
        but: &[],
        never: &[
            "leptos",
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "throughline_viewer::ui",
            "throughline_viewer::paint",
            "throughline_viewer::browser",
        ],
        since: "scenes are values, made without a browser",
    },
    Rule {
        of: &["throughline_viewer::paint"],
        but: &[],
        never: &[
            "throughline_model::store",
            "throughline_model::analysis",
            "throughline_viewer::state",
            "throughline_viewer::ui",
            "leptos",
        ],
        since: "paint draws what the scene says",
    },
    Rule {
        of: &["throughline_viewer::state"],
        but: &[],
        never: &[
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "throughline_viewer::paint",
            "throughline_viewer::ui",
            "throughline_viewer::browser",
        ],
        since: "state is plain data, changed by commands and tested natively",
    },
    Rule {
        of: &["throughline_viewer::ui"],
        but: &[],
        never: &["throughline_viewer::state::apply"],
        since: "the interface changes state through dispatch(Command) alone",
    },
    Rule {
        of: &["throughline_viewer::browser", "throughline_viewer::dom"],
        but: &[],
        never: &[
            "throughline_model",
            "throughline_viewer::state",
            "throughline_viewer::scene",
            "throughline_viewer::ui",
        ],
        since: "the browser's quirks and markup know nothing of traces",
    },
    Rule {
        of: &["throughline_viewer::worker"],
        but: &[],
        never: &[
            "leptos",
            "throughline_viewer::state",
            "throughline_viewer::scene",
            "throughline_viewer::ui",
            "throughline_viewer::paint",
        ],
        since: "the worker imports and ends",
    },
    Rule {
        of: &["throughline_rum"],
        but: &["throughline_rum::bindings"],
        never: &BROWSER,
        since: "policy runs natively; only the bindings know the browser",
    },
    Rule {
        of: &["throughline_rum"],
        but: &[],
        never: &[
            "leptos",
            "throughline_model::store",
            "throughline_model::import",
            "throughline_model::analysis",
        ],
        since: "a page loads ids, time and encoding, nothing more",
    },
];

/// The only modules with unsafe code, each named for the one thing that it does.
const MAY_BE_UNSAFE: [&str; 1] = ["throughline_rum::trusted_utf8"];

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn modules() -> Vec<Module> {
    let modules =
        source::modules().unwrap_or_else(|error| panic!("the source cannot be read: {error}"));
    assert!(modules.len() > 20, "{} modules found", modules.len());
    modules
}

fn fail(what: &str, offences: &[String]) {
    assert!(
        offences.is_empty(),
        "{what}: {}\n  {}",
        offences.len(),
        offences.join("\n  ")
    );
}

/// The places where modules break rules.
fn offences(modules: &[Module], rules: &[Rule]) -> Vec<String> {
    let mut offences = Vec::new();
    for rule in rules {
        let under = |module: &&Module| {
            let of = rule.of.iter().any(|of| is_below(&module.path, of));
            of && !rule.but.iter().any(|but| is_below(&module.path, but))
        };
        for module in modules.iter().filter(under) {
            for (line, path) in &module.paths {
                if rule.never.iter().any(|never| is_below(path, never)) {
                    offences.push(format!(
                        "{}:{line} names {path}: {}",
                        module.file, rule.since
                    ));
                }
            }
        }
    }
    offences.sort();
    offences.dedup();
    offences
}

#[test]
fn modules_use_only_what_they_may() {
    fail("forbidden uses", &offences(&modules(), RULES));
}

#[test]
fn an_offence_would_be_found() {
    let module = |path: &str, named: &str| Module {
        file: "f.rs".to_owned(),
        path: path.to_owned(),
        paths: vec![(3, named.to_owned())],
        text: String::new(),
    };
    let check = |path: &str, named: &str, expected: usize| {
        assert_eq!(
            offences(&[module(path, named)], RULES).len(),
            expected,
            "{path} {named}"
        );
    };
    check(
        "throughline_model::store::builder",
        "throughline_model::import::jaeger",
        1,
    );
    check(
        "throughline_model::store::builder",
        "throughline_model::ids",
        0,
    );
    check(
        "throughline_model::storeroom",
        "throughline_model::import",
        0,
    );
    check(
        "throughline_model::import::jaeger::span",
        "throughline_model::import::zipkin::read",
        1,
    );
    check("throughline_viewer::scene::bars", "web_sys::window", 1);
    check("throughline_rum::bindings", "js_sys::Date", 0);
    check("throughline_rum::clock", "js_sys::Date", 1);
}

/// Every rule speaks of a module that is there, once its crate has any.
#[test]
fn rules_speak_of_real_modules() {
    let modules = modules();
    let is_there = |of: &str| modules.iter().any(|module| is_below(&module.path, of));
    let missing: Vec<String> = RULES
        .iter()
        .flat_map(|rule| rule.of)
        .filter(|of| of.starts_with("throughline_model") && !is_there(of))
        .map(|of| (*of).to_owned())
        .collect();
    fail("rules about nothing", &missing);
    let names = |of: &str, path: &str| {
        let mut below = modules.iter().filter(|module| is_below(&module.path, of));
        below.any(|module| module.paths.iter().any(|(_, named)| is_below(named, path)))
    };
    // What is certainly used has to be seen, or the rules would hold because nothing is.
    assert!(names(
        "throughline_model::import::jaeger",
        "throughline_model::store::builder"
    ));
    assert!(names(
        "throughline_model::import::jaeger",
        "throughline_model::import::ids"
    ));
    assert!(names("throughline_viewer::browser", "web_sys"));
}

#[test]
fn files_are_small() {
    const MOST: usize = 600;
    let files = source::written_files().unwrap_or_default();
    let source = files.iter().filter(|(name, _)| {
        [".rs", ".js", ".mjs", ".css"]
            .iter()
            .any(|end| name.ends_with(end))
    });
    let long = source.filter_map(|(name, text)| {
        let lines = text.lines().count();
        (lines > MOST).then(|| format!("{name}: {lines} lines, {MOST} at most"))
    });
    fail("files too long", &long.collect::<Vec<_>>());
}

#[test]
fn every_module_says_what_it_is() {
    let files = source::written_files().unwrap_or_default();
    let rust = files.iter().filter(|(name, _)| name.ends_with(".rs"));
    let silent = rust
        .filter(|(_, text)| !text.trim_start().starts_with("//!"))
        .map(|(name, _)| name.clone());
    fail(
        "files without a word on what they are (//!)",
        &silent.collect::<Vec<_>>(),
    );
    let vague = modules()
        .into_iter()
        .filter(|module| !module.text.contains("**Invariant"))
        .map(|module| module.file);
    fail(
        "modules without an **Invariant**",
        &vague.collect::<Vec<_>>(),
    );
}

#[test]
fn modules_stand_beside_their_folders() {
    let files = source::written_files().unwrap_or_default();
    let old = files
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("/mod.rs"));
    fail("mod.rs files", &old.collect::<Vec<_>>());
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let root = files::root();
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_default();
    assert!(
        read("Cargo.toml").contains("unsafe_code = \"forbid\""),
        "the workspace forbids unsafe code"
    );
    let manifests = source::written_files().unwrap_or_default();
    let manifests = manifests
        .iter()
        .filter(|(name, _)| name.ends_with("/Cargo.toml"));
    let lax = manifests.filter(|(_, text)| {
        !(text.contains("[lints]\nworkspace = true") || text.contains("unsafe_code = \""))
    });
    fail(
        "crates without the workspace's lints",
        &lax.map(|(name, _)| name.clone()).collect::<Vec<_>>(),
    );
    let allowed = modules().into_iter().filter(|module| {
        module.text.contains("(unsafe_code)") && !MAY_BE_UNSAFE.contains(&module.path.as_str())
    });
    fail(
        "modules that allow unsafe code",
        &allowed.map(|module| module.file).collect::<Vec<_>>(),
    );
}

#[test]
fn the_repository_speaks_of_the_product_alone() {
    // Put together here, so that this file does not name them.
    let words: Vec<String> = [
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/tmp/", "tgt"),
        ("/tmp/", "tl/"),
        ("CONT", "RACT"),
    ]
    .iter()
    .map(|(front, back)| format!("{front}{back}"))
    .collect();
    let mut found = Vec::new();
    for (name, text) in source::written_files().unwrap_or_default() {
        for (at, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    fail("words of a machine, not of the product", &found);
}

//! The source tree as the architecture test sees it: modules, and the paths that each of them names.
//!
//! A small lexer, not a compiler: it knows comments, strings, `use` trees and `a::b` paths, which is all that the rules
//! speak of. Code behind `#[cfg(test)]` is left out, since tests may use what the code may not.
//!
//! **Invariant:** reads files and judges nothing.

mod lexer;

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::files;

/// One Rust file of a crate's `src`.
#[derive(Clone, Debug)]
pub struct Module {
    /// Path in the repository, with `/`.
    pub file: String,
    /// `throughline_model::import::jaeger::span`
    pub path: String,
    /// Full paths that its code names, with the line of each. `crate`, `self` and `super` are resolved.
    pub paths: Vec<(usize, String)>,
    /// The file as it is.
    pub text: String,
}

/// The crates by the folder and the name that code calls them by.
const CRATES: [(&str, &str); 6] = [
    ("shared", "throughline_model"),
    ("viewer", "throughline_viewer"),
    ("rum", "throughline_rum"),
    ("tests", "throughline_tests"),
    ("examples/shop", "throughline_shop"),
    ("xtask", "xtask"),
];

/// All modules of all crates, test modules left out.
///
/// # Errors
/// When a file cannot be read.
pub fn modules() -> io::Result<Vec<Module>> {
    let mut modules = Vec::new();
    for (folder, name) in CRATES {
        let src = files::root().join(folder).join("src");
        if !src.is_dir() {
            continue;
        }
        let rust: Vec<PathBuf> = files::below(&src)?
            .into_iter()
            .filter(|file| is_rust(file))
            .collect();
        let known: BTreeSet<String> = rust.iter().map(|file| module_path(name, file)).collect();
        for file in rust {
            let path = module_path(name, &file);
            if path.ends_with("::tests") || path.contains("::tests::") {
                continue;
            }
            let text = fs::read_to_string(src.join(&file))?;
            let resolve = |(line, found): (usize, Vec<String>)| {
                Some((line, resolve(&path, name, &known, &found)?))
            };
            modules.push(Module {
                file: format!("{folder}/src/{}", slashes(&file)),
                paths: lexer::paths(&text)
                    .into_iter()
                    .filter_map(resolve)
                    .collect(),
                path,
                text,
            });
        }
    }
    Ok(modules)
}

/// Every file of the repository that people write, as path with `/` and text; binary files are left out.
///
/// # Errors
/// When a file cannot be read.
pub fn written_files() -> io::Result<Vec<(String, String)>> {
    const FOLDERS: [&str; 10] = [
        ".cargo", ".ci", "docs", "examples", "rum", "shared", "tests", "viewer", "xtask", "",
    ];
    const NOT_WRITTEN: [&str; 4] = ["/target/", "/node_modules/", "/dist/", "tests/corpus/"];
    let root = files::root();
    let mut found = Vec::new();
    for folder in FOLDERS {
        let names = if folder.is_empty() {
            let entries = fs::read_dir(&root)?
                .filter_map(Result::ok)
                .filter(|entry| entry.path().is_file());
            entries
                .map(|entry| PathBuf::from(entry.file_name()))
                .collect()
        } else if root.join(folder).is_dir() {
            let below = files::below(&root.join(folder))?;
            below
                .into_iter()
                .map(|file| Path::new(folder).join(file))
                .collect()
        } else {
            Vec::new()
        };
        for name in names {
            let shown = slashes(&name);
            let written = !NOT_WRITTEN
                .iter()
                .any(|part| format!("/{shown}").contains(part))
                && shown != "Cargo.lock";
            if let Some(text) = written
                .then(|| fs::read_to_string(root.join(&name)).ok())
                .flatten()
            {
                found.push((shown, text));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs")
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn module_path(crate_name: &str, file: &Path) -> String {
    let mut parts = vec![crate_name.to_owned()];
    let stem = file.with_extension("");
    parts.extend(stem.iter().map(|part| part.to_string_lossy().into_owned()));
    if parts.len() == 2 && matches!(parts[1].as_str(), "lib" | "main") {
        parts.pop();
    }
    parts.join("::")
}

/// The full path that `found` means in the module `of`; `None` for what names nothing outside of it.
fn resolve(
    of: &str,
    crate_name: &str,
    known: &BTreeSet<String>,
    found: &[String],
) -> Option<String> {
    let mut base: Vec<&str> = of.split("::").collect();
    let mut rest = found;
    match found.first()?.as_str() {
        "crate" => {
            base = vec![crate_name];
            rest = &found[1..];
        }
        "self" => rest = &found[1..],
        "super" => {
            while let Some("super") = rest.first().map(String::as_str) {
                base.pop();
                rest = &rest[1..];
            }
        }
        "Self" => return None,
        first => {
            // A module below this one, or a crate.
            if !known.contains(&format!("{of}::{first}")) {
                return Some(found.join("::"));
            }
        }
    }
    base.extend(rest.iter().map(String::as_str));
    Some(base.join("::"))
}

//! From what trunk leaves to what is served: a small script, one style sheet, a strict policy.
//!
//! Trunk names the app by a hash of its wasm before that is made small. Here it is named by what
//! it has become, and in a release divided in two (see [`parts`]). The worker runs the same wasm; `worker.js`, which only
//! begins it, keeps its name.
//!
//! **Invariant**: works on a finished staging folder and leaves every reference in it relative,
//! so that the site runs below any path.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

use crate::{
    csp, parts,
    run::{self, Context, Failure, Result},
    tools,
};

/// Finishes the site in `dir`.
pub fn finish(dir: &Path, release: bool) -> Result<()> {
    let page = dir.join("index.html");
    let mut html = read(&page)?;
    let app = app_stem(dir)?;
    let named = rename(dir, &app, release)?;
    html = html.replace(&app, &named);
    html = join_styles(dir, &html, release)?;
    // What the modules imported from there is part of them now.
    let _ = fs::remove_dir_all(dir.join("snippets"));
    html = without_preloads_of(&html, "snippets/");
    let html =
        csp::protect(&html).ok_or_else(|| Failure::from("index.html has no <head> to protect"))?;
    write(&page, html.as_bytes())
}

/// Makes one style sheet of all that the page links, in their order: one request instead of many.
fn join_styles(dir: &Path, html: &str, release: bool) -> Result<String> {
    let (html, sheets) = take_styles(html);
    let Some((place, _)) = sheets.first() else {
        return Ok(html);
    };
    let mut css = String::new();
    for (_, href) in &sheets {
        let path = dir.join(href);
        css.push_str(&read(&path)?);
        css.push('\n');
        fs::remove_file(&path).context(|| format!("cannot remove {}", path.display()))?;
    }
    let joined = dir.join("styles.joined.css");
    write(&joined, css.as_bytes())?;
    if release {
        // In place; what a style sheet names, such as fonts, is not touched.
        let mut command = tools::ESBUILD.command()?;
        command.args(["--minify", "--log-level=warning", "--allow-overwrite"]);
        run::check(
            command
                .arg(&joined)
                .arg(run::flag_with_path("--outfile=", &joined)),
        )?;
        css = read(&joined)?;
    }
    let name = format!("app-{}.css", short_hex(&Sha256::digest(&css)));
    let to = dir.join(&name);
    fs::rename(&joined, &to).context(|| format!("cannot make {}", to.display()))?;
    let (before, after) = html.split_at_checked(*place).unwrap_or((&html, ""));
    Ok(format!(
        "{before}<link rel=\"stylesheet\" href=\"./{name}\">{after}"
    ))
}

/// The page without its links to style sheets of its own, and these: where each was in the page
/// that is left, and its file.
fn take_styles(html: &str) -> (String, Vec<(usize, String)>) {
    let mut sheets = Vec::new();
    let kept = without_links(html, |tag, at| {
        let href = tag
            .split_once("href=\"./")
            .and_then(|(_, rest)| rest.split_once('"'));
        match href {
            Some((file, _)) if tag.contains("rel=\"stylesheet\"") => {
                sheets.push((at, file.to_owned()));
                true
            }
            _ => false,
        }
    });
    (kept, sheets)
}

/// Makes one module of the app's script and all that it imports, and names it and its wasm by what
/// is in them: `app-<hash>.js`, `app-<hash>_bg.wasm`. Gives `app-<hash>`.
fn rename(dir: &Path, app: &str, release: bool) -> Result<String> {
    let source = dir.join(format!("{app}.js"));
    let bundled = dir.join("app.bundle.js");
    bundle(&source, &bundled, release)?;
    let text = read(&bundled)?;
    let wasm_path = dir.join(format!("{app}_bg.wasm"));
    let later_path = dir.join(format!("{app}{}", parts::LATER));
    if release {
        parts::divide(&wasm_path, &later_path)?;
    }
    let bytes = fs::read(&wasm_path).context(|| format!("cannot read {}", wasm_path.display()))?;

    let mut hasher = Sha256::new();
    hasher.update(&text);
    hasher.update(&bytes);
    let named = format!("app-{}", short_hex(&hasher.finalize()));
    // The glue knows its wasm by the name that wasm-bindgen gave it.
    let text = text.replace("app_bg.wasm", &format!("{named}_bg.wasm"));
    for old in [&bundled, &source] {
        fs::remove_file(old).context(|| format!("cannot remove {}", old.display()))?;
    }
    write(&dir.join(format!("{named}.js")), text.as_bytes())?;
    let mut files = vec![(wasm_path, dir.join(format!("{named}_bg.wasm")))];
    if release {
        files.push((later_path, dir.join(format!("{named}{}", parts::LATER))));
    }
    for (from, to) in files {
        fs::rename(&from, &to).context(|| format!("cannot make {}", to.display()))?;
    }
    Ok(named)
}

/// What trunk called the app: `app`, a dash, a hash.
fn app_stem(dir: &Path) -> Result<String> {
    let entries = fs::read_dir(dir).context(|| format!("cannot read {}", dir.display()))?;
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find_map(|name| {
            let stem = name.strip_suffix(".js")?;
            stem.starts_with("app-").then(|| stem.to_owned())
        })
        .ok_or_else(|| Failure::from("trunk left no script app-….js"))
}

/// One module of a script and all that it imports.
fn bundle(from: &Path, to: &Path, minify: bool) -> Result<()> {
    let mut command = tools::ESBUILD.command()?;
    command.args(["--bundle", "--format=esm", "--target=es2022"]);
    command.args(["--log-level=warning"]);
    // A comment of a library's licence stays where there is one.
    command.arg("--legal-comments=inline");
    if minify {
        command.arg("--minify");
    }
    run::check(command.arg(from).arg(run::flag_with_path("--outfile=", to)))
}

/// The page without its `<link>` elements that point below `folder`.
fn without_preloads_of(html: &str, folder: &str) -> String {
    without_links(html, |tag, _| tag.contains(&format!("\"./{folder}")))
}

/// The page without the `<link>` elements for which `goes` says so. It is told each element's
/// text and where in the new page it would be.
fn without_links(html: &str, mut goes: impl FnMut(&str, usize) -> bool) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<link") {
        let (before, tag_on) = rest.split_at_checked(at).unwrap_or((rest, ""));
        kept.push_str(before);
        let end = tag_on.find('>').map_or(tag_on.len(), |end| end + 1);
        let (tag, after) = tag_on.split_at_checked(end).unwrap_or((tag_on, ""));
        if !goes(tag, kept.len()) {
            kept.push_str(tag);
        }
        rest = after;
    }
    kept.push_str(rest);
    kept
}

fn short_hex(digest: &[u8]) -> String {
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preloads_of_a_folder_go() {
        let check = |html: &str, expected: &str| {
            assert_eq!(without_preloads_of(html, "snippets/"), expected);
        };
        let app = "<link rel=\"modulepreload\" href=\"./app.js\">";
        let snippet = "<link rel=\"modulepreload\" href=\"./snippets/a/b.js\">";
        check("", "");
        check(app, app);
        check(snippet, "");
        check(&format!("a{snippet}b{app}c{snippet}"), &format!("ab{app}c"));
    }

    #[test]
    fn styles_are_taken_in_their_order() {
        let check = |html: &str, kept: &str, expected: &[(usize, &str)]| {
            let (page, sheets) = take_styles(html);
            let sheets: Vec<_> = sheets.iter().map(|(at, file)| (*at, &**file)).collect();
            assert_eq!((page.as_str(), sheets.as_slice()), (kept, expected));
        };
        let a = "<link rel=\"stylesheet\" href=\"./a-1.css\"/>";
        let b = "<link rel=\"stylesheet\" href=\"./b-2.css\"/>";
        let other = "<link rel=\"stylesheet\" href=\"https://example.com/c.css\">";
        check("", "", &[]);
        check(
            &format!("x{a}y{b}z"),
            "xyz",
            &[(1, "a-1.css"), (2, "b-2.css")],
        );
        check(other, other, &[]);
        check(
            "<link rel=\"icon\" href=\"./a.svg\">",
            "<link rel=\"icon\" href=\"./a.svg\">",
            &[],
        );
    }

    #[test]
    fn names_are_short() {
        assert_eq!(
            short_hex(&[0, 1, 0xab, 3, 4, 5, 6, 0xff, 8]),
            "0001ab03040506ff"
        );
    }
}

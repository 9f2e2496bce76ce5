//! The package, as `npm pack` makes it, in an application: put together by each of the usual bundlers, and by none.
//!
//! **Invariant:** the application is the same for all; what a bundler is told is what its users would tell it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use throughline_tests::{
    browser::{Guard, Page},
    echo::Server,
    files, places,
};

/// How the application is put together: a name, a bundler with its arguments, and the script that comes out.
const WAYS: [(&str, &[&str], &str); 5] = [
    ("none", &[], "/main.js"),
    (
        "esbuild",
        &[
            "main.js",
            "--bundle",
            "--minify",
            "--splitting",
            "--format=esm",
            "--outdir=out",
        ],
        "main.js",
    ),
    (
        "rollup",
        &[
            "main.js",
            "--plugin",
            "@rollup/plugin-node-resolve",
            "--dir",
            "out",
        ],
        "main.js",
    ),
    (
        "webpack",
        &[
            "--entry",
            "./main.js",
            "--mode",
            "production",
            "--output-path",
            "out",
        ],
        "main.js",
    ),
    // It writes a page of its own, with the script's address in it.
    ("vite", &["build", "--outDir", "out"], ""),
];

const IMPORT_MAP: &str = r#"<script type="importmap">{ "imports": { "throughline-rum": "./node_modules/throughline-rum/index.js" } }</script>"#;
const FORBIDDEN: &str =
    r#"<meta http-equiv="Content-Security-Policy" content="script-src 'self' 'unsafe-inline'">"#;

/// The applications, one folder each, put together once for all browsers.
fn applications() -> &'static Path {
    static BUILT: OnceLock<(Guard, PathBuf)> = OnceLock::new();
    let (_, folder) = BUILT.get_or_init(|| {
        let guard = Guard::new("packages");
        let folder = guard.folder().to_owned();
        let pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination"];
        let package = places::dist().join("rum/npm");
        run(Command::new(places::needed("THROUGHLINE_NPM"))
            .args(pack)
            .arg(&folder)
            .arg(package));
        for (bundler, args, script) in WAYS {
            put_together(&folder, bundler, args, script);
        }
        (guard, folder)
    });
    folder
}

fn put_together(folder: &Path, bundler: &str, args: &[&str], script: &str) {
    let app = folder.join(bundler);
    fs::create_dir(&app).expect("a folder");
    let from = files::root().join("tests/packaging/app");
    for file in ["index.html", "main.js"] {
        fs::copy(from.join(file), app.join(file)).expect(file);
    }
    fs::write(
        app.join("package.json"),
        r#"{"private": true, "type": "module"}"#,
    )
    .expect("a file");
    let package = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path());
    let package = package.filter(|path| path.extension().is_some_and(|end| end == "tgz"));
    let install = [
        "install",
        "--offline",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ];
    let mut npm = Command::new(places::needed("THROUGHLINE_NPM"));
    run(npm.args(install).args(package).current_dir(&app));
    if args.is_empty() {
        page(&app, &app, IMPORT_MAP, "main.js");
        return;
    }
    let tools = places::needed("THROUGHLINE_BUNDLERS").join("node_modules/.bin");
    let mut build = Command::new(tools.join(bundler));
    run(build
        .args(args)
        .current_dir(&app)
        .env("NODE_ENV", "production"));
    if !script.is_empty() {
        page(&app, &app.join("out"), "", script);
    }
}

/// Writes the page that loads the script.
fn page(app: &Path, to: &Path, head: &str, script: &str) {
    let page = fs::read_to_string(app.join("index.html")).expect("the page");
    let tag = r#"<script type="module" src="/main.js">"#;
    assert!(page.contains(tag));
    let page = page.replace(
        tag,
        &format!(r#"{head}<script type="module" src="{script}">"#),
    );
    fs::write(to.join("index.html"), page).expect("the page");
}

fn run(command: &mut Command) {
    let out = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(out.status.success(), "{command:?}: {said}");
    assert!(
        !said.to_lowercase().contains("warning in"),
        "{command:?}: {said}"
    );
}

/// What an application in that folder leaves behind, with this in its head.
fn check(page: &Page<'_>, folder: &Path, head: &str, reason: &str) {
    let own = Server::start();
    own.serve(folder, head);
    page.session.go(&format!("{}/app/index.html", own.origin));
    let found = page.session.js_async("return await window.run()", &[]);
    let (stats, findings) = (&found["stats"], &found["findings"]);
    let shown = stats["reason"].as_str().unwrap_or_default();
    assert!(
        shown.starts_with(reason) && (shown.is_empty() == reason.is_empty()),
        "{folder:?}: {stats}"
    );
    let list = findings.as_array().expect("findings");
    assert_eq!(
        list.len(),
        usize::from(!reason.is_empty()),
        "{folder:?}: {findings}"
    );
    let asked = own.asked();
    let this = asked.iter().filter(|asked| asked.line == "GET /echo?this");
    let headers: Vec<_> = this.flat_map(|asked| asked.header("traceparent")).collect();
    assert_eq!(headers.len(), 1, "{folder:?}");
    let sent = asked
        .iter()
        .filter(|asked| asked.line.starts_with("POST /v1/traces"));
    let sent: Vec<u8> = sent.flat_map(|asked| asked.plain()).collect();
    let sent = String::from_utf8_lossy(&sent);
    for part in ["packaged", "GET /echo", "page view /app/index.html"] {
        assert!(sent.contains(part), "{folder:?}: {part} is not in {sent}");
    }
}

pub fn the_package_works_in_every_bundler(page: &Page<'_>) {
    page.forgive("");
    for (bundler, args, _) in WAYS {
        let folder = applications().join(bundler);
        let folder = if args.is_empty() {
            folder
        } else {
            folder.join("out")
        };
        check(page, &folder, "", "");
        check(
            page,
            &folder,
            FORBIDDEN,
            "started late, without WebAssembly",
        );
    }
}

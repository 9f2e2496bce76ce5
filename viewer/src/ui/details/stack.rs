//! A stack trace by its lines: which frames are of the user's own code, which of libraries, and where another cause begins.
//!
//! ```text
//! IllegalStateException: cart is locked              head
//!     at com.shop.Cart.lock(Cart.java:7)             own
//!     at java.base/java.lang.Thread.run(…)           library
//! Caused by: SQLTimeoutException: lock wait timeout  cause
//! ```
//!
//! **Invariant:** pure; tells by what the frames of a language say of themselves (module paths, packages of the language
//! and of widespread libraries). What is not told stands as the user's own.

/// More lines fold.
pub const FOLD_FROM: usize = 16;
/// Lines that stay at the beginning of a folded trace.
const FIRST: usize = 8;
/// Lines that stay after a cause.
const AFTER_CAUSE: usize = 3;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The error itself, or words between frames.
    Head,
    /// A frame of the user's code, or one of which nothing is known.
    Own,
    /// A frame of a library or of the language.
    Library,
    /// Another error begins that led to this one.
    Cause,
}

/// A line as it is shown: tabs are two spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub text: String,
}

/// Beginnings of lines that lead to a cause.
const CAUSES: [&str; 9] = [
    "caused by",
    "[cause]",
    "suppressed:",
    "--->",
    "--- end of inner exception",
    "the above exception was the direct cause",
    "during handling of the above exception",
    "wrapped by",
    "nested exception",
];

/// Packages of the languages and of widespread libraries, as frames begin with them.
const LIBRARIES: [&str; 42] = [
    // JVM
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "jakarta.",
    "akka.",
    "reactor.",
    "io.netty.",
    "io.grpc.",
    "io.opentelemetry.",
    "org.springframework.",
    "org.apache.",
    "org.hibernate.",
    "org.eclipse.",
    "org.jboss.",
    "com.fasterxml.",
    "com.zaxxer.",
    "com.google.common.",
    "okhttp3.",
    "io.undertow.",
    "io.micrometer.",
    "org.postgresql.",
    "com.mysql.",
    // .NET
    "System.",
    "Microsoft.",
    "Npgsql.",
    "Grpc.",
    // Rust
    "core::",
    "std::",
    "alloc::",
    "tokio::",
    "hyper::",
    "tower::",
    "rust_begin_unwind",
    "__rust_",
    "backtrace::",
    // Go
    "runtime.",
    "net/http.",
];

/// Parts of paths that are not the user's.
const LIBRARY_PATHS: [&str; 20] = [
    "/node_modules/",
    "\\node_modules\\",
    "node:",
    "internal/",
    "<anonymous>",
    "/site-packages/",
    "\\site-packages\\",
    "/dist-packages/",
    "/lib/python",
    "<frozen ",
    "/gems/",
    "/lib/ruby/",
    "<internal:",
    "/go/src/",
    "/go/pkg/mod/",
    "/vendor/",
    "/rustc/",
    "/.cargo/",
    "/rustlib/",
    "/_/src/",
];

/// The lines of a stack trace.
pub fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = text
        .lines()
        .map(|line| Line {
            kind: kind(line),
            text: line.replace('\t', "  "),
        })
        .collect();
    pair(&mut lines);
    lines
}

fn kind(line: &str) -> Kind {
    let words = line.trim();
    let small = words
        .get(..words.floor_char_boundary(60))
        .unwrap_or(words)
        .to_ascii_lowercase();
    if CAUSES.iter().any(|cause| small.starts_with(cause)) {
        return Kind::Cause;
    }
    if words.starts_with("... ") || words.starts_with("[Previous line repeated") {
        return Kind::Library;
    }
    let Some(frame) = frame(line) else {
        return Kind::Head;
    };
    // `java.base/java.lang.Thread.run`, `app//com.shop.Cart.lock`: a class loader or module stands in front.
    let class = frame.split_once('(').map_or(frame, |(class, _)| class);
    let class = class.rsplit('/').next().unwrap_or(class);
    let of_library = LIBRARIES
        .iter()
        .any(|name| frame.starts_with(name) || class.starts_with(name));
    if of_library || LIBRARY_PATHS.iter().any(|path| frame.contains(path)) {
        Kind::Library
    } else {
        Kind::Own
    }
}

/// What a frame says behind its bullet; `None` for a line that is none.
fn frame(line: &str) -> Option<&str> {
    let words = line.trim();
    // Java, .NET, JavaScript: `at f (file:1:2)`; the place of a frame in Rust: `at /rustc/…`.
    if let Some(frame) = words.strip_prefix("at ") {
        return Some(frame.strip_prefix("async ").unwrap_or(frame));
    }
    // Python: `File "app.py", line 3, in f`.
    if words.starts_with("File \"") {
        return Some(words);
    }
    // Ruby: `from app.rb:12:in 'f'`, and the first line without `from`.
    if let Some(frame) = words.strip_prefix("from ") {
        return Some(frame);
    }
    if words.contains(":in `") || words.contains(":in '") {
        return Some(words);
    }
    // Rust: `12: core::panicking::panic`, with the address of the frame or without.
    if let Some((number, frame)) = words.split_once(": ")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        let frame = frame.trim_start_matches('<');
        return Some(match frame.split_once(" - ") {
            Some((address, frame)) if address.starts_with("0x") => frame.trim_start_matches('<'),
            _ => frame,
        });
    }
    // Go: `main.pay(0x1, …)` and below it `	/app/pay.go:12 +0x1d`.
    let place = line.starts_with(['\t', ' ']) && words.contains(".go:");
    let function = !line.starts_with([' ', '\t'])
        && words.contains('.')
        && (words.ends_with(')') && !words.contains(": ") || words.starts_with("created by "))
        && !words.split('(').next().unwrap_or_default().contains(' ')
        || words.starts_with("created by ");
    (place || function).then(|| words.strip_prefix("created by ").unwrap_or(words))
}

/// A frame of two lines is of one kind: the second one says where it is (Go, Rust), or quotes the code (Python).
fn pair(lines: &mut [Line]) {
    for at in 1..lines.len() {
        let (before, from_here) = lines.split_at_mut(at);
        let (Some(first), Some(second)) = (before.last_mut(), from_here.first_mut()) else {
            return;
        };
        let deeper = indent(&second.text) > indent(&first.text);
        let first_words = first.text.trim_start();
        if first_words.starts_with("File \"") && deeper && second.kind == Kind::Head {
            second.kind = first.kind;
            continue;
        }
        let is_place = second.text.contains(".go:") || second.text.contains(".rs:");
        let frames = matches!(first.kind, Kind::Own | Kind::Library)
            && matches!(second.kind, Kind::Own | Kind::Library);
        if frames && deeper && is_place {
            let library = first.kind == Kind::Library || second.kind == Kind::Library;
            let kind = if library { Kind::Library } else { Kind::Own };
            (first.kind, second.kind) = (kind, kind);
        }
    }
}

fn indent(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Which lines stay while the trace is folded, from and to; between them are the ones that do not. The beginning stays,
/// and each cause with what follows it.
pub fn kept(lines: &[Line]) -> Vec<(usize, usize)> {
    if lines.len() <= FOLD_FROM {
        return vec![(0, lines.len())];
    }
    let mut kept: Vec<(usize, usize)> = vec![(0, FIRST)];
    for (at, line) in lines.iter().enumerate() {
        if line.kind != Kind::Cause {
            continue;
        }
        let end = (at + 1 + AFTER_CAUSE).min(lines.len());
        match kept.last_mut() {
            // A gap of one line would take as much room as the line.
            Some((_, last)) if at <= *last + 1 => *last = end.max(*last),
            _ => kept.push((at, end)),
        }
    }
    if let Some((_, last)) = kept.last_mut()
        && *last + 1 == lines.len()
    {
        *last += 1;
    }
    kept
}

#[cfg(test)]
mod tests;

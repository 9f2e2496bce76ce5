//! Where inputs and expectations are.
//!
//! **Invariant:** paths only; knows no format.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// The repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// The corpus that the project ships.
pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// One row of `INDEX.tsv` in the collection of real files.
#[derive(Clone, Debug)]
pub struct RealFile {
    /// Relative path.
    pub name: String,
    /// The folder it is in, which is named after its format.
    pub folder: String,
    /// Where it is.
    pub path: PathBuf,
    /// How many spans it holds.
    pub spans: u64,
}

/// The real files of the formats that are read, or `None` where the collection is not: a folder `shared/traces` beside
/// the repository, or wherever `THROUGHLINE_TRACES` says.
pub fn real_files() -> Option<Vec<RealFile>> {
    const READ: [&str; 10] = [
        "jaeger",
        "malformed",
        "otlp-json",
        "otlp-jsonl",
        "otlp-legacy",
        "otlp-proto",
        "otlp-signals",
        "tempo-json",
        "zipkin-v1",
        "zipkin-v2",
    ];
    let folder = match env::var_os("THROUGHLINE_TRACES") {
        Some(folder) => PathBuf::from(folder),
        None => root().parent()?.join("shared/traces"),
    };
    let index = fs::read_to_string(folder.join("INDEX.tsv")).ok()?;
    let rows = index.lines().skip(1).filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let (name, spans) = (*columns.first()?, columns.get(7)?.parse().ok()?);
        let of = name.split('/').next()?;
        // Protobuf as text is for people.
        let wanted = READ.contains(&of) && !name.ends_with(".pbtxt");
        wanted.then(|| RealFile {
            name: name.to_owned(),
            folder: of.to_owned(),
            path: folder.join(name),
            spans,
        })
    });
    Some(rows.collect())
}

/// All files below a folder, sorted, as paths relative to it.
pub fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// True when expectations are to be written instead of held: `THROUGHLINE_UPDATE=1`.
pub fn updating() -> bool {
    env::var_os("THROUGHLINE_UPDATE").is_some_and(|value| value != "0")
}

/// Holds bytes against a file of the repository; says what differs.
///
/// # Errors
/// When they differ, or the file cannot be read or written.
pub fn hold(path: &Path, found: &[u8]) -> Result<(), String> {
    let shown = path.strip_prefix(root()).unwrap_or(path).display();
    if updating() {
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(path, found));
        return written.map_err(|error| format!("{shown}: {error}"));
    }
    let expected = fs::read(path)
        .map_err(|error| format!("{shown}: {error} (THROUGHLINE_UPDATE=1 writes it)"))?;
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (
        String::from_utf8_lossy(&expected),
        String::from_utf8_lossy(found),
    );
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    let first = lines.find(|(_, (expected, found))| expected != found);
    Err(match first {
        Some((at, (expected, found))) => format!(
            "{shown}:{}\n  expected {expected}\n  found    {found}",
            at + 1
        ),
        None => format!(
            "{shown}: {} lines expected, {} found",
            expected.lines().count(),
            found.lines().count()
        ),
    })
}

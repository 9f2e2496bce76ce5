//! How large the site is: each file raw, gzipped and with brotli, and what a first visit costs.
//!
//! **Invariant**: compression is node's own, at its best level, as a static host would do it.

use std::path::Path;

use crate::{
    browsers, parts,
    run::{self, Failure, Result},
};

/// Prints `path <tab> raw <tab> gzip <tab> brotli` of every file below a folder.
const SCRIPT: &str = "
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const root = process.argv[1];
const walk = (dir) => {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) { walk(file); continue; }
    const bytes = fs.readFileSync(file);
    const gzip = zlib.gzipSync(bytes, { level: 9 }).length;
    const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
                     [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    const brotli = zlib.brotliCompressSync(bytes, { params }).length;
    const name = path.relative(root, file).split(path.sep).join('/');
    console.log([name, bytes.length, gzip, brotli].join('\\t'));
  }
};
walk(root);
";

/// Sizes in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    name: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// The table of a built site.
pub fn table(dist: &Path) -> Result<String> {
    let node = browsers::need("nodejs")?;
    let printed = run::output(run::command(node).args(["-e", SCRIPT]).arg(dist))?;
    let mut rows = Vec::new();
    for line in String::from_utf8_lossy(&printed).lines() {
        let row = parse(line).ok_or_else(|| Failure(format!("not a line of sizes: {line}")))?;
        rows.push(row);
    }
    rows.sort_by(|a, b| b.brotli.cmp(&a.brotli).then_with(|| a.name.cmp(&b.name)));
    Ok(format(&rows))
}

fn parse(line: &str) -> Option<Row> {
    let mut fields = line.split('\t');
    let mut row = Row {
        name: fields.next()?.to_owned(),
        ..Row::default()
    };
    for size in [&mut row.raw, &mut row.gzip, &mut row.brotli] {
        *size = fields.next()?.parse().ok()?;
    }
    fields.next().is_none().then_some(row)
}

/// Whether a first visit that opens the sample transfers this file. The script tag is for other
/// pages, and the later part of the program is loaded on demand.
fn is_of_first_visit(name: &str) -> bool {
    !name.starts_with("rum/") && !name.ends_with(".map") && !name.ends_with(parts::LATER)
}

fn format(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.chars().count()).max();
    let width = width.unwrap_or_default().max(24);
    let mut text = line(width, "file", "raw", "gzip", "brotli");
    let mut total = Row::default();
    for row in rows {
        let [raw, gzip, brotli] = [row.raw, row.gzip, row.brotli].map(kib);
        text.push_str(&line(width, &row.name, &raw, &gzip, &brotli));
        if is_of_first_visit(&row.name) {
            total.raw += row.raw;
            total.gzip += row.gzip;
            total.brotli += row.brotli;
        }
    }
    let [raw, gzip, brotli] = [total.raw, total.gzip, total.brotli].map(kib);
    text.push_str(&line(width, "a first visit, in all", &raw, &gzip, &brotli));
    text
}

fn line(width: usize, name: &str, raw: &str, gzip: &str, brotli: &str) -> String {
    format!("{name:<width$} {raw:>12} {gzip:>12} {brotli:>12}\n")
}

fn kib(bytes: u64) -> String {
    let tenths = (bytes * 10).div_ceil(1024);
    format!("{}.{} KiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, raw: u64, gzip: u64, brotli: u64) -> Row {
        Row {
            name: name.to_owned(),
            raw,
            gzip,
            brotli,
        }
    }

    #[test]
    fn lines_of_sizes() {
        let check = |line: &str, expected: Option<Row>| assert_eq!(parse(line), expected);
        check("a.js\t3\t2\t1", Some(row("a.js", 3, 2, 1)));
        check("a b/c.js\t3\t2\t1", Some(row("a b/c.js", 3, 2, 1)));
        check("a.js\t3\t2", None);
        check("a.js\t3\t2\t1\t0", None);
        check("a.js\t3\t2\tx", None);
        check("", None);
    }

    #[test]
    fn sizes_are_rounded_up() {
        let check = |bytes, expected: &str| assert_eq!(kib(bytes), expected);
        check(0, "0.0 KiB");
        check(1, "0.1 KiB");
        check(1024, "1.0 KiB");
        check(1025, "1.1 KiB");
        check(300 * 1024, "300.0 KiB");
    }

    #[test]
    fn the_total_is_of_a_first_visit() {
        let rows = [
            row("app.wasm", 4096, 2048, 1024),
            row("index.html", 1024, 1024, 1024),
            row("rum/throughline.js", 9999, 9999, 9999),
            row("app-0123456789abcdef_later.wasm", 9999, 9999, 9999),
        ];
        let text = format(&rows);
        assert_eq!(text.lines().count(), rows.len() + 2);
        let last: Vec<_> = text.lines().last().unwrap().split("  ").collect();
        let last: Vec<_> = last.iter().map(|cell| cell.trim()).collect();
        let cells: Vec<_> = last.into_iter().filter(|cell| !cell.is_empty()).collect();
        assert_eq!(
            cells,
            ["a first visit, in all", "5.0 KiB", "3.0 KiB", "2.0 KiB"]
        );
    }
}

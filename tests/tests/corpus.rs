//! Real and shipped files, as they are and in every wrapping.
//!
//! The real files stand outside of the repository (see [`throughline_tests::files::real_files`]); where they are not,
//! these tests say so and hold the shipped corpus alone. `THROUGHLINE_UPDATE=1` writes the shipped corpus and the
//! expected dumps anew.

use std::fs;

use throughline_model::{
    import::{self, Input, Silent},
    issues::IssueKind,
    store::builder::StoreBuilder,
};
use throughline_tests::{
    dump,
    files::{self, RealFile},
    forge, read, wrap,
};

/// Files above this size are wrapped and cut less often: unoptimised compression is slow.
const LARGE: usize = 200_000;

/// The real files with their bytes, or nothing with a note.
fn real() -> Vec<(RealFile, Vec<u8>)> {
    let Some(listed) = files::real_files() else {
        println!("SKIPPED: no collection of real files here (0 files held)");
        return Vec::new();
    };
    let found = listed.into_iter().map(|file| {
        let bytes =
            fs::read(&file.path).unwrap_or_else(|error| panic!("{}: {error}", file.path.display()));
        (file, bytes)
    });
    let found: Vec<_> = found.collect();
    println!("{} real files", found.len());
    assert!(
        found.len() >= 100,
        "the index lists {} files only",
        found.len()
    );
    found
}

/// The shipped files with their bytes.
fn shipped() -> Vec<(String, Vec<u8>)> {
    let folder = files::corpus();
    let names = files::below(&folder).unwrap_or_default();
    let names = names
        .into_iter()
        .map(|path| path.to_string_lossy().into_owned());
    let inputs = names.filter(|name| !name.ends_with(".md") && !name.starts_with("expected/"));
    let found: Vec<_> = inputs
        .map(|name| {
            let bytes = fs::read(folder.join(&name)).unwrap_or_default();
            (name, bytes)
        })
        .collect();
    assert!(
        found.len() >= 20,
        "{} files in the shipped corpus",
        found.len()
    );
    found
}

fn all() -> Vec<(String, Vec<u8>)> {
    let real = real().into_iter().map(|(file, bytes)| (file.name, bytes));
    shipped().into_iter().chain(real).collect()
}

fn fail(problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn real_files_have_the_spans_that_the_index_says() {
    let mut problems = Vec::new();
    for (file, bytes) in real() {
        let (store, result) = read::read(&bytes);
        if store.span_count() as u64 != file.spans {
            problems.push(format!(
                "{}: {} spans, not {}: {result:?}",
                file.name,
                store.span_count(),
                file.spans
            ));
        }
        if (file.spans > 0) != result.is_ok() {
            problems.push(format!("{}: {result:?}", file.name));
        }
    }
    fail(&problems);
}

#[test]
fn names_do_not_matter() {
    let mut problems = Vec::new();
    for (name, bytes) in all() {
        let dumps = [
            name.as_str(),
            "",
            "photo.png",
            "a.zip",
            "trace.pb",
            "x.json",
        ]
        .map(|shown| {
            let (store, results) = read::read_all([(shown, bytes.as_slice())]);
            let format = results
                .iter()
                .flatten()
                .map(|imported| imported.format.id())
                .next();
            (store.span_count(), format)
        });
        if dumps.iter().any(|dump| *dump != dumps[0]) {
            problems.push(format!("{name}: {dumps:?}"));
        }
    }
    fail(&problems);
}

#[test]
fn wrapped_files_give_the_same() {
    let mut problems = Vec::new();
    for (name, bytes) in all() {
        let plain = read::read(&bytes).0;
        // Of a file without spans an archive says what a plain file says as an error.
        if bytes.len() > LARGE || plain.span_count() == 0 {
            continue;
        }
        let expected = dump::dump(&plain);
        let gzip = wrap::gzip(&bytes).unwrap_or_default();
        let zip = wrap::zip(&[("inner.bin", &bytes)]).unwrap_or_default();
        let twice = wrap::gzip(&wrap::zstd(&bytes)).unwrap_or_default();
        for (how, wrapped) in [
            ("gzip", gzip),
            ("zstd", wrap::zstd(&bytes)),
            ("zip", zip),
            ("zstd in gzip", twice),
        ] {
            let (store, result) = read::read(&wrapped);
            if dump::dump(&store) != expected {
                problems.push(format!("{name} in {how}: {result:?}"));
            }
        }
    }
    fail(&problems);
}

#[test]
fn an_archive_of_all_shipped_files_opens_whole() {
    let shipped = shipped();
    let files: Vec<(&str, &[u8])> = shipped
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let archive = wrap::zip(&files).unwrap_or_default();
    let alone: usize = files
        .iter()
        .map(|(_, bytes)| read::read(bytes).0.span_count())
        .sum();
    let (store, result) = read::read(&archive);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(store.span_count(), alone);
}

/// Cuts at about so many places, spread over the file, with the ends looked at closely.
fn cuts(length: usize) -> Vec<usize> {
    let places = if length > LARGE { 6 } else { 40 };
    let mut cuts: Vec<usize> = (0..places)
        .map(|at| length * at / places + at % 7)
        .collect();
    cuts.extend((1..6).map(|back| length.saturating_sub(back)));
    cuts.extend(1..6);
    cuts.retain(|&cut| cut < length);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

#[test]
fn cut_files_give_less_and_say_so() {
    let mut problems = Vec::new();
    for (name, bytes) in all() {
        let most = read::read(&bytes).0.span_count();
        for cut in cuts(bytes.len()) {
            let (store, result) = read::read(&bytes[..cut]);
            let spans = store.span_count();
            let breaks = [
                IssueKind::Truncated,
                IssueKind::SyntaxError,
                IssueKind::Corrupt,
            ];
            let breaks: u64 = breaks
                .into_iter()
                .map(|kind| store.issues().count(kind))
                .sum();
            if spans > most {
                problems.push(format!("{name} cut at {cut}: {spans} spans of {most}"));
            }
            if result.is_ok() != (spans > 0) {
                problems.push(format!("{name} cut at {cut}: {spans} spans, {result:?}"));
            }
            // Where spans are missing there has to be a reason to see. Values one after the other can end anywhere.
            let silent = result.is_ok() && spans < most && breaks == 0;
            let between_values = result
                .as_ref()
                .is_ok_and(|imported| !imported.container.is_empty())
                || name.ends_with(".pb");
            let lines = bytes[..cut].ends_with(b"}")
                || bytes[..cut].ends_with(b"}\n")
                || bytes[..cut].ends_with(b"]\n");
            if silent && !between_values && !lines {
                problems.push(format!(
                    "{name} cut at {cut}: {spans} spans of {most} without an issue"
                ));
            }
        }
    }
    fail(&problems);
}

#[test]
fn cut_containers_give_what_can_be_unfolded() {
    let json = forge::jsonl().join("\n").into_bytes();
    let whole = read::read(&json).0.span_count();
    let gzip = wrap::gzip(&json).unwrap_or_default();
    let zip = wrap::zip(&[("a.json", &json)]).unwrap_or_default();
    for packed in [gzip, wrap::zstd(&json), zip] {
        for cut in 0..packed.len() {
            let (store, result) = read::read(&packed[..cut]);
            assert!(store.span_count() <= whole);
            assert_eq!(
                result.is_ok(),
                store.span_count() > 0,
                "cut at {cut}: {result:?}"
            );
        }
    }
    let packed = wrap::gzip(&json).unwrap_or_default();
    let (store, _) = read::read(&packed[..packed.len() - 8]);
    assert_eq!(
        store.span_count(),
        whole,
        "all data is there, only the trailer is not"
    );
    assert_eq!(store.issues().count(IssueKind::Truncated), 1);
}

#[test]
fn the_generator_makes_the_shipped_files() {
    let held = forge::files()
        .into_iter()
        .map(|file| files::hold(&files::corpus().join(file.name), &file.bytes));
    let problems: Vec<String> = held.filter_map(Result::err).collect();
    fail(&problems);
}

#[test]
fn shipped_files_read_as_expected() {
    let mut problems = Vec::new();
    for (name, bytes) in shipped() {
        let (store, result) = read::read(&bytes);
        let head = match &result {
            Ok(imported) => {
                let containers: Vec<_> = imported.container.iter().map(|one| one.name()).collect();
                format!("{} {containers:?}\n", imported.format.id())
            }
            Err(error) => format!("error: {error}\n"),
        };
        let expected = files::corpus().join("expected").join(format!("{name}.txt"));
        problems.extend(files::hold(&expected, (head + &dump::dump(&store)).as_bytes()).err());
    }
    fail(&problems);
}

#[test]
fn every_dialect_of_otlp_says_the_same() {
    let expected = dump::spans(&read::read(&forge::otlp_proto()).0);
    assert!(expected.lines().count() > 7);
    for file in forge::files() {
        if file.name.starts_with("otlp-") || file.name.starts_with("tempo-") {
            let (store, result) = read::read(&file.bytes);
            assert!(result.is_ok(), "{}: {result:?}", file.name);
            // Scopes of the old shape have no schema of their own in the new one's place, but the generator keeps it.
            assert_eq!(dump::spans(&store), expected, "{}", file.name);
        }
    }
}

#[test]
fn every_wrapper_of_jaeger_and_zipkin_says_the_same() {
    for folder in ["jaeger/", "zipkin-v2/"] {
        let same: Vec<_> = forge::files()
            .into_iter()
            .filter(|file| file.name.starts_with(folder))
            .collect();
        let expected = dump::spans(&read::read(&same[0].bytes).0);
        for file in same.iter().filter(|file| !file.name.contains("one-trace")) {
            assert_eq!(
                dump::spans(&read::read(&file.bytes).0),
                expected,
                "{}",
                file.name
            );
        }
    }
}

#[test]
fn a_trace_in_several_inputs_is_one_trace() {
    let whole = forge::jsonl();
    let text = whole.join("\n");
    let expected = dump::spans(&read::read(text.as_bytes()).0);
    for split in 1..whole.len() {
        let (left, right) = (whole[..split].join("\n"), whole[split..].join("\n"));
        let (store, _) = read::read_all([("left", left.as_bytes()), ("right", right.as_bytes())]);
        assert_eq!(dump::spans(&store), expected, "split at {split}");
        assert_eq!(store.sources().len(), 2);

        // The same when the second input comes when the first is a finished store.
        let mut builder = StoreBuilder::new();
        builder.append(&read::read(left.as_bytes()).0);
        let input = Input {
            name: "right".to_owned(),
            bytes: right.into_bytes(),
        };
        let imported = import::import(&mut builder, input, &mut Silent);
        assert!(imported.is_ok());
        assert_eq!(
            dump::spans(&builder.finish()),
            expected,
            "appended at {split}"
        );
    }
}

#[test]
fn formats_mix_in_one_dataset() {
    let (json, proto) = (forge::otlp_json().to_string(), forge::otlp_proto());
    let (jaeger, zipkin) = (forge::jaeger().to_string(), forge::zipkin_v2().to_string());
    let inputs = [
        ("a", json.as_bytes()),
        ("b", proto.as_slice()),
        ("c", jaeger.as_bytes()),
        ("d", zipkin.as_bytes()),
    ];
    let (store, results) = read::read_all(inputs);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!((store.trace_count(), store.span_count()), (2, 28));
    let formats: Vec<_> = store
        .sources()
        .iter()
        .map(|source| source.format.as_str())
        .collect();
    assert_eq!(
        formats,
        ["OTLP JSON", "OTLP protobuf", "Jaeger JSON", "Zipkin JSON"]
    );
}

/// Read while it arrives, in steps of all sizes, a file gives what it gives as a whole.
#[test]
fn what_arrives_in_pieces_is_the_same() {
    let shipped = shipped().into_iter();
    let real = real().into_iter().map(|(file, bytes)| (file.name, bytes));
    let mut held = 0;
    for (name, bytes) in shipped.chain(real).filter(|(_, bytes)| bytes.len() < LARGE) {
        let (whole, imported) = read::read(&bytes);
        for step in [1, 7, 1_000, 20_000] {
            let Some((pieces, arrived)) = read::read_arriving(&bytes, step) else {
                continue;
            };
            held += 1;
            assert_eq!(dump::dump(&pieces), dump::dump(&whole), "{name} by {step}");
            assert_eq!(arrived.is_ok(), imported.is_ok(), "{name} by {step}");
            if let (Ok(arrived), Ok(imported)) = (arrived, &imported) {
                assert_eq!(&arrived, imported, "{name} by {step}");
            }
        }
    }
    assert!(held >= 40, "{held} readings");
}

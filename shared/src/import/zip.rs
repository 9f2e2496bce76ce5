//! zip archives: every file inside is opened like a file of its own.
//!
//! ```text
//! PK\3\4 local header, data …   PK\1\2 central directory …   PK\5\6 end: how many entries, where the directory is
//! ```
//!
//! The directory is the truth where there is one. An archive that broke off has none: its local headers are walked.
//!
//! So an archive is not read while it arrives. Its last bytes say which of the entries before them are part of it: what was
//! deleted or replaced still stands there, behind a local header like any other, and spans that were read of it could not be
//! taken back. The archive is held as it came; of what is in it only a piece is there at a time, however large the file was.
//!
//! **Invariant:** nothing is written anywhere, so the names inside are labels and no more. Files that hold no traces are
//! passed over with a word in the issues; the archive fails only when none does.

use super::{
    Container, ImportError, Signal, crc,
    pieces::Pieces,
    session::{Session, Stage},
    unpack::Unpacker,
};
use crate::issues::IssueKind;

/// So much of a file is handed on at once.
const STEP: usize = 1 << 20;

/// One file of an archive.
struct Entry {
    name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    packed: u64,
    size: u64,
    local: usize,
    /// False where the sizes stand behind the data, which only the directory repeats.
    sized: bool,
}

/// Opens every file of the archive.
pub(super) fn read(session: &mut Session<'_>, name: &str, bytes: &[u8]) -> Result<(), ImportError> {
    let entries = directory(bytes);
    let cut = entries.is_none();
    let entries = entries.unwrap_or_else(|| {
        let problem = "the archive has no directory; its files are taken as they come".to_owned();
        session.container_broken(IssueKind::Truncated, bytes.len() as u64, problem);
        local_entries(bytes, session.limits.files + 1)
    });
    if entries.len() > session.limits.files {
        let detail = || {
            format!(
                "{} files; the first {} are read",
                entries.len(),
                session.limits.files
            )
        };
        session
            .builder
            .issues
            .add_with(IssueKind::TooLarge, None, detail);
    }
    session.end_source(0);
    let spans_before = session.spans();
    let mut first_error = None;
    let mut first_signal = None;
    let files = entries
        .iter()
        .filter(|entry| !entry.name.ends_with('/') && entry.size + entry.packed > 0);
    for entry in files.take(session.limits.files) {
        session.stage(Stage::Decompress);
        session.begin_file(format!("{name}/{}", entry.name), entry.packed);
        session.cut = cut;
        match open(session, name, bytes, entry) {
            Ok(()) => {}
            // One that is too large ends the whole: a second may be meant to finish us.
            Err(error @ ImportError::TooLarge { .. }) => return Err(error),
            Err(error) => {
                first_signal = first_signal.or(match error {
                    ImportError::NoSpans { signal, .. } => signal,
                    _ => None,
                });
                let kind = match error {
                    ImportError::Syntax { .. } | ImportError::Damaged { .. } => {
                        IssueKind::SyntaxError
                    }
                    _ => IssueKind::OtherSignal,
                };
                if first_signal.is_none() || kind == IssueKind::SyntaxError {
                    session
                        .builder
                        .issues
                        .add_with(kind, None, || error.to_string());
                }
                first_error.get_or_insert(error);
            }
        }
    }
    if session.spans() > spans_before {
        return Ok(());
    }
    Err(match (first_signal, first_error) {
        (Some(signal), _) => no_spans(name, Some(signal)),
        (None, Some(error)) => error,
        (None, None) if entries.is_empty() => ImportError::Damaged {
            name: name.to_owned(),
            container: Container::Zip,
            offset: bytes.len() as u64,
            problem: "expected files, found none".to_owned(),
        },
        (None, None) => no_spans(name, None),
    })
}

fn no_spans(name: &str, signal: Option<Signal>) -> ImportError {
    ImportError::NoSpans {
        name: name.to_owned(),
        format: None,
        signal,
    }
}

/// Reads one file.
fn open(
    session: &mut Session<'_>,
    name: &str,
    bytes: &[u8],
    entry: &Entry,
) -> Result<(), ImportError> {
    let label = format!("{name}/{}", entry.name);
    let damaged = |problem: &str| ImportError::Damaged {
        name: label.clone(),
        container: Container::Zip,
        offset: entry.local as u64,
        problem: problem.to_owned(),
    };
    if entry.encrypted {
        return Err(damaged("the file is encrypted"));
    }
    let local = bytes.get(entry.local..).unwrap_or_default();
    let header = local_header_len(local).ok_or_else(|| damaged("expected a local file header"))?;
    let data = local.get(header..).unwrap_or_default();
    let packed = if entry.sized {
        entry.packed as usize
    } else {
        data.len()
    };
    let body = data.get(..packed).unwrap_or(data);
    let start = (entry.local + header) as u64;
    let known_crc = entry.sized.then_some(entry.crc);
    let unpacker = match entry.method {
        0 => {
            stored(session, body, start, body.len() < packed, known_crc);
            None
        }
        8 => Some(Unpacker::deflated(start, known_crc)),
        _ => {
            return Err(damaged(
                "its compression method is neither stored nor deflate",
            ));
        }
    };
    let mut pieces = Pieces::packed(session, &label, body.len() as u64, unpacker);
    for step in body.chunks(STEP) {
        let pushed = pieces.push(session, step.len(), |room| room.copy_from_slice(step));
        pushed.map_err(|_| damaged("there is no memory for the file"))?;
    }
    pieces.finish(session, body.len() as u64)
}

/// What can be wrong with a file that is not compressed.
fn stored(session: &mut Session<'_>, body: &[u8], start: u64, cut: bool, known_crc: Option<u32>) {
    if cut {
        let problem = "the zip data ends too early".to_owned();
        session.container_broken(IssueKind::Truncated, start + body.len() as u64, problem);
    } else if known_crc.is_some_and(|known| known != crc::hash(body)) {
        let detail = || super::unpack::WRONG_CRC.to_owned();
        let issues = &mut session.builder.issues;
        issues.add_with(IssueKind::Corrupt, Some(start), detail);
    }
}

/// The entries that the central directory names; `None` without one.
fn directory(bytes: &[u8]) -> Option<Vec<Entry>> {
    // The end record is 22 bytes and a comment of at most 65,535.
    let tail_start = bytes.len().saturating_sub(22 + 0xffff);
    let tail = bytes.get(tail_start..)?;
    let end = tail
        .windows(4)
        .rposition(|window| window == b"PK\x05\x06")?;
    let record = tail.get(end..)?;
    let mut at = u32_at(record, 16)? as usize;
    if at == u32::MAX as usize {
        // zip64: the real numbers are in a record that a locator just before the end record points to.
        let locator = (tail_start + end).checked_sub(20)?;
        let end64 = u64_at(bytes.get(locator..)?, 8)? as usize;
        at = u64_at(bytes.get(end64..)?, 48)? as usize;
    }
    let mut entries = Vec::new();
    while let Some(header) = bytes
        .get(at..)
        .filter(|header| header.starts_with(b"PK\x01\x02"))
    {
        let (name, extra, comment) = (
            u16_at(header, 28)?,
            u16_at(header, 30)?,
            u16_at(header, 32)?,
        );
        let name_end = 46 + usize::from(name);
        let mut entry = Entry {
            name: label(header.get(46..name_end)?),
            method: u16_at(header, 10)?,
            encrypted: u16_at(header, 8)? & 1 != 0,
            crc: u32_at(header, 16)?,
            packed: u64::from(u32_at(header, 20)?),
            size: u64::from(u32_at(header, 24)?),
            local: u32_at(header, 42)? as usize,
            sized: true,
        };
        zip64(
            &mut entry,
            header
                .get(name_end..name_end + usize::from(extra))
                .unwrap_or_default(),
        );
        entries.push(entry);
        at += name_end + usize::from(extra) + usize::from(comment);
    }
    Some(entries)
}

/// Sizes of 4 GiB and more stand in extra field 1, only those that did not fit.
fn zip64(entry: &mut Entry, mut extra: &[u8]) {
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(length);
        if id == 1 {
            let mut field = extra.get(4..end).unwrap_or_default();
            let mut take = |known: u64| {
                if known != u64::from(u32::MAX) {
                    return known;
                }
                let value = u64_at(field, 0).unwrap_or(known);
                field = field.get(8..).unwrap_or_default();
                value
            };
            entry.size = take(entry.size);
            entry.packed = take(entry.packed);
            entry.local = take(entry.local as u64) as usize;
        }
        extra = extra.get(end..).unwrap_or_default();
    }
}

/// The entries as their data comes, for an archive that broke off.
fn local_entries(bytes: &[u8], most: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = 0;
    while entries.len() < most {
        let Some(header) = bytes.get(at..) else { break };
        let Some(length) = local_header_len(header) else {
            break;
        };
        let Some(entry) = local_entry(header, at) else {
            break;
        };
        let data = at + length;
        at = if entry.sized {
            data + entry.packed as usize
        } else {
            // The next header is somewhere behind; nothing but its mark tells where.
            let rest = bytes.get(data..).unwrap_or_default();
            let next = rest.windows(4).position(|window| window == b"PK\x03\x04");
            next.map_or(bytes.len(), |next| data + next)
        };
        entries.push(entry);
    }
    entries
}

fn local_entry(header: &[u8], local: usize) -> Option<Entry> {
    let flags = u16_at(header, 6)?;
    let name_end = 30 + usize::from(u16_at(header, 26)?);
    Some(Entry {
        name: label(header.get(30..name_end)?),
        method: u16_at(header, 8)?,
        encrypted: flags & 1 != 0,
        crc: u32_at(header, 14)?,
        packed: u64::from(u32_at(header, 18)?),
        // Where it is not known, one byte keeps the entry from looking empty.
        size: u64::from(u32_at(header, 22)?).max(u64::from(flags & 8 != 0)),
        local,
        sized: flags & 8 == 0,
    })
}

fn local_header_len(header: &[u8]) -> Option<usize> {
    if !header.starts_with(b"PK\x03\x04") {
        return None;
    }
    Some(30 + usize::from(u16_at(header, 26)?) + usize::from(u16_at(header, 28)?))
}

/// A name to show: at most 200 letters of it.
fn label(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(200).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u16::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|chunk| u64::from_le_bytes(*chunk))
}

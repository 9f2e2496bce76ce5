//! An input that is read while it still arrives, piece by whole piece.
//!
//! ```text
//! arrived   {"resourceSpans":[ {…},{…},{…},{…
//! piece     {"resourceSpans":[ {…},{…},{…} ]}       read, then dropped
//! left      {"resourceSpans":[ ,{…
//! ```
//!
//! Each piece is a document of the format and goes through the same importer as a whole one, with the offsets of the input.
//! So what can be read in pieces is what has many elements: the list of OTLP's resource spans, of Jaeger's traces, of
//! Zipkin's spans, values on lines, or the fields of OTLP protobuf. An element is held until it is whole, and so is all the rest
//! behind the list. What is compressed is unfolded as it arrives, a few megabytes at a time.
//!
//! **Invariant:** the spans are those that the whole would have given.

use std::collections::TryReserveError;

use super::{
    Container, ImportError, Imported, Limits, Observer, Stage,
    cutter::{Cut, Cutter},
    frames, outcome,
    session::Session,
    shape,
    sniff::{self, Looks},
    unpack::{Trouble, Unpacker},
    values,
};
use crate::{
    issues::IssueLog,
    json::Reader,
    store::{Source, builder::StoreBuilder},
    wire::{self, WireErrorKind},
};

/// Smaller pieces are not worth their beginning and end.
const PIECE: usize = 4 << 20;

/// So much of what is compressed is unfolded to see what it is.
const PEEKED: usize = 1 << 20;

/// What the pieces are of.
enum Elements {
    Json(Cutter),
    /// Fields at the top of a message; so far all are whole, and whether what follows can be read at all.
    Proto {
        whole: usize,
        broken: bool,
    },
}

/// An input on its way.
pub struct Stream<'s> {
    session: Session<'s>,
    name: String,
    /// What was not read yet, behind the opening that goes in front of each piece.
    buffer: Vec<u8>,
    elements: Elements,
    unpacker: Option<Unpacker>,
    total: u64,
    /// Where the buffer would begin in the input if nothing had been dropped behind the opening.
    base: u64,
    arrived: u64,
    /// The least that is read at once.
    piece: usize,
    /// Values at the top that were read.
    values: usize,
    error: Option<ImportError>,
}

impl<'s> Stream<'s> {
    /// Begins with what has arrived; `total` is 0 where the length is not known.
    ///
    /// # Errors
    /// The bytes, when such an input can only be read as a whole.
    pub fn begin(
        builder: &'s mut StoreBuilder,
        observer: &'s mut dyn Observer,
        name: &str,
        total: u64,
        arrived: Vec<u8>,
    ) -> Result<Self, Vec<u8>> {
        let unpacker = match sniff::looks(&arrived) {
            Looks::Gzip => Some(Unpacker::gzip()),
            Looks::Zstd => Some(Unpacker::zstd()),
            _ => None,
        };
        let elements = match &unpacker {
            Some(packed) => peek(packed, &arrived).as_deref().and_then(Elements::of),
            None => Elements::of(&arrived),
        };
        let Some(elements) = elements else {
            return Err(arrived);
        };
        builder.begin_source(Source {
            name: name.to_owned(),
            ..Source::default()
        });
        let mut session = Session::new(builder, observer, Limits::default());
        session.stage(Stage::Parse);
        session.begin_bytes(total);
        let mut stream = Self {
            session,
            name: name.to_owned(),
            arrived: arrived.len() as u64,
            buffer: Vec::new(),
            elements,
            unpacker,
            total,
            base: 0,
            piece: PIECE,
            values: 0,
            error: None,
        };
        match &mut stream.unpacker {
            None => stream.buffer = arrived,
            Some(unpacker) => {
                // The decoder holds them from now on; if it cannot, nothing could.
                let taken = unpacker.push(arrived.len(), |room| room.copy_from_slice(&arrived));
                if taken.is_err() {
                    return Err(arrived);
                }
                let container = unpacker.container();
                stream.session.enter(container);
            }
        }
        Ok(stream)
    }

    /// Reads pieces of at least so many bytes, instead of 4 MiB.
    #[must_use]
    pub fn with_pieces_of(mut self, bytes: usize) -> Self {
        self.piece = bytes;
        self
    }

    /// Takes the next bytes: `fill` writes them.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn push(
        &mut self,
        length: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<(), TryReserveError> {
        self.arrived += length as u64;
        if self.is_stopped() {
            return Ok(());
        }
        if let Some(unpacker) = &mut self.unpacker {
            unpacker.push(length, fill)?;
            return self.unfold(false);
        }
        let before = self.buffer.len();
        self.buffer.try_reserve(length)?;
        self.buffer.resize(before + length, 0);
        fill(&mut self.buffer[before..]);
        self.read_whole();
        Ok(())
    }

    /// How many bytes are held, because what they belong to is not whole yet.
    pub fn held(&self) -> usize {
        self.buffer.len() + self.unpacker.as_ref().map_or(0, Unpacker::held)
    }

    /// Reads the rest; the input has ended.
    ///
    /// # Errors
    /// When the input gave no span.
    pub fn finish(mut self) -> Result<Imported, ImportError> {
        if self.unfold(true).is_err()
            && let Some(unpacker) = &self.unpacker
        {
            let (limit, offset) = (self.buffer.len() as u64, self.arrived);
            let trouble = Trouble::TooLarge { limit, offset };
            let container = unpacker.container();
            self.error = Some(error_of(trouble, &self.name, container, offset));
        }
        let rest = std::mem::take(&mut self.buffer);
        match &mut self.elements {
            Elements::Json(cutter) => {
                let cut = cutter.look(&rest);
                let (whole, values) = cut.map_or((0, 0), |cut| (cut.at, cut.values));
                let begun = rest[whole..].iter().any(|byte| !byte.is_ascii_whitespace());
                self.values += values + usize::from(begun);
                if begun || whole > 0 {
                    self.import(rest);
                }
            }
            Elements::Proto { .. } if !rest.is_empty() => self.import(rest),
            Elements::Proto { .. } => {}
        }
        let Self {
            mut session,
            name,
            arrived,
            ..
        } = self;
        session.report(arrived);
        if self.values > 1 {
            session.enter(Container::Values);
        }
        session.end_source(session.spans());
        if let Some(source) = session.builder.source_mut() {
            source.bytes = arrived;
        }
        // What was wrong with a piece is an issue, unless nothing came of all of them, or it should not go on.
        let failed = self
            .error
            .filter(|error| session.spans() == 0 || matches!(error, ImportError::TooLarge { .. }));
        outcome(&session, name, arrived, failed.map_or(Ok(()), Err))
    }

    /// Whether what follows is of no use.
    fn is_stopped(&self) -> bool {
        matches!(
            self.error,
            Some(ImportError::TooLarge { .. } | ImportError::Damaged { .. })
        )
    }

    /// Unfolds what has arrived and reads what of it is whole.
    fn unfold(&mut self, last: bool) -> Result<(), TryReserveError> {
        while !self.is_stopped()
            && let Some(unpacker) = &mut self.unpacker
        {
            self.buffer.try_reserve(self.piece.min(PIECE))?;
            let issues = &mut self.session.builder.issues;
            let limits = self.session.limits;
            let more = unpacker.step(&mut self.buffer, self.piece, last, (issues, limits));
            self.session.expect_bytes(unpacker.expected(self.total));
            match more {
                Ok(more) => {
                    self.read_whole();
                    if !more {
                        break;
                    }
                }
                Err(trouble) => {
                    let container = unpacker.container();
                    self.error = Some(error_of(trouble, &self.name, container, self.arrived));
                }
            }
        }
        Ok(())
    }

    /// Reads what is whole, if it is enough.
    fn read_whole(&mut self) {
        let cut = match &mut self.elements {
            Elements::Json(cutter) => cutter.look(&self.buffer),
            Elements::Proto { whole, broken } => {
                look(&self.buffer, whole, broken);
                Some(Cut {
                    at: *whole,
                    values: 1,
                })
            }
        };
        if let Some(cut) = cut
            && cut.at >= self.piece
        {
            self.read(cut);
        }
    }

    /// Reads what is whole and drops it.
    fn read(&mut self, cut: Cut) {
        let keep = match &self.elements {
            Elements::Json(cutter) if cut.values == 0 => cutter.prefix(),
            _ => 0,
        };
        let rest = self.buffer.get(cut.at..).unwrap_or_default();
        let mut left = Vec::with_capacity(keep + rest.len() + self.piece);
        left.extend_from_slice(&self.buffer[..keep]);
        left.extend_from_slice(rest);
        let mut piece = std::mem::replace(&mut self.buffer, left);
        piece.truncate(cut.at);
        if let Elements::Json(cutter) = &self.elements {
            if cut.values == 0 {
                piece.extend(cutter.closing());
            }
            self.values += cut.values;
        }
        self.import(piece);
        self.base += (cut.at - keep) as u64;
        match &mut self.elements {
            Elements::Json(cutter) => cutter.taken(cut),
            Elements::Proto { whole, .. } => *whole = 0,
        }
    }

    fn import(&mut self, mut piece: Vec<u8>) {
        let read = match &self.elements {
            Elements::Proto { .. } => {
                frames::proto(&mut self.session, &self.name, &piece, self.base)
            }
            Elements::Json(cutter) => {
                // The comma behind the last piece's last element.
                let prefix = cutter.prefix();
                let mut behind = piece.iter_mut().skip(prefix);
                if prefix > 0
                    && let Some(comma) = behind.find(|byte| !byte.is_ascii_whitespace())
                    && *comma == b','
                {
                    *comma = b' ';
                }
                let depth = self.session.depth();
                let read = values::read_at(&mut self.session, &self.name, &piece, self.base);
                self.session.leave(depth);
                read
            }
        };
        if let Err(error) = read {
            self.error.get_or_insert(error);
        }
    }
}

impl Elements {
    /// Of an input that begins so; `None` for what can only be read as a whole.
    fn of(beginning: &[u8]) -> Option<Self> {
        match sniff::looks(beginning) {
            Looks::Json => {
                let shape = shape::of(&mut Reader::new(beginning)).ok()?;
                shape.format()?;
                Some(Self::Json(Cutter::new()))
            }
            Looks::Proto => Some(Self::Proto {
                whole: 0,
                broken: false,
            }),
            _ => None,
        }
    }
}

/// What a compressed input begins with, unfolded.
fn peek(packed: &Unpacker, arrived: &[u8]) -> Option<Vec<u8>> {
    let mut unpacker = match packed.container() {
        Container::Gzip => Unpacker::gzip(),
        _ => Unpacker::zstd(),
    };
    let mut out = Vec::new();
    unpacker
        .push(arrived.len(), |room| room.copy_from_slice(arrived))
        .ok()?;
    let said = (&mut IssueLog::default(), Limits::default());
    unpacker.step(&mut out, PEEKED, false, said).ok()?;
    Some(out)
}

/// Passes over the fields that are whole, from where it stood.
fn look(buffer: &[u8], whole: &mut usize, broken: &mut bool) {
    let mut reader = wire::Reader::new(buffer.get(*whole..).unwrap_or_default());
    let start = *whole;
    while !*broken {
        match reader.next_field() {
            Ok(Some(_)) => *whole = start + reader.offset(),
            Ok(None) => return,
            // It may still be on its way.
            Err(error) if matches!(error.kind, WireErrorKind::Truncated { .. }) => return,
            Err(_) => *broken = true,
        }
    }
}

fn error_of(trouble: Trouble, name: &str, container: Container, bytes: u64) -> ImportError {
    let name = name.to_owned();
    match trouble {
        Trouble::TooLarge { limit, offset } => ImportError::TooLarge {
            name,
            container,
            bytes,
            limit,
            offset,
        },
        Trouble::Damaged { offset, problem } => ImportError::Damaged {
            name,
            container,
            offset,
            problem,
        },
    }
}

#[cfg(test)]
mod tests;

//! What is read piece by whole piece: an input on its way, or a file that is being taken out of an archive.
//!
//! ```text
//! arrived   {"resourceSpans":[ {…},{…},{…},{…
//! piece     {"resourceSpans":[ {…},{…},{…} ]}       read, then dropped
//! left      {"resourceSpans":[ ,{…
//! ```
//!
//! Each piece is a document of the format and goes through the same importer as a whole one, with the offsets of the input.
//! What cannot be cut into pieces is gathered and opened when all of it is there; then at least nothing else stands beside it.
//!
//! **Invariant:** the spans are those that the whole would have given.

use std::collections::TryReserveError;

use super::{
    Container, ImportError, containers,
    cutter::{Cut, Cutter},
    frames::{self, Framing},
    session::{Session, Stage},
    shape,
    sniff::{self, Looks},
    unpack::{Trouble, Unpacker},
    values,
};
use crate::{
    json::Reader,
    wire::{self, WireErrorKind},
};

/// Smaller pieces are not worth their beginning and end.
const PIECE: usize = 4 << 20;

/// So much of what is compressed is unfolded to see what it is.
const PEEKED: usize = 1 << 20;

/// What the pieces are of.
enum Elements {
    /// Nothing is known yet.
    Unknown,
    Json(Cutter),
    /// Fields at the top of a protobuf message, or messages behind their lengths: so far all are whole, and whether what
    /// follows can be read at all.
    Messages {
        framing: Option<Framing>,
        whole: usize,
        broken: bool,
    },
    /// Nothing that can be cut.
    Whole,
}

/// Something that is read in pieces.
pub(super) struct Pieces {
    name: String,
    /// What was not read yet, behind the opening that goes in front of each piece.
    buffer: Vec<u8>,
    elements: Elements,
    unpacker: Option<Unpacker>,
    /// How long it is as it comes; 0 where that is not known.
    total: u64,
    /// Where the buffer would begin in the input if nothing had been dropped behind the opening.
    base: u64,
    /// The least that is read at once.
    piece: usize,
    /// Values at the top that were read.
    values: usize,
    /// How many containers are around it.
    depth: usize,
    spans_before: u64,
    error: Option<ImportError>,
}

impl Pieces {
    /// Of what begins with these bytes.
    ///
    /// # Errors
    /// The bytes, when it can only be read as a whole.
    pub fn plain(
        session: &mut Session<'_>,
        name: &str,
        total: u64,
        begun: Vec<u8>,
    ) -> Result<Self, Vec<u8>> {
        match Elements::of(&begun) {
            Some(elements) => Ok(Self {
                elements,
                buffer: begun,
                ..Self::new(session, name, total, None)
            }),
            None => Err(begun),
        }
    }

    /// Of what has to be unfolded first, if at all.
    pub fn packed(
        session: &mut Session<'_>,
        name: &str,
        total: u64,
        unpacker: Option<Unpacker>,
    ) -> Self {
        Self::new(session, name, total, unpacker)
    }

    fn new(session: &mut Session<'_>, name: &str, total: u64, unpacker: Option<Unpacker>) -> Self {
        session.stage(Stage::Parse);
        session.begin_bytes(total);
        Self {
            name: name.to_owned(),
            buffer: Vec::new(),
            elements: Elements::Unknown,
            unpacker,
            total,
            base: 0,
            piece: PIECE,
            values: 0,
            depth: session.depth(),
            spans_before: session.spans(),
            error: None,
        }
    }

    /// Reads pieces of at least so many bytes, instead of 4 MiB.
    pub fn set_least(&mut self, bytes: usize) {
        self.piece = bytes;
    }

    /// Takes the next bytes: `fill` writes them.
    pub fn push(
        &mut self,
        session: &mut Session<'_>,
        length: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<(), TryReserveError> {
        if self.is_stopped() {
            return Ok(());
        }
        if let Some(unpacker) = &mut self.unpacker {
            unpacker.push(length, fill)?;
            return self.unfold(session, false);
        }
        let before = self.buffer.len();
        self.buffer.try_reserve(length)?;
        self.buffer.resize(before + length, 0);
        fill(&mut self.buffer[before..]);
        self.read_whole(session);
        Ok(())
    }

    /// How many bytes are held, because what they belong to is not whole yet.
    pub fn held(&self) -> usize {
        self.buffer.len() + self.unpacker.as_ref().map_or(0, Unpacker::held)
    }

    /// Reads the rest; there is no more. `arrived` is how much there was.
    ///
    /// # Errors
    /// When it gave no span.
    pub fn finish(mut self, session: &mut Session<'_>, arrived: u64) -> Result<(), ImportError> {
        if self.unfold(session, true).is_err() {
            self.fail_for_room(arrived);
        }
        session.unfolded += self.unpacker.as_ref().map_or(0, Unpacker::given);
        // Its window is of no use any more.
        self.unpacker = None;
        let rest = std::mem::take(&mut self.buffer);
        match &mut self.elements {
            Elements::Unknown | Elements::Whole => {
                return match self.error {
                    Some(error) => Err(error),
                    None => containers::open(session, &self.name, rest),
                };
            }
            Elements::Json(cutter) => {
                let cut = cutter.look(&rest);
                let (whole, values) = cut.map_or((0, 0), |cut| (cut.at, cut.values));
                let begun = rest[whole..].iter().any(|byte| !byte.is_ascii_whitespace());
                self.values += values + usize::from(begun);
                if begun || whole > 0 {
                    self.import(session, rest);
                }
            }
            Elements::Messages { .. } if !rest.is_empty() => self.import(session, rest),
            Elements::Messages { .. } => {}
        }
        session.report(arrived);
        if self.values > 1 {
            session.enter(Container::Values);
        }
        let spans = session.spans() - self.spans_before;
        session.end_source(spans);
        session.leave(self.depth);
        // What was wrong with a piece is an issue, unless nothing came of all of them, or it should not go on.
        self.error
            .filter(|error| spans == 0 || matches!(error, ImportError::TooLarge { .. }))
            .map_or(Ok(()), Err)
    }

    /// Whether what follows is of no use.
    fn is_stopped(&self) -> bool {
        matches!(
            self.error,
            Some(ImportError::TooLarge { .. } | ImportError::Damaged { .. })
        )
    }

    /// Unfolds what has arrived and reads what of it is whole.
    fn unfold(&mut self, session: &mut Session<'_>, last: bool) -> Result<(), TryReserveError> {
        while !self.is_stopped()
            && let Some(unpacker) = &mut self.unpacker
        {
            self.buffer.try_reserve(self.piece.min(PIECE))?;
            let more = unpacker.step(&mut self.buffer, self.piece, last, session);
            session.expect_bytes(unpacker.expected(self.total));
            match more {
                Ok(more) => {
                    self.read_whole(session);
                    if self.is_too_large(session) {
                        self.fail_for_room(session.limits.decompressed);
                    } else if !more {
                        break;
                    }
                }
                Err(trouble) => self.fail(trouble),
            }
        }
        Ok(())
    }

    /// Whether it is more than may stand in memory as a whole.
    fn is_too_large(&self, session: &Session<'_>) -> bool {
        let as_whole = matches!(self.elements, Elements::Unknown | Elements::Whole);
        as_whole && self.buffer.len() as u64 > session.limits.decompressed
    }

    fn fail_for_room(&mut self, offset: u64) {
        let limit = self.buffer.len() as u64;
        self.fail(Trouble::TooLarge { limit, offset });
    }

    #[cold]
    fn fail(&mut self, trouble: Trouble) {
        let name = self.name.clone();
        let unpacker = self.unpacker.as_ref();
        let container = unpacker.map_or(Container::Zip, Unpacker::container);
        self.error = Some(match trouble {
            Trouble::TooLarge { limit, offset } => ImportError::TooLarge {
                name,
                container,
                bytes: self.total.max(offset),
                limit,
                offset,
            },
            Trouble::Damaged { offset, problem } => ImportError::Damaged {
                name,
                container,
                offset,
                problem,
            },
        });
    }

    /// Reads what is whole, if it is enough.
    fn read_whole(&mut self, session: &mut Session<'_>) {
        let enough = self.piece.clamp(4 << 10, PEEKED);
        if matches!(self.elements, Elements::Unknown) && self.buffer.len() >= enough {
            self.elements = Elements::of(&self.buffer).unwrap_or(Elements::Whole);
        }
        let cut = match &mut self.elements {
            Elements::Unknown | Elements::Whole => None,
            Elements::Json(cutter) => cutter.look(&self.buffer),
            Elements::Messages {
                framing,
                whole,
                broken,
            } => {
                let rest = self.buffer.get(*whole..).unwrap_or_default();
                if !*broken {
                    let (length, is_broken) = match framing {
                        None => fields(rest),
                        Some(framing) => frames::whole(rest, *framing),
                    };
                    *whole += length;
                    *broken = is_broken;
                }
                Some(Cut {
                    at: *whole,
                    values: 1,
                })
            }
        };
        if let Some(cut) = cut
            && cut.at >= self.piece
        {
            self.read(session, cut);
        }
    }

    /// Reads what is whole and drops it.
    fn read(&mut self, session: &mut Session<'_>, cut: Cut) {
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
        self.import(session, piece);
        self.base += (cut.at - keep) as u64;
        session.report(self.base + keep as u64);
        match &mut self.elements {
            Elements::Json(cutter) => cutter.taken(cut),
            Elements::Messages { whole, .. } => *whole = 0,
            Elements::Unknown | Elements::Whole => {}
        }
    }

    fn import(&mut self, session: &mut Session<'_>, mut piece: Vec<u8>) {
        session.leave(self.depth);
        let read = match &self.elements {
            Elements::Messages {
                framing: Some(framing),
                ..
            } => frames::read(session, &self.name, &piece, self.base, *framing),
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
                let read = values::read_at(session, &self.name, &piece, self.base);
                session.leave(self.depth);
                read
            }
            _ => frames::proto(session, &self.name, &piece, self.base),
        };
        if let Err(error) = read {
            self.error.get_or_insert(error);
        }
    }
}

impl Elements {
    /// Of an input that begins so; `None` for what can only be read as a whole.
    fn of(beginning: &[u8]) -> Option<Self> {
        let framing = match sniff::looks(beginning) {
            Looks::Json => {
                let shape = shape::of(&mut Reader::new(beginning)).ok()?;
                shape.format()?;
                return Some(Self::Json(Cutter::new()));
            }
            Looks::Proto => None,
            Looks::Framed(framing) => Some(framing),
            _ => return None,
        };
        Some(Self::Messages {
            framing,
            whole: 0,
            broken: false,
        })
    }
}

/// How many of the bytes are whole fields, and whether what follows them is none.
fn fields(bytes: &[u8]) -> (usize, bool) {
    let mut reader = wire::Reader::new(bytes);
    let mut whole = 0;
    loop {
        match reader.next_field() {
            Ok(Some(_)) => whole = reader.offset(),
            Ok(None) => return (whole, false),
            // It may still be on its way.
            Err(error) => {
                return (
                    whole,
                    !matches!(error.kind, WireErrorKind::Truncated { .. }),
                );
            }
        }
    }
}

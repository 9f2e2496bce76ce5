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
//! Zipkin's spans, or values on lines. An element is held until it is whole, and so is all the rest behind the list.
//!
//! **Invariant:** the spans are those that the whole would have given.

use std::collections::TryReserveError;

use super::{
    Container, ImportError, Imported, Limits, Observer, Stage,
    cutter::{Cut, Cutter},
    outcome,
    session::Session,
    shape,
    sniff::{self, Looks},
    values,
};
use crate::{
    json::Reader,
    store::{Source, builder::StoreBuilder},
};

/// Smaller pieces are not worth their beginning and end.
const PIECE: usize = 4 << 20;

/// An input on its way.
pub struct Stream<'s> {
    session: Session<'s>,
    name: String,
    /// What was not read yet, behind the opening that goes in front of each piece.
    buffer: Vec<u8>,
    cutter: Cutter,
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
        let known = sniff::looks(&arrived) == Looks::Json
            && shape::of(&mut Reader::new(&arrived)).is_ok_and(|shape| shape.format().is_some());
        if !known {
            return Err(arrived);
        }
        builder.begin_source(Source {
            name: name.to_owned(),
            ..Source::default()
        });
        let mut session = Session::new(builder, observer, Limits::default());
        session.stage(Stage::Parse);
        session.begin_bytes(total);
        Ok(Self {
            session,
            name: name.to_owned(),
            arrived: arrived.len() as u64,
            buffer: arrived,
            cutter: Cutter::new(),
            base: 0,
            piece: PIECE,
            values: 0,
            error: None,
        })
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
        let before = self.buffer.len();
        self.buffer.try_reserve(length)?;
        self.buffer.resize(before + length, 0);
        fill(&mut self.buffer[before..]);
        self.arrived += length as u64;
        if let Some(cut) = self.cutter.look(&self.buffer)
            && cut.at >= self.piece
        {
            self.read(cut);
        }
        Ok(())
    }

    /// How many bytes are held, because what they belong to is not whole yet.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// Reads the rest; the input has ended.
    ///
    /// # Errors
    /// When the input gave no span.
    pub fn finish(mut self) -> Result<Imported, ImportError> {
        let rest = std::mem::take(&mut self.buffer);
        let cut = self.cutter.look(&rest);
        let (whole, values) = cut.map_or((0, 0), |cut| (cut.at, cut.values));
        let begun = rest[whole..].iter().any(|byte| !byte.is_ascii_whitespace());
        self.values += values + usize::from(begun);
        if begun || whole > 0 {
            self.import(rest);
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
        // What was wrong with a piece is an issue, unless nothing came of all of them.
        let failed = self.error.filter(|_| session.spans() == 0);
        outcome(&session, name, arrived, failed.map_or(Ok(()), Err))
    }

    /// Reads what is whole and drops it.
    fn read(&mut self, cut: Cut) {
        let keep = if cut.values == 0 {
            self.cutter.prefix()
        } else {
            0
        };
        let rest = self.buffer.get(cut.at..).unwrap_or_default();
        let mut left = Vec::with_capacity(keep + rest.len() + self.piece);
        left.extend_from_slice(&self.buffer[..keep]);
        left.extend_from_slice(rest);
        let mut piece = std::mem::replace(&mut self.buffer, left);
        piece.truncate(cut.at);
        if cut.values == 0 {
            piece.extend(self.cutter.closing());
        }
        self.values += cut.values;
        self.import(piece);
        self.base += (cut.at - keep) as u64;
        self.cutter.taken(cut);
    }

    fn import(&mut self, mut piece: Vec<u8>) {
        let prefix = self.cutter.prefix();
        // The comma behind the last piece's last element.
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
        if let Err(error) = read {
            self.error.get_or_insert(error);
        }
    }
}

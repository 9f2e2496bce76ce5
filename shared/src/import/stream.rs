//! An input that is read while it still arrives, see [`Pieces`].
//!
//! What can be read in pieces is what has many elements: the list of OTLP's resource spans, of Jaeger's traces, of Zipkin's
//! spans, values on lines, the fields of OTLP protobuf, or messages behind their lengths. An element is held until it is
//! whole, and so is all the rest behind the list. What is compressed is unfolded as it arrives, a few megabytes at a time; what
//! comes out of it is read in pieces, or gathered where it cannot be.
//!
//! **Invariant:** the spans are those that the whole would have given.

use std::collections::TryReserveError;

use super::{
    ImportError, Imported, Limits, Observer, outcome,
    pieces::Pieces,
    session::Session,
    sniff::{self, Looks},
    unpack::Unpacker,
};
use crate::store::{Source, builder::StoreBuilder};

/// An input on its way.
pub struct Stream<'s> {
    session: Session<'s>,
    name: String,
    pieces: Pieces,
    arrived: u64,
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
        let length = arrived.len() as u64;
        let mut session = Session::new(builder, observer, Limits::default());
        let unpacker = match sniff::looks(&arrived) {
            Looks::Gzip => Some(Unpacker::gzip()),
            Looks::Zstd => Some(Unpacker::zstd()),
            _ => None,
        };
        let pieces = match unpacker {
            None => Pieces::plain(&mut session, name, total, arrived)?,
            Some(mut unpacker) => {
                // The decoder holds them from now on; if it cannot, nothing could.
                let taken = unpacker.push(arrived.len(), |room| room.copy_from_slice(&arrived));
                if taken.is_err() {
                    return Err(arrived);
                }
                session.enter(unpacker.container());
                Pieces::packed(&mut session, name, total, Some(unpacker))
            }
        };
        session.builder.begin_source(Source {
            name: name.to_owned(),
            ..Source::default()
        });
        Ok(Self {
            session,
            name: name.to_owned(),
            pieces,
            arrived: length,
        })
    }

    /// Reads pieces of at least so many bytes, instead of 4 MiB.
    #[must_use]
    pub fn with_pieces_of(mut self, bytes: usize) -> Self {
        self.pieces.set_least(bytes);
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
        self.pieces.push(&mut self.session, length, fill)
    }

    /// How many bytes are held, because what they belong to is not whole yet.
    pub fn held(&self) -> usize {
        self.pieces.held()
    }

    /// Reads the rest; the input has ended.
    ///
    /// # Errors
    /// When the input gave no span.
    pub fn finish(self) -> Result<Imported, ImportError> {
        let Self {
            mut session,
            name,
            pieces,
            arrived,
        } = self;
        let read = pieces.finish(&mut session, arrived);
        if let Some(source) = session.builder.source_mut() {
            source.bytes = arrived;
        }
        outcome(&session, name, arrived, read)
    }
}

#[cfg(test)]
mod tests;

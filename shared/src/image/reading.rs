//! From an image to a store, in steps that are each a part of a frame: a browser's page goes on between them.
//!
//! ```text
//! head → arena → columns, a megabyte a step → facts → the passes of validate, some rows a step → store
//! ```
//!
//! **Invariant:** memory is taken only for what the image is long enough to hold; nothing is given out before all of it is
//! checked.

use bytemuck::Pod;

use super::{
    ImageError, ImageSource, MAGIC, VERSION, columns, facts, padded,
    validate::{self, Pass},
};
use crate::store::TraceStore;

/// So many bytes are copied in a step: of elements of any size a whole number.
const STEP: u64 = 1 << 20;
/// So many rows are checked in a step.
const ROWS: usize = 1 << 16;

/// An image that is being read.
pub struct Reading<'a, S: ?Sized> {
    image: &'a S,
    /// Of the sections that are not begun.
    lengths: std::vec::IntoIter<u64>,
    offset: u64,
    store: TraceStore,
    facts: Vec<u8>,
    /// What of the arena is not whole characters yet: the beginning of one, at most.
    cut: Vec<u8>,
    part: Part,
}

/// What a step goes on with.
enum Part {
    Arena {
        left: u64,
    },
    /// By its place in `columns!`.
    Column {
        at: usize,
        left: u64,
    },
    Facts {
        left: u64,
    },
    Check {
        passes: core::slice::Iter<'static, Pass>,
        pass: Pass,
        row: usize,
    },
    Done,
}

impl<'a, S: ImageSource + ?Sized> Reading<'a, S> {
    /// Looks at the head only.
    ///
    /// # Errors
    /// [`ImageError`] where it is none of an image of this version.
    pub fn begin(image: &'a S) -> Result<Self, ImageError> {
        let mut reading = Self {
            image,
            lengths: Vec::new().into_iter(),
            offset: 0,
            store: TraceStore::default(),
            facts: Vec::new(),
            cut: Vec::new(),
            part: Part::Done,
        };
        let mut start = [0u8; 16];
        reading
            .bytes(&mut start)
            .map_err(|_| ImageError::NotAnImage)?;
        let number = |at: usize| {
            u32::from_le_bytes([start[at], start[at + 1], start[at + 2], start[at + 3]])
        };
        if &start[..4] != MAGIC {
            return Err(ImageError::NotAnImage);
        }
        if number(4) != VERSION {
            return Err(ImageError::Version { found: number(4) });
        }
        if number(8) > 1_000 {
            return Err(ImageError::Inconsistent("too many sections"));
        }
        let mut lengths = vec![0u64; number(8) as usize];
        reading.bytes(bytemuck::cast_slice_mut(&mut lengths))?;
        reading.lengths = lengths.into_iter();
        let left = reading.section()?;
        reading.store.strings.arena.reserve_exact(left as usize);
        reading.store.strings.ends.clear();
        reading.part = Part::Arena { left };
        Ok(reading)
    }

    /// Reads or checks some more; true when all is read and right.
    ///
    /// # Errors
    /// As [`read`](super::read).
    pub fn go(&mut self) -> Result<bool, ImageError> {
        let part = core::mem::replace(&mut self.part, Part::Done);
        self.part = match part {
            Part::Arena { left: 0 } => {
                if !self.cut.is_empty() {
                    return Err(NOT_UTF8);
                }
                self.column(0)?
            }
            Part::Arena { left } => Part::Arena {
                left: self.arena(left)?,
            },
            Part::Column { at, left: 0 } => self.column(at + 1)?,
            Part::Column { at, left } => {
                let step = left.min(STEP);
                let (image, offset) = (self.image, self.offset);
                if let Some(column) = column(&mut self.store, at) {
                    image.copy_to(offset, column.more(step as usize));
                }
                self.passed(step, left);
                Part::Column {
                    at,
                    left: left - step,
                }
            }
            Part::Facts { left } => {
                self.facts = vec![0; left as usize];
                self.image.copy_to(self.offset, &mut self.facts);
                (self.store.issues, self.store.sources) = facts::read(&self.facts)
                    .ok_or(ImageError::Inconsistent("issues and sources do not read"))?;
                next_pass(validate::PASSES.iter())
            }
            Part::Check { passes, pass, row } => {
                let rows = (pass.rows)(&self.store);
                let end = rows.min(row + ROWS);
                (pass.check)(&self.store, row..end).map_err(ImageError::Inconsistent)?;
                match end == rows {
                    true => next_pass(passes),
                    false => Part::Check {
                        passes,
                        pass,
                        row: end,
                    },
                }
            }
            Part::Done => Part::Done,
        };
        Ok(matches!(self.part, Part::Done))
    }

    /// What was read; of use once [`Self::go`] has said that it is all.
    pub fn finish(self) -> TraceStore {
        self.store
    }

    /// The beginning of a column, or of the facts behind the last one.
    fn column(&mut self, at: usize) -> Result<Part, ImageError> {
        let left = self.section()?;
        let Some(column) = column(&mut self.store, at) else {
            return Ok(Part::Facts { left });
        };
        match column.begin(left as usize) {
            true => Ok(Part::Column { at, left }),
            false => Err(ImageError::Inconsistent("a section has a broken element")),
        }
    }

    /// Text is checked as it is copied: checked at the end, it would be a step of its own length.
    fn arena(&mut self, left: u64) -> Result<u64, ImageError> {
        let step = left.min(STEP);
        let kept = self.cut.len();
        self.cut.resize(kept + step as usize, 0);
        self.image.copy_to(self.offset, &mut self.cut[kept..]);
        self.passed(step, left);
        let whole = match core::str::from_utf8(&self.cut) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(NOT_UTF8),
        };
        let text = core::str::from_utf8(&self.cut[..whole]).map_err(|_| NOT_UTF8)?;
        self.store.strings.arena.push_str(text);
        self.cut.drain(..whole);
        Ok(left - step)
    }

    fn passed(&mut self, step: u64, left: u64) {
        self.offset += if step == left { padded(step) } else { step };
    }

    /// The length of the next section, which is there.
    fn section(&mut self) -> Result<u64, ImageError> {
        let len = self
            .lengths
            .next()
            .ok_or(ImageError::Inconsistent("a section is missing"))?;
        self.check(len)?;
        Ok(len)
    }

    fn bytes(&mut self, target: &mut [u8]) -> Result<(), ImageError> {
        self.check(target.len() as u64)?;
        self.image.copy_to(self.offset, target);
        self.offset += padded(target.len() as u64);
        Ok(())
    }

    /// A length is checked against the image before memory is taken for it.
    fn check(&self, needed: u64) -> Result<(), ImageError> {
        let end = self.offset.checked_add(needed);
        if end.is_none_or(|end| end > self.image.len()) {
            return Err(ImageError::Truncated {
                offset: self.offset,
                needed,
            });
        }
        Ok(())
    }
}

const NOT_UTF8: ImageError = ImageError::Inconsistent("strings are not UTF-8");

fn next_pass(mut passes: core::slice::Iter<'static, Pass>) -> Part {
    match passes.next() {
        Some(&pass) => Part::Check {
            passes,
            pass,
            row: 0,
        },
        None => Part::Done,
    }
}

/// A column of whatever it holds, filled with bytes.
trait Column {
    /// Takes memory for so many bytes; false if that is no whole number of elements.
    fn begin(&mut self, bytes: usize) -> bool;
    /// Room for so many bytes behind those that are there.
    fn more(&mut self, bytes: usize) -> &mut [u8];
}

impl<T: Pod> Column for Vec<T> {
    fn begin(&mut self, bytes: usize) -> bool {
        self.reserve_exact(bytes / size_of::<T>());
        bytes.is_multiple_of(size_of::<T>())
    }

    fn more(&mut self, bytes: usize) -> &mut [u8] {
        let from = self.len();
        self.resize(from + bytes / size_of::<T>(), T::zeroed());
        bytemuck::cast_slice_mut(&mut self[from..])
    }
}

fn column(store: &mut TraceStore, wanted: usize) -> Option<&mut dyn Column> {
    let mut at = 0;
    macro_rules! one {
        ($($column:tt)*) => {
            if at == wanted {
                return Some(&mut $($column)*);
            }
            at += 1;
        };
    }
    columns!(store, one);
    debug_assert!(at <= wanted, "the facts stand behind all columns");
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        image::{read, sections, write},
        store::sample,
    };

    /// A text of three megabytes and a bit, of which no step's end is a character's.
    #[test]
    fn characters_that_steps_cut_are_whole() {
        let mut store = sample::store();
        let arena = &mut store.strings.arena;
        let begin = arena.len();
        arena.push('a');
        while arena.len() < begin + 3 * STEP as usize + 5 {
            arena.push('\u{10348}');
        }
        let end = arena.len() as u32;
        store.strings.ends.push(end);
        assert_eq!(read(write(&store).as_slice()), Ok(store));
    }

    #[test]
    fn what_is_no_text_is_refused_wherever_it_stands() {
        let store = sample::store();
        let image = write(&store);
        let sections = sections(&store);
        let (arena, text) = sections.iter().nth(1).unwrap_or_default();
        assert_eq!(text, store.strings.arena.as_bytes());
        for at in arena as usize..arena as usize + text.len() {
            for byte in [0x80, 0xc3, 0xf0, 0xff] {
                let mut broken = image.clone();
                broken[at] = byte;
                assert!(read(broken.as_slice()).is_err(), "{byte:x} at {at}");
            }
        }
    }
}

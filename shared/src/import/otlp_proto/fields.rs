//! Walking over fields when some of them are broken.
//!
//! A length that runs past the end of its message does not lose the message: what is there can still be read.
//!
//! ```text
//! request  0a 40 …      claims 64 bytes, 30 are left: read those 30 as a message
//!             12 20 …   and so on inside, down to the span that was cut
//! ```
//!
//! **Invariant:** every break is counted once, however many messages it is inside of.

use crate::{
    issues::{IssueKind, IssueLog},
    wire::{Field, Reader, WireError, WireErrorKind},
};

/// A field, or the beginning of one.
pub(super) enum Item<'a> {
    /// As it should be.
    Whole(Field<'a>),
    /// It claims more bytes than there are; the reader has those that are.
    Cut {
        number: u32,
        offset: usize,
        content: Reader<'a>,
    },
}

impl<'a> Item<'a> {
    pub fn number(&self) -> u32 {
        match self {
            Self::Whole(field) => field.number,
            Self::Cut { number, .. } => *number,
        }
    }

    pub fn offset(&self) -> usize {
        match self {
            Self::Whole(field) => field.offset,
            Self::Cut { offset, .. } => *offset,
        }
    }

    /// The field's message, or as much as there is of it.
    pub fn message(&self) -> Result<Reader<'a>, WireError> {
        match self {
            Self::Whole(field) => field.message(),
            Self::Cut { content, .. } => Ok(content.clone()),
        }
    }

    /// The field when it is whole: half a string or half an id would be a wrong one.
    pub fn whole(&self) -> Option<&Field<'a>> {
        match self {
            Self::Whole(field) => Some(field),
            Self::Cut { .. } => None,
        }
    }
}

/// What is known of the input's health.
pub(super) struct Source {
    /// Where the input ends.
    end: usize,
    /// Where the message ends in which the last break was.
    last_break: Option<usize>,
    /// That the input breaks off has been counted.
    cut: bool,
    pub first_error: Option<WireError>,
}

impl Source {
    /// Of an input that ends there; `cut` says that it is known to break off.
    pub fn new(end: usize, cut: bool) -> Self {
        Self {
            end,
            last_break: None,
            cut,
            first_error: None,
        }
    }

    /// The next field of a message; `None` at its end, or where nothing more can be made of it.
    pub fn next<'a>(&mut self, reader: &mut Reader<'a>, issues: &mut IssueLog) -> Option<Item<'a>> {
        let before = reader.clone();
        match reader.next_field() {
            Ok(field) => field.map(Item::Whole),
            Err(error) => {
                self.note_break(error, before.offset() + before.rest().len(), issues);
                match error.kind {
                    WireErrorKind::Truncated { .. } => beginning(before),
                    _ => None,
                }
            }
        }
    }

    /// The value of a field, unless its type is wrong, which is noted.
    pub fn value<T>(&mut self, value: Result<T, WireError>, issues: &mut IssueLog) -> Option<T> {
        value.map_err(|error| note(error, issues)).ok()
    }

    #[cold]
    fn note_break(&mut self, error: WireError, message_end: usize, issues: &mut IssueLog) {
        self.first_error.get_or_insert(error);
        if self.last_break == Some(message_end) {
            return;
        }
        self.last_break = Some(message_end);
        let kind = match error.kind {
            WireErrorKind::Truncated { .. } if message_end == self.end && self.cut => return,
            WireErrorKind::Truncated { .. } if message_end == self.end => IssueKind::Truncated,
            WireErrorKind::Truncated { .. } => IssueKind::Corrupt,
            WireErrorKind::TooDeep => IssueKind::TooDeep,
            _ => IssueKind::SyntaxError,
        };
        issues.add_with(kind, Some(error.offset as u64), || error.to_string());
    }
}

#[cold]
fn note(error: WireError, issues: &mut IssueLog) {
    let kind = match error.kind {
        WireErrorKind::TooDeep => IssueKind::TooDeep,
        WireErrorKind::Utf8 => IssueKind::BadUtf8,
        _ => IssueKind::WrongType,
    };
    issues.add_with(kind, Some(error.offset as u64), || error.to_string());
}

/// The part that is there of a length-delimited field that is longer than its message.
fn beginning(mut reader: Reader<'_>) -> Option<Item<'_>> {
    const LENGTH_DELIMITED: u64 = 2;
    let offset = reader.offset();
    let tag = reader.varint().ok()?;
    let number = u32::try_from(tag >> 3).ok()?;
    if tag & 7 != LENGTH_DELIMITED {
        return None;
    }
    reader.varint().ok()?;
    Some(Item::Cut {
        number,
        offset,
        content: reader,
    })
}

//! A lenient JSON reader that pulls values from bytes, one at a time, and builds no tree.
//!
//! ```text
//! let mut r = Reader::new(bytes);
//! r.begin_object()?;
//! while let Some(key) = r.next_key()? {
//!     match key.bytes {
//!         b"spans" => {
//!             r.begin_array()?;
//!             while r.next_element()? { r.skip_value()?; }
//!         }
//!         b"name" => name = r.text()?,          // Option: null and wrong types are noted, not failed
//!         b"startTime" => start = r.u64()?,     // 17 or "17", exact
//!         _ => r.skip_value()?,
//!     }
//! }
//! r.notes.drain_into(&mut builder.issues);
//! ```
//!
//! Only broken syntax is an error. What breaks the rules but can be understood (`NaN`, raw control characters, a comma
//! too many, half surrogates, bad UTF-8, a number as a string) is read and counted in [`Notes`].
//!
//! **Invariant:** knows no trace format. Never recurses, never panics, allocates for escaped or broken text only, and
//! does at most one pass over the bytes per read.

mod double;
mod expected;
mod fields;
mod notes;
mod number;
mod reader;
pub(crate) mod scan;
mod text;

use thiserror::Error;

pub use expected::Expected;
pub use fields::{Fields, OTHER, Order};
pub use notes::Notes;
pub use number::{Number, digits_u64};
pub use reader::{Kind, Mark, Reader};
pub use text::Raw;

/// Where the syntax breaks, and what should have been there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected {expected} at byte {offset}, found {}", found_name(*.found))]
pub struct JsonError {
    /// The place in bytes from the start of the input.
    pub offset: u64,
    /// What should have been there, as in "expected …".
    pub expected: &'static str,
    /// The byte that was there; `None` at the end of the input.
    pub found: Option<u8>,
}

impl JsonError {
    /// True when the input breaks off rather than being wrong.
    pub const fn is_truncated(&self) -> bool {
        self.found.is_none()
    }

    /// What was wrong, without the place.
    pub fn problem(&self) -> String {
        format!(
            "expected {}, found {}",
            self.expected,
            found_name(self.found)
        )
    }
}

fn found_name(found: Option<u8>) -> String {
    match found {
        None => "the end of the input".to_owned(),
        Some(byte @ 0x21..=0x7e) => format!("{:?}", byte as char),
        Some(byte) => format!("byte 0x{byte:02x}"),
    }
}

/// What a read gives.
pub type Result<T> = core::result::Result<T, JsonError>;

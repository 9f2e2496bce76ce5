//! A store as one flat buffer: what a worker hands to the page, and what a browser keeps between visits.
//!
//! ```text
//! 0   magic "THRU", version u32
//! 8   number of sections u32, 0 u32
//! 16  one u64 a section: its length in bytes
//! …   the sections, each padded to 8 bytes, in the order of `columns!` below; the last are issues and sources
//! ```
//!
//! All numbers are little-endian, as on every machine that runs WebAssembly. Sections can be written to and read from
//! any buffer piece by piece ([`sections`], [`ImageSource`]), so that neither side holds the whole image twice.
//!
//! **Invariant:** an image is foreign data. What [`read`] gives can be used without a panic: lengths agree, every
//! handle and range is inside its table, parents stand before children, strings are UTF-8.

mod facts;
mod reading;
mod validate;

use bytemuck::Pod;

pub use reading::Reading;

use crate::store::TraceStore;

const MAGIC: &[u8; 4] = b"THRU";
/// Raised whenever the columns change: an image is never read by another version.
pub const VERSION: u32 = 3;

#[cfg(target_endian = "big")]
compile_error!("images are little-endian as they lie in memory");

/// Why an image cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ImageError {
    /// It does not begin as an image does.
    #[error("not an image of a dataset")]
    NotAnImage,
    /// It was written by another version.
    #[error("image of version {found}, this is version {VERSION}")]
    Version {
        /// The version in the image.
        found: u32,
    },
    /// It is shorter than it says.
    #[error("image breaks off: {needed} bytes needed at offset {offset}")]
    Truncated {
        /// Where the missing part begins.
        offset: u64,
        /// How long the missing part is.
        needed: u64,
    },
    /// A column contradicts another.
    #[error("image is inconsistent: {0}")]
    Inconsistent(&'static str),
}

/// Where an image is read from.
pub trait ImageSource {
    /// Its length in bytes.
    fn len(&self) -> u64;
    /// Copies bytes from an offset; called only within the length.
    fn copy_to(&self, offset: u64, target: &mut [u8]);
    /// True when there is nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ImageSource for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn copy_to(&self, offset: u64, target: &mut [u8]) {
        let start = offset as usize;
        target.copy_from_slice(&self[start..start + target.len()]);
    }
}

/// Names every column once, for writing and reading alike; the strings' arena stands before them.
macro_rules! columns {
    ($store:ident, $each:ident) => {
        $each!($store.strings.ends);
        $each!($store.services);
        $each!($store.resources.service);
        $each!($store.resources.attributes);
        $each!($store.resources.dropped);
        $each!($store.resources.schema_url);
        $each!($store.scopes.name);
        $each!($store.scopes.version);
        $each!($store.scopes.attributes);
        $each!($store.scopes.dropped);
        $each!($store.scopes.schema_url);
        $each!($store.traces.id);
        $each!($store.traces.first_span);
        $each!($store.traces.start);
        $each!($store.traces.end);
        $each!($store.traces.root);
        $each!($store.traces.errors);
        $each!($store.traces.orphans);
        $each!($store.traces.services);
        $each!($store.spans.start);
        $each!($store.spans.end);
        $each!($store.spans.span_id);
        $each!($store.spans.parent_span_id);
        $each!($store.spans.parent);
        $each!($store.spans.descendants);
        $each!($store.spans.depth);
        $each!($store.spans.name);
        $each!($store.spans.resource);
        $each!($store.spans.scope);
        $each!($store.spans.trace_state);
        $each!($store.spans.status_message);
        $each!($store.spans.flags);
        $each!($store.spans.kind);
        $each!($store.spans.status);
        $each!($store.spans.marks);
        $each!($store.spans.attributes);
        $each!($store.spans.events);
        $each!($store.spans.links);
        $each!($store.spans.dropped_span);
        $each!($store.spans.dropped);
        $each!($store.attributes.key);
        $each!($store.attributes.kind);
        $each!($store.attributes.payload);
        $each!($store.nested.key);
        $each!($store.nested.kind);
        $each!($store.nested.payload);
        $each!($store.events.time);
        $each!($store.events.name);
        $each!($store.events.attributes);
        $each!($store.events.dropped);
        $each!($store.events.log);
        $each!($store.links.trace_id);
        $each!($store.links.span_id);
        $each!($store.links.trace_state);
        $each!($store.links.flags);
        $each!($store.links.attributes);
        $each!($store.links.dropped);
    };
}
use columns;

/// An image in pieces: write each at its offset into a buffer of `len` zeroed bytes.
pub struct Sections<'a> {
    /// The length of the whole image.
    pub len: u64,
    head: Vec<u8>,
    bodies: Vec<&'a [u8]>,
    facts: Vec<u8>,
}

impl Sections<'_> {
    /// The pieces with their offsets.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut offset = 0u64;
        let all = core::iter::once(self.head.as_slice()).chain(self.bodies.iter().copied());
        all.chain(core::iter::once(self.facts.as_slice()))
            .map(move |bytes| {
                let at = offset;
                offset += padded(bytes.len() as u64);
                (at, bytes)
            })
    }
}

/// The image of a store, in pieces that borrow it.
pub fn sections(store: &TraceStore) -> Sections<'_> {
    let mut bodies: Vec<&[u8]> = vec![store.strings.arena.as_bytes()];
    macro_rules! body {
        ($($column:tt)*) => {
            push_bytes(&mut bodies, &$($column)*);
        };
    }
    columns!(store, body);
    let facts = facts::write(&store.issues, &store.sources);
    let mut head = Vec::with_capacity(16 + 8 * (bodies.len() + 1));
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&VERSION.to_le_bytes());
    head.extend_from_slice(&(bodies.len() as u32 + 1).to_le_bytes());
    head.extend_from_slice(&0u32.to_le_bytes());
    let lengths = bodies.iter().map(|body| body.len()).chain([facts.len()]);
    head.extend(lengths.flat_map(|len| (len as u64).to_le_bytes()));
    let body_len: u64 = bodies.iter().map(|body| padded(body.len() as u64)).sum();
    Sections {
        len: head.len() as u64 + body_len + padded(facts.len() as u64),
        head,
        bodies,
        facts,
    }
}

/// Once a type: inlined, it would be there once a column.
#[inline(never)]
fn push_bytes<'a, T: Pod>(bodies: &mut Vec<&'a [u8]>, column: &'a [T]) {
    bodies.push(bytemuck::cast_slice(column));
}

/// The image of a store in one piece.
pub fn write(store: &TraceStore) -> Vec<u8> {
    let sections = sections(store);
    let mut image = vec![0; sections.len as usize];
    for (offset, bytes) in sections.iter() {
        image[offset as usize..offset as usize + bytes.len()].copy_from_slice(bytes);
    }
    image
}

/// Reads an image and checks all of it.
///
/// # Errors
/// [`ImageError`] for anything but the whole image of a consistent store of this version.
pub fn read(image: &(impl ImageSource + ?Sized)) -> Result<TraceStore, ImageError> {
    let mut reading = Reading::begin(image)?;
    while !reading.go()? {}
    Ok(reading.finish())
}

const fn padded(len: u64) -> u64 {
    len.saturating_add(7) & !7
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    #[test]
    fn a_store_survives() {
        let store = sample::store();
        assert_eq!(read(write(&store).as_slice()), Ok(store));
        let empty = crate::store::builder::StoreBuilder::new().finish();
        assert_eq!(read(write(&empty).as_slice()), Ok(empty));
    }

    #[test]
    fn broken_images_are_refused() {
        let image = write(&sample::store());
        let check = |bytes: &[u8], expected: &str| {
            let error = read(bytes).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(b"", "not an image");
        check(b"{\"resourceSpans\":[]}", "not an image");
        let mut other = image.clone();
        other[4] = 9;
        check(&other, "version 9");
        // The last section may be cut inside its padding without harm.
        for end in (16..image.len() - 8).step_by(7) {
            assert!(read(&image[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn any_changed_byte_is_refused_or_harmless() {
        let image = write(&sample::store());
        for at in 0..image.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = image.clone();
                broken[at] = value;
                if let Ok(store) = read(broken.as_slice()) {
                    sample::walk(&store);
                }
            }
        }
    }
}

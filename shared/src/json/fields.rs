//! The fields of an object by number, found by what came next the last time.
//!
//! Exporters write the fields of an object in the same order each time. Comparing with the one that came next the last
//! time costs a few words; finding the end of a key and looking it up costs ten times that.
//!
//! **Invariant:** a wrong guess costs time, never a wrong field.

use super::{Expected, Reader, Result};

/// How many fields an object can have.
const MOST: usize = 24;

/// The number of every key that is not known.
pub const OTHER: u8 = 0;

/// The fields of one kind of object.
#[derive(Debug)]
pub struct Fields {
    /// The key of each field as it is written as a rule; the first stands for [`OTHER`] and is never met.
    pub expected: &'static [Expected],
    /// Every key with the number of its field.
    pub names: &'static [(&'static str, u8)],
}

impl Fields {
    fn find(&self, key: &[u8]) -> u8 {
        let found = self.names.iter().find(|(name, _)| name.as_bytes() == key);
        found.map_or(OTHER, |&(_, field)| field)
    }

    fn is(&self, field: u8, key: &[u8]) -> bool {
        let expected = self.expected.get(usize::from(field));
        expected.is_some_and(|expected| expected.is(key))
    }
}

/// What followed each field the last time.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    next: [u8; MOST],
    last: usize,
}

impl Default for Order {
    fn default() -> Self {
        // At first, each is followed by the next one.
        Self {
            next: core::array::from_fn(|at| at as u8 + 1),
            last: 0,
        }
    }
}

impl Order {
    /// Begins another object of the kind.
    #[inline]
    pub fn begin(&mut self) {
        self.last = 0;
    }
}

impl Reader<'_> {
    /// The number of the next field of the object, the reader standing at its value; `None` behind the object's end.
    #[inline(never)]
    pub fn next_field(&mut self, fields: &Fields, order: &mut Order) -> Result<Option<u8>> {
        let guess = order.next.get(order.last).copied().unwrap_or(OTHER);
        if let Some(expected) = fields.expected.get(usize::from(guess))
            && self.take_key(expected)
        {
            order.last = usize::from(guess);
            return Ok(Some(guess));
        }
        let Some(key) = self.next_key()? else {
            return Ok(None);
        };
        // The guess may be right and only spaces stand between.
        let field = if fields.is(guess, key.bytes) {
            guess
        } else {
            fields.find(key.bytes)
        };
        if let Some(next) = order.next.get_mut(order.last) {
            *next = field;
        }
        order.last = usize::from(field);
        Ok(Some(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields = Fields {
        expected: &[
            Expected::new("\n"),
            Expected::new("id"),
            Expected::new("name"),
        ],
        names: &[("id", 1), ("Id", 1), ("name", 2)],
    };

    #[test]
    fn fields_are_found_in_any_order() {
        let mut order = Order::default();
        let mut check = |text: &str, expected: &[u8]| {
            let padded = format!("{text}{}", " ".repeat(40));
            let mut r = Reader::new(padded.as_bytes());
            r.begin_object().unwrap();
            order.begin();
            let mut found = Vec::new();
            while let Some(field) = r.next_field(&FIELDS, &mut order).unwrap() {
                found.push(field);
                r.skip_value().unwrap();
            }
            assert_eq!(found, expected, "{text}");
        };
        check(r#"{"id":1,"name":2}"#, &[1, 2]);
        check(r#"{"name":1,"id":2}"#, &[2, 1]);
        check(r#"{"name":1,"id":2}"#, &[2, 1]);
        check(r#"{ "name" : 1 , "id" : 2 }"#, &[2, 1]);
        check(r#"{"x":1,"Id":2,"y":3,"name":4}"#, &[OTHER, 1, OTHER, 2]);
        check("{}", &[]);
    }
}

//! The cursor of a text field, in bytes: the browser counts UTF-16 units.
//!
//! **Invariant:** a place that the text does not have is its end.

use web_sys::HtmlInputElement;

/// Where the cursor is.
pub(super) fn byte_of(input: &HtmlInputElement) -> usize {
    let text = input.value();
    match input.selection_start() {
        Ok(Some(units)) => to_bytes(&text, units),
        _ => text.len(),
    }
}

/// Puts the cursor behind so many bytes of the text that the field holds.
pub(super) fn put(input: &HtmlInputElement, text: &str, byte: usize) {
    let before = text.get(..byte).unwrap_or(text);
    let units = before.encode_utf16().count() as u32;
    input.set_selection_range(units, units).ok();
}

fn to_bytes(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.len_utf16());
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::to_bytes;

    #[test]
    fn units_are_not_bytes() {
        let check = |text: &str, units: u32, expected: usize| {
            assert_eq!(to_bytes(text, units), expected, "{text} {units}");
        };
        check("abc", 0, 0);
        check("abc", 2, 2);
        check("abc", 9, 3);
        check("äb", 1, 2);
        check("😀b", 2, 4);
        check("😀b", 1, 4);
    }
}

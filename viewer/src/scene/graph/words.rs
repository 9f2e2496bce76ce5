//! Numbers with their names, and texts cut to the room they have.
//!
//! **Invariant:** measures by estimate, since there is no browser here; rather too short than over the edge.

use crate::scene::text_width;

/// A text can be wider than its estimate, by this factor in the widest of the system's typefaces.
const WIDER: f32 = 1.06;

/// `1 span`, `12 spans`; digits in groups of three from ten thousand on.
pub(super) fn counted(number: u32, name: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    let digits = number.to_string();
    if digits.len() < 5 {
        return format!("{digits} {name}{plural}");
    }
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    format!("{text} {name}{plural}")
}

/// The room that a text surely has enough of.
pub(super) fn room_for(text: &str, size: f32) -> f32 {
    text_width(text, size) * WIDER
}

/// Whether a text has room. The estimate can be narrow: better a letter less than a word over the edge.
pub(super) fn fits(text: &str, size: f32, room: f32) -> bool {
    room_for(text, size) <= room
}

/// As much of a text as has room, with `…` for the rest; nothing when not even a letter has.
pub(super) fn fitted(text: &str, size: f32, room: f32) -> String {
    if fits(text, size, room) {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut width = text_width("…", size);
    for letter in text.chars() {
        width += text_width(letter.encode_utf8(&mut [0; 4]), size);
        if width * WIDER > room {
            break;
        }
        kept.push(letter);
    }
    if kept.is_empty() {
        return kept;
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

//! Going on after a broken element of a JSON list.
//!
//! **Invariant:** knows no format; what the element's importer had pushed before the break stays.

use crate::{
    issues::{IssueKind, IssueLog},
    json::{JsonError, Mark, Reader, Result},
};

/// Passes over an element that could not be read, and counts it. `element` is where it begins.
///
/// # Errors
/// The error itself, when the end of the element cannot be found either, or when a line that begins a value stands
/// between: then a line was cut off, quotes and brackets pair up wrongly from there on, and the next line is the better
/// place to go on.
pub(super) fn skip_broken(
    reader: &mut Reader<'_>,
    element: Mark,
    error: JsonError,
    issues: &mut IssueLog,
) -> Result<()> {
    let cut_line = reader
        .between(element, error.offset)
        .windows(2)
        .any(|pair| matches!(pair, b"\n{" | b"\n["));
    reader.rewind(element);
    if cut_line || error.is_truncated() || reader.skip_value().is_err() {
        return Err(error);
    }
    issues.add_with(IssueKind::SyntaxError, Some(error.offset), || {
        error.problem()
    });
    Ok(())
}

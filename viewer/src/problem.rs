//! What went wrong, for a person: what, where and why, and what to do.
//!
//! **Invariant:** plain sentences; nothing here decides what happens next.

/// A failure to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What failed, naming the file or address.
    pub title: String,
    /// Where and why: format, offset, what was expected, status.
    pub detail: String,
    /// What to do.
    pub hint: String,
    /// Something to copy, such as a server's setting; may be empty.
    pub snippet: String,
}

impl Problem {
    /// A problem without a snippet.
    pub fn new(
        title: impl Into<String>,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            detail: detail.into(),
            hint: hint.into(),
            snippet: String::new(),
        }
    }
}

//! What the page and the worker say to each other. Each message is an array: this text as JSON first, then blobs or
//! buffers.
//!
//! **Invariant:** plain data; both sides are built together, and the first message of the worker carries the version.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Raised when messages change: a cached worker of another build is refused.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// From the page. Attachments: one blob a file, then the image to join, if any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToWorker {
    /// Load these.
    Load {
        /// Names of the attached blobs.
        names: Vec<String>,
        /// An address to load instead of blobs.
        url: Option<String>,
        /// Whether the last attachment is the image of a dataset that the new one joins.
        join: bool,
    },
}

/// From the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromWorker {
    /// It can be sent a message now.
    Ready {
        /// The version it was built as.
        version: String,
    },
    /// How far it is.
    Progress {
        /// `connecting`, `reading`, `decompressing`, `parsing`, `arranging`.
        phase: String,
        /// Bytes done in this phase.
        bytes: u64,
        /// Bytes in all; 0 = not known.
        total: u64,
        /// Spans found.
        spans: u64,
    },
    /// Done. Attachment: the image.
    Done {
        /// Milliseconds from the bytes being there to the store.
        import_ms: f64,
        /// Files that gave nothing while others did.
        problems: Vec<Problem>,
    },
    /// Nothing could be read.
    Failed(Problem),
}

/// Attachments of the page cannot be larger: WebAssembly has 4 GiB, and the columns need room beside the bytes.
pub const LARGEST_INPUT: u64 = 1_900_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_json() {
        let message = FromWorker::Progress {
            phase: "parsing".into(),
            bytes: 1,
            total: 2,
            spans: 3,
        };
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(
            text,
            r#"{"progress":{"phase":"parsing","bytes":1,"total":2,"spans":3}}"#
        );
        assert_eq!(serde_json::from_str::<FromWorker>(&text).unwrap(), message);
    }
}

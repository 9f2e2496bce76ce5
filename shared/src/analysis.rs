//! What can be computed from a store: pure functions over columns.
//!
//! **Invariant:** reads stores only; knows no format and no user interface, and formats no text for people.

pub mod critical_path;
pub mod find;
pub mod links;
pub mod occurrences;
pub mod pairs;
pub mod repeats;
pub mod self_time;
pub mod service_graph;
pub mod skew;
pub mod table;
pub mod values;

//! The built site in real browsers.
//!
//! Each test has a tab and an origin of its own. Expected rows come from the native importers, read by the same code
//! path as the corpus tests; nothing here knows the viewer's style classes.

mod access;
mod critical;
mod formats;
mod host;
mod list;
mod loads;
mod made;
mod paper;
mod parts;
mod query;
mod reading;
mod shape;
mod table;
mod trouble;
mod waterfall;

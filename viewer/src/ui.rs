//! The DOM: components that read the state and dispatch commands.
//!
//! **Invariant:** never writes the state but through [`context::App::dispatch`]; inserts text as text, never as HTML;
//! sets no inline `style` attribute (the policy forbids it), only single style properties.

mod ahead;
pub mod app;
pub mod cells;
pub mod clocks;
pub mod colour;
pub mod columns;
pub mod commands;
pub mod context;
mod critical;
pub mod details;
pub mod effects;
pub mod format;
pub mod graph;
pub mod header;
pub mod issues;
pub mod keyboard;
pub mod keys;
pub mod loading;
pub mod measure;
pub mod menu;
pub mod minimap;
pub mod notes;
pub mod open;
pub mod palette;
mod paper;
pub mod prefs;
pub mod problem;
pub mod query;
pub mod shape;
pub mod splitter;
pub mod start;
pub mod status;
pub mod table;
pub mod toast;
pub mod trace_list;
pub mod waterfall;

//! pgassay lints PostgreSQL configuration, access rules and replication SQL from files alone.
//!
//! The pipeline: [`discover`] finds the inputs and their kinds; [`source`] reads them; [`extract`] finds what
//! files of other languages hold; [`syntax`] turns bytes into
//! trees; [`model`] says what the trees mean together; [`rule`] and `checks` judge the model; `triage` decides
//! what becomes of each finding; `report` shows it.

pub mod catalog;
mod checks;
pub mod cli;
pub mod config;
pub mod discover;
pub mod extract;
pub mod finding;
pub mod fix;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod load;
mod lsp;
pub mod model;
pub mod plugin;
mod progress;
pub mod reach;
pub mod report;
pub mod rule;
pub mod secret;
pub mod source;
pub mod syntax;
pub mod triage;
pub mod upgrade;

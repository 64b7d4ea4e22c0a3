//! Plugins, good and hostile, loaded and run as a user does.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a test binary of its own")]

mod cache;
mod configuration;
mod guest;
mod guests;
#[cfg(unix)]
mod guide;
mod hostile;
mod run;
mod secrets;

//! Plugins for pgassay in Rust.
//!
//! A plugin is a list of [`Rule`]s. Each is a function that looks at the [`Model`](types::Model), the typed form of every
//! file that was read, and pushes [`Finding`](types::Finding)s. A whole plugin:
//!
//! ```
//! use pgassay_plugin::prelude::*;
//!
//! const SSL_OFF: Rule = Rule::new("ssl-off", "TLS is off", PAGE, ssl_off)
//!     .severity(Severity::Error)
//!     .tags(&["tls"])
//!     .references(&[Reference::Docs("runtime-config-connection.html")]);
//! # const PAGE: &str = "";
//! # /*
//! const PAGE: &str = include_str!("../rules/ssl-off.md");
//! # */
//!
//! fn ssl_off(input: &Input<'_>, findings: &mut Findings) {
//!     for node in &input.model.nodes {
//!         // Nothing is set where no file says it, and what the server makes of a value may differ between majors.
//!         let Some(line) = node.setting("ssl").and_then(|ssl| ssl.winner()) else { continue };
//!         let off = node.majors_with("ssl", "off");
//!         findings.push(Finding::at(line.value_place, "`ssl` is `off`").help("set it to `on`").on(off));
//!     }
//! }
//!
//! fn plugin() -> Plugin {
//!     Plugin::new("acme", env!("CARGO_PKG_VERSION")).rule(SSL_OFF)
//! }
//!
//! pgassay_plugin::export!(plugin);
//! ```
//!
//! A finding holds on every major that its place is judged for, or on those that it is given; with an empty set it is
//! none.
//!
//! The records and their fields are those of the contract, `pgassay.wit`, with the methods of [`model`] and [`finding`]
//! on top. Positions are byte positions, and a place is only a number: it is taken from a record or from
//! [`host::locate`] and handed back in a finding. [`text`] finds the comment beside a place.
//!
//! Everything but [`host`] works natively too, so that rules can be tested with `cargo test`: make a model with
//! `Model { .., ..Model::default() }` and ask [`Plugin::check`].

#[doc(hidden)]
#[rustfmt::skip]
pub mod bindings;
pub mod finding;
pub mod host;
pub mod list;
mod majors;
pub mod model;
mod network;
#[cfg(feature = "options")]
mod options;
mod plugin;
mod rule;
pub mod text;

pub use bindings::pgassay::plugin::types;
pub use finding::Findings;
pub use majors::Majors;
pub use network::{BadNetwork, Network};
#[doc(hidden)]
pub use plugin::exported;
pub use plugin::{Input, Plugin};
pub use rule::{Fixes, Profile, Reference, Rule};

/// What a module of rules needs.
pub mod prelude {
    pub use crate::types::{Confidence, Effect, Finding, Fix, Model, Severity};
    pub use crate::{
        Findings, Fixes, Input, Majors, Network, Plugin, Profile, Reference, Rule, host, list, text, types,
    };
}

/// Makes the component's exports from a function without arguments that gives the [`Plugin`].
///
/// A panic is said with [`host::log`] before it ends the component.
#[macro_export]
macro_rules! export {
    ($plugin:path) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::types::{Context, Finding, Model, OptionProblem, PluginInfo};

            struct Exported;

            impl $crate::bindings::exports::pgassay::plugin::rules::Guest for Exported {
                fn describe() -> PluginInfo {
                    $crate::exported::describe(&$plugin())
                }

                fn configure(options: String) -> Result<(), Vec<OptionProblem>> {
                    $crate::exported::configure(&$plugin(), &options)
                }

                fn check(context: Context, model: Model) -> Result<Vec<Finding>, String> {
                    $crate::exported::check(&$plugin(), &context, &model)
                }
            }

    $crate::bindings::export!(Exported with_types_in $crate::bindings);
        };
        // Elsewhere the plugin is only tested; it counts as used all the same.
        #[cfg(not(target_arch = "wasm32"))]
        const _: () = {
            let _ = $plugin;
        };
    };
}

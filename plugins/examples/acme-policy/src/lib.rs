//! The policy of an organisation: names, networks, audit and extensions.
//!
//! What the policy allows is in the options; the rules only know how PostgreSQL reads what they look at. A value that is
//! filled in later, or that the files do not show, is never held against it.

use pgassay_plugin::Plugin;

mod application_name;
mod forbidden_extensions;
mod hba_ticket;
mod options;
mod preload;
mod require_pgaudit;
mod role_networks;
mod slot_names;

use options::Options;

fn plugin() -> Plugin<Options> {
    Plugin::with_options("acme", env!("CARGO_PKG_VERSION"), include_str!("../options.schema.json"))
        .rule(application_name::RULE)
        .rule(forbidden_extensions::RULE)
        .rule(hba_ticket::RULE)
        .rule(require_pgaudit::RULE)
        .rule(role_networks::RULE)
        .rule(slot_names::RULE)
}

pgassay_plugin::export!(plugin);

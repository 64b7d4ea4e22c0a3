//! The rules of the plugin {{name}}.

use pgassay_plugin::Plugin;

mod application_name_missing;

fn plugin() -> Plugin {
    Plugin::new("{{name}}", env!("CARGO_PKG_VERSION")).rule(application_name_missing::RULE)
}

pgassay_plugin::export!(plugin);

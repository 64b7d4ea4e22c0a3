//! Terraform and OpenTofu: parameters of managed servers, and the objects that the `postgresql` provider makes.
//!
//! What a variable or a function gives is a hole. Modules are not followed, nor resources made with `for_each` told
//! apart.

use hcl_edit::parser::parse_body;
use hcl_edit::structure::Block;

use super::Found;
use crate::syntax::literal::Literal;

mod managed;
mod provider;
mod value;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    let Ok(source) = std::str::from_utf8(text.text()) else { return };
    let Ok(body) = parse_body(source) else { return };
    for block in body.blocks() {
        match (block.ident.as_str(), block.labels.as_slice()) {
            ("resource", [kind, name]) => {
                let node = format!("{}.{}", kind.as_str(), name.as_str());
                resource(kind.as_str(), &node, block, text, found);
            }
            ("provider", [kind]) if kind.as_str() == "postgresql" => provider::connection(block, text, found),
            _ => {}
        }
    }
}

fn resource(kind: &str, node: &str, block: &Block, text: &Literal, found: &mut Found<'_>) {
    match kind {
        "aws_db_parameter_group" | "aws_rds_cluster_parameter_group" => {
            found.within(node, |found| managed::aws(block, text, found));
        }
        "google_sql_database_instance" => found.within(node, |found| managed::google(block, text, found)),
        "azurerm_postgresql_flexible_server_configuration" | "azurerm_postgresql_configuration" => {
            managed::azure(block, text, found);
        }
        "postgresql_role" => provider::role(block, text, found),
        "postgresql_grant" => provider::grant(block, text, found),
        "postgresql_publication" => provider::publication(block, text, found),
        "postgresql_subscription" => provider::subscription(block, text, found),
        _ => {}
    }
}

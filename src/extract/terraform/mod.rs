//! Terraform and OpenTofu: parameters of managed servers, the objects that the `postgresql` provider makes, and in all
//! else connection strings, files by their names, and scripts.
//!
//! What a variable or a function gives is a hole. Modules are not followed, nor resources made with `for_each` told
//! apart.

use hcl_edit::parser::parse_body;
use hcl_edit::structure::Block;

use super::tree::Node;
use super::{Found, manifest};
use crate::discover::Host;
use crate::syntax::literal::Literal;

mod managed;
mod provider;
mod tree;
mod value;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    let Ok(source) = std::str::from_utf8(text.text()) else { return };
    let Ok(body) = parse_body(source) else { return };
    for attribute in body.attributes() {
        rest(&tree::of_attribute(attribute, text), found);
    }
    for block in body.blocks() {
        match (block.ident.as_str(), block.labels.as_slice()) {
            ("resource", [kind, name]) => {
                let node = format!("{}.{}", kind.as_str(), name.as_str());
                resource(kind.as_str(), &node, block, text, found);
                // The provider's objects are statements, which name their connections.
                if !kind.as_str().starts_with("postgresql_") {
                    found.within(&node, |found| rest(&tree::of_block(block, text), found));
                }
            }
            ("provider", [kind]) if kind.as_str() == "postgresql" => provider::connection(block, text, found),
            _ => rest(&tree::of_block(block, text), found),
        }
    }
}

/// What is read wherever it stands.
fn rest(node: &Node, found: &mut Found<'_>) {
    scripts(node, found);
    manifest::anywhere(node, found);
}

/// Scripts of machines, commands of provisioners, and values of charts.
fn scripts(node: &Node, found: &mut Found<'_>) {
    node.items().for_each(|item| scripts(item, found));
    for (key, value) in node.entries() {
        let all = value.as_scalar().into_iter().chain(value.scalars());
        match key.known() {
            Some("local-exec" | "remote-exec") => {
                let commands = value.scalar("command").into_iter();
                let inline = value.get("inline").into_iter().flat_map(Node::scalars);
                commands.chain(inline).for_each(|command| found.read(Host::Shell, &command.text));
            }
            Some("values") => all.filter(|text| text.has_lines()).for_each(|text| found.read(Host::Yaml, &text.text)),
            _ => {
                let scripts = all.filter(|text| text.text.text().trim_ascii_start().starts_with(b"#!/"));
                scripts.for_each(|script| found.read(Host::Shell, &script.text));
                self::scripts(value, found);
            }
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
        "aws_db_instance" | "aws_rds_cluster" | "azurerm_postgresql_flexible_server" | "azurerm_postgresql_server" => {
            managed::administrator(block, text, found);
        }
        "postgresql_role" => provider::role(block, text, found),
        "postgresql_grant" => provider::grant(block, text, found),
        "postgresql_grant_role" => provider::grant_role(block, text, found),
        "postgresql_default_privileges" => provider::default_privileges(block, text, found),
        "postgresql_publication" => provider::publication(block, text, found),
        "postgresql_subscription" => provider::subscription(block, text, found),
        _ => {}
    }
}

//! What documents of YAML, JSON and TOML mean: which tool reads one, and what it makes of it for PostgreSQL.
//!
//! One file for each tool. A reader puts together what the tool puts together, exactly or not at all, and says which
//! server it is for. What holds for every document is in [`any`].

use super::Found;
use super::tree::{Child, Node};

mod ansible;
mod any;
mod cnpg;
mod command;
mod compose;
mod container;
mod helm;
mod kubernetes;
mod operators;
mod patroni;
mod pipeline;
mod rails;
mod settings;
mod sql;
mod standby;

/// Reads what holds for every tree, whatever language it is from.
pub(super) fn anywhere(node: &Node, found: &mut Found<'_>) {
    any::node(node, found);
}

/// Reads the documents of a file. `steered` says that a template's lines may make any part of them conditional.
pub(super) fn read(documents: &[Child], steered: bool, found: &mut Found<'_>) {
    let maps = kubernetes::config_maps(documents);
    let externals = cnpg::externals(documents);
    for document in documents {
        let root: &Node = &document.node;
        if compose::is_compose(root) {
            compose::read(root, found);
        } else if kubernetes::is_manifest(root) {
            kubernetes::read(root, &kubernetes::Around { maps: &maps, externals: &externals }, steered, found);
        } else if patroni::is_patroni(root) {
            patroni::read(root, steered, found);
        } else if container::is_task_definition(root) {
            container::task_definition(root, found);
        } else if ansible::is_playbook(root) {
            ansible::read(root, found);
        } else {
            pipeline::read(root, found);
            rails::read(root, found);
            ansible::variables(root, found);
            helm::read(root, found);
            let near = pipeline::services(root);
            any::beside(root, &|host| near.contains(host), found);
        }
    }
}

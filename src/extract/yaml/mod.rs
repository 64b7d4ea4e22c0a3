//! YAML and JSON: compose files, manifests, playbooks, pipelines, configuration of Patroni and of applications.
//!
//! A file becomes trees whose scalars know their bytes. What a document is, is told by its keys; its reader says which
//! servers it speaks of and puts together what is spread over keys. Whatever a file is, values that are connection
//! strings and texts that are named like files of PostgreSQL's are read.

mod mask;
mod parse;
mod scalar;
#[cfg(test)]
mod tests;

use super::Found;
use super::manifest;
use crate::syntax::literal::Literal;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    let masked = mask::mask(text.text());
    let documents = parse::documents(text, &masked);
    manifest::read(&documents, masked.steered, found);
}

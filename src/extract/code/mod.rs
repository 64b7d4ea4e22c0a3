//! Programs: the string literals that hold SQL or a connection string, with what is put together from them.
//!
//! A tree-sitter grammar says where literals, concatenations and calls are; a table for each language says what its
//! nodes are. Comments, documentation and the titles of tests give nothing. What a program computes is a hole; values
//! of variables are not followed, but for text that is added to one variable in one block.

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use super::Found;
use crate::discover::{Host, Kind};
use crate::syntax::literal::Literal;

mod call;
mod connect;
mod csharp;
mod elixir;
mod engine;
mod escape;
mod format;
mod go;
mod java;
mod javascript;
mod judge;
mod kotlin;
mod language;
mod migration;
mod php;
mod python;
mod read;
mod ruby;
mod rust;
mod text;
mod walk;

use language::{Code, Language};

/// Programs that are larger are generated, or bundles of others, and are not read.
const LARGEST: usize = 8 << 20;

pub(super) fn extract(host: Host, text: &Literal, found: &mut Found<'_>) {
    let Some(language) = language(host) else { return };
    if text.text().len() > LARGEST {
        return;
    }
    let Some(tree) = parse(language, text.text()) else { return };
    let code = Code::new(language, text.text(), &tree);
    let mut connections = connect::arguments(&code, text).into_iter().peekable();
    for part in walk::strings(&code) {
        let before = |connection: &(usize, Literal)| part.text.start().is_some_and(|start| connection.0 < start);
        while let Some((_, connection)) = connections.next_if(before) {
            found.add(Kind::Conninfo, connection);
        }
        judge::hand_over(&code, &part, text, found);
    }
    for (_, connection) in connections {
        found.add(Kind::Conninfo, connection);
    }
    if host == Host::Php {
        php::templates(text, found);
    }
}

fn language(host: Host) -> Option<&'static Language> {
    Some(match host {
        Host::Elixir => &elixir::LANGUAGE,
        Host::Ruby => &ruby::LANGUAGE,
        Host::Python => &python::LANGUAGE,
        Host::JavaScript => &javascript::JAVASCRIPT,
        Host::TypeScript => &javascript::TYPESCRIPT,
        Host::Tsx => &javascript::TSX,
        Host::Go => &go::LANGUAGE,
        Host::Rust => &rust::LANGUAGE,
        Host::Java => &java::LANGUAGE,
        Host::Kotlin => &kotlin::LANGUAGE,
        Host::CSharp => &csharp::LANGUAGE,
        Host::Php => &php::LANGUAGE,
        _ => return None,
    })
}

/// The tree of a program. `None` where the parser takes far more steps than programs need: text that is no program of
/// this language can make it try every way to repair it.
fn parse(language: &Language, bytes: &[u8]) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&(language.grammar)()).ok()?;
    // It is asked once in a hundred steps; a program takes one or two for a byte.
    let mut left = 1_000 + bytes.len() / 8;
    let mut bounded = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut bounded);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

#[cfg(test)]
mod tests;

//! Blocks and attributes as a tree of the kind that YAML, JSON and TOML become.
//!
//! A block is a map under its name, one with a single label of its own under that: `provisioner "local-exec"`. Of a call
//! the arguments are a list, as are the two sides of a condition.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use super::value;
use crate::extract::Draft;
use crate::extract::tree::{Child, Form, Node, Scalar};
use crate::syntax::literal::Literal;

/// Blocks and values in others are followed this deep.
const DEEPEST: usize = 50;

pub(super) fn of_attribute(attribute: &Attribute, text: &Literal) -> Node {
    Node::Map(entry(attribute, text, 0).into_iter().collect())
}

pub(super) fn of_block(block: &Block, text: &Literal) -> Node {
    of_body(&block.body, text, 0)
}

fn of_body(body: &Body, text: &Literal, depth: usize) -> Node {
    let entries = body.iter().filter_map(|structure| match structure {
        Structure::Attribute(attribute) => entry(attribute, text, depth),
        Structure::Block(block) if depth < DEEPEST => {
            let (name, span) = match block.labels.as_slice() {
                [label] => (label.as_str(), label.span()?),
                _ => (block.ident.as_str(), block.ident.span()?),
            };
            let mut draft = Draft::new(text, span.start);
            draft.decoded(name.as_bytes(), span);
            Some((scalar(draft.build(), Form::Quoted), Child::new(of_body(&block.body, text, depth + 1))))
        }
        Structure::Block(_) => None,
    });
    Node::Map(entries.collect())
}

fn entry(attribute: &Attribute, text: &Literal, depth: usize) -> Option<(Scalar, Child)> {
    let name = scalar(Draft::of(text, attribute.key.span()?), Form::Plain);
    Some((name, Child::new(of_value(&attribute.value, text, depth + 1))))
}

fn of_value(value: &Expression, text: &Literal, depth: usize) -> Node {
    let list = |items: &mut dyn Iterator<Item = &Expression>| {
        Node::List(items.map(|item| Child::new(of_value(item, text, depth + 1))).collect())
    };
    match value {
        _ if depth > DEEPEST => Node::List(Vec::new()),
        Expression::Array(items) => list(&mut items.iter()),
        Expression::FuncCall(call) => list(&mut call.args.iter()),
        Expression::Conditional(condition) => list(&mut [&condition.true_expr, &condition.false_expr].into_iter()),
        Expression::Parenthesis(inner) => of_value(inner.inner(), text, depth + 1),
        Expression::Object(object) => {
            let entries = object.iter().filter_map(|(key, value)| {
                let name = match key {
                    ObjectKey::Ident(name) => Draft::of(text, name.span()?),
                    ObjectKey::Expression(name) => value::read(name, text)?,
                };
                let value = of_value(value.expr(), text, depth + 1);
                Some((scalar(name, Form::Quoted), Child::new(value)))
            });
            Node::Map(entries.collect())
        }
        _ => {
            let form = match value {
                Expression::String(_) | Expression::StringTemplate(_) => Form::Quoted,
                Expression::HeredocTemplate(_) => Form::Block,
                _ => Form::Plain,
            };
            value::read(value, text).map_or_else(|| Node::List(Vec::new()), |text| Node::Scalar(scalar(text, form)))
        }
    }
}

fn scalar(text: Literal, form: Form) -> Scalar {
    Scalar { text, form }
}

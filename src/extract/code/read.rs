//! The text that an expression gives, as far as it is made of literals.

use tree_sitter::Node;

use super::call::Call;
use super::escape::decode;
use super::format::{Style, filled};
use super::language::{Code, Quoted, Role, named};
use super::text::{Piece, Text};

/// So deep expressions are followed into each other; deeper ones are holes.
const DEEPEST: u8 = 24;

/// What makes an empty text that others are added to.
const STARTS: &[&str] = &["StringBuilder", "StringBuffer"];

impl<'t> Code<'t> {
    /// The text of an expression, `None` if no literal says anything of it.
    pub(super) fn read(&self, node: Node<'t>) -> Option<Text<'t>> {
        self.read_in(node, DEEPEST)
    }

    fn read_in(&self, node: Node<'t>, depth: u8) -> Option<Text<'t>> {
        let depth = depth.checked_sub(1)?;
        match self.role(node) {
            Role::Literal => (self.language.literal)(self, node).map(|quoted| self.quoted_text(quoted)),
            Role::Pasted => Some(self.joined(&named(node).collect::<Vec<_>>(), b"", depth)),
            Role::Wrapper => self.wrapped(node).and_then(|inner| self.read_in(inner, depth)),
            Role::Binary => self.binary(node, depth),
            Role::Call => self.call(node).and_then(|call| self.called(&call, depth)),
            _ => None,
        }
    }

    fn quoted_text(&self, quoted: Quoted<'t>) -> Text<'t> {
        let mut text = Text::default();
        let mut from = quoted.range.start;
        for hole in quoted.holes {
            // An expression of PHP stands in braces that are no part of it.
            let braced = self.bytes.get(hole.start_byte().wrapping_sub(1)) == Some(&b'{')
                && self.bytes.get(hole.end_byte()) == Some(&b'}')
                && hole.start_byte() > from;
            let wide = usize::from(braced);
            decode(self.bytes, from..(hole.start_byte() - wide).max(from), &quoted.escapes, &mut text);
            text.pieces.push(Piece::Hole(hole.start_byte() - wide..hole.end_byte() + wide));
            text.inner.push(hole);
            from = hole.end_byte() + wide;
        }
        decode(self.bytes, from..quoted.range.end.max(from), &quoted.escapes, &mut text);
        text
    }

    fn binary(&self, node: Node<'t>, depth: u8) -> Option<Text<'t>> {
        if let Some(operands) = self.operands(node) {
            let texts = operands.iter().map(|operand| self.read_in(*operand, depth)).collect::<Vec<_>>();
            if texts.iter().all(Option::is_none) {
                return None;
            }
            let mut out = Text::default();
            for (operand, text) in operands.iter().zip(texts) {
                match text {
                    Some(text) => out.append(text),
                    None => out.computed(*operand),
                }
            }
            return Some(out);
        }
        let (left, right) = (named(node).next()?, named(node).last()?);
        match self.operator(node) {
            b"%" if self.language.percent => {
                let mut text = filled(self.read_in(left, depth)?, self.bytes, Style::Percent);
                text.inner.push(right);
                Some(text)
            }
            // `text |> String.trim()`.
            b"|>" => {
                let call = self.call(right).filter(|call| call.is(self.language.same))?;
                call.arguments.is_empty().then(|| self.read_in(left, depth))?
            }
            _ => None,
        }
    }

    fn called(&self, call: &Call<'t>, depth: u8) -> Option<Text<'t>> {
        let of_receiver = || call.receiver.and_then(|receiver| self.read_in(receiver, depth));
        let argument = |index: usize| call.arguments.get(index).copied();
        if call.name == b"trimMargin" {
            return of_receiver().map(|text| text.without_margin(self.bytes));
        }
        if call.is(self.language.same) {
            return of_receiver().or_else(|| argument(0).and_then(|text| self.read_in(text, depth)));
        }
        if let Some((_, style)) = self.language.formats.iter().find(|(name, _)| call.is(&[name])) {
            let of_argument = || Some((self.read_in(argument(0)?, depth)?, 1));
            let (text, used) = of_receiver().map(|text| (text, 0)).or_else(of_argument)?;
            let mut text = filled(text, self.bytes, *style);
            text.inner.extend(call.arguments.iter().skip(used));
            return Some(text);
        }
        if call.is(self.language.joins) {
            return self.join(call, depth);
        }
        if call.is(self.language.appends) {
            let starts = || self.call(call.receiver?).filter(|made| made.arguments.is_empty() && made.is(STARTS));
            let mut text = of_receiver().or_else(|| starts().map(|_| Text::default()))?;
            text.append(self.joined(&call.arguments, b"", depth));
            return Some(text);
        }
        None
    }

    /// A list put together: `", ".join(list)`, `list.join(", ")`, `strings.Join(list, ", ")`, `String.join(", ", a, b)`.
    fn join(&self, call: &Call<'t>, depth: u8) -> Option<Text<'t>> {
        let receiver = call.receiver.map(|receiver| self.unwrapped(receiver));
        let parts = receiver.into_iter().chain(call.arguments.iter().map(|argument| self.unwrapped(*argument)));
        let parts = parts.collect::<Vec<_>>();
        let glue = |node: Node<'t>| self.read_in(node, depth).and_then(|text| text.fixed(self.bytes));
        if let Some((list, at)) = parts.iter().enumerate().find_map(|(at, part)| Some((self.list(*part)?, at))) {
            // Without a separator that is known, a blank does least harm.
            let none: &[u8] = if call.arguments.is_empty() { b"" } else { b" " };
            let separator =
                parts.iter().enumerate().filter(|(other, _)| *other != at).find_map(|(_, part)| glue(*part));
            return Some(self.joined(&list, separator.as_deref().unwrap_or(none), depth));
        }
        if call.path == b"concat" {
            return Some(self.joined(&call.arguments, b"", depth));
        }
        let (first, rest) = call.arguments.split_first()?;
        let separator = glue(*first).filter(|separator| separator.trim_ascii().len() <= 1)?;
        (rest.len() > 1).then(|| self.joined(rest, &separator, depth))
    }

    /// The parts of a list: of its literal, or of a call that makes one, such as `listOf("a", "b")`.
    fn list(&self, node: Node<'t>) -> Option<Vec<Node<'t>>> {
        match self.role(node) {
            Role::List => Some(named(node).collect()),
            Role::Call => self.call(node).filter(|call| call.is(&["listOf", "arrayOf"])).map(|call| call.arguments),
            _ => named(node).last().filter(|body| self.role(*body) == Role::List).map(|body| named(body).collect()),
        }
    }

    /// Some expressions one after the other.
    pub(super) fn joined(&self, parts: &[Node<'t>], glue: &[u8], depth: u8) -> Text<'t> {
        let mut out = Text::default();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                out.glue(glue, part.start_byte());
            }
            match self.read_in(*part, depth) {
                Some(text) => out.append(text),
                None => out.computed(*part),
            }
        }
        out
    }
}

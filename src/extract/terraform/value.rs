//! Values of attributes as text with its place: strings with their escapes, templates and here-documents with holes.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use hcl_edit::template::Element;

use crate::extract::Draft;
use crate::source::Span;
use crate::syntax::literal::Literal;

/// The value of an attribute.
pub(super) fn of(body: &Body, key: &str, text: &Literal) -> Option<Literal> {
    read(&body.get_attribute(key)?.value, text)
}

/// The values of an attribute that is a list or a set of them; what is computed is one hole.
pub(super) fn list(body: &Body, key: &str, text: &Literal) -> Vec<Literal> {
    match body.get_attribute(key).map(|attribute| &attribute.value) {
        None => Vec::new(),
        Some(Expression::Array(array)) => array.iter().filter_map(|item| read(item, text)).collect(),
        Some(other) => read(other, text).into_iter().collect(),
    }
}

/// Whether an attribute is written as `true` or `false`.
pub(super) fn flag(body: &Body, key: &str) -> Option<bool> {
    as_flag(&body.get_attribute(key)?.value)
}

/// Terraform takes the texts `true` and `false` for flags.
fn as_flag(value: &Expression) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}

/// Where an attribute stands that is written as `true`.
pub(super) fn set(body: &Body, key: &str, text: &Literal) -> Option<Span> {
    let attribute = body.get_attribute(key)?;
    as_flag(&attribute.value)?.then(|| Some(text.span(attribute.key.span()?.start, attribute.value.span()?.end)))?
}

/// Whether an attribute is there and not a plain constant.
pub(super) fn is_computed(body: &Body, key: &str) -> bool {
    body.get_attribute(key).is_some_and(|attribute| {
        !matches!(
            attribute.value,
            Expression::String(_) | Expression::Bool(_) | Expression::Number(_) | Expression::Null(_)
        )
    })
}

pub(super) fn read(value: &Expression, text: &Literal) -> Option<Literal> {
    let span = value.span()?;
    let mut draft = Draft::new(text, span.start);
    match value {
        Expression::Null(_) => return None,
        Expression::String(_) => escaped(&mut draft, text, span.start + 1..span.end.saturating_sub(1)),
        Expression::Number(_) | Expression::Bool(_) => draft.copy(span),
        Expression::StringTemplate(template) => {
            template.iter().for_each(|element| part(&mut draft, text, element, None));
        }
        Expression::HeredocTemplate(template) => {
            let indent = template.indent().unwrap_or_default();
            template.template.iter().for_each(|element| part(&mut draft, text, element, Some(indent)));
        }
        _ => draft.hole(span),
    }
    Some(draft.build())
}

/// Adds a part of a template; `indent` is what each line of a here-document has before its text.
fn part(draft: &mut Draft<'_>, text: &Literal, element: &Element, indent: Option<usize>) {
    let Some(span) = element.span() else { return };
    match (element, indent) {
        (Element::Literal(_), None) => escaped(draft, text, span),
        (Element::Literal(_), Some(indent)) => lines(draft, text, span, indent),
        _ => draft.hole(span),
    }
}

/// Adds a part of a here-document, where only the signs of templates are escaped.
fn lines(draft: &mut Draft<'_>, text: &Literal, range: Range<usize>, indent: usize) {
    let bytes = text.text();
    let mut at = range.start;
    for line in bytes.get(range).unwrap_or_default().split_inclusive(|&byte| byte == b'\n') {
        let end = at + line.len();
        if at.checked_sub(1).is_some_and(|before| bytes[before] == b'\n') {
            at += line.iter().take(indent).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        }
        while let Some(sign) =
            ["$${", "%%{"].iter().filter_map(|sign| memchr::memmem::find(&bytes[at..end], sign.as_bytes())).min()
        {
            draft.copy(at..at + sign);
            draft.decoded(&bytes[at + sign..=at + sign], at + sign..at + sign + 2);
            at += sign + 2;
        }
        draft.copy(at..end);
        at = end;
    }
}

/// Adds the inside of a quoted string.
fn escaped(draft: &mut Draft<'_>, text: &Literal, range: Range<usize>) {
    let bytes = text.text();
    let mut at = range.start;
    let mut plain = at;
    while at < range.end {
        let rest = bytes.get(at..range.end).unwrap_or_default();
        let (length, decoded): (usize, Option<char>) = match rest {
            [b'\\', b'n', ..] => (2, Some('\n')),
            [b'\\', b'r', ..] => (2, Some('\r')),
            [b'\\', b't', ..] => (2, Some('\t')),
            [b'\\', b'"', ..] => (2, Some('"')),
            [b'\\', b'\\', ..] => (2, Some('\\')),
            [b'\\', b'u', digits @ ..] => (6, code_point(digits, 4)),
            [b'\\', b'U', digits @ ..] => (10, code_point(digits, 8)),
            [b'$', b'$', b'{', ..] => (2, Some('$')),
            [b'%', b'%', b'{', ..] => (2, Some('%')),
            _ => (1, None),
        };
        if let Some(decoded) = decoded {
            draft.copy(plain..at);
            let end = (at + length).min(range.end);
            draft.decoded(decoded.encode_utf8(&mut [0; 4]).as_bytes(), at..end);
            plain = end;
        }
        at += length;
    }
    if plain < range.end {
        draft.copy(plain..range.end);
    }
}

fn code_point(digits: &[u8], count: usize) -> Option<char> {
    let digits = std::str::from_utf8(digits.get(..count)?).ok()?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

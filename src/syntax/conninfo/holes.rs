//! The parts of a connection string that a program fills in: those its host marked, and markers of templates.
//!
//! A hole is read as one opaque piece, so that the blanks and signs in `{{ item.host }}` end no value.

use crate::syntax::literal::Literal;
use crate::syntax::template;

/// A part that is filled in, as a range of decoded bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::syntax) struct Hole {
    pub(in crate::syntax) start: usize,
    pub(in crate::syntax) end: usize,
    /// It steers the template and gives no text of its own: `{% if x %}`.
    pub(in crate::syntax) control: bool,
}

/// What opens a hole, what closes it, and whether it is control.
const MARKERS: [(&[u8], &[u8], bool); 8] = [
    (b"{{", b"}}", false),
    (b"{%", b"%}", true),
    (b"{#", b"#}", true),
    (b"<%=", b"%>", false),
    (b"<%", b"%>", true),
    (b"${", b"}", false),
    (b"#{", b"}", false),
    (b"$(", b")", false),
];

/// The holes of a literal, in order and apart.
pub(super) fn find(literal: &Literal) -> Vec<Hole> {
    let text = literal.text();
    let marked = literal.holes().map(|hole| Hole { start: hole.start, end: hole.end, control: false });
    add_markers(marked.collect(), text)
}

/// The markers of templates in text that its host marked no holes in.
pub(in crate::syntax) fn find_markers(text: &[u8]) -> Vec<Hole> {
    add_markers(Vec::new(), text)
}

fn add_markers(mut holes: Vec<Hole>, text: &[u8]) -> Vec<Hole> {
    if template::is_dynamic(text) {
        markers(text, &mut holes);
        holes.sort_by_key(|hole| (hole.start, hole.end));
        holes.dedup_by(|next, last| {
            let overlap = next.start < last.end;
            if overlap {
                last.end = last.end.max(next.end);
                last.control &= next.control;
            }
            overlap
        });
    }
    holes
}

fn markers(text: &[u8], holes: &mut Vec<Hole>) {
    let opens = |byte: &u8| matches!(byte, b'{' | b'<' | b'$' | b'#');
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.iter().position(opens)) {
        let start = at + found;
        let rest = text.get(start..).unwrap_or_default();
        let marker =
            MARKERS.iter().find_map(|(open, close, control)| Some((rest.strip_prefix(*open)?, open, close, control)));
        at = start + 1;
        if let Some((inner, open, close, control)) = marker {
            // A marker that nothing closes was cut off, as by the quotes in `'host={{ hosts['a'] }}'`.
            let end = memchr::memmem::find(inner, close).map_or(text.len(), |at| start + open.len() + at + close.len());
            holes.push(Hole { start, end, control: *control });
            at = end;
        }
    }
}

/// Whether holes and blanks are all there is, and there is a hole that gives text.
pub(super) fn cover(holes: &[Hole], text: &[u8]) -> bool {
    let mut at = 0;
    for hole in holes {
        if !text.get(at..hole.start).is_some_and(|between| between.trim_ascii().is_empty()) {
            return false;
        }
        at = hole.end;
    }
    holes.iter().any(|hole| !hole.control) && text.get(at..).is_none_or(|rest| rest.trim_ascii().is_empty())
}

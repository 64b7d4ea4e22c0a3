//! Scalars of every style with the bytes behind them, and hostile files.

use camino::Utf8Path;
use granit_parser::{Event, Parser};
use proptest::prelude::*;

use super::mask::mask;
use super::parse::documents;
use crate::discover::Host;
use crate::extract::extract;
use crate::extract::tree::{Child, Node, Scalar};
use crate::source::{FileId, Span};
use crate::syntax::literal::Literal;

fn literal(text: &[u8]) -> Literal {
    Literal::plain(Span::new(FileId(0), 0, text.len()), text)
}

fn trees(yaml: &str) -> Vec<Child> {
    documents(&literal(yaml.as_bytes()), &mask(yaml.as_bytes()))
}

/// The value of the key `k`, and the part of the file behind each of its bytes.
fn value(yaml: &str) -> (String, Vec<String>) {
    let trees = trees(yaml);
    let scalar = trees[0].node.scalar("k").expect("there is a key `k`").clone();
    let text = String::from_utf8(scalar.text.text().to_vec()).expect("the value is text");
    let spans = text.char_indices().map(|(at, c)| yaml[scalar.text.span(at, at + c.len_utf8()).range()].to_owned());
    (text.clone(), spans.collect())
}

/// Where a part of the value stands.
fn place(yaml: &str, part: &str) -> String {
    let trees = trees(yaml);
    let scalar = trees[0].node.scalar("k").expect("there is a key `k`").clone();
    let text = String::from_utf8(scalar.text.text().to_vec()).expect("the value is text");
    let at = text.find(part).expect("the value has the part");
    yaml[scalar.text.span(at, at + part.len()).range()].to_owned()
}

#[test]
fn plain_scalars() {
    assert_eq!(value("k: a b\n").0, "a b");
    assert_eq!(value("k: a\n  b\n\n  c # d\n").0, "a b\nc");
    assert_eq!(place("k: a\n  bcd\n", "bcd"), "bcd");
    assert_eq!(place("k: a\r\n  bcd\r\n", "bcd"), "bcd");
}

#[test]
fn quoted_scalars() {
    let (text, spans) = value(r#"k: "a\tb\x41\u00e9\"c""#);
    assert_eq!(text, "a\tbA\u{e9}\"c");
    assert_eq!(spans, ["a", r"\t", "b", r"\x41", r"\u00e9", r#"\""#, "c"]);
    let (text, spans) = value("k: 'it''s'\n");
    assert_eq!(text, "it's");
    assert_eq!(spans, ["i", "t", "''", "s"]);
    let (text, spans) = value(r#"k: "\ud83d\ude00x""#);
    assert_eq!(text, "\u{1f600}x");
    assert_eq!(spans, [r"\ud83d\ude00", "x"]);
    assert_eq!(value("k: \"a\\\n   b\n   c\"\n").0, "ab c");
    assert_eq!(place("k: \"a\\\n   b\n   cd\"\n", "cd"), "cd");
}

#[test]
fn block_scalars() {
    for (yaml, text, part) in [
        ("k: |\n  a\n   b\n\n  cd\n", "a\n b\n\ncd\n", "cd"),
        ("k: |-\n  a\n  cd\n\n", "a\ncd", "cd"),
        ("k: |+\n  cd\n\n\n", "cd\n\n\n", "cd"),
        ("k: >\n  a\n  b\n\n  cd\n    e\n  f\n", "a b\ncd\n  e\nf\n", "cd"),
        ("k: >-\n\n  a\n  cd\n", "\na cd", "cd"),
        ("k: |2\n    a\n  cd\n", "  a\ncd\n", "cd"),
        ("k: |\r\n  a\r\n  cd\r\n", "a\ncd\n", "cd"),
        ("k: |\n  a\n  cd", "a\ncd\n", "cd"),
        ("k: | # note\n  a\n  \u{e4}cd\n", "a\n\u{e4}cd\n", "cd"),
    ] {
        assert_eq!(value(yaml).0, text, "{yaml:?}");
        assert_eq!(place(yaml, part), part, "{yaml:?}");
    }
    // Without an indicator the line feeds of a literal are those of the file.
    let (_, spans) = value("k: |\n  a\n  b\n");
    assert_eq!(spans, ["a", "\n", "b", "\n"]);
}

#[test]
fn what_a_template_computes_is_a_hole() {
    assert_eq!(value("k: a{{ b }}c\n").0, "a${_}c");
    assert_eq!(value("k: \"{{ b | default('x') }}\"\n").0, "${_}");
    assert_eq!(value("k: |\n  a\n  {{- if b }}\n  c\n  {{- end }}\nl: m\n").0, "a\n${_}\nc\n${_}\n");
    assert_eq!(value("k: |\n  a\n{% if b %}\n  c={{ d }}\n{% endif %}\n  e\n").0, "a\n${_}\nc=${_}\n${_}\ne\n");
    assert_eq!(value("k: {{ b\n  | c }}\n").0, "${_}");
    assert_eq!(place("k: a{{ b }}c\n", "${_}"), "{{ b }}");
}

#[test]
fn anchors_merges_and_broken_documents() {
    let yaml = "a: &a\n  x: 1\n  y: 2\nk:\n  <<: *a\n  y: 3\nl: *a\nm: *none\n---\nb: 1\nd: [\n--- \nc: 1\n";
    let trees = trees(yaml);
    let root = &trees[0].node;
    assert_eq!(root.at(&["k", "x"]).and_then(Node::as_scalar).and_then(Scalar::known), Some("1"));
    assert_eq!(root.at(&["k", "y"]).and_then(Node::as_scalar).and_then(Scalar::known), Some("3"));
    assert_eq!(root.at(&["l", "y"]).and_then(Node::as_scalar).and_then(Scalar::known), Some("2"));
    assert!(root.scalar("m").is_none());
    assert_eq!(trees[1].node.known("b"), Some("1"));
    assert_eq!(trees[2].node.known("c"), Some("1"));
}

#[test]
fn bombs_and_deep_nesting_end() {
    let mut bomb = String::from("a0: &a0 [postgres, postgres]\n");
    for level in 1..60 {
        let below = level - 1;
        bomb += &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}]\n");
    }
    for level in 1..60 {
        let below = level - 1;
        let of = if level == 1 {
            "{postgres: 1}".to_owned()
        } else {
            format!("{{<<: [*b{below}, *b{below}], k{level}: 1}}")
        };
        bomb += &format!("b{level}: &b{level} {of}\n");
    }
    let deep = format!("postgres: {}", "[".repeat(100_000));
    let nested = (0..5_000).fold(String::from("postgres:\n"), |text, depth| text + &" ".repeat(depth) + "a:\n");
    for yaml in [bomb, deep, nested] {
        assert!(extract(Host::Yaml, FileId(0), Utf8Path::new("x.yaml"), yaml.as_bytes()).is_empty());
    }
}

/// All scalars of the trees, keys too.
fn scalars(node: &Node, out: &mut Vec<Scalar>) {
    match node {
        Node::Scalar(scalar) => out.push(scalar.clone()),
        Node::List(items) => items.iter().filter(|item| !item.alias).for_each(|item| scalars(&item.node, out)),
        Node::Map(entries) => {
            for (key, child) in entries.iter().filter(|(_, child)| !child.alias) {
                out.push(key.clone());
                scalars(&child.node, out);
            }
        }
    }
}

fn scalar_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        proptest::sample::select(vec![
            "a", "b c", " ", "\n", "\n\n", "'", "''", "\"", "\\", "\\n", "\\x41", ":", ": ", "#", " #", "-", "- ", "|",
            ">", "é", "\r\n", "\t", "${x}", "0",
        ]),
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    /// Every value is what the parser says, and what is copied is the same in the file.
    #[test]
    fn values_are_the_parsers(text in scalar_text(), style in 0..6usize, indent in 1..4usize) {
        let indented = text.replace('\n', &format!("\n{}", " ".repeat(indent)));
        let blank = " ".repeat(indent);
        let yaml = match style {
            0 => format!("k: {text}\n"),
            1 => format!("k: \"{indented}\"\n"),
            2 => format!("k: '{indented}'\n"),
            3 => format!("k: |\n{blank}{indented}\n"),
            4 => format!("k: >-\n{blank}{indented}\n"),
            _ => format!("k: >+\n{blank}x{indented}\n\n"),
        };
        let said = Parser::new_from_str(&yaml).map_while(Result::ok).filter_map(|(event, span)| match event {
            Event::Scalar(value, ..) if !span.byte_range().unwrap_or_default().is_empty() => Some(value.into_owned()),
            Event::Scalar(..) => Some(String::new()),
            _ => None,
        });
        let said = said.collect::<Vec<_>>();
        let mut read = Vec::new();
        trees(&yaml).iter().for_each(|tree| scalars(&tree.node, &mut read));
        for scalar in &read {
            let text = std::str::from_utf8(scalar.text.text()).expect("a value is text");
            prop_assert!(said.iter().any(|said| said == text), "{text:?} of {yaml:?}, which says {said:?}");
            let span = scalar.text.whole();
            prop_assert!(yaml.get(span.range()).is_some());
        }
    }

    /// Any bytes, and any change of a file, are read without a panic, and every place lies in the file.
    #[test]
    fn any_bytes_are_read(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(),
        of in 0..SEEDS.len(),
    ) {
        let mut text = SEEDS[of].as_bytes().to_vec();
        let from = at.index(text.len());
        let to = (from + bytes.len() / 8).min(text.len());
        text.splice(from..to, bytes.iter().copied().take(9));
        for host in [Host::Yaml, Host::Json, Host::Toml] {
            for fragment in extract(host, FileId(0), Utf8Path::new("compose.yaml"), &text) {
                let length = fragment.text.text().len();
                for at in 0..=length {
                    let span = fragment.text.span(at, (at + 1).min(length));
                    prop_assert!(span.start <= span.end && span.end as usize <= text.len());
                    if let Ok(whole) = std::str::from_utf8(fragment.text.text())
                        && let Ok(host) = std::str::from_utf8(&text)
                        && whole.is_char_boundary(at)
                    {
                        prop_assert!(host.is_char_boundary(span.start as usize));
                    }
                }
            }
        }
    }
}

const SEEDS: &[&str] = &[
    include_str!("../../../fixtures/hosts/yaml/compose-primary-replica/files/compose.yaml"),
    include_str!("../../../fixtures/hosts/yaml/cnpg/files/cluster.yaml"),
    include_str!("../../../fixtures/hosts/yaml/patroni/files/patroni.yml.j2"),
    include_str!("../../../fixtures/hosts/yaml/ansible/files/tasks/main.yml"),
    include_str!("../../../fixtures/hosts/yaml/helm-template/files/templates/configmap.yaml"),
    include_str!("../../../fixtures/hosts/toml/connections/files/settings.toml"),
    include_str!("../../../fixtures/hosts/json/task-definition/files/task.json"),
];

//! The pages of rules: their fixed sections, and the trees of files that their Bad and Good blocks show.
//!
//! A block's info string is a file name, then `pg=14..16` where the majors matter, and `to=18` where it is about an upgrade
//! from them, and `mode=0600` where the file's mode matters; a `+` before the name adds the file to the tree of the block
//! above.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::catalog::Majors;

/// The sections of a page, in order, below its title.
const SECTIONS: [&str; 7] =
    ["What it does", "Why it matters", "Bad", "Good", "Fixing it", "When to ignore it", "References"];

/// One tree of files that a page shows.
#[derive(Debug, Default)]
pub struct Case {
    /// Whether the rule finds something in it, and nothing else does.
    pub bad: bool,
    /// The majors that it is about.
    pub pg: Option<Majors>,
    /// The major that an upgrade leads to.
    pub to: Option<u8>,
    /// The files: paths within the tree, and what is in them.
    pub files: Vec<(Utf8PathBuf, String)>,
    /// The modes of those of which it matters.
    pub modes: Vec<(Utf8PathBuf, u32)>,
}

/// The trees that a page shows, once its sections are found to be those that every page has.
///
/// # Errors
/// What is wrong with the page's form.
pub fn cases(id: &str, page: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut headings = Vec::new();
    let (mut heading, mut block) = (None::<String>, None::<Block>);
    for event in Parser::new(page) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => headings.extend(heading.take()),
            Event::Text(text) | Event::Code(text) if heading.is_some() => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                block = match headings.last().map(String::as_str) {
                    Some(section @ ("Bad" | "Good")) => Some(Block::new(section == "Bad", &info)?),
                    _ => None,
                };
            }
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(block) = block.take() {
                    block.add(&mut cases)?;
                }
            }
            _ => {}
        }
    }
    if headings.first().map(String::as_str) != Some(id) || headings.get(1..) != Some(&SECTIONS.map(str::to_owned)[..]) {
        return Err(format!("the page's headings are {headings:?}; they must be `{id}`, then {SECTIONS:?}"));
    }
    Ok(cases)
}

/// A block under Bad or Good.
struct Block {
    bad: bool,
    joins: bool,
    name: Utf8PathBuf,
    pg: Option<Majors>,
    to: Option<u8>,
    mode: Option<u32>,
    text: String,
}

impl Block {
    fn new(bad: bool, info: &str) -> Result<Self, String> {
        let mut words = info.split_whitespace();
        let name = words.next().ok_or("a block under Bad or Good has no file name")?;
        let (name, joins) = name.strip_prefix('+').map_or((name, false), |name| (name, true));
        let name = Utf8Path::new(name);
        if !name.components().all(|part| matches!(part, Utf8Component::Normal(_))) {
            return Err(format!("a block is called `{name}`, which leads out of its tree"));
        }
        let (mut pg, mut to, mut mode) = (None, None, None);
        for word in words {
            if let Some(major) = word.strip_prefix("to=") {
                to = Some(major.parse().map_err(|_| format!("`{word}` in a block's info string"))?);
                continue;
            }
            if let Some(bits) = word.strip_prefix("mode=") {
                let bits = u32::from_str_radix(bits, 8);
                mode = Some(bits.map_err(|_| format!("`{word}` in a block's info string"))?);
                continue;
            }
            let majors = word.strip_prefix("pg=").ok_or_else(|| format!("`{word}` in a block's info string"))?;
            pg = Some(majors.parse().map_err(|error| format!("{error}"))?);
        }
        Ok(Self { bad, joins, name: name.to_owned(), pg, to, mode, text: String::new() })
    }

    fn add(self, cases: &mut Vec<Case>) -> Result<(), String> {
        if !self.joins {
            cases.push(Case { bad: self.bad, ..Case::default() });
        }
        let case =
            cases.last_mut().filter(|case| case.bad == self.bad).ok_or("the first block of a section joins none")?;
        case.pg = case.pg.or(self.pg);
        case.to = case.to.or(self.to);
        case.modes.extend(self.mode.map(|mode| (self.name.clone(), mode)));
        case.files.push((self.name, self.text));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bad: &str) -> String {
        format!(
            "# a/b\n\n## What it does\n\n```x\n# no heading\n```\n\n## Why it matters\n\n## Bad\n\n{bad}\n## Good\n\n\
             ```x.sql\n```\n\n## Fixing it\n\n## When to ignore it\n\n## References\n"
        )
    }

    #[test]
    fn blocks_are_trees() {
        let text = page("```d/x.conf pg=14..16 mode=0640\na\n\nb\n```\n\n```+y.sql\nc\n```\n");
        let cases = cases("a/b", &text).unwrap();
        let [bad, good] = cases.as_slice() else { panic!("{cases:?}") };
        assert!(bad.bad && !good.bad);
        assert_eq!(bad.pg, Some(Majors::range(14, 16)));
        assert_eq!(bad.modes, [("d/x.conf".into(), 0o640)]);
        let files = bad.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>();
        assert_eq!(files, [("d/x.conf", "a\n\nb\n"), ("y.sql", "c\n")]);
        assert_eq!(good.files, [("x.sql".into(), String::new())]);
    }

    #[test]
    fn faults_are_told() {
        for (text, why) in [
            (page("```\na\n```\n"), "no file name"),
            (page("```../x.sql\na\n```\n"), "leads out of its tree"),
            (page("```/x.sql\na\n```\n"), "leads out of its tree"),
            (page("```x.sql pg=7\na\n```\n"), "PostgreSQL 7"),
            (page("```x.sql mode=rw\na\n```\n"), "`mode=rw` in a block's info string"),
            (page("```x.sql 14\na\n```\n"), "`14` in a block's info string"),
            (page("```+x.sql\na\n```\n"), "joins none"),
            (page("### More\n"), "the page's headings are"),
            (page("").replace("# a/b\n", "# b\n"), "the page's headings are"),
            (String::new(), "the page's headings are"),
        ] {
            let error = cases("a/b", &text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}

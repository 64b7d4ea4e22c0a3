//! The cases of `fixtures/pairs`: what each claims, and its two trees.
//!
//! A tree is a base (`fixtures/pairs/bases/<kind>`, and those that the case names besides) with the files of the case laid
//! over it (`files/`), and for the broken one those of `broken/` on top. Nothing is run here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// What the nodes of a case are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shape {
    /// A publisher and a subscriber.
    Logical,
    /// A primary and a standby, which is a copy of it.
    Physical,
}

/// When the broken tree fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Fails {
    /// A server does not start.
    Start,
    /// A statement of the tree is refused.
    Statement,
    /// A statement of the tree, or the probe, does not come back.
    Hang,
    /// The probe is refused at the source.
    Probe,
    /// All goes well until the row does not arrive.
    Replication,
    /// One of the two before, by what comes first.
    StatementOrReplication,
    /// The row arrives, and what is done after the promotion of the standby fails.
    Promotion,
}

/// A case, as `case.toml` has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Claim {
    kind: Shape,
    /// Further folders of bases that are laid over that of the kind.
    #[serde(default)]
    with: Vec<String>,
    /// The majors on which it holds; all that are asked for if there are none.
    #[serde(default)]
    pub(super) majors: Vec<u8>,
    /// Nodes that run on a major of their own.
    #[serde(default)]
    pub(super) pinned: BTreeMap<String, u8>,
    /// The rule that the broken tree must raise.
    pub(super) finding: String,
    /// Whether that finding has both of its ends in one node.
    #[serde(default)]
    pub(super) one_node: bool,
    pub(super) fails: Fails,
    /// Parts of the server's own message, in its answer or in a log; one of them is there, by the major.
    #[serde(default)]
    pub(super) says: Vec<String>,
    /// What a query must show in the broken tree.
    pub(super) shows: Option<Query>,
    #[serde(default)]
    pub(super) probe: Probe,
    /// What must work on the standby once it is promoted.
    pub(super) promoted: Option<Query>,
}

/// SQL for a node.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    pub(super) node: String,
    #[serde(default = "postgres")]
    pub(super) database: String,
    pub(super) sql: String,
}

/// What tells that replication works; by default, that a new order arrives.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Probe {
    pub(super) source: Option<Query>,
    pub(super) target: Option<Query>,
}

fn postgres() -> String {
    "postgres".to_owned()
}

/// The files of a tree by their paths below it.
pub(super) type Tree = BTreeMap<String, String>;

/// A case with its trees.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) claim: Claim,
    pub(super) mended: Tree,
    pub(super) broken: Tree,
}

impl Case {
    /// Every case of the folder, in the order of their names.
    pub(super) fn all(folder: &Path) -> Result<Vec<Self>> {
        let mut cases = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.join("case.toml").exists() {
                cases.push(Self::read(folder, &path).with_context(|| path.display().to_string())?);
            }
        }
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(cases)
    }

    fn read(root: &Path, path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let claim: Claim = toml::from_str(&fs::read_to_string(path.join("case.toml"))?)?;
        ensure!(!claim.says.is_empty() || claim.shows.is_some(), "nothing is evidence: there is no `says` or `shows`");
        ensure!((claim.fails == Fails::Promotion) == claim.promoted.is_some(), "`promoted` is for promotions");
        let mut mended = Tree::new();
        lay(&root.join("bases").join(claim.kind.word()), &mut mended)?;
        for base in &claim.with {
            let base = root.join("bases").join(base);
            ensure!(base.is_dir(), "there is no {}", base.display());
            lay(&base, &mut mended)?;
        }
        lay(&path.join("files"), &mut mended)?;
        let mut broken = mended.clone();
        lay(&path.join("broken"), &mut broken)?;
        ensure!(broken != mended, "the broken tree is the mended one");
        Ok(Self { name, claim, mended, broken })
    }

    /// What is run at the source, and what shows the row at the target.
    pub(super) fn probe(&self) -> (Query, Query) {
        let query = |node: &str, database: &str, sql: &str| Query {
            node: node.to_owned(),
            database: database.to_owned(),
            sql: sql.to_owned(),
        };
        const INSERT: &str = "INSERT INTO orders (item) VALUES ('probe')";
        const SELECT: &str = "SELECT FROM orders WHERE item = 'probe'";
        let (source, target) = match self.claim.kind {
            Shape::Logical => (query("publisher", "shop", INSERT), query("subscriber", "reports", SELECT)),
            Shape::Physical => (query("primary", "postgres", INSERT), query("standby", "postgres", SELECT)),
        };
        let probe = &self.claim.probe;
        (probe.source.clone().unwrap_or(source), probe.target.clone().unwrap_or(target))
    }
}

impl Claim {
    /// Whether it is claimed for a major. A standby before 12 has a recovery.conf, which the trees do not have.
    pub(super) fn holds_on(&self, major: u8) -> bool {
        let named = self.majors.is_empty() || self.majors.contains(&major);
        named && (self.kind == Shape::Logical || major >= 12)
    }

    /// Whether a text has what the server says.
    pub(super) fn is_told_by(&self, text: &str) -> bool {
        self.says.iter().any(|part| text.contains(part))
    }
}

impl Fails {
    /// Whether a failure at that point is what was claimed.
    pub(super) fn is_at(self, point: Self) -> bool {
        self == point || self == Self::StatementOrReplication && matches!(point, Self::Statement | Self::Replication)
    }
}

impl Shape {
    fn word(self) -> &'static str {
        match self {
            Self::Logical => "logical",
            Self::Physical => "physical",
        }
    }
}

/// Lays the files below a folder over a tree; a folder that is not there has none.
fn lay(folder: &Path, tree: &mut Tree) -> Result<()> {
    fn walk(folder: &Path, below: &str, tree: &mut Tree) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                walk(&entry.path(), &format!("{name}/"), tree)?;
            } else {
                tree.insert(name, fs::read_to_string(entry.path())?);
            }
        }
        Ok(())
    }
    if folder.exists() { walk(folder, "", tree) } else { Ok(()) }
}

/// Writes a tree into a folder.
pub(super) fn write(tree: &Tree, folder: &Path) -> Result<()> {
    for (name, text) in tree {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// The names of a tree's nodes: those of its folders with a postgresql.conf.
pub(super) fn nodes(tree: &Tree) -> impl Iterator<Item = &str> {
    tree.keys().filter_map(|path| path.strip_suffix("/postgresql.conf"))
}

//! What servers say of their own relations, functions and keywords: `src/catalog/system/*.txt`.
//!
//! One line per name, sorted by byte, so that the library can search the text as it stands:
//! `pg_stat_wal 14-18 stats_reset wal_bytes wal_sync:14-17`, `pg_promote 12-18:0-2`, `left T`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::ask::per_major;
use super::documented::{self, Documented};
use crate::servers::Server;
use crate::wire::{Connection, Row};

/// Extensions whose relations and functions are asked for, with the first major that has them: the package of an
/// older one may hold files of a newer.
pub(super) const EXTENSIONS: [(&str, u8); 8] = [
    ("pg_buffercache", 10),
    ("pg_freespacemap", 10),
    ("pg_prewarm", 10),
    ("pg_stat_statements", 10),
    ("pg_visibility", 10),
    ("pg_walinspect", 15),
    ("pgrowlocks", 10),
    ("pgstattuple", 10),
];

/// Objects of the schemas that every database has, and those of the extensions made before.
const OWNED: &str = "left join (select d.classid, d.objid, e.extname from pg_depend d join pg_extension e \
    on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e') x";

/// A name, with the extension that brings it.
type Name = (String, Option<String>);

/// What one server says.
#[derive(Clone)]
pub(super) struct Answer {
    /// Relations: whether it is a table, and the columns.
    relations: BTreeMap<Name, (bool, BTreeSet<String>)>,
    /// Functions: the numbers of arguments they take.
    functions: BTreeMap<Name, Counts>,
    /// Keywords with the letter of their category.
    keywords: BTreeMap<String, String>,
}

/// Numbers of arguments, as pairs of least and most; no most where there is no end.
type Counts = BTreeSet<(u8, Option<u8>)>;

/// The texts of the files by their names below `src/catalog/system/`.
pub(super) fn texts(of: &[Documented]) -> Result<[(&'static str, String); 3]> {
    let mut answers = per_major(ask)?;
    documented::extend(&mut answers, of, Documented::objects)?;
    Ok([
        ("relations.txt", relations(&answers)?),
        ("functions.txt", functions(&answers)),
        ("keywords.txt", keywords(&answers)?),
    ])
}

impl Answer {
    /// Makes of a relation what the documentation of the next major says.
    pub(super) fn change(&mut self, of: &documented::Relation) -> Result<()> {
        let name = (of.name.clone(), None);
        if of.new {
            let columns = of.columns.iter().cloned().collect();
            ensure!(self.relations.insert(name, (false, columns)).is_none(), "{} was there before", of.name);
            return Ok(());
        }
        let (_, columns) = self.relations.get_mut(&name).with_context(|| format!("{} was not there", of.name))?;
        for column in &of.gone {
            ensure!(columns.remove(column), "{}.{column} was not there before", of.name);
        }
        for column in &of.columns {
            ensure!(columns.insert(column.clone()), "{}.{column} was there before", of.name);
        }
        Ok(())
    }

    /// Adds a function, or gives one other numbers of arguments.
    pub(super) fn put(&mut self, of: &documented::Function) {
        let counts = of.counts.iter().map(|&(least, most)| (least, Some(most))).collect();
        self.functions.insert((of.name.clone(), None), counts);
    }
}

/// Makes the extensions that the major has, in a transaction that is not to be committed.
pub(super) fn extend(session: &mut Connection, major: u8) -> Result<()> {
    session.query("begin")?;
    for (name, _) in EXTENSIONS.iter().filter(|extension| extension.1 <= major) {
        session.query(&format!("create extension {name}")).with_context(|| format!("extension {name}"))?;
    }
    Ok(())
}

fn ask(server: &Server) -> Result<Answer> {
    let running = server.start(&[])?;
    let mut session = running.connect()?;
    extend(&mut session, server.major)?;
    let mut answer = Answer { relations: BTreeMap::new(), functions: BTreeMap::new(), keywords: BTreeMap::new() };
    let columns = session.query(&format!(
        "select case n.nspname when 'information_schema' then 'information_schema.' else '' end || c.relname, \
                x.extname, c.relkind, a.attname \
         from pg_class c join pg_namespace n on n.oid = c.relnamespace \
         join pg_attribute a on a.attrelid = c.oid and (a.attnum > 0 or a.attname = 'oid') and not a.attisdropped \
         {OWNED} on x.classid = 'pg_class'::regclass and x.objid = c.oid \
         where c.relkind in ('r', 'v') and (x.extname is not null or n.nspname in ('pg_catalog', 'information_schema'))"
    ))?;
    for row in columns {
        let [Some(name), extension, Some(kind), Some(column)] = shape(row)? else { continue };
        let (table, columns) = answer.relations.entry((name, extension)).or_default();
        *table = kind == "r";
        columns.insert(column);
    }
    // An ordered-set aggregate is called with some of its arguments in brackets of their own.
    let functions = session.query(&format!(
        "select p.proname, x.extname, p.pronargs - p.pronargdefaults, \
                case when p.provariadic = 0 and coalesce(g.aggkind, 'n') = 'n' then p.pronargs end \
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace left join pg_aggregate g on g.aggfnoid = p.oid \
         {OWNED} on x.classid = 'pg_proc'::regclass and x.objid = p.oid \
         where x.extname is not null or n.nspname = 'pg_catalog'"
    ))?;
    for row in functions {
        let [Some(name), extension, Some(least), most] = shape(row)? else { continue };
        let most = most.map(|most| most.parse()).transpose()?;
        let least = if most.is_none() { 0 } else { least.parse()? };
        answer.functions.entry((name, extension)).or_default().insert((least, most));
    }
    for row in session.query("select word, catcode from pg_get_keywords()")? {
        let [Some(word), Some(category)] = shape(row)? else { continue };
        answer.keywords.insert(word, category);
    }
    session.query("rollback")?;
    Ok(answer)
}

fn shape<const N: usize>(row: Row) -> Result<[Option<String>; N]> {
    row.try_into().map_err(|_| anyhow::anyhow!("a row has another shape than was asked for"))
}

fn head((name, extension): &Name) -> String {
    match extension {
        Some(extension) => format!("{name} +{extension}"),
        None => name.clone(),
    }
}

fn relations(answers: &BTreeMap<u8, Answer>) -> Result<String> {
    let names: BTreeSet<&Name> = answers.values().flat_map(|answer| answer.relations.keys()).collect();
    let mut out = String::new();
    for name in names {
        let having: Vec<u8> =
            answers.iter().filter(|(_, answer)| answer.relations.contains_key(name)).map(|(&major, _)| major).collect();
        let of = |major: &u8| answers.get(major).and_then(|answer| answer.relations.get(name));
        let table = having.iter().filter_map(of).any(|(table, _)| *table);
        let same = having.iter().filter_map(of).all(|(now, _)| *now == table);
        ensure!(same, "{} is a table in some majors only", name.0);
        let columns: BTreeSet<&String> = having.iter().filter_map(of).flat_map(|(_, columns)| columns).collect();
        let _ = write!(out, "{} {}{}", head(name), majors(&having), if table { " @" } else { "" });
        for column in columns {
            let has = |major: &u8| of(major).is_some_and(|(_, columns)| columns.contains(column));
            let with: Vec<u8> = having.iter().copied().filter(has).collect();
            let _ = if with == having { write!(out, " {column}") } else { write!(out, " {column}:{}", majors(&with)) };
        }
        out.push('\n');
    }
    Ok(out)
}

fn functions(answers: &BTreeMap<u8, Answer>) -> String {
    let names: BTreeSet<&Name> = answers.values().flat_map(|answer| answer.functions.keys()).collect();
    let mut out = String::new();
    for name in names {
        let mut groups: Vec<(Vec<u8>, String)> = Vec::new();
        for (&major, answer) in answers {
            let Some(counts) = answer.functions.get(name) else { continue };
            let counts = shown(counts);
            match groups.iter_mut().find(|group| group.1 == counts) {
                Some(group) => group.0.push(major),
                None => groups.push((vec![major], counts)),
            }
        }
        out.push_str(&head(name));
        for (of, counts) in groups {
            let _ = write!(out, " {}:{counts}", majors(&of));
        }
        out.push('\n');
    }
    out
}

/// The numbers as runs: `0-2`, `1,3`, `2-`.
fn shown(counts: &Counts) -> String {
    let open = counts.iter().filter(|(_, most)| most.is_none()).map(|(least, _)| *least).min();
    let closed: BTreeSet<u8> =
        counts.iter().filter_map(|&(least, most)| most.map(|most| least..=most)).flatten().collect();
    let closed: Vec<u8> = closed.into_iter().filter(|count| open.is_none_or(|open| *count < open)).collect();
    let mut parts: Vec<String> = closed.chunk_by(|a, b| a + 1 == *b).map(run).collect();
    parts.extend(open.map(|open| format!("{open}-")));
    parts.join(",")
}

fn keywords(answers: &BTreeMap<u8, Answer>) -> Result<String> {
    let mut union: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (word, category) in answers.values().flat_map(|answer| &answer.keywords) {
        union.entry(word).or_default().insert(category);
    }
    let mut out = String::new();
    for (word, categories) in union {
        // The strictest of the categories it had: what a name may surely not be is all that is asked for.
        let category = ["R", "T", "C", "U"].into_iter().find(|category| categories.contains(category));
        let _ = writeln!(out, "{word} {}", category.with_context(|| format!("{word} has no known category"))?);
    }
    Ok(out)
}

fn majors(majors: &[u8]) -> String {
    majors.chunk_by(|a, b| a + 1 == *b).map(run).collect::<Vec<_>>().join(",")
}

fn run(run: &[u8]) -> String {
    match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}-{last}"),
        [] => String::new(),
    }
}

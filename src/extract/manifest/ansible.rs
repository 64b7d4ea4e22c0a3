//! Playbooks, task files and variables of Ansible.
//!
//! What a task runs is known from the documentation of its module (community.postgresql). Tasks are for hosts that are
//! not known here: each stands for a server of its own.

use super::settings::Lines;
use super::sql::{Keyword, Statement, conninfo};
use super::{any, command};
use crate::discover::{Kind, by_name};
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found};
use crate::source::Span;

/// Tasks in blocks in blocks are followed this deep.
const DEEPEST: usize = 16;

/// Whether it is a playbook or a file of tasks: a list of maps.
pub(super) fn is_playbook(root: &Node) -> bool {
    const KEYS: &[&str] =
        &["hosts", "tasks", "roles", "name", "block", "import_playbook", "include_tasks", "import_tasks"];
    root.is_list() && root.items().any(|item| KEYS.iter().any(|key| item.get(key).is_some()))
}

pub(super) fn read(root: &Node, found: &mut Found<'_>) {
    let mut tasks = Tasks { found, count: 0 };
    tasks.list(root, 0);
    any::node(root, found);
}

/// Variables that roles of PostgreSQL read, in a file of variables.
pub(super) fn variables(root: &Node, found: &mut Found<'_>) {
    let mut lines = Lines::default();
    for option in root.get("postgresql_global_config_options").into_iter().flat_map(Node::items) {
        if let (Some(name), Some(value)) = (option.scalar("option"), option.scalar("value")) {
            lines.setting(&name.text, &value.text);
        }
    }
    lines.add(Kind::PostgresqlConf, found);
    let mut rows = Lines::default();
    for entry in root.get("postgresql_hba_entries").into_iter().flat_map(Node::items) {
        let columns =
            ["type", "database", "user", "address", "ip_address", "ip_mask", "auth_method", "auth_options"].into_iter();
        rows.words(columns.filter_map(|key| entry.scalar(key)).map(|scalar| &scalar.text));
    }
    rows.add(Kind::PgHba, found);
    for user in root.get("postgresql_users").into_iter().flat_map(Node::items) {
        role(user, found);
    }
}

struct Tasks<'f, 'a> {
    found: &'f mut Found<'a>,
    count: usize,
}

impl Tasks<'_, '_> {
    fn list(&mut self, list: &Node, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        for item in list.items() {
            for key in ["pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always"] {
                if let Some(tasks) = item.get(key) {
                    self.list(tasks, depth + 1);
                }
            }
            if let Some(vars) = item.get("vars") {
                variables(vars, self.found);
            }
            self.count += 1;
            let node = format!("task {}", self.count);
            for (key, arguments) in item.entries() {
                self.found.within(&node, |found| task(key, arguments, found));
            }
        }
    }
}

fn task(key: &Scalar, arguments: &Node, found: &mut Found<'_>) {
    let Some(name) = key.known() else { return };
    let module = name.rsplit('.').next().unwrap_or(name);
    let present = arguments.known("state").is_none_or(|state| state == "present");
    match module {
        "postgresql_user" if present => role(arguments, found),
        "postgresql_query" => query(key, arguments, found),
        "postgresql_set" => set(arguments, found),
        "postgresql_pg_hba" if present => hba(arguments, found),
        "postgresql_publication" if present => publication(arguments, found),
        "postgresql_subscription" if present => subscription(arguments, found),
        "shell" | "command" => {
            let text = arguments.as_scalar().or_else(|| arguments.scalar("cmd"));
            match text {
                Some(text) => any::shell(text, found),
                None => {
                    if let Some(words) = arguments.get("argv").map(command::of_node) {
                        command::read(&words, false, found);
                    }
                }
            }
        }
        "copy" => file(arguments, "dest", "content", found),
        "blockinfile" if present => file(arguments, "path", "block", found),
        "lineinfile" if present => file(arguments, "path", "line", found),
        _ => {}
    }
}

/// A text that the task writes into a file whose name tells what it is.
fn file(arguments: &Node, path: &str, text: &str, found: &mut Found<'_>) {
    let path = [path, "dest", "destfile", "name"].into_iter().find_map(|key| arguments.scalar(key));
    let (Some(path), Some(text)) = (path, arguments.scalar(text)) else { return };
    let path = String::from_utf8_lossy(path.text.text());
    let name = path.rsplit('/').next().unwrap_or(&path);
    match by_name(name) {
        Some(Kind::Host(host)) => found.read(host, &text.text),
        Some(Kind::Sql) => found.sql(text.text.clone(), None),
        Some(kind) => any::named(kind, name, text.text.clone(), found),
        None => {}
    }
}

fn role(arguments: &Node, found: &mut Found<'_>) {
    let Some(name) = arguments.scalar("name").or_else(|| arguments.scalar("user")) else { return };
    let mut statement = Statement::new("CREATE USER ", &name.text);
    statement.identifier(&name.text);
    if let Some(password) = arguments.scalar("password") {
        statement.words(" WITH PASSWORD ");
        statement.string(&password.text);
    }
    if let Some(flags) = arguments.scalar("role_attr_flags") {
        let text = flags.text.text();
        let mut at = 0;
        for flag in text.split(|&byte| byte == b',') {
            statement.words(" ");
            statement.text(&Draft::of(&flags.text, at..at + flag.len()));
            at += flag.len() + 1;
        }
    }
    statement.add(None, found);
}

/// The module runs its statements in a transaction unless it is told not to.
fn query(key: &Scalar, arguments: &Node, found: &mut Found<'_>) {
    let alone = arguments.scalar("autocommit").is_some_and(|flag| flag.flag() != Some(false));
    let transaction: Option<Span> = (!alone).then(|| key.text.whole());
    let Some(query) = arguments.get("query") else { return };
    let texts = query.as_scalar().into_iter().chain(query.scalars());
    texts.for_each(|text| found.sql(text.text.clone(), transaction));
}

fn set(arguments: &Node, found: &mut Found<'_>) {
    let (Some(name), Some(value)) = (arguments.scalar("name"), arguments.scalar("value")) else { return };
    if value.is("default") || arguments.scalar("reset").and_then(Scalar::flag) == Some(true) {
        return;
    }
    let mut statement = Statement::new("ALTER SYSTEM SET ", &name.text);
    statement.text(&name.text);
    statement.words(" = ");
    statement.string(&value.text);
    statement.add(None, found);
}

/// A row, with the defaults of the module.
fn hba(arguments: &Node, found: &mut Found<'_>) {
    let rules = arguments.get("rules").into_iter().flat_map(Node::items).chain([arguments]);
    for rule in rules {
        let Some(kind) = rule.scalar("contype") else { continue };
        let or = |keys: &[&str], default: &'static str| {
            keys.iter().find_map(|key| rule.scalar(key)).map_or_else(
                || {
                    let mut draft = Draft::new(&kind.text, 0);
                    draft.glue(default.as_bytes(), kind.text.text().len());
                    draft.build()
                },
                |scalar| scalar.text.clone(),
            )
        };
        let mut words = vec![kind.text.clone(), or(&["databases", "db"], "all"), or(&["users", "user"], "all")];
        if !kind.is("local") {
            words.push(or(&["address", "source", "src"], "samehost"));
            words.extend(rule.scalar("netmask").map(|mask| mask.text.clone()));
        }
        words.push(or(&["method"], "md5"));
        words.extend(rule.scalar("options").map(|options| options.text.clone()));
        let mut rows = Lines::default();
        rows.words(words.iter());
        rows.add(Kind::PgHba, found);
    }
}

fn publication(arguments: &Node, found: &mut Found<'_>) {
    let Some(name) = arguments.scalar("name") else { return };
    // What these name is put together in ways that differ between versions of the module.
    if ["columns", "rowfilters", "tables_in_schema"].into_iter().any(|key| arguments.get(key).is_some()) {
        return;
    }
    let mut statement = Statement::new("CREATE PUBLICATION ", &name.text);
    statement.identifier(&name.text);
    match arguments.get("tables") {
        Some(tables) => {
            statement.words(" FOR TABLE ");
            let one = tables.as_scalar();
            statement.list(one.into_iter().chain(tables.scalars()), Statement::text);
        }
        None => statement.words(" FOR ALL TABLES"),
    }
    statement.options(arguments.get("parameters"));
    statement.add(None, found);
}

fn subscription(arguments: &Node, found: &mut Found<'_>) {
    let (Some(name), Some(publications)) = (arguments.scalar("name"), arguments.get("publications")) else { return };
    let parameters = arguments.get("connparams").into_iter().flat_map(Node::entries);
    let parameters =
        parameters.filter_map(|(name, value)| Some((Keyword::Written(&name.text), &value.as_scalar()?.text)));
    let Some(connection) = conninfo(parameters) else { return };
    let mut statement = Statement::new("CREATE SUBSCRIPTION ", &name.text);
    statement.identifier(&name.text);
    statement.words(" CONNECTION ");
    statement.string(&connection);
    statement.words(" PUBLICATION ");
    statement.list(publications.as_scalar().into_iter().chain(publications.scalars()), Statement::text);
    statement.options(arguments.get("subsparams"));
    statement.add(None, found);
}

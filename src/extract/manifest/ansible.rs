//! Playbooks, task files and variables of Ansible.
//!
//! What a task runs is known from the documentation of its module (community.postgresql). Tasks are for hosts that are
//! not known here: each stands for a server of its own.

use super::settings::Lines;
use super::{any, command, sql};
use crate::discover::{Kind, by_name};
use crate::extract::content::kind_of;
use crate::extract::tree::{Child, Form, Node, Scalar};
use crate::extract::{Draft, Found, Writer};
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
    access(root, 0, found);
    for user in root.get("postgresql_users").into_iter().flat_map(Node::items) {
        role(user, found);
    }
}

/// Access rows in the lists whose names have `hba` in them, as lines or as maps of columns.
fn access(root: &Node, depth: usize, found: &mut Found<'_>) {
    for (key, value) in root.entries().filter(|_| depth < DEEPEST) {
        let name = key.known().unwrap_or_default();
        if !name.to_ascii_lowercase().contains("hba") {
            found.within(name, |found| access(value, depth + 1, found));
            continue;
        }
        let mut rows = Lines::default();
        for entry in value.items() {
            match entry.as_scalar() {
                Some(line) if kind_of(line.text.text()) == Some(Kind::PgHba) => rows.rows([line].into_iter()),
                Some(_) => {}
                None => rows.words(columns(entry).unwrap_or_default().into_iter().map(|scalar| &scalar.text)),
            }
        }
        // Of lists with other names it is not known whether they are for the server of the settings.
        let own = if name == "postgresql_hba_entries" { "" } else { name };
        found.within(own, |found| rows.add(Kind::PgHba, found));
    }
}

/// The columns of a row by the names that roles give them; `None` where one is missing or is a list.
fn columns(entry: &Node) -> Option<Vec<&Scalar>> {
    const COLUMNS: [(&[&str], bool); 8] = [
        (&["type", "contype"], true),
        (&["database", "databases", "db"], true),
        (&["user", "users", "role"], true),
        (&["address", "source", "src"], false),
        (&["ip_address"], false),
        (&["ip_mask", "netmask", "mask"], false),
        (&["auth_method", "method"], true),
        (&["auth_options", "options"], false),
    ];
    let mut columns = Vec::new();
    for (names, needed) in COLUMNS {
        let value = names.iter().find_map(|name| entry.get(name));
        match value.and_then(Node::as_scalar) {
            Some(scalar) => columns.push(scalar),
            None if needed || value.is_some_and(Node::is_list) => return None,
            None => {}
        }
    }
    Some(columns)
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
    let pairs = arguments.as_scalar().filter(|_| !matches!(module, "shell" | "command")).map(pairs);
    let arguments = pairs.as_ref().unwrap_or(arguments);
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

/// Arguments in one line: `name=app password=x`.
fn pairs(line: &Scalar) -> Node {
    let entries = command::words(&line.text).into_iter().filter_map(|word| {
        let equals = memchr::memchr(b'=', word.text())?;
        let scalar = |range| Scalar { text: Draft::of(&word, range), form: Form::Quoted };
        Some((scalar(0..equals), Child::new(Node::Scalar(scalar(equals + 1..word.text().len())))))
    });
    Node::Map(entries.collect())
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
    let mut statement = Writer::about("CREATE USER", &name.text);
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
    found.statement(statement);
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
    let mut statement = Writer::new(&name.text);
    statement.words("ALTER SYSTEM SET ");
    statement.text(&name.text);
    statement.words(" = ");
    statement.string(&value.text);
    found.statement(statement);
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
        rows.words(&words);
        rows.add(Kind::PgHba, found);
    }
}

fn publication(arguments: &Node, found: &mut Found<'_>) {
    let Some(name) = arguments.scalar("name") else { return };
    // What these name is put together in ways that differ between versions of the module.
    if ["columns", "rowfilters", "tables_in_schema"].into_iter().any(|key| arguments.get(key).is_some()) {
        return;
    }
    let mut statement = Writer::about("CREATE PUBLICATION", &name.text);
    match arguments.get("tables") {
        Some(tables) => {
            statement.words(" FOR TABLE ");
            let one = tables.as_scalar();
            statement.list(one.into_iter().chain(tables.scalars()).map(|table| &table.text), ", ", Writer::text);
        }
        None => statement.words(" FOR ALL TABLES"),
    }
    sql::options(&mut statement, arguments.get("parameters"));
    found.statement(statement);
}

fn subscription(arguments: &Node, found: &mut Found<'_>) {
    let (Some(name), Some(publications)) = (arguments.scalar("name"), arguments.get("publications")) else { return };
    let Some(connection) = arguments.get("connparams").and_then(sql::conninfo) else { return };
    let mut statement = Writer::about("CREATE SUBSCRIPTION", &name.text);
    statement.words(" CONNECTION ");
    statement.string(&connection);
    statement.words(" PUBLICATION ");
    let publications = publications.as_scalar().into_iter().chain(publications.scalars());
    statement.list(publications.map(|publication| &publication.text), ", ", Writer::text);
    sql::options(&mut statement, arguments.get("subsparams"));
    found.statement(statement);
}

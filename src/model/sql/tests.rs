use super::*;
use crate::source::FileId;
use crate::syntax::sql::{ErrorKind, Wants};

fn sql(text: &str) -> Sql {
    read(crate::syntax::sql::read(FileId(0), text.as_bytes(), Wants { tables: true }, None))
}

fn only(text: &str) -> What {
    let mut sql = sql(text);
    assert_eq!(sql.errors, [], "{text}");
    assert_eq!(sql.statements.len(), 1, "{text}");
    sql.statements.remove(0).what
}

fn names(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}

#[test]
fn create_subscription() {
    let text = "-- x\nCREATE SUBSCRIPTION \"My\"\"Sub\" CONNECTION 'host=a password=it''s' PUBLICATION P1, p2\n WITH (copy_data = false, slot_name='x', Streaming = Parallel, binary);";
    let What::CreateSubscription(create) = only(text) else { panic!() };
    assert_eq!((create.name.text.as_str(), &text[create.name.span.range()]), ("My\"Sub", "\"My\"\"Sub\""));
    assert_eq!(create.connection.text(), "host=a password=it's");
    let at = text.find("it''s").unwrap();
    assert_eq!(create.connection.literal.span(16, 20).range(), at..at + 5);
    assert_eq!(names(&create.publications), ["p1", "p2"]);
    let options: Vec<(&str, Option<String>, &str)> = create
        .options
        .iter()
        .map(|item| {
            (
                item.name.text.as_str(),
                item.value.as_ref().map(|value| value.text().into_owned()),
                &text[item.span.range()],
            )
        })
        .collect();
    assert_eq!(
        options,
        [
            ("copy_data", Some("false".to_owned()), "copy_data = false"),
            ("slot_name", Some("x".to_owned()), "slot_name='x'"),
            ("streaming", Some("parallel".to_owned()), "Streaming = Parallel"),
            ("binary", None, "binary"),
        ]
    );
}

#[test]
fn alter_subscription() {
    for (text, expected) in [
        ("ALTER SUBSCRIPTION s CONNECTION 'dbname=x'", "Connection"),
        ("ALTER SUBSCRIPTION s SET PUBLICATION a, b WITH (refresh = false)", "SetPublication"),
        ("ALTER SUBSCRIPTION s ADD PUBLICATION a", "AddPublication"),
        ("ALTER SUBSCRIPTION s DROP PUBLICATION a", "DropPublication"),
        ("ALTER SUBSCRIPTION s REFRESH PUBLICATION", "Refresh"),
        ("ALTER SUBSCRIPTION s ENABLE", "Enable"),
        ("ALTER SUBSCRIPTION s DISABLE", "Disable"),
        ("ALTER SUBSCRIPTION s SET (slot_name = NONE)", "Set"),
        ("ALTER SUBSCRIPTION s SKIP (lsn = '0/1')", "Skip"),
        ("ALTER SUBSCRIPTION s OWNER TO o", "Owner"),
        ("ALTER SUBSCRIPTION s RENAME TO t", "Rename"),
    ] {
        let What::AlterSubscription(alter) = only(text) else { panic!("{text}") };
        assert!(format!("{:?}", alter.action).starts_with(expected), "{text}: {:?}", alter.action);
        let options = usize::from(text.contains('('));
        assert_eq!(alter.options.len(), options, "{text}");
    }
}

#[test]
fn publications() {
    let text = "create publication p for table only a, s.b (x, \"Y\") where (x > 1), tables in schema c, d, table e with (publish = 'insert')";
    let What::CreatePublication(create) = only(text) else { panic!() };
    let objects: Vec<String> = create
        .objects
        .iter()
        .map(|object| match object {
            PublicationObject::AllTables(_) => "all".to_owned(),
            PublicationObject::Schema { name, keyword } => format!("{}: {}", &text[keyword.range()], name.text),
            PublicationObject::Table(table) => format!(
                "{}{}{}{}",
                if table.keyword.is_some() { "table " } else { "" },
                &text[table.name.span.range()],
                table.columns.as_ref().map_or("", |(_, span)| &text[span.range()]),
                table.filter.map_or("", |span| &text[span.range()]),
            ),
        })
        .collect();
    assert_eq!(
        objects,
        ["table a", "s.b(x, \"Y\")where (x > 1)", "tables in schema: c", "tables in schema: d", "table e"]
    );
    let What::CreatePublication(all) = only("create publication p for all tables") else { panic!() };
    assert!(matches!(all.objects[..], [PublicationObject::AllTables(_)]));
    for (text, expected) in [
        ("alter publication p add table a", "Add"),
        ("alter publication p set table a, b", "Set"),
        ("alter publication p drop tables in schema a", "Drop"),
        ("alter publication p set (publish = 'x')", "Options"),
        ("alter publication p owner to o", "Owner"),
    ] {
        let What::AlterPublication(alter) = only(text) else { panic!("{text}") };
        assert!(format!("{:?}", alter.action).starts_with(expected), "{text}");
    }
    let What::DropPublication(drop) = only("drop publication if exists a, b cascade") else { panic!() };
    assert_eq!((names(&drop.names), drop.if_exists), (vec!["a", "b"], true));
}

#[test]
fn roles() {
    let scram = format!("SCRAM-SHA-256$4096:AAAA${a}:{a}", a = "A".repeat(44));
    for (value, form) in [
        ("'x'".to_owned(), PasswordForm::Plain),
        (format!("'md5{}'", "0".repeat(32)), PasswordForm::Md5),
        (format!("'md5{}'", "g".repeat(32)), PasswordForm::Plain),
        (format!("'{scram}'"), PasswordForm::Scram),
        ("null".to_owned(), PasswordForm::Null),
        (":'pw'".to_owned(), PasswordForm::Dynamic),
        ("'${PW}'".to_owned(), PasswordForm::Dynamic),
        ("'{{ pw }}'".to_owned(), PasswordForm::Dynamic),
    ] {
        let text = format!(
            "create user u with login password {value} in role a, b connection limit -1 valid until 'infinity' nosuperuser"
        );
        let What::Role(role) = only(&text) else { panic!() };
        assert_eq!((role.kind, role.name.text.as_str(), role.created), (RoleKind::User, "u", true));
        let AttributeKind::Password(password) = &role.attributes[1].kind else { panic!() };
        assert_eq!(password.form, form, "{value}");
        assert_eq!(&text[role.attributes[1].span.range()], format!("password {value}"));
        let AttributeKind::InRole(of) = &role.attributes[2].kind else { panic!() };
        assert_eq!(names(of), ["a", "b"]);
        assert_eq!(role.attributes[3].kind, AttributeKind::ConnectionLimit(Some(-1)));
        assert_eq!(role.attributes[5].kind, AttributeKind::Flag("superuser", false));
        let found = sql(&text);
        let secrets: Vec<&str> = found.secrets().map(|span| &text[span.range()]).collect();
        assert_eq!(secrets, if form == PasswordForm::Null { vec![] } else { vec![value.as_str()] });
    }
    let What::AlterSetting(set) = only("alter role all in database d set Search_Path to a, 'b', \"C\"") else {
        panic!()
    };
    assert_eq!((set.role, set.database.unwrap().text.as_str()), (None, "d"));
    assert_eq!(set.setting.name.as_deref(), Some("search_path"));
    assert_eq!(set.setting.values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>(), ["a", "b", "C"]);
    let What::AlterSetting(set) = only("alter database d reset all") else { panic!() };
    assert_eq!((set.setting.name, set.setting.reset), (None, true));
    let What::AlterSystem(set) = only("alter system set a.b = -1.5") else { panic!() };
    assert_eq!((set.name.as_deref(), set.values[0].text.as_str()), (Some("a.b"), "-1.5"));
    let What::DropRole(drop) = only("drop user a, b") else { panic!() };
    assert_eq!(names(&drop.names), ["a", "b"]);
}

#[test]
fn grants() {
    let grant = |text: &str| match only(text) {
        What::Grant(grant) => grant,
        other => panic!("{text}: {other:?}"),
    };
    let member = grant("grant a, b to c, d with admin option granted by e");
    let Granted::Roles(roles) = &member.what else { panic!() };
    assert_eq!(names(roles), ["a", "b"]);
    assert_eq!(
        (member.grantees.len(), member.option.is_some(), member.granted_by.unwrap().text.as_str()),
        (2, true, "e")
    );
    assert!(grant("grant a to b with inherit true, set false").option.is_none());
    assert!(grant("revoke admin option for a from b").option.is_some());
    for (text, kind, privileges, objects, to_public) in [
        ("grant all privileges on s.t to public", ObjectKind::Table, "all", "t", true),
        ("grant select (a, b), update on table t, u to group r", ObjectKind::Table, "select update", "t u", false),
        (
            "grant execute on function f(int, text), g to r with grant option",
            ObjectKind::Function,
            "execute",
            "f g",
            false,
        ),
        ("grant usage on all sequences in schema a, b to r", ObjectKind::Sequence, "usage", "a b", false),
        (
            "revoke grant option for create on schema public from public cascade",
            ObjectKind::Schema,
            "create",
            "public",
            true,
        ),
        ("grant set, alter system on parameter a.b to r", ObjectKind::Parameter, "set alter system", "b", false),
        ("grant usage on foreign data wrapper w to r", ObjectKind::ForeignDataWrapper, "usage", "w", false),
        ("grant select on large object 12 to r", ObjectKind::LargeObject, "select", "", false),
        (
            "alter default privileges for role a in schema b grant select on tables to public",
            ObjectKind::Table,
            "select",
            "",
            true,
        ),
        ("alter default privileges revoke all on functions from public", ObjectKind::Function, "all", "", true),
        ("grant connect on database d to current_user", ObjectKind::Database, "connect", "d", false),
    ] {
        let found = grant(text);
        let Granted::Privileges { privileges: given, kind: what, objects: on, .. } = &found.what else {
            panic!("{text}")
        };
        let given: Vec<&str> = given.iter().map(|privilege| privilege.name.as_str()).collect();
        let on: Vec<&str> = on.iter().map(|object| object.name.text.as_str()).collect();
        assert_eq!((*what, given.join(" ").as_str(), on.join(" ").as_str()), (kind, privileges, objects), "{text}");
        assert_eq!(matches!(found.grantees[0], Grantee::Public(_)), to_public, "{text}");
        assert_eq!(found.defaults.is_some(), text.starts_with("alter"), "{text}");
    }
}

#[test]
fn objects() {
    let text = "create user mapping if not exists for public server s options (user 'u', password 'pw')";
    let What::UserMapping(mapping) = only(text) else { panic!() };
    assert_eq!((mapping.user.text.as_str(), mapping.server.text.as_str()), ("public", "s"));
    assert_eq!(mapping.password().unwrap().text(), "pw");
    assert_eq!(sql(text).secrets().map(|span| &text[span.range()]).collect::<Vec<_>>(), ["'pw'"]);
    let What::Server(server) = only("create server s type 't' foreign data wrapper w options (host 'h', \"set\" 'x')")
    else {
        panic!()
    };
    assert_eq!((server.wrapper.unwrap().text.as_str(), server.options.len()), ("w", 2));
    let What::Extension(extension) =
        only("create extension if not exists \"uuid-ossp\" with schema x version '1.1' cascade")
    else {
        panic!()
    };
    assert_eq!((extension.name.text.as_str(), extension.schema.unwrap().text.as_str()), ("uuid-ossp", "x"));
    assert_eq!((extension.version.as_deref(), extension.cascade.is_some()), (Some("1.1"), true));
    let What::Function(function) = only(
        "create or replace function s.f(a int default (1)) returns int language sql security definer set search_path = a, b as $$ select user $$",
    ) else {
        panic!()
    };
    assert_eq!((function.name.name.text.as_str(), function.language.unwrap().text.as_str()), ("f", "sql"));
    assert!(function.security.unwrap().0);
    assert_eq!(function.settings[0].values.len(), 2);
    let What::Policy(policy) =
        only("create policy p on s.t as restrictive for update to a, public using (true) with check (a = 1)")
    else {
        panic!()
    };
    assert_eq!(
        (policy.permissive, policy.command.as_str(), policy.using_true, policy.check_true),
        (false, "update", true, false)
    );
}

#[test]
fn tables() {
    let What::CreateTable(table) = only(
        "create table if not exists s.t (id int default (1) primary key, a text not null, b int constraint u unique deferrable, c numeric(1, 2), constraint k unique (a, c), foreign key (a) references x (y)) partition by range (a)",
    ) else {
        panic!()
    };
    let columns: Vec<(&str, bool)> =
        table.columns.iter().map(|column| (column.name.text.as_str(), column.not_null)).collect();
    assert_eq!(columns, [("id", true), ("a", true), ("b", false), ("c", false)]);
    let keys: Vec<(bool, bool, Vec<&str>)> =
        table.keys.iter().map(|key| (key.primary, key.deferrable, names(&key.columns))).collect();
    assert_eq!(keys, [(true, false, vec!["id"]), (false, true, vec!["b"]), (false, false, vec!["a", "c"])]);
    assert!(table.partitioned && !table.derived);
    let What::CreateTable(table) = only("create table t (a int, b int, primary key (a, b) include (c))") else {
        panic!()
    };
    assert!(table.columns.iter().all(|column| column.not_null));
    let What::AlterTable(alter) = only(
        "alter table only s.t add constraint k primary key (a), alter column b set not null, replica identity using index i, enable row level security, no force row level security, add column z int unique, add primary key using index q",
    ) else {
        panic!()
    };
    let actions: Vec<String> = alter
        .actions
        .iter()
        .filter(|action| !matches!(action, TableAction::AddColumn(_)))
        .map(|action| format!("{action:?}").chars().take_while(|c| c.is_alphabetic()).collect())
        .collect();
    assert_eq!(actions, ["AddKey", "SetNotNull", "ReplicaIdentity", "RowSecurity", "RowSecurity", "AddKey", "AddKey"]);
    for (text, wanted) in [
        (
            "add column a int, add if not exists b int, add constraint c check (d > 0), drop column if exists e",
            "+a +b -e",
        ),
        ("rename column a to b", "-a +b"),
        ("rename a to b", "-a +b"),
        ("rename to b", "*"),
        ("set schema b", "*"),
        ("drop constraint c, drop d, alter e drop not null, alter column f set default 1", "-d"),
        ("add primary key (a), add unique (b)", ""),
    ] {
        let found = sql(&format!("alter table t {text}")).statements;
        let actions = match found.first().map(|statement| &statement.what) {
            Some(What::AlterTable(alter)) => alter.actions.as_slice(),
            _ => &[],
        };
        let shown = actions.iter().filter_map(|action| match action {
            TableAction::AddColumn(name) => Some(format!("+{}", name.text)),
            TableAction::DropColumn(name) => Some(format!("-{}", name.text)),
            TableAction::Reshape => Some("*".to_owned()),
            _ => None,
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" "), wanted, "{text}");
    }
    let What::CreateTable(table) =
        only("create table t (a int generated always as identity, b int generated always as (a * 2) stored)")
    else {
        panic!()
    };
    assert_eq!(table.columns.iter().map(|column| column.generated).collect::<Vec<_>>(), [false, true]);
    let What::UniqueIndex(index) =
        only("create unique index concurrently i on only s.t using btree (a, lower(b)) where a > 1")
    else {
        panic!()
    };
    assert_eq!((index.table.name.text.as_str(), names(&index.key.columns), index.partial), ("t", vec!["a"], true));
    let What::UniqueIndex(index) = only("create unique index on t (a desc, b collate \"C\")") else { panic!() };
    assert_eq!((names(&index.key.columns), index.partial), (vec!["a", "b"], false));
}

#[test]
fn calls() {
    let text = "select * from pg_create_logical_replication_slot('s', plugin => 'pgoutput', false), pg_drop_replication_slot(slot_name) from x";
    let found = sql(&text.replace(" from x", " y")).statements;
    let [What::Slot(first), What::Slot(second)] = [&found[0].what, &found[1].what] else { panic!() };
    assert_eq!(first.slot().unwrap().text(), "s");
    assert_eq!(first.argument("plugin", 1).unwrap().text(), "pgoutput");
    assert!(second.slot().is_none());
    for (text, value) in [
        ("set session_replication_role = replica", Some("replica")),
        ("set local session_replication_role to 'Replica'", Some("replica")),
        ("set session session_replication_role to default", None),
        ("select set_config('session_replication_role', 'replica', true)", Some("replica")),
    ] {
        let What::ReplicaRole(role) = only(text) else { panic!("{text}") };
        assert_eq!(role.value.as_deref(), value, "{text}");
    }
}

#[test]
fn bodies_and_executed_strings() {
    let text = "BEGIN;\nDO $do$\nBEGIN\n  IF NOT EXISTS (SELECT 1) THEN\n    CREATE ROLE a LOGIN PASSWORD 'it''s';\n  END IF;\n  EXECUTE 'CREATE ROLE b PASSWORD ''p''''w''';\n  EXECUTE format('GRANT %I TO %s', x, y);\n  PERFORM pg_create_physical_replication_slot('z');\n  EXECUTE 'CREATE SUBSCRIPTION s CONNECTION ''host=' || h || ''' PUBLICATION ' || quote_ident(p) || ' WITH (copy_data = false)';\nEND $do$;\nCOMMIT;\ncreate function f() returns void language plpgsql as 'begin grant a to b; execute ''drop role \"x\"''; end';";
    let sql = sql(text);
    assert_eq!(sql.errors, []);
    let shown: Vec<(String, &str)> = sql
        .statements
        .iter()
        .map(|statement| {
            let place = match statement.transaction {
                InTransaction::No => "no",
                InTransaction::Block(_) | InTransaction::Migration(_) => "block",
                InTransaction::DoBlock(_) => "do",
                InTransaction::Function(_) => "function",
            };
            (format!("{:?}", statement.what).split('(').next().unwrap().to_owned(), place)
        })
        .collect();
    let expected = [
        ("Role", "do"),
        ("Role", "do"),
        ("Grant", "do"),
        ("Slot", "do"),
        ("CreateSubscription", "do"),
        ("Grant", "function"),
        ("DropRole", "function"),
        ("Function", "no"),
    ];
    assert_eq!(shown.iter().map(|(what, place)| (what.as_str(), *place)).collect::<Vec<_>>(), expected);
    let password = |index: usize| match &sql.statements[index].what {
        What::Role(role) => role.attributes.iter().find_map(|attribute| match &attribute.kind {
            AttributeKind::Password(Password { text: Some(found), .. }) => {
                Some((found.text().into_owned(), &text[found.span.range()]))
            }
            _ => None,
        }),
        other => panic!("{other:?}"),
    };
    assert_eq!(password(0), Some(("it's".to_owned(), "'it''s'")));
    assert_eq!(password(1), Some(("p'w".to_owned(), "''p''''w''")));
    let What::CreateSubscription(create) = &sql.statements[4].what else { panic!() };
    assert_eq!(create.connection.literal.text(), b"host=\x1a");
    assert_eq!(&text[create.connection.literal.span(5, 6).range()], "h");
    assert!(create.publications[0].dynamic && create.connection.is_dynamic());
    let What::Grant(Grant { what: Granted::Roles(roles), .. }) = &sql.statements[2].what else { panic!() };
    assert_eq!((&text[roles[0].span.range()], roles[0].dynamic), ("%I", true));
    let What::DropRole(drop) = &sql.statements[6].what else { panic!() };
    assert_eq!(&text[drop.names[0].span.range()], "\"x\"");
}

#[test]
fn psql_scripts() {
    let text = "\\set conn `cat x`\nselect format('create role %I', x) \\gexec\nCREATE SUBSCRIPTION :\"sub\" CONNECTION :'conn' PUBLICATION :pub WITH (enabled = :on);\n\\if :{?x}\nbegin;\n\\endif\nalter system set wal_level = logical;\n\\copy t from stdin\ngrant a to b;\n\\.\ngrant c to d;";
    let sql = sql(text);
    assert_eq!(sql.errors, []);
    let kinds: Vec<String> =
        sql.statements.iter().map(|s| format!("{:?}", s.what).split('(').next().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["Role", "CreateSubscription", "AlterSystem", "Grant"]);
    let What::CreateSubscription(create) = &sql.statements[1].what else { panic!() };
    assert!(create.name.dynamic && create.connection.is_dynamic() && create.publications[0].dynamic);
    assert!(create.options[0].value.as_ref().unwrap().is_dynamic());
    assert!(matches!(sql.statements[2].transaction, InTransaction::Block(_)));
}

#[test]
fn what_is_wrong_and_what_is_not_ours() {
    // The text where the parser stops, and whether the statement surely is PostgreSQL's.
    for (text, expected) in [
        ("create subscription s connection 'a'", Some(("", true))),
        ("create subscription if not exists s connection 'a' publication p", Some(("not", true))),
        ("create publication p for tables t", Some(("create publication p for tables t", true))),
        ("create subscription \"x\" on \"db\".\"rp\" destinations all 'udp://h'", None),
        ("create subscription sub from mv with (retention = '1D')", None),
        ("create subscription plans", Some(("", false))),
        ("create publication now please", Some(("please", false))),
        ("create extension x; alter subscription s \"enable\"", Some(("\"enable\"", true))),
        ("create user 'a'@'localhost' identified by 'x'", None),
        ("create user u for login l", None),
        ("grant all on db.* to u", None),
        ("grant select on t to `a`", None),
        ("create role if not exists r login", Some(("not", false))),
        ("create extension x; create role if not exists r login", Some(("not", true))),
        ("create subscription %s connection %L publication p wth", Some(("wth", false))),
        ("insert into roles values (", None),
        ("do $$$$; create extension hstore from unpackaged", None),
        ("do $$$$; create table t (a int) with oids", None),
        ("alter system kill session '1,2'", None),
        ("create policy p on t using true", Some(("true", false))),
    ] {
        let sql = sql(text);
        let errors: Vec<(&str, bool)> =
            sql.errors.iter().map(|error| (&text[error.span.range()], error.certain)).collect();
        assert_eq!(errors.first().copied(), expected, "{text}");
        assert!(errors.len() <= 1, "{text}");
    }
    let sql = sql("grant a to b; grant to; grant c to d; grant grant grant from x;");
    assert_eq!((sql.statements.len(), sql.errors.len()), (2, 2));
}

#[test]
fn nesting_has_a_limit_of_its_own() {
    let deep = format!("create policy p on t using ({}1{}); grant a to b", "(".repeat(5000), ")".repeat(5000));
    let sql = sql(&deep);
    assert_eq!(sql.errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [ErrorKind::TooDeep]);
    assert_eq!(sql.statements.len(), 1);
}

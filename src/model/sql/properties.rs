//! Passwords are read as they are written, and the model is held against the parser's own tree.

use pg_query::NodeEnum;
use proptest::prelude::*;

use super::*;
use crate::source::FileId;
use crate::syntax::sql::Wants;

fn sql(text: &[u8]) -> Sql {
    read(crate::syntax::sql::read(FileId(0), text, Wants { tables: true }, None))
}

/// Words and signs of queries; behind PERFORM no grammar stands before the reader.
const QUERY: [&str; 40] = [
    "select ",
    "from ",
    "where ",
    "with ",
    "recursive ",
    "as ",
    "union ",
    "all ",
    "distinct ",
    "case ",
    "when ",
    "then ",
    "else ",
    "end ",
    "not ",
    "join ",
    "lateral ",
    "rows from ",
    "using ",
    "on ",
    "order by ",
    "window ",
    "values ",
    "(",
    ")",
    ")",
    "[",
    ",",
    ".",
    "*",
    "=>",
    "::",
    "a ",
    "\"pid\" ",
    "waiting ",
    "pg_is_in_recovery() ",
    "pg_stat_activity ",
    "pg_catalog.",
    "pg_switch_wal(",
    "current_setting('x') ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_query(pieces in proptest::collection::vec(proptest::sample::select(&QUERY[..]), 0..60)) {
        let query = pieces.concat();
        crate::fuzzing::sql(format!("do $b$ begin perform {query}; end $b$").as_bytes());
        crate::fuzzing::sql(format!("select pg_sleep(1), {query}").as_bytes());
    }

    #[test]
    fn any_password(password in "[^\0]{0,40}") {
        let doubled = password.replace('\'', "''");
        let text = format!("do $X_$ begin execute 'create role a password ''{}'''; end $X_$", doubled.replace('\'', "''"));
        // What a template would fill in is not read as it stands.
        prop_assume!(!["$X_$", "{{", "{%", "{#", "<%", "${", "#{"].iter().any(|mark| password.contains(mark)));
        let found = sql(text.as_bytes());
        let What::Role(role) = &found.statements[0].what else { panic!("{text}") };
        let AttributeKind::Password(Password { text: Some(read), .. }) = &role.attributes[0].kind else { panic!() };
        prop_assert_eq!(read.text(), password);
    }
}

fn tree(text: &str) -> Option<NodeEnum> {
    let parsed = pg_query::parse(text, 0).unwrap_or_else(|error| panic!("{text}: {error}"));
    parsed.protobuf.stmts.into_iter().next()?.stmt?.node
}

fn strings(nodes: &[pg_query::Node]) -> Vec<String> {
    nodes
        .iter()
        .filter_map(|node| match node.node.as_ref()? {
            NodeEnum::String(string) => Some(string.sval.clone()),
            NodeEnum::RoleSpec(role) => Some(role.rolename.clone()),
            NodeEnum::AccessPriv(privilege) => Some(privilege.priv_name.clone()),
            NodeEnum::DefElem(element) => Some(element.defname.clone()),
            NodeEnum::RangeVar(table) => Some(table.relname.clone()),
            _ => None,
        })
        .collect()
}

fn shown(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}

#[test]
fn the_tree_says_the_same() {
    for text in [
        "create subscription \"A b\" connection E'x\\'y' publication p, \"Q\" with (copy_data = off, Slot_Name = none)",
        "create subscription u&\"d\\0061t\" connection U&'\\0061!' publication p",
        "create subscription s connection $x$a'b$x$ publication p",
        "create subscription s connection 'a'\n 'b' publication p",
        "create subscription s connection U&'!0061' uescape '!' publication p",
        "create publication p for table a.b, only c, d (x, y) where (x > 1) with (publish = 'insert', publish_via_partition_root)",
        "grant \"R\", s to t, \"U\" with admin option",
        "grant select (a, b), update on t, only_x.y to r, \"Public\"",
        "create role r superuser password 'x' connection limit 3 valid until 'x' in role a, b role c admin d",
        "create user mapping for u server s options (user 'a', password 'b')",
        "create extension if not exists e with schema s version v cascade",
        "create policy p on t as restrictive for select to a, b using (true)",
    ] {
        let found = sql(text.as_bytes());
        let what = &found.statements.first().unwrap_or_else(|| panic!("{text}: {:?}", found.errors)).what;
        match (what, tree(text).unwrap()) {
            (What::CreateSubscription(ours), NodeEnum::CreateSubscriptionStmt(theirs)) => {
                assert_eq!(
                    (&ours.name.text, ours.connection.text().as_ref()),
                    (&theirs.subname, theirs.conninfo.as_str())
                );
                assert_eq!(shown(&ours.publications), strings(&theirs.publication));
                let names: Vec<&str> = ours.options.iter().map(|item| item.name.text.as_str()).collect();
                assert_eq!(names, strings(&theirs.options));
                assert_eq!(ours.connection.span.start as i32, theirs.conninfo_location, "{text}");
            }
            (What::CreatePublication(ours), NodeEnum::CreatePublicationStmt(theirs)) => {
                assert_eq!(ours.objects.len(), theirs.pubobjects.len());
                for (ours, theirs) in ours.objects.iter().zip(&theirs.pubobjects) {
                    let (PublicationObject::Table(ours), Some(NodeEnum::PublicationObjSpec(theirs))) =
                        (ours, &theirs.node)
                    else {
                        panic!()
                    };
                    let table = theirs.pubtable.as_ref().unwrap();
                    let relation = table.relation.as_ref().unwrap();
                    assert_eq!((&ours.name.name.text, ours.only), (&relation.relname, !relation.inh));
                    assert_eq!(ours.columns.as_ref().map_or(0, |(names, _)| names.len()), table.columns.len());
                    assert_eq!(ours.filter.is_some(), table.where_clause.is_some());
                }
                assert_eq!(ours.options.len(), theirs.options.len());
            }
            (What::Grant(ours), NodeEnum::GrantRoleStmt(theirs)) => {
                let Granted::Roles(roles) = &ours.what else { panic!() };
                assert_eq!(shown(roles), strings(&theirs.granted_roles));
                assert_eq!(ours.grantees.len(), theirs.grantee_roles.len());
                assert_eq!(ours.option.is_some(), !theirs.opt.is_empty());
            }
            (What::Grant(ours), NodeEnum::GrantStmt(theirs)) => {
                let Granted::Privileges { privileges, objects, .. } = &ours.what else { panic!() };
                let names: Vec<&str> = privileges.iter().map(|privilege| privilege.name.as_str()).collect();
                assert_eq!(names, strings(&theirs.privileges));
                let names: Vec<&str> = objects.iter().map(|object| object.name.text.as_str()).collect();
                assert_eq!(names, strings(&theirs.objects));
                assert_eq!(ours.grantees.len(), theirs.grantees.len());
            }
            (What::Role(ours), NodeEnum::CreateRoleStmt(theirs)) => {
                assert_eq!((&ours.name.text, ours.attributes.len()), (&theirs.role, theirs.options.len()));
            }
            (What::UserMapping(ours), NodeEnum::CreateUserMappingStmt(theirs)) => {
                assert_eq!((&ours.server.text, ours.options.len()), (&theirs.servername, theirs.options.len()));
            }
            (What::Extension(ours), NodeEnum::CreateExtensionStmt(theirs)) => {
                assert_eq!((&ours.name.text, ours.if_not_exists), (&theirs.extname, theirs.if_not_exists));
            }
            (What::Language(ours), NodeEnum::CreatePlangStmt(theirs)) => {
                assert_eq!((&ours.name.text, ours.trusted), (&theirs.plname, theirs.pltrusted));
                assert_eq!(ours.handler, !theirs.plhandler.is_empty());
            }
            (What::Language(ours), NodeEnum::CreateExtensionStmt(theirs)) => {
                assert_eq!((&ours.name.text, ours.handler), (&theirs.extname, false));
            }
            (What::Policy(ours), NodeEnum::CreatePolicyStmt(theirs)) => {
                assert_eq!((&ours.name.text, ours.permissive), (&theirs.policy_name, theirs.permissive));
                assert_eq!(
                    (ours.command.as_str(), shown(&ours.roles)),
                    (theirs.cmd_name.as_str(), strings(&theirs.roles).iter().map(String::as_str).collect())
                );
            }
            (ours, theirs) => panic!("{text}: {ours:?} and {theirs:?}"),
        }
    }
}

#[test]
fn many_long_names_do_not_stop_the_parser() {
    let names: Vec<String> = (0..3000).map(|index| format!("{}{index}", "x".repeat(200))).collect();
    let found = sql(format!("grant a to {}", names.join(", ")).as_bytes());
    assert_eq!((found.statements.len(), found.errors.len()), (1, 0));
}

/// A dump as pg_dump writes it: a little DDL and much data.
#[test]
fn a_dump_is_passed_over_at_speed() {
    let row = "1\tit's; a row of data\t{\"a\": \"grant x\"}\t2026-01-01 00:00:00+00\n";
    let megabytes: usize = std::option_env!("PGASSAY_DUMP_MB").and_then(|text| text.parse().ok()).unwrap_or(2);
    let mut text = String::from(
        "\\restrict x\nSET statement_timeout = 0;\nCREATE ROLE a;\nCREATE TABLE public.t (\n    a integer NOT NULL\n);\nCOPY public.t (a, b) FROM stdin;\n",
    );
    text.extend(std::iter::repeat_n(row, megabytes * 1_000_000 / row.len()));
    text.push_str("\\.\n\n\nALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (a);\nGRANT SELECT ON TABLE public.t TO a;\n\\unrestrict x\n");
    #[expect(clippy::disallowed_methods, reason = "a test may look at the clock")]
    let start = std::time::Instant::now();
    let found = sql(text.as_bytes());
    let elapsed = start.elapsed();
    assert_eq!((found.statements.len(), found.errors.len()), (4, 0));
    println!("{} MB in {elapsed:?}", text.len() / 1_000_000);
    // Very generous: an unoptimised build on a busy machine.
    assert!(elapsed.as_secs() < 5, "{elapsed:?}");
}

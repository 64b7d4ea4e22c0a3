use camino::Utf8PathBuf;

use super::*;
use crate::discover::{self, Overrides};
use crate::load;
use crate::plugin::places::Located;

/// The model of a tree, and what it was read from.
struct Tree {
    input: Input,
    shown: Shown,
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        for (name, text) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            #[expect(clippy::disallowed_methods, reason = "a test writes its tree")]
            std::fs::write(path, text).unwrap();
        }
        let roots = [root];
        let found = discover::discover(&roots, None, &Overrides::default());
        let mut loaded = load::load(found.inputs, &roots, false);
        let cluster = crate::model::build(&mut loaded, &crate::model::Options::default());
        let input = Input::new(cluster, loaded.sources);
        Self { shown: shown(&input, &Reads::everything()), input }
    }

    /// The bytes of a place.
    fn at(&self, place: u32) -> &str {
        let place = Located::default().get(&self.shown.places, place).unwrap();
        std::str::from_utf8(self.input.sources.bytes(place.span)).unwrap()
    }

    fn model(&self) -> &wit::Model {
        &self.shown.model
    }
}

const FROM_16_ON: u32 = 0b111 << 16;

#[test]
fn settings_have_values_and_provenance() {
    let tree = Tree::new(&[
        ("16/main/PG_VERSION", "16\n"),
        (
            "16/main/postgresql.conf",
            "shared_buffers = 128MB\nShared_Buffers = '256 MB'\nacme.flag = on\ninclude 'more.conf'\nport = x\n",
        ),
        ("16/main/more.conf", "work_mem = 4MB\nprimary_conninfo = 'host=a password=geheim'\n"),
        ("16/main/standby.signal", ""),
    ]);
    let [node] = tree.model().nodes.as_slice() else { panic!("{:?}", tree.model().nodes) };
    assert_eq!(node.majors, 1 << 16);
    assert!(node.settings_complete && node.recovery.data_directory);
    let file = |number: u32| tree.model().files[number as usize].path.rsplit('/').next().unwrap();
    assert_eq!(node.config_file.map(file), Some("postgresql.conf"));
    assert_eq!(node.recovery.standby_signal.map(file), Some("standby.signal"));
    let names = node.settings.iter().map(|setting| setting.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["acme.flag", "port", "primary_conninfo", "shared_buffers", "work_mem"]);
    let setting = |name: &str| node.settings.iter().find(|setting| setting.name == name).unwrap();
    let buffers = setting("shared_buffers");
    let [value] = buffers.values.as_slice() else { panic!("{buffers:?}") };
    assert_eq!((value.state.as_str(), value.value.as_str(), value.raw.as_str()), ("set", "256MB", "32768"));
    assert_eq!((value.number, value.majors), (Some(32768.0), 1 << 16));
    let [first, second] = buffers.definitions.as_slice() else { panic!("{buffers:?}") };
    assert!(first.overridden && !second.overridden);
    assert_eq!((second.text.as_str(), tree.at(second.value_place)), ("256 MB", "'256 MB'"));
    assert_eq!((tree.at(second.name_place), tree.at(second.place)), ("Shared_Buffers", "Shared_Buffers = '256 MB'"));
    assert_eq!(setting("port").values[0].state, "refused");
    assert_eq!(
        (setting("acme.flag").values[0].state.as_str(), setting("acme.flag").values[0].value.as_str()),
        ("set", "on")
    );
    let conninfo = setting("primary_conninfo");
    assert_eq!(conninfo.definitions[0].text, "host=a password=****");
    assert_eq!(conninfo.values[0].value, "host=a password=****");
    assert_eq!(file(conninfo.definitions[0].file), "more.conf");
    // What no file defines is asked for by name.
    let of = |name: &str| effective(&tree.input.cluster.nodes[0], name, &tree.input.sources, &tree.input.masks);
    assert_eq!((of("fsync")[0].state.as_str(), of("fsync")[0].value.as_str()), ("default", "on"));
    assert_eq!(of("wal_keep_segments")[0].state, "absent");
    assert!(of("no_such_setting").is_empty());
    assert_eq!(format!("{:?}", of("shared_buffers")), format!("{:?}", buffers.values));
}

#[test]
fn values_that_differ_by_major_stand_apart() {
    let tree = Tree::new(&[("conf/postgresql.conf", "log_connections = receipt\nport = '{{ port }}'\n")]);
    let node = &tree.model().nodes[0];
    let value = |name: &str| &node.settings.iter().find(|setting| setting.name == name).unwrap().values;
    let states = value("log_connections").iter().map(|value| (value.majors >> 10, value.state.as_str()));
    assert_eq!(states.collect::<Vec<_>>(), [(0b0_1111_1111, "refused"), (0b1_0000_0000, "set")]);
    assert_eq!(value("port")[0].state, "dynamic");
}

#[test]
fn rows_of_access_files() {
    let tree = Tree::new(&[
        (
            "conf/pg_hba.conf",
            "local all all ident map=m\n\
             hostssl app,replication +staff,/^x 10.1.2.3/16 ldap ldapserver=s ldapbasedn=x ldapbindpasswd=geheim\n\
             host all all 10.0.0.0 255.0.255.0 reject\nhost all all ::/0 reject\nhost all all .example.com md5\n",
        ),
        ("conf/pg_ident.conf", "m /^(.*)@x$ \\1\nm \"Fred\" +staff\n"),
    ]);
    let node = &tree.model().nodes[0];
    let hba = node.hba.as_ref().unwrap();
    assert!(hba.complete);
    let [local, tls, holes, v6, name] = hba.rows.as_slice() else { panic!("{hba:?}") };
    assert_eq!((local.connection.as_str(), local.method.as_str()), ("local", "peer"));
    assert_eq!((local.address.is_none(), tree.at(local.method_place)), (true, "ident"));
    assert_eq!((local.options[0].name.as_str(), local.options[0].value.as_str()), ("map", "m"));
    let kinds = |names: &[wit::HbaName]| {
        names.iter().map(|name| format!("{}:{}", name.kind, name.name)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kinds(&tls.databases), "name:app replication:");
    assert_eq!(kinds(&tls.users), "member:staff regex:^x");
    assert_eq!(tree.at(tls.users[0].place), "+staff");
    let address = tls.address.as_ref().unwrap();
    assert_eq!((address.kind.as_str(), address.text.as_str()), ("network", "10.1.2.3/16"));
    assert_eq!((address.octets.as_slice(), address.prefix), (&[10, 1, 2, 3][..], Some(16)));
    let password = tls.options.iter().find(|option| option.name == "ldapbindpasswd").unwrap();
    assert!(password.secret && password.value == "****");
    let holes = holes.address.as_ref().unwrap();
    assert_eq!(holes.mask, [255, 0, 255, 0]);
    assert_eq!(
        (holes.text.as_str(), holes.prefix, tree.at(holes.place)),
        ("10.0.0.0/255.0.255.0", None, "10.0.0.0 255.0.255.0")
    );
    assert_eq!(v6.address.as_ref().unwrap().octets.len(), 16);
    assert_eq!(name.address.as_ref().unwrap().kind, "host-name");
    let ident = node.ident.as_ref().unwrap();
    let [regex, plain] = ident.rows.as_slice() else { panic!("{ident:?}") };
    assert_eq!((regex.system_user_kind.as_str(), regex.system_user.as_str()), ("regex", "^(.*)@x$"));
    assert_eq!((plain.system_user.as_str(), plain.database_user.as_str()), ("Fred", "+staff"));
    assert_eq!((plain.database_user_kind.as_str(), tree.at(plain.system_user_place)), ("member", "\"Fred\""));
}

#[test]
fn statements_and_what_they_say() {
    let tree = Tree::new(&[(
        "conf/a.sql",
        "CREATE ROLE app LOGIN PASSWORD 'geheim' CONNECTION LIMIT 5 IN ROLE staff;\n\
         GRANT SELECT, insert ON app.t TO app WITH GRANT OPTION;\n\
         CREATE PUBLICATION p FOR TABLE app.t (a, b) WHERE (a > 1), u WITH (publish = 'insert');\n\
         CREATE SUBSCRIPTION s CONNECTION 'host=h password=geheim' PUBLICATION p WITH (slot_name = 'x', enabled = false);\n\
         ALTER SUBSCRIPTION s RENAME TO t;\n\
         CREATE EXTENSION \"uuid-ossp\" SCHEMA ext CASCADE;\n\
         SELECT pg_create_logical_replication_slot('slot', 'pgoutput');\n\
         ALTER SYSTEM SET wal_level = logical;\nALTER ROLE app IN DATABASE d SET work_mem TO '1MB';\n\
         ALTER TABLE app.t REPLICA IDENTITY FULL;\n",
    )]);
    let model = tree.model();
    let kinds = model.statements.iter().map(|statement| statement.kind.as_str()).collect::<Vec<_>>();
    assert_eq!(
        kinds,
        [
            "create role",
            "grant",
            "create publication",
            "create subscription",
            "alter subscription",
            "create extension",
            "replication slot",
            "alter system",
            "alter role set",
            "alter table"
        ]
    );
    let attributes = &model.roles[0].attributes;
    let said = attributes.iter().map(|attribute| format!("{}={}", attribute.name, attribute.value)).collect::<Vec<_>>();
    assert_eq!(said, ["login=on", "password=plain", "connection limit=5", "in role="]);
    assert_eq!(attributes[3].roles[0].text, "staff");
    let grant = &model.grants[0];
    assert_eq!(
        (grant.kind.as_str(), grant.privileges.join(","), grant.grant_option),
        ("table", "select,insert".into(), true)
    );
    assert_eq!((grant.objects[0].text.as_str(), grant.grantees[0].text.as_str()), ("app.t", "app"));
    let publication = &model.publications[0];
    let [table, other] = publication.tables.as_slice() else { panic!("{publication:?}") };
    assert_eq!((table.name.text.as_str(), table.columns.len(), table.filtered), ("app.t", 2, true));
    assert_eq!((other.name.text.as_str(), other.filtered), ("u", false));
    assert_eq!((publication.options[0].name.as_str(), publication.options[0].value.as_str()), ("publish", "insert"));
    let [create, rename] = model.subscriptions.as_slice() else { panic!("{:?}", model.subscriptions) };
    assert_eq!((create.action.as_str(), rename.action.as_str(), create.statement), ("create", "rename", 3));
    assert_eq!(
        create.options.iter().map(|option| tree.at(option.place)).collect::<Vec<_>>(),
        ["slot_name = 'x'", "enabled = false"]
    );
    assert_eq!(create.options.iter().map(|option| option.truth).collect::<Vec<_>>(), [None, Some(false)]);
    assert_eq!((create.to.is_none(), rename.to.as_ref().unwrap().text.as_str()), (true, "t"));
    let conninfo = &model.conninfos[create.conninfo.unwrap() as usize];
    assert_eq!((conninfo.origin.as_str(), conninfo.name.as_str()), ("subscription", "s"));
    let password = &conninfo.params[1];
    assert_eq!((password.keyword.as_str(), password.value.as_str(), password.secret), ("password", "****", true));
    let properties = |number: usize| {
        let said = model.statements[number].properties.iter();
        said.map(|property| format!("{}={}", property.name, property.value)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(model.statements[5].name.as_ref().unwrap().text, "uuid-ossp");
    assert_eq!(properties(5), "schema=ext cascade=");
    assert_eq!(properties(6), "function=pg_create_logical_replication_slot slot_name=slot plugin=pgoutput");
    assert_eq!(properties(7), "setting=wal_level value=logical");
    assert_eq!(properties(8), "role=app database=d setting=work_mem value=1MB");
    assert_eq!(properties(9), "replica_identity=full");
    assert!(model.statements.iter().all(|statement| statement.majors & FROM_16_ON == FROM_16_ON));
}

#[test]
fn what_is_known_only_at_run_time_is_said_to_be() {
    let tree = Tree::new(&[("conf/a.sql", "CREATE SUBSCRIPTION sub_:env CONNECTION :'conn' PUBLICATION p;\n")]);
    let subscription = &tree.model().subscriptions[0];
    assert!(subscription.name.dynamic && subscription.name.text.contains(UNKNOWN), "{subscription:?}");
    let conninfo = &tree.model().conninfos[subscription.conninfo.unwrap() as usize];
    assert!(conninfo.open && conninfo.params.is_empty(), "{conninfo:?}");
}

#[test]
fn only_what_is_read_is_handed_over() {
    let tree = Tree::new(&[
        ("conf/postgresql.conf", "port = 1\nwork_mem = 1MB\nDateStyle = iso\nport = 2\n"),
        ("conf/pg_hba.conf", "local all all peer\n"),
        ("conf/a.sql", "CREATE ROLE r;\n"),
    ]);
    let words = ["setting:port", "setting:datestyle"].map(str::to_owned);
    let some = shown(&tree.input, &Reads::of([&words[..]]));
    let node = &some.model.nodes[0];
    let names = node.settings.iter().map(|setting| (setting.name.as_str(), setting.definitions.len()));
    assert_eq!(names.collect::<Vec<_>>(), [("DateStyle", 1), ("port", 2)]);
    assert!(node.hba.is_none() && some.model.statements.is_empty() && some.model.roles.is_empty());
    assert_eq!(some.model.files.len(), tree.model().files.len());
    let place = Located::default().get(&some.places, node.settings[1].definitions[1].place).unwrap();
    assert_eq!(tree.input.sources.bytes(place.span), b"port = 2");
    let rest = shown(&tree.input, &Reads::of([&["access".to_owned(), "statements".to_owned()][..]]));
    assert!(rest.model.nodes[0].settings.is_empty() && rest.model.nodes[0].hba.is_some());
    assert_eq!(rest.model.roles.len(), 1);
}

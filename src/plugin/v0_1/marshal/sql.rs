//! SQL statements: each as a statement with its properties, those about access and replication with records of their own.

use std::collections::HashMap;

use crate::model::SqlFile;
use crate::model::objects::Site;
use crate::model::sql::{
    Attribute, AttributeKind, Grant, Granted, Grantee, ObjectKind, ObjectName, OptionItem, PasswordForm,
    PublicationAction, PublicationObject, PublishedTable, RelationKind, ReplicaIdentity, Role, RowSecurity,
    SettingChange, SlotFunction, Statement, SubscriptionAction, TableAction, Value, ValueKind, What,
};
use crate::plugin::places::{Owner, Thing};
use crate::secret::MASK;
use crate::source::Span;
use crate::syntax::conninfo::is_secret;
use crate::syntax::sql::{InTransaction, Name, Text};

use super::{Writer, majors, number, owner, wit};

/// The records made of all SQL files.
#[derive(Default)]
pub(super) struct Records {
    pub(super) statements: Vec<wit::Statement>,
    pub(super) roles: Vec<wit::Role>,
    pub(super) grants: Vec<wit::Grant>,
    pub(super) publications: Vec<wit::Publication>,
    pub(super) subscriptions: Vec<wit::Subscription>,
}

/// What a statement says besides its kind.
#[derive(Default)]
struct Said {
    name: Option<wit::SqlName>,
    properties: Vec<wit::Property>,
}

impl Writer<'_> {
    pub(super) fn sql(&mut self) -> Records {
        let mut records = Records::default();
        let cluster = self.cluster;
        // Where connection strings are not handed over, there is nothing to point at.
        let strings = if self.reads.conninfos { cluster.conninfos.as_slice() } else { &[] };
        let conninfos = strings.iter().map(|of| of.span).zip(0..).collect::<HashMap<Span, u32>>();
        for (file, site) in cluster.sql.iter().zip(&cluster.objects.sites) {
            for statement in &file.sql.statements {
                self.statement(file, site, statement, &conninfos, &mut records);
            }
        }
        records
    }

    fn statement(
        &mut self,
        file: &SqlFile,
        site: &Site,
        statement: &Statement,
        conninfos: &HashMap<Span, u32>,
        out: &mut Records,
    ) {
        let number_of = out.statements.len() as u32;
        let owner = owner(Thing::Statement(number_of), site.majors);
        let conninfo = conninfos.get(&statement.span).copied();
        let kind = kind(&statement.what);
        let said = self.said(&statement.what, owner);
        match &statement.what {
            What::Role(role) => out.roles.push(self.role(number_of, role, owner)),
            What::Grant(grant) => out.grants.push(self.grant(number_of, grant, owner)),
            what => {
                out.publications.extend(self.publications(number_of, what, owner));
                out.subscriptions.extend(self.subscription(number_of, what, conninfo, owner));
            }
        }
        let transaction = match statement.transaction {
            InTransaction::No => "no",
            InTransaction::Block(_) | InTransaction::Migration(_) => "block",
            InTransaction::DoBlock(_) => "do",
            InTransaction::Function(_) => "function",
        };
        out.statements.push(wit::Statement {
            number: number_of,
            kind: kind.to_owned(),
            name: said.name,
            properties: said.properties,
            file: number(file.file),
            node: site.node.map(|node| node as u32),
            majors: majors(site.majors),
            transaction: transaction.to_owned(),
            dynamic: statement.dynamic,
            place: self.places.add(statement.span, owner),
        });
    }

    /// The object that a statement is about, and what else it says. What has records of its own is not said twice.
    fn said(&mut self, what: &What, owner: Owner) -> Said {
        let mut said = Said::default();
        match what {
            What::CreateSubscription(create) => said.name = Some(self.name(&create.name, owner)),
            What::AlterSubscription(alter) => said.name = Some(self.name(&alter.name, owner)),
            What::DropSubscription(drop) => said.name = Some(self.name(&drop.name, owner)),
            What::CreatePublication(create) => said.name = Some(self.name(&create.name, owner)),
            What::AlterPublication(alter) => said.name = Some(self.name(&alter.name, owner)),
            What::DropPublication(drop) => said.name = self.only(&drop.names, owner),
            What::Role(role) => said.name = Some(self.name(&role.name, owner)),
            What::DropRole(drop) => {
                said.name = self.only(&drop.names, owner);
                self.names("role", &drop.names, owner, &mut said);
            }
            What::Grant(_) => {}
            What::AlterSetting(alter) => {
                said.name = alter.role.as_ref().or(alter.database.as_ref()).map(|name| self.name(name, owner));
                self.names("role", alter.role.as_slice(), owner, &mut said);
                self.names("database", alter.database.as_slice(), owner, &mut said);
                self.change(&alter.setting, owner, &mut said);
            }
            What::AlterSystem(change) => self.change(change, owner, &mut said),
            What::Server(server) => {
                said.name = Some(self.name(&server.name, owner));
                self.names("wrapper", server.wrapper.as_slice(), owner, &mut said);
                self.options(&server.options, owner, &mut said);
            }
            What::UserMapping(mapping) => {
                said.name = Some(self.name(&mapping.server, owner));
                self.names("role", std::slice::from_ref(&mapping.user), owner, &mut said);
                self.options(&mapping.options, owner, &mut said);
            }
            What::Extension(extension) => {
                said.name = Some(self.name(&extension.name, owner));
                self.names("schema", extension.schema.as_slice(), owner, &mut said);
                if let Some(version) = &extension.version {
                    self.property("version", version, false, extension.name.span, owner, &mut said);
                }
                if let Some(cascade) = extension.cascade {
                    self.property("cascade", "", false, cascade, owner, &mut said);
                }
            }
            What::Language(language) => said.name = Some(self.name(&language.name, owner)),
            What::Function(function) => {
                said.name = Some(self.object(&function.name, owner));
                self.names("language", function.language.as_slice(), owner, &mut said);
                if let Some((definer, span)) = function.security {
                    let word = if definer { "definer" } else { "invoker" };
                    self.property("security", word, false, span, owner, &mut said);
                }
            }
            What::Policy(policy) => {
                said.name = Some(self.name(&policy.name, owner));
                let table = self.object(&policy.table, owner);
                said.properties.push(property_of("table", table));
                self.property("command", &policy.command, false, policy.name.span, owner, &mut said);
                self.names("role", &policy.roles, owner, &mut said);
            }
            What::CreateTable(create) => {
                said.name = Some(self.object(&create.name, owner));
                for column in &create.columns {
                    self.names("column", std::slice::from_ref(&column.name), owner, &mut said);
                }
            }
            What::AlterTable(alter) => {
                said.name = Some(self.object(&alter.name, owner));
                for action in &alter.actions {
                    let (name, value, span) = match action {
                        TableAction::ReplicaIdentity(identity, span) => {
                            ("replica_identity", identity_word(identity), *span)
                        }
                        TableAction::RowSecurity(what, span) => ("row_security", row_security(*what), *span),
                        TableAction::AddKey(_)
                        | TableAction::SetNotNull(_)
                        | TableAction::AddColumn(_)
                        | TableAction::DropColumn(_)
                        | TableAction::References(_)
                        | TableAction::Owner(_)
                        | TableAction::Reshape => continue,
                    };
                    self.property(name, value, false, span, owner, &mut said);
                }
            }
            What::Database(name) => said.name = Some(self.name(name, owner)),
            What::Relation(relation) => said.name = Some(self.object(&relation.name, owner)),
            What::Owner(of) => {
                said.name = Some(self.object(&of.name, owner));
                self.names("owner", std::slice::from_ref(&of.owner), owner, &mut said);
            }
            What::Copy(_) | What::FileCall(_) => {}
            What::UniqueIndex(index) => said.name = Some(self.object(&index.table, owner)),
            What::Slot(call) => {
                self.property("function", function(call.function), false, call.span, owner, &mut said);
                if let Some(slot) = call.slot() {
                    self.string("slot_name", slot, owner, &mut said);
                }
                let plugin = match call.function {
                    SlotFunction::CreateLogical => call.argument("plugin", 1),
                    SlotFunction::CopyLogical => call.argument("plugin", 3),
                    _ => None,
                };
                if let Some(value) = plugin {
                    self.property("plugin", &value.text(), value.is_dynamic(), value.span, owner, &mut said);
                }
            }
            What::ReplicaRole(role) => {
                let (value, dynamic) = (role.value.as_deref().unwrap_or_default(), role.value.is_none());
                self.property("value", value, dynamic, role.span, owner, &mut said);
            }
        }
        said
    }

    fn property(&mut self, name: &str, value: &str, dynamic: bool, span: Span, owner: Owner, said: &mut Said) {
        said.properties.push(wit::Property {
            name: name.to_owned(),
            value: self.text(value, span),
            dynamic,
            place: self.places.add(span, owner),
        });
    }

    fn string(&mut self, name: &str, text: &Text, owner: Owner, said: &mut Said) {
        self.property(name, &text.text(), text.is_dynamic(), text.span, owner, said);
    }

    fn names(&mut self, property: &str, names: &[Name], owner: Owner, said: &mut Said) {
        for name in names {
            said.properties.push(property_of(property, self.name(name, owner)));
        }
    }

    fn change(&mut self, change: &SettingChange, owner: Owner, said: &mut Said) {
        self.property("setting", change.name.as_deref().unwrap_or("all"), false, change.name_span, owner, said);
        for value in &change.values {
            self.property("value", &value.text, value.dynamic, value.span, owner, said);
        }
        if change.reset {
            self.property("reset", "", false, change.span, owner, said);
        }
    }

    /// The options of foreign servers and user mappings.
    fn options(&mut self, options: &[OptionItem], owner: Owner, said: &mut Said) {
        for item in options {
            let option = self.option(item, owner);
            let value = if is_secret(&option.name) { MASK.to_owned() } else { option.value };
            let name = format!("option:{}", option.name);
            said.properties.push(wit::Property { name, value, dynamic: option.dynamic, place: option.place });
        }
    }

    fn option(&mut self, item: &OptionItem, owner: Owner) -> wit::SqlOption {
        let value = item.value.as_ref();
        wit::SqlOption {
            name: super::with_holes(&item.name.text),
            value: value.map(|value| self.text(&value.text(), value.span)).unwrap_or_default(),
            truth: value.map_or(Some(true), truth),
            dynamic: value.is_some_and(Value::is_dynamic),
            place: self.places.add(item.span, owner),
        }
    }

    fn object(&mut self, name: &ObjectName, owner: Owner) -> wit::SqlName {
        let parts = name.qualifiers.iter().chain([&name.name]).map(|part| part.text.as_str());
        let text = parts.collect::<Vec<_>>().join(".");
        self.named(&text, name.is_dynamic(), name.span, owner)
    }

    /// The name, if there is one only.
    fn only(&mut self, names: &[Name], owner: Owner) -> Option<wit::SqlName> {
        match names {
            [name] => Some(self.name(name, owner)),
            _ => None,
        }
    }

    fn list(&mut self, names: &[Name], owner: Owner) -> Vec<wit::SqlName> {
        names.iter().map(|name| self.name(name, owner)).collect()
    }

    fn role(&mut self, statement: u32, role: &Role, owner: Owner) -> wit::Role {
        let attributes = role.attributes.iter().map(|attribute| self.attribute(attribute, owner)).collect();
        wit::Role { statement, name: self.name(&role.name, owner), created: role.created, attributes }
    }

    fn attribute(&mut self, attribute: &Attribute, owner: Owner) -> wit::RoleAttribute {
        let (name, value, roles) = match &attribute.kind {
            AttributeKind::Flag(flag, given) => (*flag, if *given { "on" } else { "off" }.to_owned(), &[][..]),
            AttributeKind::Password(password) => ("password", password_form(password.form).to_owned(), &[][..]),
            AttributeKind::ConnectionLimit(limit) => {
                ("connection limit", limit.map(|limit| limit.to_string()).unwrap_or_default(), &[][..])
            }
            AttributeKind::ValidUntil(text) => ("valid until", self.text(&text.text(), text.span), &[][..]),
            AttributeKind::InRole(roles) => ("in role", String::new(), roles.as_slice()),
            AttributeKind::Members(roles) => ("role", String::new(), roles.as_slice()),
            AttributeKind::Admins(roles) => ("admin", String::new(), roles.as_slice()),
            AttributeKind::SysId => ("sysid", String::new(), &[][..]),
        };
        let roles = self.list(roles, owner);
        wit::RoleAttribute { name: name.to_owned(), value, roles, place: self.places.add(attribute.span, owner) }
    }

    fn grant(&mut self, statement: u32, grant: &Grant, owner: Owner) -> wit::Grant {
        let (kind, privileges, objects, all_in_schema) = match &grant.what {
            Granted::Roles(roles) => ("role", Vec::new(), self.list(roles, owner), false),
            Granted::Privileges { privileges, kind, all_in_schema, objects, .. } => {
                let privileges = privileges.iter().map(|privilege| privilege.name.clone()).collect();
                let objects = objects.iter().map(|object| self.object(object, owner)).collect();
                (object_kind(*kind), privileges, objects, *all_in_schema)
            }
        };
        let grantees = grant.grantees.iter().map(|grantee| match grantee {
            Grantee::Public(span) => self.named("public", false, *span, owner),
            Grantee::Role(name) => self.name(name, owner),
        });
        let grantees = grantees.collect();
        wit::Grant {
            statement,
            revoked: grant.revoked,
            kind: kind.to_owned(),
            privileges,
            objects,
            all_in_schema,
            default_privileges: grant.defaults.is_some(),
            grantees,
            grant_option: grant.option.is_some(),
        }
    }

    fn publications(&mut self, statement: u32, what: &What, owner: Owner) -> Vec<wit::Publication> {
        let one = |writer: &mut Self, name: &Name, action: &str| wit::Publication {
            statement,
            name: writer.name(name, owner),
            action: action.to_owned(),
            to: None,
            all_tables: false,
            tables: Vec::new(),
            schemas: Vec::new(),
            options: Vec::new(),
        };
        match what {
            What::CreatePublication(create) => {
                let mut publication = one(self, &create.name, "create");
                self.published(&create.objects, owner, &mut publication);
                publication.options = create.options.iter().map(|item| self.option(item, owner)).collect();
                vec![publication]
            }
            What::AlterPublication(alter) => {
                let (action, objects) = match &alter.action {
                    PublicationAction::Add(objects) => ("add", objects.as_slice()),
                    PublicationAction::Set(objects) => ("set", objects.as_slice()),
                    PublicationAction::Drop(objects) => ("drop-objects", objects.as_slice()),
                    PublicationAction::Options(_) => ("options", &[][..]),
                    PublicationAction::Owner(_) => ("owner", &[][..]),
                    PublicationAction::Rename(_) => ("rename", &[][..]),
                };
                let mut publication = one(self, &alter.name, action);
                self.published(objects, owner, &mut publication);
                match &alter.action {
                    PublicationAction::Options(options) => {
                        publication.options = options.iter().map(|item| self.option(item, owner)).collect();
                    }
                    PublicationAction::Owner(to) | PublicationAction::Rename(to) => {
                        publication.to = Some(self.name(to, owner));
                    }
                    _ => {}
                }
                vec![publication]
            }
            What::DropPublication(drop) => drop.names.iter().map(|name| one(self, name, "drop")).collect(),
            _ => Vec::new(),
        }
    }

    fn published(&mut self, objects: &[PublicationObject], owner: Owner, out: &mut wit::Publication) {
        for object in objects {
            match object {
                PublicationObject::AllTables(_) => out.all_tables = true,
                PublicationObject::Schema { name, .. } => out.schemas.push(self.name(name, owner)),
                PublicationObject::Table(table) => out.tables.push(self.table(table, owner)),
            }
        }
    }

    fn table(&mut self, table: &PublishedTable, owner: Owner) -> wit::PublishedTable {
        wit::PublishedTable {
            name: self.object(&table.name, owner),
            columns: table.columns.as_ref().map(|(names, _)| self.list(names, owner)).unwrap_or_default(),
            filtered: table.filter.is_some(),
            place: self.places.add(table.span, owner),
        }
    }

    fn subscription(
        &mut self,
        statement: u32,
        what: &What,
        conninfo: Option<u32>,
        owner: Owner,
    ) -> Option<wit::Subscription> {
        let (name, action, publications, options) = match what {
            What::CreateSubscription(create) => {
                (&create.name, "create", create.publications.as_slice(), create.options.as_slice())
            }
            What::AlterSubscription(alter) => {
                let (action, publications) = subscription_action(&alter.action);
                (&alter.name, action, publications, alter.options.as_slice())
            }
            What::DropSubscription(drop) => (&drop.name, "drop", &[][..], &[][..]),
            _ => return None,
        };
        let to = match what {
            What::AlterSubscription(alter) => match &alter.action {
                SubscriptionAction::Owner(to) | SubscriptionAction::Rename(to) => Some(self.name(to, owner)),
                _ => None,
            },
            _ => None,
        };
        Some(wit::Subscription {
            statement,
            name: self.name(name, owner),
            action: action.to_owned(),
            to,
            publications: self.list(publications, owner),
            options: options.iter().map(|item| self.option(item, owner)).collect(),
            conninfo,
        })
    }
}

/// What the server makes of an option's value where it wants a boolean (`defGetBoolean` of define.c).
fn truth(value: &Value) -> Option<bool> {
    if value.is_dynamic() {
        return None;
    }
    let text = value.text();
    match &value.kind {
        ValueKind::Integer(_) => match text.as_ref() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        },
        _ => ["true", "on", "false", "off"].iter().position(|word| text.eq_ignore_ascii_case(word)).map(|at| at < 2),
    }
}

fn property_of(name: &str, value: wit::SqlName) -> wit::Property {
    wit::Property { name: name.to_owned(), value: value.text, dynamic: value.dynamic, place: value.place }
}

fn subscription_action(action: &SubscriptionAction) -> (&'static str, &[Name]) {
    match action {
        SubscriptionAction::Connection(_) => ("connection", &[]),
        SubscriptionAction::SetPublication(names) => ("set-publication", names),
        SubscriptionAction::AddPublication(names) => ("add-publication", names),
        SubscriptionAction::DropPublication(names) => ("drop-publication", names),
        SubscriptionAction::Refresh => ("refresh", &[]),
        SubscriptionAction::Enable => ("enable", &[]),
        SubscriptionAction::Disable => ("disable", &[]),
        SubscriptionAction::Set => ("options", &[]),
        SubscriptionAction::Skip => ("skip", &[]),
        SubscriptionAction::Owner(_) => ("owner", &[]),
        SubscriptionAction::Rename(_) => ("rename", &[]),
    }
}

fn kind(what: &What) -> &'static str {
    let created = |created: bool, create: &'static str, alter: &'static str| if created { create } else { alter };
    match what {
        What::CreateSubscription(_) => "create subscription",
        What::AlterSubscription(_) => "alter subscription",
        What::DropSubscription(_) => "drop subscription",
        What::CreatePublication(_) => "create publication",
        What::AlterPublication(_) => "alter publication",
        What::DropPublication(_) => "drop publication",
        What::Role(role) => created(role.created, "create role", "alter role"),
        What::AlterSetting(alter) => {
            created(alter.role.is_none() && alter.database.is_some(), "alter database set", "alter role set")
        }
        What::DropRole(_) => "drop role",
        What::Grant(grant) => created(grant.revoked, "revoke", "grant"),
        What::AlterSystem(_) => "alter system",
        What::Server(server) => created(server.created, "create server", "alter server"),
        What::UserMapping(mapping) => created(mapping.created, "create user mapping", "alter user mapping"),
        What::Extension(_) => "create extension",
        What::Language(_) => "create language",
        What::Function(function) => created(function.created, "create function", "alter function"),
        What::Policy(_) => "create policy",
        What::CreateTable(_) => "create table",
        What::AlterTable(_) => "alter table",
        What::UniqueIndex(_) => "create unique index",
        What::Slot(_) => "replication slot",
        What::ReplicaRole(_) => "session_replication_role",
        What::Database(_) => "create database",
        What::Relation(relation) => match relation.kind {
            RelationKind::View => "create view",
            RelationKind::MaterializedView => "create materialized view",
            RelationKind::ForeignTable => "create foreign table",
        },
        What::Owner(_) => "alter owner",
        What::Copy(_) => "copy",
        What::FileCall(_) => "file function",
    }
}

fn function(function: SlotFunction) -> &'static str {
    match function {
        SlotFunction::CreateLogical => "pg_create_logical_replication_slot",
        SlotFunction::CreatePhysical => "pg_create_physical_replication_slot",
        SlotFunction::CopyLogical => "pg_copy_logical_replication_slot",
        SlotFunction::CopyPhysical => "pg_copy_physical_replication_slot",
        SlotFunction::Drop => "pg_drop_replication_slot",
    }
}

fn password_form(form: PasswordForm) -> &'static str {
    match form {
        PasswordForm::Plain => "plain",
        PasswordForm::Md5 => "md5",
        PasswordForm::Scram => "scram",
        PasswordForm::Null => "null",
        PasswordForm::Dynamic => "dynamic",
    }
}

fn identity_word(identity: &ReplicaIdentity) -> &'static str {
    match identity {
        ReplicaIdentity::Default => "default",
        ReplicaIdentity::Full => "full",
        ReplicaIdentity::Nothing => "nothing",
        ReplicaIdentity::Index(_) => "index",
    }
}

fn row_security(what: RowSecurity) -> &'static str {
    match what {
        RowSecurity::Enable => "enable",
        RowSecurity::Disable => "disable",
        RowSecurity::Force => "force",
        RowSecurity::NoForce => "no force",
    }
}

fn object_kind(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "table",
        ObjectKind::Sequence => "sequence",
        ObjectKind::Database => "database",
        ObjectKind::Domain => "domain",
        ObjectKind::ForeignDataWrapper => "foreign data wrapper",
        ObjectKind::ForeignServer => "foreign server",
        ObjectKind::Function => "function",
        ObjectKind::Procedure => "procedure",
        ObjectKind::Routine => "routine",
        ObjectKind::Language => "language",
        ObjectKind::LargeObject => "large object",
        ObjectKind::Parameter => "parameter",
        ObjectKind::Schema => "schema",
        ObjectKind::Tablespace => "tablespace",
        ObjectKind::Type => "type",
    }
}

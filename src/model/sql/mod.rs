//! What the SQL of a file says about access and replication: typed statements with exact places.
//!
//! Each statement stands by itself; which roles, tables and publications they make together is not decided here.

mod call;
mod grant;
pub(crate) mod lookup;
mod object;
mod option;
mod other;
mod publication;
mod role;
mod subscription;
mod table;
pub mod verdict;

pub use call::{Argument, ReplicaRole, SlotCall, SlotFunction};
pub use grant::{Defaults, Grant, Granted, Grantee, ObjectKind, Privilege};
pub use lookup::{Lookup, Lookups};
pub use object::{Extension, Function, Language, Policy, Server, UserMapping};
pub use option::{OptionItem, Value, ValueKind};
pub use other::{Copy, FileCall, Owner, Relation, RelationKind};
pub use publication::{
    AlterPublication, CreatePublication, DropPublication, PublicationAction, PublicationObject, PublishedTable,
};
pub use role::{
    AlterSetting, Attribute, AttributeKind, DropRole, Password, PasswordForm, Role, RoleKind, SettingChange,
    SettingValue,
};
pub use subscription::{AlterSubscription, CreateSubscription, DropSubscription, SubscriptionAction};
pub use table::{AlterTable, Column, CreateTable, Key, ReplicaIdentity, RowSecurity, TableAction, UniqueIndex};

use crate::source::Span;
#[cfg(test)]
use crate::syntax::sql::Text;
use crate::syntax::sql::{self as syntax, Cursor, InTransaction, Name, Script, Subject, SyntaxError};

/// The SQL of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql {
    /// The statements in the order they stand; those in a body come before the statement that holds it.
    pub statements: Vec<Statement>,
    /// The statements that could not be read.
    pub errors: Vec<SyntaxError>,
    /// Whether something stands in the file that only PostgreSQL has; other engines share much of the rest.
    pub evidence: bool,
    /// What may be a password in statements that could not be read.
    pub exposed: Vec<Span>,
    /// What it names of the system catalogue.
    pub lookups: Lookups,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it does.
    pub what: What,
    /// Where it stands, with its `;`.
    pub span: Span,
    /// Whether it runs inside a transaction block.
    pub transaction: InTransaction,
    /// Whether a part of it is known only at run time.
    pub dynamic: bool,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the types say it")]
#[allow(clippy::large_enum_variant, reason = "there are few statements, and boxes would be in every match")]
pub enum What {
    CreateSubscription(CreateSubscription),
    AlterSubscription(AlterSubscription),
    DropSubscription(DropSubscription),
    CreatePublication(CreatePublication),
    AlterPublication(AlterPublication),
    DropPublication(DropPublication),
    Role(Role),
    AlterSetting(AlterSetting),
    DropRole(DropRole),
    Grant(Grant),
    /// ALTER SYSTEM SET or RESET.
    AlterSystem(SettingChange),
    Server(Server),
    UserMapping(UserMapping),
    Extension(Extension),
    Language(Language),
    Function(Function),
    Policy(Policy),
    CreateTable(CreateTable),
    AlterTable(AlterTable),
    UniqueIndex(UniqueIndex),
    Slot(SlotCall),
    ReplicaRole(ReplicaRole),
    /// CREATE DATABASE.
    Database(Name),
    /// A view or foreign table.
    Relation(Relation),
    /// `ALTER ... OWNER TO`, beside what else the statement is.
    Owner(Owner),
    /// COPY of a file of the server, or of a program.
    Copy(Copy),
    /// A call of a function that reaches a file of the server.
    FileCall(FileCall),
}

/// A name with up to three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// The parts before the last: schema, or database and schema.
    pub qualifiers: Vec<Name>,
    /// The last part.
    pub name: Name,
    /// All parts.
    pub span: Span,
}

impl ObjectName {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let from = cursor.position();
        let mut qualifiers = cursor.dotted();
        let name = qualifiers.pop()?;
        Some(Self { qualifiers, name, span: cursor.since(from) })
    }

    /// The schema, if one is written.
    #[must_use]
    pub fn schema(&self) -> Option<&Name> {
        self.qualifiers.last()
    }

    /// Whether a part of it is known only at run time.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.name.dynamic || self.qualifiers.iter().any(|part| part.dynamic)
    }
}

impl Sql {
    /// The places of all passwords: those of roles and of user mappings. Passwords within connection strings are
    /// found by the reader of connection strings.
    pub fn secrets(&self) -> impl Iterator<Item = Span> {
        self.statements.iter().flat_map(Statement::secrets).chain(self.exposed.iter().copied())
    }
}

impl Statement {
    /// The places of the passwords that it holds, quotes included.
    pub fn secrets(&self) -> impl Iterator<Item = Span> {
        let attributes = match &self.what {
            What::Role(role) => role.attributes.as_slice(),
            _ => &[],
        };
        let options = match &self.what {
            What::UserMapping(mapping) => mapping.options.as_slice(),
            What::Server(server) => server.options.as_slice(),
            _ => &[],
        };
        let of_roles = attributes.iter().filter_map(|attribute| match &attribute.kind {
            AttributeKind::Password(password) => password.text.as_ref().map(|text| text.span),
            _ => None,
        });
        let of_options = options.iter().filter(|item| {
            matches!(
                item.name.text.as_str(),
                "password" | "sslpassword" | "passwd" | "scram_client_key" | "scram_server_key"
            )
        });
        of_roles.chain(of_options.filter_map(|item| item.value.as_ref().map(|value| value.span)))
    }
}

/// Says what the statements of a script mean.
#[must_use]
pub fn read(script: Script) -> Sql {
    let mut statements = Vec::new();
    let mut lookups = Lookups::default();
    for statement in &script.statements {
        if let Some(conditions) = &statement.catalog {
            lookup::read(statement, conditions, &mut lookups);
        }
        let mut whats = Vec::new();
        if statement.meaning {
            interpret(statement, &mut whats);
        }
        let dynamic = statement.code.is_dynamic();
        let (span, transaction) = (statement.span, statement.transaction);
        statements.extend(whats.into_iter().map(|what| Statement { what, span, transaction, dynamic }));
    }
    Sql { statements, errors: script.errors, evidence: script.evidence, exposed: script.exposed, lookups }
}

fn interpret(statement: &syntax::Statement, out: &mut Vec<What>) {
    let mut cursor = statement.cursor();
    let cursor = &mut cursor;
    if matches!(
        statement.subject,
        Subject::AlterTable
            | Subject::AlterFunction
            | Subject::AlterDatabase
            | Subject::AlterServer
            | Subject::AlterOther
    ) {
        out.extend(other::owner(&mut cursor.clone()).map(What::Owner));
    }
    let what = match statement.subject {
        Subject::CreateSubscription => subscription::create(cursor).map(What::CreateSubscription),
        Subject::AlterSubscription => subscription::alter(cursor).map(What::AlterSubscription),
        Subject::DropSubscription => subscription::drop(cursor).map(What::DropSubscription),
        Subject::CreatePublication => publication::create(cursor).map(What::CreatePublication),
        Subject::AlterPublication => publication::alter(cursor).map(What::AlterPublication),
        Subject::DropPublication => publication::drop(cursor).map(What::DropPublication),
        Subject::CreateRole => role::create(cursor).map(What::Role),
        Subject::AlterRole => role::alter(cursor).map(|altered| match altered {
            role::Altered::Role(role) => What::Role(role),
            role::Altered::Setting(setting) => What::AlterSetting(setting),
        }),
        Subject::DropRole => role::drop(cursor).map(What::DropRole),
        Subject::Grant => grant::read(cursor).map(What::Grant),
        Subject::AlterDefaultPrivileges => grant::defaults(cursor).map(What::Grant),
        Subject::AlterSystem => {
            cursor.words(&["alter", "system"]);
            role::setting(cursor).map(What::AlterSystem)
        }
        Subject::AlterDatabase => role::alter_database(cursor).map(What::AlterSetting),
        Subject::CreateServer | Subject::AlterServer => object::server(cursor).map(What::Server),
        Subject::UserMapping => object::user_mapping(cursor).map(What::UserMapping),
        Subject::CreateExtension => object::extension(cursor).map(What::Extension),
        Subject::CreateLanguage => object::language(cursor).map(What::Language),
        Subject::CreateFunction | Subject::AlterFunction => object::function(cursor).map(What::Function),
        Subject::CreatePolicy => object::policy(cursor).map(What::Policy),
        Subject::CreateTable => table::create(cursor).map(What::CreateTable),
        Subject::AlterTable => table::alter(cursor).map(What::AlterTable),
        Subject::CreateIndex => table::unique_index(cursor).map(What::UniqueIndex),
        Subject::Set => role::setting(cursor)
            .filter(|setting| {
                let name = setting.name.as_deref();
                name == Some("session_replication_role") || setting.reset && name.is_none()
            })
            .map(|setting| {
                let value = setting.values.first().filter(|value| !value.dynamic);
                let value = value.map(|value| value.text.to_ascii_lowercase());
                What::ReplicaRole(ReplicaRole { value, span: setting.span })
            }),
        Subject::Query => {
            out.extend(other::file_calls(&mut cursor.clone()).into_iter().map(What::FileCall));
            let (slots, roles) = call::calls(cursor);
            out.extend(slots.into_iter().map(What::Slot));
            out.extend(roles.into_iter().map(What::ReplicaRole));
            None
        }
        Subject::CreateDatabase => other::database(cursor).map(What::Database),
        Subject::CreateView | Subject::CreateForeignTable => other::relation(cursor).map(What::Relation),
        Subject::Copy => other::copy(cursor).map(What::Copy),
        Subject::AlterOther
        | Subject::Do
        | Subject::Execute
        | Subject::Transaction
        | Subject::Show
        | Subject::Holder => None,
    };
    out.extend(what);
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

//! PostgreSQL's client programs: the SQL that they run, and how they connect.

use super::argument::{Argument, Options, Takes};
use super::connection::{Connection, is_conninfo};
use super::run::Environment;
use super::{Literal, Reader};
use crate::extract::{Writer, role};
use crate::syntax::sql;

/// Programs that connect by libpq, with the options that take a value.
const CLIENTS: &[(&str, Takes)] = &[
    (
        "psql",
        Takes {
            letters: "cdfFhLoPpRTUv",
            names: &[
                "command",
                "dbname",
                "field-separator",
                "file",
                "host",
                "log-file",
                "output",
                "port",
                "pset",
                "record-separator",
                "set",
                "table-attr",
                "username",
                "variable",
            ],
        },
    ),
    ("pg_dump", Takes { letters: "dEefhjNnpSTtUZF", names: COMMON }),
    ("pg_dumpall", Takes { letters: "dEfhlpSU", names: COMMON }),
    ("pg_restore", Takes { letters: "dFfhIjLNnPpSTtU", names: COMMON }),
    ("pg_basebackup", Takes { letters: "cDdFhilprSsTtUXZ", names: COMMON }),
    ("pg_receivewal", Takes { letters: "DdEhpSsUZ", names: COMMON }),
    ("pg_recvlogical", Takes { letters: "dEFfhIoPpsSU", names: COMMON }),
    ("pg_isready", Takes { letters: "dhptU", names: COMMON }),
    ("pg_amcheck", Takes { letters: "dDhijprRsStTU", names: COMMON }),
    ("pgbench", Takes { letters: "bcDdFfhjLlMPpRsTtU", names: COMMON }),
    ("vacuumdb", Takes { letters: "dhjnNPptU", names: COMMON }),
    ("reindexdb", Takes { letters: "dhijptSU", names: COMMON }),
    ("clusterdb", Takes { letters: "dhptU", names: COMMON }),
    ("createdb", Takes { letters: "DEehlOpTU", names: COMMON }),
    ("dropdb", Takes { letters: "hpU", names: COMMON }),
    (
        "createuser",
        Takes {
            letters: "acghmpUv",
            names: &[
                "connection-limit",
                "host",
                "port",
                "role",
                "member-of",
                "with-admin",
                "with-member",
                "username",
                "valid-until",
            ],
        },
    ),
    ("dropuser", Takes { letters: "hpU", names: COMMON }),
    ("pg_rewind", Takes { letters: "D", names: &["target-pgdata", "source-pgdata", "source-server", "config-file"] }),
    (
        "pg_createsubscriber",
        Takes {
            letters: "DdpPstU",
            names: &[
                "database",
                "pgdata",
                "socketdir",
                "subscriber-port",
                "publisher-server",
                "subscriber-username",
                "publication",
                "subscription",
                "replication-slot",
            ],
        },
    ),
];

/// Options that several of them have.
const COMMON: &[&str] = &[
    "dbname",
    "file",
    "format",
    "host",
    "jobs",
    "pgdata",
    "port",
    "schema",
    "slot",
    "table",
    "username",
    "wal-method",
];

/// Whether a name is that of such a program.
pub(super) fn is_client(name: &[u8]) -> bool {
    CLIENTS.iter().any(|(client, _)| client.as_bytes() == name)
}

impl Reader<'_, '_, '_, '_> {
    /// A client program; whether the name is one's.
    pub(super) fn client(
        &mut self,
        name: &str,
        rest: &[Argument],
        environment: &Environment,
        input: Option<&Literal>,
    ) -> bool {
        let Some((_, takes)) = CLIENTS.iter().find(|(client, _)| *client == name) else { return false };
        let options = Options::read(rest, *takes);
        let server = options.value(&["h", "host"]).map_or_else(String::new, |host| role::of_name(&host.written));
        self.within(&server, |reader| {
            reader.connects(name, &options, environment);
            match name {
                "psql" => reader.psql(&options, input),
                "createuser" => reader.createuser(&options),
                _ => {}
            }
        });
        true
    }

    fn psql(&mut self, options: &Options, input: Option<&Literal>) {
        let transaction = options.place(&["1", "single-transaction"]);
        for (place, command) in options.given_values(&["c", "command"]) {
            // The string is one message to the server.
            let several = sql::is_several(command.bytes()).then_some(place);
            self.state.found.sql(command.text.clone(), transaction.or(several));
        }
        let file = options.value(&["f", "file"]).map(Argument::bytes);
        let reads = match file {
            Some(file) => matches!(file, b"-" | b"/dev/stdin"),
            None => !options.has(&["c", "command", "l", "list"]),
        };
        if let Some(text) = input.filter(|_| reads) {
            self.state.found.sql(text.clone(), transaction);
        }
    }

    /// How the program connects: a string among its arguments, or options and variables of the environment.
    fn connects(&mut self, name: &str, options: &Options, environment: &Environment) {
        let named = options.values(&["d", "dbname", "source-server", "P", "publisher-server"]);
        let operand = options.operands.first().filter(|_| matches!(name, "psql" | "pg_dump" | "pgbench" | "vacuumdb"));
        let strings = named.chain(operand).map(|argument| &argument.text);
        let strings = strings.filter(|text| is_conninfo(text.text())).cloned().collect::<Vec<_>>();
        for text in &strings {
            self.conninfo(text);
        }
        let mut connection = Connection::default();
        for (variable, value) in environment {
            connection.variable(variable, value);
        }
        for (keyword, names) in [("host", ["h", "host"]), ("port", ["p", "port"]), ("user", ["U", "username"])] {
            // What the options say comes before the environment.
            if let Some(value) = options.value(&names).filter(|_| strings.is_empty()) {
                connection.replace(keyword, value.text.clone());
            }
        }
        connection.add_to(self.state.found);
    }

    /// `createuser -s`, as the statement that it sends.
    fn createuser(&mut self, options: &Options) {
        const ATTRIBUTES: &[(&[&str], &str)] = &[
            (&["s", "superuser"], "SUPERUSER"),
            (&["r", "createrole"], "CREATEROLE"),
            (&["replication"], "REPLICATION"),
            (&["bypassrls"], "BYPASSRLS"),
        ];
        let Some(role) = options.operands.first() else { return };
        let mut statement = Writer::about("CREATE ROLE", &role.text);
        let mut says = false;
        for (names, attribute) in ATTRIBUTES.iter().filter(|(names, _)| options.has(names)) {
            statement.words(" ");
            statement.meant(attribute, options.place(names).unwrap_or(role.text.whole()));
            says = true;
        }
        if says {
            statement.words(" LOGIN");
            self.state.found.statement(statement);
        }
    }
}

//! Native rules, one file per rule or tight family. A new one is a file here and a line below.

mod access;
pub(crate) mod approved;
pub(crate) mod archive_command;
pub(crate) mod ask;
pub(crate) mod cluster;
pub(crate) mod conf_commands;
pub(crate) mod conf_extensions;
pub(crate) mod conf_includes;
pub(crate) mod conf_names;
pub(crate) mod conf_order;
pub(crate) mod conf_residue;
pub(crate) mod conf_startup;
pub(crate) mod conf_syntax;
pub(crate) mod conf_text;
pub(crate) mod conf_units;
pub(crate) mod conf_values;
pub(crate) mod connections;
pub(crate) mod developer_option;
pub(crate) mod edit;
pub(crate) mod file_mode;
pub(crate) mod grant;
pub(crate) mod hba_policy;
pub(crate) mod hba_refused;
pub(crate) mod hba_residue;
pub(crate) mod hba_rows;
pub(crate) mod hba_settings;
pub(crate) mod host_modes;
pub(crate) mod ident_rows;
pub(crate) mod library_path;
pub(crate) mod log_destination;
pub(crate) mod log_policy;
pub(crate) mod log_rotation;
pub(crate) mod log_statements;
pub(crate) mod log_timezone;
pub(crate) mod memory_sum;
pub(crate) mod migration;
pub(crate) mod password_encryption;
pub(crate) mod pgaudit;
pub(crate) mod planner_method;
pub(crate) mod preload;
pub(crate) mod publication;

pub(crate) mod replication;
pub(crate) mod role;
pub(crate) mod role_access;
pub(crate) mod sql;
pub(crate) mod sql_option;
pub(crate) mod subscription;
pub(crate) mod tls_ciphers;
pub(crate) mod tls_curve;
pub(crate) mod tls_off;
pub(crate) mod tls_passphrase;
pub(crate) mod tls_revocation;
pub(crate) mod tls_secrecy;
pub(crate) mod tls_version;
pub(crate) mod wal_commit;
pub(crate) mod wal_startup;

pub(crate) mod conninfo;
pub(crate) mod passfile;
pub(crate) mod pgbouncer;
#[cfg(test)]
mod queries;
pub(crate) mod recovery;
pub(crate) mod service;
#[cfg(test)]
mod statements;

//! The grammars: from bytes to lossless trees with byte spans. Never fails, knows nothing of `model/`.

pub mod address;
pub mod auth_file;
pub mod comments;
pub mod conninfo;
pub mod ini;
pub mod ldap_url;
pub mod literal;
pub mod passfile;
pub mod pg_hba;
pub mod pg_ident;
pub mod pg_regex;
pub mod postgresql_conf;
pub mod sql;
pub mod template;
pub mod userlist;

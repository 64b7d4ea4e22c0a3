//! The grammars: from bytes to lossless trees with byte spans. Never fails, knows nothing of `model/`.

pub mod conninfo;
pub mod ini;
pub mod literal;
pub mod passfile;
pub mod template;
pub mod userlist;

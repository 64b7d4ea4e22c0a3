//! The grammars: from bytes to lossless trees with byte spans. Never fails, knows nothing of `model/`.

pub mod literal;
pub mod sql;

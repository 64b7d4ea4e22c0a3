//! SQL.
mod lex;
mod split;
mod mask;
mod words;
mod string;
mod grammar;

//! Cuts the SQL files of our fixtures into statements, each of which is sent alone, since CREATE SUBSCRIPTION and
//! CREATE DATABASE are refused beside others.
//!
//! A statement ends where a line ends in a semicolon. `\connect NAME` stands on a line of its own.

/// What a line or several of a file are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// The statements that follow are for this database.
    Connect(&'a str),
    /// A statement.
    Run(String),
}

/// The steps of a file.
pub(super) fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut statement = String::new();
    for line in text.lines() {
        if let Some(database) = line.strip_prefix("\\connect ") {
            steps.push(Step::Connect(database.trim()));
            continue;
        }
        if line.trim_start().starts_with("--") || line.trim().is_empty() {
            continue;
        }
        statement.push_str(line);
        statement.push('\n');
        if line.trim_end().ends_with(';') {
            steps.push(Step::Run(std::mem::take(&mut statement)));
        }
    }
    if !statement.is_empty() {
        steps.push(Step::Run(statement));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_cut_at_ends_of_lines() {
        let text =
            "-- Roles.\nCREATE ROLE a;\n\\connect shop\n\nCREATE TABLE t (\n    v text DEFAULT ';'\n);\nSELECT 1";
        let run = |sql: &str| Step::Run(sql.to_owned());
        assert_eq!(
            steps(text),
            [
                run("CREATE ROLE a;\n"),
                Step::Connect("shop"),
                run("CREATE TABLE t (\n    v text DEFAULT ';'\n);\n"),
                run("SELECT 1\n")
            ]
        );
    }
}
